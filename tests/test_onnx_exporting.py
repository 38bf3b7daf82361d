"""An ONNX file is whole or not there; the exporter itself is asked in `tests/network`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from h5viewer.errors import CannotRead, CannotWrite, H5ViewerError
from h5viewer.exporting import Stop, Stopped
from h5viewer.nodes import Exported, FileBytes
from h5viewer.onnx_exporting import OnnxExport, export_onnx
from h5viewer.requests import Progress

OLD = b"what was there before"
DONE = Exported(bytes_before=9, bytes_after=6, n_weights=1, n_identical=1)


class Pieces:
    """A pool whose worker gives these."""

    def __init__(self, *given: object) -> None:
        self._given = given

    def submit(self, _: object, listener: object, scratch: int | None = None) -> Pieces:
        assert scratch is None  # the bytes come through the program
        for each in self._given:
            if isinstance(each, FileBytes):
                listener.delivered(each)  # type: ignore[attr-defined]
            elif isinstance(each, Progress):
                listener.progressed(each)  # type: ignore[attr-defined]
            else:
                listener.ended(each)  # type: ignore[attr-defined]
        return self

    def cancel(self) -> None:
        """It is over by then."""


@pytest.fixture
def wanted(tmp_path: Path) -> OnnxExport:
    (tmp_path / "model.h5").write_bytes(b"a network")
    (tmp_path / "new.onnx").write_bytes(OLD)
    return OnnxExport(str(tmp_path / "model.h5"), str(tmp_path / "new.onnx"))


WHOLE = (FileBytes(data=b"one"), Progress(done=3), FileBytes(data=b"two"), DONE)


def test_all_pieces_are_in_place(wanted: OnnxExport) -> None:
    assert export_onnx(Pieces(*WHOLE), wanted, may_replace=True) == DONE  # type: ignore[arg-type]
    assert Path(wanted.target).read_bytes() == b"onetwo"
    assert len(list(Path(wanted.target).parent.iterdir())) == 2


@pytest.mark.parametrize(
    ("outcome", "error"), [(CannotRead("It cannot be."), CannotRead), (None, Stopped)]
)
def test_what_comes_to_nothing_leaves_the_folder_as_it_was(
    outcome: object, error: type[H5ViewerError], wanted: OnnxExport
) -> None:
    pool = Pieces(FileBytes(data=b"half"), outcome)
    with pytest.raises(error):
        export_onnx(pool, wanted, may_replace=True)  # type: ignore[arg-type]
    check_old(wanted)


def test_a_stop_counts_until_the_end(wanted: OnnxExport) -> None:
    stop = Stop()
    with pytest.raises(Stopped):
        export_onnx(
            Pieces(*WHOLE), wanted, may_replace=True, on_progress=lambda _: stop.ask(), stop=stop
        )  # type: ignore[arg-type]
    check_old(wanted)


def test_bytes_that_the_disk_gives_back_otherwise_are_refused(
    wanted: OnnxExport, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, bytes(data).upper()))
    with pytest.raises(CannotWrite, match=r"new\.onnx was not saved: read back"):
        export_onnx(Pieces(*WHOLE), wanted, may_replace=True)  # type: ignore[arg-type]
    check_old(wanted)


def test_a_full_disk_is_told(wanted: OnnxExport, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(CannotWrite, match=r"new\.onnx was not saved: no space left on device"):
        export_onnx(Pieces(*WHOLE), wanted, may_replace=True)  # type: ignore[arg-type]
    check_old(wanted)


def test_the_network_itself_is_never_replaced(wanted: OnnxExport) -> None:
    itself = OnnxExport(wanted.document, wanted.document)
    with pytest.raises(CannotWrite, match="opened file"):
        export_onnx(Pieces(*WHOLE), itself, may_replace=True)  # type: ignore[arg-type]


def check_old(wanted: OnnxExport) -> None:
    assert Path(wanted.target).read_bytes() == OLD
    assert sorted(path.name for path in Path(wanted.target).parent.iterdir()) == [
        "model.h5",
        "new.onnx",
    ]
