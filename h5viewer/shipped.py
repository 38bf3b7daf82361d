"""Files that come with the program: icons, the example, translations."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    """The path of `resources/<name>`, in an installed wheel or in a checkout.

    Raises:
        FileNotFoundError: the program was installed without it.
    """
    for folder in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(name)
