"""What a chip shows of a file that goes with a draft; and its amounts in words."""

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QCoreApplication

from app.amounts import file_size
from app.attachments.entities import Kind
from ui.chat.figures import duration, grouped


class FileState(Enum):
    """How far a file is."""

    READING = "reading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileView:
    """One chip."""

    id: str
    name: str
    """Short, printable, on one line."""
    state: FileState
    detail: str = ""
    """The second line; of a failed one the sentence why."""
    fraction: float | None = None
    """How much is read, 0 to 1; None while nobody knows."""
    tip: str = ""


def kind_words(kind: Kind) -> str:
    """The kind of a file in a word."""
    translate = QCoreApplication.translate
    return {
        Kind.TEXT: translate("files", "Text"),
        Kind.MARKDOWN: translate("files", "Markdown"),
        Kind.TABLE: translate("files", "CSV"),
        Kind.HTML: translate("files", "HTML"),
        Kind.PDF: translate("files", "PDF"),
        Kind.DOCX: translate("files", "DOCX"),
        Kind.IMAGE: translate("files", "Image"),
    }[kind]


def size_words(size: int) -> str:
    """Bytes, as "840 bytes", "12 kB" or "1.2 MB"."""
    if size < 1000:
        return QCoreApplication.translate("files", "{count} bytes").format(count=grouped(size))
    if size < 1_000_000:
        return QCoreApplication.translate("files", "{count} kB").format(count=round(size / 1000))
    if size < 10_000_000:
        number = format(size / 1_000_000, ".1f")
        return QCoreApplication.translate("files", "{count} MB").format(count=number)
    return file_size(size)


def cost_words(tokens: int, exact: bool, seconds: float | None) -> str:
    """What reading takes: "12,400 tokens, about 3 min to read"."""
    translate = QCoreApplication.translate
    count = (
        translate("files", "{count} tokens") if exact else translate("files", "≈ {count} tokens")
    )
    words = count.format(count=grouped(tokens))
    if seconds is None:
        return words
    if seconds < 1:
        return translate("files", "{tokens}, read at once").format(tokens=words)
    return translate("files", "{tokens}, about {time} to read").format(
        tokens=words, time=duration(seconds)
    )
