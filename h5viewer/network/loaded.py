"""The network of an open document, built once and kept while its worker lives.

Requests come while it is being built: all of them push the same work on, and nobody
builds a second network.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager

import msgspec

from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.network.loader import Network, load
from h5viewer.requests import Consent, Progress

_KEY = "loaded network"
_MANY_LAYERS = 4000  # Keras takes 30 ms for each


def loaded(container: Container, consent: Consent) -> Generator[Progress, None, Network]:
    """The network of `container` with what `consent` allows; one at a time is kept.

    Raises:
        CannotRead: it cannot be built.
    """
    kept = container.source.kept
    loading: _Loading | None = kept.get(_KEY)
    if loading is None or loading.is_lost or loading.consent != consent:
        loading = kept[_KEY] = _Loading(container.source, consent)
    with loading.awaited():
        while loading.network is None:
            yield loading.push()
            if loading.is_lost:  # whoever pushed it last was told why
                return (yield from loaded(container, consent))
    return loading.network


class _Loading:
    """A network on its way, and in the end the network."""

    def __init__(self, source: Source, consent: Consent) -> None:
        self.consent = consent
        self.network: Network | None = None
        self.is_lost = False  # nothing will come of it: it failed, or nobody waited any more
        self._steps = _load(source, consent)
        self._n_waiting = 0

    def push(self) -> Progress:
        """Go one step further."""
        self.is_lost = True  # should the step fail
        try:
            progress = next(self._steps)
        except StopIteration as end:
            self.network = end.value
            progress = Progress(1, 1)
        self.is_lost = False
        return progress

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """While the block waits the work goes on; it is dropped when nobody does."""
        self._n_waiting += 1
        try:
            yield
        finally:
            self._n_waiting -= 1
            if self._n_waiting == 0 and self.network is None:
                self.is_lost = True
                self._steps.close()


def _load(source: Source, consent: Consent) -> Generator[Progress, None, Network]:
    # A container of its own: that of a request is closed with it.
    with closing(open_container(source)) as container, closing(load(container, consent)) as work:
        while True:
            try:
                progress = next(work)
            except StopIteration as end:
                network: Network = end.value
                return network
            yield msgspec.structs.replace(progress, text=progress.text or _words(progress))


def _words(progress: Progress) -> str:
    if progress.unit == "layers" and progress.total > _MANY_LAYERS:
        return f"Loading {progress.total:,} layers, which takes many minutes…"
    return "Loading the network…"
