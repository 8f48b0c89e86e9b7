"""A worker without an engine that speaks the real protocol and misbehaves as told.

Run as a script: ``python scripted_worker.py BEHAVIOUR``. It is for faults that a real engine
cannot be made to show on demand; everything else is tested with the real worker.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

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
    LoadProgress,
    Ping,
    Pong,
    Tokens,
    encode,
    read_to_worker,
)
from app.engine.reasoning import find_style, make_splitter
from app.engine.textstream import Utf8Assembler

FACTS = ModelFacts(
    architecture="scripted",
    parameters=1,
    layers=1,
    trained_context_tokens=2048,
    context_tokens=2048,
    vocabulary=1,
    has_chat_template=True,
    supports_thinking=False,
    memory_bytes=0,
    sandbox="",
    threads=1,
    load_seconds=0.01,
)


def main(behaviour: str) -> None:
    out: BinaryIO = os.fdopen(os.dup(1), "wb")

    def say(message: FromWorker) -> None:
        out.write(encode(message))
        out.flush()

    if behaviour == "silent":
        time.sleep(60)
    say(Hello(protocol=PROTOCOL_VERSION, engine="scripted"))
    for message in read_to_worker(sys.stdin.buffer):
        match message:
            case Ping():
                if behaviour != "deaf":
                    say(Pong())
            case Load():
                on_load(behaviour, say, out)
            case CountTokens(request=number):
                words = sum(len(each.content.split()) for each in message.messages)
                told = zip(message.messages, message.pieces, strict=False)
                pieces = tuple(words_of(each.content, lengths) for each, lengths in told)
                say(Counted(request=number, tokens=words + 1, pieces=pieces))
            case Generate(request=number) if behaviour.startswith("play:"):
                play(Path(behaviour.removeprefix("play:")), number, say)
            case Generate(request=number):
                on_generate(behaviour, number, say, out)
            case Cancel(request=number):
                if behaviour != "no_cancel":
                    say(finished(number, "cancelled"))


def words_of(text: str, lengths: Sequence[int]) -> tuple[int, ...]:
    """Words of each piece of ``text``; the last one takes what is left."""
    counts, at = [], 0
    for place, length in enumerate(lengths):
        end = None if place == len(lengths) - 1 else at + length
        counts.append(len(text[at:end].split()))
        at += length
    return tuple(counts)


def finished(number: int, reason: str) -> Finished:
    return Finished(
        request=number,
        stop_reason=reason,  # type: ignore[arg-type]
        timings=Timings(generated_tokens=1),
        seed=1,
        context_used=1,
    )


def on_load(behaviour, say, out) -> None:
    say(LoadProgress(fraction=0.5))
    match behaviour:
        case "never_loads":
            return
        case "exit_at_load":
            os._exit(3)
        case "nonsense_at_load":
            out.write(b"\0\0\0\x08nonsense")
            out.flush()
            return
        case "huge_frame":
            out.write(b"\x7f\xff\xff\xff")
            out.flush()
            return
        case "half_frame":
            out.write(b"\0\0\1\0half")
            out.flush()
            os._exit(0)
        case "flood":
            for _ in range(20_000):
                os.write(2, b"noise from the engine, and more noise\n")
        case "segv_at_load":
            os.kill(os.getpid(), signal.SIGSEGV)
    say(Loaded(facts=FACTS))


def on_generate(behaviour, number, say, out) -> None:
    if behaviour == "late_words":
        say(finished(number, "stop"))
        say(Tokens(request=number, text="too late", tokens=2))
        say(Tokens(request=number + 7, text="of nobody", tokens=2))
        return
    say(Tokens(request=number, text="Hello", tokens=1))
    match behaviour:
        case "abort_in_stream":
            os.kill(os.getpid(), signal.SIGABRT)
        case "killed_in_stream":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang_in_stream" | "no_cancel":
            return
        case "wait_for_cancel":
            return
        case _:
            say(finished(number, "stop"))


def play(folder: Path, number: int, say: Callable[[FromWorker], None]) -> None:
    """Write ``stream.json`` as the worker would: its bytes in pieces, split by its style.

    Between thinking and answer it waits for the file ``go``, and at the end for ``end``.
    """
    told = json.loads((folder / "stream.json").read_text(encoding="utf-8"))
    style = find_style(told["template"], lambda _text: False)
    splitter, text = make_splitter(style, told["prompt"][-256:]), Utf8Assembler()
    written = told["written"].encode()
    count = thought = 0
    began = time.perf_counter()
    pause = written.index(told["pause_at"].encode())
    for at in range(0, len(written), told["bytes"]):
        if at >= pause > 0:
            pause = 0
            thought_until = time.perf_counter()
            wait_for(folder / "go")
        part = splitter.feed(text.feed(written[at : at + told["bytes"]]))
        count += 1
        thought += splitter.is_reasoning
        say(Tokens(request=number, text=part.text, reasoning=part.reasoning, tokens=count))
        time.sleep(told["seconds"])
    part = splitter.flush()
    say(Tokens(request=number, text=part.text, reasoning=part.reasoning, tokens=count))
    wait_for(folder / "end")
    timings = Timings(
        prompt_tokens=20,
        generated_tokens=count,
        tokens_per_second=count / (time.perf_counter() - began),
        reasoning_tokens=thought,
        reasoning_seconds=told["thought_seconds"] or thought_until - began,
        seconds_to_first_token=0.25,
    )
    say(Finished(request=number, stop_reason="stop", timings=timings, seed=1, context_used=count))


def wait_for(path: Path) -> None:
    """Until ``path`` is there; whoever reads the answer may have gone meanwhile."""
    for _ in range(6000):
        if path.exists():
            return
        time.sleep(0.01)


if __name__ == "__main__":
    main(sys.argv[1])
