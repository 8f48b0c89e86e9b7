"""What ``models pull`` shows while it runs."""

from dataclasses import replace
from pathlib import Path

from app.commands.models_pull import progress_words
from app.library.download_entities import Download, DownloadRequest, FileDownload, RemoteFile
from app.library.download_states import DownloadState, Status
from models.transfer_entities import StopReason, WantedFile


def download(status: Status, done: int) -> Download:
    wanted = WantedFile("o/n", "c", "n.gguf", 2_000_000_000, "a" * 64)
    request = DownloadRequest(
        repository="o/n", commit="c", files=(RemoteFile("n.gguf", 2_000_000_000, "a" * 64),),
        name="Tiny",
    )  # fmt: skip
    files = (FileDownload(wanted, status, done, None),)
    return Download(
        id="1", request=request, library=Path("x"), files=files, status=status, position=1,
        created_ms=0, changed_ms=0,
    )  # fmt: skip


def test_bytes_then_speed_and_time() -> None:
    running = download(Status(DownloadState.DOWNLOADING), 500_000_000)
    assert progress_words(running) == "Tiny: 500 MB of 2.0 GB"
    fast = replace(running, bytes_per_second=25e6, seconds_left=60.5)
    assert progress_words(fast) == "Tiny: 500 MB of 2.0 GB, 25 MB per second, about 2 min left"


def test_why_it_waits_and_what_is_checked() -> None:
    facts = {"host": "hub.example", "seconds": 3, "number": 1}
    waiting = Status(DownloadState.WAITING, StopReason.RECONNECT, facts)
    assert "hub.example" in progress_words(download(waiting, 0))
    assert "3 s" in progress_words(download(waiting, 0))
    checking = Status(DownloadState.CHECKING)
    assert progress_words(download(checking, 5)).startswith("Tiny: checking")
