"""What the library says of a model: cells of its table, its state, why it cannot be used."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from app.amounts import file_size
from models.naming import shorten
from ui.chat.figures import percent
from ui.models.view import LibraryRow, LibraryView
from ui.models.words import (
    UNKNOWN,
    context_words,
    date_words,
    day_words,
    joined,
    parameters_words,
    place_tooltip,
    speed_words,
    verdict_words,
)
from ui.sentences import say

NAME, SIZE, HERE, CONTEXT, USED, VERIFIED, MENU = range(7)
"""The columns of the table."""
COLUMNS = 7

translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""


def heading(column: int) -> str:
    """What a column holds."""
    return (
        translate("models", "Name"),
        translate("models", "Size"),
        translate("models", "Here"),
        translate("models", "Context"),
        translate("models", "Last used"),
        translate("models", "Verified"),
        "",
    )[column]


def cell_text(row: LibraryRow, column: int, now_ms: int) -> str:
    """A cell in words, as it is drawn or read aloud."""
    match column:
        case 0:
            return joined((row.name, row.quantization))
        case 1:
            return file_size(row.size_bytes)
        case 2:
            return here_words(row)
        case 3:
            return context_words(row.place) if row.is_usable else UNKNOWN
        case 4:
            return day_words(row.last_used_ms, now_ms)
        case 5:
            return verified_words(row)
    return ""


def cell_tooltip(row: LibraryRow, column: int) -> str:
    """What a cell has no room for."""
    if column == NAME:
        return "\n".join(part for part in (cell_text(row, NAME, 0), second_line(row)) if part)
    if column == HERE:
        return trouble(row) or (place_tooltip(row.place) if row.place else "")
    if column == VERIFIED:
        return verified_sentence(row)
    if column == MENU:
        return translate("models", "Chat, placement, verify, delete")
    return ""


def second_line(row: LibraryRow) -> str:
    """Below the name: who published it and how large it is, or where it comes from."""
    size = parameters_words(row.total_parameters, row.active_parameters)
    if row.is_demo:
        return translate("models", "Demo: shows that the program works")
    if row.state == "absent" and row.drive:
        return translate("models", "{drive} is not connected").format(drive=row.drive)
    if row.state == "absent":
        return translate("models", "No longer in its folder")
    if row.program:
        used = translate("models", "in {program}, used in place").format(program=row.program)
        return joined((used, size))
    return joined((row.publisher, size))


def state_words(row: LibraryRow) -> str:
    """What keeps it from answering, in few words; "" when nothing does."""
    if row.state in ("verifying", "adding", "coming"):
        what = {
            "verifying": translate("models", "Verifying {share}"),
            "adding": translate("models", "Adding {share}"),
            "coming": translate("models", "Downloading {share}"),
        }[row.state]
        return what.format(share=percent(row.progress))
    if row.state == "incomplete":
        return translate("models", "{count} of {total} files are missing").format(
            count=row.missing_files, total=row.files
        )
    return {
        "absent": translate("models", "Not here"),
        "damaged": translate("models", "Damaged"),
    }.get(row.state, "")


def here_words(row: LibraryRow) -> str:
    """How it would run here, or why it cannot."""
    if row.place is not None and row.place.verdict == "too_large" and row.is_usable:
        return verdict_words("too_large")
    return state_words(row) or speed_words(row.place)


def trouble(row: LibraryRow) -> str:
    """Why it cannot answer and what to do, as one sentence; "" when it can."""
    name = shorten(row.name)
    match row.state:
        case "absent" if row.drive:
            return say("models.absent", {"name": name, "folder": shorten(row.drive)})
        case "absent":
            return say("models.gone", {"name": name, "folder": shorten(row.folder)})
        case "incomplete":
            return say(
                "models.incomplete",
                {"name": name, "count": row.missing_files, "total": row.files},
            )
        case "damaged":
            return say("models.damaged", {"name": name})
        case "verifying":
            return say("models.verifying", {"name": name})
        case "adding":
            return say("models.adding", {"name": name})
        case "coming":
            return say("models.coming", {"name": name})
    return ""


def delete_words(row: LibraryRow) -> str:
    """What deleting it does; a file that has another name elsewhere frees nothing."""
    size = row.size_bytes if row.frees_bytes is None else row.frees_bytes
    if not size:
        return translate("models", "Delete")
    return translate("models", "Delete, frees {size}").format(size=file_size(size))


def forget_words(row: LibraryRow) -> str:
    """What forgetting it does: of files that are here, nothing happens to them."""
    if row.state == "absent":
        return translate("models", "Forget it")
    return translate("models", "Take off the list")


def verified_words(row: LibraryRow) -> str:
    """How sound it is, for screen readers."""
    if row.state == "damaged":
        return translate("models", "Damaged")
    return {
        "hash": translate("models", "Verified"),
        "structure": translate("models", "Structure checked"),
        "no": translate("models", "Not verified"),
    }[row.verified]


def verified_sentence(row: LibraryRow) -> str:
    """How sound it is and since when that is known."""
    if row.state == "damaged":
        return trouble(row)
    text = say(f"models.sound_{row.verified}")
    if row.verified != "no" and row.verified_ms:
        day = translate("models", "Checked on {day}.").format(day=date_words(row.verified_ms))
        return text + " " + day
    return text


def summary(view: LibraryView) -> str:
    """ "14 models, 212 GB; D: 340 GB free"; what other programs keep is counted too."""
    here = [row for row in view.rows if row.state not in ("absent", "adding", "coming")]
    text = (
        translate("models", "1 model, {size}")
        if len(here) == 1
        else translate("models", "{count} models, {size}")
    )
    words = text.format(count=len(here), size=file_size(total_bytes(here))) if here else ""
    if not view.capacity_bytes:
        return words
    free = translate("models", "{size} free").format(size=file_size(view.free_bytes))
    if view.volume:
        free = translate("models", "{volume} {size} free").format(
            volume=view.volume, size=file_size(view.free_bytes)
        )
    return words + "; " + free if words else free


def total_bytes(rows: Sequence[LibraryRow]) -> int:
    """Of files that are here."""
    return sum(row.size_bytes for row in rows)
