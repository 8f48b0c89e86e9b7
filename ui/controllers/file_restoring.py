"""A file of a draft that was read before: its text is in the history, its choices are kept."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from app.attachments.store import AttachmentStore
from app.history.drafts import DraftFile
from app.history.entities import AttachedText, AttachedWay
from app.ids import new_id
from models.errors import KnownError
from ui.controllers.drafting_file import DraftingFile


def restored(store: AttachmentStore, kept: Sequence[DraftFile]) -> list[DraftingFile]:
    """Files as they are kept with a draft; one whose text is gone says so."""
    return [_one(store, each) for each in kept]


def taken_back(store: AttachmentStore, given: Sequence[AttachedText]) -> list[DraftingFile]:
    """Files of a message that waited and is written on."""
    kept = []
    for each in given:
        part = each.part if each.way is AttachedWay.PART else ""
        kept.append(DraftFile(each.attachment_id, each.name, each.way.value, part))
    return restored(store, kept)


def _one(store: AttachmentStore, kept: DraftFile) -> DraftingFile:
    name = kept.name or QCoreApplication.translate("files", "A file")
    file = DraftingFile(new_id(), name, part=kept.part, way_is_chosen=True)
    file.way = AttachedWay(kept.way) if kept.way in set(AttachedWay) else AttachedWay.WHOLE
    try:
        file.attachment = store.get(kept.attachment_id)
    except KnownError as error:
        file.failure = error
    return file
