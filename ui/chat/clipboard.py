"""Text to the clipboard, in a way that survives the end of the program."""

from PySide6.QtCore import QMimeData, QStringListModel
from PySide6.QtGui import QClipboard, QGuiApplication
from shiboken6 import Shiboken


def put_text(text: str) -> None:
    """Copy ``text``."""
    QGuiApplication.clipboard().setText(text)


def put_rich(html: str, text: str) -> None:
    """Copy text that has a form; who cannot take the form takes ``text``."""
    data = _empty_content()
    data.setHtml(html)
    data.setText(text)
    QGuiApplication.clipboard().setMimeData(data)


def _empty_content() -> QMimeData:
    """A content made by Qt and not by Python, see ``settle_clipboard``: a list's, emptied."""
    rows = QStringListModel([""])
    data = rows.mimeData([rows.index(0)])
    for name in data.formats():
        data.removeFormat(name)
    return data


def settle_clipboard() -> None:
    """Call before the program ends: replaces what Python made for the clipboard by Qt's own.

    Qt deletes the clipboard's content after Python is gone, and a content that was made in
    Python then ends the process with a crash. Selecting with the mouse under X11 makes one.
    """
    clipboard = QGuiApplication.clipboard()
    modes = [QClipboard.Mode.Clipboard]
    if clipboard.supportsSelection():
        modes.append(QClipboard.Mode.Selection)
    for mode in modes:
        content = clipboard.mimeData(mode)
        # There is none when a program quits a second time, after a restart of its window.
        if content is not None and Shiboken.createdByPython(content):
            clipboard.setText(content.text(), mode)
