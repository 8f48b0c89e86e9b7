"""A worker without an engine that rehearses as the job's first path says.

Run as a script: ``python scripted_rehearser.py``. Paths: "good", "refused", "crash", "hang",
"nonsense", "exit", and "fails" for a worker that gives up the whole request.
"""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.engine.entities import Rehearsal
from app.engine.protocol import (
    PROTOCOL_VERSION,
    Failed,
    FromWorker,
    Hello,
    Ping,
    Pong,
    Rehearse,
    Rehearsed,
    encode,
    read_to_worker,
)


def say(message: FromWorker) -> None:
    sys.stdout.buffer.write(encode(message))
    sys.stdout.buffer.flush()


def answer(request: int, place: int, wish: str) -> bool:
    """Whether the next job's turn comes."""
    match wish:
        case "refused":
            facts = {"name": "a model"}
            say(
                Rehearsed(request=request, job=place, code="placement.rehearsal_model", facts=facts)
            )
        case "crash":
            os.kill(os.getpid(), signal.SIGABRT)
        case "nonsense":
            sys.stdout.buffer.write(b"\0\0\0\x08nonsense")
            sys.stdout.buffer.flush()
            return False
        case "exit":
            os._exit(1)
        case "hang":
            return False
        case "fails":
            say(Failed(request=request, code="engine.internal", facts={"name": "ValueError"}))
            return False
        case _:
            # What only this process can say, so that a test knows which one answered.
            result = Rehearsal(
                layers=(wish,), kv_cache=(), compute=(), context_tokens=os.getpid(), seconds=0.0
            )
            say(Rehearsed(request=request, job=place, result=result))
    return True


def main() -> None:
    say(Hello(protocol=PROTOCOL_VERSION, engine="scripted"))
    for message in read_to_worker(sys.stdin.buffer):
        if isinstance(message, Ping):
            say(Pong())
        elif isinstance(message, Rehearse):
            for place, job in enumerate(message.jobs):
                if not answer(message.request, place, job.paths[0]):
                    break


if __name__ == "__main__":
    main()
