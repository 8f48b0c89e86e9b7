"""Reads our own JSON back, one message in memory at a time; what it says keeps its ids."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from app.attachments.entities import Section
from app.export.json_format import (
    MOST_SECTIONS,
    ExportedAttachment,
    ExportedFile,
    ExportedFolder,
    ExportedHead,
    ExportedMessage,
)
from app.history.entities import (
    AttachedText,
    AttachedWay,
    Conversation,
    Message,
    MessageState,
    Overflow,
)
from app.history.organised import Folder
from app.imports.bundle import Bundle, head_of, opened
from app.imports.entities import Unread
from app.imports.errors import ImportingError
from app.imports.identity import derived_id, is_id
from app.imports.json_texts import loads
from app.imports.staging import Carried, Origin, StagedTree, Staging, attachment_of
from app.imports.streaming import (
    MIB,
    BrokenJsonError,
    Budget,
    JsonStream,
    TooLarge,
)
from app.imports.values import is_moment

S = TypeVar("S", bound=msgspec.Struct)

_VALUE = Budget(96 * MIB, 64)
"""Longer than the longest text that is kept of a file."""

_LOOKED_AT = 20
"""Files of a folder or zip whose beginning is looked at to recognise it."""

_HEAD_FIELDS = frozenset(ExportedHead.__struct_fields__) - {"id"}
_TIMES = ("created_ms", "updated_ms")
_FORMAT, _VERSION = "moestro", 1


class MoestroFiles:
    """Puts JSON files of this program into a staging file."""

    name = "moestro"

    def __init__(self, staging: Staging) -> None:
        self._staging = staging

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether it, or a file in it, says of itself that it is one; ``head`` is how it begins."""
        if head and not head.startswith(b"PK"):
            return _is_ours(head)
        try:
            with opened(path) as bundle:
                return any(_is_ours(head_of(bundle, each)) for each in _files(bundle)[:_LOOKED_AT])
        except ImportingError:
            return False

    def is_one(self, head: bytes) -> bool:
        """Whether a file begins as ours do."""
        return _is_ours(head)

    def stage(self, path: Path) -> Iterator[None]:
        """Keep everything in a file, folder or zip; a step for every value.

        Where a file breaks, everything before is kept. Raises ImportingError and OSError, then
        what was read before is kept too.
        """
        with opened(path) as bundle:
            names = bundle.names()
            if names != [bundle.where]:
                names = [each for each in _files(bundle) if _is_ours(head_of(bundle, each))]
            if not names:
                raise ImportingError("import.no_chats")
            for name in names:
                with bundle.open(name) as file:
                    yield from self._file(file, name)

    def _file(self, file: BinaryIO, name: str) -> Iterator[None]:
        stream = JsonStream(file)
        try:
            if stream.kind() != "{":
                raise ImportingError("import.no_chats")
            yield from self._chats(stream, name)
            stream.end()
        except BrokenJsonError:
            self._staging.unread(Unread(name, "import.broken_json"))

    def _chats(self, stream: JsonStream, file: str) -> Iterator[None]:
        number = 0
        said: dict[str, object] = {}
        for key in stream.members():
            if key == "conversations" and stream.kind() == "[":
                # Before anything is kept of a file that only looks like one of ours.
                _check(said)
                for _ in stream.elements():
                    number += 1
                    yield from self._chat(stream, file, number)
            elif key in ("format", "version"):
                said[key] = stream.value(Budget(4096, 1))
            else:
                stream.skip()
        _check(said)

    def _chat(self, stream: JsonStream, file: str, number: int) -> Iterator[None]:
        if stream.kind() == "{":
            yield from _OneChat(self._staging, file, number).read(stream)
        else:
            stream.skip()
            self._staging.unread(Unread(f"{file}, {number}", "import.no_chat_here"))


def _files(bundle: Bundle) -> list[str]:
    return [each for each in bundle.names() if each.lower().endswith(".json")]


def _is_ours(head: bytes) -> bool:
    begin = b"".join(head[:4096].replace(b"\0", b"").split())  # in any encoding
    return b'"format":"moestro"' in begin and b"{" in begin[:4]


