"""Whose each file of a folder or zip is, where chats of several programs lie together."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.imports.bundle import Bundle, head_of
from app.imports.reader import Reader

_ENDINGS: Final = (".json", ".jsonl", ".chat")
_BESIDE: Final = re.compile(
    r"(?:.*/)?(?:user|user_settings|message_feedback|model_comparisons|shared_conversations"
    r"|export_manifest|assistant)\.json\Z|(?:.*/)?user-files/.*|(?:.*/)?file[-_][^/]*\Z"
)
"""What those programs keep beside their chats: no chats, and nothing to be told of."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Every file that may hold chats belongs to one reader, or to nobody."""

    ours: bool
    """Some are ours."""
    foreign: dict[str, frozenset[str]]
    """Names of files by the reader's name."""
    left: int
    """How many nobody knows."""


def shares(
    bundle: Bundle,
    readers: Sequence[Reader],
    is_ours: Callable[[bytes], bool],
    tell: Callable[[], None] = lambda: None,
) -> Shares:
    """Look how every file begins; ``tell`` is called for each. Raises ImportingError.

    What does not begin as any chat does, but is named as one, goes to the first reader that has
    others: it tells what is wrong with it.
    """
    listed = {reader.name: frozenset(reader.files(bundle)) for reader in readers}
    found: dict[str, set[str]] = {}
    unknown: list[str] = []
    ours = False
    for name in bundle.names():
        tell()
        wanted = [each for each in readers if name in listed[each.name]]
        if not (wanted or name.endswith(_ENDINGS)):
            continue
        head = head_of(bundle, name)
        if is_ours(head):
            ours = True
            continue
        owner = next((each for each in wanted if each.is_one(head)), None)
        if owner is None:
            unknown.append(name)
        else:
            found.setdefault(owner.name, set()).add(name)
    left = 0
    for name in unknown:
        other = next((each for each in found if name in listed[each]), None)
        if other is not None:
            found[other].add(name)
        elif not _BESIDE.match(name):
            left += 1
    return Shares(ours, {own: frozenset(names) for own, names in found.items()}, left)
