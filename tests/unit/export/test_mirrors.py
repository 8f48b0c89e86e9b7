"""Markdown copies: up to date, one way, and never over what somebody else wrote."""

import contextlib
import json
import os
import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.export import mirror_records
from app.export.base import ExportOptions
from app.export.errors import ExportError
from app.export.exports import Exports
from app.export.formats import Formats
from app.export.mirror_pass import MirrorPass
from app.export.mirror_records import MirrorFile, MirrorRecord
from app.export.mirrors import MirrorState
from tests.helpers.mirror_copies import Copy, Keeping, counts
from tests.unit.history.conftest import Kept


def test_every_chat_has_its_file_and_a_second_look_writes_nothing(kept, copy):
    inside, _other = kept.chat("Fruit", "Red?"), kept.chat("Fruit", "Green?")
    folder = kept.wait(copy.organiser.create_folder, "Work")
    kept.wait(copy.organiser.move, [inside.id], folder.id)
    assert counts(copy.look()) == (2, 0, [])
    assert copy.files() == ["Fruit.md", "Work/Fruit.md"]
    assert "Green?" in copy.text("Fruit.md")
    before = {name: (copy.root / name).stat() for name in copy.files()}
    assert counts(copy.look(thorough=True)) == (0, 0, [])
    assert {name: (copy.root / name).stat() for name in copy.files()} == before


def test_what_changes_is_written_again_and_nothing_else(kept, copy):
    chat, other = kept.chat("Fruit", "Red?"), kept.chat("Other", "Why?")
    copy.look()
    stayed = (copy.root / "Other.md").stat().st_mtime_ns
    leaf = kept.history.conversation(chat.id).leaf_id
    kept.turn(chat, "And blue?", "No.", leaf)
    assert counts(copy.look()) == (1, 0, [])
    assert "And blue?" in copy.text("Fruit.md")
    assert (copy.root / "Other.md").stat().st_mtime_ns == stayed
    kept.wait(kept.history.set_system_prompt, other.id, "Be brief.")
    assert counts(copy.look()) == (1, 0, [])
    assert "Be brief." in copy.text("Other.md")


def test_deleting_a_message_alone_is_seen(kept, copy):
    chat = kept.chat("Fruit", "Red?", "Green?")
    copy.look()
    middle = kept.history.branch(chat.id)[1]
    kept.wait(lambda done, failed: kept.history.trash_message(middle.id, done, failed, alone=True))
    assert counts(copy.look()) == (1, 0, [])
    assert "Answer to Red?" not in copy.text("Fruit.md")


def test_renamed_moved_and_deleted_chats_are_followed(kept, copy):
    chat, gone = kept.chat("Fruit", "Red?"), kept.chat("Gone", "Why?")
    copy.look()
    kept.wait(kept.history.rename, chat.id, "Apples")
    kept.wait(copy.organiser.delete_conversations, [gone.id])
    assert counts(copy.look()) == (1, 1, [])
    assert copy.files() == ["Apples.md"]
    folder = kept.wait(copy.organiser.create_folder, "Work")
    kept.wait(copy.organiser.move, [chat.id], folder.id)
    copy.look()
    assert copy.files() == ["Work/Apples.md"]
    kept.wait(copy.organiser.rename_folder, folder.id, "Play")
    copy.look()
    assert copy.files() == ["Play/Apples.md"]
    assert not (copy.root / "Work").exists()


def test_only_one_folder_of_chats_is_copied(kept, copy):
    chat, _other = kept.chat("Fruit", "Red?"), kept.chat("Other", "Why?")
    folder = kept.wait(copy.organiser.create_folder, "Work")
    kept.wait(copy.organiser.move, [chat.id], folder.id)
    copy.record.folder_id = folder.id
    copy.look()
    assert copy.files() == ["Fruit.md"]
    kept.wait(copy.organiser.move, [chat.id], None)
    assert counts(copy.look()) == (0, 1, [])
    kept.wait(copy.organiser.move, [chat.id], folder.id)
    copy.look()
    kept.wait(lambda done, failed: copy.organiser.delete_folder(
        folder.id, done, failed, with_conversations=True
    ))  # fmt: skip
    # A folder in the trash may come back: the files wait for it.
    with pytest.raises(ExportError) as error:
        copy.look()
    assert error.value.code == "export.mirror_no_folder"
    assert copy.files() == ["Fruit.md"]


