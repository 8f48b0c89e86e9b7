"""Builds what finds, fetches and keeps models; each part when it is first asked for.

A start without downloads loads neither an HTTP library nor an event loop.
"""

import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.history.model_notes import ModelNotes
from app.instance import InstanceLock
from app.network import Network
from app.paths import DataPaths
from app.placement.placements import Placements
from app.posting import Post, Scheduler
from app.request_file import RequestFile
from app.request_log import RequestLog
from app.secrets import Secrets
from app.settings.store import SettingsStore
from app.storage.errors import StorageError
from app.storage.opening import Database
from models.hub_reference import DEFAULT_ENDPOINT, parse_endpoint
from models.peers import Findings, find_models

if TYPE_CHECKING:
    from app.library.arrivals import Arrivals
    from app.library.catalog import Catalog
    from app.library.downloads import Downloads
    from app.library.folder_scan import FolderScan
    from app.library.hub_service import HubService
    from app.library.importing import Imports
    from app.library.library import Library
    from app.library.moving import LibraryMove
    from app.library.recommending import Recommendations
    from app.library.removing import Remover
    from app.library.updates import UpdateChecks
    from app.library.verifying import Verifier

HUB_TOKEN = "hub-token"
"""Name of the user's token in the keyring."""
log = logging.getLogger("moestro.models")
_OLLAMA_HOME = Path("/usr/share/ollama")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubWishes:
    """What a person asked for with this start; it goes before the settings."""

    endpoint: str | None = None
    """A Hub's address in its plain form."""
    offline: bool = False
    folder: Path | None = None
    """For new models, instead of the library's folder."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """``HF_ENDPOINT`` and ``HF_TOKEN`` count here too, as everywhere with this Hub."""


class ModelRooms:
    """The parts that have to do with getting and keeping models. Used on the state thread."""

    def __init__(
        self,
        paths: DataPaths,
        settings: SettingsStore,
        secrets: Secrets,
        library: "Library",
        database: Database,
        placements: Placements,
        post: Post,
        scheduler: Scheduler,
        wishes: HubWishes,
        *,
        history: Database,
        lock: InstanceLock | None = None,
    ) -> None:
        self._paths = paths
        self._settings = settings
        self._secrets = secrets
        self._library = library
        self._database = database
        self._placements = placements
        self._post = post
        self._scheduler = scheduler
        self._wishes = wishes
        self._history = history
        self._lock = lock
        self._reachable = self._ways
        settings.subscribe(lambda _settings: self._settings_changed())

    # --- what is set -----------------------------------------------------------------------

    @property
    def endpoint(self) -> str:
        """The Hub's address: this start's, else ``HF_ENDPOINT``, else that of the settings.

        What is no address stays as it is, so that no other Hub is asked instead.
        """
        set_ = self._settings.current.hub_endpoint.strip()
        chosen = self.told_endpoint or set_ or DEFAULT_ENDPOINT
        return parse_endpoint(chosen) or chosen

    @property
    def told_endpoint(self) -> str:
        """What this start says in place of the settings' address, as it was written, or ""."""
        return (self._wishes.endpoint or self._wishes.environment.get("HF_ENDPOINT", "")).strip()

    @property
    def is_held_offline(self) -> bool:
        """Whether this start itself forbids requests, whatever the settings say."""
        return self._wishes.offline

    @property
    def has_told_token(self) -> bool:
        """Whether the environment brings a token, which goes before the one that is kept."""
        return bool(self._wishes.environment.get("HF_TOKEN", "").strip())

    @property
    def is_offline(self) -> bool:
        """Whether no request may be made. Any thread may ask."""
        return self._wishes.offline or self._settings.current.offline

    @property
    def folder(self) -> Path:
        """Where new models go; it need not be there yet."""
        told = self._settings.current.library_folder
        return (self._wishes.folder or (Path(told) if told else self._paths.models)).absolute()

    def download_limit(self) -> int:
        """Bytes per second of all downloads together; 0 for no limit. Any thread may ask."""
        return self._settings.current.download_limit_bytes

    def token(self) -> str | None:
        """The user's token for the Hub; it may wait for the keyring. Any thread may ask."""
        told = self._wishes.environment.get("HF_TOKEN", "").strip()
        return told or self._secrets.get(HUB_TOKEN)

    # --- the parts -------------------------------------------------------------------------

    @cached_property
    def network(self) -> Network:
        """The one door to the network, with the list of what was asked for."""

        def ca_file() -> Path | None:
            told = self._settings.current.ca_file
            return Path(told) if told else None

        requests = RequestLog(file=RequestFile(self._paths.logs))
        return Network(lambda: self.is_offline, requests, ca_file)

    @cached_property
    def hub(self) -> "HubService":
        """Search, repositories, and what judges them."""
        from app.library.hub_service import HubService

        return HubService(
            self.network,
            lambda: self.endpoint,
            self.token,
            self._placements,
            self._paths.hub_cache,
            self._post,
        )

    @cached_property
    def downloads(self) -> "Downloads":
        """The queue; nothing in it goes on before it is started."""
        from app.library.download_orders import JobTools
        from app.library.download_records import DownloadRecords
        from app.library.downloads import Downloads
        from models.transfer_timing import SpeedLimit

        return Downloads(
            DownloadRecords(self._database),
            lambda: self.folder,
            lambda: self.endpoint,
            self.token,
            JobTools(self.network, SpeedLimit(self.download_limit)),
            self._post,
            self._scheduler,
        )

    @property
    def has_downloads(self) -> bool:
        """Whether anything stands in the queue; found out without what runs it."""
        from app.library.download_records import DownloadRecords

        return "downloads" in self.__dict__ or bool(DownloadRecords(self._database).all())

    @cached_property
    def arrivals(self) -> "Arrivals":
        """Makes finished downloads installed models, from when it is first asked for."""
        from app.library.arrivals import Arrivals

        return Arrivals(self.downloads, self._library)

    @cached_property
    def imports(self) -> "Imports":
        """Adds what is on this computer already."""
        from app.library.importing import Imports

        return Imports(self._library, lambda: self.folder, self._find_peers, self._post)

    @cached_property
    def verifier(self) -> "Verifier":
        """Checks models on demand."""
        from app.library.verifying import Verifier

        return Verifier(self._library, self._post)

    @cached_property
    def remover(self) -> "Remover":
        """Takes models off the list, and to the trash."""
        from app.library.removing import Remover

        # Made first: it would take a download whose model has just gone for a new one.
        gone = self.arrivals.forget
        return Remover(self._library, lambda: self.folder, gone, self._post)

    @cached_property
    def move(self) -> "LibraryMove":
        """Gives the library another folder."""
        from app.library.moving import LibraryMove, MoveLocks

        locks = MoveLocks(instance=self._lock, own=self._paths.root / "library-move.lock")
        return LibraryMove(
            self._library, self._database, lambda: self.downloads, self._settings,
            lambda: self.folder, locks, self._post,
        )  # fmt: skip

    @cached_property
    def folders(self) -> "FolderScan":
        """Looks through other folders for models, which are used where they lie."""
        from app.library.folder_scan import FolderScan

        return FolderScan(self._library, self._settings, self._post)

    @cached_property
    def notes(self) -> ModelNotes:
        """What a person wrote about their models."""
        return ModelNotes(self._history)

    @cached_property
    def updates(self) -> "UpdateChecks":
        """Compares a model with its repository, when somebody asks."""
        from app.library.updates import UpdateChecks

        return UpdateChecks(self.hub)

    @cached_property
    def catalog(self) -> "Catalog":
        """The curated list of models. Raises OSError, and msgspec.DecodeError."""
        from app.library.catalog import read_catalog

        return read_catalog()

    @cached_property
    def recommendations(self) -> "Recommendations":
        """What of the catalog suits a machine."""
        from app.library.recommending import Recommendations

        return Recommendations(lambda: self.catalog, self._post)

    def mend(self) -> None:
        """End what an earlier program began and was killed in. For who is alone in the folder."""
        from app.library.move_journal import MoveJournal

        try:
            is_needed = bool(MoveJournal(self._database).all())
        except StorageError as error:
            log.warning("unfinished moves are not known: %s", error)
            return
        if is_needed:
            self.move.mend()

    def close(self) -> None:
        """Pause the downloads and give up everything else, as far as it was ever begun."""
        for name in (
            "recommendations",
            "hub",
            "imports",
            "folders",
            "verifier",
            "move",
            "downloads",
        ):
            if part := self.__dict__.get(name):
                part.close()

    @property
    def _ways(self) -> tuple[str, bool, str]:
        """What decides whether the Hub can be reached."""
        return self.endpoint, self.is_offline, self._settings.current.ca_file

    def _settings_changed(self) -> None:
        """Downloads that wait for the network try again."""
        before, self._reachable = self._reachable, self._ways
        if before != self._reachable and (downloads := self.__dict__.get("downloads")):
            downloads.network_changed()

    def _find_peers(self) -> Findings:
        service = _OLLAMA_HOME if sys.platform == "linux" else None
        return find_models(Path.home(), self._wishes.environment, service_home=service)
