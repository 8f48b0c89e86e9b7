"""A stored answer that is not finished, as it is at this moment."""

from dataclasses import replace

from app.chat.turns import Turns
from app.history.entities import Message, MessageState


def as_it_is_now(turns: Turns, stored: Message) -> Message:
    """With what has arrived, or as interrupted; anything else is what it is."""
    if stored.state is not MessageState.STREAMING:
        return stored
    active = turns.active
    if active is None or active.answer.id != stored.id:
        # Nothing writes it here: the disk refused its end, or another program has it.
        return replace(stored, state=MessageState.INTERRUPTED)
    # The stored text is up to half a second behind what has arrived.
    text, reasoning = active.snapshot()
    return replace(stored, text=text, reasoning=reasoning)
