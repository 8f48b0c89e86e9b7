"""A library with models in it, opened as a program has it, to be moved."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from app.library.download_entities import DownloadRequest, RemoteFile
from app.library.entities import Origin
from app.library.errors import KeepingError
from app.library.move_entities import Moved, MoveProgress
from app.library.move_run import MoveRun
from app.library.moving import LibraryMove, MoveLocks
from app.library.volumes import Room, Volumes
from app.model_rooms import HubWishes
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import open_services
from models.errors import KnownError
from models.gguf import open_model
from tests.helpers.gguf_bytes import split_model
from tests.helpers.transfers import sample_gguf

WIDE = Room(10**12, 10**12)
OTHER_DISK = Volumes(
    room=lambda _folder: WIDE,
    largest_file=lambda _folder: None,
    device=lambda folder: hash(str(folder)),
)
"""Every folder is a disk of its own, so that everything is copied."""
ONE_DISK = Volumes(room=lambda _folder: WIDE, largest_file=lambda _folder: None)


def content(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files_below(folder: Path) -> list[str]:
    """Every file there, relative to the folder."""
    found = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(path.relative_to(folder).as_posix() for path in found)


@dataclass
class MoveStage:
    """A program with its data in ``root``; opening a second one is the next start."""

    root: Path
    volumes: Volumes = OTHER_DISK

    def __post_init__(self) -> None:
        self.root.mkdir(exist_ok=True)
        self.told: list[MoveProgress] = []
        self.open()

    def open(self) -> None:
        """Start the program."""
        self.queue = CallbackQueue()
        paths = DataPaths(self.root / "data")
        self.services = open_services(
            paths, self.queue.post, hub=HubWishes(environment={}, offline=True)
        )
        self.library = self.services.library
        self.rooms = self.services.models
        locks = MoveLocks(instance=None, own=paths.root / "library-move.lock")
        self.moving = LibraryMove(
            self.library, self.services.databases[1], lambda: self.rooms.downloads,
            self.services.settings, lambda: self.rooms.folder, locks, self.queue.post,
            self.volumes,
        )  # fmt: skip

    def settle(self) -> None:
        """Wait until what the start began is over."""
        if "move" in self.rooms.__dict__:
            self.rooms.move.join(20)

    def close(self) -> None:
        """End the program."""
        self.moving.close()
        self.services.close()

    def reopen(self) -> None:
        self.close()
        self.open()
        self.settle()

    # --- what there is ---------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        return self.rooms.folder

    def fill(self, count: int = 2, size: int = 20_000) -> None:
        """``count`` models and a split one, as downloads leave them."""
        for number in range(count):
            path = self.folder / "org" / f"Model-{number}-GGUF" / f"Model-{number}-Q4_0.gguf"
            path.parent.mkdir(parents=True)
            path.write_bytes(sample_gguf(size, number, f"Model {number}"))
            self.library.add(
                open_model(path),
                Origin(repository=f"org/Model-{number}-GGUF", is_owned=True,
                       hashes=(content(path),), hashes_published=True, verified="sha256"),
            )  # fmt: skip
        folder = self.folder / "org" / "Split-GGUF"
        folder.mkdir()
        self.library.add(open_model(split_model(folder)[0]), Origin(is_owned=True))

    def models(self) -> dict[str, tuple[str, ...]]:
        """Content of every model that can be loaded, by its key; the demo left out."""
        return {
            model.key: tuple(content(path) for path in self.library.handle_for(model.key).paths)
            for model in self.library.entries()
            if not model.is_demo
        }

    def folders(self) -> set[Path]:
        """Where the models lie: the folder of each publisher's folder."""
        return {
            model.handle.path.parents[2] for model in self.library.entries() if not model.is_demo
        }

    # --- moving ----------------------------------------------------------------------------

    def begin(self, target: Path) -> tuple[MoveRun, list[Moved | KnownError]]:
        ends: list[Moved | KnownError] = []
        return self.moving.begin(target, self.told.append, ends.append, ends.append), ends

    def wait(self, ends: list[Moved | KnownError]) -> Moved | KnownError:
        assert self.queue.run_until(lambda: bool(ends), 30)
        return ends[0]

    def move(self, target: Path) -> Moved:
        """Move it there."""
        _run, ends = self.begin(target)
        moved = self.wait(ends)
        assert isinstance(moved, Moved), moved
        return moved

    def refused(self, target: Path) -> str:
        """Why it cannot be moved there; everything is as before."""
        before = self.folder, self.models(), files_below(self.folder)
        _run, ends = self.begin(target)
        error = self.wait(ends)
        assert isinstance(error, KnownError), error
        assert (self.folder, self.models(), files_below(self.folder)) == before
        assert not self.moving.is_running
        return error.code if isinstance(error, KeepingError) else f"? {error.code}"


def a_request(sha256: str, size: int, path: str = "Big-Q4_0.gguf") -> DownloadRequest:
    """A download that can never begin here."""
    return DownloadRequest(
        repository="org/Big-GGUF", commit="c" * 40, files=(RemoteFile(path, size, sha256),),
        name="Big",
    )  # fmt: skip
