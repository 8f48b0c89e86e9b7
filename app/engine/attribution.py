"""Which tokens of a prompt come from which piece of which message.

The conversation is rendered once more with marks around every piece. Without the marks it must
be the prompt itself; so the marks tell where in the prompt each piece stands, whatever the
template did around it. What no mark encloses is the template's own.
"""

import re
from collections.abc import Callable, Sequence

import msgspec

from app.engine.entities import ChatMessage

_OPEN, _CLOSE = "\ufdd2", "\ufdd3"
_MARKS = re.compile(f"{_OPEN}([0-9]*)\\.([0-9]*){_CLOSE}")
_OURS = re.compile(f"[{_OPEN}{_CLOSE}]")

Place = tuple[int, int]
"""Number of a message, number of a piece in it."""
Stretch = tuple[int, Place | None]
"""Where in the prompt, in bytes, a stretch of a piece (None: of the template) begins."""


def stretches(
    prompt: str,
    messages: Sequence[ChatMessage],
    pieces: Sequence[Sequence[int]],
    render: Callable[[Sequence[ChatMessage]], str],
) -> list[Stretch]:
    """The stretches of ``prompt`` in order; ``pieces`` are lengths in characters.

    Where a template changes what it is given, the texts are looked for in the prompt instead.
    """
    marked = render([_marked(each, at, pieces) for at, each in enumerate(messages)])
    if _MARKS.sub("", marked) == prompt:
        return list(_from_marks(marked))
    return list(_by_search(prompt, messages))


def counts(
    tokens: Sequence[int],
    length_of: Callable[[int], int],
    found: Sequence[Stretch],
    pieces: Sequence[Sequence[int]],
) -> tuple[tuple[int, ...], ...]:
    """Tokens of every piece: each token belongs where its first byte stands."""
    numbers = [[0] * max(1, len(lengths)) for lengths in pieces]
    at = place = 0
    for token in tokens:
        while place + 1 < len(found) and found[place + 1][0] <= at:
            place += 1
        owner = found[place][1] if found and found[place][0] <= at else None
        if owner is not None:
            numbers[owner[0]][owner[1]] += 1
        at += length_of(token)
    return tuple(tuple(each) for each in numbers)


def _marked(message: ChatMessage, number: int, pieces: Sequence[Sequence[int]]) -> ChatMessage:
    lengths = pieces[number] or (len(message.content),)
    parts: list[str] = []
    at = 0
    for piece, length in enumerate(lengths):
        last = piece == len(lengths) - 1
        parts.append(_enclosed(message.content[at : None if last else at + length], number, piece))
        at += length
    return msgspec.structs.replace(
        message, content="".join(parts), reasoning=_enclosed(message.reasoning, number, 0)
    )


def _enclosed(text: str, number: int, piece: int) -> str:
    """Marks stand inside white space at the edges, which many templates strip."""
    text = _OURS.sub("", text)
    core = text.strip()
    if not core:
        return text
    at = text.index(core)
    before, after = text[:at], text[at + len(core) :]
    return f"{before}{_OPEN}{number}.{piece}{_CLOSE}{core}{_OPEN}.{_CLOSE}{after}"


def _from_marks(marked: str) -> list[Stretch]:
    found: list[Stretch] = [(0, None)]
    at = done = 0
    for match in _MARKS.finditer(marked):
        at += len(marked[done : match.start()].encode("utf-8", "replace"))
        done = match.end()
        number, piece = match.groups()
        found.append((at, (int(number), int(piece)) if number else None))
    return found


def _by_search(prompt: str, messages: Sequence[ChatMessage]) -> list[Stretch]:
    found: list[Stretch] = [(0, None)]
    done = at = 0
    for number, message in enumerate(messages):
        text = message.content.strip()
        start = prompt.find(text, done) if text else -1
        if start < 0:
            continue
        at += len(prompt[done:start].encode("utf-8", "replace"))
        found.append((at, (number, 0)))
        at += len(text.encode("utf-8", "replace"))
        found.append((at, None))
        done = start + len(text)
    return found
