"""Bytes become text, whatever their encoding; what is no text is told apart."""

import codecs
import re

from charset_normalizer import from_bytes

from app.attachments.refusal import Refusal
from app.text import clean

_MARKS = (
    # The longer mark first: UTF-32's begins like UTF-16's.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 64 * 1024
_LATIN = ["cp1252", "cp1250", "cp1254"]
_CANDIDATES = [
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
]  # fmt: skip
"""Encodings that text of the last decades really has; more would only make guesses worse."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_UNWANTED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_PAGE_BESIDE_LINE = re.compile(r"(?<=\n)\f+|\f+(?=\n)|\A\f+|\f+\Z")
_FOREIGN = re.compile(rb"[\x80-\xff]")
_ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_ENOUGH = 20
_MOST_CONTROLS = 0.01
_MOST_BROKEN = 0.001


def decode(data: bytes, told: str = "") -> str:
    """The text of ``data``; ``told`` is the encoding that the file itself names.

    Line ends become ``\\n``. Raises Refusal when it is no text.
    """
    return tidy(_decoded(data, told))


def tidy(text: str) -> str:
    """Line ends as ``\\n``, no control characters, no half characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # A page's end within a line ends it; beside one it would make a second, and lines are counted.
    text = _PAGE_BESIDE_LINE.sub("", text).replace("\f", "\n")
    return clean(_UNWANTED.sub("", text))


def _decoded(data: bytes, told: str) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    if wide := _without_mark(data):
        return data.decode(wide, "replace")
    sample = data[:_SAMPLE]
    if sample and len(_CONTROLS.findall(sample)) / len(sample) > _MOST_CONTROLS:
        raise Refusal("attachments.not_text")
    if b"\x1b$" in sample and data.isascii():
        return data.decode("iso2022_jp", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if told and (text := _as_told(data, told)) is not None:
        return text
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") <= len(text) * _MOST_BROKEN and any(c > "\x7f" for c in text):
        foreign = sum(1 for c in text[:_SAMPLE] if c > "\x7f" and c != "\ufffd")
        if foreign > text[:_SAMPLE].count("\ufffd"):
            return text  # UTF-8 that was cut off or damaged somewhere
    return data.decode(_guessed(data), "replace")


def _without_mark(data: bytes) -> str:
    """UTF-16 or UTF-32 without its mark: every second or fourth byte of Latin text is 0."""
    sample = data[:4096]
    pairs = len(sample) // 2
    if pairs < 2:
        return ""
    even, odd = sample[0 : pairs * 2 : 2].count(0), sample[1 : pairs * 2 : 2].count(0)
    if even > 0.9 * pairs and odd > 0.4 * pairs and len(data) % 4 == 0:
        return "utf-32-be"
    if even > 0.4 * pairs and odd > 0.9 * pairs and len(data) % 4 == 0:
        return "utf-32-le"
    # Text has hardly a character 0 itself, so one side only.
    if odd > 0.3 * pairs and even < 0.02 * pairs:
        return "utf-16-le"
    if even > 0.3 * pairs and odd < 0.02 * pairs:
        return "utf-16-be"
    return ""


def _as_told(data: bytes, told: str) -> str | None:
    # What a page calls Latin-1 is Windows' extension of it, in practice and by the standard.
    name = "cp1252" if told.casefold() in ("iso-8859-1", "latin1", "us-ascii", "ascii") else told
    try:
        text = data.decode(name, "replace")
    except (LookupError, ValueError):
        return None
    return text if isinstance(text, str) else None


def _guessed(data: bytes) -> str:
    """The encoding that makes most sense of the bytes; Western European when none does."""
    part = _foreign_part(data)
    foreign = len(_FOREIGN.findall(part))
    alone = len(_ALONE.findall(part))
    candidates = _CANDIDATES
    if alone >= 0.7 * foreign:
        # Single letters among ASCII: a Latin alphabet. Too few of them say nothing more.
        candidates = _LATIN
        if foreign < _ENOUGH:
            return _LATIN[0]
    best = from_bytes(part, cp_isolation=candidates, threshold=0.4).best()
    return best.encoding if best is not None else "cp1252"


def _foreign_part(data: bytes) -> bytes:
    """The lines that have anything to guess from: long ASCII around them says nothing."""
    lines: list[bytes] = []
    size = 0
    for line in data[: 64 * _SAMPLE].split(b"\n"):
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size > _SAMPLE:
                break
    return b"\n".join(lines)
