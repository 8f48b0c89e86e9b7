"""The messages between the application and its worker, and their frames.

A frame is four bytes of length, big-endian, then one msgpack message. Both sides validate
what they receive; a frame above ``MAX_FRAME`` or of an unknown shape ends the worker.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from app.engine.entities import (
    ChatMessage,
    Device,
    MeasuredSpeeds,
    ModelFacts,
    Plan,
    Rehearsal,
    RehearsalJob,
    SamplingParameters,
    StopReason,
    Timings,
)

PROTOCOL_VERSION = 1
MAX_FRAME = 32 * 1024 * 1024
_LENGTH = struct.Struct(">I")


class ProtocolError(Exception):
    """The other side sent something that is no message."""


class _Message(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all messages; each is tagged with its class name."""


# --- to the worker -----------------------------------------------------------------------


class Load(_Message, frozen=True, kw_only=True, tag=True):
    """Load a model. Answered by LoadProgress*, then Loaded or Failed. Once per worker."""

    paths: tuple[str, ...]
    plan: Plan
    sandbox: bool = True
    projector: str = ""
    """The file that lets it see pictures; empty without one. It is opened with the first one."""


class Generate(_Message, frozen=True, kw_only=True, tag=True):
    """Answer the last message. Answered by Reading*, Tokens*, then Finished or Failed."""

    request: int
    messages: tuple[ChatMessage, ...]
    sampling: SamplingParameters
    thinking: bool | None = None
    """None leaves it to the template; True and False are handed to templates that can."""
    resume: bool = False
    """The last message is an answer that stopped, and is written on."""


class CountTokens(_Message, frozen=True, kw_only=True, tag=True):
    """Count the prompt that ``Generate`` would send. Answered by Counted or Failed."""

    request: int
    messages: tuple[ChatMessage, ...]
    thinking: bool | None = None
    resume: bool = False
    pieces: tuple[tuple[int, ...], ...] = ()
    """For each message the lengths in characters of the pieces that its content is made of;
    empty: nothing is told about pieces."""
    shows: bool = False
    """Whether the prompt's text is wanted, too."""


class Cancel(_Message, frozen=True, kw_only=True, tag=True):
    """Stop the request at once; it still ends with Finished("cancelled")."""

    request: int


class Forget(_Message, frozen=True, kw_only=True, tag=True):
    """Forget everything that was read of conversations. Not answered."""


class ListDevices(_Message, frozen=True, kw_only=True, tag=True):
    """Tell what can compute. Needs no model; answered by Devices or Failed."""

    request: int
    rpc_hosts: tuple[str, ...] = ()
    """``HOST:PORT`` of computers to be asked too: the worker then holds their connections."""


class Rehearse(_Message, frozen=True, kw_only=True, tag=True):
    """Build plans without allocating. Answered by one Rehearsed for each job, in order.

    A worker that rehearses loads no model.
    """

    request: int
    jobs: tuple[RehearsalJob, ...]


class MeasureSpeed(_Message, frozen=True, kw_only=True, tag=True):
    """Measure this computer with the engine's kernels. Answered by Measuring*, then Measured."""

    request: int
    type_names: tuple[str, ...]
    """Quantization types of experts, the most important first."""
    seconds: float = 10.0
    """That it may take, about."""


class Ping(_Message, frozen=True, kw_only=True, tag=True):
    """Are you there? The pipe thread answers with Pong at once, also while computing."""


ToWorker = (
    Load | Generate | CountTokens | Forget | ListDevices | Rehearse | MeasureSpeed | Cancel | Ping
)


# --- from the worker ---------------------------------------------------------------------


class Hello(_Message, frozen=True, kw_only=True, tag=True):
    """The first frame of every worker."""

    protocol: int
    engine: str
    """Version of the binding and of llama.cpp's commit, for the log and for reports."""


class LoadProgress(_Message, frozen=True, kw_only=True, tag=True):
    """Between 0 and 1."""

    fraction: float


class Loaded(_Message, frozen=True, kw_only=True, tag=True):
    """The model may be used."""

    facts: ModelFacts


class Rendering(_Message, frozen=True, kw_only=True, tag=True):
    """The prompt is about to be rendered: the parent's deadline for templates starts."""

    request: int


