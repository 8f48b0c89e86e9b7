"""Errors of the network and of the Hub: a closed set, each member with its sentence.

KnownError
└── NetworkError   nothing, or nothing usable, came back
    └── HubError   the Hub answered, and the answer is no
"""

import socket
import urllib.parse
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from models.errors import KnownError
from models.naming import shorten

if TYPE_CHECKING:
    import httpx2


class NetworkTrouble(StrEnum):
    """Why a request brought nothing. The values name sentences."""

    OFFLINE = "offline"
    TIMEOUT = "timeout"
    TLS = "tls"
    PROXY = "proxy"
    DNS = "dns"
    BLOCKED = "blocked"
    """Nobody listens there, or something between refuses."""
    BROKEN = "broken"
    """The connection ended in the middle of an answer."""
    REDIRECT = "redirect"
    """Away to a place that is protected less."""
    LOOP = "loop"
    CA_FILE = "ca_file"
    """The user's own file of certificates cannot be used."""


class HubTrouble(StrEnum):
    """Why the Hub says no. The values name sentences."""

    LOGIN = "login"
    """Gated, and no token was sent."""
    REQUEST = "request"
    """Gated, and the token's account has no access yet."""
    TOKEN = "token"
    """The token itself is not accepted."""
    NOT_FOUND = "not_found"
    REVISION = "revision"
    """The repository is there; the commit or the file is not."""
    DISABLED = "disabled"
    REFUSED = "refused"
    RATE_LIMITED = "rate_limited"
    SERVER = "server"
    NONSENSE = "nonsense"
    """Not what a Hub says: too much, unreadable, or a login page in between."""


class NetworkError(KnownError):
    """Nothing usable came from the network."""

    exit_code = 5

    def __init__(self, trouble: NetworkTrouble, **facts: str | int | float) -> None:
        super().__init__(f"network.{trouble.value}", **facts)
        self.trouble: NetworkTrouble | HubTrouble = trouble


class HubError(NetworkError):
    """The Hub answered, but not with what was asked for."""

    def __init__(self, trouble: HubTrouble, **facts: str | int | float) -> None:
        KnownError.__init__(self, f"hub.{trouble.value}", **facts)
        self.trouble = trouble

    @property
    def seconds(self) -> int:
        """How long the Hub asks to wait; 0 when it does not."""
        return int(self.facts.get("seconds", 0))


class CallCancelledError(Exception):
    """Nobody wants the answer any more. Not shown to anyone."""


def network_error_of(error: "httpx2.HTTPError", address: str) -> NetworkError:
    """What the HTTP library's ``error`` means for the user who asked for ``address``.

    Never raises; what it does not know is a broken connection.
    """
    import ssl

    host = host_of(address)
    kinds = {kind.__name__ for one in _chain(error) for kind in type(one).__mro__}
    chain = list(_chain(error))
    if "ProxyError" in kinds or ("ConnectError" in kinds and _is_proxied(address)):
        return NetworkError(NetworkTrouble.PROXY, host=host)
    if any(isinstance(one, ssl.SSLError) for one in chain):
        return NetworkError(NetworkTrouble.TLS, host=host)
    if any(isinstance(one, socket.gaierror) for one in chain):
        return NetworkError(NetworkTrouble.DNS, host=host)
    if "TimeoutException" in kinds:
        return NetworkError(NetworkTrouble.TIMEOUT, host=host)
    if "TooManyRedirects" in kinds:
        return NetworkError(NetworkTrouble.LOOP, host=host)
    if "ConnectError" in kinds:
        return NetworkError(NetworkTrouble.BLOCKED, host=host)
    return NetworkError(NetworkTrouble.BROKEN, host=host)


def host_of(address: str) -> str:
    """The host of an address, for a sentence: printable and short."""
    try:
        host = urllib.parse.urlsplit(address).hostname
    except ValueError:
        host = None
    return shorten(host or address)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and everything that led to it."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [cause for cause in (one.__cause__, one.__context__) if cause is not None]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions


def _is_proxied(address: str) -> bool:
    """Whether the system sends requests to ``address`` through a proxy."""
    import urllib.request

    parts = urllib.parse.urlsplit(address)
    proxies = urllib.request.getproxies()
    if not parts.hostname or not (proxies.get(parts.scheme) or proxies.get("all")):
        return False
    return not urllib.request.proxy_bypass(parts.hostname)
