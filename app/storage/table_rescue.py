"""One table of an attached damaged database: row ranges halved around unreadable pages."""

import logging
from collections import deque
from contextlib import suppress

import apsw

from app.storage.connection import Connection

log = logging.getLogger("moestro.storage")

_POWERS = 40
"""The row numbers that SQLite gives out by itself begin at 1 and go up."""

_SILENT = 4
"""After so many doublings without a row the table has ended."""

_TRIES, _FEWER_TRIES = 20_000, 2_000
"""Reads that may be in vain in a range: one of nothing but rubbish ends too."""

_PROBES = 400
_UNREADABLE = (apsw.CorruptError, apsw.NotADBError, apsw.IOError, apsw.TooBigError, apsw.NoMemError)
_EMPTY = {"TEXT": "''", "INTEGER": "0", "REAL": "0.0", "BLOB": "x''"}
_KINDS = {"TEXT": ("text",), "INTEGER": ("integer",), "REAL": ("real", "integer")}


def tables_of(fresh: Connection) -> list[str]:
    """The tables of ours that hold rows of their own; a search index is made of others.

    So is what a name with ``search_`` begins: triggers fill it again, row by row.
    Those that others refer to come first where they were made first.
    """
    return [
        str(name)
        for name, kind in fresh.execute(
            "SELECT l.name, l.type FROM pragma_table_list AS l JOIN main.sqlite_schema AS s"
            " ON s.name = l.name WHERE l.schema = 'main' ORDER BY s.rowid"
        )
        if kind == "table" and not str(name).startswith(("sqlite_", "search_"))
    ]