class Reading(_Message, frozen=True, kw_only=True, tag=True):
    """Prompt progress. ``total`` counts only tokens that must be read, not the reused ones."""

    request: int
    done: int
    total: int
    reused: int
    seconds: float


class Tokens(_Message, frozen=True, kw_only=True, tag=True):
    """Text that arrived, always whole characters; several tokens at once."""

    request: int
    text: str = ""
    reasoning: str = ""
    tokens: int
    """Tokens generated so far."""


class Finished(_Message, frozen=True, kw_only=True, tag=True):
    """The answer is over. ``seed`` is the one that was used."""

    request: int
    stop_reason: StopReason
    timings: Timings
    seed: int
    context_used: int
    """Tokens of the context window in use after the answer."""


class Counted(_Message, frozen=True, kw_only=True, tag=True):
    """Answer to CountTokens."""

    request: int
    tokens: int
    """Of the whole prompt."""
    pieces: tuple[tuple[int, ...], ...] = ()
    """Of the pieces that were asked for; the template's own tokens are the rest."""
    reused: int = 0
    """Tokens at the beginning that the engine has read already."""
    text: str = ""
    """What the tokens say, control tokens included, when it was asked for."""


class Devices(_Message, frozen=True, kw_only=True, tag=True):
    """Answer to ListDevices; the processor is the last."""

    request: int
    devices: tuple[Device, ...]


class Rehearsed(_Message, frozen=True, kw_only=True, tag=True):
    """One job of Rehearse: its result, or the code and facts of a sentence that says why not."""

    request: int
    job: int
    """Its place among the jobs; the last one ends the request."""
    result: Rehearsal | None = None
    code: str = ""
    facts: dict[str, str | int | float] = {}
    detail: str = ""


class Measuring(_Message, frozen=True, kw_only=True, tag=True):
    """Between 0 and 1."""

    request: int
    fraction: float


class Measured(_Message, frozen=True, kw_only=True, tag=True):
    """Answer to MeasureSpeed."""

    request: int
    speeds: MeasuredSpeeds


class Failed(_Message, frozen=True, kw_only=True, tag=True):
    """The request (0: loading) could not be done; the worker itself is well.

    ``code`` is a sentence of ``app.wording`` ("engine.…"), ``facts`` fill it, ``detail`` is
    for the log only.
    """

    request: int
    code: str
    facts: dict[str, str | int | float] = {}
    detail: str = ""


class Pong(_Message, frozen=True, kw_only=True, tag=True):
    """Answer to Ping, from the pipe thread."""


FromWorker = (
    Hello
    | LoadProgress
    | Loaded
    | Rendering
    | Reading
    | Tokens
    | Finished
    | Counted
    | Devices
    | Rehearsed
    | Measuring
    | Measured
    | Failed
    | Pong
)

_encoder = msgspec.msgpack.Encoder()
_to_worker = msgspec.msgpack.Decoder(ToWorker)
_from_worker = msgspec.msgpack.Decoder(FromWorker)


def encode(message: ToWorker | FromWorker) -> bytes:
    """Return the frame of ``message``."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME:
        raise ProtocolError(f"a message of {len(body)} bytes")
    return _LENGTH.pack(len(body)) + body


def _bodies(stream: BinaryIO) -> Iterator[bytes]:
    while head := stream.read(_LENGTH.size):
        if len(head) < _LENGTH.size:
            raise ProtocolError("the stream ended inside a length")
        (length,) = _LENGTH.unpack(head)
        if length > MAX_FRAME:
            raise ProtocolError(f"a frame of {length} bytes")
        body = stream.read(length)
        if len(body) < length:
            raise ProtocolError("the stream ended inside a frame")
        yield body


def read_from_worker(stream: BinaryIO) -> Iterator[FromWorker]:
    """Yield messages of a worker until its pipe closes. Raises ProtocolError."""
    for body in _bodies(stream):
        try:
            yield _from_worker.decode(body)
        except msgspec.DecodeError as error:
            raise ProtocolError(str(error)) from error


def read_to_worker(stream: BinaryIO) -> Iterator[ToWorker]:
    """Yield messages of the application until its pipe closes. Raises ProtocolError."""
    for body in _bodies(stream):
        try:
            yield _to_worker.decode(body)
        except msgspec.DecodeError as error:
            raise ProtocolError(str(error)) from error
