"""Answers to requests: one generator a request, working between yields, without Qt.

`Operation[T]` yields `Progress` or parts and returns its result. Closing it at a yield
(what cancelling does) cleans up with `with`. OPERATIONS in `operations/table.py` says
which function answers which request; a test or the command line may call one directly.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from h5viewer.nodes import Part
from h5viewer.requests import Progress

T = TypeVar("T")

Operation = Generator[Progress | Part, None, T]
