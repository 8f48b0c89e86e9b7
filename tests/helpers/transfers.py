"""Files worth downloading, and one transfer from the test Hub with a clock that hurries."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2

from models.transfer import Transfer
from models.transfer_entities import PhaseChange, TransferEnd, WantedFile
from models.transfer_part import PartFile, PartPaths
from models.transfer_requests import HubAccess
from models.transfer_timing import SpeedLimit, Timing
from tests.helpers.gguf_bytes import Tensor, model
from tests.helpers.hub_repositories import HubRepository, some_bytes
from tests.helpers.hub_server import HubServer

REPOSITORY = "tiny/Tiny-GGUF"
FILE = "tiny-Q4_K_M.gguf"


def sample_gguf(size: int = 300_000, seed: int = 1, name: str = "Tiny Test") -> bytes:
    """A structurally right model of about ``size`` bytes whose weights have no pattern."""
    rows = max(size // 128, 1)
    tensors = [
        Tensor("token_embd.weight"),
        Tensor("blk.0.attn_q.weight"),
        Tensor("blk.1.attn_q.weight", shape=(32, rows), size=128 * rows),
    ]
    whole = model(name=name, tensors=tensors).build()
    return whole[: -128 * rows] + some_bytes(128 * rows, seed)


def sample_repository(**files: bytes) -> HubRepository:
    """A repository with one model, or with ``files``."""
    made = HubRepository(REPOSITORY)
    made.commit(dict(files) if files else {FILE: sample_gguf()})
    return made


def wanted_of(repository: HubRepository, path: str = FILE) -> WantedFile:
    """What asking the Hub for a file of the newest commit gives."""
    content = repository.commits[repository.head][path].content
    return WantedFile(repository.id, repository.head, path, content.size, content.sha256)


def quick_client() -> httpx2.AsyncClient:
    """A client that does not read the system's certificates, which takes longest in it."""
    return httpx2.AsyncClient(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False)


def everything_allowed(_endpoint: str, _source: str, _target: str) -> bool:
    return True


@dataclass
class Heard:
    """What one transfer told, and how long it was asked to wait."""

    phases: list[PhaseChange] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)

    def names(self) -> list[str]:
        return [phase.phase.value for phase in self.phases]


@dataclass
class Downloader:
    """Runs transfers against one Hub; every run is what a new start of the program does."""

    server: HubServer
    folder: Path
    token: str | None = None
    boot: str = "boot-1"
    timing: Timing = field(default_factory=lambda: Timing(read=1.0, connect=2.0, headers=2.0))
    redirect_allowed: Callable[[str, str, str], bool] = everything_allowed
    endpoint: str = ""
    limit: SpeedLimit | None = None
    heard: Heard = field(default_factory=Heard)
    last: Transfer | None = None

    def part(self, wanted: WantedFile, **told: Any) -> PartFile:
        return PartFile(self.folder / ".downloads", wanted, self.boot, **told)

    def paths(self, wanted: WantedFile) -> PartPaths:
        return PartPaths(self.folder / ".downloads", wanted.sha256)

    def run(self, wanted: WantedFile, *, distrust: bool = False, **part: Any) -> TransferEnd:
        """One transfer to its end."""

        async def work() -> TransferEnd:
            async with quick_client() as client:
                return await self.begin(wanted, client, **part).run(distrust=distrust)

        return asyncio.run(work())

    def begin(self, wanted: WantedFile, client: httpx2.AsyncClient, **part: Any) -> Transfer:
        """A transfer that has not begun; forgets what earlier ones told."""
        self.heard = Heard()
        self.last = Transfer(
            wanted,
            self.part(wanted, **part),
            client,
            HubAccess(self.endpoint or self.server.endpoint, self.token, self.redirect_allowed),
            self.heard.phases.append,
            timing=replace(self.timing, sleep=self.heard.sleep),
            limit=self.limit,
        )
        return self.last
