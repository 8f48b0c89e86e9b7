"""``models pull``: downloads one quantization, as often as it takes."""

import argparse
import math
from pathlib import Path

from app.amounts import file_size
from app.commands.hub_room import Choice, HubRoom, hub_room
from app.commands.models_json import installed_object
from app.commands.output import Output
from app.errors import ExitCode
from app.library.download_entities import Download, DownloadChanged, DownloadError, DownloadEvent
from app.library.download_states import DownloadState, Status
from app.library.entities import InstalledModel
from app.library.hub_pages import RepositoryPage
from app.paths import DataPaths
from app.wording import sentence
from models.errors import KnownError
from models.hub_reference import HubReference
from models.naming import shorten
from models.transfer_entities import StopReason

_NETWORK = frozenset(
    (StopReason.OFFLINE, StopReason.SERVER, StopReason.NO_RESUME, StopReason.GATED,
     StopReason.AUTH, StopReason.NOT_FOUND, StopReason.CHANGED, StopReason.REDIRECT,
     StopReason.REFUSED, StopReason.CERTIFICATE)
)  # fmt: skip
_BAD_MODEL = frozenset((StopReason.STRUCTURE, StopReason.CORRUPT))
_WAITS = DownloadState.WAITING


class _StoppedError(KnownError):
    """A download stands still; what arrived is kept."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.sentence_code or "download.user", **status.facts)
        self.exit_code = ExitCode.FAILED
        if status.reason in _NETWORK:
            self.exit_code = ExitCode.NETWORK
        elif status.reason in _BAD_MODEL:
            self.exit_code = ExitCode.BAD_MODEL


def run_pull(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Download and print where it is. Raises KnownError; after Ctrl+C it can go on."""
    folder = Path(options.to).absolute() if options.to else None
    with hub_room(options, paths, output, folder) as room:
        reference = room.reference(options.repository)
        page = room.page(reference)
        choice = _choice(room, page, reference)
        why = None if choice.why is None else sentence(choice.why.code, choice.why.facts)
        if why is not None:
            output.note(why)
        model, is_new = _got(room, page, choice, with_projector=options.with_projector)
    if output.as_json:
        told = {"downloaded": is_new, "recommended": choice.why is not None, "why": why}
        output.json({**installed_object(model), **told})
        return ExitCode.OK
    if why is not None and not output.is_terminal:
        output.line(why)
    facts = {"name": shorten(model.name), "folder": shorten(str(model.handle.path.parent))}
    output.line(sentence("terminal.pulled" if is_new else "terminal.here_already", facts))
    return ExitCode.OK


def _choice(room: HubRoom, page: RepositoryPage, reference: HubReference) -> Choice:
    """What is named; else what was begun already, before another is recommended."""
    if reference.quantization is None and reference.path is None:
        begun = {
            tuple(file.path for file in download.request.files)
            for download in room.services.models.downloads.entries()
            if download.request.repository == page.info.id
            and download.request.commit == page.info.commit
            and download.status.state not in (DownloadState.READY, DownloadState.CANCELLED)
        }
        for model, quantization in page.choices():
            files = tuple(file.path for file in quantization.files)
            # Behind them may stand a projector.
            if len(begun) == 1 and next(iter(begun))[: len(files)] == files:
                return Choice(model, quantization)
    return room.chosen(page, reference, None)


def _got(
    room: HubRoom, page: RepositoryPage, choice: Choice, *, with_projector: bool
) -> tuple[InstalledModel, bool]:
    """The installed model, and whether something of it had to be fetched."""
    request = page.request(choice.model, choice.quantization, with_projector=with_projector)
    rooms = room.services.models
    arrivals = rooms.arrivals
    wanted = tuple(file.sha256 for file in request.files)
    for model in room.services.library.entries():
        if model.origin.is_owned and model.state == "ready" and _has_all(model, wanted):
            return model, False
    identifier = rooms.downloads.add(request)
    end = rooms.downloads.subscribe(lambda event: _show(room.output, identifier, event))
    try:
        room.waiter.until(lambda: rooms.downloads.is_over(identifier))
    finally:
        end()
        room.output.progress("")
    shown = rooms.downloads.get(identifier)
    if shown is None or shown.elsewhere:
        raise DownloadError("download.elsewhere", name=shorten(request.name))
    if shown.status.state is not DownloadState.READY:
        raise _StoppedError(shown.status)
    if (trouble := arrivals.trouble(identifier)) is not None:
        raise trouble
    found = arrivals.model_of(identifier)
    if found is None:
        raise KnownError("general.unexpected")
    return found, True


def _has_all(model: InstalledModel, wanted: tuple[str | None, ...]) -> bool:
    """Whether it has every file of a set, whose hashes these are; the model's come first."""
    origin = model.origin
    count = len(origin.hashes)
    if not origin.hashes or wanted[:count] != origin.hashes:
        return False
    there = {
        sha256
        for file, sha256 in zip(origin.companions, origin.companion_hashes, strict=True)
        if file.is_unchanged()
    }
    return there.issuperset(wanted[count:])


def _show(output: Output, identifier: str, event: DownloadEvent) -> None:
    if isinstance(event, DownloadChanged) and event.download.id == identifier:
        output.progress(progress_words(event.download))


def progress_words(download: Download) -> str:
    """What goes on, as one passing line."""
    status = download.status
    if status.state is _WAITS and status.sentence_code:
        return sentence(status.sentence_code, status.facts)
    facts: dict[str, str | int | float] = {
        "name": shorten(download.request.name),
        "done": file_size(download.done),
        "size": file_size(download.total),
    }
    if status.state is DownloadState.CHECKING:
        return sentence("terminal.pull_checking", facts)
    if download.bytes_per_second is None or download.seconds_left is None:
        return sentence("terminal.pulling", facts)
    facts["speed"] = file_size(round(download.bytes_per_second))
    facts["count"] = math.ceil(download.seconds_left / 60)
    return sentence("terminal.pulling_fast", facts)
