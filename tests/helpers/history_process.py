"""A program that does everything to its history that a window can do, until it is killed.

It is forked by ``tests.helpers.history_kills`` and tells, a line of JSON each: what it found at its
start, what it begins, and what was acknowledged to it. Nothing is told before it happened.
"""

import itertools
import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.chat.events import TurnEnded, TurnEvent, TurnStarted, TurnText
from app.engine.entities import SamplingParameters
from app.history.entities import Conversation
from app.history.organised import Deleted, DeletedKind
from app.ids import new_id
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import Services, open_services
from app.storage.backup_files import Reason
from app.storage.copies import copy_is_sound, read_copy

WORDS = ("river", "stone", "light", "winter", "garden", "engine", "letter", "window", "orange")
OPERATIONS = ("rename", "move", "delete", "delete_message", "undo", "backup", "folder", "send")
_WEIGHTS = (5, 5, 3, 2, 4, 1, 1, 3)
_FEW, _MANY = 3, 60


class Busy:
    """One program. ``tell`` writes a line; it is in the pipe when ``tell`` returns."""

    def __init__(self, root: Path, seed: int, known: list[str], writing: int) -> None:
        self._chance = random.Random(seed)
        self._writing = writing
        self._known = known
        self._queue = CallbackQueue()
        self._numbers = itertools.count()
        self._lengths: dict[str, int] = {}
        self._undoable: list[Deleted] = []
        self._paths = DataPaths(root)

    def tell(self, **facts: object) -> None:
        os.write(self._writing, (json.dumps(facts) + "\n").encode())

    def open(self) -> Services:
        """As a window does it; tells how long it took and what was found."""
        begun = time.monotonic()
        services = open_services(self._paths, self._queue.post)
        services.history.mark_interrupted()
        services.organiser.folders()
        services.organiser.listed()
        taken = time.monotonic() - begun
        self.tell(opened=round(taken, 3), state=state_of(services, self._known))
        self._undoable = [
            each for each in services.organiser.deleted()
            if each.kind in (DeletedKind.CONVERSATION, DeletedKind.MESSAGE)
        ]  # fmt: skip
        return services

    def run(self) -> None:
        """Go on until the kill; nothing ends this otherwise."""
        services = self.open()
        self._services = services
        services.turns.subscribe(self._heard)
        self._send()
        while True:
            self._step()

    def _step(self) -> None:
        (operation,) = self._chance.choices(OPERATIONS, _WEIGHTS)
        heard: list[object] = []
        begun = getattr(self, f"_{operation}")(heard.append)
        if begun:
            self._queue.run_until(lambda: bool(heard), 30)
            assert heard, operation
        self._queue.run_until(lambda: False, self._chance.choice((0.0, 0.0, 0.0, 0.002, 0.01)))

    # --- what is done; each returns whether it began ----------------------------------------

    def _rename(self, heard: Callable[[object], None]) -> bool:
        chat = self._some()
        if chat is None:
            return False
        title = " ".join(self._chance.sample(WORDS, 3))
        write = self._services.history.rename
        return self._begin("rename", heard, write, chat.id, title, id=chat.id, title=title)

    def _move(self, heard: Callable[[object], None]) -> bool:
        chat, folders = self._some(), self._services.organiser.folders()
        if chat is None or not folders:
            return False
        target = self._chance.choice([None, *(each.id for each in folders)])
        write = self._services.organiser.move
        return self._begin("move", heard, write, [chat.id], target, id=chat.id, folder=target)

    def _folder(self, heard: Callable[[object], None]) -> bool:
        if len(self._services.organiser.folders()) > _FEW:
            return False
        name = self._chance.choice(WORDS) + new_id()[-4:]
        write = self._services.organiser.create_folder
        return self._begin("folder", heard, write, name, name=name)

    def _delete(self, heard: Callable[[object], None]) -> bool:
        chat = self._some()
        if chat is None or len(self._services.organiser.listed()) <= _FEW:
            return False
        write = self._services.organiser.delete_conversations
        return self._begin("delete", self._remember(heard), write, [chat.id], id=chat.id)

    def _delete_message(self, heard: Callable[[object], None]) -> bool:
        chat = self._some()
        branch = self._services.history.branch(chat.id) if chat is not None else []
        if chat is None or len(branch) <= 2:
            return False
        message = self._chance.choice(branch[1:])
        write = self._services.organiser.delete_message
        return self._begin(
            "delete_message", self._remember(heard), write, message.id, id=message.id
        )

    def _undo(self, heard: Callable[[object], None]) -> bool:
        if not self._undoable:
            return False
        item = self._undoable.pop(self._chance.randrange(len(self._undoable)))
        write = self._services.organiser.restore
        return self._begin("undo", heard, write, [item], id=item.id, kind=item.kind.value)

    def _backup(self, _heard: Callable[[object], None]) -> bool:
        """Goes on beside everything else, as it does in a window."""
        if self._services.backups.is_busy:
            return False
        number = next(self._numbers)
        self.tell(copying=number)
        self._services.backups.keep(
            Reason.MANUAL, lambda kept: self.tell(copied=number, name=kept.name), self._refused
        )
        return False

    def _send(self, _heard: Callable[[object], None] | None = None) -> bool:
        """Its beginning, text and end are told when they come."""
        services = self._services
        model = services.library.default()
        assert model is not None
        if services.turns.active is not None:
            return False
        chat = self._some() if self._chance.random() < 0.5 else None
        if chat is None and len(services.organiser.listed()) > _MANY:
            chat = self._some()
        question = "Tell me about the " + " ".join(self._chance.sample(WORDS, 4))
        branch = services.history.branch(chat.id) if chat is not None else []
        self.tell(asking=question)
        services.turns.send(
            chat or Conversation(new_id(), ""), branch, question,
            model, None, SamplingParameters(temperature=1.0, max_tokens=300),
        )  # fmt: skip
        return False

    # --- how -------------------------------------------------------------------------------

    def _begin(
        self,
        operation: str,
        heard: Callable[[object], None],
        write: Callable[..., None],
        *arguments: object,
        **facts: object,
    ) -> bool:
        number = next(self._numbers)
        self.tell(begun=number, operation=operation, **facts)

        def done(result: object) -> None:
            self.tell(done=number, result=getattr(result, "id", result == 1))
            heard(result)

        write(*arguments, done=done, failed=self._refused)
        return True

    def _refused(self, error: BaseException) -> None:
        self.tell(refused=repr(error))

    def _remember(self, heard: Callable[[object], None]) -> Callable[[object], None]:
        def remember(result: object) -> None:
            assert isinstance(result, list)
            self._undoable += result
            heard(result)

        return remember

    def _some(self) -> Conversation | None:
        """A chat in which no answer is being written."""
        active = self._services.turns.active
        taken = active.conversation.id if active is not None else ""
        fitting = [each.id for each in self._services.organiser.listed() if each.id != taken]
        if not fitting:
            return None
        return self._services.history.conversation(self._chance.choice(fitting))

    def _heard(self, event: TurnEvent) -> None:
        match event:
            case TurnStarted(user=user, answer=answer):
                assert user is not None
                self.tell(acknowledged=user.id, chat=user.conversation_id, text=user.text)
                self._lengths[answer.id] = 0
            case TurnText():
                self._lengths[event.answer_id] += len(event.text) + len(event.reasoning)
                self.tell(shown=event.answer_id, length=self._lengths[event.answer_id])
            case TurnEnded(message=message):
                if event.failure is not None:
                    self.tell(trouble=event.failure.code)
                if event.stored:
                    self.tell(ended=message.id, length=len(message.text) + len(message.reasoning))


