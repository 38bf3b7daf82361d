"""Light and dark: colours one can read, icons that follow, files that are complete."""

from __future__ import annotations

import pytest
from msgspec.structs import asdict
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from h5viewer.gui import theme
from h5viewer.gui.panels import PANELS
from h5viewer.shipped import resource


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue, _ = QColor(colour).getRgbF()
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(first: str, second: str) -> float:
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("shade", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(shade: theme.Colours) -> None:
    """Contrast of at least 4.5 (WCAG AA) wherever text of that colour stands."""
    grounds = (shade.surface, shade.background, shade.raised, shade.hover)
    for ground in (*grounds, shade.accent_soft, shade.warning_soft, shade.error_soft):
        assert contrast(shade.text, ground) >= 4.5
    for ground in grounds:
        assert contrast(shade.muted, ground) >= 4.5
    for text, ground in (
        (shade.accent, shade.surface),
        (shade.on_accent, shade.accent),
        (shade.warning, shade.surface),
        (shade.warning, shade.warning_soft),
        (shade.error, shade.surface),
        (shade.error, shade.error_soft),
        (shade.success, shade.surface),
        (shade.muted, shade.accent_soft),
    ):
        assert contrast(text, ground) >= 4.5, (text, ground)


def test_switching_changes_colours_and_tells(qtbot: QtBot) -> None:
    """Light, dark and back; an icon made before is drawn in the new colour."""
    theme.apply("light")
    assert theme.colours() is theme.LIGHT
    icon = theme.icon("copy")
    light = colour_of(icon)
    with qtbot.waitSignal(theme.changed):
        theme.apply("dark")
    assert theme.colours() is theme.DARK
    assert theme.is_dark()
    assert light == QColor(theme.LIGHT.text)
    assert colour_of(icon) == QColor(theme.DARK.text)
    theme.apply("system")


def test_disabled_icon_is_faint(qtbot: QtBot) -> None:
    """What cannot be pressed looks so."""
    theme.apply("light")
    pixels = theme.icon("copy").pixmap(QSize(64, 64), QIcon.Mode.Disabled)
    assert strongest(pixels.toImage()) == QColor(theme.LIGHT.faint)


def test_disabled_words_are_faint_on_every_button(qtbot: QtBot) -> None:
    """Also on the small ones: “±” beside a field that cannot be used."""
    theme.apply("dark")
    for kind in (QPushButton, QToolButton):
        button = kind(text="±")
        qtbot.addWidget(button)
        button.setEnabled(False)
        button.show()
        picture = button.grab().toImage()
        places = [(x, y) for x in range(picture.width()) for y in range(picture.height())]
        drawn = {picture.pixelColor(x, y).name() for x, y in places}
        assert theme.DARK.faint in drawn
        assert theme.DARK.text not in drawn


def test_icon_is_sharp_on_fine_screens(qtbot: QtBot) -> None:
    """Twice the pixels where the screen has them."""
    picture = theme.icon("copy").pixmap(QSize(16, 16), 2.0)
    assert picture.size() == QSize(32, 32)
    assert picture.devicePixelRatio() == 2.0


def test_every_icon_of_the_panels_is_there() -> None:
    """With the licence of the set."""
    for kind in PANELS:
        assert resource(f"icons/{kind.icon}.svg").is_file()
    assert "ISC License" in resource("icons/LICENSE-lucide.txt").read_text("utf-8")


def test_stylesheet_knows_every_colour_it_names(qtbot: QtBot) -> None:
    """No @word is left, and no file it names is missing."""
    for shade in (theme.LIGHT, theme.DARK):
        text = theme._stylesheet(shade)
        assert "@" not in text
        assert asdict(shade)["accent"] in text
        for part in text.split('url("')[1:]:
            assert resource("icons") / part.split('"')[0], part
            assert resource(f"icons/{part.split(chr(34))[0].rsplit('/', 1)[1]}").is_file()


def colour_of(icon: QIcon) -> QColor:
    return strongest(icon.pixmap(QSize(64, 64)).toImage())


def strongest(image: object) -> QColor:
    """The colour of the most opaque pixel."""
    pixels = (
        image.pixelColor(x, y)  # type: ignore[attr-defined]
        for x in range(image.width())  # type: ignore[attr-defined]
        for y in range(image.height())  # type: ignore[attr-defined]
    )
    found = max(pixels, key=QColor.alpha)
    return QColor(found.red(), found.green(), found.blue())
