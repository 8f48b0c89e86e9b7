"""Readable forms of a damaged database: log applied, header mended, list of tables lent."""

import logging
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import apsw

from app.storage.connection import Connection, open_copy
from app.storage.migrations import Migrations, migrate, version_of
from app.storage.soundness import version_by_columns

log = logging.getLogger("moestro.storage")

_PAGE = 4096
"""The size of a page in every file of ours."""

_HEADER = 100
_POINTS_ON = 5
"""The kind of a page that only leads to others."""

_PAGE_COUNT, _CHANGES, _VALID_FOR = slice(28, 32), slice(24, 28), slice(92, 96)
_FREE_PAGES, _FORMS = slice(32, 40), slice(18, 20)


@dataclass(frozen=True, slots=True)
class Form:
    """A file that SQLite can read; ``lent`` when its list of tables is another file's."""

    path: Path
    version: int
    lent: bool


def readable_forms(
    damaged: Path, working: Path, migrations: Migrations, donors: Sequence[Path]
) -> Iterator[Form]:
    """The forms in which ``damaged`` can be read, the most trustworthy first.

    Copies are made at ``working`` and removed; ``damaged`` is only read. ``donors`` are sound
    copies of earlier states. Raises OSError.
    """
    if not stat.S_ISREG(damaged.stat().st_mode):
        return
    try:
        if _with_its_log(damaged, working):
            yield from _if_readable(working, migrations, lent=False)
        else:
            yield from _if_readable(damaged, migrations, lent=False)
        with closing(apsw.Connection(":memory:")) as fresh:
            migrate(fresh, working, migrations)
            new = fresh.serialize("main")
        own = _page(damaged, 1)
        # A mended header still has the file's own list of tables; a lent one is another's.
        lists = [(_List(new[:_HEADER] + own[_HEADER:], ()), False)]
        lists += [(_list_of(partial(_page, donor)), True) for donor in donors]
        lists += [(_list_of(lambda number: new[(number - 1) * _PAGE : number * _PAGE]), True)]
        for tables, lent in lists:
            shutil.copyfile(damaged, working)
            _put_list(working, tables)
            yield from _if_readable(working, migrations, lent=lent)
    finally:
        _remove(working)


def _with_its_log(damaged: Path, working: Path) -> bool:
    """Copy the file and its logs and let SQLite bring them together; False where it cannot."""
    logs = [end for end in ("-wal", "-journal") if _beside(damaged, end).exists()]
    if not logs:
        return False
    for ending in ("", *logs):
        shutil.copyfile(_beside(damaged, ending), _beside(working, ending))
    try:
        with closing(apsw.Connection(str(working), flags=apsw.SQLITE_OPEN_READWRITE)) as both:
            version_of(both)
            both.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            both.pragma("journal_mode", "delete")
    except apsw.Error as error:
        log.warning("%s: its log cannot be applied: %s", damaged.name, error)
        _remove(working)
        return False
    return True


def _if_readable(path: Path, migrations: Migrations, *, lent: bool) -> Iterator[Form]:
    try:
        with closing(open_copy(path)) as connection:
            version = _version(connection, migrations)
    except (apsw.Error, ValueError) as error:
        log.info("%s: %s", path.name, error)
        return
    yield Form(path, version, lent)


def _version(connection: Connection, migrations: Migrations) -> int:
    found = version_by_columns(connection, migrations)
    stated = version_of(connection)
    return found or (stated if 0 < stated <= len(migrations) else len(migrations))


@dataclass(frozen=True, slots=True)
class _List:
    """The list of tables: the first page, and the pages it points to when it needs more."""

    first: bytes
    others: tuple[bytes, ...]


def _list_of(page: Callable[[int], bytes]) -> _List:
    first = page(1)
    return _List(first, tuple(page(_number(first, place)) for place in _pointers(first)))


def _pointers(first: bytes) -> list[int]:
    """Where in the first page the numbers of other pages stand."""
    if first[_HEADER] != _POINTS_ON:
        return []
    count = int.from_bytes(first[_HEADER + 3 : _HEADER + 5], "big")
    starts = [_HEADER + 12 + 2 * number for number in range(count)]
    cells = [int.from_bytes(first[start : start + 2], "big") for start in starts]
    return [*cells, _HEADER + 8]


def _number(page: bytes, place: int) -> int:
    return int.from_bytes(page[place : place + 4], "big")


def _page(path: Path, number: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek((number - 1) * _PAGE)
        return stream.read(_PAGE).ljust(_PAGE, b"\0")


def _put_list(path: Path, tables: _List) -> None:
    """Write the first page; the others go to the end, where they cover nothing."""
    first = bytearray(tables.first)
    pages = -(-path.stat().st_size // _PAGE)
    # Without others the pointers lead to the file's own pages.
    for added, place in enumerate(_pointers(tables.first) if tables.others else (), start=1):
        first[place : place + 4] = (pages + added).to_bytes(4, "big")
    first[_PAGE_COUNT] = (pages + len(tables.others)).to_bytes(4, "big")
    # The count of pages holds only where these two agree.
    first[_VALID_FOR] = first[_CHANGES]
    first[_FREE_PAGES] = bytes(8)
    first[_FORMS] = b"\1\1"
    with path.open("r+b") as stream:
        stream.write(first)
        stream.seek(pages * _PAGE)
        stream.write(b"".join(tables.others))
        stream.truncate((pages + len(tables.others)) * _PAGE)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        _beside(path, ending).unlink(missing_ok=True)
