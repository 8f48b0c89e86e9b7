"""What a model file is: a verified handle, and the key by which a model is known."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model as it was when it was checked."""

    path: Path
    size: int
    """Bytes."""
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> "ModelFile":
        """Describe the file at ``path`` as it is now. Raises OSError."""
        status = path.stat()
        return cls(path, status.st_size, status.st_mtime_ns, status.st_ino)

    def is_unchanged(self) -> bool:
        """Whether size, modification time and inode are still those that were checked."""
        try:
            return ModelFile.of(self.path) == self
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class ModelHandle:
    """Files that were checked and may be loaded.

    ``key`` is the SHA-256 of the header bytes, a hyphen and the total size in bytes of all
    shards; history, plans and KV files know a model by it.
    """

    key: str
    files: tuple[ModelFile, ...]
    projector: ModelFile | None = field(default=None, compare=False)
    """What lets the model see pictures, where it came with one."""

    @property
    def path(self) -> Path:
        """The first (or only) file: what the engine is given."""
        return self.files[0].path

    @property
    def paths(self) -> tuple[Path, ...]:
        """Of all files, in order."""
        return tuple(file.path for file in self.files)

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    def is_unchanged(self) -> bool:
        """Whether every file is still the one that was checked."""
        return all(file.is_unchanged() for file in self.files)
