"""What readers put messages together from: words, reasoning, tools' work, files.

Tools have no role of their own here. What a tool was asked and answered is what an answer was
worked out with: it is kept with the answer's reasoning, folded as those programs fold it.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field

from app.history.entities import Role
from app.imports.entities import FoundFile, FoundMessage
from app.imports.values import shown, text
from app.pictures import trouble_with
from app.wording import sentence

_BACKTICKS = re.compile(r"`{3,}")
_WORD = re.compile(r"[A-Za-z0-9_+#.-]{1,40}\Z")
_THINKING = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<|channel|>analysis<|message|>", "<|start|>assistant<|channel|>final<|message|>"),
)
_DATA_URL = re.compile(r"data:image/[a-z+.-]{1,20};base64,", re.I)


@dataclass(slots=True)
class Draft:
    """A message while its pieces are found."""

    id: str
    parent: str | None
    role: Role
    words: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    files: list[FoundFile] = field(default_factory=list)
    created_ms: int | None = None
    model: str = ""
    interrupted: bool = False

    def tool_call(self, name: str, arguments: object) -> None:
        """Note what a tool was asked."""
        told = sentence("import.tool_call", {"name": name or "?"})
        self._work(told, arguments, "json" if isinstance(arguments, dict | list) else "")

    def tool_answer(self, name: str, answer: object) -> None:
        """Note what a tool answered."""
        told = sentence("import.tool_answer", {"name": name or "?"})
        self._work(told, answer, "json" if isinstance(answer, dict | list) else "")

    def unknown(self, kind: str, value: object) -> None:
        """Keep a piece whose kind this version does not know."""
        self._work(sentence("import.unknown_piece", {"name": kind or "?"}), value, "json")

    def is_empty(self) -> bool:
        """Whether nothing was found."""
        return not (self.files or any(self.words) or any(self.reasoning))

    def message(self) -> FoundMessage:
        """The finished message; the pieces stand apart by an empty line."""
        return FoundMessage(
            id=self.id,
            parent=self.parent,
            role=self.role,
            text=joined(self.words),
            reasoning=joined(self.reasoning),
            created_ms=self.created_ms,
            model=self.model,
            interrupted=self.interrupted,
            files=tuple(self.files),
        )

    def _work(self, told: str, value: object, language: str) -> None:
        body = shown(value) if value is not None else ""
        # A question has no reasoning to be folded with.
        kept = self.words if self.role is Role.USER else self.reasoning
        kept.append(f"{told}\n\n{fenced(body, language)}" if body.strip() else told)


def joined(pieces: list[str]) -> str:
    """Pieces of text as one, an empty line between them; a single one stays as it is."""
    full = [each for each in pieces if each.strip()]
    return "\n\n".join(full) if len(full) > 1 else "".join(full)


def fenced(body: str, language: str = "") -> str:
    """Text as a Markdown code block whose fence it cannot end."""
    longest = max((len(run) for run in _BACKTICKS.findall(body)), default=2)
    fence = "`" * (longest + 1)
    tag = language if _WORD.match(language) else ""
    return f"{fence}{tag}\n{body}\n{fence}"


def split_thinking(words: str) -> tuple[str, str]:
    """Reasoning that stands in marks before an answer, and the answer."""
    stripped = words.lstrip()
    for begin, end in _THINKING:
        if stripped.startswith(begin):
            reasoning, mark, answer = stripped[len(begin) :].partition(end)
            return reasoning.strip(), answer.lstrip() if mark else ""
    return "", words


def picture_file(label: str, data: bytes) -> FoundFile:
    """A picture, or its name alone when it cannot be shown to a model."""
    return FoundFile(label) if trouble_with(data) else FoundFile(label, picture=data)


def file_label(number: int) -> str:
    """What a file without a name is called, counted in its message."""
    return sentence("import.nameless_file", {"number": number})


def data_url_file(label: str, url: object) -> FoundFile:
    """A picture out of a data URL; its name alone for every other address."""
    address = text(url)
    match = _DATA_URL.match(address)
    encoded = address[match.end() :] if match else ""
    try:
        return picture_file(label, base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        return FoundFile(label)


def is_name_only(file: FoundFile) -> bool:
    """Whether the source has nothing but the file's name."""
    return not (file.text or file.picture)


class ChainIds:
    """Ids for messages of sources that have none: each follows from all the words before it.

    So the same chat has the same ids at every reading, and a longer one only further ids.
    """

    def __init__(self) -> None:
        self._times: dict[str, int] = {}

    def id(self, parent: str | None, role: Role, *words: str) -> str:
        """The id of a message with these words below ``parent``."""
        digest = hashlib.sha256()
        for part in (parent or "", role.value, *words):
            data = part.encode("utf-8", "replace")
            digest.update(b"%d:" % len(data) + data)
        found = digest.hexdigest()[:32]
        times = self._times[found] = self._times.get(found, 0) + 1
        return found if times == 1 else f"{found}.{times}"
