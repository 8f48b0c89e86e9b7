"""The real window over a tree of many messages, for switching between versions and pasting.

Argument: a data folder. Commands of ``Child``: {"do": "fill", "messages"},
{"do": "switch", "at": "begin" | "end"}, {"do": "ask_history"}, {"do": "paste", "characters"}.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.history import changes
from app.history.entities import AnswerDetails, Conversation, Message, MessageState, Role
from app.history.tree import Tree
from app.ids import new_id
from tests.benchmarks import transcript_texts
from tests.benchmarks.frame_watch import FrameWatch
from tests.benchmarks.processes import STARTER
from tests.helpers.window import application, open_session
from ui.bridge import Bridge

Reply = Callable[[dict[str, Any]], None]

_WIDE, _HEIGHT = 1280, 800
_SETTLE_MS = 700
_NEAR = 40
_DETAILS = AnswerDetails(model_key="m", model_name="Model", stop_reason="stop")


class TurnWindow:
    """Obeys one command at a time; everything happens on the window's thread."""

    def __init__(self, root: Path) -> None:
        self._session = open_session(root / "data", starter=STARTER)
        self._session.window.resize(_WIDE, _HEIGHT)
        self._conversation = Conversation(new_id(), "A tree")
        self._versions: dict[str, list[list[str]]] = {"begin": [], "end": []}
        self._watch: FrameWatch | None = None

    def obey(self, command: dict[str, Any], reply: Reply) -> None:
        """Begin what is asked; ``reply`` is called when it is done."""
        match command["do"]:
            case "fill":
                self._fill(command["messages"], reply)
            case "switch":
                self._switch(command["at"], reply)
            case "ask_history":
                self._ask_history(reply)
            case _:
                self._paste(command["characters"], reply)

    def close(self) -> None:
        """As when the window is closed."""
        self._session.close()

    # --- a tree -----------------------------------------------------------------------------
    def _fill(self, messages: int, reply: Reply) -> None:
        """One question with two answers, half of all messages below each; the last answer of
        each half has a second version."""
        half = messages // 2

        def write(connection: Any) -> None:
            root = Message(new_id(), self._conversation.id, None, Role.USER, "Begin.")
            first = self._answer(connection, root, root.id, 0, half)
            second = self._answer(connection, None, root.id, 1, half)
            self._versions["begin"] = [[first, second]]
            for parent in (first, second):
                for number in range(2, half, 2):
                    text = _text(number, half)
                    user = Message(new_id(), self._conversation.id, parent, Role.USER, text)
                    parent = self._answer(connection, user, user.id, number + 1, half)
                last, other = parent, self._answer(connection, None, user.id, half, half)
                self._versions["end"].append([last, other])

        self._session.services.history._database.writer.run(write)
        self._session.chat.open(self._conversation.id)
        QTimer.singleShot(_SETTLE_MS, lambda: reply({}))

    def _answer(
        self, connection: Any, user: Message | None, parent: str, number: int, half: int
    ) -> str:
        answer = Message(
            new_id(), self._conversation.id, parent, Role.ASSISTANT, "",
            state=MessageState.STREAMING, details=_DETAILS,
        )  # fmt: skip
        changes.begin_turn(connection, self._conversation, user, answer, 1)
        changes.finish_answer(
            connection, answer.id, _text(number, half), "", MessageState.COMPLETE, _DETAILS, 1
        )
        return answer.id

    def _switch(self, at: str, reply: Reply) -> None:
        """Press the arrow at a message and time it to the end of the other version's painting."""
        transcript = self._session.page.transcript
        places = {each.message.id: n for n, each in enumerate(transcript.items)}
        versions, now = next(
            (pair, each) for pair in self._versions[at] for each in pair if each in places
        )
        number = places[now]
        transcript.show_message(number)
        (wanted,) = (each for each in versions if each != now)

        def press() -> None:
            arrows = transcript.ready(number).footer.arrows
            assert arrows is not None
            button = arrows.after if versions.index(wanted) else arrows.before
            painted = self._painted(
                transcript.viewport(), lambda: transcript.items[number].message.id == wanted
            )
            painted(lambda seconds: QTimer.singleShot(0, lambda: reply({"seconds": seconds})))
            button.click()

        QTimer.singleShot(_SETTLE_MS, press)

    def _painted(
        self, shown: QWidget, is_there: Callable[[], bool]
    ) -> Callable[[Callable[[float], None]], None]:
        """Wait for the first painting that shows it."""
        watch = self._watch = FrameWatch(self._session.window, shown)  # Qt keeps no filter alive

        def wait(done: Callable[[float], None]) -> None:
            began = time.perf_counter()

            def painted(_seconds: float) -> None:
                if is_there():
                    seconds = time.perf_counter() - began
                    watch.stop()
                    done(seconds)
                else:
                    watch.once(painted)

            watch.once(painted)

        return wait

    def _ask_history(self, reply: Reply) -> None:
        """The same without a window: switch, and read the branch and its versions."""
        history, identity = self._session.services.history, self._conversation.id
        shown = {each.id for each in history.branch(identity)}
        wanted = next(each for each in self._versions["begin"][0] if each not in shown)
        began = time.perf_counter()

        def switched(now: tuple[Conversation, Tree]) -> None:
            row, tree = now
            branch = history.some(identity, tree.path(row.leaf_id), tree)
            for message in branch:
                tree.siblings(message.id)
            seconds = time.perf_counter() - began
            self._session.chat.reload()
            QTimer.singleShot(_SETTLE_MS, lambda: reply({"seconds": seconds}))

        history.switch(wanted, done=switched)

    # --- a long paste -----------------------------------------------------------------------
    def _paste(self, characters: int, reply: Reply) -> None:
        """Ctrl+V with so many characters in the clipboard, to the end of the next painting."""
        composer = self._session.page.composer
        for file in list(self._session.files.files):
            self._session.files.remove(file.id)
        line = "Lines of about sixty characters, as they stand in a document.\n"
        QGuiApplication.clipboard().setText((line * (characters // len(line) + 1))[:characters])
        composer.field.setFocus()

        def press() -> None:
            painted = self._painted(composer, lambda: bool(self._session.files.files))
            painted(lambda seconds: QTimer.singleShot(300, lambda: reply({"seconds": seconds})))
            QTest.keyClick(composer.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

        QTimer.singleShot(_SETTLE_MS, press)


def _text(number: int, half: int) -> str:
    """What stands near the ends is as in life; the rest is never laid out, and quickly kept."""
    near = number < _NEAR or number > half - _NEAR
    return transcript_texts.mixed(number) if near else f"Message {number}. " + "Some words. " * 40


def main(root: Path) -> None:
    """Obey stdin's commands until it closes."""
    qt = application()
    window = TurnWindow(root)
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
