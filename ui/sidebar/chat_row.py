"""Paints one row of the chat list: heading, folder or title, state dot, and the action."""

import math

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from ui.chat.figures import grouped
from ui.item_models.chat_rows import Row, RowKind
from ui.item_models.conversation_list_model import DOT_ROLE, IS_HEADING_ROLE, ROW_ROLE
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.fields import LineField
from ui.widgets.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex

_ROW, _PADDING, _ACTION, _DOT = 36, 12, 28, 8
_CHEVRON, _INDENT = 8, 28
"""Left edge of a folder's chevron, and of its name and of the titles in it."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_INKS = {"answering": "accent", "unread": "accent", "interrupted": "warning"}


class ChatRowDelegate(QStyledItemDelegate):
    """``action`` is the icon at the right of a row under the pointer or with the focus."""

    def __init__(self, theme: Theme, action: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme, self._action = theme, action
        self.phase = 0.0
        """Where the pulse of an answering dot is, in radians; the view moves it on."""
        self.drop_folder = ""
        """The folder into which something would be dropped now."""

    def action_area(self, row: QRect) -> QRect:
        """Where the action of a row is, for clicks."""
        side = self._theme.px(_ACTION)
        left = row.right() + 1 - side - self._theme.px(4)
        return QRect(left, row.top() + (row.height() - side) // 2, side, side)

    def dot_area(self, row: QRect) -> QRect:
        """Where the state dot of a row is."""
        side = self._theme.px(_DOT)
        centre = self.action_area(row).center()
        return QRect(centre.x() - side // 2 + 1, centre.y() - side // 2 + 1, side, side)

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Every row is 36 high."""
        return QSize(option.rect.width(), self._theme.px(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A heading, a folder, or a chat."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.kind is RowKind.HEADING:
            self._paint_heading(painter, option, row)
        else:
            self._paint_ground(painter, option, row)
            if row.kind is RowKind.FOLDER:
                self._paint_folder(painter, option, row)
            else:
                self._paint_chat(painter, option, index, row)
        painter.restore()

    def title_area(self, area: QRect, index: Index, *, active: bool) -> QRect:
        """The room for a title; less where something stands at the right."""
        px, row = self._theme.px, index.data(ROW_ROLE)
        is_inside = isinstance(row, Row) and (row.kind is RowKind.FOLDER or bool(row.folder_id))
        taken = active or index.data(DOT_ROLE) or (isinstance(row, Row) and row.count)
        left, right = _INDENT if is_inside else _PADDING, _ACTION + 8 if taken else _PADDING
        return area.adjusted(px(left), 0, -px(right), 0)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """The whole title, when it does not fit."""
        if event.type() != QEvent.Type.ToolTip:
            return False
        if index.data(IS_HEADING_ROLE):
            return self._tell_order(event, view, option, index)
        if self.action_area(option.rect).contains(event.pos()):
            QToolTip.showText(event.globalPos(), view.property("action_name"), view)
            return True
        title = str(index.data() or "")
        room = self.title_area(option.rect, index, active=True).width()
        fits = self._metrics().horizontalAdvance(title) <= room
        QToolTip.showText(event.globalPos(), "" if fits else plain_tooltip(title), view)
        return True

    def _tell_order(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        row = index.data(ROW_ROLE)
        is_there = isinstance(row, Row) and bool(row.note)
        if not is_there or not self.note_area(option.rect, row.note).contains(event.pos()):
            return False
        QToolTip.showText(event.globalPos(), self.tr("Order of the chats, new folder"), view)
        return True

    def createEditor(  # noqa: N802
        self, parent: QWidget, _option: QStyleOptionViewItem, index: Index
    ) -> QWidget:
        """A field in the row's place."""
        row = index.data(ROW_ROLE)
        is_folder = isinstance(row, Row) and row.kind is RowKind.FOLDER
        name = self.tr("Name of the folder") if is_folder else self.tr("Title of the chat")
        return LineField(self._theme, name, parent=parent)

    def setEditorData(self, editor: QWidget, index: Index) -> None:  # noqa: N802
        """The whole title, selected."""
        assert isinstance(editor, LineField)
        editor.setText(str(index.data()))
        editor.selectAll()

    def setModelData(  # noqa: N802
        self, editor: QWidget, model: QAbstractItemModel, index: Index
    ) -> None:
        """Hand the text to the list model, which asks for the new title."""
        assert isinstance(editor, LineField)
        model.setData(index, editor.text())

    def updateEditorGeometry(  # noqa: N802
        self, editor: QWidget, option: QStyleOptionViewItem, _index: Index
    ) -> None:
        """Within the row."""
        px = self._theme.px
        editor.setGeometry(option.rect.adjusted(px(4), px(2), -px(4), -px(2)))

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(self._theme.font(TEXT_INTERFACE))

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, row: Row) -> None:
        px, area = self._theme.px, option.rect
        painter.setFont(self._theme.font(TEXT_SMALL))
        note = self.note_area(area, row.note) if row.note else QRect()
        if row.note and _states(option)[0]:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("control"))
            painter.drawRoundedRect(note, px(RADIUS), px(RADIUS))
        painter.setPen(self._theme.color("muted"))
        words = area.adjusted(px(_PADDING), px(8), -px(_PADDING) - note.width(), 0)
        painter.drawText(words, _LEFT, _elided(painter, row.title, words.width()))
        if row.note:
            side = px(16)
            room = note.adjusted(px(8), 0, -px(8) - side, 0)
            painter.drawText(room, _LEFT, row.note)
            place = QRect(room.right() + 1, note.center().y() - side // 2 + 1, side, side)
            self._theme.icon("chevron-down").paint(painter, place)

    def note_area(self, area: QRect, note: str) -> QRect:
        """Where the order stands in a heading, for clicks."""
        px = self._theme.px
        metrics = QFontMetrics(self._theme.font(TEXT_SMALL))
        width = metrics.horizontalAdvance(note) + 2 * px(8) + px(16)
        return QRect(area.right() + 1 - width, area.top() + px(8), width, area.height() - px(8))

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, row: Row) -> None:
        theme, area, radius = self._theme, option.rect, self._theme.px(RADIUS)
        hovered, selected, focused = _states(option)
        if hovered or selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("hover" if selected else "control"))
            painter.drawRoundedRect(QRectF(area).adjusted(0, 1, 0, -1), radius, radius)
        is_target = row.kind is RowKind.FOLDER and row.id == self.drop_folder
        if focused or is_target:
            painter.setPen(QPen(theme.color("accent"), theme.px(FOCUS_WIDTH)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(area).adjusted(1, 2, -1, -2), radius, radius)

    def _paint_folder(self, painter: QPainter, option: QStyleOptionViewItem, row: Row) -> None:
        theme, px, area = self._theme, self._theme.px, option.rect
        hovered, _selected, focused = _states(option)
        side = px(16)
        chevron = QRect(
            area.left() + px(_CHEVRON), area.top() + (area.height() - side) // 2, side, side
        )
        theme.icon("chevron-down" if row.is_open else "chevron-right").paint(painter, chevron)
        painter.setFont(theme.font(TEXT_INTERFACE, weight=QFont.Weight.Medium))
        painter.setPen(theme.color("text"))
        room = area.adjusted(px(_INDENT), 0, -px(_ACTION + 8), 0)
        painter.drawText(room, _LEFT, _elided(painter, row.title, room.width()))
        if hovered or focused:
            theme.icon(self._action).paint(painter, self._icon_area(area))
        else:
            painter.setFont(theme.font(TEXT_SMALL, tabular=True))
            painter.setPen(theme.color("muted"))
            painter.drawText(area.adjusted(0, 0, -px(_PADDING), 0), _RIGHT, grouped(row.count))

    def _paint_chat(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, row: Row
    ) -> None:
        theme, area = self._theme, option.rect
        hovered, _selected, focused = _states(option)
        active = hovered or focused
        room = self.title_area(area, index, active=active)
        painter.setFont(theme.font(TEXT_INTERFACE))
        painter.setPen(theme.color("text"))
        painter.drawText(room, _LEFT, _elided(painter, row.title, room.width()))
        dot = index.data(DOT_ROLE)
        if active:
            theme.icon(self._action).paint(painter, self._icon_area(area))
        elif dot:
            self._paint_dot(painter, area, str(dot))

    def _icon_area(self, row: QRect) -> QRect:
        side = self._theme.px(16)
        area = self.action_area(row)
        offset = (area.width() - side) // 2
        return QRect(area.left() + offset, area.top() + offset, side, side)

    def _paint_dot(self, painter: QPainter, row: QRect, dot: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(_INKS[dot]))
        if dot == "answering":
            painter.setOpacity(0.65 + 0.35 * math.sin(self.phase))
        painter.drawEllipse(QRectF(self.dot_area(row)))


def _states(option: QStyleOptionViewItem) -> tuple[bool, bool, bool]:
    """Whether the pointer is over a row, whether it is selected, whether it has the keyboard."""
    state = option.state
    return (
        bool(state & QStyle.StateFlag.State_MouseOver),
        bool(state & QStyle.StateFlag.State_Selected),
        bool(state & QStyle.StateFlag.State_HasFocus),
    )


def _elided(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
