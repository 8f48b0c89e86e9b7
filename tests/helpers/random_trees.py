"""Random conversations with every kind of content, and a history that is filled with them."""

import base64
import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import msgspec
from hypothesis import strategies as st

from app.attachments.entities import Kind, Section
from app.engine.entities import Plan, SamplingParameters, Timings
from app.export.base import ExportOptions
from app.export.exports import Exports
from app.export.scope import Everything
from app.history import branches, changes, folders
from app.history.entities import (
    AnswerDetails,
    AttachedText,
    AttachedWay,
    Conversation,
    Message,
    MessageState,
    Overflow,
    Role,
    Summary,
)
from app.history.schema import history_migrations
from app.ids import new_id
from app.posting import CallbackQueue
from app.storage.connection import Connection
from app.storage.opening import Database, open_database
from app.text import clean

ODD = [
    "", "plain", "nul \0 in it", "lone \ud800 one", "\u202eright", "\U0001f9d1\u200d\U0001f680",
    '“q”\\"\n\t\r\x1b', "```py\nx = 1\n```", "\ufeffmark", "\u2028\u2029", "</script>",
    "|a|b|\n|-|-|", "$\\frac{1}{2}$", "é" * 300, '{"format":"moestro"}',
]  # fmt: skip
PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(64)).decode()

WORDS = st.sampled_from(ODD) | st.text(max_size=60)


def details(draw: random.Random) -> AnswerDetails:
    """How an answer came about."""
    return AnswerDetails(
        model_key=draw.choice(["", "ab" * 32 + "-123"]),
        model_name=draw.choice(["Tiny 1B", "模型", ""]),
        quantization=draw.choice(["", "Q4_K_M"]),
        is_demo=draw.random() < 0.2,
        plan=draw.choice([None, Plan(context_tokens=2048, threads=2)]),
        sampling=draw.choice(
            [None, SamplingParameters(temperature=0.1 + draw.random(), stop=("END", "\0"))]
        ),
        stop_reason=draw.choice([None, "stop", "length"]),
        timings=draw.choice(
            [None, Timings(prompt_tokens=3, generated_tokens=1, tokens_per_second=1 / 3)]
        ),
        failure=draw.choice(["", "history.repaired"]),
        failure_facts=draw.choice([{}, {"name": "x", "count": 3, "part": 0.5}]),
        left_out=draw.choice([0, 4]),
    )


class Filler:
    """Fills one history, always the same for one seed; ``words`` gives its texts."""

    def __init__(self, connection: Connection, seed: int, words: Callable[[], str]) -> None:
        self._connection = connection
        self._draw = random.Random(seed)
        self._words = words
        self._now = 1_800_000_000_000

    def fill(self, conversations: int, most_messages: int) -> None:
        """Make so many conversations; some lie in folders, some are empty, some are deleted."""
        made = [folders.create(self._connection, name, 5) for name in ("Work", "Work", "ä/b")]
        for _ in range(conversations):
            self._now += 1000
            own = new_id()
            conversation = Conversation(
                own,
                self._words(),
                system_prompt=self._words(),
                sampling=self._draw.choice([None, SamplingParameters(seed=7)]),
                model_key=self._draw.choice(["", "key"]),
                created_ms=self._now,
                overflow=self._draw.choice(list(Overflow)),
            )
            changes.create(self._connection, conversation, self._now)
            if self._draw.random() < 0.5:
                folders.move(self._connection, [own], self._draw.choice(made).id)
            folders.pin(self._connection, [own], self._draw.random() < 0.3)
            self._messages(own, self._draw.randint(0, most_messages))
        if conversations > 3:
            folder = made[-1].id
            self._connection.execute("UPDATE folders SET trashed_ms = 1 WHERE id = ?", (folder,))

    def _messages(self, own: str, count: int) -> None:
        ids: list[str] = []
        # Ids that were made within one millisecond are in no order.
        fresh = [new_id() for _ in range(count)]
        self._draw.shuffle(fresh)
        for each in fresh:
            role = self._draw.choice(list(Role))
            parent = self._draw.choice([*ids[-2:], *ids, None]) if ids else None
            message = Message(
                each,
                own,
                parent,
                role,
                self._words(),
                reasoning=self._words() if role is Role.ASSISTANT else "",
                state=self._draw.choice(list(MessageState)),
                created_ms=self._now + self._draw.randint(-5000, 5000),
                details=details(self._draw) if role is Role.ASSISTANT else None,
                pinned=self._draw.random() < 0.2,
                attachments=self._attachments(),
            )
            branches.insert(self._connection, message, self._now)
            ids.append(each)
            if self._draw.random() < 0.2:
                summary = Summary(each, own, self._words(), self._draw.random() < 0.5, 77)
                changes.set_summary(self._connection, summary, 77)
            if self._draw.random() < 0.3:
                branches.show(self._connection, own, self._draw.choice(ids))
        if len(ids) > 3 and self._draw.random() < 0.3:
            branches.trash(self._connection, ids[2], 99, alone=self._draw.random() < 0.5)

    def _attachments(self) -> tuple[AttachedText, ...]:
        found = []
        while self._draw.random() < 0.25:
            text = clean(self._words() * 3)
            kind = self._draw.choice([Kind.TEXT, Kind.PDF, Kind.IMAGE])
            if kind is Kind.IMAGE:
                text = f"data:image/png;base64,{PICTURE}"
            half = len(text) // 2
            sections = [Section("1", 0, half), Section(clean(self._words()), half, len(text))]
            own = new_id()
            digest = hashlib.sha256(text.encode()).hexdigest()
            self._connection.execute(
                "INSERT INTO attachments (id, name, kind, size, sha256, text, sections, created_ms)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    own, "näme.txt", kind.value, len(text), digest, text,
                    msgspec.json.encode(sections[: self._draw.randint(0, 2)]).decode(), 3,
                ),
            )  # fmt: skip
            whole = AttachedText(
                own, "näme.txt", kind.value, len(text), digest, AttachedWay.WHOLE, "", text
            )
            found.append(whole)
            if self._draw.random() < 0.4:
                part = replace(whole, way=AttachedWay.PART, part="pages 1–2", text=text[:half])
                found.append(part)
        return tuple(found)


class Folder:
    """One data folder's history, open; ``fill`` and ``json`` are what tests do with it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.posted = CallbackQueue()
        self.database: Database = open_database(
            root / "history.sqlite3", history_migrations(), None, self.posted.post
        )
        self.exports = Exports(self.database, self.posted.post)

    def fill(self, seed: int, words: Callable[[], str], chats: int = 4, messages: int = 9) -> None:
        """Fill it with random conversations."""

        def work(connection: Connection) -> None:
            Filler(connection, seed, words).fill(chats, messages)

        self.database.writer.run(work)

    def json(self) -> bytes:
        """All of it as our JSON."""
        stream = BytesIO()
        self.exports.stream(Everything(), "json", ExportOptions(), stream)
        return stream.getvalue()

    def dump(self) -> list[object]:
        """Every row of every table that matters, to see that nothing changed."""

        def read(connection: Connection) -> list[object]:
            tables = (
                "conversations", "messages", "attachments", "message_attachments", "summaries",
                "folders",
            )  # fmt: skip
            return [
                row
                for table in tables
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY row")
            ]

        return self.database.read(read)

    def close(self) -> None:
        """Close the files."""
        self.exports.close()
        self.database.close()
