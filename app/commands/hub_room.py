"""What commands that ask the Hub share: services, waiting, repositories and their judgement."""

import argparse
import contextlib
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.commands.output import Output
from app.commands.waiting import Waiter
from app.errors import AppError, ExitCode, UsageError
from app.library.hub_pages import RepositoryPage
from app.library.judged import Judgement
from app.notices import Notice
from app.paths import DataPaths
from app.placement.described import read_machine
from app.placement.entities import Machine, Wishes
from app.placement.survey import Surveyed
from app.posting import CallbackQueue
from app.services import Services, open_for_command
from app.wording import sentence
from models.errors import KnownError
from models.hub_reference import HubReference, parse_endpoint, parse_reference
from models.naming import shorten
from models.redirects import Reach, reach_of_host
from models.repository import Quantization, RepositoryModel


class NothingFitsError(AppError):
    """No quantization of a model runs on this computer."""

    exit_code = ExitCode.NOT_ENOUGH_MEMORY


@dataclass(frozen=True, slots=True)
class Choice:
    """The quantization that is meant, and why when nobody named it."""

    model: RepositoryModel
    quantization: Quantization
    why: Notice | None = None
    fetched_bytes: int = 0
    """Of headers, to choose it."""


class HubRoom:
    """One command's way to the Hub. Everything raises KnownError."""

    def __init__(self, services: Services, waiter: Waiter, output: Output) -> None:
        self.services = services
        self.waiter = waiter
        self.output = output

    def check(self) -> str:
        """The Hub's address, if it is one. Raises UsageError."""
        endpoint = self.services.models.endpoint
        if parse_endpoint(endpoint) is None:
            raise UsageError("terminal.not_endpoint", name=shorten(endpoint))
        self._warn(endpoint)
        return endpoint

    def reference(self, text: str) -> HubReference:
        """What a person wrote to name a repository. Raises UsageError."""
        reference = parse_reference(text, self.check())
        if reference is None:
            raise UsageError("terminal.not_repository", name=shorten(text))
        return reference

    def page(self, reference: HubReference) -> RepositoryPage:
        """The repository that is meant, if it offers GGUF files."""
        hub = self.services.models.hub
        page: RepositoryPage = self.waiter.result(
            lambda done, failed: hub.look_up(reference.repo, reference.revision, done, failed)
        )
        page.check()
        return page

    def machine(self, file: str | None) -> Machine:
        """The described machine in ``file``, or this computer, which is not measured for it."""
        if file is not None:
            return read_machine(Path(file), {})
        found: Surveyed = self.waiter.result(self.services.survey.look)
        return found.machine

    def judged(self, page: RepositoryPage, model: RepositoryModel, machine: Machine) -> Judgement:
        """All quantizations of a model, as exactly as their headers allow."""
        told: list[Judgement] = []

        def changed(judgement: Judgement) -> None:
            told.append(judgement)
            done = sum(row.stage in ("exact", "refused") for row in judgement.rows)
            facts: dict[str, str | int | float] = {
                "name": shorten(page.info.id),
                "done": done,
                "total": len(judgement.rows),
            }
            self.output.progress(sentence("terminal.judging", facts))

        judging = self.services.models.hub.judge(page, model, machine, Wishes(), changed)
        try:
            judging.begin()
            self.waiter.until(lambda: told[-1].is_done)
        finally:
            judging.close()
            self.output.progress("")
        return told[-1]

    def chosen(self, page: RepositoryPage, reference: HubReference, machine: str | None) -> Choice:
        """The quantization that is named, the only one, or else the one to recommend."""
        named = page.meant(reference)
        if named is not None:
            return Choice(*named)
        if len(page.contents.models) > 1:
            first = page.contents.models[0].quantizations[0]
            raise AppError(
                "repository.many_models", name=shorten(page.info.id), example=shorten(first.name)
            )
        model = page.contents.models[0]
        if len(model.quantizations) == 1:
            return Choice(model, model.quantizations[0])
        judgement = self.judged(page, model, self.machine(machine))
        if judgement.recommended is None:
            troubles = [row.trouble for row in judgement.rows if row.trouble is not None]
            raise troubles[0] if troubles else KnownError("general.unexpected")
        row = judgement.rows[judgement.recommended]
        if row.is_folded:
            example = f"{page.info.id}:{row.label}"
            raise NothingFitsError("terminal.nothing_fits", example=shorten(example, 60))
        return Choice(model, row.quantization, judgement.why, judgement.fetched_bytes)

    def _warn(self, endpoint: str) -> None:
        parts = urllib.parse.urlsplit(endpoint)
        host = parts.hostname or ""
        if parts.scheme == "http" and reach_of_host(host) is not Reach.LOOPBACK:
            self.output.note(sentence("terminal.plain_http", {"host": shorten(host)}))


@contextlib.contextmanager
def hub_room(
    options: argparse.Namespace, paths: DataPaths, output: Output, folder: Path | None = None
) -> Iterator[HubRoom]:
    """Open everything for one command and close it again. ``folder`` takes new models."""
    callbacks = CallbackQueue()
    wishes = replace(options.hub, folder=folder)
    services = open_for_command(paths, callbacks.post, rpc_hosts=options.rpc, hub=wishes)
    try:
        yield HubRoom(services, Waiter(callbacks), output)
    finally:
        services.close()
