"""A real history, host and turns over a scripted or a real worker, wired as services does."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.chat.branching import Answering, Branching
from app.chat.budget import ContextBudget
from app.chat.events import TurnEnded, TurnEvent
from app.chat.send_queue import SendQueue
from app.chat.turns import Turns
from app.engine.client import Deadlines, EngineClient
from app.engine.entities import Plan, SamplingParameters
from app.engine.errors import WorkerDiedError
from app.engine.host import ModelHost
from app.engine.start_guard import StartGuard
from app.history.entities import Conversation, Message
from app.history.repository import History
from app.history.schema import history_migrations
from app.ids import new_id
from app.library.entities import InstalledModel
from app.placement.entities import ContextPrice, Wishes
from app.posting import CallbackQueue, Scheduler
from app.storage.opening import open_database
from models.entities import ModelFile, ModelHandle
from models.errors import KnownError

SCRIPT = Path(__file__).resolve().parent / "scripted_worker.py"
PATIENT = Deadlines(cancel=1.0, close=1.0)


class ChatRoom:
    """Everything a conversation needs. ``behaviour`` chooses the next worker's; None: real."""

    def __init__(
        self,
        root: Path,
        behaviour: Callable[[], str] | None,
        model_file: Path = SCRIPT,
        context_tokens: int = 2048,
    ) -> None:
        self.root, self._behaviour = root, behaviour
        self.context_tokens = context_tokens
        self.handle = ModelHandle("k", (ModelFile.of(model_file),))
        self.model = InstalledModel(
            key="k", name="Model", quantization="", architecture="", size_bytes=1, parameters=1,
            trained_context_tokens=2048, layers=1, expert_count=0, license="", is_demo=False,
            has_template=True, handle=self.handle, opened_ms=0, last_used_ms=0,
        )  # fmt: skip
        self.events: list[TurnEvent] = []
        self.open()
        self.begin_anew()

    def begin_anew(self) -> None:
        """Another conversation; the model stays loaded."""
        self.sampling = SamplingParameters(temperature=0.0, max_tokens=24)
        self.prices: tuple[ContextPrice, ...] = ()
        self.loaded: list[int] = []
        self.conversation = Conversation(new_id(), "Chat")
        self.waiting._follows = True
        self.events.clear()

    def open(self) -> None:
        self.queue = CallbackQueue()
        self.scheduler = Scheduler(self.queue.post)
        self.database = open_database(
            self.root / "history.sqlite3", history_migrations(), None, self.queue.post
        )
        self.history = History(self.database)
        self.host = ModelHost(
            self._start, self.scheduler, StartGuard(self.root / "guard"), lambda: 0, lambda: False
        )
        self.budget = ContextBudget(self.host, self._price, lambda: 100.0)
        self.turns = Turns(
            self.history, self.host, self.scheduler, lambda _key: self.handle, self._ensure,
            self.budget,
        )  # fmt: skip
        self.branching = Branching(self.history, self.turns)
        self.waiting = SendQueue(self.history, self.turns, lambda _conversation: self.answering)
        self.turns.subscribe(self.events.append)

    @property
    def answering(self) -> Answering:
        return Answering(self.model, None, self.sampling)

    def _start(self, on_death: Callable[[WorkerDiedError | None], None]) -> EngineClient:
        command = None
        if self._behaviour is not None:
            command = [sys.executable, str(SCRIPT), self._behaviour()]
        return EngineClient(self.queue.post, self.scheduler, on_death, PATIENT, command)

    def _ensure(
        self,
        handle: ModelHandle,
        wishes: Wishes | None,
        ready: Callable[[], None],
        failed: Callable[[KnownError], None],
        *,
        insist: bool = False,
    ) -> None:
        tokens = (wishes.context_tokens if wishes else None) or self.context_tokens
        self.loaded.append(tokens)
        plan = Plan(context_tokens=tokens, threads=1, prompt_threads=1)
        self.host.ensure(handle, plan, ready, failed, insist=True)

    def _price(self, needed: int) -> ContextPrice | None:
        return next((each for each in self.prices if each.context_tokens >= needed), None)

    def now(self) -> Conversation:
        """The conversation as stored, or as it would be begun."""
        known = {each.id: each for each in self.history.conversations()}
        return known.get(self.conversation.id, self.conversation)

    def branch(self) -> list[Message]:
        stored = self.now().created_ms
        return self.history.branch(self.conversation.id) if stored else []

    def send(self, text: str) -> bool:
        return self.turns.send(self.now(), self.branch(), text, self.model, None, self.sampling)

    def ask(self, text: str) -> TurnEnded:
        assert self.send(text)
        return self.ended()

    def ended(self) -> TurnEnded:
        self.until(lambda: self.turns.active is None)
        return next(each for each in reversed(self.events) if isinstance(each, TurnEnded))

    def wait(self, write: Callable[..., object], *arguments: object, **named: object) -> Any:
        """Call a write and return what ``done`` hears; raises what ``failed`` hears."""
        heard: list[tuple[object, BaseException | None]] = []
        write(
            *arguments,
            done=lambda result: heard.append((result, None)),
            failed=lambda error: heard.append((None, error)),
            **named,
        )
        self.until(lambda: bool(heard))
        result, error = heard[0]
        if error is not None:
            raise error
        return result

    def pump(self, seconds: float) -> None:
        self.queue.run_until(lambda: False, seconds)

    def until(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        assert self.queue.run_until(condition, seconds), self.events[-5:]

    def kill_worker(self) -> None:
        """As the kernel does when memory runs out."""
        client = self.host._client
        if client is not None and client.is_alive:
            client._pipes.kill()

    def close(self) -> None:
        self.turns.shut_down()
        self.host.shut_down()
        self.scheduler.close()
        self.database.close()
