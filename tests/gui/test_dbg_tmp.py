import sys; sys.path.insert(0,'/work/main/tests/gui')
from test_details_panel import *
def test_dbg(qtbot, panel, tmp_path):
    text = "line of text\n" * 100_000
    with h5py.File(tmp_path / "long.h5", "w") as file:
        file.attrs["long"] = text
    show(qtbot, panel, tmp_path / "long.h5")
    qtbot.waitUntil(lambda: panel._value._notice.isVisible())
    print('state', panel._attribute, panel._selection is not None)
    panel._value._notice.action_requested.emit()
    for i in range(12):
        qtbot.wait(250); print(panel._value._edit.blockCount(), panel._value._turn.isActive(), len(panel._value._text.text), panel._value._notice.isVisible(), panel._value_failure.isVisible())
    assert 0
