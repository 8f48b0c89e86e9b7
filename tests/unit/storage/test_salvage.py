"""Rows out of a damaged file: all but those of the damaged pages, counted, and the file kept."""

import apsw
import pytest

from app.storage import examination
from app.storage.backup_files import Reason
from app.storage.connection import open_copy
from app.storage.copies import keep_copy
from app.storage.doubt import is_doubted
from app.storage.errors import StorageError
from app.storage.examination import FileState, examine
from app.storage.opening import open_database
from app.storage.replacing import has_waiting
from app.storage.salvage import salvage
from app.storage.table_rescue import TableRescue
from tests.unit.storage.conftest import ONE, TWO, add, m001_notes, texts

PAGE = 4096


def m002_pairs(connection) -> None:
    connection.execute(
        "CREATE TABLE pairs (id TEXT PRIMARY KEY, note INTEGER NOT NULL REFERENCES notes (row)) "
    )
    connection.execute("CREATE INDEX pairs_by_note ON pairs (note)")


PAIRED = (m001_notes, m002_pairs)


def keep_all(_connection) -> None:
    """Nothing to mend."""


def saved_texts(path):
    connection = open_copy(path)
    try:
        return [row[0] for row in connection.execute("SELECT text FROM notes ORDER BY row")]
    finally:
        connection.close()


def many(opener, count=400, migrations=ONE):
    notes = [f"{n} " * 40 for n in range(count)]
    database = opener(migrations)
    database.writer.run(lambda connection: [add(note)(connection) for note in notes])
    database.close()
    return notes


