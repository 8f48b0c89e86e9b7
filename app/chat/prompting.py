"""What the model is given: system prompt, summary and branch as the messages of a prompt.

Every text keeps its place: which message of the history it comes from, and what it is there.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.attachments.given import prompt_text, without_mark
from app.attachments.pictures import is_picture, picture_of
from app.engine.entities import ChatMessage, ChatRole
from app.history.entities import Message, Role, Summary
from app.text import clean
from app.wording import sentence

_DELETED = "…"

PartKind = Literal["system", "summary", "message", "attachments", "draft"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a piece of the prompt comes from."""

    kind: PartKind
    message_id: str = ""
    """Empty for the system prompt and for a draft."""


@dataclass(frozen=True, slots=True)
class ComposedPrompt:
    """Messages as the engine gets them, and the pieces that each is made of."""

    messages: tuple[ChatMessage, ...]
    origins: tuple[tuple[Origin, ...], ...]
    """For each message, of its pieces in order."""
    lengths: tuple[tuple[int, ...], ...]
    """The same, in characters."""


@dataclass(slots=True)
class _Growing:
    role: ChatRole
    reasoning: str
    texts: list[str] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    images: list[bytes] = field(default_factory=list)


def compose(
    system_prompt: str,
    branch: Sequence[Message],
    *,
    left_out: Collection[str] = (),
    summary: Summary | None = None,
    draft: Message | None = None,
    sees: bool = False,
) -> ComposedPrompt:
    """The prompt for ``branch``, without the messages that are left out or empty failures.

    ``summary`` stands before the first question that is given. ``draft`` is what would be sent
    next. Messages of one role in a row, which many templates refuse, are joined; where an answer
    would come first, which they refuse too, an ellipsis stands for the question that was deleted.
    """
    given: list[_Growing] = []
    if system_prompt.strip():
        _add(given, "system", [(Origin("system"), clean(system_prompt))])
    waiting = summary
    for message in _given(branch, left_out):
        if message.role is Role.USER:
            _add(given, "user", [*_summed(waiting), *_asked(message, "message", sees)])
            given[-1].images += _images(message, sees)
            waiting = None
        elif message.text or message.reasoning:
            origin = Origin("message", message.id)
            if not given or given[-1].role == "system":
                _add(given, "user", [*_summed(waiting), (origin, _DELETED)])
                waiting = None
            _add(given, "assistant", [(origin, message.text)], message.reasoning)
    if draft is not None:
        _add(given, "user", [*_summed(waiting), *_asked(draft, "draft", sees)])
        given[-1].images += _images(draft, sees)
    return ComposedPrompt(
        tuple(
            ChatMessage(each.role, "".join(each.texts), each.reasoning, tuple(each.images))
            for each in given
        ),
        tuple(tuple(each.origins) for each in given),
        tuple(tuple(len(text) for text in each.texts) for each in given),
    )


def prompt_messages(system_prompt: str, branch: Sequence[Message]) -> list[ChatMessage]:
    """All of ``branch`` as the messages of a prompt."""
    return list(compose(system_prompt, branch).messages)


def summary_for(
    branch: Sequence[Message], summaries: Iterable[Summary]
) -> tuple[Summary | None, frozenset[str]]:
    """The summary that stands for most of ``branch``, and the messages that it replaces.

    Pinned messages stay beside it. A summary of another branch does not count.
    """
    places = {message.id: place for place, message in enumerate(branch)}
    fitting = [each for each in summaries if each.until_id in places and each.text.strip()]
    if not fitting:
        return None, frozenset()
    longest = max(fitting, key=lambda each: places[each.until_id])
    covered = branch[: places[longest.until_id] + 1]
    return longest, frozenset(
        each.id
        for exchange in exchanges(covered)
        if not any(message.pinned for message in exchange)
        for each in exchange
    )


def exchanges(branch: Sequence[Message]) -> list[list[Message]]:
    """``branch`` as questions with what answered them; templates want both or neither."""
    found: list[list[Message]] = []
    before: Role | None = None
    for message in branch:
        if not found or (message.role is Role.USER and before is not Role.USER):
            found.append([])
        found[-1].append(message)
        before = message.role
    return found


def _given(branch: Sequence[Message], left_out: Collection[str]) -> list[Message]:
    return [message for message in branch if message.id not in left_out]


def _summed(summary: Summary | None) -> list[tuple[Origin, str]]:
    if summary is None:
        return []
    words = without_mark(clean(summary.text))
    text = f"{sentence('chat.summary_heading')}\n\n{words}\n\n"
    return [(Origin("summary", summary.until_id), text)]


def _images(message: Message, sees: bool) -> list[bytes]:
    """The pictures that ``prompt_text`` has a mark for, in order."""
    if not sees:
        return []
    pictures = (picture_of(each) for each in message.attachments if is_picture(each))
    return [picture for picture in pictures if picture]


def _asked(message: Message, kind: PartKind, sees: bool) -> list[tuple[Origin, str]]:
    """A user's message: its files first, then the words."""
    words = without_mark(clean(message.text))
    whole = clean(prompt_text(message.text, message.attachments, sees=sees))
    if not message.attachments:
        return [(Origin(kind, message.id), words)]
    files = whole[: len(whole) - len(words)]
    return [(Origin("attachments", message.id), files), (Origin(kind, message.id), words)]


def _add(
    given: list[_Growing],
    role: ChatRole,
    pieces: Sequence[tuple[Origin, str]],
    reasoning: str = "",
) -> None:
    if given and given[-1].role == role:
        given[-1].texts[-1] += "\n\n"
        given[-1].reasoning = "\n\n".join(filter(None, (given[-1].reasoning, reasoning)))
    else:
        given.append(_Growing(role, reasoning))
    for origin, text in pieces:
        given[-1].texts.append(text)
        given[-1].origins.append(origin)
