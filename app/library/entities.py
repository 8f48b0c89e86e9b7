"""A model in the library, where it came from, and what is known of its soundness."""

from dataclasses import dataclass
from typing import Literal

from models.entities import ModelFile, ModelHandle

Verified = Literal["sha256", "structural"]
"""``sha256``: every byte is as it was published. ``structural``: nothing is missing, and the
headers make sense."""
ModelState = Literal["ready", "damaged", "changed", "incomplete", "absent"]
"""``changed``: other files lie there than were checked; they are checked before they are used.
``incomplete``: some files are not there; ``absent``: none is, as when a drive is away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the files of a model came from, and how sound they are known to be."""

    repository: str = ""
    """On the Hub; empty when nothing tells."""
    commit: str = ""
    license: str = ""
    """As the repository states it."""
    program: str = ""
    """Another program, in whose folder it is used in place."""
    is_owned: bool = False
    """Moestro put the files where they are, so it may remove them too."""
    hashes: tuple[str, ...] = ()
    """SHA-256 of each file, in the order of the files; empty when unknown."""
    hashes_published: bool = False
    """Whether that is what the publisher states; otherwise it is what was read when added."""
    verified: Verified = "structural"
    companions: tuple[ModelFile, ...] = ()
    """Files of the same set that the model itself does without, such as its projector. They are
    moved and removed with it."""
    companion_hashes: tuple[str, ...] = ()
    """SHA-256 of each companion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledModel:
    """One model that is, or was, on this computer. ``key`` is that of its handle."""

    key: str
    name: str
    quantization: str
    """Empty when nothing tells it."""
    architecture: str
    size_bytes: int
    """Of all files together."""
    parameters: int
    trained_context_tokens: int
    """0 when the file does not say."""
    layers: int
    expert_count: int
    """Routed experts of a layer; 0 for a dense model."""
    license: str
    """Empty when the file does not say."""
    is_demo: bool
    """The bundled starter model."""
    has_template: bool
    handle: ModelHandle
    opened_ms: int
    """Unix milliseconds when it was added."""
    last_used_ms: int
    """Unix milliseconds; 0 for never. Order is by use, not by this clock."""
    absent: bool = False
    """A file is gone or was changed since it was checked."""
    missing_files: int = 0
    origin: Origin = Origin()
    verified_ms: int = 0
    """Unix milliseconds of the last check; 0 in rows from before there was one."""
    is_damaged: bool = False
    """A check found it damaged, and it was not changed since."""

    @property
    def state(self) -> ModelState:
        """What of it can be used now."""
        if self.missing_files:
            return "absent" if self.missing_files == len(self.handle.files) else "incomplete"
        if self.absent:
            return "changed"
        return "damaged" if self.is_damaged else "ready"
