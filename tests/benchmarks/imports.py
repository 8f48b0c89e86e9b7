"""Taking over a large ChatGPT export: ``python -m tests.benchmarks.imports [--megabytes N]``.

Making the export takes some seconds and as many megabytes as it has; the history and the staging
file take as much again, twice.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from app.history.schema import history_migrations
from app.imports.imports import Imports
from app.imports.report import Preview, ReadingSoFar, Taken, TakingSoFar
from app.posting import CallbackQueue, Scheduler
from app.storage.backup_files import BackupFile, Reason
from app.storage.copies import keep_copy
from app.storage.opening import Database, open_database
from models.errors import KnownError
from tests.benchmarks.machine import describe
from tests.benchmarks.measure import HEADER, Row, percentile
from tests.helpers.foreign_chats import gpt_conversation, gpt_node, gpt_words

MB = 1_000_000
_TURNS = 16
_WORDS = "river stone light under over model expert layer memory answer `code` 水 ä $x^2$ the a of"
_ASK_SECONDS = 0.01


def main(arguments: Sequence[str]) -> int:
    """Make, read, take over, print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.imports", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    options = parser.parse_args(arguments)
    _print(describe(), "", HEADER)
    with tempfile.TemporaryDirectory(prefix="moestro-imports-") as temporary:
        export = Path(temporary) / "conversations.json"
        messages = _make(export, options.megabytes * MB)
        _print(*_Measuring(Path(temporary)).rows(export, messages))
    return 0


def _make(path: Path, size: int) -> int:
    """An export of about ``size`` bytes; returns how many messages it has."""
    draw = random.Random(1)
    words = _WORDS.split()
    count = number = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        while file.tell() < size:
            number += 1
            nodes: list[dict[str, Any]] = []
            parent = "client-created-root"
            for turn in range(_TURNS):
                text = " ".join(draw.choices(words, k=draw.randint(40, 400)))
                key = f"{number}-{turn}"
                role = "assistant" if turn % 2 else "user"
                seconds = 1_600_000_000 + number * 1000 + turn
                nodes.append(gpt_node(key, parent, role, gpt_words(text), seconds=seconds))
                parent = key
            count += _TURNS
            chat = gpt_conversation(
                nodes, parent, title=f"Chat {number}", conversation_id=f"c{number}",
                id=f"c{number}", create_time=1_600_000_000 + number * 1000,
            )  # fmt: skip
            file.write(("," if number > 1 else "") + json.dumps(chat, ensure_ascii=False))
        file.write("]")
    return count


class _Measuring:
    """One import, watched from the thread that a window would have."""

    def __init__(self, root: Path) -> None:
        self._queue = CallbackQueue()
        self._scheduler = Scheduler(self._queue.post)
        self._history = root / "data" / "history.sqlite3"
        self._history.parent.mkdir()
        self._database: Database = open_database(
            self._history, history_migrations(), None, self._queue.post
        )
        self._gaps: list[float] = []
        self._memory = self._helper_memory = 0
        self._own = psutil.Process()

    def rows(self, export: Path, messages: int) -> list[Row]:
        """Everything that was measured."""
        imports = Imports(
            self._database, self._history.parent / "importing", self._queue.post,
            self._scheduler, self._back_up,
        )  # fmt: skip
        heard: list[Preview | KnownError] = []
        began = time.monotonic()
        reading = [began]

        def progress(_so_far: ReadingSoFar) -> None:
            reading[0] = time.monotonic()

        importing = imports.begin([export], heard.append, heard.append, progress)
        self._wait(lambda: bool(heard))
        previewed = time.monotonic()
        preview = heard[0]
        assert isinstance(preview, Preview), preview
        assert preview.messages == messages, (preview.messages, messages)
        read_gap, self._gaps = percentile(self._gaps, 0.99), []
        told: list[Taken | KnownError] = []
        merging: list[float] = []

        def taking(so_far: TakingSoFar) -> None:
            if not so_far.backup and not merging:
                merging.append(time.monotonic())

        importing.take([row.id for row in preview.rows], told.append, told.append, taking)
        self._wait(lambda: bool(told))
        ended = time.monotonic()
        assert isinstance(told[0], Taken), told[0]
        assert told[0].messages == messages
        gap = percentile(self._gaps, 0.99)
        opened = self._opened()
        imports.close()
        self._database.close()
        self._scheduler.close()
        of = f"{export.stat().st_size / MB:.0f} MB, {messages:,} messages"
        return [
            Row(f"{of}: read aside", [messages / (reading[0] - began)], "messages/s"),
            Row(f"{of}: until the preview", [previewed - began], "s"),
            Row(f"{of}: the writer is busy, commit included", [ended - merging[0]], "s"),
            Row(f"{of}: taken over", [messages / (ended - merging[0])], "messages/s"),
            Row(f"{of}: most memory of the helper", [self._helper_memory / 2**20], "MiB", "≤ 1024"),
            Row(f"{of}: most memory of the application", [self._memory / 2**20], "MiB"),
            Row(f"{of}: a read of the list while reading, p99", [read_gap * 1000], "ms", "≤ 33"),
            Row(f"{of}: a read of the list while taking over, p99", [gap * 1000], "ms", "≤ 33"),
            Row(f"{of}: the list read afterwards", [opened * 1000], "ms"),
        ]

    def _back_up(
        self, done: Callable[[BackupFile], None], _failed: Callable[[KnownError], None]
    ) -> None:
        kept = keep_copy(self._history, self._history.parent / "backups", Reason.IMPORT)
        self._queue.post(lambda: done(kept))

    def _wait(self, done: Callable[[], bool]) -> None:
        """Look into the history a hundred times a second, as a window that is used does."""
        while not done():
            self._queue.run_until(done, _ASK_SECONDS)
            self._gaps.append(self._opened())
            self._memory = max(self._memory, self._own.memory_info().rss)
            for child in self._own.children():
                with suppress(psutil.Error):
                    self._helper_memory = max(self._helper_memory, child.memory_info().rss)

    def _opened(self) -> float:
        began = time.monotonic()
        self._database.read(
            lambda connection: connection.execute(
                "SELECT id, title FROM conversations ORDER BY sequence DESC LIMIT 50"
            ).fetchall()
        )
        return time.monotonic() - began


def _print(*lines: object) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