def _check(said: dict[str, object]) -> None:
    if said.get("format") != _FORMAT:
        raise ImportingError("import.no_chats")
    version = said.get("version")
    if isinstance(version, int) and version > _VERSION:
        raise ImportingError("import.newer_chat")
    if version != _VERSION:
        raise ImportingError("import.no_chats")


class _OneChat:
    """One conversation: its fields may come in any order, its id before its messages."""

    def __init__(self, staging: Staging, file: str, number: int) -> None:
        self._staging = staging
        self._origin = Origin("moestro", file)
        self._where = f"{file}, {number}"
        self._id = ""
        self._id_said = ""
        self._ids: dict[str, str] = {}
        self._tree: StagedTree | None = None
        self._head: dict[str, Any] = {}
        self._damaged = 0
        self._named: set[str] = set()
        """Files of which messages say no more than the name."""

    def read(self, stream: JsonStream) -> Iterator[None]:
        """Keep it; what was read of it is kept also when the file breaks in the middle."""
        try:
            for key in stream.members():
                if key in ("messages", "attachments") and stream.kind() == "[":
                    for _ in stream.elements():
                        self._take(stream, key)
                        yield None
                elif key == "id":
                    self._begin(stream.value(Budget(4096, 1)))
                elif key in _HEAD_FIELDS:
                    self._head[key] = self._plain(stream)
                else:
                    stream.skip()
        finally:
            self._finish()
        yield None

    def _begin(self, value: object) -> None:
        if isinstance(value, str) and value and self._tree is None:
            self._id_said = value
            self._id = value if is_id(value) else derived_id(0, "moestro", value)
            self._tree = self._staging.tree(self._id, self._origin)

    def _own(self, message_id: str) -> str:
        """A message's id, replaced where it cannot be one."""
        if is_id(message_id):
            return message_id
        return derived_id(0, "moestro", self._id_said, message_id)

    def _begun(self) -> int:
        """When the conversation was begun, for a message that says no time."""
        begun = self._head.get("created_ms")
        return begun if isinstance(begun, int) and is_moment(begun) else 0

    def _time(self, told: int | msgspec.UnsetType) -> int:
        """A time that the file says; one that no clock can show is a damage."""
        if isinstance(told, int) and is_moment(told):
            return told
        self._damaged += told is not msgspec.UNSET
        return self._begun()

    def _plain(self, stream: JsonStream) -> object:
        value = stream.value(_VALUE)
        if isinstance(value, TooLarge):
            self._staging.unread(value.unread(self._where))
            return msgspec.UNSET
        return msgspec.UNSET if isinstance(value, Unread) else value

    def _take(self, stream: JsonStream, key: str) -> None:
        raw = stream.raw(_VALUE)
        if isinstance(raw, TooLarge):
            self._staging.unread(raw.unread(self._where))
            return
        try:
            self._take_one(raw, key)
        except MemoryError:
            self._staging.unread(TooLarge(len(raw)).unread(self._where))

    def _take_one(self, raw: bytes, key: str) -> None:
        if key == "attachments":
            self._file(raw)
        elif self._tree is None:
            self._damaged += 1
        else:
            self._message(raw, self._tree)

    def _message(self, raw: bytes, tree: StagedTree) -> None:
        exported = _typed(raw, ExportedMessage)
        if exported is None:
            exported = _without_details(raw)
            self._damaged += 1
            if exported is None:
                return
        message = Message(
            id=self._own(exported.id),
            conversation_id=self._id,
            parent_id=None if exported.parent_id is None else self._own(exported.parent_id),
            role=exported.role,
            text=exported.text,
            reasoning=exported.reasoning or "",
            state=_ended(exported.state),
            created_ms=self._time(exported.created_ms),
            sequence=exported.sequence,
            details=exported.details or None,
            pinned=exported.pinned is True,
        )
        carried = exported.attachments or ()
        files = [self._carried(each, message.created_ms) for each in carried]
        shown = exported.shown
        tree.message(message, files, 0 if shown is msgspec.UNSET else shown)

    def _carried(self, each: ExportedAttachment, created_ms: int) -> Carried:
        given = each.text if isinstance(each.text, str) else None
        own = self._own(each.id)
        if isinstance(each.name, str):
            text = AttachedText(
                attachment_id=own,
                name=each.name,
                kind=each.kind or "",
                size=each.size or 0,
                sha256=each.sha256 or "",
                way=each.way,
                part=each.part,
                text=given or "",
            )
            if given is None and text.size > 0:
                self._named.add(own)
            is_first = self._staging.file_row(attachment_of(text, created_ms))
            if is_first and each.way is AttachedWay.WHOLE:
                given = None
        return Carried(own, each.way, each.part, given)

    def _file(self, raw: bytes) -> None:
        exported = _typed(raw, ExportedFile)
        if exported is None:
            self._damaged += 1
            return
        length = len(exported.text)
        sections = [
            each for each in exported.sections if 0 <= each.start <= each.end <= length
        ]  # places outside of the text would be none
        kept: list[Section] = sections[:MOST_SECTIONS]
        self._staging.file_row(
            {
                "id": self._own(exported.id),
                "name": exported.name,
                "kind": exported.kind,
                "size": exported.size,
                "sha256": exported.sha256,
                "text": exported.text,
                "sections": msgspec.json.encode(kept).decode(),
                "created_ms": self._time(exported.created_ms),
            }
        )

    def _finish(self) -> None:
        if self._tree is None:
            self._staging.unread(Unread(self._where, "import.no_chat_here"))
            return
        head = self._converted()
        for each in head.summaries or ():
            self._tree.summary(
                self._own(each.until_id), each.text, each.edited, self._time(each.created_ms)
            )
        folder = head.folder or None
        sequence = head.sequence
        conversation = Conversation(
            id=self._id,
            title=head.title,
            system_prompt=head.system_prompt or "",
            sampling=head.sampling,
            model_key=head.model_key,
            leaf_id=None if head.leaf_id is None else self._own(head.leaf_id),
            created_ms=head.created_ms,
            updated_ms=head.updated_ms,
            sequence=0 if sequence is msgspec.UNSET else max(sequence, 0),
            overflow=head.overflow or Overflow.STOP,
        )
        kept = (
            None
            if folder is None
            else Folder(folder.id, folder.name, self._time(folder.created_ms), 0)
        )
        self._tree.finish(conversation, kept, pinned=head.pinned is True)
        where = head.title or self._where
        if names := self._staging.count_empty(self._named):
            self._staging.unread(Unread(where, "import.names_only", {"count": names}))
        if self._damaged:
            self._staging.unread(Unread(where, "import.messages_damaged", {"count": self._damaged}))

    def _converted(self) -> ExportedHead:
        """The head; a field of a wrong type has its default, and is told."""
        good: dict[str, Any] = {
            "id": self._id, "title": "", "model_key": "", "leaf_id": None, "created_ms": 0,
            "updated_ms": 0,
        }  # fmt: skip
        for key, value in self._head.items():
            try:
                msgspec.convert({**good, key: value}, ExportedHead)
            except (msgspec.ValidationError, ValueError, RecursionError):
                self._staging.unread(Unread(self._where, "import.field_damaged", {"key": key}))
            else:
                if key in _TIMES and isinstance(value, int) and not is_moment(value):
                    self._staging.unread(Unread(self._where, "import.field_damaged", {"key": key}))
                else:
                    good[key] = value
        head = msgspec.convert(good, ExportedHead)
        if isinstance(head.folder, ExportedFolder) and not is_id(head.folder.id):
            own = derived_id(0, "moestro", "folder", head.folder.id)
            folder = msgspec.structs.replace(head.folder, id=own)
            return msgspec.structs.replace(head, folder=folder)
        return head


def _ended(state: MessageState) -> MessageState:
    return MessageState.INTERRUPTED if state is MessageState.STREAMING else state


def _typed(raw: bytes, kind: type[S]) -> S | None:
    """The value as ``kind``; leniently where its letters are broken; None when it is none."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        return msgspec.convert(loads(raw), kind)
    except (msgspec.ValidationError, ValueError, RecursionError):
        return None


def _without_details(raw: bytes) -> ExportedMessage | None:
    """The message without what only tells how it came about."""
    try:
        value = loads(raw)
        if not isinstance(value, dict):
            return None
        plain = {key: value[key] for key in value if key not in ("details", "attachments")}
        return msgspec.convert(plain, ExportedMessage)
    except (msgspec.ValidationError, ValueError, RecursionError):
        return None
