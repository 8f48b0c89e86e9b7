"""The theme: readable colours, bundled fonts, icons in any colour, and telling changes."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from tests.helpers import ui_stage
from ui.theme.palettes import qt_palette
from ui.theme.stylesheet import style_sheet
from ui.theme.theme import Theme
from ui.theme.tokens import DARK, LIGHT, Palette

UI = Path(__file__).resolve().parents[3] / "ui"
PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def contrast(one: str, other: str) -> float:
    def luminance(color: str) -> float:
        def linear(share: float) -> float:
            return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

        red, green, blue, _alpha = QColor(color).getRgbF()
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)

    first, second = sorted((luminance(one), luminance(other)))
    return (second + 0.05) / (first + 0.05)


@PALETTES
def test_text_can_be_read_on_every_surface(palette: Palette) -> None:
    for surface in ("sidebar", "page", "raised", "control", "hover"):
        for ink in ("text", "muted"):
            assert contrast(getattr(palette, ink), getattr(palette, surface)) >= 4.5, (ink, surface)
    for ink in ("accent_text", "good", "warning", "bad"):
        for surface in ("page", "raised"):
            assert contrast(getattr(palette, ink), getattr(palette, surface)) >= 4.5, (ink, surface)
    for tint in ("good_tint", "warning_tint", "bad_tint", "selection"):
        assert contrast(palette.text, getattr(palette, tint)) >= 4.5, tint
    for code in ("code_keyword", "code_string", "code_comment", "code_number", "code_name"):
        assert contrast(getattr(palette, code), palette.raised) >= 4.5, code
    assert contrast(palette.on_accent, palette.accent) >= 4.5
    assert contrast(palette.on_accent, palette.accent_hover) >= 4.5


@PALETTES
def test_focus_ring_can_be_seen_on_every_surface(palette: Palette) -> None:
    for surface in ("sidebar", "page", "raised", "control"):
        assert contrast(palette.accent, getattr(palette, surface)) >= 3.0, surface


@PALETTES
def test_palette_has_no_role_left_to_the_system(palette: Palette) -> None:
    made = qt_palette(palette)
    ours = {QColor(getattr(palette, f.name)).rgb() for f in fields(palette) if f.name != "is_dark"}
    for role in QPalette.ColorRole:
        if role not in (QPalette.ColorRole.NColorRoles, QPalette.ColorRole.NoRole):
            assert made.color(QPalette.ColorGroup.Active, role).rgb() in ours, role


def test_bundled_fonts_are_used_and_small(qapp: QApplication) -> None:
    theme = Theme()
    assert QFontInfo(theme.font(13)).family() == "Inter"
    assert QFontInfo(theme.mono_font()).family() == "JetBrains Mono"
    assert QFontInfo(theme.mono_font()).fixedPitch()
    folder = UI / "resources" / "fonts"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 3_000_000
    assert {path.name for path in folder.glob("*LICENSE*")} == {
        "Inter-LICENSE.txt",
        "JetBrainsMono-LICENSE.txt",
    }


def test_tabular_figures_have_one_width(qapp: QApplication) -> None:
    theme = Theme()
    tabular = QFontMetricsF(theme.font(13, tabular=True))
    assert tabular.horizontalAdvance("1111") == pytest.approx(tabular.horizontalAdvance("8888"))
    plain = QFontMetricsF(theme.font(13))
    assert plain.horizontalAdvance("1111") < plain.horizontalAdvance("8888") - 1


def test_icons_take_the_colour_and_are_crisp_at_200_percent(qapp: QApplication) -> None:
    theme = Theme()
    theme.set_zoom(2.0)
    picture = theme.icon("plus", theme.colors.bad).pixmap(theme.px(16), theme.px(16))
    assert picture.width() == 32
    middle = picture.toImage().pixelColor(16, 16)
    assert middle.rgb() == QColor(theme.colors.bad).rgb()


def test_every_icon_named_in_the_source_is_bundled() -> None:
    bundled = {path.stem for path in (UI / "resources" / "icons").glob("*.svg")}
    named = set()
    for path in UI.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'icon="([a-z][a-z0-9-]*)"', text))
        named |= set(re.findall(r'\.icon\(\s*"([a-z][a-z0-9-]*)"', text))
        named |= set(re.findall(r'IconButton\(\s*\w+(?:\.\w+)?, "([a-z][a-z0-9-]*)"', text))
    assert {"square-pen", "panel-left", "search"} <= named
    assert named <= bundled


def test_zoom_scales_lengths_and_text(qapp: QApplication) -> None:
    theme = Theme()
    theme.set_zoom(1.5)
    assert theme.px(32) == 48
    assert theme.font(12).pixelSize() == 18
    theme.set_chat_text(20)
    assert theme.chat_font().pixelSize() == 30


def test_changed_is_told_only_when_something_changed(qapp: QApplication) -> None:
    theme, told = Theme(), []
    theme.changed.connect(lambda: told.append(theme.colors.is_dark))
    theme.set_mode("system")
    theme.set_zoom(1.0)
    theme.set_chat_text(15)
    assert told == []  # offscreen does not know its scheme, and unknown is light
    theme.set_mode("dark")
    assert told == [True]
    theme.set_mode("system")
    assert told == [True, False]


def test_system_mode_follows_the_desktop(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hints:
        def colorScheme(self) -> Qt.ColorScheme:  # noqa: N802 - Qt's name
            return Qt.ColorScheme.Dark

    theme = Theme()
    monkeypatch.setattr(theme, "_hints", Hints())
    theme.set_mode("system")
    assert theme.colors is DARK
    theme.set_mode("light")
    assert theme.colors is LIGHT


def test_style_sheet_is_complete_and_has_no_fonts(qapp: QApplication) -> None:
    sheet = style_sheet(Theme())
    assert "$" not in sheet
    assert "font" not in sheet
    assert sheet.count("{") == sheet.count("}")


def test_application_is_dressed_again_after_a_change(qapp: QApplication) -> None:
    theme = ui_stage.dress(qapp)
    label = QLabel("words")
    theme.set_dark(True)
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.page)
    assert DARK.page in qapp.styleSheet()
    theme.set_zoom(2.0)
    assert label.font().pixelSize() == 26
