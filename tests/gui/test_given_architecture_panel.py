"""A file of weights alone in the predict panel: layers from beside it, or the user's choice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from answering_pool import AnsweringPool, document
from on_screen import on_screen
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotRead
from h5viewer.gui.predict.predict_panel import PredictPanel
from h5viewer.gui.selection import Selection
from h5viewer.gui.settings import Settings
from h5viewer.gui.task import running_tasks
from h5viewer.nodes import ArchitectureFit, Diagnosis, Finding, Text
from h5viewer.requests import Consent, FitArchitecture

CODE = Finding(layer="lambda", message="It holds code.", repair="Allow it.", needs="code",
               subject="lambda")  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A file of weights; beside it a JSON file and a model."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "net_a.json").write_text('["cat"]')
    (folder / "whole.h5").touch()
    return folder / "net.weights.h5"


@contextmanager
def panel_of(qtbot: QtBot, pool: AnsweringPool, settings: Settings) -> Iterator[PredictPanel]:
    panel = PredictPanel(pool, settings=settings)  # type: ignore[arg-type]
    for _ in panel.prepare():
        pass
    with on_screen(qtbot, panel):
        yield panel


def pool_where(fitting: str, **answers: object) -> AnsweringPool:
    """Only the file of this name states the layers."""
    known = {
        "ReadArchitecture": lambda asked: _text(f"of {Path(asked.document).name}"),
        "FitArchitecture": lambda asked: ArchitectureFit(fits=asked.architecture.name == fitting),
    }
    return AnsweringPool(**{**known, **answers})  # type: ignore[arg-type]


def _text(text: str) -> Text:
    return Text(text=text, total=len(text), is_complete=True)


def show(qtbot: QtBot, panel: PredictPanel, weights: Path) -> None:
    shown = msgspec.structs.replace(document(str(weights)), format="keras-weights")
    panel.show_selection(Selection(shown, shown.root))
    settle(qtbot, panel)


def settle(qtbot: QtBot, panel: PredictPanel) -> None:
    """Files are looked for in threads, read by workers, one after the other."""
    qtbot.waitUntil(lambda: not (panel._loading.is_waiting or running_tasks()))


def test_layers_are_found_beside_the_weights(
    qtbot: QtBot, settings: Settings, weights: Path
) -> None:
    pool = pool_where("whole.h5")
    with panel_of(qtbot, pool, settings) as panel:
        show(qtbot, panel, weights)
        tried = [asked.architecture.name for asked in pool.of(FitArchitecture)]
        assert tried == ["net_a.json", "whole.h5"]
        given = pool.loadings[0].consent.architecture
        assert given is not None
        assert (given.name, given.text) == ("whole.h5", "of whole.h5")
        assert pool.diagnoses[0].architecture == given
        assert str(weights.parent / "whole.h5") in pool.forgotten
        assert panel._page.header._architecture.isVisible()


def test_user_chooses_what_is_not_found_and_it_is_remembered(
    qtbot: QtBot, settings: Settings, weights: Path, tmp_path: Path
) -> None:
    chosen = tmp_path / "elsewhere.json"
    chosen.write_text("{}")
    pool = pool_where("")
    with panel_of(qtbot, pool, settings) as panel:
        show(qtbot, panel, weights)
        assert not pool.loadings
        assert panel._page._empty._button.text() == "Choose its architecture…"
        panel.use_architecture(str(chosen))
        settle(qtbot, panel)
        assert [each.consent.architecture.name for each in pool.loadings] == ["elsewhere.json"]
    again = pool_where("")
    with panel_of(qtbot, again, settings) as panel:
        show(qtbot, panel, weights)
        assert [each.consent.architecture.text for each in again.loadings] == ["{}"]


def test_remembered_file_that_is_gone_is_looked_for_beside(
    qtbot: QtBot, settings: Settings, weights: Path, tmp_path: Path
) -> None:
    panel_pool = pool_where("whole.h5")
    with panel_of(qtbot, panel_pool, settings) as panel:
        panel._remembered.keep_architecture(str(weights), str(tmp_path / "gone.json"))
        show(qtbot, panel, weights)
        assert panel_pool.loadings[0].consent.architecture.name == "whole.h5"


def test_chosen_file_without_layers_is_told_and_another_can_be_chosen(
    qtbot: QtBot, settings: Settings, weights: Path
) -> None:
    refusal = CannotRead("data.h5 holds no architecture.")
    pool = pool_where("", ReadArchitecture=lambda _: refusal)
    with panel_of(qtbot, pool, settings) as panel:
        show(qtbot, panel, weights)
        panel.use_architecture(str(weights.parent / "data.h5"))
        settle(qtbot, panel)
        assert panel._page.failure.message == refusal.message
        assert panel._page._empty._button.text() == "Choose its architecture…"


def test_word_for_code_in_the_architecture_goes_with_it_and_keeps_its_text_out_of_the_settings(
    qtbot: QtBot, settings: Settings, weights: Path
) -> None:
    needs = Diagnosis(findings=(CODE,), loads=False, content_hash="b" * 64)
    pool = pool_where("whole.h5", DiagnoseNetwork=lambda _: needs)
    with panel_of(qtbot, pool, settings) as panel:
        show(qtbot, panel, weights)
        assert not pool.loadings
        panel._take_consent(Consent(content_hash="b" * 64, run_code=True))
        settle(qtbot, panel)
        assert pool.loadings[0].consent.architecture.name == "whole.h5"
    assert "of whole.h5" not in settings.text_of("consents")
    again = pool_where("whole.h5", DiagnoseNetwork=lambda _: needs)
    with panel_of(qtbot, again, settings) as panel:
        show(qtbot, panel, weights)
        assert again.loadings[0].consent.run_code
        assert again.loadings[0].consent.architecture.name == "whole.h5"