def state_of(services: Services, known: list[str]) -> dict[str, Any]:
    """Everything that a start finds; of backups those that are not in ``known``."""

    def read(connection: Any) -> dict[str, Any]:
        (check,) = next(iter(connection.execute("PRAGMA integrity_check")))
        chats = connection.execute(
            "SELECT id, title, folder_id, trashed_ms IS NOT NULL FROM conversations"
        )
        messages = connection.execute(
            "SELECT id, role, state, text, reasoning, trashed_by IS id FROM messages"
        )
        return {
            "check": check,
            "chats": {row[0]: list(row[1:]) for row in chats},
            "folders": dict(connection.execute("SELECT id, name FROM folders")),
            "messages": {
                row[0]: {
                    "text": row[3] if row[1] == "user" else "",
                    "length": len(row[3]) + len(row[4]),
                    "streaming": row[2] == "streaming",
                    # By its own deletion: one above it may have taken it along since.
                    "gone": bool(row[5]),
                }
                for row in messages
            },
        }

    found = services.databases[0].read(read)
    found["notices"] = [notice.code for notice in services.databases[0].notices]
    found["backups"] = {
        each.name: _chats_in(each.path)
        for each in services.backups.backups() if each.name not in known
    }  # fmt: skip
    return found


def _chats_in(path: Path) -> list[str] | None:
    """The chats that a backup holds; None when it is not sound."""
    if not copy_is_sound(path):
        return None
    return read_copy(path, lambda db: [str(r[0]) for r in db.execute("SELECT id FROM messages")])
