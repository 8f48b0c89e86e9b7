"""What a window asks about backups: answered from threads, compared, restored, taken back."""

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.backups.comparing import compare
from app.backups.data_parts import DataPart, measure
from app.backups.describing import describe
from app.backups.desk import BackupDesk, Listed
from app.backups.errors import BackupError
from app.backups.keeper import BackupKeeper
from app.backups.one_file import export_everything
from app.backups.restoring import is_waiting, restore
from app.backups.waiting import drop_waiting
from app.backups.whole_file import look_into, take, take_settings
from app.settings.store import SettingsStore
from app.storage.backup_files import BackupFile, Reason, list_backups
from app.storage.copies import copy_is_sound, keep_copy
from models.errors import KnownError
from tests.unit.backups.conftest import Folder


def keep(folder: Folder) -> BackupFile:
    return keep_copy(folder.paths.history, folder.paths.backups, Reason.MANUAL)


def damage_unseen(backup: BackupFile) -> None:
    """A page that describing does not read, as most of a backup are."""
    whole = backup.path.read_bytes()
    for page in range(1, len(whole) // 4096):
        content = bytearray(whole)
        content[page * 4096 : page * 4096 + 100] = b"\xff" * 100
        backup.path.write_bytes(content)
        with contextlib.suppress(BackupError):
            describe(backup)
            if not copy_is_sound(backup.path):
                return
    raise AssertionError("each page is read when it is described")


class Desk:
    """A desk, and what it answered."""

    def __init__(self, folder: Folder) -> None:
        paths, post = folder.paths, folder.posted.post
        self.keeper = BackupKeeper(paths.history, paths.backups, post, folder.clock, print)
        self.desk = BackupDesk(paths, self.keeper, post)
        self.answers: list[Any] = []
        self.failures: list[KnownError] = []
        self._posted = folder.posted

    def ask(self, call: Callable[..., None], *arguments: object) -> Any:
        count = len(self.answers) + len(self.failures)
        call(*arguments, self.answers.append, self.failures.append)
        assert self.wait(lambda: len(self.answers) + len(self.failures) > count)
        return self.answers[-1] if self.answers else None

    def wait(self, condition: Callable[[], bool]) -> bool:
        return self._posted.run_until(condition, timeout=30)

    def list_until_checked(self) -> tuple[Listed, ...]:
        def checked() -> bool:
            return bool(self.answers) and all(x.is_sound is not None for x in self.answers[-1])

        self.answers.clear()
        self.desk.look(self.answers.append, self.failures.append)
        assert self.wait(checked)
        return tuple(self.answers[-1])


@pytest.fixture
def desk(folder: Folder) -> Iterator[Desk]:
    folder.chat("Old", turns=2)
    made = Desk(folder)
    yield made
    made.desk.close()
    made.keeper.close()


# --- the list ------------------------------------------------------------------------------


def test_the_list_says_what_each_holds_and_checks_it(desk: Desk, folder: Folder) -> None:
    good = keep(folder)
    bad = keep(folder)
    damage_unseen(bad)
    gone = keep(folder)
    gone.path.write_bytes(b"x" * gone.size_bytes)
    listed = desk.list_until_checked()
    assert [each.file for each in listed] == [gone, bad, good]
    assert [each.is_sound for each in listed] == [False, False, True]
    assert listed[0].contents is None
    assert listed[2].contents is not None
    assert (listed[2].contents.conversations, listed[2].contents.messages) == (1, 4)
    assert desk.failures == []


def test_what_was_checked_is_not_read_again(desk: Desk, folder: Folder) -> None:
    keep(folder)
    assert [each.is_sound for each in desk.list_until_checked()] == [True]
    desk.answers.clear()
    desk.desk.look(desk.answers.append, desk.failures.append)
    assert desk.wait(lambda: bool(desk.answers))
    assert desk.answers[0][0].is_sound is True, "known from the first answer on"


def test_nobody_hears_of_a_list_that_nobody_looks_at(desk: Desk, folder: Folder) -> None:
    keep(folder)
    desk.desk.look(desk.answers.append, desk.failures.append)
    desk.desk.stop_looking()
    assert not desk._posted.run_until(lambda: bool(desk.answers), timeout=0.5)


def test_a_file_in_place_of_the_folder_holds_no_backups(desk: Desk, folder: Folder) -> None:
    folder.paths.backups.write_text("a file")
    assert desk.list_until_checked() == ()


# --- what would change ---------------------------------------------------------------------


def test_what_a_restore_would_change(desk: Desk, folder: Folder) -> None:
    both = folder.chat("Both", turns=1)
    gone = folder.chat("Gone")
    backup = keep(folder)
    for title in ("New one", "New two", "New three", "New four"):
        folder.chat(title)
    database = folder.open()

    def change(connection: Any) -> None:
        connection.execute("UPDATE conversations SET trashed_ms = 1 WHERE id = ?", (gone,))
        connection.execute("UPDATE conversations SET title = 'Renamed' WHERE id = ?", (both,))

    database.writer.run(change)
    found = desk.ask(desk.desk.compare, backup)
    assert (found.going, found.going_titles) == (4, ("New four", "New three", "New two"))
    assert (found.coming, found.coming_titles) == (1, ("Gone",))
    assert found.changed == 1
    assert (found.conversations_now, found.messages_now) == (6, 26)
    assert not found.is_none
    database.close()
    assert compare(folder.paths.history, keep(folder)).is_none


def test_one_message_more_is_a_change(desk: Desk, folder: Folder) -> None:
    backup = keep(folder)
    database = folder.open()
    database.writer.run(
        lambda connection: connection.execute(
            "INSERT INTO messages (id, conversation_id, sequence, role, text, reasoning, state,"
            " created_ms) SELECT 'more', id, 99, 'user', '', '', 'complete', 0 FROM conversations"
        )
    )
    database.close()
    assert compare(folder.paths.history, backup).changed == 1


def test_comparing_with_a_damaged_one_is_refused(desk: Desk, folder: Folder) -> None:
    backup = keep(folder)
    backup.path.write_bytes(bytes(8192))
    desk.ask(desk.desk.compare, backup)
    assert [error.code for error in desk.failures] == ["backup.damaged"]


# --- restoring and taking back -------------------------------------------------------------


def test_it_waits_until_the_next_start_and_can_be_taken_back(desk: Desk, folder: Folder) -> None:
    backup = keep(folder)
    folder.chat("New")
    contents = desk.ask(desk.desk.restore, backup)
    assert contents.conversations == 1
    assert desk.desk.is_waiting
    assert desk.ask(desk.desk.drop_waiting) is True
    assert not desk.desk.is_waiting
    assert folder.titles() == ["Old", "New"]
    assert drop_waiting(folder.paths) is False
    restore(folder.paths, backup)
    desk.keeper.close()
    assert folder.titles() == ["Old"]
    assert list_backups(folder.paths.backups, "history")[0].reason is Reason.RESTORE


def test_a_backup_now(desk: Desk, folder: Folder) -> None:
    made = desk.ask(desk.desk.keep)
    assert made.reason is Reason.MANUAL
    assert made.path.is_file()
    assert desk.desk.folder == folder.paths.backups


def test_a_fault_of_ours_is_one_sentence(desk: Desk, folder: Folder) -> None:
    desk.ask(desk.desk.compare, None)
    assert [error.code for error in desk.failures] == ["backup.io"]


def test_closing_waits_for_what_writes_and_drops_the_rest(desk: Desk, folder: Folder) -> None:
    backup = keep(folder)
    gate = threading.Event()
    desk.desk._answer(gate.wait, desk.answers.append, desk.failures.append)
    desk.desk.restore(backup, desk.answers.append, desk.failures.append)
    threading.Timer(0.3, gate.set).start()
    desk.desk.close()
    assert gate.is_set()
    assert not desk._posted.run_until(lambda: len(desk.answers) > 1, timeout=0.5)
    assert not is_waiting(folder.paths)


# --- everything in one file ----------------------------------------------------------------


def test_a_file_of_everything_is_looked_into_before_it_is_taken(
    desk: Desk, folder: Folder, tmp_path: Path
) -> None:
    folder.paths.settings.write_text('{"theme": "dark", "zoom": 1.5, "version": 1}')
    target = tmp_path / "everything.zip"
    assert desk.ask(desk.desk.save_everything, target).size_bytes == target.stat().st_size
    folder.paths.settings.write_text('{"theme": "light", "version": 1}')
    settings = SettingsStore(folder.paths.settings)
    folder.chat("New")
    before = sorted(folder.paths.root.iterdir())
    whole = desk.ask(desk.desk.look_into, target)
    assert sorted(folder.paths.root.iterdir()) == before
    assert (whole.contents.conversations, whole.contents.newest_titles) == (1, ("Old",))
    assert (whole.difference.going, whole.difference.coming) == (1, 0)
    assert whole.has_settings
    content = desk.ask(desk.desk.take, target)
    assert desk.desk.is_waiting
    # The running program's own settings would be written over those of the file.
    assert settings.current.theme == "light"
    take_settings(settings, content)
    assert (settings.current.theme, settings.current.zoom) == ("dark", 1.5)
    settings.change(zoom=1.0)
    assert SettingsStore(folder.paths.settings).current.theme == "dark"
    desk.keeper.close()
    assert folder.titles() == ["Old"]


def test_a_file_without_settings(folder: Folder, tmp_path: Path) -> None:
    folder.chat("Old")
    target = tmp_path / "everything.zip"
    export_everything(folder.paths, target)
    assert not look_into(folder.paths, target).has_settings
    settings = SettingsStore(folder.paths.settings)
    settings.change(theme="dark")
    content = take(folder.paths, target)
    assert content == b""
    take_settings(settings, content)
    assert settings.current.theme == "dark"


def test_settings_that_are_none_are_refused_before_anything_changes(
    folder: Folder, tmp_path: Path
) -> None:
    folder.chat("Old")
    folder.paths.settings.write_text("no settings at all")
    target = tmp_path / "everything.zip"
    export_everything(folder.paths, target)
    folder.paths.settings.write_text('{"theme": "dark"}')
    with pytest.raises(BackupError) as refusal:
        take(folder.paths, target)
    assert refusal.value.code == "backup.damaged"
    assert folder.paths.settings.read_text() == '{"theme": "dark"}'
    assert not is_waiting(folder.paths)


def test_other_files_are_refused_and_nothing_of_them_stays(folder: Folder, tmp_path: Path) -> None:
    folder.chat("Old")
    before = sorted(folder.paths.root.iterdir())
    stranger = tmp_path / "letter.zip"
    stranger.write_bytes(b"Dear diary")
    with pytest.raises(BackupError) as refusal:
        look_into(folder.paths, stranger)
    assert refusal.value.code == "backup.not_ours"
    with pytest.raises(BackupError) as refusal:
        look_into(folder.paths, tmp_path / "nothing.zip")
    assert refusal.value.code == "backup.unknown"
    assert sorted(folder.paths.root.iterdir()) == before


# --- the parts of the folder ---------------------------------------------------------------


def test_every_file_counts_once_and_links_lead_nowhere(
    desk: Desk, folder: Folder, tmp_path: Path
) -> None:
    paths = folder.paths
    keep(folder)
    (paths.models / "org").mkdir(parents=True)
    (paths.models / "org" / "model.gguf").write_bytes(bytes(5000))
    (paths.root / "kv").mkdir()
    (paths.root / "kv" / "state").write_bytes(bytes(300))
    (paths.root / "history.sqlite3.damaged-2026-01-01").write_bytes(bytes(77))
    (paths.root / "settings.json.before-restore").write_bytes(bytes(7))
    (paths.root / "letter.txt").write_bytes(bytes(11))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "large").write_bytes(bytes(100_000))
    (paths.root / "link").symlink_to(outside)
    use = desk.ask(desk.desk.measure, paths.models)
    sizes = {each.part: each.size_bytes for each in use.parts}
    assert sizes[DataPart.MODELS] == 5000
    assert sizes[DataPart.STATES] == 300
    assert sizes[DataPart.ASIDE] == 84
    assert 11 <= sizes[DataPart.OTHER] < 1000
    assert sizes[DataPart.BACKUPS] >= list_backups(paths.backups, "history")[0].size_bytes
    files = [each for each in paths.root.rglob("*") if each.is_symlink() or each.is_file()]
    assert use.size_bytes == sum(each.lstat().st_size for each in files)
    assert sum(each.files for each in use.parts) == len(files)
    assert use.of(DataPart.MODELS).path == paths.models
    assert use.free_bytes > 0


def test_models_elsewhere_are_measured_where_they_are(folder: Folder, tmp_path: Path) -> None:
    folder.chat("Old")
    elsewhere = tmp_path / "drive"
    elsewhere.mkdir()
    (elsewhere / "m.gguf").write_bytes(bytes(900))
    use = measure(folder.paths, elsewhere)
    assert use is not None
    assert use.of(DataPart.MODELS).size_bytes == 900
    assert use.of(DataPart.MODELS).path == elsewhere
    assert measure(folder.paths, elsewhere, lambda: True) is None


def test_a_folder_that_is_not_there_has_nothing_in_it(tmp_path: Path) -> None:
    paths = Folder(tmp_path / "none").paths
    shutil.rmtree(paths.root, ignore_errors=True)
    use = measure(paths, paths.models)
    assert use is not None
    assert (use.size_bytes, use.free_bytes) == (0, 0)