def test_a_file_that_somebody_changed_is_left_alone_and_told_once(kept, copy):
    chat = kept.chat("Fruit", "Red?")
    copy.look()
    (copy.root / "Fruit.md").write_text("my notes")
    leaf = kept.history.conversation(chat.id).leaf_id
    chat, _user, _answer = kept.turn(chat, "And blue?", "No.", leaf)
    assert counts(copy.look()) == (0, 0, ["Fruit.md"])
    assert counts(copy.look()) == (0, 0, [])
    kept.wait(kept.history.rename, chat.id, "Apples")
    assert counts(copy.look(thorough=True)) == (0, 0, [])
    assert copy.files() == ["Fruit.md"]
    assert copy.text("Fruit.md") == "my notes"
    # Renamed by the person, it is theirs, and the chat has a file again.
    (copy.root / "Fruit.md").rename(copy.root / "Mine.md")
    assert counts(copy.look()) == (1, 0, [])
    assert copy.files() == ["Apples.md", "Mine.md"]


def test_a_deleted_chat_takes_no_changed_file_along(kept, copy):
    chat = kept.chat("Fruit", "Red?")
    copy.look()
    (copy.root / "Fruit.md").write_text("my notes")
    kept.wait(copy.organiser.delete_conversations, [chat.id])
    assert counts(copy.look()) == (0, 0, ["Fruit.md"])
    assert copy.text("Fruit.md") == "my notes"
    assert counts(copy.look()) == (0, 0, [])


def test_files_of_others_are_never_replaced(kept, copy):
    kept.chat("Fruit", "Red?")
    (copy.root / "FRUIT.md").write_text("mine")
    copy.look()
    assert copy.files() == ["FRUIT.md", "Fruit 2.md"]
    copy.look(thorough=True)
    assert copy.text("FRUIT.md") == "mine"
    assert len(copy.files()) == 2


def test_what_somebody_removed_comes_back_with_a_change_or_a_thorough_look(kept, copy):
    kept.chat("Fruit", "Red?")
    copy.look()
    (copy.root / "Fruit.md").unlink()
    assert counts(copy.look()) == (0, 0, [])
    assert counts(copy.look(thorough=True)) == (1, 0, [])
    assert copy.files() == ["Fruit.md"]


def test_an_answer_that_is_being_written_waits(kept, copy):
    chat = kept.chat("Fruit", "Red?")
    copy.look()
    leaf = kept.history.conversation(chat.id).leaf_id
    kept.turn(chat, "And blue?", "", leaf)
    assert counts(copy.look()) == (0, 0, [])
    assert "And blue?" not in copy.text("Fruit.md")


def test_without_its_folder_nothing_is_written_or_forgotten(kept, copy):
    kept.chat("Fruit", "Red?")
    copy.look()
    shutil.rmtree(copy.root)
    with pytest.raises(ExportError) as error:
        copy.look()
    assert error.value.code == "export.mirror_missing"
    assert not copy.root.exists()
    copy.root.mkdir()
    assert counts(copy.look(thorough=True)) == (1, 0, [])


@pytest.mark.parametrize("moment", range(12))
def test_killed_at_any_moment_every_file_of_ours_is_known(kept, copy, monkeypatch, moment):
    """A kill before each step that changes the disk: the next look goes on, and asks nobody."""
    chats = [kept.chat(f"Chat {number}", "Red?") for number in range(3)]
    copy.look()
    for chat in chats[:2]:
        leaf = kept.history.conversation(chat.id).leaf_id
        kept.turn(chat, "And blue?", "No.", leaf)
    kept.wait(kept.history.rename, chats[1].id, "Renamed")
    kept.wait(copy.organiser.delete_conversations, [chats[2].id])

    class Killed(BaseException):
        pass

    left = [moment]

    def killing(work: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **named: Any) -> Any:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return work(*arguments, **named)

        return wrapper

    with monkeypatch.context() as patching:
        for name in ("replace", "link", "unlink"):
            patching.setattr(os, name, killing(getattr(os, name)))
        patching.setattr(Path, "unlink", killing(Path.unlink))
        patching.setattr(Path, "replace", killing(Path.replace))
        with contextlib.suppress(Killed):
            copy.look()
    changes = copy.look()
    assert changes.edited == []
    assert copy.files() == ["Chat 0.md", "Renamed.md"]
    assert all("And blue?" in copy.text(name) for name in copy.files())
    assert counts(copy.look(thorough=True)) == (0, 0, [])


