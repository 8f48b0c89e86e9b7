"""Devices that are not here, stood in for by RPC servers on loopback inside this process.

A rehearsal allocates nothing on them and computes nothing: what the engine says about memory
is all that is wanted. Nobody else's host is ever contacted.
"""

import contextlib
import ctypes
import socket
import threading
import time

from app.engine.errors import RefusedError
from app.engine.ggml import device_by_name, function, procedure

_HOST = "127.0.0.1"
_ATTEMPTS = 3
"""Somebody else may take a port between its choice and its use."""
_START_SECONDS = 5.0
_PROBE_SECONDS = 0.005


class StandIns:
    """Starts a server for each name on demand; all live as long as the process."""

    def __init__(self) -> None:
        self._devices: dict[str, int] = {}

    def device(self, name: str) -> int:
        """The device that stands in for ``name``, ``ggml_backend_dev_t``.

        Raises RefusedError when the engine was built without RPC or no server starts.
        """
        if name not in self._devices:
            self._devices[name] = self._start(name)
        return self._devices[name]

    def _start(self, name: str) -> int:
        add = procedure(
            "RPC", "ggml_backend_rpc_add_server", ctypes.c_void_p, ctypes.c_char_p
        )  # fmt: skip
        serve = procedure(
            "RPC", "ggml_backend_rpc_start_server", None, ctypes.c_char_p, ctypes.c_char_p,
            ctypes.c_size_t, ctypes.c_size_t, ctypes.POINTER(ctypes.c_void_p),
        )  # fmt: skip
        if add is None or serve is None:
            raise RefusedError("placement.rehearsal_stand_in", "no RPC", device=name)
        processor = (ctypes.c_void_p * 1)(device_by_name("CPU"))
        for _ in range(_ATTEMPTS):
            port = _free_port()
            endpoint = f"{_HOST}:{port}".encode()
            server = threading.Thread(
                target=serve, args=(endpoint, None, 1, 1, processor), name="stand-in", daemon=True
            )
            server.start()
            if _answers(port, server):
                return _connect(add(endpoint))
        raise RefusedError("placement.rehearsal_stand_in", "no server", device=name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int, server: threading.Thread) -> bool:
    """Wait for the server: a client that finds none would abort the process."""
    deadline = time.monotonic() + _START_SECONDS
    while server.is_alive() and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((_HOST, port), 1.0):
            return server.is_alive()
        time.sleep(_PROBE_SECONDS)
    return False


def _connect(registry: int) -> int:
    """The server's device, with a connection that stays.

    A server takes one client at a time: as long as that is we, no other program gets in.
    """
    get = function("ggml_backend_reg_dev_get", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    device: int = get(registry, 0)
    function("ggml_backend_dev_init", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(
        device, None
    )
    return device
