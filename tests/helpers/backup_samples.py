"""Backups and data folders to show: many, odd and damaged ones, without a disk behind them."""

from datetime import timedelta
from pathlib import Path

from app.backups.comparing import Difference
from app.backups.data_parts import DataPart, DataUse, PartUse
from app.backups.describing import BackupContents
from app.backups.desk import Listed
from app.storage.backup_files import BackupFile, Reason
from tests.helpers.hard_profile import NOW, conversations
from ui.data.view import CardView, DetailView
from ui.data.words import moment_words

REASONS = tuple(Reason)
FOLDER = Path("/home/anna/.local/share/Moestro")


def listed(count: int = 14) -> tuple[Listed, ...]:
    """Newest first, for every reason; the third is damaged, the fifth not checked yet."""
    titles = [chat.title for chat in conversations()]
    rows = []
    for number in range(count, 0, -1):
        made = NOW - timedelta(hours=13 * (count - number))
        reason = REASONS[number % len(REASONS)]
        name = f"history-{number:06}-{made:%Y%m%dT%H%M%SZ}-{reason}.sqlite3"
        file = BackupFile(FOLDER / "backups" / name, number, made, reason, 4_000_000 + number**4)
        contents = BackupContents(
            file=file, version=5, conversations=60 - (count - number), trashed=number % 4,
            messages=number * 220, newest_titles=tuple(titles[number % 9 :][:3]),
            last_written_ms=round(made.timestamp() * 1000),
        )  # fmt: skip
        place = count - number
        if place == 2:
            rows.append(Listed(file, None, False))
        else:
            rows.append(Listed(file, contents, None if place == 4 else True))
    return tuple(rows)


def difference() -> Difference:
    """Everything at once, with the longest titles."""
    titles = [chat.title for chat in conversations()]
    return Difference(
        going=14, going_titles=tuple(titles[:3]), coming=2, coming_titles=("", titles[8]),
        changed=1, conversations_now=60, messages_now=3_080,
    )  # fmt: skip


def detail(place: int = 0) -> DetailView:
    """The backup in a row of ``listed``, compared."""
    row = listed()[place]
    return DetailView(
        title=moment_words(row.file.made), about="Made by itself  ·  It makes room",
        contents=row.contents, difference=difference(), has_settings=True,
    )  # fmt: skip


def card() -> CardView:
    """The longest sentence with both verbs."""
    words = (
        "The chats of 31 September 2026, 23:59 come back when Moestro starts again; those of now"
        " are backed up first."
    )
    return CardView("good", words, (("restart", "Start again now"), ("stay", "Take it back")))


def data_use(root: Path = FOLDER) -> DataUse:
    """A folder with something of every part."""
    sizes = {
        DataPart.HISTORY: 61_400_000, DataPart.SETTINGS: 812, DataPart.BACKUPS: 812_000_000,
        DataPart.ASIDE: 59_000_000, DataPart.MODELS: 212_000_000_000, DataPart.LIBRARY: 940_000,
        DataPart.CACHE: 410_000_000, DataPart.STATES: 3_100_000_000, DataPart.LOGS: 5_100_000,
        DataPart.OTHER: 41_000,
    }  # fmt: skip
    parts = tuple(
        PartUse(part, root / ("a-folder-in-a-folder/" * 5 + part.value), size, 1 + size % 7)
        for part, size in sizes.items()
    )
    return DataUse(root, parts, 340_000_000_000)
