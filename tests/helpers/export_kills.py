"""A program that exports until it is killed, and what a kill may leave."""

import json
import random
import subprocess
import sys
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPORARY = ".moestro-export-"
MESSAGES = 6


def export_until_killed(data: Path, packing: str, name: str, target: Path, after: float) -> bool:
    """Kill an export ``after`` seconds from its first byte; whether it was still at work."""
    arguments = [sys.executable, str(ROOT / "tests" / "helpers" / "export_process.py")]
    with subprocess.Popen(
        [*arguments, str(data), packing, name, str(target)], cwd=ROOT, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begins\n"
        time.sleep(after)
        process.kill()
        process.wait()
        return process.returncode != 0


def left_in(folder: Path) -> list[Path]:
    """What is not finished there."""
    return [path for path in folder.iterdir() if path.name.startswith(TEMPORARY)]


def is_whole(target: Path, packing: str, name: str, chats: int) -> bool:
    """Whether what has the target's name is everything that was to be exported."""
    if packing == "zip":
        with zipfile.ZipFile(target) as archive:
            return archive.testzip() is None and len(archive.namelist()) == chats
    if packing == "folder":
        files = [path for path in target.rglob("*") if path.is_file()]
        return len(files) == chats and all(path.stat().st_size for path in files)
    if name == "json":
        found = json.loads(target.read_text())["conversations"]
        return len(found) == chats and all(len(each["messages"]) == MESSAGES for each in found)
    return bool(target.read_text().endswith("\n"))


def moments(count: int, seed: int, longest: float) -> list[float]:
    """When to kill: mostly early, some just at the end."""
    dice = random.Random(seed)
    return [longest * dice.random() ** 1.5 for _ in range(count)]
