"""What one worker may take before it is ended, and how many wait idle."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes and seconds."""

    memory: int = 2 << 30  # bytes its address space may grow by once it is confined
    step_seconds: float = 20  # between two yields of an operation
    open_seconds: float = 10  # to open the file: a dead network share never answers
    start_seconds: float = 60  # to start: a cold disk, a virus scanner
    cancel_seconds: float = 0.5  # to reach the next yield when cancelled
    idle_workers: int = 4  # documents whose worker is kept while nothing is asked


NETWORK_LIMITS = Limits(
    memory=8 << 30,
    step_seconds=120,  # a forward pass is one step
    open_seconds=30,
    start_seconds=180,  # TensorFlow from a cold disk: 24 s where a warm start takes 3 s
    cancel_seconds=2,  # longer, as a new worker has to import and load again
    idle_workers=2,
)
"""What a worker that predicts may take."""

FOLDER_LIMITS = Limits(
    memory=4 << 30,  # several threads decode pictures of up to 128 million pixels
    step_seconds=60,  # a folder on a network drive
    open_seconds=30,
    idle_workers=1,
)
"""What a worker that reads a folder of pictures may take."""
