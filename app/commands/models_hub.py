"""``models search`` and ``models show``: what the Hub offers, and what of it runs here."""

import argparse
from collections.abc import Iterator
from typing import Any

from app.amounts import file_size
from app.commands.hub_room import HubRoom, hub_room
from app.commands.models_json import judged_object, page_object, repository_object, row_object
from app.commands.output import Output
from app.errors import ExitCode
from app.library.hub_pages import RepositoryPage
from app.library.judged import JudgedRow, Judgement
from app.library.volumes import free_bytes
from app.paths import DataPaths
from app.placement.words import place_words, speed_words
from app.wording import sentence, sentence_for
from models.hub_entities import FoundRepository, Gate, SearchPage, SearchQuery, SearchSort
from models.naming import shorten

SORTS = {
    "trending": SearchSort.TRENDING,
    "downloads": SearchSort.DOWNLOADS,
    "likes": SearchSort.LIKES,
    "updated": SearchSort.UPDATED,
}
_PAGE = 30
_BILLION = 1e9


def run_search(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Print what is found, in the Hub's order. Raises KnownError."""
    with hub_room(options, paths, output) as room:
        room.check()
        found = _search(room, options)
    if output.as_json:
        output.json([repository_object(each) for each in found])
        return ExitCode.OK
    for each in found:
        output.line("\t".join(_cells(each)))
    if not found:
        output.note(sentence("models.nothing_found", {"title": options.query}))
    return ExitCode.OK


def _search(room: HubRoom, options: argparse.Namespace) -> list[FoundRepository]:
    """As many as are wanted, over as many pages as that takes."""
    query = SearchQuery(
        text=options.query, sort=SORTS[options.sort], page_size=min(options.limit, _PAGE)
    )
    hub = room.services.models.hub
    found: list[FoundRepository] = []
    seen: set[str] = set()
    cursor: str | None = None
    while len(found) < options.limit:
        after = cursor
        page: SearchPage = room.waiter.result(
            lambda done, failed, after=after: hub.search(query, after, done, failed)  # type: ignore[misc]
        )
        new = [each for each in page.models if each.id not in seen]
        seen.update(each.id for each in new)
        found += new
        cursor = page.next
        # A Hub that gives the same page for ever ends here too.
        if cursor is None or not new:
            break
    return found[: options.limit]


def _cells(found: FoundRepository) -> tuple[str, ...]:
    size = f"{found.parameters / _BILLION:.1f}B" if found.parameters else ""
    gated = "" if found.gate is Gate.OPEN else sentence("terminal.gated_mark")
    return found.id, found.architecture, size, str(found.downloads), found.licence, gated


def run_show(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Print a repository's quantizations with their verdicts. Raises KnownError."""
    with hub_room(options, paths, output) as room:
        page = room.page(room.reference(options.repository))
        machine = room.machine(options.machine)
        judged = [(model, room.judged(page, model, machine)) for model in page.contents.models]
        free = free_bytes(room.services.models.folder)
    if output.as_json:
        models = []
        for model, judgement in judged:
            label, why = _advice(judgement)
            rows = [row_object(row, free) for row in judgement.rows]
            models.append(judged_object(model, rows, label, why))
        value: dict[str, Any] = page_object(page, models)
        value["fetched_bytes"] = sum(judgement.fetched_bytes for _model, judgement in judged)
        value["requests"] = sum(judgement.requests for _model, judgement in judged)
        output.json(value)
        return ExitCode.OK
    output.line("\t".join(_head(page)))
    for model, judgement in judged:
        if len(judged) > 1:
            output.line("")
            output.line(model.name)
        for text in _lines(judgement):
            output.line(text)
    projectors = {each.projector for _model, each in page.choices() if each.projector is not None}
    if projectors:
        largest = max(projectors, key=lambda file: file.size)
        facts = {"name": shorten(largest.path.rpartition("/")[2]), "size": file_size(largest.size)}
        output.line(sentence("terminal.projector_left", facts))
    return ExitCode.OK


def _head(page: RepositoryPage) -> tuple[str, ...]:
    licence = page.licence or sentence("terminal.no_licence")
    gated = () if page.info.gate is Gate.OPEN else (sentence("terminal.gated_mark"),)
    return page.info.id, licence, page.info.commit[:12], *gated


def _advice(judgement: Judgement) -> tuple[str | None, str | None]:
    if judgement.recommended is None or judgement.why is None:
        return None, None
    row = judgement.rows[judgement.recommended]
    return row.label, sentence(judgement.why.code, judgement.why.facts)


def _lines(judgement: Judgement) -> Iterator[str]:
    """The rows that run here, the advice, then the others with their reasons."""
    marked = None if judgement.recommended is None else judgement.rows[judgement.recommended]
    for row in judgement.rows:
        if not row.is_folded:
            mark = "*" if row is marked else " "
            yield f"{mark} " + "\t".join(_row_cells(row))
    _label, why = _advice(judgement)
    if why is not None:
        yield why
    for row in judgement.rows:
        if row.reason is not None:
            size = file_size(row.quantization.size_bytes)
            reason = sentence(row.reason.code, row.reason.facts)
            yield "  " + "\t".join((row.label or row.quantization.name, size, reason))


def _row_cells(row: JudgedRow) -> Iterator[str]:
    yield row.label or row.quantization.name
    yield file_size(row.quantization.size_bytes)
    if row.placement is not None:
        exact = "" if row.stage == "exact" else "≈ "
        yield exact + place_words(row.placement, sentence)
        yield speed_words(row.placement.predicted, sentence)
        yield sentence("terminal.up_to", {"tokens": f"{row.placement.longest_context:,}"})
    if row.trouble is not None:
        yield sentence_for(row.trouble)
