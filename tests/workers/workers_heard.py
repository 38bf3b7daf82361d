"""A listener for tests, and short ways to ask `odd_worker`."""

from __future__ import annotations

import threading
from typing import Any

from h5viewer.nodes import LoadedNetwork, Names, Paths
from h5viewer.requests import Consent, LoadNetwork, SearchNames
from h5viewer.workers.pool import Pool, ask

PATIENCE = 30


class Heard:
    """Keeps what it hears; other threads wait for it."""

    def __init__(self) -> None:
        self.everything: list[object] = []
        self.parts: list[Any] = []
        self.texts: list[str] = []  # of progress
        self._news = threading.Condition()
        self._outcome: list[object] = []
        self._n_progress = 0

    def progressed(self, progress: object) -> None:
        with self._news:
            self._n_progress += 1
            self.texts.append(progress.text)  # type: ignore[attr-defined]
            self._news.notify_all()

    def delivered(self, part: object) -> None:
        with self._news:
            assert not self._outcome, "a part after the end"
            self.parts.append(part)
            self._news.notify_all()

    def ended(self, outcome: object) -> None:
        with self._news:
            assert not self._outcome, "ended twice"
            self.everything.append(outcome)
            self._outcome.append(outcome)
            self._news.notify_all()

    @property
    def is_over(self) -> bool:
        return bool(self._outcome)

    def outcome(self) -> object:
        self._wait(lambda: self.is_over)
        return self._outcome[0]

    def wait_for_part(self) -> None:
        """One more part than there are now."""
        before = len(self.parts)
        self._wait(lambda: len(self.parts) > before or self.is_over)

    def wait_for_progress(self) -> None:
        self._wait(lambda: self._n_progress > 0)

    def names(self) -> list[bytes]:
        return [name for part in self.parts if isinstance(part, Names) for name in part.names]

    def _wait(self, condition: Any) -> None:
        with self._news:
            assert self._news.wait_for(condition, PATIENCE), "nothing was heard"


def odd(file: str, thing: str) -> SearchNames:
    """The request for one of ODD_THINGS."""
    return SearchNames(document=file, text=thing)


def said(pool: Pool, file: str, thing: str) -> str:
    """What the thing came to, as repr."""
    parts: list[Any] = []
    ask(pool, odd(file, thing), parts.append)
    assert isinstance(parts[0], Paths)
    return parts[0].paths[0][0].decode()


def odd_network(file: str, thing: str = "nothing") -> LoadNetwork:
    """The request to a worker that predicts for one of ODD_THINGS."""
    return LoadNetwork(document=file, consent=Consent(pass_through=(thing,)))


def network_said(pool: Pool, file: str, thing: str) -> str:
    """What the thing came to, as repr."""
    network = ask(pool, odd_network(file, thing))
    assert isinstance(network, LoadedNetwork)
    return network.warnings[0]


def wait_for(condition: object) -> None:
    """Look a hundred times a second."""
    until = threading.Event()
    for _ in range(PATIENCE * 100):
        if condition():  # type: ignore[operator]
            return
        until.wait(0.01)
    raise AssertionError("it did not come to this")
