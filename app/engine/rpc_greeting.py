"""Greets the RPC host of another computer, with a deadline, to see whether the engine may.

The engine ends its process when a host refuses or speaks another version, and waits for ever
for one that is silent; so a connection of our own tries each host before it does.
"""

import socket
import time

from app.engine.errors import RefusedError
from models.naming import shorten

GREETING_SECONDS = 5.0
"""To connect, and again to be answered."""

_HELLO = 14
_CAPABILITIES = 24
_MAJOR, _MINOR = 7, 0
"""The protocol of the pinned engine: ``ggml-rpc.h``."""
_SHOWN = 40


def parse_host(text: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``. Raises RefusedError."""
    host, _, port = text.rpartition(":")
    # The engine itself knows no IPv6, takes the first colon, and ends at what is no number.
    well_formed = host and ":" not in host and not any(c.isspace() or c == "\0" for c in text)
    if not well_formed or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise RefusedError("engine.rpc_address", host=shown(text))
    return host, int(port)


def shown(*hosts: str) -> str:
    """Hosts in a sentence."""
    return shorten(", ".join(hosts), _SHOWN)


def greet(host: str, seconds: float = GREETING_SECONDS) -> None:
    """Connect to an RPC host and exchange greetings; it forgets us when this returns.

    Raises RefusedError when it is not there, does not answer, or is another engine version.
    """
    name, port = parse_host(host)
    try:
        # Only the kind of address that the engine will use.
        found = socket.getaddrinfo(name, port, socket.AF_INET, socket.SOCK_STREAM)
        address = str(found[0][4][0]), port
        connection = socket.create_connection(address, timeout=seconds)
    except (OSError, UnicodeError) as error:
        raise RefusedError("engine.rpc_unreachable", repr(error), host=shown(host)) from error
    with connection:
        try:
            hello = bytes(_CAPABILITIES)
            connection.sendall(bytes([_HELLO]) + len(hello).to_bytes(8, "little") + hello)
            answer = _receive(connection, 8 + 4 + _CAPABILITIES, time.monotonic() + seconds)
        except TimeoutError as error:
            raise RefusedError("engine.rpc_mute", host=shown(host)) from error
        except OSError as error:
            raise RefusedError("engine.rpc_foreign", repr(error), host=shown(host)) from error
    size, major, minor = int.from_bytes(answer[:8], "little"), answer[8], answer[9]
    if size != 4 + _CAPABILITIES or major != _MAJOR or minor > _MINOR:
        raise RefusedError("engine.rpc_foreign", answer.hex(), host=shown(host))


def _receive(connection: socket.socket, count: int, deadline: float) -> bytes:
    """Exactly ``count`` bytes. Raises OSError when the other side ends before, or is late."""
    data = b""
    while len(data) < count:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError(f"closed after {len(data)} bytes")
        data += piece
    return data
