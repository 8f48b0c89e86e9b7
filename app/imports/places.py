"""Where other programs keep their chats on this computer; nothing there is ever changed."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.imports import gpt4all, jan, lmstudio
from models.peers_places import PeerFolders
from models.peers_walk import OutOfTime, Walk

_SECONDS: Final = 5.0
_DEPTH: Final = 6
_POINTER: Final = ".lmstudio-home-pointer"


@dataclass(frozen=True, slots=True)
class Found:
    """Chats of another program, ready to be read."""

    source: str
    """The reader's name: "jan"."""
    path: Path
    """What its reader takes."""
    count: int
    """Of chats, by their files."""
    newest_ms: int
    """When one was last changed, Unix milliseconds; 0 if that is not known."""


def find_chats(
    home: Path,
    environment: Mapping[str, str],
    *,
    system: str = sys.platform,
    seconds: float = _SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> list[Found]:
    """Look where LM Studio, Jan and GPT4All keep their chats, below ``home`` or as they were told.

    Only names and dates are looked at. ChatGPT and Open WebUI keep theirs on a server or in a
    database of their own: their exports are chosen by hand. A call to a dead network drive can
    take longer than ``seconds``: this is for a thread of its own.
    """
    walk = Walk(clock() + seconds, clock)
    folders = PeerFolders(home, environment, system, None, walk)
    found: list[Found] = []
    with contextlib.suppress(OutOfTime):  # what was found until then counts
        for each in _found(folders, home, walk):
            if each.count:
                found.append(each)
    return found


def _found(folders: PeerFolders, home: Path, walk: Walk) -> Iterator[Found]:
    for place in _once(_lm_studio_homes(home, walk)):
        chats = [
            path
            for path in walk.files(place / "conversations", _DEPTH)
            if path.name.endswith(".conversation.json")
        ]
        yield _told(lmstudio.SOURCE, place, chats)
    for place in _once(folders.jan()):
        threads = [folder / "thread.json" for folder in walk.folders(place / "threads")]
        chats = [path for path in threads if path.is_file()]
        # What was said last is written beside the thread.
        said = [path.with_name("messages.jsonl") for path in chats]
        yield _told(jan.SOURCE, place / "threads", chats, said)
    for place in _once(folders.gpt4all()):
        chats = [
            path
            for path in walk.files(place, 0)
            if path.name.startswith("gpt4all-") and path.name.endswith(".chat")
        ]
        yield _told(gpt4all.SOURCE, place, chats)


def _lm_studio_homes(home: Path, walk: Walk) -> Iterator[Path]:
    """The folder that LM Studio notes itself, and its two defaults."""
    pointer = walk.text(home / _POINTER).partition("\n")[0].strip()
    # A drive of the network nobody asked for could take minutes.
    is_local = "\0" not in pointer and not pointer.startswith(("\\\\", "//"))
    if is_local and (told := Path(pointer)).is_absolute():
        yield told
    yield home / ".lmstudio"
    yield home / ".cache" / "lm-studio"


def _once(places: Iterable[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for place in places:
        with contextlib.suppress(OSError, RuntimeError):
            real = place.resolve()
            if real not in seen:
                seen.add(real)
                yield place


def _told(source: str, place: Path, chats: list[Path], dated: list[Path] | None = None) -> Found:
    newest = 0
    for path in [*chats, *(dated or ())]:
        with contextlib.suppress(OSError):
            newest = max(newest, path.stat().st_mtime_ns // 1_000_000)
    return Found(source, place, len(chats), newest)
