"""The real window with its real worker, drawing into memory, that answers and is typed into.

Arguments: data folder, threads (0: what the application chooses). Commands:
{"do": "answer", "question", "tokens", "seed"}, {"do": "type", "counts": {phase: keys}}.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from app.chat.events import TurnEnded, TurnEvent, TurnText
from app.engine.entities import Plan, SamplingParameters
from models.entities import ModelHandle
from tests.benchmarks.key_watch import KeyWatch
from tests.benchmarks.typing_run import Typing
from tests.helpers.window import application, open_session
from ui.bridge import Bridge

Reply = Callable[[dict[str, Any]], None]
Listener = Callable[[TurnEvent], None]


class DrivenWindow:
    """Obeys one command at a time; everything happens on the window's thread."""

    def __init__(self, root: Path, threads: int) -> None:
        self._session = session = open_session(root)
        self._keys = KeyWatch(session.window, session.page.composer.field)
        self._typing: Typing | None = None
        self._listener: Listener = lambda _event: None
        session.services.turns.subscribe(lambda event: self._listener(event))
        self._set_threads(threads)

    def _set_threads(self, threads: int) -> None:
        """The window offers no thread count, so it is set where plans are carried out."""
        host = self._session.services.host
        ensure = host.ensure

        def with_threads(handle: ModelHandle, plan: Plan, *rest: Any, **named: Any) -> None:
            counted = msgspec.structs.replace(plan, threads=threads, prompt_threads=threads)
            ensure(handle, counted, *rest, **named)

        host.ensure = with_threads  # type: ignore[method-assign]

    def obey(self, command: dict[str, Any], reply: Reply) -> None:
        """Begin what is asked; ``reply`` is called when it is done."""
        if command["do"] == "answer":
            self._answer(command, reply)
        else:
            self._typing = Typing(self._keys, self.ask, self._stop, dict(command["counts"]), reply)
            self._typing.go_on()

    def _stop(self) -> None:
        self._session.services.turns.stop()

    def close(self) -> None:
        """As when the window is closed."""
        self._session.close()

    def _answer(self, command: dict[str, Any], reply: Reply) -> None:
        moments: list[tuple[int, float, float]] = []

        def heard(event: TurnEvent) -> None:
            match event:
                case TurnText(tokens=tokens):
                    moments.append((tokens, time.perf_counter(), time.process_time()))
                case TurnEnded(message=message):
                    assert message.details is not None
                    reply(
                        {
                            "moments": moments,
                            "failure": message.details.failure,
                            "timings": msgspec.to_builtins(message.details.timings),
                        }
                    )

        self.ask(command["question"], command["tokens"], command["seed"], heard)

    def ask(self, question: str, tokens: int, seed: int, listener: Listener) -> None:
        """Send a question in a new chat; ``listener`` hears what becomes of it."""
        session = self._session
        session.services.settings.change(sampling=SamplingParameters(seed=seed, max_tokens=tokens))
        self._listener = listener
        session.chat.new_chat()
        session.chat.send(question)


def main(root: Path, threads: int) -> None:
    """Obey stdin's commands until it closes."""
    qt = application()
    window = DrivenWindow(root, threads)
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
    main(Path(sys.argv[1]), int(sys.argv[2]))
