"""Looks whether a model's repository has another version of it now; only when somebody asks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.amounts import file_size
from app.library.download_entities import DownloadRequest, RemoteFile
from app.library.entities import InstalledModel
from app.library.hub_pages import RepositoryPage
from app.library.hub_service import HubAsk, HubService
from models.errors import KnownError
from models.hub_errors import HubError, HubTrouble
from models.naming import shorten
from models.repository import Quantization, RepositoryModel
from models.transfer_paths import UnsafeName, local_paths

UpdateState = Literal["same", "changed", "gone", "unknown"]
"""``gone``: the repository, or this quantization in it, is no longer there. ``unknown``: nothing
tells where the model came from, or what its content should be."""
_GONE = frozenset((HubTrouble.NOT_FOUND, HubTrouble.REVISION, HubTrouble.DISABLED))

Chosen = tuple[RepositoryModel, Quantization]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCheck:
    """What the repository has now, against what lies here."""

    model: InstalledModel
    state: UpdateState
    commit: str = ""
    """The newest one."""
    request: DownloadRequest | None = None
    """Gets the new version beside the old one; None unless it is ``changed``."""
    differing: tuple[RemoteFile, ...] = ()
    """The files that are others than those here."""

    @property
    def fetch_bytes(self) -> int:
        """Of the files that differ."""
        return sum(file.size for file in self.differing)

    @property
    def sentence_code(self) -> str:
        """Of a sentence that tells it; ``facts`` fill it in."""
        return f"updates.{self.state}"

    @property
    def facts(self) -> dict[str, str | int | float]:
        """What the sentence names."""
        return {
            "name": shorten(self.model.name),
            "model": shorten(self.model.origin.repository),
            "size": file_size(self.fetch_bytes),
        }


class UpdateChecks:
    """Used on the state thread. Each check asks the Hub one question."""

    def __init__(self, hub: HubService) -> None:
        self._hub = hub

    def check(
        self,
        model: InstalledModel,
        done: Callable[[UpdateCheck], None],
        failed: Callable[[KnownError], None],
    ) -> HubAsk | None:
        """Compare ``model`` with its repository's newest commit.

        Exactly one of the two is called; ``failed`` hears that the Hub could not be asked.
        None, and ``done`` at once, where there is nothing to ask.
        """
        if not (model.origin.repository and model.origin.hashes):
            done(UpdateCheck(model=model, state="unknown"))
            return None

        def refused(error: KnownError) -> None:
            if isinstance(error, HubError) and error.trouble in _GONE:
                done(UpdateCheck(model=model, state="gone"))
            else:
                failed(error)

        return self._hub.look_up(
            model.origin.repository, None, lambda page: done(_compared(model, page)), refused
        )


def _compared(model: InstalledModel, page: RepositoryPage) -> UpdateCheck:
    commit = page.info.commit
    found = _meant(model, page)
    if not found:
        return UpdateCheck(model=model, state="gone", commit=commit)
    offered = found[1]
    hashes = tuple(file.sha256 for file in offered.files)
    if hashes == model.origin.hashes:
        return UpdateCheck(model=model, state="same", commit=commit)
    if offered.problem is not None or not all(hashes):
        return UpdateCheck(model=model, state="unknown", commit=commit)
    has_projector = bool(model.origin.companions) and offered.projector is not None
    request = page.request(*found, with_projector=has_projector)
    here = {*model.origin.hashes, *model.origin.companion_hashes}
    return UpdateCheck(
        model=model, state="changed", commit=commit, request=request,
        differing=tuple(file for file in request.files if file.sha256 not in here),
    )  # fmt: skip


def _meant(model: InstalledModel, page: RepositoryPage) -> Chosen | None:
    """What the model came from: by content, else by its files' names, else by its label."""
    choices = list(page.choices())
    names = [path.name for path in model.handle.paths]
    same = [
        each
        for each in choices
        if tuple(file.sha256 for file in each[1].files) == model.origin.hashes
    ]
    named = [each for each in choices if _names(each[1]) == names]
    labelled = [each for each in choices if each[1].label == model.quantization]
    for found in (same, named, labelled if model.quantization else []):
        if len(found) == 1 or (found and found is same):
            return found[0]
    return None


def _names(quantization: Quantization) -> list[str]:
    """How its files are called when they are on a disk."""
    try:
        return [path.name for path in local_paths([file.path for file in quantization.files])]
    except UnsafeName:
        return []
