"""A worker without an engine that writes a given text at a given speed, gathered for 20 ms.

Run as a module with a folder: each answer is ``order.json`` there (text, tokens a second, and
whether to answer Stop only after a moment, as an engine inside a batch does).
"""

import json
import os
import queue
import sys
import threading
import time
from pathlib import Path

from app.engine.entities import ModelFacts, Timings
from app.engine.protocol import (
    PROTOCOL_VERSION,
    Cancel,
    Counted,
    CountTokens,
    Finished,
    FromWorker,
    Generate,
    Hello,
    Load,
    Loaded,
    Ping,
    Pong,
    Tokens,
    encode,
    read_to_worker,
)

CHARACTERS = 4
"""Of a token."""
_GATHER_SECONDS = 0.02

FACTS = ModelFacts(
    architecture="steady", parameters=1, layers=1, trained_context_tokens=131_072,
    context_tokens=131_072, vocabulary=1, has_chat_template=True, supports_thinking=False,
    memory_bytes=0, sandbox="", threads=1, load_seconds=0.01,
)  # fmt: skip


class SteadyWorker:
    """Obeys until its input ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._out = os.fdopen(os.dup(1), "wb")
        self._lock = threading.Lock()
        self._cancelled: queue.SimpleQueue[float] = queue.SimpleQueue()

    def run(self) -> None:
        """Read commands; answers are written on threads of their own."""
        self._say(Hello(protocol=PROTOCOL_VERSION, engine="steady"))
        for message in read_to_worker(sys.stdin.buffer):
            match message:
                case Ping():
                    self._say(Pong())
                case Load():
                    self._say(Loaded(facts=FACTS))
                case CountTokens(request=number, pieces=pieces):
                    # Every chat fits: what is timed is the window.
                    nothing = tuple((0,) * len(lengths) for lengths in pieces)
                    self._say(Counted(request=number, tokens=1, pieces=nothing))
                case Generate(request=number):
                    threading.Thread(target=self._write, args=(number,), daemon=True).start()
                case Cancel():
                    self._cancelled.put(0.0)

    def _write(self, number: int) -> None:
        order = json.loads((self._folder / "order.json").read_text(encoding="utf-8"))
        text, rate = order["text"], order["rate"]
        began = time.perf_counter()
        at = tokens = 0
        reason = "stop"
        while at < len(text):
            time.sleep(_GATHER_SECONDS)
            due = int((time.perf_counter() - began) * rate) * CHARACTERS
            piece, at = text[at:due], max(at, due)
            tokens = min(at, len(text)) // CHARACTERS
            if piece:
                self._say(Tokens(request=number, text=piece, tokens=max(1, tokens)))
            if not self._cancelled.empty():
                self._cancelled.get()
                time.sleep(order["stop_seconds"])
                reason = "cancelled"
                break
        seconds = time.perf_counter() - began
        timings = Timings(generated_tokens=max(1, tokens), tokens_per_second=tokens / seconds)
        self._say(
            Finished(
                request=number, stop_reason=reason, timings=timings, seed=1, context_used=tokens  # type: ignore[arg-type]
            )
        )  # fmt: skip

    def _say(self, message: FromWorker) -> None:
        with self._lock:
            self._out.write(encode(message))
            self._out.flush()


if __name__ == "__main__":
    SteadyWorker(Path(sys.argv[1])).run()
