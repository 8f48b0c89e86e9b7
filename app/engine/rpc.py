"""Makes the devices of other computers known to the engine, as RPC0, RPC1, … of a plan."""

import ctypes
import threading
from collections.abc import Mapping, Sequence

from app.engine import ggml
from app.engine.errors import RefusedError
from app.engine.rpc_greeting import greet, shown


class RpcHosts:
    """The hosts whose devices this process has made known to the engine, in order."""

    def __init__(self) -> None:
        self._hosts: list[str] = []
        self._buffers: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def buffers(self) -> Mapping[str, str]:
        """From the engine's name of an RPC buffer type, "RPC0[HOST:PORT]", to the device's."""
        return self._buffers

    def connect(self, hosts: Sequence[str]) -> None:
        """Make the devices of ``hosts`` known as RPC0, RPC1, … in this order.

        Those that are known already stay. Raises RefusedError naming the host that is at fault.
        """
        with self._lock:
            if tuple(hosts[: len(self._hosts)]) != tuple(self._hosts):
                raise RefusedError("engine.internal", f"{self._hosts} are RPC hosts already")
            new = list(hosts[len(self._hosts) :])
            for at, host in enumerate(hosts):
                if host in hosts[:at]:
                    raise RefusedError("engine.rpc_twice", host=shown(host))
            for host in new:
                greet(host)
            for host in new:
                self._add(host)

    def _add(self, host: str) -> None:
        add = ggml.procedure("RPC", "ggml_backend_rpc_add_server", ctypes.c_void_p, ctypes.c_char_p)
        if add is None:
            raise RefusedError("engine.rpc_absent", host=shown(host))
        registry = add(host.encode())
        if registry is None:
            raise RefusedError("engine.rpc_empty", host=shown(host))
        ggml.function("ggml_backend_register", None, ctypes.c_void_p)(registry)
        self._hosts.append(host)
        for number, name in enumerate(ggml.device_names(registry)):
            self._buffers[f"RPC{number}[{host}]"] = name
