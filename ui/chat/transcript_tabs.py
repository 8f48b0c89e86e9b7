"""The order in which the Tab key goes through the messages, and the text of one of them."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.chat.answer_view import AnswerView
from ui.chat.document_view import DocumentView
from ui.chat.message_view import MessageView
from ui.chat.user_view import UserView


def order_tabs(before: QWidget, views: Iterable[MessageView]) -> None:
    """Tab goes on from ``before`` through ``views`` in their order, each from top to bottom."""
    for view in views:
        parts = [
            child
            for child in view.findChildren(QWidget)
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        for child in sorted(parts, key=lambda each: _reading_order(view, each)):
            QWidget.setTabOrder(before, child)
            before = child


def main_text(view: MessageView) -> DocumentView | None:
    """The view of a message's own text, None while there is none."""
    if isinstance(view, UserView):
        return view.text_view
    return view.body if isinstance(view, AnswerView) else None


def focus_message(view: MessageView) -> None:
    """Give a message the keyboard: its text, or the first control while it has none."""
    target: QWidget | None = main_text(view)
    if target is None or target.isHidden():
        parts = [each for each in view.findChildren(QWidget) if _takes_tab(each)]
        target = min(parts, key=lambda each: _reading_order(view, each), default=None)
    if target is not None:
        target.setFocus(Qt.FocusReason.TabFocusReason)


def _takes_tab(part: QWidget) -> bool:
    return bool(part.focusPolicy() & Qt.FocusPolicy.TabFocus) and not part.isHidden()


def _reading_order(view: QWidget, part: QWidget) -> tuple[int, int]:
    corner = part.mapTo(view, part.rect().topLeft())
    return corner.y(), corner.x()
