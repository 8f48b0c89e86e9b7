"""The real window with long conversations and a worker that writes at a given speed.

Argument: a data folder. Commands of ``Child``: {"do": "fill", "messages"},
{"do": "open"}, {"do": "resize"}, {"do": "stream", "before", "text", "rate", "watched",
"stop_after"}; see the methods.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

import app.services
from app.chat.events import TurnEnded, TurnEvent
from app.engine.entities import Plan
from app.history import changes
from app.history.entities import AnswerDetails, Conversation, Message, MessageState, Role
from app.ids import new_id
from app.storage.opening import Database
from tests.benchmarks import transcript_texts
from tests.benchmarks.frame_watch import FrameWatch
from tests.benchmarks.pass_watch import PassWatch
from tests.benchmarks.processes import STARTER
from tests.helpers.window import application, open_session
from ui.bridge import Bridge

Reply = Callable[[dict[str, Any]], None]

_NARROW, _WIDE, _HEIGHT = 1000, 1280, 800
_SETTLE_MS = 1500


class TranscriptWindow:
    """Obeys one command at a time; everything happens on the window's thread."""

    def __init__(self, root: Path) -> None:
        self._root = root
        command = [sys.executable, "-m", "tests.benchmarks.steady_worker", str(root)]
        app.services.worker_command = lambda _engine: command  # type: ignore[attr-defined]
        self._session = open_session(root / "data", starter=STARTER)
        host = self._session.services.host

        # A worker without an engine cannot say what memory a plan takes.
        def ensure(handle: Any, _wishes: Any, ready: Any, failed: Any, **options: Any) -> None:
            host.ensure(handle, Plan(), ready, failed, **options)

        self._session.services.turns._ensure = ensure
        self._session.window.resize(_WIDE, _HEIGHT)
        self._listener: Callable[[TurnEvent], None] = lambda _event: None
        self._session.services.turns.subscribe(lambda event: self._listener(event))
        self._filled = ""

    def obey(self, command: dict[str, Any], reply: Reply) -> None:
        """Begin what is asked; ``reply`` is called when it is done."""
        match command["do"]:
            case "fill":
                self._fill(command["messages"], reply)
            case "open":
                self._open(reply)
            case "resize":
                self._resize(reply)
            case _:
                command["conversation"] = self._filled
                _Stream(self._session, self._root, self._listen).begin(command, reply)

    def close(self) -> None:
        """As when the window is closed."""
        self._session.close()

    def _listen(self, listener: Callable[[TurnEvent], None]) -> None:
        self._listener = listener

    def _shown(self) -> QWidget:
        return self._session.page.transcript.viewport()

    def _fill(self, messages: int, reply: Reply) -> None:
        """Write a conversation of mixed parts into the history and show an empty one."""
        self._filled = fill(self._session.services.history._database, messages)
        self._session.chat.new_chat()
        reply({})

    def _open(self, reply: Reply) -> None:
        """Show the filled conversation: seconds to the end of its first painting, and memory."""
        process = psutil.Process()
        before = process.memory_info().rss
        watch = FrameWatch(self._session.window, self._shown())
        began, used = time.perf_counter(), time.thread_time()

        def painted(_seconds: float) -> None:
            told = {"seconds": time.perf_counter() - began, "processor": time.thread_time() - used}
            watch.stop()
            QTimer.singleShot(_SETTLE_MS, lambda: settled(told))

        def settled(told: dict[str, Any]) -> None:
            grown = process.memory_info().rss - before
            self._session.chat.new_chat()
            QTimer.singleShot(100, lambda: reply({**told, "bytes": grown}))

        watch.once(painted)
        self._session.chat.open(self._filled)

    def _resize(self, reply: Reply) -> None:
        """With the filled conversation open: from the new size to the end of its painting."""
        self._session.chat.open(self._filled)
        window, watch = self._session.window, FrameWatch(self._session.window, self._shown())

        def change() -> None:
            watch.once(painted)
            window.resize(_NARROW if window.width() == _WIDE else _WIDE, _HEIGHT)

        def painted(seconds: float) -> None:
            watch.stop()
            QTimer.singleShot(0, lambda: reply({"seconds": seconds}))

        QTimer.singleShot(500, change)


