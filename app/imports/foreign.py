"""A conversation of another program as one of ours: ids, times, titles, files."""

import hashlib

from app.attachments.entities import Attachment, Kind
from app.attachments.pictures import data_url
from app.history.entities import (
    AnswerDetails,
    AttachedWay,
    Conversation,
    Message,
    MessageState,
    Role,
)
from app.history.organised import Folder
from app.imports.entities import FoundConversation, FoundFile, FoundMessage, Unread
from app.imports.identity import derived_id
from app.imports.staging import Carried, Origin, Staging
from app.imports.values import is_moment
from app.pictures import trouble_with
from app.text import clean, title_of

NAME_CHARACTERS = 200
"""Of titles, and of names of folders and files."""


class ForeignChats:
    """Puts what a reader finds into a staging file. ``now_ms`` stands for unknown times."""

    def __init__(self, staging: Staging, now_ms: int) -> None:
        self._staging = staging
        self._now_ms = now_ms

    def add(self, found: FoundConversation, file: str) -> None:
        """Keep one conversation, out of the file of that name."""
        title = one_line(found.title) or _title_from(found)
        if not found.messages:
            self._staging.unread(Unread(title or found.id or file, "import.empty_chat"))
            return
        known = (_time(each.created_ms, None) for each in found.messages)
        times = [each for each in known if each is not None]
        begun = _time(found.created_ms, times[0] if times else None)
        own = derived_id(begun or 0, found.source, found.id)
        tree = self._staging.tree(own, Origin(found.source, file))
        ids: dict[str, str] = {}
        for sequence, each in enumerate(found.messages, 1):
            message_id = derived_id(
                _time(each.created_ms, begun) or 0, found.source, found.id, each.id
            )
            parent = None if each.parent is None else ids.get(each.parent, "lost")
            ids[each.id] = message_id
            files = [
                self._file((found.source, found.id, each.id, str(place)), item, begun)
                for place, item in enumerate(each.files)
            ]
            shown = 1 if each.id == found.leaf else 0
            tree.message(
                self._message(own, message_id, parent, each, sequence, begun), files, shown
            )
        updated = _time(found.updated_ms, max(times) if times else begun)
        conversation = Conversation(
            id=own,
            title=title,
            system_prompt=found.system_prompt,
            leaf_id=None if found.leaf is None else ids.get(found.leaf),
            created_ms=self._now_ms if begun is None else begun,
            updated_ms=self._now_ms if updated is None else updated,
        )
        tree.finish(conversation, _folder(found, begun), pinned=found.pinned)

    def _message(
        self,
        conversation_id: str,
        message_id: str,
        parent: str | None,
        found: FoundMessage,
        sequence: int,
        begun: int | None,
    ) -> Message:
        written = _time(found.created_ms, begun)
        details = None
        if found.role is Role.ASSISTANT and found.model:
            name = one_line(found.model)
            details = AnswerDetails(model_key="", model_name=name)
        return Message(
            id=message_id,
            conversation_id=conversation_id,
            parent_id=parent,
            role=found.role,
            text=found.text,
            reasoning=found.reasoning,
            state=MessageState.INTERRUPTED if found.interrupted else MessageState.COMPLETE,
            created_ms=self._now_ms if written is None else written,
            sequence=sequence,
            details=details,
        )

    def _file(self, place: tuple[str, ...], found: FoundFile, begun: int | None) -> Carried:
        kind, text, data = Kind.TEXT, clean(found.text), clean(found.text).encode()
        if found.picture and not trouble_with(found.picture):
            kind, text, data = Kind.IMAGE, data_url(found.picture), found.picture
        elif found.picture:
            # No model could be shown it; that there was one is kept with its name.
            self._staging.unread(Unread(one_line(found.name), "import.no_picture"))
        own = derived_id(begun or 0, *place)
        self._staging.file(
            Attachment(
                id=own,
                name=one_line(found.name) or "file",
                kind=kind,
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                text=text,
                created_ms=self._now_ms if begun is None else begun,
            )
        )
        return Carried(own, AttachedWay.WHOLE, "", None)


def one_line(text: str) -> str:
    """Printable, on one line, not longer than a list shows."""
    shown = "".join(c if c.isprintable() else " " for c in clean(text[: 20 * NAME_CHARACTERS]))
    return " ".join(shown.split())[:NAME_CHARACTERS].strip()


def _title_from(found: FoundConversation) -> str:
    return next(
        (title for each in found.messages if (title := title_of(clean(each.text[:4000])))), ""
    )


def _folder(found: FoundConversation, begun: int | None) -> Folder | None:
    name = one_line(found.folder)
    if not name:
        return None
    return Folder(derived_id(0, found.source, "folder", name), name, begun or 0, 0)


def _time(unix_ms: int | None, otherwise: int | None) -> int | None:
    """``unix_ms`` where it is a time at all."""
    return unix_ms if unix_ms and is_moment(unix_ms) else otherwise
