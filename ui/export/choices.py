"""The left side of the export sheet: what, in which format, and what of it goes in."""

from itertools import pairwise
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QScrollArea, QWidget

from app.export.base import ExportOptions
from ui.export import words
from ui.export.format_row import FormatRow
from ui.export.option_row import OptionRow
from ui.export.parts import meant, parts_of
from ui.export.view import SINGLE, TOGETHER, Branch, ExportView, Offer, Wanted, What
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.choice import Choice
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.segmented import Segmented
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

_HEADING, _DETAIL, _GAP, _MARGIN = 24, 20, 8, 12


class ExportChoices(QScrollArea):
    """``changed()``: ``wanted`` is something else than before."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._offers: tuple[Offer, ...] = ()
        self._options = ExportOptions()
        set_style(self, look="clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = Surface("clear")
        content = self._content
        self._headings = [
            Label(theme, each, size=TEXT_SMALL, ink="muted", weight=QFont.Weight.DemiBold,
                  parent=content)
            for each in (self.tr("Format"), self.tr("Include"))
        ]  # fmt: skip
        self.what = Choice(theme, self.tr("What is exported"), (), content)
        self.detail = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=content)
        self.branch = Choice(theme, self.tr("Which branch"), (), content)
        self._group = QButtonGroup(self)
        self.formats: dict[str, FormatRow] = {}
        for name, title, use in words.format_choices():
            row = self.formats[name] = FormatRow(theme, title, use, content)
            self._group.addButton(row)
            row.clicked.connect(self._tell)
        self.options = self._make_options(content)
        self.paper = Segmented(
            theme, self.tr("Paper"), (("a4", self.tr("A4")), ("letter", self.tr("Letter"))), content
        )
        self.packing = Segmented(
            theme,
            self.tr("Many files"),
            (("folder", self.tr("In a folder")), ("zip", self.tr("In one .zip"))),
            content,
        )
        self.setWidget(content)
        self._order_tabs()
        self.what.chosen.connect(lambda _value: self._tell())
        self.branch.chosen.connect(lambda _value: self._tell())
        self.paper.chosen.connect(lambda paper: self._change(paper=paper))
        self.packing.chosen.connect(lambda _value: self._tell())
        theme.changed.connect(self._arrange)

    def _make_options(self, content: QWidget) -> dict[str, OptionRow]:
        told = {
            "reasoning": (
                self.tr("Reasoning"), self.tr("What the model thought before it answered"),
            ),
            "system_prompt": (
                self.tr("System prompt"), self.tr("The instructions of the conversation"),
            ),
            "branches": (
                self.tr("Other branches"), self.tr("Versions that are not shown just now"),
            ),
            "attachments": (
                self.tr("Attachments"), self.tr("What the model was given of files"),
            ),
            "statistics": (
                self.tr("Statistics"),
                self.tr("Settings, token counts and speed; headings name the model anyway"),
            ),
            "dates": (self.tr("Dates"), self.tr("When each message was written")),
        }  # fmt: skip
        rows: dict[str, OptionRow] = {}
        for name, (title, hint) in told.items():
            row = rows[name] = OptionRow(self._theme, title, hint, content)
            row.toggled.connect(lambda on, name=name: self._change(**{name: on}))
        return rows

    @property
    def wanted(self) -> Wanted:
        """What is chosen now; an option that is not shown does not count."""
        chosen = next((name for name, row in self.formats.items() if row.isChecked()), "md")
        what = What(self.what.currentData() or What.EVERYTHING)
        leaf = str(self.branch.currentData() or "") if what is What.BRANCH else ""
        options = meant(what, chosen, self._options)
        return Wanted(what, chosen, options, leaf, self.packing.value == "zip")

    def begin(self, view: ExportView) -> None:
        """Offer what applies, with the last choice; no signal."""
        self._offers, self._options = view.offers, view.options
        self.what.set_options([(each.what.value, each.words) for each in view.offers])
        self.what.set_value(view.what.value)
        self.set_branches(view.branches, view.leaf_id)
        self.formats.get(view.format, self.formats["md"]).setChecked(True)
        for name, row in self.options.items():
            row.set_on(bool(getattr(view.options, name)))
        self.paper.set_value(view.options.paper)
        self.packing.set_value("zip" if view.in_zip else "folder")
        self.verticalScrollBar().setValue(0)
        self._show()

    def set_branches(self, branches: tuple[Branch, ...], leaf_id: str) -> None:
        """Offer these branches, one of which is shown in the chat."""
        self.branch.set_options([(each.leaf_id, each.words) for each in branches])
        if branches:
            self.branch.set_value(leaf_id)

    def _order_tabs(self) -> None:
        """As they stand below each other."""
        parts: list[QWidget] = [self.what, self.branch, *self.packing.findChildren(TextButton)]
        parts += [*self.formats.values(), *(row.switch for row in self.options.values())]
        parts += self.paper.findChildren(TextButton)
        for before, after in pairwise(parts):
            QWidget.setTabOrder(before, after)

    # --- inside -----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The sheet decides what keys do."""
        event.ignore()

    def _change(self, **what: Any) -> None:
        self._options = msgspec.structs.replace(self._options, **what)
        self._tell()

    def _tell(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        wanted = self.wanted
        offer = next((each for each in self._offers if each.what is wanted.what), None)
        self.detail.setText(offer.detail if offer else "")
        self.branch.setVisible(wanted.what is What.BRANCH and self.branch.count() > 1)
        parts = parts_of(wanted.format, wanted.what)
        for name, row in self.options.items():
            row.setVisible(name in parts)
        self.paper.setVisible("paper" in parts)
        is_many = wanted.what not in SINGLE and wanted.format not in TOGETHER
        self.packing.setVisible(is_many)
        self._arrange()

    def _arrange(self) -> None:
        px = self._theme.px
        left, control = px(_MARGIN), px(CONTROL_HEIGHT)
        # The scroll bar has its own room, whether it is there or not.
        width = max(px(160), self.width() - 2 * left)
        y = px(4)
        # Fixed, for a drop-down takes its own width a moment after its values changed.
        for choice in (self.what, self.branch):
            choice.setFixedWidth(width)
        self.what.move(left, y)
        y += control
        if not self.branch.isHidden():
            self.branch.move(left, y + px(8))
            y += px(8) + control
        self.detail.setGeometry(left + px(8), y, width - px(8), px(_DETAIL))
        y += px(_DETAIL)
        if not self.packing.isHidden():
            self.packing.setGeometry(left, y, width, control)
            y += control
        y = self._place_heading(0, y + px(_GAP), left, width)
        for format_row in self.formats.values():
            format_row.setGeometry(left, y, width, format_row.height())
            y += format_row.height()
        y = self._place_heading(1, y + px(_GAP), left, width)
        for row in self.options.values():
            if not row.isHidden():
                row.setGeometry(left, y, width, px(28))
                y += px(28)
        if not self.paper.isHidden():
            self.paper.setGeometry(left, y + px(4), width, control)
            y += px(4) + control
        self._content.resize(self.width(), y + px(8))

    def _place_heading(self, number: int, y: int, left: int, width: int) -> int:
        px = self._theme.px
        self._headings[number].setGeometry(left + px(8), y, width - px(8), px(_HEADING))
        return y + px(_HEADING)
