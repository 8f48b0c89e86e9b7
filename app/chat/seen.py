"""What the model was given for an answer, as it would be rendered now, and whether it may differ.

Only answers are kept, not their prompts: a prompt is the branch, rendered again.
"""

from collections.abc import Sequence
from enum import StrEnum

from app.chat.budget import Measured, Wanted, wanted_of
from app.engine.entities import SamplingParameters
from app.history.entities import Conversation, Message, Summary


class Differs(StrEnum):
    """Why what is shown may not be what the model read then."""

    NOTHING = "nothing"
    """As many tokens as it read then, by the same model."""
    MODEL = "model"
    """Another model is loaded: its own tokenizer and template are used."""
    TOKENS = "tokens"
    """It read another number of tokens: instructions, pins, thinking or leaving out changed."""
    UNKNOWN = "unknown"
    """It is not recorded how much was read, since the answer did not come to its end."""


def wanted_for_answer(
    conversation: Conversation,
    branch: Sequence[Message],
    answer_id: str,
    sampling: SamplingParameters,
    summaries: Sequence[Summary] = (),
) -> Wanted | None:
    """The prompt of an answer in ``branch``; None if it is not there or nothing was asked.

    The answer's own sampling is taken where it is known, else ``sampling``.
    """
    place = next((n for n, each in enumerate(branch) if each.id == answer_id), 0)
    if place == 0:
        return None
    details = branch[place].details
    own = details.sampling if details is not None else None
    return wanted_of(conversation, branch[:place], own or sampling, summaries)


def differs(answer: Message, measured: Measured, model_key: str) -> Differs:
    """Compare what was ``measured`` with the loaded model ``model_key`` to what was read then."""
    details = answer.details
    if details is None or details.timings is None or not details.timings.prompt_tokens:
        return Differs.UNKNOWN
    if details.model_key != model_key:
        return Differs.MODEL
    same = details.timings.prompt_tokens == measured.report.prompt_tokens
    return Differs.NOTHING if same else Differs.TOKENS
