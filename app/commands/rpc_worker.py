"""``rpc-worker``: lets another computer use the devices of this one."""

import argparse
import contextlib
import ipaddress
import os
import socket
import sys
import threading
import time
from typing import Any, NoReturn

import msgspec

from app.commands.output import Output
from app.engine.entities import Device
from app.engine.errors import EngineError, RefusedError
from app.engine.rpc_greeting import greet, shown
from app.errors import ExitCode, UsageError
from app.paths import DataPaths
from app.wording import sentence

_DEFAULT = "127.0.0.1:50052"
_START_SECONDS = 30.0
_GREETING_SECONDS = 1.0
_WAIT_SECONDS = 0.5


def add_to(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("rpc-worker", help=sentence("terminal.help_rpc_worker"))
    parser.add_argument(
        "--bind", metavar="HOST:PORT", default=_DEFAULT, help=sentence("terminal.help_rpc_bind")
    )
    parser.add_argument(
        "--allow-network", action="store_true", help=sentence("terminal.help_rpc_allow_network")
    )
    parser.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, _paths: DataPaths, output: Output) -> int:
    """Serve until Ctrl+C, which ends the process with 130. Raises KnownError."""
    host = _free_place(options.bind, network=options.allow_network)
    # Only here: the rest of the program must start without the engine.
    from app.engine.rpc_serving import serve, served_devices

    devices = served_devices()
    names = [device.name for device in devices]
    # The engine prints to standard output on its own.
    _move_output()
    server = threading.Thread(target=serve, args=(host, names), name="rpc-server", daemon=True)
    server.start()
    try:
        _await_start(server, host)
        _announce(output, host, devices)
        while server.is_alive():
            # With a timeout, or Ctrl+C would have to wait for the engine on some systems.
            server.join(_WAIT_SECONDS)
    except KeyboardInterrupt:
        output.complain(sentence("terminal.rpc_stopped"))
        _leave(ExitCode.INTERRUPTED)
    raise EngineError("terminal.rpc_taken", host=shown(host))


def _free_place(wish: str, *, network: bool) -> str:
    """The IPv4 address and port to listen at; a free port for 0. Raises KnownError."""
    name, _, port = wish.rpartition(":")
    try:
        address = ipaddress.IPv4Address("127.0.0.1" if name == "localhost" else name)
        number = int(port) if port.isascii() and port.isdigit() else -1
    except ValueError:
        number = -1
    if not 0 <= number < 65536:
        raise UsageError("terminal.rpc_not_bindable", host=shown(wish))
    if not address.is_loopback and not network:
        raise UsageError("terminal.rpc_network", host=shown(wish))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as place:
        if os.name == "posix":
            # As the engine does it: a port that was used a minute ago may be used again.
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            place.bind((str(address), number))
        except OSError as error:
            raise EngineError("terminal.rpc_taken", host=shown(wish)) from error
        return f"{address}:{place.getsockname()[1]}"


def _move_output() -> None:
    """Keep standard output for ourselves and send what native code prints there nowhere."""
    ours = os.dup(1)
    with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(nothing.fileno(), 1)
    sys.stdout = open(ours, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - lives as long as we


def _await_start(server: threading.Thread, host: str) -> None:
    """Return when the server answers. Raises EngineError when it does not."""
    _, _, port = host.rpartition(":")
    # An address that means "all of them" is reached at loopback.
    reached = f"127.0.0.1:{port}" if host.startswith("0.") else host
    deadline = time.monotonic() + _START_SECONDS
    while server.is_alive() and time.monotonic() < deadline:
        with contextlib.suppress(RefusedError):
            greet(reached, _GREETING_SECONDS)
            return
        time.sleep(0.02)
    raise EngineError("terminal.rpc_taken", host=shown(host))


def _announce(output: Output, host: str, devices: tuple[Device, ...]) -> None:
    names = ", ".join(device.name for device in devices)
    if output.as_json:
        told = [msgspec.to_builtins(device) for device in devices]
        output.json({"host": host, "devices": told})
    else:
        output.line(sentence("terminal.rpc_listening", {"host": host, "devices": shown(names)}))


def _leave(code: int) -> NoReturn:
    """End at once: the server's thread is inside native code that knows no farewell."""
    sys.stdout.flush()
    os._exit(code)
