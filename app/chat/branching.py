"""What a person does to a tree of messages: edit, try again, write on, delete, bring back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.chat.turns import Turns
from app.engine.entities import SamplingParameters
from app.history.entities import (
    AnswerDetails,
    AttachedText,
    Conversation,
    Message,
    MessageState,
    Role,
)
from app.history.errors import HistoryError
from app.history.repository import History
from app.ids import new_id
from app.library.entities import InstalledModel
from app.placement.entities import Wishes
from app.text import clean
from models.errors import KnownError


@dataclass(frozen=True, slots=True)
class Answering:
    """By which model, placed and sampled how."""

    model: InstalledModel
    wishes: Wishes | None
    sampling: SamplingParameters


class Branching:
    """Nothing here overwrites or loses a word: every change is a branch, every deletion a move
    into the trash. Lives on the state thread; reads raise HistoryError or StorageError."""

    def __init__(self, history: History, turns: Turns) -> None:
        self._history = history
        self._turns = turns

    def edit_question(
        self,
        conversation: Conversation,
        message_id: str,
        text: str,
        answering: Answering,
        attachments: Sequence[AttachedText] | None = None,
    ) -> bool:
        """Send ``text`` in the place of a question, beside it; False when a turn is under way.

        Without ``attachments`` those of the question come along.
        """
        branch = self._up_to(conversation, message_id)
        carried = branch[-1].attachments if attachments is None else attachments
        return self._turns.send(
            conversation, branch[:-1], text, answering.model, answering.wishes,
            answering.sampling, attachments=carried,
        )  # fmt: skip

    def regenerate(self, conversation: Conversation, message_id: str, answering: Answering) -> bool:
        """Answer anew, beside the answer ``message_id`` or below the question ``message_id``."""
        branch = self._up_to(conversation, message_id)
        while branch and branch[-1].role is Role.ASSISTANT:
            branch.pop()
        if not branch:
            raise HistoryError("history.no_message", id=message_id)
        return self._turns.try_again(
            conversation, branch, answering.model, answering.wishes, answering.sampling
        )

    def continue_answer(
        self, conversation: Conversation, message_id: str, answering: Answering
    ) -> bool:
        """Write an answer on from its last word; a copy of it where others follow already."""
        branch = self._up_to(conversation, message_id)
        followed = bool(self._history.tree(conversation.id).children(message_id))
        return self._turns.go_on(
            conversation, branch, answering.model, answering.wishes, answering.sampling,
            beside=followed,
        )  # fmt: skip

    def edit_answer(
        self,
        message_id: str,
        text: str,
        done: Callable[[Message], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
    ) -> Message:
        """Keep ``text`` beside a model's answer as if it had said so; returns the new message.

        Its thinking does not come along: it led to other words.
        """
        old = self._history.message(message_id)
        parent = self._history.tree(old.conversation_id).parent(message_id)
        details = old.details or AnswerDetails(model_key="", model_name="")
        edited = replace(
            old,
            id=new_id(),
            parent_id=parent,
            text=clean(text),
            reasoning="",
            state=MessageState.COMPLETE,
            created_ms=0,
            details=_edited(details),
            repair_note="",
        )
        self._history.add(edited, lambda _shown: done(edited) if done else None, failed)
        return edited

    def delete(
        self,
        message_id: str,
        done: Callable[[Conversation], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
        *,
        alone: bool = False,
    ) -> None:
        """Move a message and all below it into the trash; ``alone`` leaves what is below.

        An answer that is being written there is stopped first; what arrived goes along.
        """
        turn = self._turns.active
        if turn is not None:
            tree = self._history.tree(turn.conversation.id)
            gone = [message_id] if alone else tree.branch(message_id)
            if turn.answer.id in gone:
                self._turns.stop()
        self._history.trash_message(message_id, done, failed, alone=alone)

    def undo_delete(
        self,
        message_id: str,
        done: Callable[[Conversation], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
    ) -> None:
        """Bring back what the deletion of ``message_id`` took, and show it."""
        self._history.restore_message(message_id, done, failed)

    def _up_to(self, conversation: Conversation, message_id: str) -> list[Message]:
        branch = self._history.branch(conversation.id, message_id)
        if not branch or branch[-1].id != message_id:
            raise HistoryError("history.no_message", id=message_id)
        return branch


def _edited(details: AnswerDetails) -> AnswerDetails:
    return AnswerDetails(
        model_key=details.model_key,
        model_name=details.model_name,
        quantization=details.quantization,
        is_demo=details.is_demo,
        sampling=details.sampling,
        edited=True,
    )
