"""The hard profile is as hard as it says, and a real history takes it."""

from pathlib import Path

from app.history.repository import History
from app.history.schema import history_migrations
from app.posting import CallbackQueue
from app.storage.opening import open_database
from tests.helpers import hard_profile


def test_it_is_hard() -> None:
    chats = hard_profile.conversations()
    assert len(chats) == 60
    assert sum(len(chat.title) >= 90 for chat in chats) >= 10
    assert any("为" in chat.title and len(chat.title) >= 90 for chat in chats)
    assert len(hard_profile.models()) == 14
    texts = [message.text for message in hard_profile.long_conversation()]
    assert any(text.count("\n") > 300 for text in texts)
    assert any("Column number 12" in text for text in texts)


def test_a_real_history_keeps_it(tmp_path: Path) -> None:
    posted = CallbackQueue()
    database = open_database(
        tmp_path / "history.sqlite3", history_migrations(), tmp_path / "backups", posted.post
    )
    clock = hard_profile.ProfileClock()
    history = History(database, clock)
    hard_profile.write(history, clock)
    assert posted.run_until(lambda: len(history.conversations(trashed=True)) == 3, timeout=60)
    kept = history.conversations()
    wanted = hard_profile.conversations()
    assert [(c.id, c.title, c.updated_ms) for c in kept] == [
        (c.id, c.title, c.updated_ms) for c in wanted
    ]
    branch = history.branch(hard_profile.LONG_CONVERSATION)
    assert [m.text for m in branch] == [m.text for m in hard_profile.long_conversation()]
    database.close()