def test_a_record_leads_nowhere_else(copy, tmp_path):
    outside = tmp_path / "outside.md"
    outside.write_text("mine")
    bad = MirrorFile(path="../outside.md", wanted="x", sha256="y")
    record = MirrorRecord(id="m", folder_id=None, path=str(copy.root), files={"c": bad})
    mirror_records.save(copy.records, record)
    (copy.records / "broken.json").write_text("{")
    (read,), unreadable = mirror_records.load(copy.records)
    assert read.files == {}
    assert unreadable == [copy.records / "broken.json"]
    copy.look()
    assert outside.read_text() == "mine"


def do_anything(kept: Kept, copy: Copy, dice: random.Random, chats: list[str]) -> None:
    """One thing that a person does to the chats."""
    chat = dice.choice(chats)
    match dice.randrange(6):
        case 0:
            kept.wait(kept.history.rename, chat, dice.choice(("Same", "SAME", "New", "")))
        case 1:
            folders = [each.id for each in copy.organiser.folders()]
            kept.wait(copy.organiser.move, [chat], dice.choice([None, *folders]))
        case 2:
            kept.wait(copy.organiser.delete_conversations, [chat])
        case 3:
            deleted = copy.organiser.deleted()
            kept.wait(copy.organiser.restore, [each for each in deleted if each.id == chat])
        case 4:
            kept.wait(kept.history.set_system_prompt, chat, f"Prompt {dice.random()}")
        case 5:
            chats.append(kept.chat("Same", "Red?").id)


@pytest.mark.parametrize("seed", range(4))
def test_after_anything_every_chat_has_its_file_and_nobody_lost_one(kept, copy, seed):
    dice = random.Random(seed)
    for name in ("Work", "work"):
        kept.wait(copy.organiser.create_folder, name)
    chats = [kept.chat(dice.choice(("Same", "same", "Other")), "Red?").id for _ in range(4)]
    theirs: dict[str, str] = {}
    for step in range(24):
        do_anything(kept, copy, dice, chats)
        if dice.random() < 0.15:
            name = dice.choice(copy.files() or ["Mine.md"])
            (copy.root / name).write_text(f"mine {step}")
            theirs[name] = f"mine {step}"
        if dice.random() < 0.6:
            copy.look(thorough=dice.random() < 0.3)
    copy.look(thorough=True)
    exports = Exports(kept.database, kept.posted.post)
    for name, text in theirs.items():
        assert copy.text(name) == text
    shown = {listed.id for listed in copy.organiser.listed()}
    assert set(copy.record.files) == shown
    paths = [file.path for file in copy.record.files.values()]
    assert len(set(paths)) == len(paths)
    for chat, file in copy.record.files.items():
        if file.path not in theirs:
            assert copy.text(file.path) == exports.text(chat, "md")
    assert set(copy.files()) == set(paths) | set(theirs)


# --- kept by itself ------------------------------------------------------------------------


def test_a_copy_follows_by_itself_and_goes_on_after_a_start(kept, keeping, tmp_path):
    root = tmp_path / "copy"
    root.mkdir()
    heard: list[tuple[MirrorState, ...]] = []
    keeping.mirrors.subscribe(heard.append)
    keeping.mirrors.start()
    chat = kept.chat("Fruit", "Red?")
    added = keeping.mirrors.add(None, root)
    assert (added.folder_id, added.path, added.files) == (None, root, 0)
    keeping.until(lambda: keeping.state.files == 1 and not keeping.state.is_busy)
    kept.wait(kept.history.rename, chat.id, "Apples")
    keeping.until(lambda: (root / "Apples.md").exists())
    keeping.mirrors.close()
    assert heard[-1][0].id == added.id
    kept.wait(kept.history.rename, chat.id, "Pears")
    again = Keeping(kept)
    assert again.state.files == 1
    again.mirrors.start()
    try:
        again.until(lambda: (root / "Pears.md").exists() and not (root / "Apples.md").exists())
        again.until(lambda: not again.state.is_busy)
        again.mirrors.remove(added.id)
        assert again.mirrors.state == ()
        kept.wait(kept.history.rename, chat.id, "Plums")
    finally:
        again.mirrors.close()
    assert [path.name for path in root.iterdir()] == ["Pears.md"]
    assert list((kept.path.parent / "mirrors").iterdir()) == []


