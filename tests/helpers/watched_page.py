"""The chat page shows hostile messages while everything it opens is written down.

Run as a script: bait folder, port, the name of the defence to take away ("" for none). Prints
JSON: what was opened, called, started, shown and told, as ``test_hostile_transcript`` judges it.
"""

import ctypes
import json
import os
import struct
import sys
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

_IN_OPEN, _IN_NONBLOCK = 0x20, 0o4000
_OWN = (str(ROOT), sys.prefix, sys.base_prefix, "/proc/", "/dev/null")
_CALLING = ("socket.", "urllib.", "http.", "ftplib.", "webbrowser.")
_SPAWNING = ("subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")


class Watch:
    """What Python opens, and what anybody opens in the bait folder."""

    def __init__(self, baits: Path) -> None:
        self.told: list[str] = []
        self.active = False
        libc = ctypes.CDLL(None)
        self._baits = libc.inotify_init1(_IN_NONBLOCK)
        libc.inotify_add_watch(self._baits, str(baits).encode(), _IN_OPEN)
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active:
            return
        if event == "open":
            path = arguments[0]
            name = os.fsdecode(path) if isinstance(path, str | bytes) else ""
            if name and not name.startswith(_OWN):
                self.told.append(f"open {name}")
        elif event.startswith(_CALLING + _SPAWNING):
            self.told.append(event)

    def opened_baits(self) -> list[str]:
        """Names of what was opened in the bait folder, whoever did it in this process."""
        found = []
        try:
            data = os.read(self._baits, 65536)
        except BlockingIOError:
            return []
        at = 0
        while at < len(data):
            length = struct.unpack_from("iIII", data, at)[3]
            name = data[at + 16 : at + 16 + length].rstrip(b"\0").decode()
            found.append(f"bait {name}")
            at += 16 + length
        return found


def main(baits: Path, port: int, removed: str) -> None:
    """Show, click, copy, stream; then tell."""
    from PySide6.QtWidgets import QApplication

    from tests.helpers import hostile_gallery
    from tests.helpers.defences import remove
    from tests.helpers.page_visit import PageVisit

    application = QApplication([])
    remove(removed)
    texts = hostile_gallery.messages(baits, port)
    # Once with harmless text, so that fonts, styles and lexers are there before anyone watches.
    PageVisit(application, ["Hello `x`\n\n```python\n1\n```\n\n| a |\n|---|\n| b |\n\n$x$"], baits)
    watch = Watch(baits)
    watch.active = True
    visit = PageVisit(application, texts, baits, streams=not removed)
    watch.active = False
    findings = {
        "opened": sorted({*watch.told, *watch.opened_baits()}),
        "children": len(psutil.Process().children(recursive=True)),
        "sockets": _sockets(),
        **visit.findings(),
    }
    sys.stdout.write(json.dumps(findings))


def _sockets() -> int:
    return sum(
        1
        for each in Path("/proc/self/fd").iterdir()
        if each.is_symlink() and _target(each).startswith("socket:")
    )


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
