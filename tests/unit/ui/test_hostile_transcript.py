"""Hostile messages do nothing: no socket, no foreign file, no process, no link without asking.

The page is visited in a process of its own under an audit hook, with baits that are watched by
the kernel and a server that counts calls. Each defence, taken away, must be missed.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage

from tests.helpers.defences import DEFENCES
from tests.helpers.hostile_gallery import LOOKALIKES

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="watches openings with inotify"
)

SCRIPT = Path(__file__).resolve().parents[2] / "helpers" / "watched_page.py"
SAFE = ("http://", "https://", "mailto:")
WRITTEN = (
    "<script>", "<iframe", "<style>", "onerror=", "<svg>", "<meta", "<base", "<!-- hidden -->",
    "javascript:alert(1)", "[31mred", "fetch(",
)  # fmt: skip


@pytest.fixture
def baits(tmp_path: Path) -> Path:
    folder = tmp_path / "baits"
    folder.mkdir()
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    assert image.save(str(folder / "picture.png"))
    (folder / "page.html").write_text("another page", encoding="utf-8")
    (folder / "style.css").write_text("body {}", encoding="utf-8")
    return folder


@pytest.fixture
def server() -> Iterator[socket.socket]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    yield listener
    listener.close()


def visit(baits: Path, server: socket.socket, removed: str = "") -> dict[str, Any]:
    """What happens when the page is visited without the defence ``removed``."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(baits), str(server.getsockname()[1]), removed],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=240, check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-4000:]
    findings: dict[str, Any] = json.loads(done.stdout)
    try:
        server.accept()[0].close()
    except BlockingIOError:
        findings["called"] = 0
    else:
        findings["called"] = 1
    return findings


def troubles(findings: dict[str, Any]) -> list[str]:
    """Everything that must not have happened, one line each."""
    found = [*findings["trouble"], *findings["opened"]]
    found += [f"opened {address}" for address in findings["opened_addresses"]]
    found += [f"{name}: {findings[name]}" for name in ("called", "children", "sockets", "images")
              if findings[name]]  # fmt: skip
    found += [f"a link to {link}" for link in findings["links"] if not link.startswith(SAFE)]
    found += [f"a link that hides {link}" for link in findings["links"] if not link.isascii()]
    found += [f"told {link}" for link in findings["told"] if not link.startswith(SAFE)]
    found += [f"hidden {character}" for character in findings["hidden"]]
    found += [f"copied {kind}" for kind in findings["copied"] if kind != "text/plain"]
    found += [f"not shown: {text}" for text in WRITTEN if text not in findings["shown"]]
    return found


def test_nothing_happens(baits: Path, server: socket.socket) -> None:
    findings = visit(baits, server)
    assert troubles(findings) == []
    # It did see what it judges.
    assert len(findings["links"]) >= 7
    for told in LOOKALIKES:
        assert told in findings["links"]


@pytest.mark.parametrize("name", DEFENCES)
def test_a_defence_that_is_taken_away_is_missed(
    baits: Path, server: socket.socket, name: str
) -> None:
    assert troubles(visit(baits, server, name))