def test_nothing_is_kept_by_a_program_that_does_not_start_it(kept, keeping, tmp_path):
    root = tmp_path / "copy"
    root.mkdir()
    kept.chat("Fruit", "Red?")
    keeping.mirrors.add(None, root)
    assert not any(thread.name == "mirrors" for thread in threading.enumerate())
    keeping.mirrors.start()
    keeping.until(lambda: (root / "Fruit.md").exists())


def test_trouble_is_told_once_and_shown_until_it_is_over(kept, keeping, tmp_path, monkeypatch):
    monkeypatch.setattr("app.export.mirror_thread._AGAIN_SECONDS", 0.05)
    root = tmp_path / "copy"
    root.mkdir()
    keeping.mirrors.start()
    chat = kept.chat("Fruit", "Red?")
    keeping.mirrors.add(None, root)
    keeping.until(lambda: (root / "Fruit.md").exists())
    shutil.rmtree(root)
    kept.wait(kept.history.rename, chat.id, "Apples")
    keeping.until(lambda: keeping.state.trouble is not None)
    assert keeping.state.trouble is not None
    assert keeping.state.trouble.code == "export.mirror_missing"
    kept.posted.run_until(lambda: False, 0.3)
    assert [each.code for each in keeping.notices] == ["export.mirror_missing"]
    root.mkdir()
    keeping.until(lambda: (root / "Apples.md").exists() and keeping.state.trouble is None)


def test_a_changed_file_is_told_and_shown(kept, keeping, tmp_path):
    root = tmp_path / "copy"
    root.mkdir()
    keeping.mirrors.start()
    chat = kept.chat("Fruit", "Red?")
    keeping.mirrors.add(None, root)
    keeping.until(lambda: (root / "Fruit.md").exists() and not keeping.state.is_busy)
    (root / "Fruit.md").write_text("mine")
    kept.wait(kept.history.set_system_prompt, chat.id, "Be brief.")
    keeping.until(lambda: keeping.state.edited == ("Fruit.md",))
    assert [(n.code, n.facts["file"]) for n in keeping.notices] == [
        ("export.mirror_edited", "Fruit.md")
    ]


def test_places_where_no_copy_can_be(kept, keeping, tmp_path):
    root = tmp_path / "copy"
    root.mkdir()
    keeping.mirrors.add(None, root, ExportOptions(dates=False))
    for path, code in (
        (tmp_path / "absent", "export.no_folder"),
        (kept.path.parent, "export.mirror_inside"),
        (kept.path.parent / "backups", "export.no_folder"),
        (root / ".." / "copy", "export.mirror_twice"),
    ):
        with pytest.raises(ExportError) as error:
            keeping.mirrors.add(None, path)
        assert error.value.code == code
    (file,) = (kept.path.parent / "mirrors").iterdir()
    assert json.loads(file.read_text())["options"]["dates"] is False


def test_a_chat_that_is_erased_while_we_look_is_no_trouble(kept, copy):
    kept.chat("Fruit", "Red?")
    looking = MirrorPass(
        kept.database.reader, copy.record, Formats().get("md"), lambda _record: None, lambda: False
    )
    rendered = looking._rendered

    def erased_first(conversation_id: str) -> bytes:
        kept.database.writer.run(lambda c: c.execute("DELETE FROM conversations"))
        return rendered(conversation_id)

    looking._rendered = erased_first
    assert counts(looking.run(thorough=False)) == (0, 0, [])
    assert copy.files() == []
