"""The framework is missing or broken: a sentence with the way to get it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from h5viewer.errors import CannotRead, NotInstalled
from h5viewer.network import backend
from h5viewer.requests import LoadNetwork
from h5viewer.workers.pool import Pool, ask

_WITHOUT = """
import sys
sys.modules[{name!r}] = None
from h5viewer.workers.network_child import main
main(*sys.argv[1:])
"""


@pytest.mark.parametrize("name", ["tensorflow", "keras"])
def test_without_tensorflow_the_user_is_told_how_to_get_it(
    name: str, tmp_path: Path, keras_h5: Path
) -> None:
    pool = Pool(network_command=[sys.executable, "-P", "-c", _WITHOUT.format(name=name)])
    try:
        with pytest.raises(CannotRead) as caught:
            ask(pool, LoadNetwork(document=str(keras_h5)))
    finally:
        pool.close()
    assert caught.value.message == (
        "To run a network h5viewer needs TensorFlow, which is not installed."
    )
    assert 'pip install "h5viewer[predict]"' in caught.value.hint
    assert name in caught.value.details


def test_a_program_without_python_says_that_nothing_can_be_installed_into_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(backend, "find_spec", lambda name: None)
    with pytest.raises(NotInstalled) as caught:
        backend.require()
    assert caught.value.hint.startswith("This program comes without it.")


def test_tensorflow_that_does_not_load_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A library of the system is missing, or the processor is too old."""

    def break_down(name: str) -> None:
        raise ImportError("DLL load failed")

    monkeypatch.setattr(backend, "import_module", break_down)
    monkeypatch.setattr(backend, "_set_environment", lambda environment: None)
    with pytest.raises(CannotRead, match="cannot be loaded on this computer") as caught:
        backend.load()
    assert caught.value.details == "DLL load failed"
