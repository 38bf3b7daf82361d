"""What the user has chosen for networks before: recipes, names of classes, consents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from h5viewer.gui.settings import Settings
from h5viewer.nodes import Recipe
from h5viewer.requests import Consent

_MOST = 300
"""Networks remembered; the one used longest ago goes first."""

_LONGEST_CODE = 100_000
"""Letters of Python files remembered with a consent; with more it is asked for again."""

_Kept = TypeVar("_Kept")


class KeptRecipe(msgspec.Struct, frozen=True):
    """A recipe, and the file it was chosen for last."""

    path: str
    recipe: Recipe


class KeptNames(msgspec.Struct, frozen=True):
    """Names of classes, by how many an output has, and the file they were given for last."""

    path: str
    by_count: dict[int, tuple[str, ...]]


class Remembered:
    """In the settings; what is damaged there is as good as not there.

    Recipes and names are remembered for an architecture, whatever the file is called. A
    consent is remembered for the bytes of one file alone.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def recipe(self, architecture: str) -> KeptRecipe | None:
        """The recipe chosen last for such a network."""
        return self._read("recipes", KeptRecipe).get(architecture)

    def keep_recipe(self, architecture: str, kept: KeptRecipe) -> None:
        """Choose it the next time."""
        self._write("recipes", self._read("recipes", KeptRecipe), architecture, kept)

    def names(self, architecture: str) -> KeptNames | None:
        """The names given last to the classes of such a network."""
        return self._read("class_names", KeptNames).get(architecture)

    def keep_names(self, architecture: str, kept: KeptNames) -> None:
        """Call them so the next time."""
        self._write("class_names", self._read("class_names", KeptNames), architecture, kept)

    def consent(self, content: str) -> Consent | None:
        """What the user allowed a file of this content hash."""
        found = self._read("consents", Consent).get(content)
        return found if found is not None and found.content_hash == content else None

    def keep_consent(self, consent: Consent) -> None:
        """Do not ask again for this very file."""
        if sum(len(file.text) for file in consent.code_files) > _LONGEST_CODE:
            return
        known = self._read("consents", Consent)
        bare = msgspec.structs.replace(consent, architecture=None)  # read again each time
        self._write("consents", known, consent.content_hash, bare)

    def architecture(self, weights: str) -> str:
        """The file that the user said states the layers of this file of weights; "": none."""
        return self._read("architectures", str).get(weights, "")

    def keep_architecture(self, weights: str, path: str) -> None:
        """Take it the next time."""
        self._write("architectures", self._read("architectures", str), weights, path)

    def _read(self, name: str, kind: type[_Kept]) -> dict[str, _Kept]:
        try:
            return msgspec.json.decode(self._settings.text_of(name), type=dict[str, kind])  # type: ignore[valid-type]
        except (msgspec.MsgspecError, UnicodeError):
            return {}

    def _write(self, name: str, known: Mapping[str, _Kept], key: str, kept: _Kept) -> None:
        if not key:
            return
        others = [(each, value) for each, value in known.items() if each != key]
        last = dict([*others, (key, kept)][-_MOST:])
        self._settings.keep_text(name, msgspec.json.encode(last).decode())
