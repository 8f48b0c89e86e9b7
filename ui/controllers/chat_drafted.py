"""What the files of a draft would give the model if it were sent now, for counting."""

from collections.abc import Sequence

from app.attachments.errors import AttachmentError
from app.attachments.given import only_passages
from app.history.entities import AttachedText
from ui.controllers.drafting_file import DraftingFile


def given_now(files: Sequence[DraftingFile]) -> list[AttachedText]:
    """Of those that are read: the whole, the part, or the passages found so far."""
    found = []
    for file in files:
        try:
            given = file.given()
        except AttachmentError:
            continue  # the chip says that there is no such part
        if given is None and file.attachment is not None and file.passages:
            given = only_passages(file.attachment, file.passages)
        if given is not None:
            found.append(given)
    return found
