"""What the trash says: kinds, when something goes by itself, what emptying erases."""

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from app.history.organised import Deleted, DeletedKind, Emptied
from ui.chat.figures import grouped
from ui.data.words import size_words

translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""

_DAY_MS = 86_400_000

ICONS = {
    DeletedKind.CONVERSATION: "message-square",
    DeletedKind.FOLDER: "folder-open",
    DeletedKind.MESSAGE: "quote",
    DeletedKind.PRESET: "sliders-horizontal",
    DeletedKind.PROMPT: "file-text",
}


def name_words(item: Deleted) -> str:
    """What it is called; what has no name is called by its kind."""
    name = " ".join(item.name.split())
    if name:
        return name
    if item.kind is DeletedKind.CONVERSATION:
        return translate("trash", "New chat")
    return kind_words(item)


def kind_words(item: Deleted) -> str:
    """What it is, and how much went with it."""
    more = item.count
    if item.kind is DeletedKind.FOLDER:
        if more == 0:
            return translate("trash", "Folder")
        if more == 1:
            return translate("trash", "Folder with 1 chat")
        return translate("trash", "Folder with {count} chats").format(count=grouped(more))
    if item.kind is DeletedKind.MESSAGE:
        if more <= 1:
            return translate("trash", "Message")
        return translate("trash", "Branch of {count} messages").format(count=grouped(more))
    return {
        DeletedKind.CONVERSATION: translate("trash", "Chat"),
        DeletedKind.PRESET: translate("trash", "Preset"),
        DeletedKind.PROMPT: translate("trash", "Prompt"),
    }[item.kind]


def deleted_words(item: Deleted) -> str:
    """When it was deleted: "deleted 18 Mar, 13:04"."""
    moment = QLocale().toString(QDateTime.fromMSecsSinceEpoch(item.deleted_ms), "d MMM, HH:mm")
    return translate("trash", "deleted {moment}").format(moment=moment)


def until_words(item: Deleted, now_ms: int) -> str:
    """When it is erased by itself: "erased in 12 days"."""
    days = -(-(item.until_ms - now_ms) // _DAY_MS)
    if days <= 1:
        return translate("trash", "erased within a day")
    return translate("trash", "erased in {count} days").format(count=days)


def summary_words(items: Sequence[Deleted]) -> str:
    """How much is in the trash, in one sentence."""
    return translate(
        "trash", "{contents}. Each is erased by itself 30 days after it was deleted."
    ).format(contents=contents_words(items))


def contents_words(items: Sequence[Deleted]) -> str:
    """ "12 chats, 2 folders, 1 preset", chats in folders counted."""
    counts: Counter[DeletedKind] = Counter()
    for item in items:
        if item.kind is DeletedKind.MESSAGE:
            counts[item.kind] += max(1, item.count)
        else:
            counts[item.kind] += 1
        if item.kind is DeletedKind.FOLDER:
            counts[DeletedKind.CONVERSATION] += item.count
    return _counted(
        counts[DeletedKind.CONVERSATION],
        counts[DeletedKind.FOLDER],
        counts[DeletedKind.MESSAGE],
        counts[DeletedKind.PRESET] + counts[DeletedKind.PROMPT],
    )


def emptied_words(emptied: Emptied) -> str:
    """What was erased for good."""
    parts = _counted(emptied.conversations, emptied.folders, emptied.messages, emptied.presets)
    if not emptied.freed_bytes:
        return translate("trash", "Erased: {contents}").format(contents=parts)
    return translate("trash", "Erased: {contents}, {size}").format(
        contents=parts, size=size_words(emptied.freed_bytes)
    )


def backups_gone_words(count: int) -> str:
    """How many older backups went with it."""
    if count == 1:
        return translate("trash", "1 older backup too")
    return translate("trash", "{count} older backups too").format(count=grouped(count))


def _counted(chats: int, folders: int, messages: int, presets: int) -> str:
    parts: list[str] = []
    for count, one, many in (
        (chats, translate("trash", "1 chat"), translate("trash", "{count} chats")),
        (folders, translate("trash", "1 folder"), translate("trash", "{count} folders")),
        (messages, translate("trash", "1 message"), translate("trash", "{count} messages")),
        (presets, translate("trash", "1 preset"), translate("trash", "{count} presets")),
    ):
        if count:
            parts.append(one if count == 1 else many.format(count=grouped(count)))
    return ", ".join(parts)
