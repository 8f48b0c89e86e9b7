"""Copies what was chosen from a staging file into the history: the work of one transaction.

Nothing that is here is changed or lost: what has an id of here stays as it is here. Only the
branch that is shown goes on where it was continued elsewhere.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.history import branches
from app.imports.cells import text_cell, text_or_none_cell, whole_cell
from app.imports.errors import ImportingError
from app.imports.joining import JoinedFolders
from app.imports.placing import Placed, place
from app.imports.report import Taken
from app.imports.staging import ORIGIN_TABLE
from app.storage.connection import Connection

_LOOK_EVERY = 200
"""Messages between two looks whether to go on."""

_CONVERSATION = (
    "SELECT c.id, c.title, c.system_prompt, c.sampling, c.model_key, c.leaf_id, c.created_ms,"
    " c.updated_ms, c.sequence, c.overflow, c.pinned, c.moves, c.folder_id, o.source"
    f" FROM conversations AS c JOIN {ORIGIN_TABLE} AS o ON o.conversation_id = c.id"
    " ORDER BY c.sequence, c.row"
)
_MESSAGES = (
    "SELECT id, parent_id, sequence, role, text, reasoning, state, created_ms, details, pinned,"
    " shown FROM messages WHERE conversation_id = ? ORDER BY sequence, row"
)


@dataclass(slots=True)
class _Counts:
    added: int = 0
    grown: int = 0
    same: int = 0
    messages: int = 0
    files: int = 0
    trashed: list[str] = field(default_factory=list)


class Merging:
    """One transaction's work; ``go_on`` is asked often and raises to give up."""

    def __init__(
        self,
        staging: Connection,
        wanted: Collection[str],
        tell: Callable[[int], None],
        go_on: Callable[[], None],
    ) -> None:
        self._staging = staging
        self._wanted = set(wanted)
        self._tell = tell
        self._go_on = go_on
        self._counts = _Counts()
        self._placed: list[Placed] = []
        """Conversations whose place among the others is to be found."""

    def work(self, connection: Connection) -> Taken:
        """Take over what is wanted. Raises ImportingError, or what ``go_on`` raises."""
        # Children may come before their parents; all is checked before the commit.
        connection.pragma("defer_foreign_keys", True)
        folders = JoinedFolders(self._staging, connection)
        done = 0
        for conversation in self._staging.execute(_CONVERSATION):
            if conversation[0] not in self._wanted:
                continue
            self._go_on()
            self._take(connection, conversation, folders)
            done += 1
            self._tell(done)
        place(connection, self._placed)
        self._go_on()
        counts = self._counts
        return Taken(
            added=counts.added,
            grown=counts.grown,
            same=counts.same + len(self._wanted) - done,
            trashed=tuple(counts.trashed),
            messages=counts.messages,
            files=counts.files,
            backup="",
        )

    def _take(
        self, connection: Connection, conversation: tuple[Any, ...], folders: JoinedFolders
    ) -> None:
        own = text_cell(conversation[0])
        here = connection.execute(
            "SELECT trashed_ms, leaf_id FROM conversations WHERE id = ?", (own,)
        ).fetchone()
        if here is not None and here[0] is not None:
            self._counts.trashed.append(text_cell(conversation[1]))
            return
        if here is None:
            self._insert(connection, conversation, folders)
        files = self._counts.files
        inserted = self._take_messages(connection, own, is_new=here is None)
        if here is None:
            self._counts.added += 1
        elif inserted:
            self._counts.grown += 1
            self._continue(connection, conversation, here[1], inserted)
        elif self._counts.files > files:
            self._counts.grown += 1
        else:
            self._counts.same += 1

    def _insert(self, connection: Connection, row: tuple[Any, ...], folders: JoinedFolders) -> None:
        folder = None if row[12] is None else folders.here(text_cell(row[12]), text_cell(row[13]))
        connection.execute(
            "INSERT INTO conversations (id, title, system_prompt, sampling, model_key, leaf_id,"
            " created_ms, updated_ms, sequence, overflow, pinned, moves, folder_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                text_cell(row[0]),
                text_cell(row[1]),
                text_cell(row[2]),
                text_or_none_cell(row[3]),
                text_cell(row[4]),
                text_or_none_cell(row[5]),
                whole_cell(row[6]),
                whole_cell(row[7]),
                whole_cell(row[8]),
                text_cell(row[9]),
                whole_cell(row[10]),
                whole_cell(row[11]),
                folder,
            ),
        )
        self._placed.append(_placed(row))

    def _take_messages(
        self, connection: Connection, conversation_id: str, *, is_new: bool
    ) -> dict[str, str | None]:
        """Parents of those that are new."""
        here: dict[str, int] = {}
        below: Collection[str] = ()
        if not is_new:
            known = connection.execute(
                "SELECT id, sequence, trashed_by IS NOT NULL FROM messages"
                " WHERE conversation_id = ?",
                (conversation_id,),
            ).fetchall()
            here = {text_cell(row[0]): whole_cell(row[1]) for row in known}
            trashed = {text_cell(row[0]) for row in known if row[2]}
            below = self._below(conversation_id, here, trashed) if trashed else frozenset()
        last = max(here.values(), default=0)
        inserted: dict[str, str | None] = {}

        def rows() -> Iterator[tuple[Any, ...]]:
            # No query of ours for each message: others wait until all of this is done.
            for number, row in enumerate(self._staging.execute(_MESSAGES, (conversation_id,))):
                if number % _LOOK_EVERY == 0:
                    self._go_on()
                own = text_cell(row[0])
                if own in here or own in below:
                    continue
                inserted[own] = text_or_none_cell(row[1])
                yield (
                    own,
                    conversation_id,
                    inserted[own],
                    whole_cell(row[2]) if is_new else last + len(inserted),
                    text_cell(row[3]),
                    text_cell(row[4]),
                    text_cell(row[5]),
                    text_cell(row[6]),
                    whole_cell(row[7]),
                    text_or_none_cell(row[8]),
                    whole_cell(row[9]),
                    whole_cell(row[10]) if is_new else 0,
                )

        connection.executemany(
            "INSERT INTO messages (id, conversation_id, parent_id, sequence, role, text,"
            " reasoning, state, created_ms, details, pinned, shown)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows(),
        )
        self._counts.messages += len(inserted)
        self._take_files(connection, conversation_id, inserted)
        self._take_summaries(connection, conversation_id, inserted)
        return inserted

    def _below(
        self, conversation_id: str, here: Collection[str], trashed: Collection[str]
    ) -> frozenset[str]:
        """New messages below what was deleted here: without it they make no sense."""
        children: dict[str, list[str]] = {}
        for own, parent in self._staging.execute(
            "SELECT id, parent_id FROM messages WHERE conversation_id = ?", (conversation_id,)
        ):
            if parent is not None and own not in here:
                children.setdefault(text_cell(parent), []).append(text_cell(own))
        found: set[str] = set()
        waiting = [child for each in trashed for child in children.get(each, ())]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting.extend(children.get(each, ()))
        return frozenset(found)

    def _take_files(
        self, connection: Connection, conversation_id: str, inserted: Collection[str]
    ) -> None:
        carried = self._staging.execute(
            "SELECT c.message_id, c.attachment_id, c.position, c.way, c.part, c.given"
            " FROM messages AS m JOIN message_attachments AS c ON c.message_id = m.id"
            " WHERE m.conversation_id = ? ORDER BY m.sequence, m.row, c.position",
            (conversation_id,),
        )
        for message_id, file, position, way, part, given in carried:
            if message_id not in inserted:
                self._fill(connection, text_cell(file))
                continue
            self._take_file(connection, text_cell(file))
            connection.execute(
                "INSERT INTO message_attachments"
                " (message_id, attachment_id, position, way, part, given)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    text_cell(message_id),
                    text_cell(file),
                    whole_cell(position),
                    text_cell(way),
                    text_cell(part),
                    text_or_none_cell(given),
                ),
            )

    def _take_file(self, connection: Connection, file: str) -> None:
        if connection.execute("SELECT 1 FROM attachments WHERE id = ?", (file,)).fetchone():
            self._fill(connection, file)
            return
        row = self._staging.execute(
            "SELECT name, kind, size, sha256, text, sections, created_ms FROM attachments"
            " WHERE id = ?",
            (file,),
        ).fetchone()
        if row is None:
            raise ImportingError("import.unexpected")
        connection.execute(
            "INSERT INTO attachments"
            " (id, name, kind, size, sha256, text, sections, created_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                file,
                text_cell(row[0]),
                text_cell(row[1]),
                whole_cell(row[2]),
                text_cell(row[3]),
                text_cell(row[4]),
                text_cell(row[5]),
                whole_cell(row[6]),
            ),
        )
        self._counts.files += 1

    def _fill(self, connection: Connection, file: str) -> None:
        """Give a file that came by its name alone its content."""
        empty = connection.execute(
            "SELECT row, size, sha256 FROM attachments WHERE id = ? AND text = '' AND size > 0",
            (file,),
        ).fetchone()
        if empty is None:
            return
        full = self._staging.execute(
            "SELECT text, sections FROM attachments"
            " WHERE id = ? AND size = ? AND sha256 = ? AND text <> ''",
            (file, empty[1], empty[2]),
        ).fetchone()
        if full is None:
            return
        connection.execute(
            "UPDATE attachments SET text = ?, sections = ? WHERE row = ?",
            (text_cell(full[0]), text_cell(full[1]), empty[0]),
        )
        connection.execute(
            "INSERT INTO search_pending (row, changes) VALUES (?, 0)"
            " ON CONFLICT (row) DO UPDATE SET changes = changes + 1",
            (4 * whole_cell(empty[0]) + 2,),
        )
        self._counts.files += 1

    def _take_summaries(
        self, connection: Connection, conversation_id: str, inserted: Collection[str]
    ) -> None:
        rows = self._staging.execute(
            "SELECT until_id, text, edited, created_ms FROM summaries WHERE conversation_id = ?"
            " ORDER BY row",
            (conversation_id,),
        )
        connection.executemany(
            "INSERT INTO summaries (until_id, conversation_id, text, edited, created_ms)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                (
                    text_cell(until),
                    conversation_id,
                    text_cell(text),
                    whole_cell(edited),
                    whole_cell(created),
                )
                for until, text, edited, created in rows
                if until in inserted
            ),
        )

    def _continue(
        self,
        connection: Connection,
        conversation: tuple[Any, ...],
        leaf_here: str | None,
        inserted: dict[str, str | None],
    ) -> None:
        """If it was used there last, it moves; if its branch only became longer, that is shown."""
        placed = _placed(conversation)
        own = placed.id
        connection.execute(
            "UPDATE conversations SET updated_ms = ?1 WHERE id = ?2 AND updated_ms < ?1",
            (placed.updated_ms, own),
        )
        if connection.changes():
            self._placed.append(placed)
        leaf = conversation[5]
        above = leaf
        for _ in inserted:  # as often as there could be one above, were it a circle
            above = inserted.get(above, above)
        if leaf in inserted and above == leaf_here:
            branches.show(connection, own, leaf)


def _placed(row: tuple[Any, ...]) -> Placed:
    return Placed(text_cell(row[0]), text_cell(row[13]), whole_cell(row[7]), whole_cell(row[8]))
