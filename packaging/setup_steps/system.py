"""What the operating system must bring: packages, a compiler, room on the disk, a display."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from setup_steps.console import Console
from setup_steps.problem import SetupProblem

# Found by adding one by one on a bare Debian 12 until the window opened on X11 and on Wayland.
# libgomp1 comes with a compiler, but a kept build of the engine needs it without one.
PACKAGES = (
    "ca-certificates",
    "fonts-dejavu-core",
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libgl1",
    "libglib2.0-0",
    "libgomp1",
    "libwayland-cursor0",
    "libwayland-egl1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-xkb1",
    "libxkbcommon-x11-0",
    "libxkbcommon0",
)
COMPILERS = ("c++", "g++", "clang++")
NEEDED_BYTES = 3_000_000_000


def needed_packages(*, compiler: bool, venv: bool) -> list[str]:
    """The Debian packages of a set-up; with a compiler or Python's venv where those lack."""
    extra = ["g++"] if compiler else []
    if venv:
        extra.append(f"python3.{sys.version_info[1]}-venv")
    return sorted([*PACKAGES, *extra])


def missing_packages(needed: Sequence[str], listing: str) -> list[str]:
    """Which of ``needed`` are neither installed nor provided.

    ``listing`` has a line ``name|status|provided, names (= version)`` per known package.
    """
    present: set[str] = set()
    for line in listing.splitlines():
        name, status, provides = (*line.split("|"), "", "")[:3]
        if status.strip() != "installed":
            continue
        present.add(name.strip())
        present.update(part.split("(")[0].strip() for part in provides.split(","))
    return [name for name in needed if name not in present]


def install_line(missing: Sequence[str], prefix: str) -> str:
    """The command that installs ``missing``, to be copied as it is."""
    install = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if prefix:
        return f"{prefix} apt-get update && {prefix} {install}"
    return f"su -c 'apt-get update && {install}'"


def lacks_display(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a window has nowhere to open."""
    if not platform.startswith("linux"):
        return False
    return not any(
        environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    )


def opens_window(arguments: Sequence[str]) -> bool:
    """Whether these arguments of ``main.py`` hold no command and ask for no help."""
    waiting = False
    for argument in arguments:
        if waiting:
            waiting = False
        elif argument in ("-h", "--help") or not argument.startswith("-"):
            return False
        else:
            waiting = argument in ("--data-dir", "--rpc")
    return True


def have_compiler() -> bool:
    """Whether a C++ compiler can be found by its usual names or the one that ``CXX`` gives."""
    named = os.environ.get("CXX", "").split()
    return any(shutil.which(name) for name in (*named[:1], *COMPILERS))


def ensure_room(folders: Sequence[Path], needed: int = NEEDED_BYTES) -> None:
    """Refuse to begin what the disk cannot hold."""
    for folder in folders:
        existing = next(part for part in (folder, *folder.parents) if part.exists())
        free = shutil.disk_usage(existing).free
        if free < needed:
            raise SetupProblem(
                f"The set-up needs {needed / 1e9:.0f} GB and {existing} has {free / 1e9:.1f} GB "
                "free; free some, then run the same command again."
            )


def ensure_system(console: Console, *, compiling: bool) -> None:
    """Install or ask for what the system lacks."""
    lacks_compiler = compiling and not have_compiler()
    if sys.platform.startswith("linux") and shutil.which("dpkg-query") and shutil.which("apt-get"):
        lacks_venv = importlib.util.find_spec("ensurepip") is None
        needed = needed_packages(compiler=lacks_compiler, venv=lacks_venv)
        missing = missing_packages(needed, _installed())
        if missing:
            _install(console, missing)
        return
    if not lacks_compiler or sys.platform == "win32":
        return  # on Windows the build itself looks for Microsoft's tools
    if sys.platform == "darwin":
        raise SetupProblem("Moestro needs Apple's compiler: run xcode-select --install first.")
    raise SetupProblem(
        "Moestro needs a C++ compiler and the X11 and Wayland libraries of Qt 6: "
        "install them with your system's package manager, then run the same command again."
    )


def _installed() -> str:
    found = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Package}|${db:Status-Status}|${Provides}\n"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    return found.stdout.decode("utf-8", "replace")


def _install(console: Console, missing: list[str]) -> None:
    count = "1 package" if len(missing) == 1 else f"{len(missing)} packages"
    if os.geteuid() != 0:
        line = install_line(missing, "sudo" if shutil.which("sudo") else "")
        raise SetupProblem(
            f"Moestro needs {count} of the system; run this once, "
            f"then the same command again:\n  {line}"
        )
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    waiting = ["-o", "DPkg::Lock::Timeout=300"]
    problem = (
        "The system packages could not be installed; run "
        f"{install_line(missing, 'sudo')} and see what it says, then the same command again."
    )
    with console.step(f"Installing {count} of the system", "under a minute"):
        console.run(["apt-get", *waiting, "update"], problem, extra=quiet)
        command = ["apt-get", *waiting, "install", "-y", "--no-install-recommends", *missing]
        console.run(command, problem, extra=quiet)
