"""A conversation as strips: its title, then every message with who wrote it and when."""

import re
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QTextBlockFormat, QTextCursor

from app.export.readable import Entry, Readable, ReadableFile
from ui.chat.markdown.inline import printable
from ui.chat.markdown.styles import Ink
from ui.printing.blocks import markdown_strips, rule_strip
from ui.printing.documents import new_document, plain_strips, text_strips
from ui.printing.look import Look
from ui.printing.pictures import picture_strip
from ui.printing.sheet import Sheet
from ui.printing.strip import Box, Strip, Strips
from ui.sentences import say

_MESSAGE_GAP, _PART_GAP, _SIDE = 22, 8, 12
_BOOKMARK = 60
"""Characters of a bookmark."""
_MARKS = re.compile(r"^[#>\s*+-]+|\*\*|`|^#+ ", re.MULTILINE)


def conversation_strips(
    readable: Readable, look: Look, sheet: Sheet, done: Callable[[], None] = lambda: None
) -> Strips:
    """All of it; ``done`` is called behind every message."""
    yield from _title(readable, look, sheet)
    for entry in readable.entries:
        yield from entry_strips(entry, look, sheet)
        done()
    for number, branch in enumerate(readable.branches, 1):
        yield from _branch_heading(number, look, sheet)
        for entry in branch:
            yield from entry_strips(entry, look, sheet)
            done()


def _title(readable: Readable, look: Look, sheet: Sheet) -> Strips:
    document = new_document(look, sheet.text_width, readable.title)
    cursor = QTextCursor(document)
    form = QTextBlockFormat()
    form.setHeadingLevel(1)
    cursor.setBlockFormat(form)
    words = printable(" ".join(readable.title.split()))
    cursor.insertText(words, look.body.chars(Ink(heading=1)))
    yield from text_strips(document, look, 0.0)
    facts = [readable.created[:10], readable.folder]
    line = " · ".join(fact for fact in facts if fact)
    chars = look.quiet.chars(Ink(muted=True))
    yield from _kept(plain_strips(line, look, chars, sheet.text_width, gap=look.px(2)))


def _kept(strips: Strips) -> Strips:
    """Everything stays with what follows it."""
    for strip in strips:
        yield strip and replace(strip, keep=True)


def _branch_heading(number: int, look: Look, sheet: Sheet) -> Strips:
    rule = rule_strip(look, 0.0, sheet.text_width)
    yield replace(rule, gap=look.px(_MESSAGE_GAP), keep=True)
    words = say("export.branch", {"number": number})
    chars = look.body.chars(Ink(heading=2))
    yield from _kept(plain_strips(words, look, chars, sheet.text_width, gap=look.px(_PART_GAP)))


def entry_strips(entry: Entry, look: Look, sheet: Sheet) -> Strips:
    """One message: heading, reasoning, files, text, notes."""
    yield _heading(entry, look, sheet)
    if entry.reasoning.strip():
        yield from _reasoning(entry.reasoning, look, sheet)
    for file in entry.files:
        yield from _file(file, look, sheet)
    if entry.text.strip():
        yield from markdown_strips(entry.text, look, sheet)
    chars = look.quiet.chars(Ink(muted=True, emphasis=True))
    for note in entry.notes:
        yield from plain_strips(note, look, chars, sheet.text_width, gap=look.px(_PART_GAP))


def _heading(entry: Entry, look: Look, sheet: Sheet) -> Strip:
    """Who wrote it at the left, when and in which version at the right."""
    name_font, label_font = look.name_font(), look.label_font
    written = entry.written.replace("T", " ").replace("Z", " UTC")
    told = printable(" · ".join(part for part in (entry.version, written) if part))
    metrics = QFontMetricsF(label_font)
    told_width = metrics.horizontalAdvance(told)
    room = sheet.text_width - told_width - look.px(_SIDE)
    name = " ".join(printable(entry.heading).split())
    name = QFontMetricsF(name_font).elidedText(name, Qt.TextElideMode.ElideMiddle, room)
    ascent = QFontMetricsF(name_font).ascent()
    high = name_font.pixelSize() * 1.5
    thick = look.px(0.75)

    def draw(painter: QPainter, left: float, top: float) -> None:
        painter.setFont(name_font)
        painter.setPen(look.theme.color("accent_text" if entry.who == "user" else "text"))
        painter.drawText(QPointF(left, top + ascent), name)
        painter.setFont(label_font)
        painter.setPen(look.theme.color("muted"))
        painter.drawText(QPointF(left + sheet.text_width - told_width, top + ascent), told)
        area = QRectF(left, top + high, sheet.text_width, thick)
        painter.fillRect(area, look.theme.color("border"))

    return Strip(
        high + thick,
        draw,
        gap=look.px(_MESSAGE_GAP),
        keep=True,
        bookmark=bookmark_of(entry),
    )


def bookmark_of(entry: Entry) -> str:
    """Who wrote it, and the beginning of what was written, without the marks before it."""
    words = " ".join(_MARKS.sub("", printable(entry.text[: 4 * _BOOKMARK])).split())
    name = " ".join(printable(entry.heading).split())
    line = ": ".join(part for part in (name, words) if part)
    return line if len(line) <= _BOOKMARK else line[: _BOOKMARK - 1].rstrip() + "…"


def _reasoning(text: str, look: Look, sheet: Sheet) -> Strips:
    """Smaller and quieter, with a bar at its side."""
    chars = look.quiet.chars(Ink(muted=True, strong=True))
    side = look.px(_SIDE)
    words = say("export.reasoning")
    label = plain_strips(words, look, chars, sheet.text_width, gap=look.px(_PART_GAP), left=side)
    for strip in _kept(label):
        yield strip and replace(strip, bars=(0.0,))
    for strip in markdown_strips(text, look, sheet, quiet=True, left=side):
        yield strip and replace(strip, bars=(0.0, *(side + bar for bar in strip.bars)))


def _file(file: ReadableFile, look: Look, sheet: Sheet) -> Strips:
    """Its name, and what the model was given of it."""
    chars = look.quiet.chars(Ink(muted=True, strong=True))
    gap = look.px(_PART_GAP)
    label = plain_strips(file.label, look, chars, sheet.text_width, gap=gap)
    if file.picture:
        strip = picture_strip(file.picture, look, sheet.text_width, sheet.text_height)
        if strip is not None:
            yield from _kept(label)
            yield strip
            return
    if not file.text.strip():
        yield from label
        return
    yield from _kept(label)
    side = look.px(_SIDE)
    box = Box(0.0, sheet.text_width, look.px(9), "raised")
    width = sheet.text_width - 2 * side
    quiet = look.quiet.chars(Ink())
    for strip in plain_strips(file.text.rstrip(), look, quiet, width, gap=look.px(4), left=side):
        yield strip and replace(strip, box=box)
