"""A process that locked itself down as the worker does, trying what it must not be able to do."""

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from app.engine import sandbox

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is a sandbox on Linux only")

PROBE = """
import ctypes, json, os, socket, subprocess, sys, threading
from pathlib import Path
from app.engine import sandbox

home, model = Path(sys.argv[1]), sys.argv[2]
if sys.argv[3] == "yes":
    active = sandbox.lock_down([model])
else:
    active = ()

def attempt(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"

def connect(family, kind, address):
    def action():
        with socket.socket(family, kind) as one:
            one.settimeout(2)
            one.connect(address)
            one.send(b"x") if kind == socket.SOCK_DGRAM else None
    return action

def in_thread(action):
    found = []
    thread = threading.Thread(target=lambda: found.append(attempt(action)))
    thread.start()
    thread.join()
    return found[0]

print(json.dumps({
    "active": active,
    "model": attempt(lambda: Path(model).read_bytes()),
    "secret": attempt(lambda: (home / "secret.txt").read_bytes()),
    "secret_in_thread": in_thread(lambda: (home / "secret.txt").read_bytes()),
    "list_home": attempt(lambda: list(home.iterdir())),
    "passwd": attempt(lambda: Path("/etc/passwd").read_bytes()),
    "write_home": attempt(lambda: (home / "new.txt").write_text("x")),
    "write_tmp": attempt(lambda: Path("/tmp/moestro-probe").write_text("x")),
    "overwrite_model": attempt(lambda: open(model, "r+b").close()),
    "delete_model": attempt(lambda: os.unlink(model)),
    "null": attempt(lambda: Path("/dev/null").write_text("x")),
    "tcp": attempt(connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", int(sys.argv[4])))),
    "udp": attempt(connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 53))),
    "unix": attempt(connect(socket.AF_UNIX, socket.SOCK_STREAM, str(home / "socket"))),
    "program": attempt(lambda: subprocess.run(["/usr/bin/env"], stdout=subprocess.DEVNULL)),
    "statm": attempt(lambda: Path("/proc/self/statm").read_text()),
}))
"""


def probe(folder: Path, locked: bool) -> dict[str, object]:
    import socket

    home = folder / "home"
    home.mkdir()
    (home / "secret.txt").write_text("secret")
    model = home / "model.gguf"
    model.write_bytes(b"GGUF")
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as local,
    ):
        local.bind(str(home / "socket"))
        local.listen()
        port = str(server.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", PROBE, str(home), str(model), "yes" if locked else "no", port],
            cwd=ROOT,
            capture_output=True,
            timeout=60,
            check=True,
        )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_without_the_sandbox_all_of_it_works(tmp_path: Path) -> None:
    found = probe(tmp_path, locked=False)
    Path("/tmp/moestro-probe").unlink()
    del found["active"]
    assert set(found.values()) == {"done"}


def test_the_words_tell_the_truth(tmp_path: Path) -> None:
    found = probe(tmp_path, locked=True)
    active = found["active"]
    assert isinstance(active, list)
    for name in ("model", "null", "statm"):
        assert found[name] == "done", name
    if sandbox.LANDLOCK in active:
        for name in ("secret", "secret_in_thread", "list_home", "passwd", "write_home",
                     "write_tmp", "overwrite_model", "delete_model"):  # fmt: skip
            assert found[name] == "PermissionError", name
    if sandbox.NO_NETWORK in active:
        for name in ("tcp", "udp"):
            assert found[name] != "done", name
    if sandbox.NO_PROGRAMS in active:
        for name in ("program", "unix"):
            assert found[name] == "PermissionError", name


def test_an_ordinary_computer_filters_system_calls(tmp_path: Path) -> None:
    if platform.machine() in ("x86_64", "aarch64"):
        active = probe(tmp_path, locked=True)["active"]
        assert isinstance(active, list)
        assert {sandbox.NO_NETWORK, sandbox.NO_PROGRAMS} <= set(active)


def test_where_the_kernel_offers_nothing_nothing_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OldKernel:
        """Every call is unknown."""

        def __getattr__(self, name: str) -> object:
            return lambda *_arguments: -1

    monkeypatch.setattr(sandbox, "_libc", OldKernel)
    assert sandbox.lock_down([str(tmp_path)]) == ()


def test_the_parts_work_one_by_one(tmp_path: Path) -> None:
    """Each defence alone refuses its own: none hides behind another."""
    script = """
import os, socket, sys
from pathlib import Path
from app.engine import sandbox
libc = sandbox._libc()
libc.prctl(38, 1, 0, 0, 0)
part = sys.argv[1]
if part == "files":
    assert sandbox._restrict_files(libc, [])
    refused = lambda: Path(sys.argv[2]).read_text()
elif part == "calls":
    assert sandbox._refuse_calls(libc)
    refused = lambda: socket.socket()
else:
    if not sandbox._leave_network(libc):
        print("unavailable"); sys.exit()
    refused = lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), 2)
try:
    refused()
except OSError as error:
    print("refused")
"""
    import socket

    file = tmp_path / "file"
    file.write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as server:
        for part in ("files", "calls", "network"):
            done = subprocess.run(
                [sys.executable, "-c", script, part, str(file), str(server.getsockname()[1])],
                cwd=ROOT,
                capture_output=True,
                timeout=60,
                check=False,
            )
            if b"AssertionError" in done.stderr:
                continue  # this kernel does not have it; the words above say so
            assert done.stdout.split() in ([b"refused"], [b"unavailable"]), done.stderr