def leaf_pages(path):
    """The pages that hold rows, by their first byte."""
    content = path.read_bytes()
    return [number for number in range(1, len(content) // PAGE) if content[number * PAGE] == 0x0D]


def with_zeros(path, *pages):
    content = bytearray(path.read_bytes())
    for page in pages:
        content[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
    path.write_bytes(content)
    return bytes(content)


def test_all_rows_around_unreadable_pages_are_saved(opener, tmp_path):
    notes = many(opener)
    leaves = leaf_pages(opener.path)
    damaged = with_zeros(opener.path, leaves[0], leaves[len(leaves) // 2], leaves[-1])
    target = tmp_path / "new.sqlite3"
    found = salvage(opener.path, target, ONE, keep_all)
    kept = saved_texts(target)
    assert set(kept) < set(notes)
    assert len(kept) == found.saved_rows > len(notes) * 0.8
    assert opener.path.read_bytes() == damaged
    assert examine(target, ONE) is FileState.FINE


def test_lost_rows_are_counted_by_what_an_index_still_tells(opener, tmp_path):
    many(opener, migrations=PAIRED)
    database = opener(PAIRED)
    database.writer.run(
        lambda c: c.execute("INSERT INTO pairs SELECT printf('%05d', row), row FROM notes")
    )
    database.close()
    before = opener.path.read_bytes()
    for page in range(2, len(before) // PAGE):
        with_zeros(opener.path, page)
        target = tmp_path / f"{page}.sqlite3"
        found = salvage(opener.path, target, PAIRED, keep_all)
        assert found.saved["pairs"] + found.lost["pairs"] == 400
        opener.path.write_bytes(before)
        assert examine(target, PAIRED) is FileState.FINE


def test_rows_that_refer_to_lost_ones_are_lost_too_unless_mended(opener, tmp_path):
    many(opener, migrations=PAIRED)
    database = opener(PAIRED)
    database.writer.run(
        lambda c: c.execute("INSERT INTO pairs SELECT printf('%05d', row), row FROM notes")
    )
    database.close()
    leaves = [
        page for page in leaf_pages(opener.path)
        if b"300 300 300" in opener.path.read_bytes()[page * PAGE : (page + 1) * PAGE]
    ]  # fmt: skip
    with_zeros(opener.path, *leaves)
    plain = salvage(opener.path, tmp_path / "plain.sqlite3", PAIRED, keep_all)
    assert plain.saved["notes"] == plain.saved["pairs"] < 400
    assert plain.lost["pairs"] == 400 - plain.saved["pairs"] > 0

    def mend(connection) -> None:
        connection.execute(
            "INSERT INTO notes SELECT note, 'lost' FROM pairs"
            " WHERE note NOT IN (SELECT row FROM notes)"
        )

    mended = salvage(opener.path, tmp_path / "mended.sqlite3", PAIRED, mend)
    assert mended.saved["pairs"] == 400


def test_a_row_whose_end_is_unreadable_keeps_its_beginning(opener, tmp_path):
    def m001_long(connection) -> None:
        connection.execute(
            "CREATE TABLE notes (row INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL)"
        )

    database = opener((m001_long,))
    database.writer.run(
        lambda c: c.execute(
            "INSERT INTO notes VALUES (1, 'first', ?), (2, 'second', 'b')", ("x" * 90_000,)
        )
    )
    database.close()
    content = opener.path.read_bytes()
    # The chain of pages that hold a long text ends too early.
    first = next(
        n for n in range(2, len(content) // PAGE) if content[n * PAGE + 4 :][:50] == b"x" * 50
    )
    changed = bytearray(content)
    changed[first * PAGE : first * PAGE + 4] = (10**6).to_bytes(4, "big")
    opener.path.write_bytes(changed)
    found = salvage(opener.path, tmp_path / "new.sqlite3", (m001_long,), keep_all)
    assert found.saved_rows == 2
    connection = open_copy(tmp_path / "new.sqlite3")
    assert connection.execute("SELECT name FROM notes ORDER BY row").fetchall() == [
        ("first",), ("second",)
    ]  # fmt: skip
    connection.close()


def test_an_odd_cell_does_not_cost_its_row(opener, tmp_path):
    many(opener, 30)
    raw = apsw.Connection(str(opener.path))
    raw.execute("PRAGMA writable_schema=ON")
    raw.execute("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '')")
    raw.close()
    raw = apsw.Connection(str(opener.path))
    raw.execute("UPDATE notes SET text = NULL WHERE row = 7")
    raw.execute("PRAGMA writable_schema=ON")
    raw.execute("UPDATE sqlite_schema SET sql = replace(sql, 'text TEXT', 'text TEXT NOT NULL')")
    raw.close()
    assert salvage(opener.path, tmp_path / "new.sqlite3", ONE, keep_all).saved_rows == 30


def test_the_first_page_is_lent_by_a_backup_or_by_a_new_file(opener, tmp_path):
    notes = many(opener)
    with_zeros(opener.path, 0)
    alone = salvage(opener.path, tmp_path / "alone.sqlite3", ONE, keep_all)
    assert saved_texts(tmp_path / "alone.sqlite3") == notes
    assert (alone.saved_rows, alone.lost_rows) == (400, 0)


def test_a_backup_knows_where_later_tables_begin(opener, tmp_path):
    many(opener, 300)
    database = opener(PAIRED)
    database.writer.run(
        lambda c: c.execute("INSERT INTO pairs SELECT printf('%05d', row), row FROM notes")
    )
    database.close()
    backup = keep_copy(opener.path, opener.backups, Reason.AUTOMATIC)
    with_zeros(opener.path, 0)
    # In a new file the second table begins at a page that holds something else here.
    without = salvage(opener.path, tmp_path / "without.sqlite3", PAIRED, keep_all)
    assert without.saved == {"notes": 300, "pairs": 0}
    found = salvage(opener.path, tmp_path / "with.sqlite3", PAIRED, keep_all, [backup.path])
    assert found.saved == {"notes": 300, "pairs": 300}


def test_a_header_of_zeros_does_not_cost_the_list_of_tables_below_it(opener, tmp_path):
    """Without a backup: a new file's list would lead to other pages than this one's."""
    many(opener, 300)
    database = opener(PAIRED)
    database.writer.run(
        lambda c: c.execute("INSERT INTO pairs SELECT printf('%05d', row), row FROM notes")
    )
    database.close()
    content = opener.path.read_bytes()
    opener.path.write_bytes(bytes(100) + content[100:])
    found = salvage(opener.path, tmp_path / "new.sqlite3", PAIRED, keep_all)
    assert found.saved == {"notes": 300, "pairs": 300}


def test_the_log_beside_it_is_read_too(opener, tmp_path):
    database = opener()
    database.writer.run(add("in the log alone"))
    wal = opener.path.with_name(opener.path.name + "-wal")
    before = opener.path.read_bytes(), wal.read_bytes()
    other = tmp_path / "notes.sqlite3"
    other.write_bytes(before[0])
    other.with_name("notes.sqlite3-wal").write_bytes(before[1])
    salvage(other, tmp_path / "new.sqlite3", ONE, keep_all)
    assert saved_texts(tmp_path / "new.sqlite3") == ["in the log alone"]
    assert (other.read_bytes(), other.with_name("notes.sqlite3-wal").read_bytes()) == before


def test_opening_saves_sets_aside_and_tells(opener):
    notes = many(opener)
    damaged = with_zeros(opener.path, leaf_pages(opener.path)[3])
    database = open_database(opener.path, ONE, opener.backups, opener.posted.post, mend=keep_all)
    kept = texts(database)
    (notice,) = database.notices
    database.close()
    assert notice.code in ("storage.salvaged", "storage.salvaged_all")
    assert notice.facts["count"] == len(kept)
    assert len(notes) > len(kept) > len(notes) * 0.9
    assert (opener.folder / str(notice.facts["kept"])).read_bytes() == damaged
    assert not has_waiting(opener.path)
    assert open_and_close(opener) == ()


def open_and_close(opener):
    database = open_database(opener.path, ONE, opener.backups, opener.posted.post, mend=keep_all)
    database.close()
    return database.notices


def test_what_cannot_be_saved_does_not_stop_the_start(opener):
    def mend(_connection) -> None:
        raise StorageError("storage.disk_full", file="notes", folder="")

    many(opener)
    with_zeros(opener.path, leaf_pages(opener.path)[3])
    database = open_database(opener.path, ONE, opener.backups, opener.posted.post, mend=mend)
    assert [notice.code for notice in database.notices] == ["storage.set_aside"]
    assert texts(database) == []
    database.close()


def test_an_older_file_is_saved_by_its_own_tables_then_migrated(opener, tmp_path):
    many(opener)
    with_zeros(opener.path, leaf_pages(opener.path)[3])
    found = salvage(opener.path, tmp_path / "new.sqlite3", TWO, keep_all)
    assert found.saved_rows > 350
    assert examine(tmp_path / "new.sqlite3", TWO) is FileState.FINE


@pytest.mark.parametrize("number", [0, 1, 3, 258, 2**31])
def test_a_number_that_does_not_fit_its_tables_is_damage_not_another_version(opener, number):
    """Bytes 60 to 63 alone say which version a file is."""
    many(opener, 20, migrations=TWO)
    content = bytearray(opener.path.read_bytes())
    content[60:64] = number.to_bytes(4, "big")
    opener.path.write_bytes(content)
    assert examine(opener.path, TWO) is FileState.DAMAGED
    database = open_database(opener.path, TWO, None, opener.posted.post, mend=keep_all)
    assert len(texts(database)) == 20
    assert [notice.code for notice in database.notices] == ["storage.salvaged_all"]
    database.close()


@pytest.mark.parametrize("place", [18, 19])
def test_a_form_from_the_future_is_damage_not_a_lack_of_permission(opener, place):
    many(opener, 20)
    content = bytearray(opener.path.read_bytes())
    content[place] = 7
    opener.path.write_bytes(content)
    assert examine(opener.path, ONE) is FileState.DAMAGED
    database = open_database(opener.path, ONE, None, opener.posted.post, mend=keep_all)
    assert len(texts(database)) == 20
    database.close()


def test_an_index_that_tells_of_another_row_is_seen_and_made_again(opener):
    many(opener, 60, migrations=PAIRED)
    database = opener(PAIRED)
    database.writer.run(
        lambda c: c.execute("INSERT INTO pairs SELECT printf('%05d', row), row FROM notes")
    )
    database.close()
    raw = apsw.Connection(str(opener.path))
    ((root,),) = raw.execute(
        "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_pairs_1'"
    )
    raw.close()
    content = bytearray(opener.path.read_bytes())
    place = content.index(b"00010", (int(root) - 1) * PAGE)
    content[place : place + 5] = b"0001X"
    opener.path.write_bytes(content)
    with pytest.raises(StorageError) as refusal:
        keep_copy(opener.path, opener.backups, Reason.AUTOMATIC)
    assert refusal.value.code == "backup.damaged_source"
    assert examine(opener.path, PAIRED) is FileState.DAMAGED
    database = open_database(opener.path, PAIRED, None, opener.posted.post, mend=keep_all)
    assert [notice.code for notice in database.notices] == ["storage.salvaged_all"]
    assert database.read(
        lambda c: c.execute("SELECT note FROM pairs WHERE id = '00010'").fetchall()
    ) == [(10,)]
    database.close()


def test_a_number_above_its_tables_is_damage_too(opener):
    many(opener, 20)
    content = bytearray(opener.path.read_bytes())
    content[60:64] = (2).to_bytes(4, "big")
    opener.path.write_bytes(content)
    assert examine(opener.path, TWO) is FileState.DAMAGED
    database = open_database(opener.path, TWO, None, opener.posted.post, mend=keep_all)
    assert len(texts(database)) == 20
    database.close()


def test_rows_of_another_table_are_not_taken_for_ones_own(opener, tmp_path):
    def m002_marks(connection) -> None:
        connection.execute("CREATE TABLE marks (row INTEGER PRIMARY KEY, mark INTEGER NOT NULL)")

    many(opener, 300)
    opener((m001_notes, m002_marks)).close()
    with_zeros(opener.path, 0)
    # In a new file the second table begins where rows of the first lie here.
    found = salvage(opener.path, tmp_path / "new.sqlite3", (m001_notes, m002_marks), keep_all)
    assert found.saved == {"notes": 300, "marks": 0}


def test_a_list_of_tables_longer_than_a_page_is_lent_too(opener, tmp_path):
    def m002_wide(connection) -> None:
        for number in range(30):
            names = ", ".join(f"column_number_{each}_with_a_long_name TEXT" for each in range(12))
            connection.execute(f"CREATE TABLE wide{number} (row INTEGER PRIMARY KEY, {names})")

    steps = (m001_notes, m002_wide)
    notes = many(opener, 200, migrations=steps)
    content = bytearray(opener.path.read_bytes())
    place = content.index(b"CREATE TABLE wide3 ")
    assert place > PAGE
    content[place : place + 6] = b"CRXATE"
    opener.path.write_bytes(content)
    assert examine(opener.path, steps) is FileState.DAMAGED
    assert salvage(opener.path, tmp_path / "new.sqlite3", steps, keep_all).saved_rows == 200
    assert saved_texts(tmp_path / "new.sqlite3") == notes


def m003_folders(connection) -> None:
    """A note may lie in a folder; a page belongs to a book and is nothing without it."""
    connection.execute(
        """
        CREATE TABLE folders (row INTEGER PRIMARY KEY, name TEXT NOT NULL);
        ALTER TABLE notes ADD COLUMN folder INTEGER REFERENCES folders (row);
        CREATE TABLE words (row INTEGER PRIMARY KEY, word TEXT NOT NULL);
        CREATE TABLE uses (
            row INTEGER PRIMARY KEY,
            note INTEGER NOT NULL REFERENCES notes (row),
            word INTEGER NOT NULL REFERENCES words (row)
        );
        CREATE TRIGGER words_without_use AFTER DELETE ON uses
        BEGIN
            DELETE FROM words WHERE row = OLD.word;
        END;
        """
    )


def test_a_row_is_not_given_up_for_a_reference_that_may_be_empty(opener, tmp_path):
    steps = (m001_notes, m003_folders)
    many(opener, 40, migrations=steps)
    opener(steps).close()
    raw = apsw.Connection(str(opener.path))
    raw.execute("PRAGMA foreign_keys=OFF")
    # The folder's row was on a page that cannot be read, and so was that of note 99.
    raw.execute("UPDATE notes SET folder = 7 WHERE row <= 30")
    raw.execute("INSERT INTO words VALUES (1, 'one'), (2, 'two')")
    raw.execute("INSERT INTO uses VALUES (1, 5, 1), (2, 99, 2)")
    raw.close()
    found = salvage(opener.path, tmp_path / "new.sqlite3", steps, keep_all)
    assert found.saved == {"notes": 40, "folders": 0, "words": 1, "uses": 1}
    assert found.lost == {"notes": 0, "folders": 0, "words": 1, "uses": 1}
    connection = open_copy(tmp_path / "new.sqlite3")
    assert connection.execute("SELECT count(folder) FROM notes").fetchall() == [(0,)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def m002_search(connection) -> None:
    connection.execute(
        """
        CREATE VIRTUAL TABLE found USING fts5(text, content='notes', content_rowid='row');
        CREATE TRIGGER found_new AFTER INSERT ON notes BEGIN
            INSERT INTO found (rowid, text) VALUES (NEW.row, NEW.text);
        END;
        """
    )


def test_a_search_index_is_made_again_and_never_costs_what_it_indexes(opener, tmp_path):
    steps = (m001_notes, m002_search)
    many(opener, 200, migrations=steps)
    content = opener.path.read_bytes()
    raw = apsw.Connection(str(opener.path))
    of_notes = {
        int(row[0]) for row in raw.execute("SELECT pageno FROM dbstat WHERE name = 'notes'")
    }
    raw.close()
    for page in set(range(2, len(content) // PAGE + 1)) - of_notes:
        with_zeros(opener.path, page - 1)
        target = tmp_path / f"{page}.sqlite3"
        assert salvage(opener.path, target, steps, keep_all).saved == {"notes": 200}
        connection = open_copy(target)
        (hits,) = connection.execute("SELECT rowid FROM found WHERE found MATCH '\"150\"'")
        connection.close()
        assert hits == (151,)
        assert examine(target, steps) is FileState.FINE
        opener.path.write_bytes(content)


def test_what_triggers_make_again_does_not_count_as_saved_or_lost(opener, tmp_path):
    def m002_waiting(connection) -> None:
        connection.execute(
            """
            CREATE TABLE waiting (row INTEGER PRIMARY KEY);
            CREATE TRIGGER waiting_new AFTER INSERT ON notes BEGIN
                INSERT OR IGNORE INTO waiting (row) VALUES (NEW.row);
            END;
            """
        )

    steps = (m001_notes, m002_waiting)
    many(opener, 200, migrations=steps)
    database = opener(steps)
    database.writer.run(lambda c: c.execute("DELETE FROM waiting WHERE row > 50"))
    database.close()
    found = salvage(opener.path, tmp_path / "new.sqlite3", steps, keep_all)
    assert (found.saved_rows, found.lost_rows) == (200, 0)


def test_a_table_that_leads_nowhere_is_not_read_in_vain(opener, tmp_path, monkeypatch):
    """Twenty thousand times for each table, and the window would come seconds later."""
    many(opener)
    raw = apsw.Connection(str(opener.path))
    ((root,),) = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'notes'")
    raw.close()
    with_zeros(opener.path, int(root) - 1)
    reads: list[tuple[int, int]] = []
    monkeypatch.setattr(TableRescue, "_copy", lambda _self, *ends: reads.append(ends) or False)
    assert salvage(opener.path, tmp_path / "new.sqlite3", ONE, keep_all).saved_rows == 0
    assert reads == []


def test_what_lies_behind_a_large_hole_is_saved(opener, tmp_path):
    """More rows are gone than can be tried one by one."""
    opener().writer.run(
        lambda c: c.executemany(
            "INSERT INTO notes (text) VALUES (?)", ((f"{n} ",) for n in range(60_000))
        )
    )
    opener.close()
    leaves = leaf_pages(opener.path)
    with_zeros(opener.path, *leaves[: len(leaves) // 2])
    found = salvage(opener.path, tmp_path / "new.sqlite3", ONE, keep_all)
    assert found.saved_rows > 27_000


def test_a_large_file_that_could_not_be_read_is_checked_at_the_next_start(opener, monkeypatch):
    """Checking all of it takes too long for every start; its sentence says to start again."""
    monkeypatch.setattr(examination, "_CHECKED_BYTES", 0)
    many(opener)
    with_zeros(opener.path, leaf_pages(opener.path)[3])
    database = open_database(opener.path, ONE, opener.backups, opener.posted.post, mend=keep_all)
    assert database.notices == ()
    with pytest.raises(StorageError) as refusal:
        texts(database)
    assert refusal.value.code == "storage.damaged"
    database.close()
    (notice,) = open_and_close(opener)
    assert notice.code.startswith("storage.salvaged")
    assert not is_doubted(opener.path)


@pytest.mark.parametrize("how", ["writing", "copying"])
def test_so_is_one_that_could_not_be_written_or_copied(opener, monkeypatch, how):
    monkeypatch.setattr(examination, "_CHECKED_BYTES", 0)
    many(opener)
    with_zeros(opener.path, leaf_pages(opener.path)[3])
    database = open_database(opener.path, ONE, opener.backups, opener.posted.post, mend=keep_all)

    def work() -> None:
        if how == "writing":
            database.writer.run(lambda c: c.execute("UPDATE notes SET text = text || 'x'"))
        else:
            keep_copy(opener.path, opener.backups, Reason.AUTOMATIC)

    with pytest.raises(StorageError):
        work()
    database.close()
    assert is_doubted(opener.path)
    assert [notice.code[:16] for notice in open_and_close(opener)] == ["storage.salvaged"]


def test_a_large_older_file_is_checked_before_it_is_changed(opener, monkeypatch):
    monkeypatch.setattr(examination, "_CHECKED_BYTES", 0)
    many(opener)
    damaged = with_zeros(opener.path, leaf_pages(opener.path)[3])
    database = open_database(opener.path, TWO, opener.backups, opener.posted.post, mend=keep_all)
    (notice,) = database.notices
    assert notice.code.startswith("storage.salvaged")
    assert (opener.folder / str(notice.facts["kept"])).read_bytes() == damaged
    assert len(texts(database)) > 350
    database.close()
