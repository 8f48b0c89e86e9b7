"""The library's table: which models were opened and when they were used. Can be rebuilt."""

import dataclasses
import json
import logging
from pathlib import Path
from typing import Any

from app.library.entities import InstalledModel, Origin
from app.storage.connection import Connection
from models.entities import ModelFile, ModelHandle
from models.repository import is_projector

log = logging.getLogger("moestro.library")

_COLUMNS = (
    "key, name, quantization, architecture, parameters, trained_context_tokens, layers, "
    "expert_count, license, is_demo, has_template, files, opened_ms, last_used_ms, "
    "origin, verified_ms, is_damaged"
)
_MARKS = ", ".join("?" for _column in _COLUMNS.split(", "))
_KEPT = {"key", "opened_ms", "last_used_ms"}
_RENEWED = ", ".join(
    f"{column} = excluded.{column}" for column in _COLUMNS.split(", ") if column not in _KEPT
)


def _m001_models(connection: Connection) -> None:
    connection.execute(
        """
        CREATE TABLE models (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            quantization TEXT NOT NULL,
            architecture TEXT NOT NULL,
            parameters INTEGER NOT NULL,
            trained_context_tokens INTEGER NOT NULL,
            layers INTEGER NOT NULL,
            expert_count INTEGER NOT NULL,
            license TEXT NOT NULL,
            is_demo INTEGER NOT NULL,
            has_template INTEGER NOT NULL,
            files TEXT NOT NULL,
            opened_ms INTEGER NOT NULL,
            last_used_ms INTEGER NOT NULL,
            use_sequence INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """
    )


def _m001_origins(connection: Connection) -> None:
    connection.execute("ALTER TABLE models ADD COLUMN origin TEXT NOT NULL DEFAULT '{}'")
    connection.execute("ALTER TABLE models ADD COLUMN verified_ms INTEGER NOT NULL DEFAULT 0")
    connection.execute("ALTER TABLE models ADD COLUMN is_damaged INTEGER NOT NULL DEFAULT 0")


LIBRARY_MIGRATIONS = (_m001_models,)
ORIGIN_MIGRATIONS = (_m001_origins,)
"""Came later than the steps of the other rooms that share the file, so they stand behind them."""


def all_models(connection: Connection) -> list[InstalledModel]:
    """Every model, the one last used first, then the one last added."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM models ORDER BY use_sequence DESC, id DESC")
    found = (_model_of(row) for row in rows)
    return [model for model in found if model is not None]


def demos(connection: Connection) -> list[InstalledModel]:
    """The rows of the demo, one for each place where it was found."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM models WHERE is_demo ORDER BY use_sequence DESC, id DESC"
    )
    found = (_model_of(row) for row in rows)
    return [model for model in found if model is not None]


def model_of(connection: Connection, key: str) -> InstalledModel | None:
    """The model with this key, or None."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM models WHERE key = ?", (key,)).fetchone()
    return None if row is None else _model_of(row)


def record(connection: Connection, model: InstalledModel) -> None:
    """Add a model, or bring its row up to date; when it was used stays as it is.

    Another model at the same path was replaced by this one: its row goes.
    """
    connection.execute(
        # The rows at that path alone: to read all of them for each new one would take minutes
        # of a library of thousands.
        "DELETE FROM models WHERE key != ? AND substr(files, 1, length(?2)) = ?2",
        (model.key, _path_beginning(model.handle.path)),
    )
    connection.execute(
        f"INSERT INTO models ({_COLUMNS}) VALUES ({_MARKS}) "
        f"ON CONFLICT (key) DO UPDATE SET {_RENEWED}",
        (
            model.key, model.name, model.quantization, model.architecture, model.parameters,
            model.trained_context_tokens, model.layers, model.expert_count, model.license,
            int(model.is_demo), int(model.has_template), _files_to_text(model.handle),
            model.opened_ms, model.last_used_ms, _origin_to_text(model.origin),
            model.verified_ms, int(model.is_damaged),
        ),
    )  # fmt: skip


def relocate(connection: Connection, key: str, handle: ModelHandle, origin: Origin) -> None:
    """Note that a model lies elsewhere now; nothing else about it changed."""
    connection.execute(
        "UPDATE models SET files = ?, origin = ? WHERE key = ?",
        (_files_to_text(handle), _origin_to_text(origin), key),
    )


def mark_used(connection: Connection, key: str, now_ms: int) -> None:
    """Note that a model was used after all others."""
    connection.execute(
        "UPDATE models SET last_used_ms = ?, "
        "use_sequence = (SELECT max(use_sequence) FROM models) + 1 WHERE key = ?",
        (now_ms, key),
    )


def mark_damaged(connection: Connection, key: str, now_ms: int) -> None:
    """Note that a check found a model damaged."""
    connection.execute(
        "UPDATE models SET is_damaged = 1, verified_ms = ? WHERE key = ?", (now_ms, key)
    )


def forget(connection: Connection, key: str) -> None:
    """Remove a model's row."""
    connection.execute("DELETE FROM models WHERE key = ?", (key,))


def _files_to_text(handle: ModelHandle) -> str:
    # ASCII JSON also carries names that are no UTF-8, which SQLite would refuse.
    return json.dumps(
        [[str(file.path), file.size, file.mtime_ns, file.inode] for file in handle.files]
    )


def _model_of(row: Any) -> InstalledModel | None:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    try:
        files = tuple(
            ModelFile(Path(path), int(size), int(mtime_ns), int(inode))
            for path, size, mtime_ns, inode in json.loads(values.pop("files"))
        )
        if not files:
            raise ValueError("no files")
        origin = _origin_of(values["origin"])
        handle = ModelHandle(values["key"], files, _projector_of(origin))
        model = InstalledModel(
            **{
                **values,
                "is_demo": bool(values["is_demo"]),
                "has_template": bool(values["has_template"]),
                "is_damaged": bool(values["is_damaged"]),
                "origin": origin,
            },
            handle=handle,
            size_bytes=handle.size,
        )
        if handle.is_unchanged():
            return model
        missing = sum(not _is_there(file.path) for file in handle.files)
        return dataclasses.replace(model, absent=True, missing_files=missing)
    except (ValueError, TypeError, AttributeError):
        log.warning("a row of the library makes no sense and is left out")
        return None


def _path_beginning(path: Path) -> str:
    """How ``_files_to_text`` begins for a model whose first file is at ``path``."""
    return f"[[{json.dumps(str(path))}, "


def _origin_to_text(origin: Origin) -> str:
    return json.dumps(dataclasses.asdict(origin), default=str)


def _origin_of(text: str) -> Origin:
    told = json.loads(text)
    for name in ("hashes", "companion_hashes"):
        told[name] = tuple(map(str, told.get(name, ())))
    told["companions"] = tuple(
        ModelFile(**{**file, "path": Path(file["path"])}) for file in told.get("companions", ())
    )
    return Origin(**told)


def _projector_of(origin: Origin) -> ModelFile | None:
    """The companion that lets the model see."""
    return next((file for file in origin.companions if is_projector(file.path.name)), None)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
