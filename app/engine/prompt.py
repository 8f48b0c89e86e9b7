"""Messages become the tokens of a prompt, with control tokens only where the template put them.

What a person wrote, or a model said before, may contain ``<|im_end|>`` and the like; tokenized
together with the template it would end a turn and forge another. So a mark that occurs in no
text (the noncharacter U+FDD0, itself removed from the input first) is put after the first
character of every control string in untrusted text. The whole prompt is then tokenized at
once, because tokenizing in pieces changes ordinary text, and the mark's own tokens are taken
out again.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import msgspec

from app.engine.entities import ChatMessage
from app.engine.errors import RefusedError
from app.engine.template import ChatTemplate

MARK = "\ufdd0"
_MARK_BYTES = MARK.encode()
_CACHED_PIECES = 65536
_SLICE = 256 * 1024
"""Characters."""
_TOKENS_OF_A_CUT = 32
_ENDING = 256
"""Characters that are enough to tell whether thinking has begun."""


class Tokens(Protocol):
    """What a prompt needs of a vocabulary."""

    bos: int
    adds_bos: bool
    control_strings: tuple[str, ...]

    def tokenize(self, text: str) -> list[int]:
        """Tokens of ``text`` with control tokens recognized and nothing added."""

    def piece(self, token: int, special: bool) -> bytes:
        """Bytes of a token."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the engine reads before it answers."""

    tokens: list[int]
    ending: str
    """The last characters of the rendered text: they tell whether thinking has begun."""


class ControlMarks:
    """Puts the mark into control strings of untrusted text."""

    def __init__(self, control_strings: Iterable[str]) -> None:
        # A string of one character cannot be broken and would change every text.
        self._strings = frozenset(text for text in control_strings if len(text) > 1)
        self._lengths = sorted({len(text) for text in self._strings})
        first = "".join(sorted({text[0] for text in self._strings}))
        self._first = re.compile(f"[{re.escape(first)}]") if first else None

    def defuse(self, text: str) -> str:
        """Return ``text`` with a mark inside every control string, overlapping ones too."""
        text = text.replace(MARK, "")
        if self._first is None:
            return text
        parts: list[str] = []
        done = 0
        for match in self._first.finditer(text):
            at = match.start()
            if any(text[at : at + length] in self._strings for length in self._lengths):
                parts.append(text[done : at + 1])
                parts.append(MARK)
                done = at + 1
        parts.append(text[done:])
        return "".join(parts)


class PromptMaker:
    """Renders and tokenizes for one model. Raises RefusedError."""

    def __init__(
        self, template: ChatTemplate, vocabulary: Tokens, context_tokens: int, model_name: str
    ) -> None:
        self._name = model_name
        self._template = template
        self._vocabulary = vocabulary
        self._context_tokens = context_tokens
        self._marks = ControlMarks(vocabulary.control_strings)
        self._piece = lru_cache(_CACHED_PIECES)(lambda token: vocabulary.piece(token, True))

    def make(self, messages: Sequence[ChatMessage], thinking: bool | None = None) -> Prompt:
        """The prompt for ``messages``; its length is not checked against the context."""
        safe = [self._defused(message) for message in messages]
        text = self._template.render(safe, thinking)
        self._refuse_hopeless(text)
        tokens = self._tokenize(text)
        if self._vocabulary.adds_bos and tokens[:1] != [self._vocabulary.bos]:
            tokens.insert(0, self._vocabulary.bos)
        if not tokens:
            raise RefusedError("engine.template_refused", "an empty prompt", name=self._name)
        return Prompt(tokens, self._ending(text, safe, thinking))

    def _ending(self, text: str, messages: list[ChatMessage], thinking: bool | None) -> str:
        """What the template put last. Where it puts nothing behind the last message, the words
        of that message must not look as if thinking had begun."""
        last = messages[-1] if messages else None
        if last is None or not text.rstrip().endswith(last.content.rstrip()):
            return text[-_ENDING:]
        neutral = msgspec.structs.replace(last, content=".", reasoning="")
        return self._template.render([*messages[:-1], neutral], thinking)[-_ENDING:]

    def _refuse_hopeless(self, text: str) -> None:
        """Stop early on a text of many megabytes: tokenizing all of it would take minutes."""
        if len(text) <= _SLICE:
            return
        tokens = 0
        for number, at in enumerate(range(0, len(text), _SLICE), start=1):
            tokens += len(self._vocabulary.tokenize(text[at : at + _SLICE]))
            # A cut adds a few tokens, so the sum is no exact answer; near the limit go on.
            if tokens > self._context_tokens + number * _TOKENS_OF_A_CUT:
                raise RefusedError(
                    "engine.prompt_too_long",
                    tokens=max(tokens, tokens * len(text) // (at + _SLICE)),
                    context=self._context_tokens,
                )

    def _defused(self, message: ChatMessage) -> ChatMessage:
        return msgspec.structs.replace(
            message,
            content=self._marks.defuse(message.content),
            reasoning=self._marks.defuse(message.reasoning),
        )

    def _tokenize(self, text: str) -> list[int]:
        tokens = self._vocabulary.tokenize(text)
        marks = text.count(MARK)
        if not marks:
            return tokens
        kept = self._without_marks(tokens, marks)
        if kept is not None:
            return kept
        # A vocabulary that knows no bytes, or joins the mark with a neighbour: piece by piece,
        # which breaks the control strings as surely.
        return [token for part in text.split(MARK) for token in self._vocabulary.tokenize(part)]

    def _without_marks(self, tokens: list[int], expected: int) -> list[int] | None:
        """``tokens`` without those of the marks; None unless each mark has tokens of its own."""
        kept: list[int] = []
        found = 0
        at = 0
        while at < len(tokens):
            length = self._mark_at(tokens, at)
            if length:
                found += 1
                at += length
            else:
                kept.append(tokens[at])
                at += 1
        return kept if found == expected else None

    def _mark_at(self, tokens: list[int], at: int) -> int:
        """How many tokens from ``at`` on make up exactly one mark; 0 for none."""
        joined = b""
        for length, token in enumerate(tokens[at : at + len(_MARK_BYTES)], start=1):
            joined += self._piece(token)
            if joined == _MARK_BYTES:
                return length
            if not _MARK_BYTES.startswith(joined):
                return 0
        return 0
