"""Paints one row of a chat list: heading or title, state dot, and the action at its right."""

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
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from ui.item_models.conversation_list_model import DOT_ROLE, IS_HEADING_ROLE
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.fields import LineField
from ui.widgets.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex

_ROW, _PADDING, _ACTION, _DOT = 36, 12, 28, 8
_INKS = {"answering": "accent", "unread": "accent", "interrupted": "warning"}


class ChatRowDelegate(QStyledItemDelegate):
    """``action`` is the icon at the right of a row under the pointer, with the focus, or always."""

    def __init__(
        self, theme: Theme, action: str, parent: QObject | None = None, *, always: bool = False
    ) -> None:
        super().__init__(parent)
        self._theme, self._action, self._always = theme, action, always
        self.phase = 0.0
        """Where the pulse of an answering dot is, in radians; the view moves it on."""

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
        """A heading, or a chat."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(IS_HEADING_ROLE):
            self._paint_heading(painter, option.rect, str(index.data()))
        else:
            self._paint_chat(painter, option, index)
        painter.restore()

    def title_area(self, row: QRect, index: Index, *, active: bool) -> QRect:
        """The room for a title; less where something stands at the right."""
        px = self._theme.px
        right = _ACTION + 8 if active or index.data(DOT_ROLE) else _PADDING
        return row.adjusted(px(_PADDING), 0, -px(right), 0)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """The whole title, when it does not fit."""
        if event.type() != QEvent.Type.ToolTip or index.data(IS_HEADING_ROLE):
            return False
        if self.action_area(option.rect).contains(event.pos()):
            QToolTip.showText(event.globalPos(), view.property("action_name"), view)
            return True
        title = str(index.data() or "")
        room = self.title_area(option.rect, index, active=True).width()
        fits = self._metrics().horizontalAdvance(title) <= room
        QToolTip.showText(event.globalPos(), "" if fits else plain_tooltip(title), view)
        return True

    def createEditor(  # noqa: N802
        self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index
    ) -> QWidget:
        """A field in the row's place."""
        return LineField(self._theme, self.tr("Title of the chat"), parent=parent)

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

    def _paint_heading(self, painter: QPainter, row: QRect, text: str) -> None:
        px = self._theme.px
        painter.setFont(self._theme.font(TEXT_SMALL))
        painter.setPen(self._theme.color("muted"))
        area = row.adjusted(px(_PADDING), 0, 0, -px(6))
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)

    def _paint_chat(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, state = self._theme, option.state
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        row, radius = option.rect, theme.px(RADIUS)
        if hovered or selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("hover" if selected else "control"))
            painter.drawRoundedRect(QRectF(row).adjusted(0, 1, 0, -1), radius, radius)
        if focused:
            painter.setPen(QPen(theme.color("accent"), theme.px(FOCUS_WIDTH)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(row).adjusted(1, 2, -1, -2), radius, radius)
        active = hovered or focused or self._always
        area = self.title_area(row, index, active=active)
        painter.setFont(theme.font(TEXT_INTERFACE))
        painter.setPen(theme.color("text"))
        shown = painter.fontMetrics().elidedText(
            str(index.data() or ""), Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        if active:
            theme.icon(self._action).paint(painter, self._icon_area(row))
        elif index.data(DOT_ROLE):
            self._paint_dot(painter, row, str(index.data(DOT_ROLE)))

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