class TableRescue:
    """Copies what can be read of ``damaged.<table>`` into ``main.<table>``.

    ``lent``: where the table begins is known from another file, so that each row is judged.
    """

    def __init__(self, connection: Connection, table: str, *, lent: bool) -> None:
        self._connection = connection
        self._lent = lent
        self._table = table
        here = self._columns("main")
        there = {name for name, _kind, _required in self._columns("damaged")}
        self._shared = [column for column in here if column[0] in there]
        self._quoted = ", ".join(_quote(name) for name, _kind, _required in self._shared)
        self._values = ", ".join(_value(*column) for column in self._shared)
        self._judged = self._fitting() if lent else ""

    def run(self) -> tuple[int, int]:
        """Copy; returns how many rows were saved, and how many are known to be lost."""
        if not self._shared:
            return 0, 0
        # Triggers may have made some, out of rows that were saved before.
        made = self._count("main", "")
        ranges = self._ranges()
        found, silent = False, 0
        for first, last in ranges if self._leads_anywhere(ranges) else ():
            here = self._copy_around(first, last, _TRIES if len(ranges) == 1 else _FEWER_TRIES)
            found, silent = found or here, 0 if here else silent + 1
            if found and silent == _SILENT:
                break
        there = self._count("main", "")
        return there - made, max(0, self._expected() - there)

    def _columns(self, schema: str) -> list[tuple[str, str, bool]]:
        with suppress(*_UNREADABLE, apsw.SQLError):
            return [
                (str(row[1]), str(row[2]).upper(), bool(row[3]) and not row[5])
                for row in self._connection.execute(
                    f"PRAGMA {schema}.table_info({_quote(self._table)})"
                )
            ]
        return []

    def _ranges(self) -> list[tuple[int, int]]:
        """Row numbers to look at: up to the last one, if the table or an index tells it.

        Else as many as there may be, in steps that double.
        """
        first, last = (
            next(
                filter(None, (self._number(what, "damaged", hint) for hint in self._hints())), None
            )
            for what in ("min(rowid)", "max(rowid)")
        )
        if last is None:
            return [(2**power, 2 ** (power + 1) - 1) for power in range(_POWERS)]
        return [(1 if first is None else min(first, last), last)]

    def _copy_around(self, first: int, last: int, tries: int) -> bool:
        """Copy a range, halved around what cannot be read; whether there was any row."""
        found = False
        # In order of their size: what lies around a large hole is saved before its every row
        # is tried.
        waiting = deque([(first, last)])
        while waiting and tries > 0:
            first, last = waiting.popleft()
            if self._copy(first, last):
                found = found or self._connection.changes() > 0
                continue
            tries -= 1
            if first == last:
                self._copy_by_column(first)
                continue
            middle = (first + last) // 2
            waiting += [(first, middle), (middle + 1, last)]
        return found

    def _leads_anywhere(self, ranges: list[tuple[int, int]]) -> bool:
        """Whether any path from the table's first page ends at a page that can be read."""
        each = max(1, _PROBES // len(ranges))
        for row in (
            row
            for first, last in ranges
            for row in range(first, last + 1, max(1, (last - first) // each))
        ):
            with suppress(*_UNREADABLE, apsw.SQLError):
                self._connection.execute(
                    f"SELECT 1 FROM damaged.{_quote(self._table)} NOT INDEXED WHERE rowid = ?",
                    (row,),
                ).fetchall()
                return True
        return False

    def _copy(self, first: int, last: int) -> bool:
        """All rows of a range, or none."""
        return self._insert(
            f"SELECT {self._quoted if self._lent else self._values}"
            f" FROM damaged.{_quote(self._table)} NOT INDEXED"
            f" WHERE rowid BETWEEN ?1 AND ?2 {self._judged}",
            (first, last),
        )

    def _copy_by_column(self, row: int) -> None:
        """What can be read of one row whose end cannot, for what must not be empty an empty one."""
        cells: list[object] = []
        read = 0
        for name, kind, required in self._shared:
            try:
                cell = self._connection.execute(
                    f"SELECT CAST({_quote(name)} AS BLOB), typeof({_quote(name)})"
                    f" FROM damaged.{_quote(self._table)} NOT INDEXED WHERE rowid = ?",
                    (row,),
                ).fetchone()
            except _UNREADABLE:
                cells.append(_EMPTY.get(kind, "NULL") if required else "NULL")
                continue
            if cell is None:
                return
            read += cell[0] is not None and kind == "TEXT"
            cells.append(_literal(cell[0], str(cell[1])))
        if read:
            self._insert("SELECT " + ", ".join(str(cell) for cell in cells), ())

    def _insert(self, select: str, bindings: tuple[int, ...]) -> bool:
        target = f"main.{_quote(self._table)} ({self._quoted})"
        try:
            self._connection.execute(f"INSERT OR IGNORE INTO {target} {select}", bindings)
        except _UNREADABLE:
            return False
        return True

    def _fitting(self) -> str:
        """A row read at the wrong place has numbers where text belongs."""
        rules = []
        for name, kind, required in self._shared:
            kinds = (*_KINDS.get(kind, ()), *(() if required else ("null",)))
            if kind in _KINDS:
                listed = ", ".join(f"'{each}'" for each in kinds)
                rules.append(f"AND typeof({_quote(name)}) IN ({listed})")
        return " ".join(rules)

    def _expected(self) -> int:
        """How many rows there were, as far as the table or an index of it still tells."""
        return max(self._count("damaged", hint) for hint in self._hints())

    def _hints(self) -> list[str]:
        """The ways to read the table: it itself, then each index that has all rows."""
        names = []
        with suppress(*_UNREADABLE):
            names = [
                str(row[1])
                for row in self._connection.execute(
                    f"PRAGMA damaged.index_list({_quote(self._table)})"
                )
                if not row[4]
            ]
        return ["NOT INDEXED", *(f"INDEXED BY {_quote(name)}" for name in names)]

    def _count(self, schema: str, hint: str) -> int:
        return self._number("count(*)", schema, hint) or 0

    def _number(self, what: str, schema: str, hint: str) -> int | None:
        with suppress(*_UNREADABLE, apsw.SQLError):
            (row,) = self._connection.execute(
                f"SELECT {what} FROM {schema}.{_quote(self._table)} {hint}"
            )
            return None if row[0] is None else int(row[0])
        return None


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _value(name: str, kind: str, required: bool) -> str:
    """A cell to copy; one odd empty cell must not cost its row."""
    if required and kind in _EMPTY:
        return f"coalesce({_quote(name)}, {_EMPTY[kind]})"
    return _quote(name)


def _literal(cell: bytes | None, kind: str) -> str:
    """A cell as SQL; text goes as its bytes, which may not be text any more."""
    if cell is None:
        return "NULL"
    if kind == "blob":
        return f"x'{cell.hex()}'"
    if kind == "text":
        return f"CAST(x'{cell.hex()}' AS TEXT)"
    return cell.decode("ascii", "replace")
