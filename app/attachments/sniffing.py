"""What a file is, from its first bytes; its name only tells text from text apart."""

import csv
import re
import zipfile
from collections.abc import Mapping
from typing import BinaryIO

from app.attachments.entities import Kind
from app.attachments.refusal import Refusal

_HEAD = 8192
_PDF = b"%PDF-"
_PDF_WITHIN = 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""The kinds that models can be shown: PNG and JPEG."""
_OTHERS: Mapping[bytes, str] = {
    b"GIF8": "attachments.image_kind",
    b"BM": "attachments.image_kind",
    b"II*\x00": "attachments.image_kind",
    b"MM\x00*": "attachments.image_kind",
    b"\x00\x00\x01\x00": "attachments.image_kind",
    b"8BPS": "attachments.image_kind",
    b"{\\rtf": "attachments.old_office",
    b"\x1f\x8b": "attachments.archive",
    b"BZh": "attachments.archive",
    b"\xfd7zXZ\x00": "attachments.archive",
    b"7z\xbc\xaf\x27\x1c": "attachments.archive",
    b"Rar!": "attachments.archive",
    b"\x28\xb5\x2f\xfd": "attachments.archive",
    b"GGUF": "attachments.model",
    b"\x7fELF": "attachments.not_text",
    b"MZ\x90": "attachments.not_text",
    b"OggS": "attachments.sound",
    b"ID3": "attachments.sound",
    b"\xff\xfb": "attachments.sound",
    b"fLaC": "attachments.sound",
    b"\x1aE\xdf\xa3": "attachments.sound",
}
_HTML = re.compile(
    # Possessive, so that a page of nothing but comments is read once and not in every way.
    rb"\s*+(?><\?xml[^>]*>\s*)?(?:(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_TAR_MARK = slice(257, 262)
_MARKDOWN_NAMES = (".md", ".markdown", ".mdown", ".mkd")
_HTML_NAMES = (".html", ".htm", ".xhtml")
_TABLE_NAMES = (".csv", ".tsv", ".tab")
_TABLE_LINES = 50


def kind_of(file: BinaryIO, name: str) -> Kind:
    """What the file is; it stands at its beginning afterwards. Raises Refusal."""
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    lowered = name.casefold()
    if _is_pdf(head, lowered):
        return Kind.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_archive(file)
    if head.startswith(_OLE):
        raise Refusal(_code_of_old_office(file))
    if head.startswith(_PICTURES):
        return Kind.IMAGE
    if code := _code_of_other(head):
        raise Refusal(code)
    if _HTML.match(head):
        return Kind.HTML
    if lowered.endswith(_HTML_NAMES):
        return Kind.HTML
    return Kind.MARKDOWN if lowered.endswith(_MARKDOWN_NAMES) else Kind.TEXT


def _is_pdf(head: bytes, lowered: str) -> bool:
    """Readers forgive what stands before a PDF's mark; text may speak of the mark, too."""
    before, mark, _after = head[: _PDF_WITHIN + len(_PDF)].partition(_PDF)
    return bool(mark) and (lowered.endswith(".pdf") or not before.strip(b"\xef\xbb\xbf\0 \t\r\n"))


def is_table(text: str, name: str) -> bool:
    """Whether lines of text are rows of one width; one column is a table only by name."""
    lines = [line for line in text[: 64 * 1024].split("\n")[:_TABLE_LINES] if line.strip()]
    named = name.casefold().endswith(_TABLE_NAMES)
    if len(lines) < 2:
        return named and bool(lines)
    for delimiter in ",;\t|":
        try:
            widths = {len(row) for row in csv.reader(lines[:-1], delimiter=delimiter)}
        except csv.Error:
            continue
        # Prose and code have commas too, but not as many in every line.
        if len(widths) == 1 and (widths.pop() >= (2 if named else 4)) and (named or len(lines) > 3):
            return True
    return False


def _kind_of_archive(file: BinaryIO) -> Kind:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refusal("attachments.damaged", repr(error)) from error
    finally:
        file.seek(0)
    if "word/document.xml" in names:
        return Kind.DOCX
    if any(name.startswith(("xl/", "ppt/")) for name in names) or "mimetype" in names:
        raise Refusal("attachments.other_office")
    raise Refusal("attachments.archive")


def _code_of_old_office(file: BinaryIO) -> str:
    """An encrypted new document hides in the old format's container."""
    start = file.read(1024 * 1024)
    file.seek(0)
    return "attachments.encrypted" if _ENCRYPTED_OFFICE in start else "attachments.old_office"


def _code_of_other(head: bytes) -> str:
    for mark, code in _OTHERS.items():
        # Two letters at the beginning may be a word: an image has zeros soon after them.
        if head.startswith(mark) and (len(mark) > 3 or b"\x00" in head[:32] or head[:1] > b"\x7f"):
            return code
    if head[_TAR_MARK] == b"ustar":
        return "attachments.archive"
    if head[:4] == b"RIFF":
        return "attachments.image_kind" if head[8:12] == b"WEBP" else "attachments.sound"
    if head[4:8] == b"ftyp":
        pictures = (b"heic", b"heix", b"mif1", b"avif")
        return "attachments.image_kind" if head[8:12] in pictures else "attachments.sound"
    return ""
