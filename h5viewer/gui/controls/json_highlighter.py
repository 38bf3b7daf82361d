"""JSON in colours, line by line."""

from __future__ import annotations

import re

import msgspec
from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from h5viewer.gui import theme
from h5viewer.gui.architecture.layer_kinds import DENSE

MAX_PRETTY = 8_000_000
"""Characters; laying out that many takes 30 ms (measured), more is shown as it stands."""

_MAX_CLOSED = 1_200_000  # characters of an excerpt, which is closed token by token: 60 ms

_MAX_JOINED = 2_000_000  # characters; the pattern below takes 50 ms for them
_SHORT = 72

# Only between lines that are laid out: a string never holds a line break.
_PLAIN_LIST = re.compile(
    r'\[\n +((?:"(?:[^"\\\n]|\\.)*+"|[^\s",\[\]{}]++)'
    r'(?:,\n +(?:"(?:[^"\\\n]|\\.)*+"|[^\s",\[\]{}]++))*+)\n *\]'
)
_BREAK = re.compile(r",\n +")

_TOKENS = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*+"(?=\s*:))'
    r'|(?P<string>"(?:[^"\\]|\\.)*+"?)'
    r"|(?P<number>-?\b\d[\d.eE+-]*)"
    r"|(?P<word>\b(?:true|false|null|NaN|-?Infinity)\b)"
    r"|(?P<mark>[{}\[\],:]+)"
)
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],]')


def pretty(text: str, is_complete: bool = True) -> str:
    """JSON with a line for each value; as it stands where it is no JSON.

    Only blanks change: numbers, escapes and repeated keys stay as the file has them. An
    excerpt is laid out up to its last whole value.
    """
    if len(text) > MAX_PRETTY:
        return text
    try:
        laid_out = msgspec.json.format(text, indent=2) if is_complete else _pretty_excerpt(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return text
    if len(laid_out) > _MAX_JOINED:
        return laid_out
    return _PLAIN_LIST.sub(_joined, laid_out)


def _joined(found: re.Match[str]) -> str:
    """A short list of plain values in one line: shapes and strides read better so."""
    line = f"[{_BREAK.sub(', ', found[1])}]"
    return line if len(line) <= _SHORT else found[0]


def _pretty_excerpt(text: str) -> str:
    """Close what the cut left open, lay it out, take the closing away again."""
    if len(text) > _MAX_CLOSED:
        return text
    closers: list[str] = []
    end, open_at_end = 0, ""
    for token in _STRUCTURE.finditer(text):
        match token[0]:
            case "{":
                closers.append("}")
            case "[":
                closers.append("]")
            case "}" | "]" if closers:
                closers.pop()
            case ",":
                end, open_at_end = token.start(), "".join(reversed(closers))
    whole = msgspec.json.format(text[:end] + open_at_end, indent=2)
    lines = whole.rsplit("\n", len(open_at_end))
    return lines[0] + ",\n…"


class JsonHighlighter(QSyntaxHighlighter):
    """Keys, strings, numbers, words and marks. A string never runs over a line in JSON."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self._is_on = False
        self.choose_colours()

    def set_on(self, on: bool) -> None:
        """Colour what is inserted from now on."""
        self._is_on = on

    # Qt overrides

    def highlightBlock(self, text: str) -> None:  # noqa: N802
        """Colour one line."""
        if not self._is_on:
            return
        for token in _TOKENS.finditer(text):
            kind = token.lastgroup or "mark"
            self.setFormat(token.start(), token.end() - token.start(), self._formats[kind])

    # Colours

    def choose_colours(self) -> None:
        """Take the colours in force for what is inserted from now on."""
        shade, dark = theme.colours(), theme.is_dark()
        colours = {
            "key": shade.text,
            "string": shade.success,
            "number": shade.accent,
            "word": DENSE.colour(dark),
            "mark": shade.muted,
        }
        for kind, colour in colours.items():
            style = QTextCharFormat()
            style.setForeground(QColor(colour))
            if kind == "key":
                style.setFontWeight(QFont.Weight.DemiBold)
            self._formats[kind] = style
