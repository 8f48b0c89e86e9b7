"""What the models room asks of whoever gives it HTTP clients: a purpose, and limits of time."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import httpx2


PURPOSE = "moestro_purpose"
"""A request's own extension of this name stands for the client's purpose."""


class Purpose(StrEnum):
    """What a request is made for; the request log shows it."""

    SEARCH = "search"
    REPOSITORY = "repository"
    CARD = "card"
    HEADER = "header"
    """The beginning of a model file, to judge it before downloading."""
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long each part of one request may take, in seconds."""

    connect: float = 5.0
    """From the name's look-up to the end of the handshake."""
    read: float = 10.0
    """Without a byte from the other side."""
    write: float = 10.0
    pool: float = 5.0
    """Waiting for one of the client's own connections."""


class HttpClients(Protocol):
    """Makes HTTP clients that refuse when offline, keep deadlines and log every request.

    ``endpoint`` is the Hub's address that the user set: no redirect may lead to a scheme or a
    class of addresses that is protected less. Who asks for a client closes it.
    """

    def client(self, purpose: Purpose, endpoint: str) -> "httpx2.Client":
        """A client that waits. Raises NetworkError when its certificates cannot be read."""
        ...

    def async_client(self, purpose: Purpose, endpoint: str) -> "httpx2.AsyncClient":
        """A client for an asyncio loop. Raises like ``client``."""
        ...
