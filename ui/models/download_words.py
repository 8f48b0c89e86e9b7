"""What a download says in each of its states, and which two verbs belong to it."""

from typing import Literal

from PySide6.QtCore import QCoreApplication

from app.amounts import file_size
from app.library.download_states import ACTIVE, STOPPED, DownloadState
from models.transfer_entities import StopReason
from ui.chat.figures import percent
from ui.models.view import DownloadRow
from ui.sentences import say, say_stored

S, R = DownloadState, StopReason
Verb = Literal[
    "pause", "resume", "try_now", "try_again", "cancel", "discard", "remove", "chat",
    "open_page", "token", "free_space", "folder", "show_folder",
]  # fmt: skip
Verbs = tuple[Verb, ...]

translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""

_AT_WORK = (ACTIVE - {S.WAITING}) | {S.QUEUED, S.VERIFIED}
_BY_REASON: dict[StopReason, Verbs] = {
    R.OFFLINE: ("try_now", "cancel"),
    R.SERVER: ("try_now", "cancel"),
    R.DISK_FULL: ("free_space", "resume"),
    R.SPACE: ("folder", "free_space"),
    R.GATED: ("open_page", "resume"),
    R.AUTH: ("token", "resume"),
    R.FS_LIMIT: ("folder", "resume"),
    R.NO_PERMISSION: ("folder", "resume"),
    R.NOT_FOUND: ("open_page", "remove"),
    R.CHANGED: ("open_page", "remove"),
    R.REFUSED: ("open_page", "remove"),
    R.STRUCTURE: ("open_page", "remove"),
}


def verbs(row: DownloadRow) -> Verbs:
    """What can be done, the likeliest first; at most two have buttons, all are in the menu."""
    state, reason = row.status.state, row.status.reason
    if row.elsewhere or state is S.CANCELLING:
        return ()
    if state is S.READY:
        return ("chat", "remove")
    if state is S.CANCELLED:
        return ("resume", "discard") if row.done_bytes else ("resume", "remove")
    if state in _AT_WORK:
        return ("pause", "cancel")
    if state is S.WAITING:
        return ("try_now", "pause")
    if reason in _BY_REASON:
        return _BY_REASON[reason]
    return ("resume", "cancel") if state is S.PAUSED else ("try_again", "remove")


def more_verbs(row: DownloadRow) -> Verbs:
    """What only the menu has."""
    state = row.status.state
    if row.elsewhere or state is S.CANCELLING:
        return ()
    found: list[Verb] = ["open_page"]
    if state in STOPPED:
        found.insert(0, "resume")
    if state is S.READY:
        found.append("show_folder")
    elif state is S.CANCELLED:
        found.append("remove")
    else:
        found.append("cancel")
    return tuple(verb for verb in found if verb not in verbs(row))


def verb_words(verb: Verb) -> str:
    """What a button or a line of the menu says."""
    return {
        "pause": translate("models", "Pause"),
        "resume": translate("models", "Resume"),
        "try_now": translate("models", "Try now"),
        "try_again": translate("models", "Try again"),
        "cancel": translate("models", "Cancel"),
        "discard": translate("models", "Discard"),
        "remove": translate("models", "Remove"),
        "chat": translate("models", "Chat"),
        "open_page": translate("models", "Open its page"),
        "token": translate("models", "Add a token"),
        "free_space": translate("models", "Free up space"),
        "folder": translate("models", "Choose a folder"),
        "show_folder": translate("models", "Open folder"),
    }[verb]


def verb_tooltip(row: DownloadRow, verb: Verb) -> str:
    """What a verb costs; "" where it costs nothing."""
    is_costly = verb in ("remove", "discard") and row.status.state is not S.READY
    if not is_costly or not row.done_bytes:
        return ""
    return translate("models", "Deletes what is here of it, {size}").format(
        size=file_size(row.done_bytes)
    )


