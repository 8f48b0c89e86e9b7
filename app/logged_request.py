"""One request as the list of requests keeps it: nothing in it can be a secret."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

from models.http_clients import Purpose

_LATEST_MS = 253_402_300_799_000
"""The end of the year 9999: what lies in a damaged file must still be a date."""


class Ending(StrEnum):
    """How a request ended."""

    UNDER_WAY = "under_way"
    COMPLETE = "complete"
    STOPPED = "stopped"
    """Moestro did not want the rest."""
    BROKEN = "broken"
    """The other side went away, or never answered."""
    REFUSED = "refused"
    """Moestro did not send or follow it: it led to a place that is protected less."""
    UNKNOWN = "unknown"
    """Moestro was stopped before the end, or another Moestro still makes the request."""


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request. Nothing of an address behind its path is kept: it may hold secrets."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    time_ms: Annotated[int, msgspec.Meta(ge=0, le=_LATEST_MS)]
    """Unix milliseconds."""
    purpose: Purpose
    method: Annotated[str, msgspec.Meta(max_length=20)]
    host: Annotated[str, msgspec.Meta(max_length=200)]
    path: Annotated[str, msgspec.Meta(max_length=400)]
    status: Annotated[int, msgspec.Meta(ge=0, le=999)] = 0
    """0 while, or because, nothing was answered."""
    received_bytes: Annotated[int, msgspec.Meta(ge=0, le=1 << 60)] = 0
    """Of bodies, as they came over the wire."""
    ending: Ending = Ending.UNDER_WAY
