"""What the user's settings come to: limits of workers, a predictor started ahead."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox

from h5viewer.gui.settings import Settings
from h5viewer.gui.settings_dialog import SettingsDialog
from h5viewer.gui.worker_limits import StartAhead, set_limits
from h5viewer.nodes import Document, Group, Identity
from h5viewer.workers.limits import NETWORK_LIMITS
from h5viewer.workers.pool import Kind, WorkerInfo

NETWORK = WorkerInfo(1, ("a.h5",), 0, Kind.NETWORK)
RESTING = WorkerInfo(2, ("a.h5",), 0)
BUSY = WorkerInfo(3, ("a.h5",), 1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


class StillPool:
    """A pool that only notes that a predictor was to be started."""

    def __init__(self, *workers: WorkerInfo) -> None:
        self.workers = workers
        self.n_warmed = 0

    def warm_network(self) -> None:
        self.n_warmed += 1


def document(kind: str) -> Document:
    identity = Identity(device=0, inode=0, size=0, mtime_ns=0)
    return Document(path="a.h5", format=kind, identity=identity, root=Group(path=()))


def started(qtbot, settings: Settings, pool: StillPool, kind: str = "keras-h5") -> int:
    """How often a predictor was started once it was quiet."""
    ahead = StartAhead(pool, settings)
    ahead._timer.setInterval(0)
    ahead.note_opened(document(kind))
    looks = [0]
    ahead._timer.timeout.connect(lambda: looks.__setitem__(0, looks[0] + 1))
    if ahead._timer.isActive():
        qtbot.waitUntil(lambda: looks[0] > 0)
    ahead._timer.stop()
    return pool.n_warmed


def test_predictor_starts_ahead_only_when_the_user_chose_so(qtbot, settings) -> None:
    assert started(qtbot, settings, StillPool(RESTING)) == 0
    settings.starts_network_ahead = True
    assert started(qtbot, settings, StillPool(RESTING)) == 1


@pytest.mark.parametrize(
    ("worker", "kind"), [(BUSY, "keras-h5"), (NETWORK, "keras-h5"), (RESTING, "hdf5")]
)
def test_predictor_does_not_start_without_need(qtbot, settings, worker, kind) -> None:
    """While something is read, when there is one, for a file without a network."""
    settings.starts_network_ahead = True
    assert started(qtbot, settings, StillPool(worker), kind) == 0


def test_enter_in_the_dialog_clears_no_recent_files(qtbot, settings, tmp_path) -> None:
    settings.add_recent(str(tmp_path / "a.h5"))
    dialog = SettingsDialog(settings)
    qtbot.addWidget(dialog)
    cleared = []
    dialog.recent_cleared.connect(lambda: cleared.append(True))
    with qtbot.waitExposed(dialog):
        dialog.show()
    (theme,) = dialog.findChildren(QComboBox)
    qtbot.keyClick(theme, Qt.Key.Key_Return)
    assert cleared == []


def test_dialog_changes_what_workers_may_take(qtbot, settings) -> None:
    pool = SimpleNamespace(limits=None, network_limits=None)
    dialog = SettingsDialog(settings)
    qtbot.addWidget(dialog)
    dialog.limits_changed.connect(lambda: set_limits(pool, settings))
    for box in dialog.findChildren(QSpinBox):
        box.setValue(3072 if "network" in box.accessibleName() else 512)
        box.editingFinished.emit()
    (ahead,) = dialog.findChildren(QCheckBox)
    ahead.setChecked(True)
    assert (pool.limits.memory, pool.network_limits.memory) == (512 << 20, 3 << 30)
    assert pool.network_limits.step_seconds == NETWORK_LIMITS.step_seconds
    assert settings.starts_network_ahead
