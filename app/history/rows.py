"""Stored rows to entities and back; a row that is partly unreadable still becomes one."""

import logging
import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from app.engine.entities import SamplingParameters
from app.history.entities import (
    AnswerDetails,
    Conversation,
    Message,
    MessageState,
    Overflow,
    Role,
)
from app.text import clean

log = logging.getLogger("moestro.history")

E = TypeVar("E", bound=StrEnum)
S = TypeVar("S", bound=msgspec.Struct)

REPAIRED = "history.repaired"

# Text is fetched as bytes: one byte that is not UTF-8 would otherwise stop the whole query.
MESSAGE_COLUMNS = (
    "CAST(id AS BLOB), CAST(conversation_id AS BLOB), CAST(parent_id AS BLOB),"
    " CAST(role AS BLOB), CAST(text AS BLOB), CAST(reasoning AS BLOB), CAST(state AS BLOB),"
    " CAST(created_ms AS INTEGER), CAST(sequence AS INTEGER), CAST(details AS BLOB),"
    " CAST(pinned AS INTEGER)"
)
CONVERSATION_COLUMNS = (
    "CAST(id AS BLOB), CAST(title AS BLOB), CAST(system_prompt AS BLOB),"
    " CAST(sampling AS BLOB), CAST(model_key AS BLOB), CAST(leaf_id AS BLOB),"
    " CAST(created_ms AS INTEGER), CAST(updated_ms AS INTEGER), CAST(sequence AS INTEGER),"
    " CAST(trashed_ms AS INTEGER), CAST(overflow AS BLOB)"
)


class _Cells:
    """Reads the cells of one row; ``damaged`` tells whether something had to be replaced."""

    def __init__(self) -> None:
        self.damaged = False

    def text(self, cell: Any) -> str:
        if cell is None:
            self.damaged = True
            return ""
        try:
            return bytes(cell).decode("utf-8")
        except UnicodeDecodeError:
            self.damaged = True
            return bytes(cell).decode("utf-8", "replace")

    def optional_text(self, cell: Any) -> str | None:
        return None if cell is None else self.text(cell)

    def number(self, cell: Any) -> int:
        if cell is None:
            self.damaged = True
            return 0
        return int(cell)

    def word(self, cell: Any, kind: type[E], otherwise: E) -> E:
        # Half as long as asking the class, which counts among thousands of messages.
        found = kind._value2member_map_.get(self.text(cell))
        if isinstance(found, kind):
            return found
        self.damaged = True
        return otherwise

    def struct(self, cell: Any, kind: type[S]) -> S | None:
        if cell is None:
            return None
        try:
            return msgspec.json.decode(bytes(cell), type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self.damaged = True
            return None


def message_of(row: Sequence[Any]) -> Message:
    """The message in a row of MESSAGE_COLUMNS; a repair note tells what could not be read."""
    cells = _Cells()
    answered = row[9] is not None
    message_id = cells.text(row[0])
    conversation_id = cells.text(row[1])
    parent_id = cells.optional_text(row[2])
    role = cells.word(row[3], Role, Role.ASSISTANT if answered else Role.USER)
    text = cells.text(row[4])
    reasoning = cells.text(row[5])
    state = cells.word(row[6], MessageState, MessageState.COMPLETE)
    created_ms = cells.number(row[7])
    sequence = cells.number(row[8])
    details = cells.struct(row[9], AnswerDetails)
    if cells.damaged:
        log.warning("message %s could be read only in part", message_id)
    return Message(
        id=message_id,
        conversation_id=conversation_id,
        parent_id=parent_id,
        role=role,
        text=text,
        reasoning=reasoning,
        state=state,
        created_ms=created_ms,
        sequence=sequence,
        details=details,
        repair_note=REPAIRED if cells.damaged else "",
        pinned=bool(row[10]),
    )


def conversation_of(row: Sequence[Any]) -> Conversation:
    """The conversation in a row of CONVERSATION_COLUMNS; what is unreadable has its default."""
    cells = _Cells()
    conversation = Conversation(
        id=cells.text(row[0]),
        title=cells.text(row[1]),
        system_prompt=cells.text(row[2]),
        sampling=cells.struct(row[3], SamplingParameters),
        model_key=cells.text(row[4]),
        leaf_id=cells.optional_text(row[5]),
        created_ms=cells.number(row[6]),
        updated_ms=cells.number(row[7]),
        sequence=cells.number(row[8]),
        trashed_ms=None if row[9] is None else cells.number(row[9]),
        overflow=cells.word(row[10], Overflow, Overflow.STOP),
    )
    if cells.damaged:
        log.warning("conversation %s could be read only in part", conversation.id)
    return conversation


def json_of(value: msgspec.Struct | None) -> str | None:
    """A struct as JSON that can be stored and read back, whatever its strings and floats."""
    if value is None:
        return None
    return msgspec.json.encode(_storable(msgspec.to_builtins(value))).decode()


def _storable(value: Any) -> Any:
    match value:
        case str():
            return clean(value)
        case float():
            return value if math.isfinite(value) else 0.0
        case dict():
            return {_storable(key): _storable(item) for key, item in value.items()}
        case list() | tuple():
            return [_storable(item) for item in value]
    return value
