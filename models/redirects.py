"""Where a redirect may lead: never to a lower scheme or class of addresses than the Hub's own.

A public Hub that points into the user's own network, or at a service on the same computer,
would turn the application into a tool against both.
"""

import ipaddress
import re
import socket
import urllib.parse
from enum import IntEnum

_PORTS = {"https": 443, "http": 80}
_PRIVATE_ENDINGS = (
    ".local", ".lan", ".internal", ".intranet", ".corp", ".home", ".home.arpa", ".private",
)  # fmt: skip
_NUMBERS = re.compile(r"[0-9a-fx.]+", re.I)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Reach(IntEnum):
    """Who can be reached at an address, from the most to the least protected."""

    LOOPBACK = 0
    LINK = 1
    """This link only; cloud machines keep their secrets there."""
    PRIVATE = 2
    PUBLIC = 3


def redirect_allowed(
    endpoint: str, source: str, target: str, endpoint_reach: Reach | None = None
) -> bool:
    """Whether a request for ``source`` may be sent on to ``target``.

    ``endpoint`` is the address that the user set. A name says little about the address behind
    it: ``endpoint_reach`` is what connecting to the endpoint showed, and the one who connects
    judges the target's address again, with ``reach_of_address``. Never raises.
    """
    try:
        first, before, after = (urllib.parse.urlsplit(text) for text in (endpoint, source, target))
        same_origin = _origin(first) == _origin(after)
    except ValueError:
        return False
    if after.scheme not in _PORTS or not after.hostname or "@" in after.netloc:
        return False
    if after.scheme == "http" and "https" in (first.scheme, before.scheme):
        return False
    if same_origin:
        return True
    reach = reach_of_host(first.hostname or "") if endpoint_reach is None else endpoint_reach
    return reach_of_host(after.hostname) >= reach


def reach_of_host(host: str) -> Reach:
    """The class of a literal address, or of a name as far as the name itself tells."""
    name = host.strip("[]").rstrip(".").casefold()
    try:
        return reach_of_address(name)
    except ValueError:
        pass
    if _NUMBERS.fullmatch(name):
        # The system's resolver takes "127.1", "0x7f.0.0.1" and "2130706433" for addresses.
        try:
            return reach_of_address(socket.inet_ntoa(socket.inet_aton(name)))
        except OSError:
            pass
    if name == "localhost" or name.endswith((".localhost", "localhost.localdomain")):
        return Reach.LOOPBACK
    if "." not in name or name.endswith(_PRIVATE_ENDINGS):
        return Reach.PRIVATE
    return Reach.PUBLIC


def reach_of_address(address: str) -> Reach:
    """The class of a literal address. Raises ValueError when it is none."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        found = inner or found
    if found.is_loopback or found.is_unspecified:
        return Reach.LOOPBACK
    if found.is_link_local or found.is_multicast:
        return Reach.LINK
    # What is reserved is not a place of the internet either.
    return Reach.PUBLIC if found.is_global else Reach.PRIVATE


def _origin(parts: urllib.parse.SplitResult) -> tuple[str, str | None, int | None]:
    """Raises ValueError for a port that is none."""
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
