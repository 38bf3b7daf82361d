"""The look: colours, icons, spacing and fonts, in light and dark.

`apply` sets style, palette and stylesheet on the application. Whatever draws by itself
asks `colours()` and redraws on `changed`; icons from `icon` follow by themselves.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, cast

import msgspec
from msgspec.structs import asdict
from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from h5viewer.shipped import resource

Mode = Literal["system", "light", "dark"]
Role = Literal["text", "muted", "faint", "accent", "warning", "error", "success", "on_accent"]

SPACE_XS, SPACE_S, SPACE_M, SPACE_L, SPACE_XL = 4, 8, 12, 16, 24
"""Pixels: inside a control, between controls, around a group, around a page, between sections."""

RADIUS = 6
"""Pixels: corner radius of buttons, fields and strips."""

ICON_SIZE = 16
"""Pixels: icons in rows, tabs and small buttons."""


class Colours(msgspec.Struct, frozen=True):
    """Every colour of the program, by what it is for; `#rrggbb`."""

    background: str  # the window, the sidebar
    surface: str  # where content stands: tables, pictures, pages
    raised: str  # menus, chips, fields on a surface
    hover: str
    border: str
    text: str
    muted: str  # second-rank text, contrast of at least 4.5 on surface
    faint: str  # disabled text, placeholders, grid lines
    accent: str  # the one colour that says "here"
    accent_soft: str  # selected rows
    on_accent: str  # text on accent
    warning: str
    warning_soft: str
    error: str
    error_soft: str
    success: str


LIGHT = Colours(
    background="#f5f6f8",
    surface="#ffffff",
    raised="#ffffff",
    hover="#e9ecf1",
    border="#dfe3e9",
    text="#1b1f26",
    muted="#5d6673",
    faint="#9aa2ae",
    accent="#3a62d8",
    accent_soft="#dfe8fd",
    on_accent="#ffffff",
    warning="#8f5b00",
    warning_soft="#fff5db",
    error="#b92534",
    error_soft="#fdebed",
    success="#1c7a4c",
)

DARK = Colours(
    background="#16181c",
    surface="#1c1f24",
    raised="#262a31",
    hover="#272b32",
    border="#30353d",
    text="#e3e6ea",
    muted="#9ba4b0",
    faint="#666e7a",
    accent="#7aa0ff",
    accent_soft="#24344f",
    on_accent="#0f1626",
    warning="#e3b252",
    warning_soft="#332a16",
    error="#f28088",
    error_soft="#3a2124",
    success="#64c390",
)


class _Theme(QObject):
    changed = Signal()
    current = LIGHT
    mode: Mode = "system"


_theme = _Theme()

changed = _theme.changed
"""Emitted after the colours have changed."""


def colours() -> Colours:
    """The colours in force."""
    return _theme.current


def is_dark() -> bool:
    """True while the dark colours are in force."""
    return _theme.current is DARK


def apply(mode: Mode = "system") -> None:
    """Dress the application; with "system" it follows the desktop from now on."""
    app = cast("QApplication", QApplication.instance())
    first = app.style().objectName() != "fusion" or not app.styleSheet()
    if first:
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(_follow_desktop)
    _theme.mode = mode
    wanted = {
        "system": Qt.ColorScheme.Unknown,
        "light": Qt.ColorScheme.Light,
        "dark": Qt.ColorScheme.Dark,
    }[mode]
    app.styleHints().setColorScheme(wanted)
    _dress(app)


def icon(name: str, role: Role = "text") -> QIcon:
    """The icon `resources/icons/<name>.svg` in the colour of `role`, sharp at every size."""
    return QIcon(_ThemedIcon(name, role))


def pixmap(name: str, size: int, role: Role = "text", ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of `size` x `size` device-independent pixels, for labels."""
    return _draw_icon(name, getattr(colours(), role), round(size * ratio), ratio)


def render(drawing: QSvgRenderer, picture: QPixmap) -> None:
    """Draw so that it fills the picture."""
    painter = QPainter(picture)
    drawing.render(painter, QRectF(picture.rect()))
    painter.end()


