"""Sends one answer of the test Hub, with whatever faults were planned for it."""

import itertools
import json
import re
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from tests.helpers import hub_faults as faults
from tests.helpers.hub_answers import Answer, HubAnswers, Question, refused
from tests.helpers.hub_content import PIECE, Content

_TICK_SECONDS = 0.05


class Wire(Protocol):
    """What is needed of the connection that an answer goes to."""

    connection: socket.socket
    closing: threading.Event
    close_connection: bool

    def begin(self, status: int, headers: dict[str, str]) -> None:
        """Send the status line and headers."""
        ...

    def write(self, data: bytes) -> None:
        """Send a part of the body."""
        ...


class GoneError(Exception):
    """The answer ends here, and so does the connection."""


@dataclass(frozen=True)
class _Part:
    """What is sent of a file."""

    status: int
    headers: dict[str, str]
    start: int
    end: int


def send(wire: Wire, question: Question, answers: HubAnswers, planned: list[faults.Fault]) -> None:
    """Answer ``question``. Raises GoneError when the connection is to end here."""
    if any(isinstance(fault, faults.Silent) for fault in planned):
        wait_until_left(wire, 3600)
        raise GoneError
    for fault in planned:
        if isinstance(fault, faults.Before):
            fault.action()
        if isinstance(fault, faults.ExpiredSignature):
            answers.expired.add(question.one("X-Signature"))
    answer = answers.answer(question)
    for fault in planned:
        answer = _replaced(answer, fault, question)
    part = _part(answer, question, planned)
    headers = _headers(part, planned)
    wire.begin(part.status, headers)
    if question.method == "HEAD":
        return
    if any(isinstance(fault, faults.Endless) for fault in planned):
        pieces: Iterator[bytes] = itertools.repeat(b" " * PIECE)
    else:
        pieces = _pieces(answer.content, part, planned)
    for piece in _disturbed(wire, pieces, planned):
        wire.write(piece)
    if "Content-Length" not in headers:
        wire.close_connection = True


def _replaced(answer: Answer, fault: faults.Fault, question: Question) -> Answer:
    """The answer that a fault makes of another one."""
    match fault:
        case faults.Status(code, error_code, message, headers):
            made = refused(code, error_code, message or f"status {code}")
            return replace(made, headers=made.headers | headers)
        case faults.RedirectTo(location):
            return Answer(302, {"Location": location or question.path})
        case faults.Body(content, headers):
            return Answer(200, {"Content-Type": "application/json"} | headers, Content.of(content))
        case faults.DropKeys(names):
            kept = _without(json.loads(answer.content.read()), set(names))
            return replace(answer, content=Content.of(json.dumps(kept).encode()))
        case faults.OtherLength(more):
            data = answer.content.read()
            data = data[:more] if more < 0 else data + b"\x07" * more
            return replace(answer, content=Content.of(data))
    return answer


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner, names) for key, inner in value.items() if key not in names}
    if isinstance(value, list):
        return [_without(inner, names) for inner in value]
    return value


def _part(answer: Answer, question: Question, planned: list[faults.Fault]) -> _Part:
    """The whole content, or the range that was asked for."""
    size = answer.content.size
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", question.headers.get("range", ""))
    ignored = any(isinstance(fault, faults.IgnoreRange) for fault in planned)
    if not answer.is_file or asked is None or ignored:
        return _Part(answer.status, answer.headers, 0, size)
    if asked[1]:
        start, end = int(asked[1]), min(int(asked[2]) + 1, size) if asked[2] else size
    else:
        start, end = max(0, size - int(asked[2] or 0)), size
    if start >= size or start >= end:
        return _Part(416, answer.headers | {"Content-Range": f"bytes */{size}"}, 0, 0)
    total, told_start = size, start
    for fault in planned:
        if isinstance(fault, faults.WrongContentRange):
            total, told_start = total + fault.total, told_start + fault.start
    told = f"bytes {told_start}-{told_start + end - start - 1}/{total}"
    return _Part(206, answer.headers | {"Content-Range": told}, start, end)


def _headers(part: _Part, planned: list[faults.Fault]) -> dict[str, str]:
    headers = dict(part.headers)
    if any(isinstance(fault, faults.Endless) for fault in planned):
        headers["Connection"] = "close"
    else:
        headers["Content-Length"] = str(part.end - part.start)
    dropped = {
        name.casefold()
        for fault in planned
        if isinstance(fault, faults.DropHeaders)
        for name in fault.names
    }
    return {name: text for name, text in headers.items() if name.casefold() not in dropped}


def _pieces(content: Content, part: _Part, planned: list[faults.Fault]) -> Iterator[bytes]:
    wrong_from = min(
        (fault.at for fault in planned if isinstance(fault, faults.WrongBody)), default=part.end
    )
    position = part.start
    for piece in content.pieces(part.start, part.end):
        kept = max(0, min(len(piece), wrong_from - position))
        yield piece[:kept] + bytes(byte ^ 0x55 for byte in piece[kept:])
        position += len(piece)


def _disturbed(wire: Wire, pieces: Iterator[bytes], planned: list[faults.Fault]) -> Iterator[bytes]:
    """The pieces in their time, up to where the connection is cut."""
    stops = sorted(
        (fault for fault in planned if isinstance(fault, faults.Cut | faults.Stall)),
        key=lambda fault: fault.at,
    )
    speed = next((f.bytes_per_second for f in planned if isinstance(f, faults.Slow)), 0.0)
    pieces = _in_time(wire, pieces, speed) if speed else pieces
    sent = 0
    for piece in pieces:
        while stops and stops[0].at <= sent + len(piece):
            stop = stops.pop(0)
            head, piece = piece[: stop.at - sent], piece[stop.at - sent :]
            if head:
                yield head
                sent += len(head)
            _stop(wire, stop)
        if piece:
            yield piece
            sent += len(piece)
    for stop in stops:
        _stop(wire, stop)


def _stop(wire: Wire, stop: faults.Cut | faults.Stall) -> None:
    """Cut the connection, or wait."""
    if isinstance(stop, faults.Stall):
        wait_until_left(wire, stop.seconds)
        return
    wire.close_connection = True
    if stop.reset:
        linger = struct.pack("ii", 1, 0)
        wire.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        wire.connection.close()
    raise GoneError


def _in_time(wire: Wire, pieces: Iterator[bytes], speed: float) -> Iterator[bytes]:
    """Cut pieces small enough for ``speed`` bytes per second and wait between them."""
    step = max(1, min(PIECE, int(speed * _TICK_SECONDS)))
    started, sent = time.monotonic(), 0
    for piece in pieces:
        for position in range(0, len(piece), step):
            part = piece[position : position + step]
            yield part
            sent += len(part)
            ahead = started + sent / speed - time.monotonic()
            if ahead > 0.001 and wire.closing.wait(ahead):
                raise GoneError


def wait_until_left(wire: Wire, seconds: float) -> None:
    """Send nothing for ``seconds``; raises GoneError when one of the two sides goes away."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if wire.closing.is_set():
            raise GoneError
        wait = min(_TICK_SECONDS, max(0.0, deadline - time.monotonic()))
        # What is readable while an answer is under way is the other side's farewell.
        if select.select([wire.connection], [], [], wait)[0]:
            raise GoneError