def fill(database: Database, messages: int) -> str:
    """Write a conversation of mixed parts into the history; returns its id."""
    chat = Conversation(new_id(), "A long conversation")
    details = AnswerDetails(model_key="m", model_name="Model", stop_reason="stop")

    def write(connection: Any) -> None:
        parent: str | None = None
        for number in range(0, messages, 2):
            text = transcript_texts.mixed(number)
            user = Message(new_id(), chat.id, parent, Role.USER, text)
            answer = Message(
                new_id(), chat.id, user.id, Role.ASSISTANT, "",
                state=MessageState.STREAMING, details=details,
            )  # fmt: skip
            changes.begin_turn(connection, chat, user, answer, 1)
            changes.finish_answer(
                connection, answer.id, transcript_texts.mixed(number + 1), "",
                MessageState.COMPLETE, details, 1,
            )  # fmt: skip
            parent = answer.id

    database.writer.run(write)
    return chat.id


class _Stream:
    """One streamed answer and what is measured meanwhile."""

    def __init__(self, session: Any, root: Path, listen: Callable[..., None]) -> None:
        self._session, self._root, self._listen = session, root, listen
        self._frames: list[float] = []
        self._passes: list[float] = []
        self._pass_watch = PassWatch(session.page.transcript.viewport(), self._passes.append)
        self._watch = FrameWatch(session.window, session.page.transcript.viewport())
        self._stop_seconds = self._began = self._processor = 0.0

    def begin(self, command: dict[str, Any], reply: Reply) -> None:
        """Stream ``text`` at ``rate`` tokens a second behind ``before``, which comes at once.

        For ``seconds`` from when ``before`` is shown, frames are asked for and timed if it is
        ``watched``; if not, processor time is, of the process and of each pass that draws.
        Then Stop is pressed and timed until it is painted.
        """
        chat, turns = self._session.chat, self._session.services.turns
        order = {"text": command["text"], "rate": command["rate"], "stop_seconds": 0.3}
        (self._root / "order.json").write_text(json.dumps(order), encoding="utf-8")
        chat.open(command["conversation"])
        self._reply, self._command = reply, command
        self._listen(self._heard)
        chat.send(command.get("question", "Go on."))
        self._turns = turns
        QTimer.singleShot(200, self._look)

    def _look(self) -> None:
        """Put ``before`` in front as soon as the answer is there."""
        turn = self._turns.active
        answer = turn.answer.id if turn is not None else ""
        if not answer or self._session.page.transcript.view(answer) is None:
            QTimer.singleShot(50, self._look)
            return
        self._session.page.transcript.update_streaming(answer, self._command["before"], "", 1, 0.1)
        QTimer.singleShot(_SETTLE_MS, self._count)

    def _count(self) -> None:
        self._began, self._processor = time.perf_counter(), time.process_time()
        if self._command["watched"]:
            self._watch.start(self._frames.append)
        else:
            self._pass_watch.start()
        QTimer.singleShot(round(self._command["seconds"] * 1000), self._press_stop)

    def _press_stop(self) -> None:
        self._wall = time.perf_counter() - self._began
        self._cost = time.process_time() - self._processor
        if self._command["watched"]:
            self._watch.stop()
        else:
            self._pass_watch.stop()
        self._watch.once(self._stop_painted)
        self._session.page.composer.stop_requested.emit()

    def _stop_painted(self, seconds: float) -> None:
        self._stop_seconds = seconds
        self._watch.stop()

    def _heard(self, event: TurnEvent) -> None:
        if isinstance(event, TurnEnded):
            self._listen(lambda _event: None)
            answer = {
                "frames": self._frames,
                "passes": self._passes,
                "share": self._cost / self._wall,
                "stop": self._stop_seconds,
                "failure": event.message.details.failure if event.message.details else "",
                "reason": event.message.details.stop_reason if event.message.details else "",
            }
            QTimer.singleShot(0, lambda: self._reply(answer))


def main(root: Path) -> None:
    """Obey stdin's commands until it closes."""
    qt = application()
    window = TranscriptWindow(root)
    bridge = Bridge()

    def reply(answer: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()

    def read() -> None:
        for line in sys.stdin:
            bridge.post(lambda line=line: window.obey(json.loads(line), reply))  # type: ignore[misc]
        bridge.post(qt.quit)

    threading.Thread(target=read, daemon=True).start()
    qt.exec()
    window.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
