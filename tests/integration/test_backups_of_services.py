"""The window's services back up by themselves, and end without leaving anything half."""

from pathlib import Path

import pytest

from app.backups import keeper
from app.history.entities import Conversation
from app.ids import new_id
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import open_for_command, open_services
from app.storage.backup_files import Reason
from tests.unit.backups.conftest import writing


def test_a_window_backs_up_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "FIRST_SECONDS", 0.2)
    paths, queue = DataPaths(tmp_path / "data"), CallbackQueue()
    services = open_services(paths, queue.post)
    services.databases[0].writer.run(writing(Conversation(new_id(), "Chat")))
    try:
        assert queue.run_until(lambda: bool(services.backups.backups()), timeout=60)
    finally:
        services.close()
    assert not paths.history.with_name("history.sqlite3-wal").exists()


def test_a_command_makes_none_by_itself_but_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "FIRST_SECONDS", 0.0)
    queue, heard = CallbackQueue(), []
    services = open_for_command(DataPaths(tmp_path / "data"), queue.post)
    try:
        assert not queue.run_until(lambda: bool(services.backups.backups()), timeout=0.5)
        services.backups.keep(Reason.IMPORT, heard.append)
        assert queue.run_until(lambda: bool(heard), timeout=60)
    finally:
        services.close()


def test_a_damaged_history_is_saved_when_the_services_open(tmp_path: Path) -> None:
    paths, queue = DataPaths(tmp_path / "data"), CallbackQueue()
    services = open_services(paths, queue.post)
    for number in range(40):
        services.databases[0].writer.run(writing(Conversation(new_id(), f"Chat {number}")))
    services.close()
    content = paths.history.read_bytes()
    paths.history.write_bytes(bytes(4096) + content[4096:])
    services = open_services(paths, queue.post)
    told = []
    services.notices.read_with(told.append)
    assert len(services.history.conversations()) == 40
    services.close()
    assert "storage.salvaged_all" in [notice.code for notice in told]
