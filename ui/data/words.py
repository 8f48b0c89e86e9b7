"""What the pages of backups and data say: why a copy was made, what is in it, what would change."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from app.amounts import file_size
from app.backups.comparing import Difference
from app.backups.data_parts import DataPart, PartUse
from app.backups.describing import BackupContents
from app.backups.desk import Listed
from app.storage.backup_files import Reason
from ui.chat.figures import grouped
from ui.models.words import joined

translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""

_MOMENT = "d MMM yyyy, HH:mm"
_TITLE_CHARACTERS = 60


def moment_words(moment: datetime) -> str:
    """A moment as this computer's clock shows it: "18 Mar 2026, 13:04"."""
    return QLocale().toString(QDateTime.fromMSecsSinceEpoch(_milliseconds(moment)), _MOMENT)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def size_words(size: int) -> str:
    """Bytes, as "812 B", "64 kB", "98 MB" or "18.6 GB"."""
    if size < 1000:
        return translate("data", "{count} B").format(count=size)
    if size < 999_500:
        return translate("data", "{count} kB").format(count=format(size / 1000, ".0f"))
    return file_size(size)


def reason_words(reason: Reason) -> str:
    """Why a backup was made, in a few words."""
    return {
        Reason.AUTOMATIC: translate("data", "Made by itself"),
        Reason.MANUAL: translate("data", "Made by you"),
        Reason.MIGRATION: translate("data", "Before an update"),
        Reason.IMPORT: translate("data", "Before an import"),
        Reason.REPAIR: translate("data", "Saved from a damaged file"),
        Reason.RESTORE: translate("data", "Before a restore"),
    }[reason]


def keeping_words(reason: Reason) -> str:
    """How long a backup stays."""
    if reason is Reason.MANUAL:
        return translate("data", "It stays until you delete its file.")
    return translate("data", "It makes room for newer ones in time.")


def chats_words(count: int) -> str:
    """ "1 chat", "60 chats"."""
    if count == 1:
        return translate("data", "1 chat")
    return translate("data", "{count} chats").format(count=grouped(count))


def messages_words(count: int) -> str:
    """ "1 message", "3,120 messages"."""
    if count == 1:
        return translate("data", "1 message")
    return translate("data", "{count} messages").format(count=grouped(count))


def state_words(listed: Listed) -> str:
    """Whether it can be relied on."""
    if listed.is_sound is None:
        return translate("data", "Checking…")
    return translate("data", "Sound") if listed.is_sound else translate("data", "Damaged")


def state_ink(listed: Listed) -> str:
    """The colour of that."""
    if listed.is_sound is None:
        return "muted"
    return "good" if listed.is_sound else "bad"


def row_words(listed: Listed) -> str:
    """The second line of a row: why, how large, how much."""
    contents = listed.contents
    held = (
        translate("data", "Cannot be read")
        if contents is None
        else chats_words(contents.conversations) + ", " + messages_words(contents.messages)
    )
    return joined((reason_words(listed.file.reason), size_words(listed.file.size_bytes), held))


def contents_words(contents: BackupContents) -> str:
    """What is in it."""
    held = chats_words(contents.conversations) + ", " + messages_words(contents.messages)
    if not contents.trashed:
        return held
    gone = translate("data", "{count} in the trash").format(count=grouped(contents.trashed))
    return held + ", " + gone


def title_words(title: str) -> str:
    """A chat's title in one line, quoted; a chat without one is called untitled."""
    line = " ".join(title.split())
    if not line:
        return translate("data", "An untitled chat")
    if len(line) > _TITLE_CHARACTERS:
        line = line[: _TITLE_CHARACTERS - 1].rstrip() + "…"
    return translate("data", "“{title}”").format(title=line)


def titles_words(titles: Sequence[str], count: int) -> str:
    """Some titles, and how many more there are: "“One”, “Two” and 3 more"."""
    named = ", ".join(title_words(title) for title in titles)
    rest = count - len(titles)
    if rest <= 0:
        return named
    return translate("data", "{titles} and {count} more").format(titles=named, count=grouped(rest))


def difference_lines(difference: Difference) -> tuple[str, ...]:
    """What would be different, a line each."""
    if difference.is_none:
        return (translate("data", "All chats are as they are now."),)
    lines = []
    if difference.going:
        lines.append(
            translate("data", "Not in it, so gone from the list: {count}. {titles}.").format(
                count=chats_words(difference.going),
                titles=titles_words(difference.going_titles, difference.going),
            )
        )
    if difference.coming:
        lines.append(
            translate("data", "Would come back: {count}. {titles}.").format(
                count=chats_words(difference.coming),
                titles=titles_words(difference.coming_titles, difference.coming),
            )
        )
    if difference.changed:
        lines.append(
            translate("data", "As they were then, with other messages or titles: {count}.").format(
                count=chats_words(difference.changed)
            )
        )
    return tuple(lines)


def part_title(part: DataPart) -> str:
    """What a part of the data folder is called."""
    return {
        DataPart.HISTORY: translate("data", "Chats"),
        DataPart.SETTINGS: translate("data", "Settings"),
        DataPart.BACKUPS: translate("data", "Backups"),
        DataPart.ASIDE: translate("data", "Set aside"),
        DataPart.MODELS: translate("data", "Models"),
        DataPart.LIBRARY: translate("data", "List of models"),
        DataPart.CACHE: translate("data", "Seen on the Hub"),
        DataPart.STATES: translate("data", "What models have read"),
        DataPart.LOGS: translate("data", "Logs"),
        DataPart.OTHER: translate("data", "Other files"),
    }[part]


def part_hint(part: DataPart) -> str:
    """What is in it, and what it means to lose it."""
    return {
        DataPart.HISTORY: translate(
            "data", "All you wrote and all answers, attached text, presets and notes."
        ),
        DataPart.SETTINGS: translate("data", "What you chose, in a readable file."),
        DataPart.BACKUPS: translate("data", "Copies of the chats, each checked when it was made."),
        DataPart.ASIDE: translate(
            "data", "Damaged or replaced files, kept for you; nothing here is in use."
        ),
        DataPart.MODELS: translate("data", "Downloads and imports; they can be fetched again."),
        DataPart.LIBRARY: translate(
            "data", "Which models there are and how they ran; made again by itself."
        ),
        DataPart.CACHE: translate("data", "Beginnings of model files; fetched again when needed."),
        DataPart.STATES: translate(
            "data", "So that an old chat goes on without reading it again; made again by itself."
        ),
        DataPart.LOGS: translate(
            "data", "What happened, without anything you wrote; old ones make room."
        ),
        DataPart.OTHER: translate("data", "Not of Moestro; it never touches them."),
    }[part]


def part_amount(use: PartUse) -> str:
    """How large a part is; a dash when there is nothing of it."""
    return size_words(use.size_bytes) if use.files else "–"
