"""The text of the message: Enter sends, input methods are respected, paste is sorted."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QMimeData, Qt, QUrl, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from ui.chat.document_view import wrap_mode_for
from ui.composer.sent_history import SentHistory

LONG_PASTE = 20_000
"""Characters; a longer paste becomes a file, which says its size and keeps the field quick."""

_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_Move = QTextCursor.MoveOperation


class MessageField(QPlainTextEdit):
    """Plain text only. Enter asks to send, Shift+Enter breaks the line.

    Signals:
        send_pressed(): Enter, while no input method is composing.
        stop_pressed(): Esc.
        focus_changed(): it got or lost the keyboard.
        files_given(list): paths that were pasted or dropped.
        long_pasted(str): a text too long for a field.
        picture_pasted(): the clipboard holds a picture and no words.
        slash_changed(object): what stands behind a / that begins a line, None when none does.
    """

    send_pressed = Signal()
    stop_pressed = Signal()
    focus_changed = Signal()
    files_given = Signal(list)
    long_pasted = Signal(str)
    picture_pasted = Signal()
    slash_changed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._composing = False
        self._slash: str | None = None
        self._sent = SentHistory()
        self.key_guard: Callable[[QKeyEvent], bool] = lambda _event: False
        """Sees each key first, and says whether it took it: a list that floats above."""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        self.textChanged.connect(self._look_for_slash)
        self.cursorPositionChanged.connect(self._look_for_slash)

    def set_sent(self, texts: Sequence[str]) -> None:
        """What was sent in this conversation, oldest first, for the arrow keys."""
        self._sent.set_texts(texts)

    def replace_all(self, text: str) -> None:
        """Put ``text`` in place of what is written, the caret behind it."""
        self.clear()
        self.fit_wrapping(text)
        self.setPlainText(text)
        self.moveCursor(_Move.End)

    def replace_slash(self, text: str) -> None:
        """Put ``text`` in place of the line that begins with a /; undo brings that back."""
        cursor = self.textCursor()
        cursor.movePosition(_Move.StartOfBlock)
        cursor.movePosition(_Move.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        self.fit_wrapping(text)
        cursor.insertText(text)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    # --- keys -------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends unless an input method is choosing a word with it."""
        if self._composing:
            if event.key() in _ENTER_KEYS:
                return  # it chooses the word, and the input method says which
        else:
            if self.key_guard(event) or self._enter(event) or self._arrow(event):
                return
            if event.key() == Qt.Key.Key_Escape:
                self.stop_pressed.emit()
                event.ignore()
                return
        super().keyPressEvent(event)

    def _enter(self, event: QKeyEvent) -> bool:
        if event.key() not in _ENTER_KEYS:
            return False
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier):
            self.send_pressed.emit()
            return True
        if modifiers == Qt.KeyboardModifier.ShiftModifier:
            self.insertPlainText("\n")
            self.ensureCursorVisible()
            return True
        return False

    def _arrow(self, event: QKeyEvent) -> bool:
        """Up in an empty field, or in one that shows what was sent, goes back; down forward."""
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if event.key() not in (Qt.Key.Key_Up, Qt.Key.Key_Down) or not self._walks():
            return False
        up = event.key() == Qt.Key.Key_Up
        probe = self.textCursor()
        if probe.movePosition(_Move.Up if up else _Move.Down):
            return False  # there is a line of this text to go to first
        text = self._sent.older() if up else self._sent.newer()
        if text is not None:
            self.replace_all(text)
        return True

    def _walks(self) -> bool:
        shown = self._sent.shown
        if self.document().isEmpty():
            if shown is not None:
                self._sent.leave()  # it was emptied by hand
            return True
        return shown is not None and self.toPlainText() == shown

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember whether a word is still being composed."""
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    # --- what comes in ----------------------------------------------------------------------

    def fit_wrapping(self, added: str) -> None:
        """Choose how to wrap before ``added`` arrives."""
        mode = wrap_mode_for(added)
        if mode is QTextOption.WrapMode.WrapAnywhere or self.document().isEmpty():
            self.setWordWrapMode(mode)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste words, never formats; files and long texts are told."""
        paths = local_paths(source.urls())
        if paths:
            self.files_given.emit(paths)
        elif source.hasText():
            text = source.text()
            if len(text) > LONG_PASTE:
                self.long_pasted.emit(text)
                return
            self.fit_wrapping(text)
            self.textCursor().insertText(text)
            self.ensureCursorVisible()
        elif source.hasImage():
            self.picture_pasted.emit()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Text, files and pictures; a model file belongs to the window."""
        if source.hasUrls():
            paths = local_paths(source.urls())
            return bool(paths) and not any(is_model_file(path) for path in paths)
        return source.hasText() or source.hasImage()

    # --- what stands behind a slash ---------------------------------------------------------

    def _look_for_slash(self) -> None:
        cursor = self.textCursor()
        found: str | None = None
        if cursor.atBlockEnd() and not cursor.hasSelection() and cursor.positionInBlock() < 64:
            line = cursor.block().text()
            if line.startswith("/"):
                found = line[1:]
        if found != self._slash:
            self._slash = found
            self.slash_changed.emit(found)

    # --- focus ------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame shows it."""
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The frame shows it. A word that was being composed is given up by the system."""
        self._composing = False
        super().focusOutEvent(event)
        self.focus_changed.emit()


def local_paths(urls: Sequence[QUrl]) -> list[str]:
    """Paths of the files among ``urls``."""
    return [url.toLocalFile() for url in urls if url.isLocalFile()]


def is_model_file(path: str) -> bool:
    """Whether the window takes it as a model."""
    return path.casefold().endswith(".gguf")
