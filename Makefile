# Two commands: `make run` opens the window, `make test` runs every test.
# Both make what they need: a virtual environment in .venv with pinned versions.

FILES ?= resources/example/shapes.h5
VENV := .venv
python := $(VENV)/bin/python
# One file is tested by one process: its windows and its files are made once for all its tests.
# One process more than there are processors: tests wait an eighth of their time.
n_tests := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
at_once := --numprocesses=$(n_tests) --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
install = $(python) -m pip --disable-pip-version-check install --constraint packaging/pinned.txt

# Hundreds of processes are started for tests: compiling every module anew would take most of the time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint format bench screenshots install-desktop uninstall-desktop \
	wheel freeze example icons pin clean

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /make \1|/p' Makefile | while IFS='|' read -r command what; do \
		printf '%-24s%s\n' "$$command" "$$what"; done

run: $(VENV)/run.stamp ## Open the example, or FILES="a.h5 b.h5", in the window
	@$(python) packaging/start.py $(FILES)

test: $(VENV)/test.stamp ## Run every test; ARGUMENTS="tests/gui -k tree" for some
	@$(python) packaging/linux/qt_libraries.py
	QT_QPA_PLATFORM=offscreen $(python) -m pytest $(at_once) $(ARGUMENTS)

lint: $(VENV)/test.stamp ## Check format, style and types
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	$(python) -m mypy $(wildcard packaging/*.py packaging/linux/*.py)
	MYPYPATH=packaging/example $(python) -m mypy packaging/example/train.py

format: $(VENV)/test.stamp ## Put the source into its format
	$(python) -m ruff check --fix .
	$(python) -m ruff format .

bench: $(VENV)/test.stamp ## Measure speed and memory beside their floors
	$(python) -m tests.benchmarks

screenshots: $(VENV)/run.stamp ## Draw the pictures of the README anew
	$(python) packaging/make_screenshots.py

install-desktop: $(VENV)/run.stamp ## Let a double-click on a model file open h5viewer
	$(python) packaging/linux/install_desktop.py

uninstall-desktop: ## Take that back
	python3 packaging/linux/install_desktop.py --uninstall

wheel: $(VENV)/test.stamp ## Build the wheel and the source archive into dist/
	$(python) -m hatchling build --directory dist

freeze: $(VENV)/run.stamp ## Build a folder in dist/ that runs without Python
	$(install) pyinstaller
	$(python) packaging/freeze.py

example: $(VENV)/run.stamp ## Train the example anew (two minutes)
	$(python) packaging/example/train.py

icons: $(VENV)/run.stamp ## Draw the desktop icon in all sizes anew
	$(python) packaging/linux/render_icons.py

pin: ## Write packaging/pinned.txt anew for the interpreters in PYTHONS
	python3 packaging/pin.py $(PYTHONS)

clean: ## Remove everything that these commands made
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis h5viewer.png
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An unfinished environment has no stamp, so it is made anew.
$(VENV)/made.stamp: packaging/choose_python.sh
	python=$$(packaging/choose_python.sh) && "$$python" -m venv --clear $(VENV)
	@touch $@

$(VENV)/run.stamp: $(VENV)/made.stamp pyproject.toml packaging/pinned.txt
	@echo "Installing what h5viewer needs into $(VENV); the first time takes some minutes and 2.5 GB."
	$(install) hatchling editables
	$(install) --no-build-isolation --editable '.[predict]'
	@$(python) -m compileall -q h5viewer
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp
	$(install) --no-build-isolation --editable '.[predict,test,develop]'
	@touch $@
