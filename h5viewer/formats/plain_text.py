"""A small text file beside a model: class names, a saved recipe. It has no nodes."""

from __future__ import annotations

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.source import Source
from h5viewer.wording import bytes_text

LONGEST = 4 << 20
"""Bytes: ImageNet's 21,841 classes with all their names take 1 MB."""

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class PlainText:
    """What a request about a text file is answered from, in place of a container."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def text(self) -> str:
        """All of it, as `decoded`.

        Raises:
            TooLarge: longer than LONGEST.
            CannotRead: no text.
        """
        return decoded(self.data(), self.source.name)

    def data(self) -> bytes:
        """All bytes.

        Raises:
            TooLarge: more than LONGEST.
        """
        if self.source.size > LONGEST:
            raise TooLarge(
                f"{self.source.name} is too large for a list of names: "
                f"{bytes_text(self.source.size)}.",
                hint="Choose a file with one name a line.",
            )
        return self.source.read_at(0, LONGEST)

    def close(self) -> None:
        """Nothing to release: the source stays open."""


def decoded(data: bytes, name: str) -> str:
    """The text of a file; bytes that are no UTF-8 count as Latin-1, as old editors wrote.

    Raises:
        CannotRead: no text.
    """
    encoding = next((each for mark, each in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "\0" in text:
        raise CannotRead(f"{name} is no text.", hint="Choose a text file.")
    return text
