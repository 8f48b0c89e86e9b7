"""What a message gives the model of its files: all of one, a part, or what is relevant."""

import re
from collections.abc import Sequence

from app.attachments.entities import Attachment, Kind
from app.attachments.parts import Part
from app.attachments.passages import Passage
from app.attachments.pictures import is_picture, picture_of
from app.history.entities import AttachedText, AttachedWay
from app.pictures import IMAGE_MARK
from app.wording import sentence

_NOT_SHOWN = "(a picture that you cannot see)"
_FENCES = re.compile(r"`{3,}")


def whole(attachment: Attachment) -> AttachedText:
    """All of it."""
    return _attached(attachment, AttachedWay.WHOLE, "", attachment.text)


def only_part(attachment: Attachment, part: Part) -> AttachedText:
    """One part of it."""
    text = attachment.text[part.start : part.end]
    return _attached(attachment, AttachedWay.PART, part.label, text)


def only_passages(attachment: Attachment, passages: Sequence[Passage]) -> AttachedText:
    """Passages of it, in the order in which they stand there, each under its place."""
    ordered = sorted(passages, key=lambda passage: passage.start)
    parts: list[str] = []
    if attachment.kind is Kind.TABLE and ordered and ordered[0].start > 0:
        parts.append(attachment.text.partition("\n")[0])  # rows say nothing without their head
    end = -1
    for passage in ordered:
        if passage.start <= end:  # they overlap: nothing is said twice
            parts.append(attachment.text[end : passage.end])
        else:
            head = f"[{passage.place}]\n" if passage.place else ""
            gap = "\n\n[…]\n\n" if parts else ""
            parts.append(gap + head + attachment.text[passage.start : passage.end].strip("\n"))
        end = max(end, passage.end)
    code = "attachments.label_passages" if len(ordered) != 1 else "attachments.label_passage"
    label = sentence(code, {"count": len(ordered)})
    return _attached(attachment, AttachedWay.PASSAGES, label, "".join(parts))


def prompt_text(text: str, attachments: Sequence[AttachedText], *, sees: bool = False) -> str:
    """What the model reads as the user's message: the files first, then the user's own words.

    Each file stands in a fence longer than any in it, so that it cannot end its own. Control
    strings in it are defused with the whole message, where the prompt is made. Where a model
    that ``sees`` is shown a picture there is IMAGE_MARK, which no words may have.
    """
    parts: list[str] = []
    text = without_mark(text)
    for attached in attachments:
        if is_picture(attached):
            shown = IMAGE_MARK if sees and picture_of(attached) else _NOT_SHOWN
            parts.append(f"File: {attached.name}\n{shown}")
            continue
        longest = max((len(found[0]) for found in _FENCES.finditer(attached.text)), default=2)
        fence = "`" * (longest + 1)
        place = f" ({attached.part})" if attached.part else ""
        given = without_mark(attached.text)
        parts.append(f"File: {attached.name}{place}\n{fence}\n{given}\n{fence}")
    return "\n\n".join([*parts, text]) if parts else text


def without_mark(text: str) -> str:
    """``text`` with nothing in it that stands for a picture."""
    return text.replace(IMAGE_MARK, "")


def _attached(attachment: Attachment, way: AttachedWay, label: str, text: str) -> AttachedText:
    return AttachedText(
        attachment_id=attachment.id,
        name=attachment.name,
        kind=attachment.kind.value,
        size=attachment.size,
        sha256=attachment.sha256,
        way=way,
        part=label,
        text=text,
    )
