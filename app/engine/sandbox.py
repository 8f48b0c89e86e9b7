"""Takes from the worker what it does not need: other files, writing, the network, programs.

Linux only, called on the only thread of the process: the kernel applies each of these to the
calling thread and to those it starts later. Every part is optional. What took effect is told
in words, so that the application can show it honestly.
"""

import contextlib
import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

LANDLOCK, NO_NETWORK, NO_PROGRAMS = "landlock", "no-network", "no-programs"

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIGKILL = 9
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
_CAPABILITY_VERSION = 0x20080522

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_RULE_PATH_BENEATH = 1
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_ACCESS_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many kinds of access to files each version of Landlock knows; later ones 16."""

_SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/proc", "/sys")
_READ_WRITE_FILES = ("/dev/null",)
_READ_FILES = ("/dev/urandom", "/etc/localtime")

_AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_REFUSED_CALLS = {
    # socket, execve, execveat, ptrace, io_uring_setup, process_vm_writev
    "x86_64": (41, 59, 322, 101, 425, 311),
    "aarch64": (198, 221, 281, 117, 425, 271),
}
_FIRST_FOREIGN_CALL = {"x86_64": 0x40000000, "aarch64": 0x40000000}
"""From here on the numbers belong to another calling convention that would evade the list."""


def die_with_parent() -> None:
    """Be killed when the process that started this one ends, on Linux."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def lock_down(model_files: Iterable[str], folders: Iterable[str] = ()) -> tuple[str, ...]:
    """Lock this process down; it may still read ``model_files`` and all inside ``folders``.

    Returns what is active.
    """
    if sys.platform != "linux":
        return ()
    libc = _libc()
    active: list[str] = []
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    isolated = _leave_network(libc)
    if _restrict_files(libc, model_files, folders):
        active.append(LANDLOCK)
    filtered = _refuse_calls(libc)
    if isolated or filtered:
        active.append(NO_NETWORK)
    if filtered:
        active.append(NO_PROGRAMS)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    die_with_parent()  # a change of credentials clears it
    return tuple(active)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


# --- network and capabilities ------------------------------------------------------------


def _leave_network(libc: ctypes.CDLL) -> bool:
    """Move into an empty network namespace: not even loopback is up there."""
    if os.geteuid() == 0 and libc.unshare(_CLONE_NEWNET) == 0:
        # Root may own the process without owning the file; it keeps the right to read it, and
        # loses the right to walk back into another namespace.
        return _keep_capabilities(libc, _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        return _keep_capabilities(libc)
    return False


def _keep_capabilities(libc: ctypes.CDLL, *kept: int) -> bool:
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    sets = ctypes.create_string_buffer(24)
    if libc.capget(header, sets) != 0:
        return False
    mask = sum(1 << capability for capability in kept)
    effective, permitted, _inheritable = struct.unpack_from("III", sets.raw)
    left = struct.pack("IIIIII", effective & mask, permitted & mask, 0, 0, 0, 0)
    return bool(libc.capset(header, left) == 0)


# --- files -------------------------------------------------------------------------------


def _restrict_files(
    libc: ctypes.CDLL, model_files: Iterable[str], folders: Iterable[str] = ()
) -> bool:
    version = libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    files = (1 << _ACCESS_BITS.get(version, 16)) - 1
    tcp = 0b11 if version >= 4 else 0
    scopes = 0b11 if version >= 6 else 0  # abstract sockets, signals to others
    attributes = struct.pack("QQQ", files, tcp, scopes)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    try:
        for folder in {*_SYSTEM_FOLDERS, sys.prefix, sys.base_prefix, sys.exec_prefix, *folders}:
            _allow(libc, ruleset, folder, _READ_FILE | _READ_DIR)
        for file in (*_READ_FILES, *model_files):
            _allow(libc, ruleset, file, _READ_FILE)
        for file in _READ_WRITE_FILES:
            _allow(libc, ruleset, file, _READ_FILE | _WRITE_FILE)
        restricted = libc.syscall(_LANDLOCK_RESTRICT, ruleset, ctypes.c_uint32(0))
        return bool(restricted == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, access: int) -> None:
    """Allow ``access`` to a file or beneath a folder; what is not there needs no rule."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not Path(path).is_dir():
                access &= ~_READ_DIR  # the kernel refuses a folder's right on a file
            rule = struct.pack("=Qi", access, descriptor)
            if libc.syscall(_LANDLOCK_ADD, ruleset, _RULE_PATH_BENEATH, rule, 0) != 0:
                raise OSError(ctypes.get_errno(), "a rule was refused", path)
        finally:
            os.close(descriptor)


# --- system calls ------------------------------------------------------------------------


def _refuse_calls(libc: ctypes.CDLL) -> bool:
    """Let the kernel answer EPERM to sockets, other programs and looking into processes."""
    machine = platform.machine()
    if machine not in _AUDIT_ARCHITECTURES or struct.calcsize("P") != 8:
        return False
    program = _filter_program(machine)
    buffer = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a length and, aligned to a pointer, where the instructions are.
    description = struct.pack("@HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    return bool(libc.prctl(_PR_SET_SECCOMP, 2, description, 0, 0) == 0)


def _filter_program(machine: str) -> bytes:
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EPERM
    calls = _REFUSED_CALLS[machine]
    count = len(calls)
    instructions = [
        (load, 0, 0, 4),  # the architecture
        (equal, 0, count + 3, _AUDIT_ARCHITECTURES[machine]),
        (load, 0, 0, 0),  # the call's number
        (at_least, count + 1, 0, _FIRST_FOREIGN_CALL[machine]),
        *((equal, count - index, 0, call) for index, call in enumerate(calls)),
        (answer, 0, 0, allow),
        (answer, 0, 0, refuse),
    ]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