def monospace(delta: float = 0.0) -> QFont:
    """The desktop's fixed-width font, `delta` points larger than the text font."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(max(6.0, QApplication.font().pointSizeF() + delta))
    return font


def scaled_font(factor: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The text font, `factor` times as large."""
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * factor)
    font.setWeight(weight)
    return font


def _follow_desktop() -> None:
    _dress(cast("QApplication", QApplication.instance()))


def _dress(app: QApplication) -> None:
    dark = _theme.mode == "dark" or (
        _theme.mode == "system" and app.styleHints().colorScheme() == Qt.ColorScheme.Dark
    )
    wanted = DARK if dark else LIGHT
    if wanted is _theme.current and app.styleSheet():
        return  # dressing anew costs every widget a moment
    _theme.current = wanted
    app.setPalette(_palette(_theme.current))
    app.setStyleSheet(_stylesheet(_theme.current))
    changed.emit()


def _palette(shade: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for target, colour in (
        (role.Window, shade.background),
        (role.WindowText, shade.text),
        (role.Base, shade.surface),
        (role.AlternateBase, shade.background),
        (role.Text, shade.text),
        (role.Button, shade.raised),
        (role.ButtonText, shade.text),
        (role.BrightText, shade.error),
        (role.ToolTipBase, shade.raised),
        (role.ToolTipText, shade.text),
        (role.PlaceholderText, shade.faint),
        (role.Highlight, shade.accent_soft),
        (role.HighlightedText, shade.text),
        (role.Accent, shade.accent),
        (role.Link, shade.accent),
        (role.LinkVisited, shade.accent),
        (role.Light, shade.raised),
        (role.Mid, shade.border),
        (role.Midlight, shade.hover),
        (role.Dark, shade.border),
        (role.Shadow, shade.border),
    ):
        palette.setColor(target, QColor(colour))
    for target in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(shade.faint))
    return palette


def _stylesheet(shade: Colours) -> str:
    """`resources/style.qss` with every `@colour` filled in and `@icons` as a path."""
    values = asdict(shade) | {
        "icons": resource("icons").as_posix(),
        "tick": "tick-dark" if shade is DARK else "tick-light",
        "radius": f"{RADIUS}px",
    }
    template = resource("style.qss").read_text("utf-8")
    return re.sub(r"@(\w+)", lambda match: values[match[1]], template)


@cache
def _svg(name: str) -> str:
    return resource(f"icons/{name}.svg").read_text("utf-8")


@cache
def _draw_icon(name: str, colour: str, pixels: int, ratio: float) -> QPixmap:
    """One drawing of an icon; the program shows about a hundred different ones."""
    picture = QPixmap(pixels, pixels)
    picture.fill(Qt.GlobalColor.transparent)
    text = _svg(name).replace("currentColor", colour)
    text = text.replace('stroke-width="2"', 'stroke-width="1.75"')  # lighter beside text
    render(QSvgRenderer(QByteArray(text.encode())), picture)
    picture.setDevicePixelRatio(ratio)
    return picture


class _ThemedIcon(QIconEngine):
    """Draws in the colours in force, so that no widget has to set its icon anew."""

    def __init__(self, name: str, role: Role) -> None:
        super().__init__()
        _svg(name)  # a missing file is a bug here, not while painting
        self._name = name
        self._role = role

    # Qt overrides

    def clone(self) -> QIconEngine:
        """A copy."""
        return _ThemedIcon(self._name, self._role)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        """Draw at the resolution of the device."""
        ratio = painter.device().devicePixelRatioF()
        side = min(rect.width(), rect.height())
        target = QRect(0, 0, side, side)
        target.moveCenter(rect.center())
        picture = self._picture(mode, round(side * ratio), ratio)
        painter.drawPixmap(target, picture)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """A picture of `size` pixels."""
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(  # noqa: N802
        self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float
    ) -> QPixmap:
        """A picture of `size`; device-independent since Qt 6.9, before that drawn too fine."""
        return QPixmap(self._picture(mode, round(min(size.width(), size.height()) * scale), scale))

    def _picture(self, mode: QIcon.Mode, pixels: int, ratio: float) -> QPixmap:
        role = "faint" if mode == QIcon.Mode.Disabled else self._role
        return _draw_icon(self._name, getattr(colours(), role), max(1, pixels), ratio)
