"""Presets and the prompt library: what a person set up once and uses in many conversations."""

import contextlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from app.engine.entities import SamplingParameters
from app.history.errors import HistoryError
from app.ids import new_id
from app.storage.connection import Connection
from app.storage.opening import Database
from app.text import clean
from models.errors import KnownError

FORMAT = "moestro"
VERSION = 1
_MOST_BYTES = 16 * 1024 * 1024


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A named way to begin a conversation."""

    id: str
    name: str
    system_prompt: str = ""
    model_key: str = ""
    """Empty: whichever model is used."""
    sampling: SamplingParameters | None = None
    """None follows the settings."""


class LibraryPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """A named text to begin a message with; ``{{words}}`` in it are asked for."""

    id: str
    name: str
    text: str


class _File(msgspec.Struct, frozen=True, kw_only=True):
    format: str
    version: int
    presets: tuple[Preset, ...] = ()
    prompts: tuple[LibraryPrompt, ...] = ()


T = TypeVar("T", Preset, LibraryPrompt)
Done = Callable[[None], None] | None
Failed = Callable[[KnownError], None] | None


class Presets:
    """All presets and prompts of one data folder. Reads raise StorageError; writes return at
    once, ``done`` is posted after the commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def presets(self) -> list[Preset]:
        """Every preset, by name."""
        return self._database.read(lambda connection: _read(connection, "presets", Preset))

    def prompts(self) -> list[LibraryPrompt]:
        """Every prompt, by name."""
        return self._database.read(
            lambda connection: _read(connection, "library_prompts", LibraryPrompt)
        )

    def keep(
        self, *items: Preset | LibraryPrompt, done: Done = None, failed: Failed = None
    ) -> None:
        """Keep new items, or in the place of those with their ids; all of them or none."""

        def write(connection: Connection) -> None:
            for item in items:
                _write(connection, item)

        self._database.writer.submit(write, done, failed)

    def remove(self, item_id: str, done: Done = None, failed: Failed = None) -> None:
        """Forget a preset or a prompt."""

        def write(connection: Connection) -> None:
            for table in ("presets", "library_prompts"):
                connection.execute(f"DELETE FROM {table} WHERE id = ?", (item_id,))

        self._database.writer.submit(write, done, failed)

    def exported(self) -> bytes:
        """All of them as JSON, ordered by id: the same ones give the same bytes."""
        return to_json([*self.presets(), *self.prompts()])


def to_json(items: list[Preset | LibraryPrompt]) -> bytes:
    """``items`` as JSON, ordered by id."""
    ordered = sorted(items, key=lambda item: item.id)
    whole = _File(
        format=FORMAT,
        version=VERSION,
        presets=tuple(each for each in ordered if isinstance(each, Preset)),
        prompts=tuple(each for each in ordered if isinstance(each, LibraryPrompt)),
    )
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"


def from_json(data: bytes) -> list[Preset | LibraryPrompt]:
    """What ``to_json`` wrote, or somebody by hand: an absent id becomes a new one.

    Raises HistoryError: history.not_presets, history.presets_newer.
    """
    if len(data) > _MOST_BYTES:
        raise HistoryError("history.not_presets")
    try:
        raw = json.loads(clean(data.decode("utf-8-sig")))
        version = raw["version"] if raw["format"] == FORMAT else None
        if isinstance(version, int) and version > VERSION:
            raise HistoryError("history.presets_newer")
        for each in [*raw.get("presets", ()), *raw.get("prompts", ())]:
            each["id"] = each.get("id") or new_id()
        found = msgspec.convert(_cleaned(raw), _File)
    except HistoryError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise HistoryError("history.not_presets") from error
    if found.format != FORMAT or found.version != VERSION:
        raise HistoryError("history.not_presets")
    return [*found.presets, *found.prompts]


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return clean(value)
        case dict():
            return {key: _cleaned(item) for key, item in value.items()}
        case list():
            return [_cleaned(item) for item in value]
    return value


def _read(connection: Connection, table: str, kind: type[T]) -> list[T]:
    """A row that a fault of the disk ruined is left out; the others are read."""
    found: list[T] = []
    for row in connection.execute(f"SELECT CAST(content AS BLOB) FROM {table} ORDER BY name, row"):
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, TypeError):
            found.append(msgspec.json.decode(bytes(row[0]), type=kind))
    return found


def _write(connection: Connection, item: Preset | LibraryPrompt) -> None:
    table = "presets" if isinstance(item, Preset) else "library_prompts"
    connection.execute(
        f"INSERT INTO {table} (id, name, content) VALUES (?, ?, ?) ON CONFLICT (id)"
        " DO UPDATE SET name = excluded.name, content = excluded.content",
        (clean(item.id), clean(item.name), msgspec.json.encode(_cleaned_item(item)).decode()),
    )


def _cleaned_item(item: Preset | LibraryPrompt) -> Any:
    return _cleaned(msgspec.to_builtins(item))
