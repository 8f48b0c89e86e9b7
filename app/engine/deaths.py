"""How a worker ended, as the error that its requests are told."""

import signal

from app.engine.errors import HostLostError, WorkerDiedError, WorkerKilledError
from app.engine.rpc_greeting import shown

_KILLED = 9
"""SIGKILL; Windows has no name for it."""

_ABORTED = (-6, 3)
"""How a process ends that gives itself up, on POSIX and on Windows: the engine does when an RPC
host is gone."""

_SILENT = frozenset(
    {"engine.no_load", "engine.no_devices", "engine.no_progress", "engine.no_cancel"}
)
"""Deadlines that a worker misses when an RPC host no longer answers it."""


def death_of(
    killed_for: str | None, nonsense: str, exit_code: int, rpc_hosts: tuple[str, ...]
) -> WorkerDiedError:
    """The error for a worker that nobody asked to end.

    ``killed_for`` is the deadline that it missed, ``nonsense`` what it said that is no message.
    """
    if killed_for is not None:
        if rpc_hosts and killed_for in _SILENT:
            return HostLostError("engine.rpc_silent", host=shown(*rpc_hosts))
        return WorkerDiedError(killed_for)
    if nonsense:
        return WorkerDiedError("engine.nonsense")
    if exit_code == -_KILLED:
        # Not by us: almost always the kernel, which ends the worker when memory runs out.
        return WorkerKilledError("engine.killed", signal=_signal_name(_KILLED))
    if rpc_hosts and exit_code in _ABORTED:
        return HostLostError("engine.rpc_lost", host=shown(*rpc_hosts))
    if exit_code < 0:
        return WorkerDiedError("engine.crashed", signal=_signal_name(-exit_code))
    return WorkerDiedError("engine.exited", exit=exit_code)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
