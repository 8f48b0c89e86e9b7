"""The one transaction that makes what was copied the library's files."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.library import index
from app.library.download_entities import Download
from app.library.move_entities import ArrivedDownload, ArrivedModel
from app.library.move_journal import mark_switched
from app.storage.connection import Connection
from models.entities import ModelFile, ModelHandle


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """What is to be switched, as the move knows it."""

    move: int
    target: Path
    models: tuple[ArrivedModel, ...]
    downloads: tuple[ArrivedDownload, ...]
    finished: tuple[Download, ...]
    """Downloads that are READY: those of moved models are over."""
    cancelled: tuple[ArrivedDownload, ...]
    rubbish: tuple[ModelFile, ...]
    """Copies that turned out to be of no use."""


@dataclass(frozen=True, slots=True)
class Switched:
    """What the transaction did."""

    move: int
    models: tuple[ArrivedModel, ...]
    rubbish: tuple[ModelFile, ...]
    over: tuple[str, ...]
    """Downloads that left the list."""


def switch(connection: Connection, asked: Switch) -> Switched:
    """Point the library and its downloads to the new files, and note the old ones as rubbish.

    A model that was removed, changed or replaced while it was copied stays as it is, and its
    copy is rubbish.
    """
    moved, useless = [], list(asked.rubbish)
    for arrived in asked.models:
        row = index.model_of(connection, arrived.model.key)
        if row is None or row.handle != arrived.model.handle or row.state != "ready":
            useless += [each.file for each in arrived.files]
            continue
        count = len(row.handle.files)
        files = [each.file for each in arrived.files]
        read = [each.sha256 for each in arrived.files[:count]]
        origin = replace(row.origin, companions=tuple(files[count:]))
        if not origin.hashes and all(read):
            origin = replace(origin, hashes=tuple(read))
        index.relocate(connection, row.key, ModelHandle(row.key, tuple(files[:count])), origin)
        moved.append(arrived)
    used = {each.file.path for arrived in moved for each in arrived.files}
    old = _no_longer_used(asked.models, moved)
    rubbish = [*old.values(), *(file for file in useless if file.path not in used)]
    over = _follow(connection, asked, set(old))
    for download in (*asked.downloads, *asked.cancelled):
        rubbish += download.old
    mark_switched(connection, asked.move, rubbish)
    return Switched(asked.move, tuple(moved), tuple(rubbish), over)


def _no_longer_used(
    arrived: Sequence[ArrivedModel], moved: Sequence[ArrivedModel]
) -> dict[Path, ModelFile]:
    """The old files of moved models, but for those that a model which stays has too."""
    keys = {each.model.key for each in moved}
    staying = {
        each.planned.source.path
        for model in arrived
        if model.model.key not in keys
        for each in model.files
    }
    sources = [each.planned.source for model in moved for each in model.files]
    return {file.path: file for file in sources if file.path not in staying}


def _follow(connection: Connection, asked: Switch, old: set[Path]) -> tuple[str, ...]:
    """Downloads that are not done go on in the new folder; those that are over leave the list."""
    over = [each.identifier for each in asked.cancelled]
    over += [each.id for each in asked.finished if each.paths and old.issuperset(each.paths)]
    for identifier in over:
        connection.execute("DELETE FROM downloads WHERE id = ?", (identifier,))
    for download in asked.downloads:
        connection.execute(
            "UPDATE downloads SET library = ? WHERE id = ?",
            (json.dumps(str(asked.target)), download.identifier),
        )
    return tuple(over)
