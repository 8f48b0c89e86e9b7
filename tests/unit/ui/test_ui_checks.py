"""Each scripted check finds the fault that it is there for."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers import ui_checks, ui_source_checks, ui_stage
from ui.theme.theme import Theme
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return ui_stage.dress(qapp)


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> QWidget:
    """A page without a fault."""
    page = Surface("page")
    qtbot.addWidget(page)
    button = TextButton(theme, "Load", look="accent", parent=page)
    button.setGeometry(16, 16, 80, 32)
    IconButton(theme, "x", "Close", parent=page).move(200, 16)
    label = Label(theme, "Words", ink="muted", parent=page)
    label.setGeometry(16, 80, 200, 20)
    ui_stage.show(page, (400, 200))
    return page


def problems(window: QWidget) -> list[str]:
    ui_stage.settle()
    return ui_checks.all_problems(window, 1.0)


def test_a_good_page_has_no_problem(window: QWidget) -> None:
    assert problems(window) == []


def test_an_edge_beside_the_grid(window: QWidget) -> None:
    button = window.findChild(TextButton)
    assert isinstance(button, TextButton)
    button.move(17, 16)
    assert problems(window) == ["TextButton “Load”: left and right at 17 and 97"]
    button.move(16, 18)
    assert problems(window) == ["TextButton “Load”: top and bottom at 18 and 50"]


def test_what_is_centred_on_the_grid_is_in_order(window: QWidget) -> None:
    button = window.findChild(TextButton)
    assert isinstance(button, TextButton)
    button.setFixedHeight(36)
    button.move(16, 14)
    assert problems(window) == []


def test_a_sixth_text_size(window: QWidget, theme: Theme) -> None:
    label = window.findChild(Label)
    assert isinstance(label, Label)
    font = theme.font()
    font.setPixelSize(14)
    label.setFont(font)
    assert problems(window) == ["Label “Words”: 14 px"]


def test_a_cut_label(window: QWidget) -> None:
    label = window.findChild(Label)
    assert isinstance(label, Label)
    label.setText("Words that do not fit into two hundred pixels at all, however one tries")
    assert [p for p in problems(window) if "cut off" in p]
    label.setToolTip(label.text())
    assert problems(window) == []


def test_a_cut_button(window: QWidget) -> None:
    button = window.findChild(TextButton)
    assert isinstance(button, TextButton)
    button.setText("Load this model and everything that belongs to it")
    assert any("px of words" in p for p in problems(window))


def test_controls_on_each_other(window: QWidget) -> None:
    icon = window.findChild(IconButton)
    assert isinstance(icon, IconButton)
    icon.move(80, 16)
    assert problems(window) == ["TextButton “Load” lies on IconButton “Close”"]
    icon.setProperty("floats", True)
    assert problems(window) == []


def test_a_target_that_is_too_small(window: QWidget) -> None:
    icon = window.findChild(IconButton)
    assert isinstance(icon, IconButton)
    icon.setFixedSize(24, 24)
    assert problems(window) == ["IconButton “Close”: 24×24"]


def test_a_control_without_a_name(window: QWidget, theme: Theme) -> None:
    field = QLineEdit(window)
    field.setFont(theme.font())
    field.setGeometry(16, 120, 100, 32)
    field.show()
    assert problems(window) == ["QLineEdit has no accessible name"]


def test_an_icon_without_a_tooltip(window: QWidget) -> None:
    icon = window.findChild(IconButton)
    assert isinstance(icon, IconButton)
    icon.setToolTip("")
    assert problems(window) == ["IconButton “Close” shows only an icon"]


def test_two_filled_buttons(window: QWidget, theme: Theme) -> None:
    other = TextButton(theme, "Send", look="accent", parent=window)
    other.setGeometry(16, 120, 80, 32)
    other.show()
    assert problems(window) == ["2 filled buttons on one page"]


@pytest.mark.parametrize("dark", [False, True])
def test_text_that_cannot_be_read(window: QWidget, theme: Theme, dark: bool) -> None:
    theme.set_dark(dark)
    assert problems(window) == []
    label = QLabel("Faint words", window)
    label.setFont(theme.font())
    palette = label.palette()
    palette.setColor(label.foregroundRole(), theme.color("border"))
    label.setPalette(palette)
    label.setGeometry(16, 120, 200, 20)
    label.show()
    found = problems(window)
    assert len(found) == 1
    assert "contrast 1." in found[0]


def test_nothing_moved_or_something_did(window: QWidget) -> None:
    parts = window.findChildren(QPushButton)
    before = ui_checks.geometry(parts, window)
    assert ui_checks.geometry(parts, window) == before
    parts[0].resize(parts[0].size() + QSize(1, 0))
    assert ui_checks.geometry(parts, window) != before


def test_hidden_and_exempt_controls_do_not_count(window: QWidget) -> None:
    assert len(ui_checks.controls(window)) == 2
    icon = window.findChild(IconButton)
    assert isinstance(icon, IconButton)
    assert len(ui_checks.controls(window, exempt=[icon])) == 1
    icon.hide()
    assert len(ui_checks.controls(window)) == 1


def test_an_icon_with_words_needs_no_tooltip(window: QWidget) -> None:
    button = window.findChild(TextButton)
    assert isinstance(button, TextButton)
    picture = QPixmap(8, 8)
    picture.fill(button.palette().color(button.foregroundRole()))
    button.setIcon(QIcon(picture))
    assert ui_checks.icons_without_tooltip(window) == []


FAULTS = [
    (ui_source_checks.color_literals, 'ink = "#a0b1c2"'),
    (ui_source_checks.color_literals, "ink = QColor(10, 20, 30)"),
    (ui_source_checks.color_literals, "ink = QColor('red')"),
    (ui_source_checks.color_literals, "ink = Qt.GlobalColor.red"),
    (ui_source_checks.modal_dialogs, "QMessageBox.critical(self, 'No', 'No')"),
    (ui_source_checks.text_sizes_in_numbers, "self.setFont(theme.font(14))"),
    (ui_source_checks.text_sizes_in_numbers, "self.setFont(theme.font(size=14))"),
    (ui_source_checks.shown_f_strings, 'label.setText(f"{count} tokens")'),
    (ui_source_checks.shown_f_strings, 'self.tr(f"Delete {name}")'),
]
GOOD = """
ink = theme.color("muted")
faint = QColor(theme.colors.text)
hole = Qt.GlobalColor.transparent
anchor = "#chapter"
font = theme.font(TEXT_SMALL, tabular=True)
label.setText(self.tr("{count} tokens").format(count=count))
log.info(f"{count} tokens")
"""


@pytest.mark.parametrize(("check", "line"), FAULTS)
def test_source_checks_find_faults(tmp_path: Path, check: object, line: str) -> None:
    path = tmp_path / "view.py"
    path.write_text(GOOD + line + "\n", encoding="utf-8")
    assert len(check(path)) == 1  # type: ignore[operator]


def test_source_checks_leave_good_source_alone(tmp_path: Path) -> None:
    path = tmp_path / "view.py"
    path.write_text(GOOD, encoding="utf-8")
    for check, _line in FAULTS:
        assert check(path) == []
