"""One style sheet for the whole application, made from the tokens and the zoom.

Widgets choose a look by dynamic properties: ``surface`` (sidebar, page, raised, card) on
containers and ``look`` (plain, quiet, accent, danger, row, flush, field) on controls. Fonts are
never set here: Qt would then ignore what a widget asks for.
"""

from string import Template

from ui.theme.theme import Theme
from ui.theme.tokens import CARD_RADIUS, FOCUS_WIDTH, RADIUS, SCROLL_BAR

_SHEET = Template(
    """
QWidget[surface="sidebar"] { background: $sidebar; }
QWidget[surface="page"] { background: $page; }
QWidget[surface="raised"] { background: $raised; }
QWidget[surface="card"] {
  background: $raised; border: 1px solid $border; border-radius: $card_radius;
}
QWidget[surface="group"] {
  background: $control; border: none; border-radius: $radius;
}
QWidget[surface="good"] {
  background: $good_tint; border: 1px solid $good; border-radius: $card_radius;
}
QWidget[surface="warning"] {
  background: $warning_tint; border: 1px solid $warning; border-radius: $card_radius;
}
QWidget[surface="bad"] {
  background: $bad_tint; border: 1px solid $bad; border-radius: $card_radius;
}
QWidget[surface="clear"] { background: transparent; border: none; }
QLabel { background: transparent; }
QLabel[ink="muted"] { color: $muted; }
QLabel[ink="accent"] { color: $accent_text; }
QLabel[ink="good"] { color: $good; }
QLabel[ink="warning"] { color: $warning; }
QLabel[ink="bad"] { color: $bad; }
QFrame[look="line"] { background: $border; border: none; }

QPushButton {
  background: $control; color: $text; text-align: center;
  border: $focus solid $control; border-radius: $radius; padding: 0 $pad;
}
QPushButton:hover { background: $hover; border-color: $hover; }
QPushButton:pressed { background: $border; border-color: $border; }
QPushButton:disabled { color: $muted; background: $raised; border-color: $raised; }
QPushButton[look="quiet"], QPushButton[look="quiet"]:disabled,
QPushButton[look="icon"], QPushButton[look="icon"]:disabled,
QPushButton[look="row"], QPushButton[look="row"]:disabled, QPushButton[look="danger"],
QPushButton[look="flush"] {
  background: transparent; border-color: transparent;
}
QPushButton[look="icon"], QPushButton[look="flush"] { padding: 0; }
QPushButton[look="flush"]:hover { color: $accent_text; }
QPushButton[look="row"] { text-align: left; padding: 0 $pad_small; }
QPushButton[ink="muted"] { color: $muted; }
QPushButton[look="danger"] { color: $bad; }
QPushButton[look="quiet"]:hover, QPushButton[look="quiet"]:checked,
QPushButton[look="icon"]:hover, QPushButton[look="icon"]:checked,
QPushButton[look="row"]:hover { background: $hover; border-color: $hover; }
QPushButton[look="row"]:checked { background: $control; border-color: $control; }
QPushButton[look="danger"]:hover { background: $bad_tint; border-color: $bad_tint; }
QPushButton[look="outline"] {
  background: $page; text-align: left; border: 1px solid $border; padding: 0 $pad_one_less;
}
QPushButton[look="outline"]:hover { background: $control; }
QPushButton[look="segment"] {
  background: transparent; border-color: transparent; color: $muted; margin: $inset;
}
QPushButton[look="segment"]:hover { color: $text; border-color: transparent; }
QPushButton[look="segment"]:checked {
  background: $chosen; border-color: $chosen; color: $text;
}
QPushButton[look="accent"] { background: $accent; border-color: $accent; color: $on_accent; }
QPushButton[look="accent"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[look="accent"]:disabled {
  background: $control; border-color: $control; color: $muted;
}
QPushButton:focus, QPushButton[look]:focus { border: $focus solid $accent; }
QPushButton[look="outline"]:focus { padding: 0 $pad_small; }
QPushButton[look="accent"]:focus { border-color: $text; }

QLineEdit, QPlainTextEdit[look="field"], QSpinBox, QDoubleSpinBox {
  background: $control; color: $text; border: $focus solid $control;
  border-radius: $radius; padding: 0 $pad_field;
  selection-background-color: $selection; selection-color: $text;
  placeholder-text-color: $muted;
}
QPlainTextEdit[look="field"] { padding: $pad_tiny; }
QLineEdit[look="search"] { padding-left: $pad_search; }
QLineEdit:focus, QPlainTextEdit[look="field"]:focus, QSpinBox:focus, QDoubleSpinBox:focus {
  border-color: $accent; background: $page;
}
QSpinBox::up-button, QSpinBox::down-button,
QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; border: none; }

QComboBox {
  background: $control; color: $text; border: $focus solid $control;
  border-radius: $radius; padding: 0 $pad_small;
}
QComboBox:hover { background: $hover; border-color: $hover; }
QComboBox:focus { border-color: $accent; }
QComboBox::drop-down { width: 0; border: none; }
QComboBox QAbstractItemView {
  background: $raised; color: $text; border: 1px solid $border; outline: none;
  selection-background-color: $hover; selection-color: $text;
}

QAbstractItemView[look="clear"] {
  background: transparent; border: none; outline: none; selection-color: $text;
}
QListWidget[look="clear"]::item {
  padding: $menu_item $pad_small; border-radius: $radius; color: $text;
}
QListWidget[look="clear"]::item:hover { background: $control; }
QListWidget[look="clear"]::item:selected { background: $hover; color: $text; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
  background: $page; color: $muted; border: none; border-bottom: 1px solid $border;
  padding: 0 3px;
}
QScrollArea[look="clear"], QScrollArea[look="clear"] > QWidget > QWidget[surface="clear"] {
  background: transparent; border: none;
}

QScrollBar:vertical { background: transparent; width: $bar; margin: 0; }
QScrollBar:horizontal { background: transparent; height: $bar; margin: 0; }
QScrollBar::handle { background: $border; border-radius: $bar_radius; }
QScrollBar::handle:vertical { min-height: $bar_min; margin: $bar_gap; }
QScrollBar::handle:horizontal { min-width: $bar_min; margin: $bar_gap; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $idle; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSlider { background: transparent; }
QSlider::groove:horizontal {
  background: $border; height: $groove; border-radius: $groove_radius;
}
QSlider::sub-page:horizontal { background: $accent; border-radius: $groove_radius; }
QSlider::handle:horizontal {
  background: $page; border: $focus solid $accent; border-radius: $knob_radius;
  width: $knob; height: $knob; margin: -$knob_out 0;
}
QSlider::sub-page:horizontal:disabled { background: $border; }
QSlider::handle:horizontal:disabled { border-color: $border; }
QSlider::handle:horizontal:focus, QSlider::handle:horizontal:hover { background: $accent; }

QMenu {
  background: $raised; color: $text; border: 1px solid $border; border-radius: $radius;
  padding: $menu_pad;
}
QMenu::item { padding: $menu_item $pad; border-radius: $small_radius; background: transparent; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { background: $border; height: 1px; margin: $menu_pad; }
QToolTip {
  background: $text; color: $page; border: 1px solid $text; padding: $menu_pad;
}
QSplitter { background: transparent; }
QSplitter::handle { background: $border; }
QSplitter::handle:hover { background: $accent; }
"""
)


def style_sheet(theme: Theme) -> str:
    """The application's style sheet in the palette and at the zoom of ``theme``."""
    colors = theme.colors
    lengths = {
        "focus": FOCUS_WIDTH,
        "radius": RADIUS,
        "card_radius": CARD_RADIUS,
        "small_radius": 6,
        "pad": 12,
        "pad_small": 10,
        "inset": 2,
        "pad_one_less": 11,
        "pad_field": 8,
        "pad_search": 32,
        "pad_tiny": 6,
        "menu_pad": 4,
        "menu_item": 7,
        "bar": SCROLL_BAR,
        "bar_gap": 3,
        "bar_radius": 3,
        "bar_min": 32,
        "groove": 4,
        "groove_radius": 2,
        "knob": 12,
        "knob_radius": 8,
        "knob_out": 6,
    }
    values = {name: f"{theme.px(length)}px" for name, length in lengths.items()}
    values |= {
        field: str(getattr(colors, field)) for field in colors.__slots__ if field != "is_dark"
    }
    values["chosen"] = colors.hover if colors.is_dark else colors.page
    return _SHEET.substitute(values)