def state_words(row: DownloadRow) -> str:
    """The state in few words."""
    state, reason = row.status.state, row.status.reason
    if row.elsewhere:
        return translate("models", "In another Moestro")
    if state is S.CHECKING:
        return translate("models", "Checking what is here: {share}").format(share=_checked(row))
    if state is S.VERIFYING:
        return translate("models", "Verifying: {share}").format(share=_checked(row))
    if state is S.DOWNLOADING and row.is_stalled:
        return translate("models", "Nothing arrives")
    if reason is not None and (words := _reason_words(reason)):
        return words
    return _plain_words(state)


def _plain_words(state: DownloadState) -> str:
    return {
        S.QUEUED: translate("models", "Waiting"),
        S.RESOLVING: translate("models", "Preparing"),
        S.DOWNLOADING: translate("models", "Downloading"),
        S.WAITING: translate("models", "Reconnecting"),
        S.VERIFIED: translate("models", "Verified"),
        S.PROMOTING: translate("models", "Into the library"),
        S.READY: translate("models", "Ready"),
        S.PAUSED: translate("models", "Paused"),
        S.BLOCKED: translate("models", "Waits for you"),
        S.CANCELLING: translate("models", "Cancelling"),
        S.CANCELLED: translate("models", "Cancelled"),
        S.CORRUPT: translate("models", "Came damaged"),
        S.FAILED: translate("models", "Stopped"),
    }.get(state, "")


def _reason_words(reason: StopReason) -> str:
    return {
        R.RATE_LIMITED: translate("models", "Asked to wait"),
        R.OFFLINE: translate("models", "No network"),
        R.SERVER: translate("models", "Server trouble"),
        R.DISK_FULL: translate("models", "Disk full"),
        R.VOLUME_GONE: translate("models", "Drive not here"),
        R.NO_PERMISSION: translate("models", "Not allowed"),
        R.IN_USE: translate("models", "Waiting"),
        R.GATED: translate("models", "Terms to accept"),
        R.AUTH: translate("models", "Token needed"),
        R.SPACE: translate("models", "Too little space"),
        R.FS_LIMIT: translate("models", "Disk not suitable"),
        R.NOT_FOUND: translate("models", "Gone"),
        R.CHANGED: translate("models", "Changed"),
    }.get(reason, "")


def sentence(row: DownloadRow) -> str:
    """Why it stands still and what to do; "" when the state says it all."""
    state = row.status.state
    if state is S.CANCELLED and row.done_bytes and row.kept_days:
        return say("models.kept", {"size": file_size(row.done_bytes), "count": row.kept_days})
    if row.elsewhere:
        return say("models.elsewhere")
    if state is S.DOWNLOADING and row.is_stalled:
        return say("models.stalled")
    if code := row.status.sentence_code:
        return say_stored(code, row.status.facts)
    return say_stored(row.went_back, {}) if row.went_back and state in ACTIVE else ""


def ink(row: DownloadRow) -> str:
    """The palette's colour of the state: of its dot and its bar."""
    state = row.status.state
    if state is S.READY:
        return "good"
    if state in (S.FAILED, S.CORRUPT):
        return "bad"
    if state in (S.BLOCKED, S.WAITING) or row.is_stalled:
        return "warning"
    if state is S.PAUSED:
        by_person = row.status.reason in (None, R.USER, R.APP_QUIT, R.IN_USE)
        return "idle" if by_person else "warning"
    if row.elsewhere or state in (S.QUEUED, S.CANCELLING, S.CANCELLED):
        return "idle"
    return "accent"


def fraction(row: DownloadRow) -> float:
    """How full the bar is, 0 to 1."""
    if row.status.state is S.READY:
        return 1.0
    done = row.done_bytes
    if row.status.state in (S.CHECKING, S.VERIFYING) and row.checked_bytes:
        done = row.checked_bytes
    return done / row.total_bytes if row.total_bytes else 0.0


def _checked(row: DownloadRow) -> str:
    return percent(row.checked_bytes / row.total_bytes if row.total_bytes else 0.0)
