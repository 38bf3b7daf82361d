"""Commands that ask weights without an architecture take it from where it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from small_files import make_keras_h5, make_weights_h5

from h5viewer.errors import CannotRead
from h5viewer.terminal.architecture import architecture_for
from h5viewer.terminal.consent import consent_for
from h5viewer.terminal.doctor import diagnose
from h5viewer.workers.pool import Pool


@pytest.fixture
def weights(tmp_path: Path) -> str:
    return str(make_weights_h5(tmp_path / "net_weights.h5"))


def test_layers_are_taken_from_a_model_beside_the_weights(
    pool: Pool, weights: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labels.json").write_text('["cat", "dog"]', "utf-8")
    make_keras_h5(tmp_path / "net.h5")
    found = architecture_for(pool, weights, "")
    assert found is not None
    assert found.name == "net.h5"
    assert capsys.readouterr().err == "The layers are taken from net.h5, beside the file.\n"
    assert diagnose(pool, weights).loads


def test_layers_that_are_given_are_taken(pool: Pool, weights: str, tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="holds weights and no architecture"):
        diagnose(pool, weights)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    whole = make_keras_h5(elsewhere / "whole.h5")
    assert diagnose(pool, weights, str(whole)).findings[0].repair.endswith("whole.h5.")
    given = architecture_for(pool, weights, str(whole))
    json_file = elsewhere / "layers.json"
    json_file.write_text(given.text if given else "", "utf-8")
    again = architecture_for(pool, weights, str(json_file))
    assert given is not None
    assert again == replace(given, name="layers.json")


def test_whole_model_needs_no_other_file(pool: Pool, tmp_path: Path) -> None:
    whole = make_keras_h5(tmp_path / "whole.h5")
    (tmp_path / "layers.json").write_text("{}", "utf-8")
    assert architecture_for(pool, str(whole), "") is None
    assert consent_for(pool, str(whole)).architecture is None


def test_file_without_layers_is_refused(pool: Pool, weights: str, tmp_path: Path) -> None:
    other = make_weights_h5(tmp_path / "other.h5")
    with pytest.raises(CannotRead, match=r"other\.h5 holds no architecture"):
        architecture_for(pool, weights, str(other))
