"""Ids of foreign things: the same at every reading, so that nothing is taken over twice."""

import hashlib
import re
import uuid
from collections.abc import Sequence

from app.imports.entities import FoundMessage

_MOST_MS = 2**48 - 1
_LASTING = 16
"""Characters; row numbers and hand-made names are shorter."""
_PLAIN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def derived_id(unix_ms: int, *parts: str) -> str:
    """A UUIDv7 of the source's time, whose random bits are a hash of ``parts``."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        # With its length: ("ab", "c") is not ("a", "bc").
        digest.update(len(data).to_bytes(8, "big") + data)
    bits = int.from_bytes(digest.digest()[:10], "big")
    value = min(max(unix_ms, 0), _MOST_MS) << 80
    value |= 0x7 << 76
    value |= (bits >> 62 & (2**12 - 1)) << 64
    value |= 0b10 << 62
    value |= bits & (2**62 - 1)
    return str(uuid.UUID(int=value))


def is_id(text: str) -> bool:
    """Whether it looks like one of ours."""
    return _PLAIN.fullmatch(text) is not None


def is_lasting(text: str) -> bool:
    """Whether an id of another program is long enough that no other file has it by chance.

    Numbers of rows, and names as "chat-1", come again in every file.
    """
    return len(text) >= _LASTING


def content_id(messages: Sequence[FoundMessage]) -> str:
    """An id for a chat that has none: of its words, wherever it lies."""
    return _hash(*(part for each in messages for part in (each.parent or "", each.role, each.text)))


class ChatIds:
    """Ids of the chats of one reading, so that one that lies in two files is one.

    A chat whose id came before, and which begins with the same message, is the same one: staging
    joins the two. Another one under the same id gets an id of its words.
    """

    def __init__(self) -> None:
        self._begins: dict[str, set[str]] = {}

    def own(self, told: str, messages: Sequence[FoundMessage]) -> str:
        """The id of a chat of which its file says that it is ``told``; empty says nothing."""
        if not messages:
            return told
        identity = told or content_id(messages)
        begin = _begin(messages[0])
        begins = self._begins.setdefault(identity, {begin})
        if begin in begins:
            return identity
        return f"{identity}.{content_id(messages)}"

    def distinct(self, identity: str, words: str) -> str:
        """``identity``, with a hash of the chat's words if another one of this reading has it."""
        if identity not in self._begins:
            self._begins[identity] = set()
            return identity
        return f"{identity}.{words}"


def _begin(first: FoundMessage) -> str:
    return first.id if is_lasting(first.id) else _hash(first.id, first.role, first.text)


def _hash(*parts: str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "replace")
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()[:32]
