"""One process with one history: opens, lists, searches and writes, and prints what it took."""

import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from app.history.entities import Conversation, Message, MessageState, Role
from app.history.finding import Finder
from app.history.found import Filters
from app.history.organising import Organiser
from app.history.repository import History
from app.history.schema import history_migrations
from app.ids import new_id
from app.posting import CallbackQueue
from app.storage.opening import Database, open_database
from tests.helpers.large_history import MODELS, conversation_id, vocabulary

_OTHERS = ("北京大学", "猫", "cafe", "Größe", "max_tokens", "HttpRequestParser", "parse", "où")


def queries(history: History, chats: int, dice: random.Random) -> list[tuple[str, Filters]]:
    """As people ask: mostly words as common as they are in texts, some of every other kind."""
    words = vocabulary()
    found: list[tuple[str, Filters]] = []
    while len(found) < 60:
        chat = conversation_id(dice.randrange(chats))
        text = dice.choice(history.messages(chat) or [None])
        if text is None:
            continue
        parts = text.text.rstrip(".").split()
        at = dice.randrange(max(1, len(parts) - 2))
        kind = len(found) % 10
        plain = Filters()
        if kind < 3:
            found.append((parts[at] + " ", plain))
        elif kind == 3:
            found.append((" ".join(dice.sample(parts, min(2, len(parts)))) + " ", plain))
        elif kind == 4:
            found.append(('"' + " ".join(parts[at : at + 2]) + '"', plain))
        elif kind == 5:
            found.append((dice.choice(words)[: dice.randrange(3, 6)], plain))
        elif kind == 6:
            found.append((dice.choice(_OTHERS), plain))
        elif kind == 7:
            found.append((words[dice.randrange(40)] + " ", plain))
        elif kind == 8:
            filters = Filters(models=(dice.choice(MODELS),), role=dice.choice(tuple(Role)))
            found.append((parts[at] + " ", filters))
        else:
            filters = Filters(folder_id=f"folder-{dice.randrange(40)}", since_ms=1)
            found.append((parts[at] + " ", filters))
    return found


def main(path: Path, chats: int, seed: int) -> dict[str, Any]:
    """Everything once."""
    dice = random.Random(seed)
    callbacks = CallbackQueue()
    memory = psutil.Process().memory_info().rss
    began = time.perf_counter()
    database = open_database(path, history_migrations(), None, callbacks.post)
    history = History(database)
    history.mark_interrupted()
    listed = len(Organiser(database, callbacks.post).listed())
    result: dict[str, Any] = {"listed": listed, "start": time.perf_counter() - began}
    finder = Finder(database, callbacks.post)
    try:
        result["opened"] = [
            _seconds(lambda: history.branch(conversation_id(dice.randrange(chats))))
            for _ in range(60)
        ]
        asked = queries(history, chats, dice)
        finder.find("nothing like this ")
        result["searched"] = [
            _seconds(lambda text=text, filters=filters: finder.find(text, filters=filters))
            for text, filters in asked
        ]
        result["memory"] = psutil.Process().memory_info().rss - memory
        result["committed"] = _commits(database, history, callbacks)
    finally:
        finder.close()
        database.close()
    return result


def _seconds(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _commits(database: Database, history: History, callbacks: CallbackQueue) -> list[float]:
    """From handing over a question to hearing that it is on the disk."""
    chat = Conversation(new_id(), "Measured")
    taken = []
    parent: str | None = None
    for number in range(40):
        user = Message(new_id(), chat.id, parent, Role.USER, f"Question {number}? " * 20)
        answer = Message(
            new_id(), chat.id, user.id, Role.ASSISTANT, "", state=MessageState.STREAMING
        )
        told: list[object] = []
        began = time.perf_counter()
        history.begin_turn(chat, user, answer, told.append, told.append)
        callbacks.run_until(lambda told=told: bool(told), 30)
        taken.append(time.perf_counter() - began)
        parent = answer.id
    database.writer.run(
        lambda connection: connection.execute("DELETE FROM conversations WHERE id = ?", (chat.id,))
    )
    return taken


if __name__ == "__main__":
    json.dump(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])), sys.stdout)
