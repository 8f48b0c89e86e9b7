"""Damages a real history in one way per seed, opens it as the application does, and counts."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from app.backups.mending import mend_history
from app.history import changes
from app.history.entities import Conversation, Message, MessageState, Role
from app.history.repository import History
from app.history.schema import history_migrations
from app.ids import new_id
from app.storage.connection import Connection
from app.storage.opening import Database, open_database

PAGE = 4096
CHATS, TURNS = 24, 6
KINDS = (
    "one byte flipped", "a byte of the first page flipped", "cut off", "a page of zeros",
    "the first page zeros", "zeros to the end", "a text file", "a directory", "no byte at all",
)  # fmt: skip


@dataclass
class Outcome:
    """What one seed came to. Empty ``faults`` is what is promised."""

    kind: str
    seed: int
    noticed: bool = False
    messages: int = 0
    chats: int = 0
    told_lost: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Original:
    """The sound file: its bytes, and the ids and texts in it."""

    content: bytes
    chats: frozenset[str]
    texts: dict[str, str]


def opened(path: Path, backups: Path | None = None) -> Database:
    return open_database(
        path, history_migrations(), backups, lambda callback: callback(), mend=mend_history
    )


def make_original(path: Path, *, chats: int = CHATS, turns: int = TURNS) -> Original:
    """A history with short and long messages, the latter over many pages."""
    database = opened(path)
    dice = random.Random(7)
    texts: dict[str, str] = {}
    ids = []
    for number in range(chats):
        conversation = Conversation(new_id(), f"Chat {number}")
        ids.append(conversation.id)

        def write(connection: Connection, conversation: Conversation = conversation) -> None:
            parent = None
            for turn in range(turns):
                length = 40_000 if dice.random() < 0.05 else dice.randrange(20, 900)
                user = Message(new_id(), conversation.id, parent, Role.USER, f"Question {turn}?")
                answer = Message(
                    new_id(), conversation.id, user.id, Role.ASSISTANT, f"{turn} " * length,
                    state=MessageState.COMPLETE,
                )  # fmt: skip
                changes.begin_turn(connection, conversation, user, answer, 1_700_000_000_000 + turn)
                texts.update({user.id: user.text, answer.id: answer.text})
                parent = answer.id

        database.writer.run(write)
    database.close()
    return Original(path.read_bytes(), frozenset(ids), texts)


def damage(content: bytes, kind: str, seed: int) -> bytes | None:
    """The bytes after the accident; None for a directory."""
    dice = random.Random(f"{kind} {seed}")
    data = bytearray(content)
    pages = len(data) // PAGE
    match kind:
        case "one byte flipped":
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        case "a byte of the first page flipped":
            data[dice.choice((dice.randrange(100), dice.randrange(PAGE)))] ^= 1 << dice.randrange(8)
        case "cut off":
            del data[dice.randrange(1, len(data)) :]
        case "a page of zeros":
            page = dice.randrange(1, pages)
            data[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
        case "the first page zeros":
            data[:PAGE] = bytes(PAGE)
        case "zeros to the end":
            start = dice.randrange(1, pages) * PAGE
            data[start:] = bytes(len(data) - start)
        case "a text file":
            data = bytearray(b"Dear diary, " * dice.randrange(1, 2000))
        case "no byte at all":
            data.clear()
        case _:
            return None
    return bytes(data)


def trial(
    folder: Path, original: Original, kind: str, seed: int,
    open_it: Callable[[Path], Database] = opened,
) -> Outcome:  # fmt: skip
    """Damage, open, read and write; everything that is not as promised is a fault."""
    outcome = Outcome(kind, seed)
    path = folder / f"{KINDS.index(kind)}-{seed}" / "history.sqlite3"
    path.parent.mkdir(parents=True)
    content = damage(original.content, kind, seed)
    if content is None:
        (path / "inside").mkdir(parents=True)
    else:
        path.write_bytes(content)
    try:
        database = open_it(path)
    except Exception as error:
        outcome.faults.append(f"did not open: {error!r}")
        return outcome
    try:
        _judge(outcome, database, original)
        _check_kept(outcome, path, content)
    except Exception as error:
        outcome.faults.append(f"not usable: {error!r}")
    finally:
        database.close()
    return outcome


def _judge(outcome: Outcome, database: Database, original: Original) -> None:
    history = History(database)
    history.mark_interrupted()
    outcome.noticed = bool(database.notices)
    outcome.told_lost = sum(int(each.facts.get("missing", 0)) for each in database.notices)
    for trashed in (False, True):
        for chat in history.conversations(trashed=trashed):
            outcome.chats += chat.id in original.chats
            found = history.messages(chat.id)
            shown = history.branch(chat.id)
            if found and not shown:
                outcome.faults.append(f"chat {chat.id} shows nothing of {len(found)} messages")
            for message in found:
                outcome.messages += message.id in original.texts
    database.writer.run(
        lambda connection: changes.create(connection, Conversation(new_id(), "After"), 1)
    )
    if database.read(lambda connection: connection.execute("PRAGMA foreign_key_check").fetchall()):
        outcome.faults.append("rows that refer to nothing")


def _check_kept(outcome: Outcome, path: Path, content: bytes | None) -> None:
    # Looking at a file leaves an empty log beside it, which goes along.
    kept = [
        each
        for each in path.parent.glob("*.damaged-*")
        if not each.name.endswith(("-shm", "-wal"))
        or (each.stat().st_size and not each.name.endswith("-shm"))
    ]
    if content and outcome.noticed and (len(kept) != 1 or kept[0].read_bytes() != content):
        outcome.faults.append(f"the damaged file was not kept as it was: {kept}")
    if content is None and not any((each / "inside").is_dir() for each in kept):
        outcome.faults.append("the directory was not kept")
    left = {each.name for each in path.parent.iterdir()} - {each.name for each in kept}
    strays = {name for name in left if name.endswith((".preparing", ".trial", ".reading"))}
    if strays or any(name.endswith(".waiting") for name in left):
        outcome.faults.append(f"left behind: {left}")


def table(outcomes: Iterable[Outcome], original: Original) -> str:
    """The result as a table for the docs."""
    rows: dict[str, list[Outcome]] = {}
    for each in outcomes:
        rows.setdefault(each.kind, []).append(each)
    lines = [
        "| damage | seeds | opened | noticed | messages readable | of all | at least | faults |",
        "|---|---|---|---|---|---|---|---|",
    ]
    total = len(original.texts)
    for kind, found in rows.items():
        faults = Counter(bool(each.faults) for each in found)[True]
        messages = sum(each.messages for each in found)
        noticed = sum(each.noticed for each in found)
        lines.append(
            f"| {kind} | {len(found):,} | {len(found) - faults:,} | {noticed:,} | {messages:,} |"
            f" {100 * messages / (total * len(found)):.1f} % |"
            f" {100 * min(each.messages for each in found) / total:.1f} % | {faults} |"
        )
    return "\n".join(lines)
