"""What a repair has to say, in the order in which it was met, each once."""

from __future__ import annotations

from typing import Literal

from h5viewer.nodes import Finding
from h5viewer.wording import plural

MOST = 500
"""Findings that are told of a file; the rest is counted."""

Needs = Literal["", "code", "class"]


class Findings:
    """Collects findings while a configuration is read."""

    def __init__(self) -> None:
        self._found: dict[Finding, None] = {}
        self._n_more = 0
        self._is_more_hopeless = False

    def add(self, layer: str, message: str, repair: str = "") -> None:
        """Something about a layer (or, with "", the whole file); no `repair`: it cannot load."""
        self._keep(Finding(layer=layer, message=message, repair=repair))

    def ask(self, layer: str, message: str, repair: str, needs: Needs, subject: str) -> None:
        """Something only the user can decide."""
        self._keep(
            Finding(layer=layer, message=message, repair=repair, needs=needs, subject=subject)
        )

    def all(self) -> tuple[Finding, ...]:
        """The first of them, then how many more there are."""
        if not self._n_more:
            return tuple(self._found)
        repair = "" if self._is_more_hopeless else "Repaired as the ones above."
        message = f"{plural(self._n_more, 'more finding')} like these are not listed."
        return (*self._found, Finding(layer="", message=message, repair=repair))

    def _keep(self, finding: Finding) -> None:
        if finding in self._found:
            return
        if len(self._found) < MOST:
            self._found[finding] = None
            return
        self._n_more += 1
        self._is_more_hopeless |= not finding.repair or bool(finding.needs)
