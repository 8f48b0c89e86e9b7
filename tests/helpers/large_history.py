"""A large history, the same for the same numbers: many conversations, words as rare as in life."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from app.history import search_index
from app.history.schema import history_migrations
from app.storage.connection import Connection, open_reader, open_writer, transaction
from app.storage.opening import Database, open_database

BEGAN_MS = 1_700_000_000_000
_STEP_MS = 60_000
_FOLDERS = 40
MODELS = ("qwen3moe-30b", "deepseek2-16b", "gptoss-20b", "glm4moe-106b")
_VOCABULARY = 50_000
_CHUNK = 20_000
_FOREIGN = (
    "Die Größe des Gerätespeichers überschreitet die Schätzung.",
    "北京大学的图书馆在哪里",
    "東京の猫はとても静かです",
    "Où se trouve l’été dernier?",
    "call HttpRequestParser.parse_header(max_tokens=4096) first",
)


@dataclass(frozen=True, slots=True)
class LargeHistory:
    """What was made."""

    path: Path
    messages: int
    raw_bytes: int
    """Of all texts, as UTF-8."""
    words: tuple[str, ...]
    """The vocabulary, the most common word first."""


def vocabulary(seed: int = 5) -> tuple[str, ...]:
    """Words of syllables; no two are alike."""
    dice = random.Random(seed)
    syllables = [c + v + e for c in "bcdfghjklmnprstvwz" for v in "aeiou" for e in ("", "n", "r")]
    words: dict[str, None] = {}
    while len(words) < _VOCABULARY:
        # The common ones are short.
        count = 1 + min(4, int(math.log(len(words) / 60 + 1)) // 2 + dice.randrange(2))
        words["".join(dice.choices(syllables, k=count))] = None
    return tuple(words)


def make(
    path: Path, conversations: int, messages: int, say: Callable[[str], None] = lambda _text: None
) -> LargeHistory:
    """Write a history of this size, every text indexed, at ``path``; one that is there is used."""
    words = vocabulary()
    if not path.exists():
        part = path.with_name(path.name + ".making")
        part.unlink(missing_ok=True)
        _opened(part).close()
        _fill(part, conversations, messages, words, say)
        database = _opened(part)
        try:
            _index(database, say)
            database.writer.run(lambda connection: connection.pragma("optimize"))
        finally:
            database.close()
        part.rename(path)
    reader = open_reader(path)
    try:
        (row,) = reader.execute(
            "SELECT count(*), sum(octet_length(text) + octet_length(reasoning)) FROM messages"
        )
    finally:
        reader.close()
    return LargeHistory(path, int(row[0]), int(row[1]), words)


def _opened(path: Path) -> Database:
    return open_database(path, history_migrations(), None, lambda callback: callback())


def _index(database: Database, say: Callable[[str], None]) -> None:
    reader = open_reader(database.path)
    try:
        while search_index.index_for(reader, database.writer, 5.0):
            say(f"{search_index.waiting(reader)} texts to index")
    finally:
        reader.close()


def _fill(
    path: Path, conversations: int, messages: int, words: tuple[str, ...],
    say: Callable[[str], None],
) -> None:  # fmt: skip
    connection = open_writer(path)
    connection.pragma("synchronous", "off")
    try:
        with transaction(connection):
            connection.executemany(
                "INSERT INTO folders (id, name, created_ms) VALUES (?, ?, ?)",
                ((f"folder-{n}", f"Folder {n}", BEGAN_MS) for n in range(_FOLDERS)),
            )
            connection.executemany(
                "INSERT INTO conversations (id, title, system_prompt, model_key, leaf_id,"
                " created_ms, updated_ms, sequence, folder_id, pinned, trashed_ms)"
                " VALUES (?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?)",
                _conversations(conversations, messages, words),
            )
        rows = _messages(conversations, messages, words)
        for start in range(0, messages, _CHUNK):
            say(f"{start} of {messages} messages")
            _insert(connection, [next(rows) for _ in range(min(_CHUNK, messages - start))])
    finally:
        connection.close()


def _insert(connection: Connection, rows: list[tuple[object, ...]]) -> None:
    with transaction(connection):
        connection.executemany(
            "INSERT INTO messages (id, conversation_id, parent_id, sequence, role, text,"
            " reasoning, state, created_ms, details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )


def conversation_id(number: int) -> str:
    """The id of a conversation, by its number from 0."""
    return f"0198c0de-0000-7000-8000-{number:012x}"


def message_id(number: int) -> str:
    """The id of a message, by its number from 0."""
    return f"0198c0de-0001-7000-8000-{number:012x}"


def _conversations(
    count: int, messages: int, words: tuple[str, ...]
) -> Iterator[tuple[object, ...]]:
    dice = random.Random(11)
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    each = messages // count
    ended = BEGAN_MS + messages * _STEP_MS
    for number in range(count):
        title = " ".join(dice.choices(words, cum_weights=weights, k=dice.randrange(2, 8)))
        leaf = message_id((number + 1) * each - 1) if each else None
        when = BEGAN_MS + number * each * _STEP_MS
        folder = f"folder-{number % _FOLDERS}" if number % 3 == 0 else None
        yield (
            conversation_id(number), title.capitalize(), MODELS[number % len(MODELS)], leaf, when,
            when + each * _STEP_MS, number + 1, folder, number % 500 == 0,
            # Just now, as far as this history knows: a start must not erase it.
            ended if number % 97 == 5 else None,
        )  # fmt: skip


def _messages(
    conversations: int, count: int, words: tuple[str, ...]
) -> Iterator[tuple[object, ...]]:
    """One conversation after the other, each a single branch."""
    dice = random.Random(23)
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    each = count // conversations
    for number in range(count):
        chat, place = divmod(number, each)
        chat = min(chat, conversations - 1)
        asked = place % 2 == 0
        length = dice.randrange(3, 40) if asked else dice.randrange(10, 120)
        text = " ".join(dice.choices(words, cum_weights=weights, k=length)) + "."
        if number % 20 == 0:
            text += " " + dice.choice(_FOREIGN)
        reasoning = ""
        if not asked and number % 8 == 1:
            reasoning = " ".join(dice.choices(words, cum_weights=weights, k=30))
        model = MODELS[chat % len(MODELS)]
        details = None
        if not asked:
            details = (
                f'{{"model_key":"{model}","model_name":"Model","stop_reason":"stop",'
                f'"timings":{{"prompt_tokens":{length},"generated_tokens":{length}}}}}'
            )
        parent = message_id(number - 1) if place else None
        yield (
            message_id(number), conversation_id(chat), parent, place + 1,
            "user" if asked else "assistant", text, reasoning, "complete",
            BEGAN_MS + number * _STEP_MS, details,
        )  # fmt: skip
