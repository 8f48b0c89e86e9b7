"""Messages become the tokens of a prompt, with control tokens only where the template put them.

What a person wrote, or a model said before, may contain ``<|im_end|>`` and the like; tokenized
together with the template it would end a turn and forge another. So a mark that occurs in no
text (the noncharacter U+FDD0, itself removed from the input first) is put after the first
character of every control string in untrusted text. The whole prompt is then tokenized at
once, because tokenizing in pieces changes ordinary text, and the mark's own tokens are taken
out again.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import msgspec

from app.engine.attribution import counts, stretches
from app.engine.entities import ChatMessage
from app.engine.errors import RefusedError
from app.engine.segments import Cutter, Segments, cuts, cutter_of
from app.engine.template import ChatTemplate
from app.engine.vision import Picture, is_last_slot
from app.pictures import IMAGE_MARK

MARK = "\ufdd0"
_TAIL = "\ufdd1"
"""Ends the text of an answer that is written on; removed from the input too."""
_MARK_BYTES = MARK.encode()
_IMAGE_MARK_BYTES = len(IMAGE_MARK.encode())
_SHOWN_PICTURE = b"[image]"
_CACHED_PIECES = 65536
_SLICE = 256 * 1024
"""Characters."""
_TOKENS_OF_A_CUT = 32
_COUNTED_BEYOND = 256 * 1024
"""Tokens beyond the context window that are still counted exactly."""
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
    pictures: dict[int, Picture] = field(default_factory=dict)
    """By the place of its first slot among the tokens."""


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


@dataclass(frozen=True, slots=True)
class Count:
    """How long a prompt is."""

    tokens: list[int]
    pieces: tuple[tuple[int, ...], ...]


class PromptMaker:
    """Renders and tokenizes for one model. Raises RefusedError."""

    def __init__(
        self,
        template: ChatTemplate,
        vocabulary: Tokens,
        context_tokens: int,
        model_name: str,
        *,
        splits_words: bool = False,
        openers: tuple[str, str] = ("", ""),
        look: Callable[[bytes], Picture] | None = None,
    ) -> None:
        """``splits_words`` says that no token goes from one word into the next;
        ``openers`` are what begins a model's thinking and its answer; ``look`` makes a picture
        of a file's bytes, where the model can see."""
        self._look = look
        self._name = model_name
        self._template = template
        self._vocabulary = vocabulary
        self._context_tokens = context_tokens
        self._opener, self._answer_opener = openers
        self._marks = ControlMarks(vocabulary.control_strings)
        self._piece = lru_cache(_CACHED_PIECES)(lambda token: vocabulary.piece(token, True))
        self._lengths: dict[int, int] = {}
        self._segments = Segments(self._tokenize_whole)
        self._cutter = (
            cutter_of(vocabulary.tokenize, vocabulary.control_strings) if splits_words else None
        )

    def make(
        self,
        messages: Sequence[ChatMessage],
        thinking: bool | None = None,
        *,
        resume: bool = False,
    ) -> Prompt:
        """The prompt for ``messages``; its length is not checked against the context.

        With ``resume`` it ends inside the last message, which is an answer's beginning.
        """
        safe = [self._defused(message) for message in messages]
        text, ending = self._rendered(safe, thinking, resume)
        pictures = self._pictures(safe)
        tokens, _added = self._tokens_of(text, self._context_tokens, pictures)
        return Prompt(tokens, ending, _placed(tokens, pictures))

    def count(
        self,
        messages: Sequence[ChatMessage],
        thinking: bool | None = None,
        *,
        resume: bool = False,
        pieces: Sequence[Sequence[int]] = (),
    ) -> Count:
        """The same prompt's tokens, and those of each piece: lengths of contents in characters."""
        safe = [self._defused(message) for message in messages]
        text, _ending = self._rendered(safe, thinking, resume)
        most = self._context_tokens + _COUNTED_BEYOND
        tokens, added = self._tokens_of(text, most, self._pictures(safe))
        if len(pieces) != len(messages):
            return Count(tokens, ())
        plain = text.replace(MARK, "")

        def render(marked: Sequence[ChatMessage]) -> str:
            clean = [_without(each, MARK, _TAIL) for each in marked]
            return self._rendered(clean, thinking, resume)[0]

        found = stretches(plain, messages, pieces, render)
        return Count(tokens, counts(tokens[added:], self._length_of, found, pieces))

    def text_of(self, tokens: Sequence[int]) -> str:
        """What ``tokens`` say, control tokens included."""
        texts = (
            self._piece(token) if token >= 0 else _SHOWN_PICTURE if is_last_slot(token) else b""
            for token in tokens
        )
        return b"".join(texts).decode("utf-8", "replace")

    def _rendered(
        self, safe: list[ChatMessage], thinking: bool | None, resume: bool
    ) -> tuple[str, str]:
        """The prompt's text, and its ending as it tells whether thinking has begun."""
        if resume and safe and safe[-1].role == "assistant":
            return self._resumed(safe, thinking)
        text = self._template.render(safe, thinking)
        return text, self._ending(text, safe, thinking)

    def _resumed(self, safe: list[ChatMessage], thinking: bool | None) -> tuple[str, str]:
        """The conversation up to the last letter of the answer that is written on."""
        last = safe[-1]
        if last.content:
            tailed = msgspec.structs.replace(last, content=last.content + _TAIL)
        else:
            tailed = msgspec.structs.replace(last, reasoning=last.reasoning + _TAIL)
        text = self._template.render([*safe[:-1], tailed], thinking, asks=False)
        if _TAIL in text:
            text = text[: text.rindex(_TAIL)]
        else:
            # This template shows no thinking of an answer that says nothing yet.
            text = self._template.render(safe[:-1], thinking)
            text += last.content or _missing(text.rstrip(), self._opener) + last.reasoning
        return text, self._answer_opener if last.content else self._opener

    def _pictures(self, safe: Sequence[ChatMessage]) -> list[Picture]:
        """The pictures of all messages, in order."""
        images = [image for message in safe for image in message.images]
        if self._look is None and images:
            raise RefusedError("engine.no_eyes")
        return [self._look(image) for image in images] if self._look is not None else []

    def _tokens_of(
        self, text: str, most: int, pictures: Sequence[Picture]
    ) -> tuple[list[int], int]:
        """All tokens of the rendered ``text``, and how many were put before it.

        A text of many megabytes is refused beyond ``most`` tokens.
        """
        parts = text.split(IMAGE_MARK)
        if len(parts) != len(pictures) + 1:
            # No picture may be shown in the place of another.
            raise RefusedError("engine.image_dropped", name=self._name)
        tokens = self._tokens_of_text(parts[0], most)
        for picture, part in zip(pictures, parts[1:], strict=True):
            tokens += [*picture.slots, *self._tokens_of_text(part, most)]
        added = self._vocabulary.adds_bos and tokens[:1] != [self._vocabulary.bos]
        if added:
            tokens.insert(0, self._vocabulary.bos)
        if not tokens:
            raise RefusedError("engine.template_refused", "an empty prompt", name=self._name)
        return tokens, int(added)

    def _tokens_of_text(self, text: str, most: int) -> list[int]:
        if self._cutter is not None:
            return self._tokenize_segments(self._cutter, text, most)
        self._refuse_hopeless(text, most)
        return self._tokenize_whole(text)

    def _tokenize_segments(self, cutter: Cutter, text: str, most: int) -> list[int]:
        tokens: list[int] = []
        done = 0
        for segment in cutter.given(cuts(text)):
            tokens.extend(self._segments.of(segment))
            done += len(segment)
            if len(tokens) > most and len(text) > _SLICE:
                raise RefusedError(
                    "engine.prompt_too_long",
                    tokens=len(tokens) * len(text) // done,
                    context=self._context_tokens,
                )
        return tokens

    def _length_of(self, token: int) -> int:
        if token < 0:  # all places of a picture belong where its mark stands
            return _IMAGE_MARK_BYTES if is_last_slot(token) else 0
        length = self._lengths.get(token)
        if length is None:
            length = self._lengths[token] = len(self._piece(token))
        return length

    def _ending(self, text: str, messages: list[ChatMessage], thinking: bool | None) -> str:
        """What the template put last. Where it puts nothing behind the last message, the words
        of that message must not look as if thinking had begun."""
        last = messages[-1] if messages else None
        if last is None or not text.rstrip().endswith(last.content.rstrip()):
            return text[-_ENDING:]
        neutral = msgspec.structs.replace(last, content=".", reasoning="")
        return self._template.render([*messages[:-1], neutral], thinking)[-_ENDING:]

    def _refuse_hopeless(self, text: str, most: int) -> None:
        """Stop early on a text of many megabytes: tokenizing all of it would take minutes."""
        if len(text) <= _SLICE:
            return
        tokens = 0
        for number, at in enumerate(range(0, len(text), _SLICE), start=1):
            tokens += len(self._vocabulary.tokenize(text[at : at + _SLICE]))
            # A cut adds a few tokens, so the sum is no exact answer; near the limit go on.
            if tokens > most + number * _TOKENS_OF_A_CUT:
                raise RefusedError(
                    "engine.prompt_too_long",
                    tokens=max(tokens, tokens * len(text) // (at + _SLICE)),
                    context=self._context_tokens,
                )

    def _defused(self, message: ChatMessage) -> ChatMessage:
        content = message.content
        if not message.images:
            content = content.replace(IMAGE_MARK, "")
        return msgspec.structs.replace(
            message,
            content=self._marks.defuse(content.replace(_TAIL, "")),
            reasoning=self._marks.defuse(
                message.reasoning.replace(_TAIL, "").replace(IMAGE_MARK, "")
            ),
        )

    def _tokenize_whole(self, text: str) -> list[int]:
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


def _placed(tokens: Sequence[int], pictures: Iterable[Picture]) -> dict[int, Picture]:
    """The pictures by the place of their first slot."""
    placed: dict[int, Picture] = {}
    at = 0
    for picture in pictures:
        at = next(place for place in range(at, len(tokens)) if tokens[place] < 0)
        placed[at] = picture
        at += len(picture.slots)
    return placed


def _without(message: ChatMessage, *marks: str) -> ChatMessage:
    content, reasoning = message.content, message.reasoning
    for mark in marks:
        content, reasoning = content.replace(mark, ""), reasoning.replace(mark, "")
    return msgspec.structs.replace(message, content=content, reasoning=reasoning)


def _missing(text: str, opener: str) -> str:
    """What ``opener`` has beyond what ``text`` ends with already."""
    for length in range(len(opener), 0, -1):
        if text.endswith(opener[:length].rstrip()):
            return opener[length:]
    return opener
