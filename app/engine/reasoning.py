"""Separates what a model thinks from what it answers, in a stream that may break anywhere.

Only models that show a thinking style in their chat template or vocabulary are split. In any
other model ``<think>`` is text like any other, so an answer about such tags keeps them. For
the same reason a model that thinks may open a block only before its answer begins.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.engine.textstream import held_back

HARMONY_MARKERS = ("<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|call|>", "<|return|>")
_HEADER_LIMIT = 200
"""A message header that is longer is none; what follows is shown rather than lost."""


@dataclass(frozen=True, slots=True)
class ThinkingStyle:
    """How a model marks its thinking. Empty markers: the harmony format with channels."""

    opener: str = ""
    closer: str = ""
    tokens: tuple[str, ...] = ()
    """Where a marker is made of a control token and more: the control tokens."""

    @property
    def first_marker(self) -> str:
        """The control token that begins thinking; empty where a header does."""
        return self.tokens[0] if self.tokens else self.opener

    @property
    def markers(self) -> tuple[str, ...]:
        """Control tokens that must reach the splitter as text."""
        if not self.opener:
            return HARMONY_MARKERS
        return self.tokens or (self.opener, self.closer)


TAG_STYLES = (
    ThinkingStyle("<think>", "</think>"),
    ThinkingStyle("<thinking>", "</thinking>"),
    ThinkingStyle("[THINK]", "[/THINK]"),
    ThinkingStyle("<seed:think>", "</seed:think>"),
    ThinkingStyle("◁think▷", "◁/think▷"),
    ThinkingStyle("<|START_THINKING|>", "<|END_THINKING|>"),
    ThinkingStyle("<|inner_prefix|>", "<|inner_suffix|>"),
    ThinkingStyle("<mm:think>", "</mm:think>"),
    ThinkingStyle("<think:opensource>", "</think:opensource>"),
    ThinkingStyle("<|channel>thought", "<channel|>", ("<|channel>", "<channel|>")),
)
HARMONY = ThinkingStyle()
HARMONY_THINKING = "<|start|>assistant<|channel|>analysis<|message|>"
HARMONY_ANSWER = "<|start|>assistant<|channel|>final<|message|>"


def find_style(template: str, has_token: Callable[[str], bool]) -> ThinkingStyle | None:
    """The style that a chat template writes, else the one whose marks are tokens, else None."""
    if "<|channel|>" in template and "<|message|>" in template:
        return HARMONY
    for style in TAG_STYLES:
        if style.opener in template or style.closer in template:
            return style
    for style in TAG_STYLES:
        if has_token(style.opener) and has_token(style.closer):
            return style
    return None


def openers_of(style: ThinkingStyle | None) -> tuple[str, str]:
    """What stands in a prompt where thinking, and where the answer, has begun; mostly nothing."""
    if style is None:
        return "", ""
    return (style.opener, "") if style.opener else (HARMONY_THINKING, HARMONY_ANSWER)


def closer_of(style: ThinkingStyle) -> str:
    """What ends the thinking of a model and begins its answer."""
    return f"\n{style.closer}\n\n" if style.closer else f"<|end|>{HARMONY_ANSWER}"


@dataclass(frozen=True, slots=True)
class Split:
    """A stretch of the stream: what belongs to the answer and what to the reasoning."""

    text: str = ""
    reasoning: str = ""


class Splitter(Protocol):
    """Takes the stream in pieces; ``is_reasoning`` tells where the next token belongs."""

    @property
    def is_reasoning(self) -> bool:
        """Whether the stream is inside a thinking block now."""

    @property
    def is_answering(self) -> bool:
        """Whether what comes next is part of the answer: no thinking, and no header."""

    def feed(self, text: str) -> Split:
        """Take the next characters and return what is certain by now."""

    def flush(self) -> Split:
        """The stream is over: return what was held back."""


def make_splitter(style: ThinkingStyle | None, prompt: str) -> Splitter:
    """A splitter for one answer. ``prompt`` tells whether the answer begins inside a block."""
    if style is None:
        return PlainSplitter()
    if style == HARMONY:
        return HarmonySplitter(prompt)
    return TagSplitter(style, inside=prompt.rstrip().endswith(style.opener))


class PlainSplitter:
    """For models that do not think aloud: everything is the answer."""

    is_reasoning = False
    is_answering = True

    def feed(self, text: str) -> Split:
        """Return ``text`` as answer."""
        return Split(text=text)

    def flush(self) -> Split:
        """Nothing is ever held back."""
        return Split()


class TagSplitter:
    """For ``<think>…</think>`` and its relatives. White space around a block is dropped."""

    def __init__(self, style: ThinkingStyle, inside: bool) -> None:
        self._style = style
        self._held = ""
        self._phase = self._inside if inside else self._before
        self._had_block = False
        self._at_block_start = True
        self._separator = ""

    @property
    def is_reasoning(self) -> bool:
        """Whether the stream is inside a thinking block now."""
        return self._phase == self._inside

    @property
    def is_answering(self) -> bool:
        """Whether what comes next is part of the answer, unless a block is opened."""
        return not self.is_reasoning

    def feed(self, text: str) -> Split:
        """Take the next characters and return what is certain by now."""
        if self._phase == self._answering:
            return Split(text=text)
        self._held += text
        shown, reasoning = "", ""
        phase = None
        while phase != self._phase:  # a phase that ended hands the rest to the next one
            phase = self._phase
            part = phase()
            shown += part.text
            reasoning += part.reasoning
        return Split(shown, reasoning)

    def flush(self) -> Split:
        """The stream is over: return what was held back."""
        held, self._held = self._held, ""
        if self.is_reasoning:
            return self._reasoning(held.rstrip())
        return Split(text=held.lstrip() if self._had_block else held)

    def _before(self) -> Split:
        start = self._held.lstrip()
        opener = self._style.opener
        if start.startswith(opener):
            self._held = start[len(opener) :]
            self._phase, self._at_block_start = self._inside, True
            return Split()
        if opener.startswith(start):
            return Split()
        shown, self._held = (start if self._had_block else self._held), ""
        self._phase = self._answering
        return Split(text=shown)

    def _inside(self) -> Split:
        if self._at_block_start:
            self._held = self._held.lstrip()
        head, closer, rest = self._held.partition(self._style.closer)
        if closer:
            self._held = rest
            self._phase, self._had_block = self._before, True
            part = self._reasoning(head.rstrip())
            self._separator = "\n\n" if part.reasoning or not self._at_block_start else ""
            return part
        keep = held_back(self._held, (self._style.closer,))
        certain = self._held[: len(self._held) - keep].rstrip()
        self._held = self._held[len(certain) :]
        return self._reasoning(certain)

    def _answering(self) -> Split:
        shown, self._held = self._held, ""
        return Split(text=shown)

    def _reasoning(self, thought: str) -> Split:
        """A stretch of thinking; an empty line keeps two blocks apart."""
        if not thought:
            return Split()
        separator = self._separator if self._at_block_start else ""
        self._at_block_start = False
        return Split(reasoning=separator + thought)


class HarmonySplitter:
    """For ``<|channel|>analysis<|message|>…<|end|>``: only the final channel is the answer."""

    def __init__(self, prompt: str) -> None:
        self._held = ""
        self._header = ""
        self._in_header = True
        self._marked = False
        self._channel = "final"
        self._had_reasoning = False
        self._separator = ""
        opened = prompt.rpartition("<|start|>")[2]
        if opened != prompt:
            self.feed(opened)
            if "<|channel|>" not in self._header:
                self._header = ""  # the role is not the model's word

    @property
    def is_reasoning(self) -> bool:
        """Whether the stream is in a channel that is not the answer's."""
        return not self._in_header and self._channel != "final"

    @property
    def is_answering(self) -> bool:
        """Whether the stream is in the answer's channel."""
        return not self._in_header and self._channel == "final"

    def feed(self, text: str) -> Split:
        """Take the next characters and return what is certain by now."""
        self._held += text
        shown, reasoning = "", ""
        while self._held:
            at, marker = self._next_marker()
            plain = self._held[:at]
            self._held = self._held[at + len(marker) :]
            part = self._take(plain)
            shown += part.text
            reasoning += part.reasoning
            if not marker:
                break
            self._turn(marker)
        return Split(shown, reasoning)

    def flush(self) -> Split:
        """The stream is over: return what was held back."""
        held, self._held = self._held, ""
        part = self._take(held)
        if self._in_header and not self._marked:
            return Split(text=self._header)
        return part

    def _next_marker(self) -> tuple[int, str]:
        """Where the next marker begins; without one, where certain text ends."""
        found = [(at, marker) for marker in HARMONY_MARKERS if (at := self._held.find(marker)) >= 0]
        if found:
            return min(found)
        return len(self._held) - held_back(self._held, HARMONY_MARKERS), ""

    def _turn(self, marker: str) -> None:
        self._marked = True
        if marker == "<|message|>" and self._in_header:
            channel = self._header.rpartition("<|channel|>")[2].split()
            named = "<|channel|>" in self._header and channel
            self._channel = channel[0] if named else "final"
            self._in_header = False
            self._header = ""
            self._separator = "\n\n" if self._had_reasoning else ""
        elif marker == "<|channel|>" and self._in_header:
            self._header += marker
        else:
            self._in_header = True
            self._header = marker if marker == "<|channel|>" else ""

    def _take(self, plain: str) -> Split:
        if not plain:
            return Split()
        if self._in_header:
            self._header += plain
            if len(self._header) <= _HEADER_LIMIT:
                return Split()
            plain, self._header = self._header, ""
            self._in_header, self._channel = False, "final"
        if self._channel == "final":
            return Split(text=plain)
        spaced, self._separator, self._had_reasoning = self._separator + plain, "", True
        return Split(reasoning=spaced)
