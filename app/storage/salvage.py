"""Rows out of a damaged database into a fresh one: every table, around what cannot be read."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import apsw

from app.storage.connection import Connection, os_error, storage_error, transaction
from app.storage.copies import row_counts
from app.storage.grafting import Form, readable_forms
from app.storage.migrations import Migrations, migrate
from app.storage.soundness import is_sound
from app.storage.table_rescue import TableRescue, tables_of

log = logging.getLogger("moestro.storage")

Mend: TypeAlias = Callable[[Connection], None]
"""Gives rows that lost what they refer to a new hold; runs at the version of their file."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was saved, by table; ``lost`` counts what an index still knew, or what would not fit."""

    saved: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)

    @property
    def saved_rows(self) -> int:
        """Of all tables."""
        return sum(self.saved.values())

    @property
    def lost_rows(self) -> int:
        """Of all tables; at least so many."""
        return sum(self.lost.values())


def salvage(
    damaged: Path,
    target: Path,
    migrations: Migrations,
    mend: Mend,
    donors: Sequence[Path] = (),
) -> Salvaged:
    """Make ``target`` of every row of ``damaged`` that can be read; ``damaged`` is not changed.

    ``donors`` are sound copies of earlier states; the newest may lend its first page. The
    result is sound and at the newest version, perhaps without a row. Raises StorageError;
    ``target`` is then as it was.
    """
    working = target.with_name(target.name + ".reading")
    trial = target.with_name(target.name + ".trial")
    best: Salvaged | None = None
    try:
        for form in readable_forms(damaged, working, migrations, donors):
            found = _salvage_once(form, trial, migrations, mend)
            if best is None or found.saved_rows > best.saved_rows:
                best = found
                trial.replace(target)
            if best.saved_rows:
                break
        if best is None:
            best = _salvage_once(None, trial, migrations, mend)
            trial.replace(target)
    except apsw.Error as error:
        raise storage_error(error, damaged) from error
    except OSError as error:
        raise os_error(error, damaged) from error
    finally:
        _remove(trial)
    log.warning("%s: saved %s, lost %s", damaged.name, dict(best.saved), dict(best.lost))
    return best


def _salvage_once(form: Form | None, target: Path, migrations: Migrations, mend: Mend) -> Salvaged:
    """From one readable form of the file, begun with the version that its tables tell."""
    _remove(target)
    target.touch(mode=0o600)
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI
    with closing(apsw.Connection(target.absolute().as_uri(), flags=flags)) as fresh:
        # Begun again if it is cut off, and brought to the disk as a whole when it is done.
        fresh.pragma("journal_mode", "memory")
        fresh.pragma("synchronous", "off")
        saved: dict[str, int] = {}
        lost: dict[str, int] = {}
        if form is not None:
            migrate(fresh, target, migrations[: form.version])
            fresh.pragma("foreign_keys", False)
            _copy_rows(fresh, form, saved, lost)
            with transaction(fresh):
                # Before the later steps: each refuses rows that refer to nothing.
                mend(fresh)
                _let_go(fresh, saved, lost)
        migrate(fresh, target, migrations)
        if not is_sound(fresh):
            raise apsw.CorruptError(f"what was saved in {target.name} is not sound")
    return Salvaged(saved, lost)


def _copy_rows(fresh: Connection, form: Form, saved: dict[str, int], lost: dict[str, int]) -> None:
    fresh.execute("ATTACH ? AS damaged", (form.path.absolute().as_uri() + "?immutable=1",))
    for table in tables_of(fresh):
        saved[table], lost[table] = TableRescue(fresh, table, lent=form.lent).run()
    fresh.execute("DETACH damaged")


def _let_go(fresh: Connection, saved: dict[str, int], lost: dict[str, int]) -> None:
    """What refers to a row that is gone would stop later changes.

    A reference that may be empty becomes so; only a row that is nothing without it goes.
    """
    before = row_counts(fresh)
    changes = -1
    while broken := fresh.execute("PRAGMA foreign_key_check").fetchall():
        if fresh.total_changes() == changes:
            raise apsw.CorruptError("rows refer to nothing and cannot be let go")
        changes = fresh.total_changes()
        for table, row, number in {(str(each[0]), each[1], each[3]) for each in broken}:
            column = _column_that_may_be_empty(fresh, table, number)
            if column is None:
                fresh.execute(f'DELETE FROM "{table}" WHERE rowid = ?', (row,))
            else:
                fresh.execute(f'UPDATE "{table}" SET "{column}" = NULL WHERE rowid = ?', (row,))
    after = row_counts(fresh)
    for table in saved:
        # With a row may go what nothing else needs: triggers do that.
        gone = max(0, before[table] - after[table])
        saved[table] -= gone
        lost[table] += gone


def _column_that_may_be_empty(fresh: Connection, table: str, number: object) -> str | None:
    """Of the reference with this number, when it has one column."""
    named = [
        str(row[3])
        for row in fresh.execute(f'PRAGMA foreign_key_list("{table}")')
        if row[0] == number
    ]
    required = {
        str(row[1]) for row in fresh.execute(f'PRAGMA table_info("{table}")') if row[3] or row[5]
    }
    return named[0] if len(named) == 1 and named[0] not in required else None


def _remove(path: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
