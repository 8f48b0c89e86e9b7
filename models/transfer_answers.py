"""What a server's answer to a request for bytes means; pure, so that tables can test it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum, auto

from models.naming import shorten
from models.transfer_entities import (
    Facts,
    StopReason,
    TransferEnd,
    TransferOutcome,
    TransferStop,
    WantedFile,
)

Headers = Mapping[str, str]
"""Names in lower case."""

LONGEST_WAIT = 3600.0
"""Seconds; a server that asks for more is asked again after this."""

_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})")
_UNSATISFIED = re.compile(r"bytes \*/(\d{1,19})")
_REMAINING = re.compile(r"(?:^|;)\s*t=(\d{1,9})\b")
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def facts_of(wanted: WantedFile, host: str) -> Facts:
    """What the sentences about an answer may name."""
    return {
        "host": shorten(host),
        "name": shorten(wanted.path.rpartition("/")[2]),
        "model": shorten(wanted.repository),
        "number": 0,
    }


class TryAgain(Exception):  # noqa: N818
    """This try brought nothing; another may. ``wait`` is what the server asked for, in seconds."""

    def __init__(
        self, reason: StopReason, detail: str, wait: float = 0.0, facts: Facts | None = None
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        """What becomes of it when trying does not help: OFFLINE, SERVER or RATE_LIMITED."""
        self.wait = wait
        self.facts = facts or {}


class BodyStart(Enum):
    """Where the body of a usable answer begins."""

    AT_OFFSET = auto()
    AT_ZERO = auto()


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer is compared with."""

    wanted: WantedFile
    offset: int
    """First byte that was asked for."""
    host: str
    """That answered."""
    from_hub: bool
    """It has the origin of the endpoint; else it is where the Hub pointed to."""
    token_sent: bool


def judge(status: int, headers: Headers, asked: Asked, now: float) -> BodyStart:
    """Where the body begins. ``now`` is in Unix seconds.

    Raises:
        TryAgain: nothing usable came, but another try may help.
        TransferStop: trying again cannot help.
    """
    if status in (200, 206):
        check_identity(headers, asked)
        _check_form(headers, asked)
        return _body_start(status, headers, asked)
    if status == 416:
        raise _unsatisfied(headers, asked)
    if asked.from_hub:
        raise _refusal(status, headers, asked, now)
    # An address on another origin is signed and runs out: the Hub gives a fresh one.
    wait = wait_of(headers, now) if status in _PASSING else 0.0
    raise _again(asked, f"status {status}", wait, status)


def check_identity(headers: Headers, asked: Asked) -> None:
    """Refuse an answer of the Hub that is about another file. Raises TransferStop."""
    wanted = asked.wanted
    if not asked.from_hub:
        return
    commit = headers.get("x-repo-commit", wanted.commit)
    size = headers.get("x-linked-size", str(wanted.size))
    etag = headers.get("x-linked-etag", "").strip('W/"').lower()
    is_other = re.fullmatch(r"[0-9a-f]{64}", etag) is not None and etag != wanted.sha256
    if commit != wanted.commit or size != str(wanted.size) or is_other:
        raise TransferStop(_failed(StopReason.CHANGED, asked))


def wait_of(headers: Headers, now: float) -> float:
    """Seconds that a server asks to wait: ``Retry-After`` in both forms, or ``RateLimit``."""
    stated = headers.get("retry-after", "").strip()
    seconds = 0.0
    if stated.isdecimal() and len(stated) < 10:
        seconds = float(stated)
    elif stated:
        try:
            seconds = parsedate_to_datetime(stated).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            seconds = 0.0
    if seconds <= 0 and (match := _REMAINING.search(headers.get("ratelimit", ""))):
        # The counter is cleared within this second, not at its beginning.
        seconds = float(match[1]) + 1
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _check_form(headers: Headers, asked: Asked) -> None:
    """Refuse what cannot be the file's own bytes, such as the page of a hotel's network."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise _again(asked, f"content encoding {encoding}")
    if headers.get("content-type", "").strip().lower().startswith("text/html"):
        raise _again(asked, "a web page instead of the file")
    if headers.get("content-type", "").strip().lower().startswith("multipart/"):
        raise _again(asked, "several ranges in one answer")


def _body_start(status: int, headers: Headers, asked: Asked) -> BodyStart:
    size = asked.wanted.size
    length = headers.get("content-length")
    if status == 200:
        if length is not None and length != str(size):
            raise _again(asked, f"{length} bytes instead of {size}")
        return BodyStart.AT_ZERO
    match = _RANGE.fullmatch(headers.get("content-range", "").strip())
    if match is None:
        raise _again(asked, "no usable content range")
    first, last, total = (int(number) for number in match.groups())
    if total != size:
        raise _other_size(asked, total)
    if first != asked.offset or not first <= last < size:
        raise _again(asked, f"content range {first}-{last} instead of {asked.offset}-")
    if length is not None and length != str(last - first + 1):
        raise _again(asked, "content length and range differ")
    return BodyStart.AT_OFFSET


def _unsatisfied(headers: Headers, asked: Asked) -> Exception:
    match = _UNSATISFIED.fullmatch(headers.get("content-range", "").strip())
    if match is not None and int(match[1]) != asked.wanted.size:
        return _other_size(asked, int(match[1]))
    return _again(asked, "the range was refused")


def _other_size(asked: Asked, total: int) -> Exception:
    """The Hub knows what it has; where it points to may be mistaken for a while."""
    if asked.from_hub:
        return TransferStop(_failed(StopReason.CHANGED, asked))
    return _again(asked, f"{total} bytes instead of {asked.wanted.size}")


def _refusal(status: int, headers: Headers, asked: Asked, now: float) -> Exception:
    facts = _facts(asked)
    if status == 429:
        wait = wait_of(headers, now)
        return TryAgain(StopReason.RATE_LIMITED, "rate limited", wait, facts)
    if status in _PASSING or status >= 500:
        return _again(asked, f"status {status}", wait_of(headers, now), status)
    if status in (401, 403):
        gated = headers.get("x-error-code", "") == "GatedRepo" and asked.token_sent
        reason = StopReason.GATED if gated else StopReason.AUTH
        return TransferStop(TransferEnd(TransferOutcome.BLOCKED, reason, facts))
    if status in (404, 410):
        return TransferStop(_failed(StopReason.NOT_FOUND, asked))
    return TransferStop(
        TransferEnd(TransferOutcome.FAILED, StopReason.REFUSED, {**facts, "number": status})
    )


def _again(asked: Asked, detail: str, wait: float = 0.0, status: int = 0) -> TryAgain:
    return TryAgain(StopReason.SERVER, detail, wait, {**_facts(asked), "number": status})


def _facts(asked: Asked) -> dict[str, str | int | float]:
    return dict(facts_of(asked.wanted, asked.host))


def _failed(reason: StopReason, asked: Asked) -> TransferEnd:
    return TransferEnd(TransferOutcome.FAILED, reason, _facts(asked))
