"""The typed settings. A new one is a field with a default here and a row on a settings page."""

from typing import Annotated, Literal

import msgspec

from app.engine.entities import SamplingParameters
from app.export.choice import ExportChoice
from models.hub_reference import DEFAULT_ENDPOINT

VERSION = 1


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a user can choose. Unknown keys of the file survive beside it."""

    version: Annotated[int, msgspec.Meta(ge=1)] = VERSION
    theme: Literal["system", "light", "dark"] = "system"
    zoom: Annotated[float, msgspec.Meta(ge=0.5, le=3.0)] = 1.0
    chat_text_px: Annotated[int, msgspec.Meta(ge=10, le=32)] = 15
    sidebar_width: Annotated[int, msgspec.Meta(ge=200, le=500)] = 264
    sidebar_shown: bool = True
    panel_shown: bool = False
    window_width: Annotated[int, msgspec.Meta(ge=640, le=16384)] = 1280
    window_height: Annotated[int, msgspec.Meta(ge=480, le=16384)] = 800
    context_tokens: Annotated[int, msgspec.Meta(ge=0, le=1048576)] = 0
    """0 takes the longest usual one that costs little speed."""
    engine_backend: Literal["auto", "cpu", "cuda", "vulkan", "metal"] = "auto"
    device_budgets: dict[str, Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]] = {}
    """Bytes that plans may take, by device; set by the limit marks of the placement page."""
    rpc_hosts: tuple[str, ...] = ()
    """``HOST:PORT`` of computers that lend their devices. Insecure, so there is no switch for it
    in the window: it stands in this file only."""
    sampling: SamplingParameters = SamplingParameters()
    automatic_titles: bool = True
    """A chat gets its title from the model, after the first answer."""
    last_conversation: str = ""
    """Opened again at the next start."""
    chat_sort: Literal["recent", "title", "created"] = "recent"
    """The order of the list of chats."""
    folded_folders: tuple[Annotated[str, msgspec.Meta(max_length=100)], ...] = ()
    """Ids of the folders that are closed in the list of chats."""
    unseen_chats: tuple[Annotated[str, msgspec.Meta(max_length=100)], ...] = ()
    """Ids of conversations with a finished answer that nobody has seen yet."""
    notify_answers: bool = True
    """The desktop is told when an answer ends that nobody is looking at."""
    last_export: ExportChoice = ExportChoice()
    """Formats and what goes into the file; chosen again by one key."""
    unload_after_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 15
    """0 never unloads by itself."""
    load_last_model_at_start: bool = False
    lock_worker_down: bool = True
    hub_endpoint: Annotated[str, msgspec.Meta(max_length=300)] = DEFAULT_ENDPOINT
    """Address of the Hub or of a mirror."""
    offline: bool = False
    """No request is made at all."""
    ca_file: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    """Certificates (PEM) that are trusted besides the system's; empty for none."""
    library_folder: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    """Where downloads and imports go; empty for the folder of the data."""
    library_folders: tuple[Annotated[str, msgspec.Meta(max_length=4096)], ...] = ()
    """Other folders that are looked through for models, which are used where they lie."""
    library_cards: bool = False
    """The library is shown as cards instead of a table."""
    download_limit_bytes: Annotated[int, msgspec.Meta(ge=0, le=1 << 40)] = 0
    """Bytes per second of all downloads together; 0 sets no limit."""
