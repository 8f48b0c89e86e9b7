"""Markdown copies outlive a lost history, a lost record and a stop: no file goes, none doubles."""

from pathlib import Path

import pytest

from app.export import mirror_records
from app.export.errors import ExportError
from app.export.mirrors import Mirrors
from tests.helpers.mirror_copies import Copy, Keeping, counts
from tests.unit.history.conftest import Kept


def erased(kept: Kept, *ids: str) -> None:
    """Gone from the history without having been seen in the trash."""

    def erase(connection):
        for each in ids:
            connection.execute("DELETE FROM conversations WHERE id = ?", (each,))

    kept.database.writer.run(erase)


def chats(kept: Kept, count: int) -> list[str]:
    return [kept.chat(f"Chat {number}", "Red?").id for number in range(count)]


@pytest.mark.parametrize("thorough", [True, False])
def test_a_lost_history_takes_no_file_along(kept, copy, thorough):
    ids = chats(kept, 3)
    copy.look()
    before = copy.files()
    erased(kept, *ids)
    changes = copy.look(thorough=thorough)
    assert (changes.removed, changes.lost) == (0, 3)
    assert copy.files() == before
    # And it is no excuse that a chat came since.
    kept.chat("New", "Why?")
    changes = copy.look()
    assert (changes.written, changes.removed, changes.lost) == (1, 0, 3)
    assert copy.files() == sorted([*before, "New.md"])


def test_an_older_history_at_a_start_takes_no_file_along(kept, copy):
    ids = chats(kept, 12)
    copy.look()
    erased(kept, ids[0])
    for thorough in (True, False, True):
        changes = copy.look(thorough=thorough)
        assert (changes.removed, changes.lost) == (0, 1)
    assert len(copy.files()) == 12
    # A person who needs it no more deletes it, and hears of it no more.
    (copy.root / "Chat 0.md").unlink()
    assert copy.look().lost == 0
    assert ids[0] not in copy.record.files


def test_many_that_vanish_at_once_stay_and_few_were_erased(kept, copy):
    ids = chats(kept, 12)
    copy.look()
    erased(kept, ids[0])
    assert counts(copy.look()) == (0, 1, [])
    erased(kept, *ids[1:5])
    changes = copy.look()
    assert (changes.removed, changes.lost) == (0, 4)
    assert len(copy.files()) == 11


def test_what_lies_in_the_trash_is_removed_however_much_it_is(kept, copy):
    ids = chats(kept, 5)
    copy.look()
    kept.wait(copy.organiser.delete_conversations, ids)
    changes = copy.look(thorough=True)
    assert (changes.removed, changes.lost) == (5, 0)
    assert copy.files() == []


def test_a_chat_that_comes_back_has_its_file_again(kept, copy):
    (one,) = chats(kept, 1)
    copy.look()
    kept.database.writer.run(lambda c: c.execute("CREATE TABLE aside AS SELECT * FROM messages"))
    kept.database.writer.run(
        lambda c: c.execute("CREATE TABLE chats_aside AS SELECT * FROM conversations")
    )
    erased(kept, one)
    assert copy.look(thorough=True).lost == 1
    for table, aside in (("conversations", "chats_aside"), ("messages", "aside")):
        kept.database.writer.run(
            lambda c, table=table, aside=aside: c.execute(
                f"INSERT INTO {table} SELECT * FROM {aside}"
            )
        )
    assert copy.look().lost == 0
    assert copy.files() == ["Chat 0.md"]
    kept.wait(copy.organiser.delete_conversations, [one])
    assert counts(copy.look()) == (0, 1, [])


def test_lost_chats_are_told_once_and_shown(kept, keeping, tmp_path):
    root = tmp_path / "copy"
    root.mkdir()
    ids = chats(kept, 2)
    keeping.mirrors.start()
    keeping.mirrors.add(None, root)
    keeping.until(lambda: keeping.state.files == 2 and not keeping.state.is_busy)
    erased(kept, *ids)
    keeping.until(lambda: keeping.state.trouble is not None)
    assert keeping.state.trouble is not None
    assert keeping.state.trouble.code == "export.mirror_lost"
    assert keeping.state.trouble.facts["count"] == 2
    kept.chat("New", "Why?")
    keeping.until(lambda: (root / "New.md").exists() and not keeping.state.is_busy)
    assert [each.code for each in keeping.notices] == ["export.mirror_lost"]
    for number in range(2):
        (root / f"Chat {number}.md").unlink()
    kept.chat("Newer", "Why?")
    keeping.until(lambda: keeping.state.trouble is None)


# --- stopped and begun again -----------------------------------------------------------------


def test_a_copy_that_is_begun_again_has_no_file_twice(kept, copy):
    same = [kept.chat("Same", f"Red {number}?").id for number in range(3)]
    folder = kept.wait(copy.organiser.create_folder, "Work")
    kept.wait(copy.organiser.move, [same[0]], folder.id)
    copy.look()
    before = {name: (copy.root / name).stat().st_mtime_ns for name in copy.files()}
    assert len(before) == 3
    mirror_records.forget(copy.records, copy.record.id)
    copy.record = Copy(kept, copy.root).record
    assert counts(copy.look(thorough=True)) == (0, 0, [])
    assert {name: (copy.root / name).stat().st_mtime_ns for name in copy.files()} == before
    # It is ours again: it follows the chat.
    kept.wait(kept.history.rename, same[1], "Apples")
    assert counts(copy.look()) == (1, 0, [])
    assert len(copy.files()) == 3
    assert "Apples.md" in copy.files()


def test_what_is_not_just_ours_is_not_taken(kept, copy, tmp_path):
    chat = kept.chat("Fruit", "Red?")
    copy.look()
    whole = copy.text("Fruit.md")
    mirror_records.forget(copy.records, copy.record.id)
    copy.record = Copy(kept, copy.root).record
    # As long as ours, and another text.
    (copy.root / "Fruit.md").write_text(whole.replace("Red", "Rod"))
    outside = tmp_path / "outside.md"
    outside.write_text(whole)
    (copy.root / "Link.md").symlink_to(outside)
    assert counts(copy.look()) == (1, 0, [])
    assert copy.files() == ["Fruit 2.md", "Fruit.md", "Link.md"]
    kept.wait(copy.organiser.delete_conversations, [chat.id])
    copy.look()
    assert copy.files() == ["Fruit.md", "Link.md"]
    assert outside.read_text() == whole


def test_a_record_that_cannot_be_read_is_told_at_every_start(kept, keeping):
    records = kept.path.parent / "mirrors"
    records.mkdir()
    (records / "broken.json").write_text("{")
    assert keeping.mirrors.state == ()
    keeping.mirrors.start()
    assert [(each.code, each.facts["file"]) for each in keeping.notices] == [
        ("export.mirror_unreadable", "broken.json")
    ]


# --- places that do not answer ---------------------------------------------------------------

UNANSWERED = "x" * 300
"""Too long a name: the system answers with a fault, as it does of a drive that is gone."""


def test_a_folder_that_does_not_answer_is_not_there(kept, copy, keeping: Keeping, tmp_path):
    with pytest.raises(OSError, match="too long"):
        (tmp_path / UNANSWERED).is_dir()
    mirrors: Mirrors = keeping.mirrors
    with pytest.raises(ExportError) as error:
        mirrors.add(None, tmp_path / UNANSWERED)
    assert error.value.code == "export.no_folder"
    copy.record.path = str(Path(tmp_path / UNANSWERED))
    with pytest.raises(ExportError) as error:
        copy.look()
    assert error.value.code == "export.mirror_missing"
