"""What the list of requests says of each: when, what for, how much came, how it ended."""

from PySide6.QtCore import QCoreApplication, QDateTime

from app.amounts import file_size
from app.logged_request import Ending, LoggedRequest
from models.http_clients import Purpose
from models.naming import shorten

TIME, HOST, PURPOSE, BYTES, END = range(5)
"""The columns of the table."""
COLUMNS = 5
_SHOWN_CHARACTERS = 120

translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""


def heading(column: int) -> str:
    """What a column holds."""
    return (
        translate("requests", "When"),
        translate("requests", "Asked"),
        translate("requests", "What for"),
        translate("requests", "Received"),
        translate("requests", "How it ended"),
    )[column]


def cell_text(request: LoggedRequest, column: int) -> str:
    """A cell in words."""
    if column == TIME:
        return time_words(request.time_ms)
    if column == HOST:
        # The file may be damaged: what is shown is printable and short.
        return shorten(request.host, _SHOWN_CHARACTERS)
    if column == PURPOSE:
        return purpose_words(request.purpose)
    if column == BYTES:
        return amount_words(request.received_bytes)
    return ending_words(request)


def tooltip(request: LoggedRequest) -> str:
    """All that is known of a request."""
    address = shorten(request.host + request.path, _SHOWN_CHARACTERS * 2)
    lines = [
        shorten(request.method, 20) + " " + address,
        cell_text(request, TIME) + " · " + cell_text(request, PURPOSE),
        cell_text(request, BYTES) + " · " + cell_text(request, END),
    ]
    if request.ending is Ending.UNKNOWN:
        lines.append(
            translate(
                "requests", "Moestro was closed meanwhile, or another Moestro goes on with it."
            )
        )
    return "\n".join(lines)


def time_words(time_ms: int) -> str:
    """Day and second, in figures that stand below each other."""
    return QDateTime.fromMSecsSinceEpoch(time_ms).toString("yyyy-MM-dd HH:mm:ss")


def purpose_words(purpose: Purpose) -> str:
    """What a request was made for."""
    return {
        Purpose.SEARCH: translate("requests", "Search"),
        Purpose.REPOSITORY: translate("requests", "A model's page"),
        Purpose.CARD: translate("requests", "A model's description"),
        Purpose.HEADER: translate("requests", "Begin of a file"),
        Purpose.DOWNLOAD: translate("requests", "Download"),
    }[purpose]


def amount_words(count: int) -> str:
    """Bytes, as "812 B", "64 kB", "98 MB" or "18.6 GB"."""
    if count < 1000:
        return format(count, "d") + " B"
    if count < 999_500:
        return format(count / 1000, ".0f") + " kB"
    return file_size(count)


def ending_words(request: LoggedRequest) -> str:
    """How a request ended, as far as it did."""
    status = request.status
    if request.ending is Ending.COMPLETE:
        if status < 300:
            return translate("requests", "Complete")
        if status < 400:
            return translate("requests", "Sent on")
        return translate("requests", "Declined ({status})").format(status=status)
    if request.ending is Ending.BROKEN:
        return (
            translate("requests", "Connection broke")
            if status
            else translate("requests", "No answer")
        )
    return {
        Ending.UNDER_WAY: translate("requests", "Under way"),
        Ending.STOPPED: translate("requests", "Stopped here"),
        Ending.REFUSED: translate("requests", "Not followed"),
        Ending.UNKNOWN: translate("requests", "Not noted"),
    }[request.ending]


def ink(request: LoggedRequest) -> str:
    """The colour of how it ended."""
    if request.ending is Ending.COMPLETE and request.status >= 400:
        return "warning"
    return {Ending.BROKEN: "warning", Ending.REFUSED: "bad", Ending.UNDER_WAY: "accent_text"}.get(
        request.ending, "text" if request.ending is Ending.COMPLETE else "muted"
    )
