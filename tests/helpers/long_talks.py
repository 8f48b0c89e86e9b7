"""Long conversations out of the parts that answers are made of, for pages to be looked at."""

import random
from collections.abc import Sequence

from app.export.readable import Entry, Readable

HEADINGS = ("A heading", "You", "Small model", "python")
"""Lines of them that no page may end with."""

PARTS = (
    "## A heading\n\nWords.",
    "## A heading\n\n### A heading\n\n- item",
    "A paragraph of some words. " * 9,
    "short",
    "- one\n- two\n- three",
    "```python\n" + "value = 'a string of code'\n" * 14 + "```",
    "$$\\frac{a}{b}$$",
    "> quoted\n>\n> ```\n> code\n> ```",
    "| a | b |\n|---|---|\n" + "| cell | other |\n" * 9,
    "```\n" + "z" * 200 + "\n```",
    "---",
    "1. one\n\n   more\n2. two",
    "Inline $\\sum_{k=1}^n k$ and `code`. " * 5,
)


def talk_of(parts: Sequence[str], seed: int) -> Readable:
    """A conversation in which every few of ``parts`` are one message."""
    chosen = random.Random(seed)
    entries: list[Entry] = []
    rest = list(parts)
    while rest:
        size = chosen.randrange(1, 9)
        is_user = chosen.random() < 0.5
        text = "\n\n".join(rest[:size])
        entries.append(
            Entry(
                id=str(len(entries)),
                who="user" if is_user else "assistant",
                heading="You" if is_user else "Small model",
                text=text,
            )
        )
        rest = rest[size:]
    told = "2026-01-02T03:04:05Z"
    return Readable(
        id="talk", title="A long talk", created=told, updated=told, entries=tuple(entries)
    )
