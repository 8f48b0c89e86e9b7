"""What a turn was asked for, and the messages that it begins with."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.engine.entities import SamplingParameters
from app.history.entities import (
    AnswerDetails,
    AttachedText,
    Conversation,
    Message,
    MessageState,
    Role,
)
from app.ids import new_id
from app.library.entities import InstalledModel
from app.placement.entities import Wishes
from app.text import clean


@dataclass(frozen=True, slots=True)
class Order:
    """The branch to answer, by which model and how."""

    conversation: Conversation
    branch: tuple[Message, ...]
    model: InstalledModel
    wishes: Wishes | None
    sampling: SamplingParameters
    insist: bool


def question_of(
    conversation: Conversation,
    branch: Sequence[Message],
    text: str,
    attachments: Sequence[AttachedText],
) -> Message:
    """A new message of the user after ``branch``."""
    return Message(
        new_id(),
        conversation.id,
        branch[-1].id if branch else None,
        Role.USER,
        clean(text),
        created_ms=_now_ms(),
        attachments=tuple(attachments),
    )


def place_of_answer(order: Order, written: Message | None, *, beside: bool) -> Message:
    """A new answer after the branch, or ``written``, which is written on: itself or a copy."""
    model = order.model
    details = AnswerDetails(
        model_key=model.key,
        model_name=model.name,
        quantization=model.quantization,
        is_demo=model.is_demo,
        sampling=order.sampling,
        edited=written is not None and written.details is not None and written.details.edited,
    )
    if written is not None:
        return replace(
            written,
            id=new_id() if beside else written.id,
            state=MessageState.STREAMING,
            created_ms=_now_ms() if beside else written.created_ms,
            details=details,
        )
    return Message(
        new_id(),
        order.conversation.id,
        order.branch[-1].id,
        Role.ASSISTANT,
        "",
        state=MessageState.STREAMING,
        created_ms=_now_ms(),
        details=details,
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
