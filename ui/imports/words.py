"""The words of the import sheet: what was found, what would come, and what came."""

from datetime import date

from PySide6.QtCore import QCoreApplication

from app.imports.report import FoundRow, Preview, ReadingSoFar, Standing, Taken, TakingSoFar, told
from ui.chat.figures import grouped
from ui.imports.view import ChatRow, Row, TroubleRow
from ui.imports.view import Standing as Shown
from ui.models.words import joined
from ui.search.words import day_words

translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""

_STANDINGS = {
    Standing.NEW: Shown.NEW,
    Standing.GROWN: Shown.GROWN,
    Standing.HERE: Shown.HERE,
    Standing.TRASHED: Shown.IN_TRASH,
}


def source_name(name: str) -> str:
    """A program as people call it."""
    names = {
        "moestro": translate("imports", "Moestro"),
        "chatgpt": translate("imports", "ChatGPT"),
        "lmstudio": translate("imports", "LM Studio"),
        "jan": translate("imports", "Jan"),
        "gpt4all": translate("imports", "GPT4All"),
        "openwebui": translate("imports", "Open WebUI"),
        "jsonl": translate("imports", "JSONL"),
    }
    return names.get(name, name)


def chats_words(count: int) -> str:
    """ "1 chat", "1,200 chats"."""
    words = translate("imports", "1 chat") if count == 1 else translate("imports", "{count} chats")
    return words.format(count=grouped(count))


def messages_words(count: int) -> str:
    """ "1 message", "1,200 messages"."""
    words = (
        translate("imports", "1 message")
        if count == 1
        else translate("imports", "{count} messages")
    )
    return words.format(count=grouped(count))


def place_words(count: int, newest_ms: int, today: date) -> str:
    """How many chats a place has, and the newest of them; 0 where nobody knows when."""
    if not newest_ms:
        return chats_words(count)
    return translate("imports", "{chats}, latest: {day}").format(
        chats=chats_words(count), day=day_words(newest_ms, today)
    )


def reading_words(now: ReadingSoFar) -> str:
    """What was read so far."""
    found = translate("imports", "{chats}, {messages} so far").format(
        chats=chats_words(now.conversations), messages=messages_words(now.messages)
    )
    if now.files <= 1:
        return found
    files = translate("imports", "{done} of {count} files").format(
        done=grouped(now.files_done), count=grouped(now.files)
    )
    return "\n".join((files, found))


def taking_words(now: TakingSoFar) -> str:
    """What was written so far."""
    if now.backup:
        return translate("imports", "Making a backup of what is here, before anything changes")
    return translate("imports", "{done} of {count} chats").format(
        done=grouped(now.done), count=grouped(now.total)
    )


def preview_rows(found: Preview, today: date) -> tuple[Row, ...]:
    """A row for every chat, and one for everything that could not be read."""
    several = len(found.sources) > 1
    chats: list[Row] = [_chat(row, today, several) for row in found.rows]
    return (*chats, *trouble_rows(found))


def trouble_rows(found: Preview) -> tuple[Row, ...]:
    """What could not be read, and how much more there is than the report keeps."""
    rows: list[Row] = [TroubleRow(each.where, told(each)) for each in found.unread]
    more = found.unread_count - len(found.unread)
    if more > 0:
        words = translate("imports", "{count} more that could not be read")
        rows.append(TroubleRow("", words.format(count=grouped(more))))
    return tuple(rows)


def preview_note(found: Preview) -> str:
    """How much would come, and what would not."""
    new, grown = found.count(Standing.NEW), found.count(Standing.GROWN)
    here = found.count(Standing.HERE) + found.count(Standing.TRASHED)
    parts = []
    if new:
        parts.append(translate("imports", "{count} new").format(count=grouped(new)))
    if grown:
        words = translate("imports", "{count} with new messages")
        parts.append(words.format(count=grouped(grown)))
    if here:
        parts.append(translate("imports", "{count} here already").format(count=grouped(here)))
    if found.unread_count:
        words = translate("imports", "{count} could not be read")
        parts.append(words.format(count=grouped(found.unread_count)))
    if new or grown:
        words = translate("imports", "{messages} to add")
        parts.append(words.format(messages=messages_words(found.new_messages)))
    return joined(parts)


def taken_title(taken: Taken) -> str:
    """What came, in one line."""
    count = taken.added + taken.grown
    if not count:
        return translate("imports", "Nothing was added")
    words = (
        translate("imports", "1 chat imported")
        if count == 1
        else translate("imports", "{count} chats imported")
    )
    return words.format(count=grouped(count))


def taken_note(taken: Taken, unread: int) -> str:
    """What came in numbers, and what did not."""
    parts = [messages_words(taken.messages)]
    if taken.grown:
        words = translate("imports", "{count} chats that were here grew")
        parts.append(words.format(count=grouped(taken.grown)))
    if taken.files:
        words = translate("imports", "{count} attached files")
        parts.append(words.format(count=grouped(taken.files)))
    if taken.trashed:
        words = translate("imports", "{count} left in the trash")
        parts.append(words.format(count=grouped(len(taken.trashed))))
    if unread:
        words = translate("imports", "{count} could not be read, see below")
        parts.append(words.format(count=grouped(unread)))
    else:
        parts.append(translate("imports", "everything could be read"))
    lines = [joined(parts)]
    if taken.backup:
        lines.append(translate("imports", "What was here before is kept as a backup."))
    return "\n".join(lines)


def _chat(row: FoundRow, today: date, names_source: bool) -> ChatRow:
    standing = _STANDINGS[row.standing]
    note = ""
    if standing is Shown.GROWN and not row.new_messages:
        words = translate("imports", "{count} attached files get their content")
        note = words.format(count=grouped(row.new_files))
    elif standing is Shown.GROWN:
        words = (
            translate("imports", "1 new message")
            if row.new_messages == 1
            else translate("imports", "{count} new messages")
        )
        note = words.format(count=grouped(row.new_messages))
    return ChatRow(
        id=row.id,
        title=row.title or translate("imports", "Without a title"),
        detail=joined(
            (
                day_words(row.updated_ms, today),
                messages_words(row.messages),
                row.folder,
                source_name(row.source) if names_source else "",
            )
        ),
        standing=standing,
        note=note,
    )
