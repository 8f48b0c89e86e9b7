"""What can go wrong at the test Hub, and when: by path, side, method and count.

``faults.add(Cut(1000), path="*.gguf", side=CDN, after=1, times=2)`` cuts the second and the
third matching answer after 1,000 bytes. Several faults may meet in one answer.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

HUB, CDN = "hub", "cdn"
Side = Literal["hub", "cdn"]


class Fault:
    """Base of all faults."""


@dataclass(frozen=True)
class Cut(Fault):
    """Close the connection after ``at`` bytes of the body; the headers promise all of it."""

    at: int
    reset: bool = False
    """By RST instead of FIN."""


@dataclass(frozen=True)
class Stall(Fault):
    """Send ``at`` bytes of the body and then nothing, until the other side goes away."""

    at: int
    seconds: float = 3600
    """After this long the rest is sent after all."""


@dataclass(frozen=True)
class Slow(Fault):
    """Send the body at this speed."""

    bytes_per_second: float


@dataclass(frozen=True)
class Silent(Fault):
    """Read the request and never answer."""


@dataclass(frozen=True)
class IgnoreRange(Fault):
    """Answer 200 with the whole file."""


@dataclass(frozen=True)
class WrongContentRange(Fault):
    """State another start or total than what is sent."""

    start: int = 0
    total: int = 0


@dataclass(frozen=True)
class WrongBody(Fault):
    """The right length with other bytes, from ``at`` of the file on."""

    at: int = 0


@dataclass(frozen=True)
class OtherLength(Fault):
    """``more`` bytes too many (or, negative, too few), and a length that agrees with it."""

    more: int


@dataclass(frozen=True)
class Status(Fault):
    """Answer with an error instead."""

    code: int
    error_code: str = ""
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RedirectTo(Fault):
    """Answer 302; without a ``location`` to the same address for ever."""

    location: str = ""


@dataclass(frozen=True)
class ExpiredSignature(Fault):
    """The CDN does not accept this signed address any more; a newly resolved one works."""


@dataclass(frozen=True)
class DropHeaders(Fault):
    """Leave headers out."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class DropKeys(Fault):
    """Leave keys out of a JSON answer, at every depth."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Body(Fault):
    """Answer 200 with this instead."""

    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Endless(Fault):
    """A body without end or stated length."""


@dataclass(frozen=True)
class Before(Fault):
    """Do something before answering, such as a new commit; then answer as usual."""

    action: Callable[[], Any]


def rate_limited(seconds: int) -> Status:
    """The Hub's answer to too many requests."""
    return Status(
        429,
        message="We had to rate limit you",
        headers={
            "RateLimit": f'"api";r=0;t={seconds}',
            "RateLimit-Policy": '"fixed window";"api";q=500;w=300',
        },
    )


@dataclass
class _Rule:
    fault: Fault
    path: str
    side: Side | None
    method: str | None
    after: int
    times: int | None
    matched: int = 0

    def take(self) -> bool:
        """Count one match; whether it is among those that are hit."""
        number = self.matched
        self.matched += 1
        return number >= self.after and (self.times is None or number < self.after + self.times)


class Faults:
    """The faults that wait. Any thread may add some."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()

    def add(
        self,
        fault: Fault,
        *,
        path: str = "*",
        side: Side | None = None,
        method: str | None = None,
        after: int = 0,
        times: int | None = 1,
    ) -> None:
        """Hit ``times`` requests (None: all) behind the first ``after`` that match.

        ``path`` is a pattern for the address's path. GET faults of a body count no HEAD when
        ``method`` says so.
        """
        with self._lock:
            self._rules.append(_Rule(fault, path, side, method, after, times))

    def clear(self) -> None:
        """From now on everything works."""
        with self._lock:
            self._rules.clear()

    def take(self, side: Side, method: str, path: str) -> list[Fault]:
        """The faults that hit this request."""
        with self._lock:
            return [
                rule.fault
                for rule in self._rules
                if rule.side in (None, side)
                and rule.method in (None, method)
                and fnmatchcase(path, rule.path)
                and rule.take()
            ]
