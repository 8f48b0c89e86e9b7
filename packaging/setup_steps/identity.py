"""Names a build and a finished set-up by everything that they depend on."""

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

# A native build also depends on these when a person sets them.
COMPILER_VARIABLES = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS")


@dataclass(frozen=True)
class EngineFacts:
    """Everything that makes one build of the engine unlike another."""

    source: str
    flags: tuple[str, ...]
    hook: str
    system: str
    machine: str
    libc: str
    python: str
    cpu: str
    compiler: tuple[str, ...]


def engine_key(facts: EngineFacts) -> str:
    """A short name of this build; another CPU, flag or source gives another one."""
    text = json.dumps(asdict(facts), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def engine_facts(source_lock: Path, hook: Path, flags: tuple[str, ...]) -> EngineFacts:
    """The facts of this machine, this Python and these pins."""
    return EngineFacts(
        source=source_lock.read_text(encoding="utf-8"),
        flags=flags,
        hook=hook.read_text(encoding="utf-8"),
        system=platform.system(),
        machine=platform.machine(),
        libc=" ".join(platform.libc_ver()),
        python=f"{sys.implementation.name}{sys.version_info[0]}{sys.version_info[1]}",
        cpu=cpu_features(),
        compiler=tuple(f"{name}={os.environ.get(name, '')}" for name in COMPILER_VARIABLES),
    )


def cpu_features() -> str:
    """What this CPU is and can: a build for it may crash on any other."""
    if sys.platform == "win32":
        return os.environ.get("PROCESSOR_IDENTIFIER", "")
    if sys.platform == "darwin":
        names = ["machdep.cpu.brand_string", "machdep.cpu.features", "hw.optional"]
        # Not every chip has every name, so the exit code says nothing.
        found = subprocess.run(
            ["/usr/sbin/sysctl", *names], capture_output=True, check=False, timeout=10
        )
        return found.stdout.decode("utf-8", "replace")
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    return features_in(text)


def features_in(cpuinfo: str) -> str:
    """Model and instruction sets out of the text of ``/proc/cpuinfo``, in a fixed order.

    Cores may differ, and an order is not promised: every word of every core counts once.
    """
    wanted = {"model name", "flags", "features", "cpu implementer", "cpu part", "isa", "cpu"}
    found: set[str] = set()
    for line in cpuinfo.splitlines():
        name, separator, value = line.partition(":")
        name = name.strip().lower()
        if not separator or name not in wanted:
            continue
        words = value.split() if name in ("flags", "features") else [value.strip()]
        found.update(f"{name}={word}" for word in words)
    return " ".join(sorted(found))


def stamp(parts: Iterable[str], files: Iterable[Path]) -> str:
    """One name of a finished set-up: these words and the content of these files.

    An absent file counts as absent, so that it changes the stamp when it comes.
    """
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.encode() + b"\0")
    for file in files:
        try:
            content = file.read_bytes()
        except OSError:
            content = b"absent"
        whole.update(file.name.encode() + b"\0" + hashlib.sha256(content).digest())
    return whole.hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
