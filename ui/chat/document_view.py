"""The one widget for text that a model or a file wrote: loads nothing, opens nothing."""

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from ui.chat.clipboard import put_text
from ui.chat.markdown.links import safe_address
from ui.chat.text_host import host_of
from ui.theme.theme import Theme
from ui.widgets.menu import Menu

_SCROLLING_KEYS = frozenset(
    {
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Space,
    }
)

_EXTENDING_KEYS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down})

_CARET = 2
_LONGEST_WORD = 5000
"""Characters."""


def wrap_mode_for(text: str) -> QTextOption.WrapMode:
    """How to wrap ``text``: at words, or anywhere if it holds a huge run without a space.

    Looking for a word's end costs Qt the square of its length: a million letters take minutes.
    """
    if len(text) > _LONGEST_WORD and max(map(len, text.split()), default=0) > _LONGEST_WORD:
        return QTextOption.WrapMode.WrapAnywhere
    return QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere


class SealedDocument(QTextDocument):
    """A document that never loads what its text names."""

    def loadResource(self, _kind: int, _name: QUrl | str) -> object:
        """Nothing, whatever is asked for."""
        return None


class DocumentView(QTextBrowser):
    """Read-only, selectable, as high as its content; scrolling belongs to what is around it.

    Signals:
        link_activated(str): the user chose a link; its true, fully encoded address.
        copy_all_requested(): "Copy as Markdown" was chosen.
    """

    link_activated = Signal(str)
    copy_all_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._held = False
        self._anchor = 0
        document = SealedDocument(self)
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        self.setDocument(document)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setAcceptDrops(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setCursorWidth(0)
        self.anchorClicked.connect(self._link_clicked)

    def loadResource(self, _kind: int, _name: QUrl | str) -> object:
        """Nothing, whatever is asked for."""
        return None

    def doSetSource(self, _url: QUrl | str, _kind: object = None) -> None:  # noqa: N802
        """A view has no other source than what it was given."""

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the links only while the text itself has the keyboard.

        Qt asks the parents of a control too: without this, Tab from a button over the text would
        first go through the links under it.
        """
        if self.hasFocus():
            return super().focusNextPrevChild(forward)
        return QWidget.focusNextPrevChild(self, forward)

    def content_height(self) -> int:
        """Pixels that the text needs at the present width."""
        return int(self.document().size().height() + 0.5)

    def lay_out(self, width: int) -> int:
        """Wrap at ``width`` at once, shown or not; return the height that is needed."""
        if self.document().textWidth() != width:
            self.document().setTextWidth(width)
        height = self.content_height()
        if self.width() != width:
            self.resize(width, max(1, height))
        return height

    def rest_cursor(self) -> None:
        """Bring a cursor that selects nothing back to the start, so that nothing scrolls to it."""
        cursor = self.textCursor()
        if not cursor.hasSelection() and cursor.position():
            cursor.setPosition(0)
            self.setTextCursor(cursor)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let what is around scroll, except sideways where there is something to scroll."""
        sideways = self.horizontalScrollBar()
        delta = event.angleDelta()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if sideways.maximum() > 0 and (shifted or abs(delta.x()) > abs(delta.y())):
            moved = delta.y() if shifted and not delta.x() else delta.x()
            sideways.setValue(sideways.value() - moved // 2)
            event.accept()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The caret is for those who came by the keyboard; a click leaves none."""
        by_mouse = event.reason() is Qt.FocusReason.MouseFocusReason
        self.setCursorWidth(0 if by_mouse else self.theme.px(_CARET))
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that scroll go on to what is around; selecting with Shift stays here."""
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        if event.key() == Qt.Key.Key_Escape or (plain and event.key() in _SCROLLING_KEYS):
            event.ignore()
            return
        if event.matches(QKeySequence.StandardKey.Copy):
            if self.copy_selection():
                return
            event.ignore()  # several messages may be selected
        elif event.matches(QKeySequence.StandardKey.SelectAll) and self.is_all_selected:
            event.ignore()  # a second time means more than this text
        elif event.key() in _EXTENDING_KEYS and not self._is_nested():
            before = self.textCursor().position()
            super().keyPressEvent(event)
            if self.textCursor().position() == before:
                event.ignore()  # at its end the selection goes on to the next message
        else:
            super().keyPressEvent(event)

    @property
    def is_all_selected(self) -> bool:
        """Whether there is nothing more to select."""
        cursor = self.textCursor()
        length = self.document().characterCount() - 1
        return cursor.selectionEnd() - cursor.selectionStart() >= length

    def _is_nested(self) -> bool:
        around = self.parentWidget()
        while around is not None and not isinstance(around, DocumentView):
            around = around.parentWidget()
        return around is not None

    # --- the pointer ------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a selection here, and tell around: it may become one of whole messages."""
        host = host_of(self)
        self._held = False
        if host is not None and event.button() == Qt.MouseButton.LeftButton:
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            host.text_pressed.emit(self, event.globalPosition().toPoint(), shifted)
        if self._held:
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Extend the selection, unless whole messages are being selected."""
        if not self._held:
            super().mouseMoveEvent(event)
        host = host_of(self)
        if host is not None and event.buttons() & Qt.MouseButton.LeftButton:
            host.text_dragged.emit(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The drag is over."""
        host = host_of(self)
        if host is not None and event.button() == Qt.MouseButton.LeftButton:
            host.text_released.emit()
        super().mouseReleaseEvent(event)
        self._held = False

    def hold_selection(self, held: bool) -> None:
        """While held nothing is selected here; afterwards the selection begins where it did."""
        if held == self._held:
            return
        self._held = held
        cursor = self.textCursor()
        if held:
            self._anchor = cursor.anchor()
            cursor.clearSelection()
        else:
            end = cursor.position()
            cursor.setPosition(min(self._anchor, self.document().characterCount() - 1))
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def select_to(self, where: QPoint) -> None:
        """Extend the selection to a point of the screen."""
        cursor = self.textCursor()
        place = self.cursorForPosition(self.viewport().mapFromGlobal(where)).position()
        cursor.setPosition(place, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def clear_selection(self) -> None:
        """Select nothing."""
        cursor = self.textCursor()
        if cursor.hasSelection():
            cursor.clearSelection()
            self.setTextCursor(cursor)

    # --- menu and copying -------------------------------------------------------------------
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of what is around, or a small one of its own."""
        position = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            position = self.viewport().mapToGlobal(self.cursorRect().bottomLeft())
        host = host_of(self)
        if host is not None:
            host.open_text_menu(self, position)
        else:
            self.open_menu(position)

    def address_at(self, position: QPoint) -> str:
        """The true address of the link at a point of the screen, "" where there is none."""
        return safe_address(self.anchorAt(self.viewport().mapFromGlobal(position))) or ""

    def open_menu(self, position: QPoint) -> None:
        """Show the context menu at a point of the screen."""
        menu = Menu(self)
        copy = menu.entry(self.tr("Copy"), self.tr("Ctrl+C"))
        copy.setEnabled(self.textCursor().hasSelection())
        copy.triggered.connect(self.copy_selection)
        address = self.address_at(position)
        if address:
            link = menu.entry(self.tr("Copy address"))
            link.triggered.connect(lambda: put_text(address))
        menu.entry(self.tr("Copy as Markdown")).triggered.connect(self.copy_all_requested)
        menu.addSeparator()
        menu.entry(self.tr("Select all"), self.tr("Ctrl+A")).triggered.connect(self.selectAll)
        menu.popup(position)

    def createMimeDataFromSelection(self) -> QMimeData:
        """The selection as plain text; never markup that another program would load from."""
        data = QMimeData()
        data.setText(self.selected_text(self.textCursor()))
        return data

    def copy_selection(self) -> bool:
        """Put the selection on the clipboard; whether there was one."""
        if not self.textCursor().hasSelection():
            return False
        put_text(self.selected_text(self.textCursor()))
        return True

    def selected_text(self, cursor: QTextCursor) -> str:
        """What copying ``cursor``'s selection writes."""
        return cursor.selection().toPlainText()

    def _link_clicked(self, url: QUrl) -> None:
        address = safe_address(url.toString())
        if address:
            self.link_activated.emit(address)
