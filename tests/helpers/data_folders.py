"""Data folders with a chat or two, without anything else being started."""

from app.history.entities import Conversation
from app.history.repository import History
from app.history.schema import history_migrations
from app.ids import new_id
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.storage.opening import Database, open_database


def opened(paths: DataPaths) -> Database:
    """Its history, with nothing set aside."""
    database = open_database(paths.history, history_migrations(), None, CallbackQueue().post)
    assert not database.notices
    return database


def titles(paths: DataPaths) -> list[str]:
    """Of all chats, the last one first."""
    database = opened(paths)
    try:
        return [each.title for each in History(database).conversations()]
    finally:
        database.close()


def write(paths: DataPaths, *chats: str) -> None:
    """Begin chats without a message."""
    database = opened(paths)
    for title in chats:
        History(database).create(Conversation(new_id(), title))
    database.writer.run(lambda _connection: None)
    database.close()
