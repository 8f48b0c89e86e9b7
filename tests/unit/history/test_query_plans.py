"""Whatever the history is asked and told, it looks things up: no query reads a whole table."""

import re

import apsw
import pytest

from app.history.entities import Role
from app.history.finding import Finder
from app.history.found import Filters
from app.history.organising import Organiser
from app.history.ranking import Ranking
from app.history.schema import history_migrations
from app.storage.connection import open_reader
from app.storage.opening import open_database

LARGE = {"messages", "m", "conversations", "c", "gone", "earlier", "other"}
"""What thousands of rows are called in queries."""

WHOLE_LIST = "conversations USING INDEX conversations_by_activity"
"""The list of all conversations is asked for, and is read in its order."""


class Watched:
    """Every statement of the connections it watches, as SQLite would run it."""

    def __init__(self, path):
        self.seen = {}
        self._own = open_reader(path)
        Ranking(self._own)

    def watch(self, connection):
        connection.exec_trace = self._note

    def _note(self, _cursor, sql, bindings):
        if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE)", sql):
            self.seen.setdefault(sql, bindings)
        return True

    def scans(self):
        """Plans that read all of a large table."""
        found = []
        for sql, bindings in self.seen.items():
            for *_numbers, detail in self._own.execute("EXPLAIN QUERY PLAN " + sql, bindings):
                match = re.match(r"SCAN (\w+)(?! VIRTUAL)", detail)
                if match and match[1] in LARGE and not detail.endswith(WHOLE_LIST):
                    found.append(f"{detail}: {' '.join(sql.split())}")
        return found

    def close(self):
        self._own.close()


@pytest.fixture
def watched(kept):
    made = Watched(kept.path)
    made.watch(kept.database.reader)
    kept.database.writer.run(made.watch)
    yield made
    made.close()


def test_opening_writing_deleting_and_erasing_look_things_up(kept, watched):
    organiser = Organiser(kept.database, kept.posted.post, lambda: kept.now)
    chat = kept.chat("Chat", "One?", "Two?")
    other = kept.chat("Other", "Three?")
    messages = kept.history.branch(chat.id)
    kept.history.messages(chat.id)
    kept.history.siblings(messages[0].id)
    kept.history.summaries(chat.id)
    kept.history.queued(chat.id)
    kept.history.conversations()
    kept.history.trashed_branches(chat.id)
    kept.history.mark_interrupted()
    kept.wait(kept.history.rename, chat.id, "Renamed")
    kept.wait(kept.history.fork, chat.id, messages[-1].id, "Fork")
    folder = kept.wait(organiser.create_folder, "Folder")
    kept.wait(organiser.move, [chat.id, other.id], folder.id)
    kept.wait(organiser.pin, [chat.id], True)
    deleted = kept.wait(organiser.delete_message, messages[2].id)
    kept.wait(organiser.restore, deleted)
    kept.wait(organiser.delete_message, messages[2].id)
    kept.wait(organiser.delete_conversations, [other.id])
    deleted = kept.wait(
        lambda **end: organiser.delete_folder(folder.id, **end, with_conversations=True)
    )
    organiser.folders()
    organiser.listed()
    kept.wait(organiser.restore, deleted)
    kept.wait(organiser.purge)
    organiser.deleted()
    kept.wait(organiser.empty_trash)
    organiser.close()
    assert len(watched.seen) > 45
    assert watched.scans() == []


def test_searching_and_indexing_look_things_up(kept, watched):
    finder = Finder(kept.database, kept.posted.post)
    organiser = Organiser(kept.database, kept.posted.post, lambda: kept.now)
    folder = kept.wait(organiser.create_folder, "Folder")
    chat = kept.chat("Chat apple", "an apple", "a pear")
    kept.wait(organiser.move, [chat.id], folder.id)
    try:
        finder._questions.wait_for(watched.watch)
        for text in ("apple ", "app", '"an apple" pear* -plum', "apple pear "):
            assert finder.find(text).text == text
        every = {
            "models": ("m",), "since_ms": 1, "until_ms": kept.now + 1, "folder_id": folder.id,
            "role": Role.USER,
        }  # fmt: skip
        for name, value in every.items():
            finder.find("apple ", filters=Filters(**{name: value}))
        finder.find("apple ", filters=Filters(**every))
        finder.find("apple ", filters=Filters(folder_id=""))
    finally:
        finder.close()
    assert len(watched.seen) > 20
    assert watched.scans() == []


@pytest.mark.parametrize(
    "index",
    [
        "messages_in_order", "messages_by_parent", "messages_by_deletion", "messages_in_trash",
        "conversations_by_folder",
    ],
)  # fmt: skip
def test_without_an_index_a_table_is_read_whole(tmp_path, index):
    """What the tests above would see."""
    path = tmp_path / "history.sqlite3"
    open_database(path, history_migrations(), None, lambda callback: callback()).close()
    raw = apsw.Connection(str(path))
    raw.execute(f"DROP INDEX {index}")
    raw.close()
    watched = Watched(path)
    watched.seen = {
        "SELECT 1 FROM messages WHERE conversation_id = ? ORDER BY sequence": ("a",),
        "SELECT 1 FROM messages WHERE parent_id = ?": ("a",),
        "SELECT 1 FROM messages WHERE trashed_ms < ?": (1,),
        "SELECT 1 FROM messages WHERE trashed_by = ?": ("a",),
        "SELECT 1 FROM conversations WHERE folder_id = ?": ("a",),
    }
    assert len(watched.scans()) == 1
    watched.close()
