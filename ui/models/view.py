"""What the pages of models show; their controllers make it, and nothing here asks anybody."""

from dataclasses import dataclass
from typing import Literal

from app.library.download_states import Status
from app.placement.entities import Verdict

Tab = Literal["library", "discover", "downloads"]
LibraryState = Literal["ready", "absent", "incomplete", "damaged", "verifying", "adding", "coming"]
"""``coming``: it is being downloaded."""
LibraryChip = Literal["all", "moe", "gpu", "unused"]
Verified = Literal["hash", "structure", "no"]
ShelfKind = Literal["best", "fastest", "smallest"]
Fetch = Literal["absent", "coming", "here"]
"""Whether something is in the library, on its way there, or neither."""
Stage = Literal["waiting", "estimate", "exact", "refused"]
"""What is known of a quantization; the same words as in ``app.library.judged``."""
ResultsState = Literal["searching", "shown", "trouble"]
Sort = Literal["trending", "downloads", "likes", "updated"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a device holds of a model."""

    ink: str
    """Name of the device's colour in the palette."""
    name: str
    """What people call the device."""
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """Where a model would be and how fast, in words; ``ui.models.places`` makes it of a plan."""

    stretches: tuple[Stretch, ...]
    verdict: Verdict
    words: str
    speed: str
    longest_context: int
    """Tokens."""
    is_exact: bool = True


# --- library -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryRow:
    """A model on this computer, or one that a drive which is not here has."""

    key: str
    name: str
    size_bytes: int
    quantization: str = ""
    publisher: str = ""
    architecture: str = ""
    total_parameters: int = 0
    active_parameters: int = 0
    is_moe: bool = False
    state: LibraryState = "ready"
    progress: float = 0.0
    """0 to 1, while it is verified, added or downloaded."""
    missing_files: int = 0
    files: int = 1
    place: PlaceView | None = None
    """None while no plan is known."""
    last_used_ms: int = 0
    """Unix milliseconds; 0 for never."""
    verified: Verified = "no"
    verified_ms: int = 0
    program: str = ""
    """Another program, in whose folder it is used in place."""
    is_owned: bool = True
    """Moestro put the files where they are, so it may remove them."""
    frees_bytes: int | None = None
    """What deleting it frees; None for its size. A file with two names frees nothing."""
    is_demo: bool = False
    is_loaded: bool = False
    repository: str = ""
    commit: str = ""
    licence: str = ""
    folder: str = ""
    drive: str = ""
    """What people call the drive, of a model whose drive is not here."""
    notes: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether it can answer now."""
        return self.state == "ready"

    @property
    def can_delete(self) -> bool:
        """Only what Moestro itself put there may be deleted."""
        is_kept = self.program or self.is_demo or not self.is_owned
        return not is_kept and self.state not in ("absent", "adding", "coming")

    @property
    def can_forget(self) -> bool:
        """Whether it can be taken off the list, and its files stay as they are."""
        if self.is_demo or self.state in ("adding", "coming", "verifying"):
            return False
        return self.state == "absent" or not self.is_owned or bool(self.program)


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryView:
    """The whole library."""

    rows: tuple[LibraryRow, ...]
    now_ms: int
    volume: str = ""
    """Of the library's folder, as "D:"."""
    free_bytes: int = 0
    capacity_bytes: int = 0
    """0 when the volume does not tell."""
    is_reading: bool = False
    """The first look at it is still going on."""


# --- discover ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfCard:
    """A recommended model."""

    key: str
    kind: ShelfKind
    name: str
    good_for: str
    total_parameters: int
    active_parameters: int
    size_bytes: int
    speed: str
    licence: str
    fetch: Fetch = "absent"
    progress: float = 0.0
    is_exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """A base model with all repositories of its GGUF files."""

    key: str
    name: str
    publishers: tuple[str, ...]
    total_parameters: int = 0
    active_parameters: int = 0
    is_moe: bool = False
    licence: str = ""
    is_gated: bool = False
    downloads: int = 0
    least_bytes: int = 0
    most_bytes: int = 0
    """Of its quantizations; 0 while unknown."""
    speed: str = ""
    """The best here; empty while unknown."""
    verdict: Verdict | None = None
    is_exact: bool = False
    fetch: Fetch = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a person wants to see in Discover."""

    runs_here: bool = True
    moe: bool = False
    least_gb: int = 0
    most_gb: int = 0
    """0 for no bound."""
    licence: str = ""
    """As the Hub tags it; empty for any."""
    architecture: str = ""
    """As GGUF files name it; empty for any."""
    sort: Sort = "trending"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverView:
    """The shelf and what a search found."""

    shelf: tuple[ShelfCard, ...] = ()
    results: tuple[ResultRow, ...] = ()
    state: ResultsState = "shown"
    words: str = ""
    """What was searched for; empty for what is popular."""
    architectures: tuple[str, ...] = ()
    """That occur in what was found."""
    filtered_out: int = 0
    """Results that the filters hide."""
    has_more: bool = False
    is_loading_more: bool = False
    is_offline: bool = False
    trouble: str = ""
    """A sentence, when the state says so."""


# --- a model -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who offers GGUF files of a model."""

    repository: str
    name: str
    downloads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantizationRow:
    """One choice of a model."""

    key: str
    label: str
    size_bytes: int
    bits: float = 0.0
    """Per weight; 0.0 while unknown."""
    stage: Stage = "waiting"
    place: PlaceView | None = None
    free_after_bytes: int | None = None
    """On the library's disk; negative when it is too small, None when nobody knows."""
    reason: str = ""
    """Why it is folded below the others: a sentence."""
    can_download: bool = True
    sees_pictures: bool = False
    fetch: Fetch = "absent"
    progress: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """A repository's page."""

    repository: str
    name: str
    publishers: tuple[Publisher, ...] = ()
    licence: str = ""
    is_gated: bool = False
    architecture: str = ""
    base_model: str = ""
    total_parameters: int = 0
    active_parameters: int = 0
    context_tokens: int = 0
    downloads: int = 0
    rows: tuple[QuantizationRow, ...] = ()
    recommended: str = ""
    """Key of the row to take."""
    advice: str = ""
    """A sentence why."""
    is_loading: bool = False
    """Nothing is known yet but the name."""
    is_offline: bool = False
    trouble: str = ""
    """A sentence: why it could not be looked at."""
    card: str | None = None
    """Markdown, untrusted; None while it is fetched, empty when there is none."""


# --- downloads ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadRow:
    """A download."""

    id: str
    name: str
    status: Status
    total_bytes: int
    done_bytes: int = 0
    quantization: str = ""
    checked_bytes: int = 0
    """Hashed again so far, while that goes on."""
    bytes_per_second: float | None = None
    seconds_left: float | None = None
    is_stalled: bool = False
    went_back: str = ""
    """A sentence's code: why ``done_bytes`` became smaller."""
    elsewhere: bool = False
    """Another Moestro is at work on it: nothing can be asked of it here."""
    kept_days: int = 0
    """For how long a cancelled one's partial is kept; 0 when it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadsView:
    """The queue, in its order."""

    rows: tuple[DownloadRow, ...] = ()
