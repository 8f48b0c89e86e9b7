"""What a person pointed at when asking for an export. No Qt in here."""

from dataclasses import dataclass

from ui.export.view import What


@dataclass(frozen=True, slots=True)
class Asked:
    """All empty for whatever is open."""

    what: What | None = None
    message_id: str = ""
    leaf_id: str = ""
    chats: tuple[str, ...] = ()
    folder_id: str = ""
