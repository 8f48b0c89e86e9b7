"""What the last message of a request means: its end, and the error that it stands for."""

from collections.abc import Sequence

from app.engine.entities import ChatMessage
from app.engine.errors import (
    BadModelError,
    EngineError,
    HostError,
    OutOfMemoryError,
    WorkerDiedError,
)
from app.engine.protocol import Counted, Failed, Finished, FromWorker
from models.entities import ModelHandle
from models.errors import KnownError

_OF_THE_FILE = frozenset(
    {
        "engine.no_template",
        "engine.template_refused",
        "engine.template_too_large",
        "engine.template_unreadable",
    }
)
"""What a question brings to light and the model file is to blame for."""


_CHARACTERS_OF_A_TOKEN = 4
"""For a text that is far too long to be counted."""


def ends_a_request(event: FromWorker | WorkerDiedError) -> bool:
    """Whether nothing more will come for a request after this event."""
    return isinstance(event, WorkerDiedError | Finished | Failed | Counted)


def too_large(messages: Sequence[ChatMessage], context_tokens: int) -> EngineError:
    """Why no frame can carry the messages."""
    count = sum(len(each.images) for each in messages)
    if count > 1:
        return EngineError("engine.images_too_large", count=count)
    size = sum(len(each.content) + len(each.reasoning) for each in messages)
    tokens = size // _CHARACTERS_OF_A_TOKEN
    return EngineError("engine.prompt_too_long", tokens=tokens, context=context_tokens)


def error_of(failed: Failed, handle: ModelHandle | None = None) -> KnownError:
    """The error that a Failed message stands for, naming the file where there is one."""
    facts: dict[str, str | int | float] = dict(failed.facts)
    if handle is not None:
        facts.setdefault("name", handle.path.name)
    if failed.code == "engine.out_of_memory":
        return OutOfMemoryError(failed.code, **facts)
    if failed.code.startswith("engine.rpc_"):
        return HostError(failed.code, **facts)
    if failed.code == "engine.unknown_device":
        return EngineError(failed.code, **facts)
    if failed.request == 0 or failed.code in _OF_THE_FILE:
        return BadModelError(failed.code, **facts)
    return EngineError(failed.code, **facts)
