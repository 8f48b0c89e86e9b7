"""Turns the Hub's JSON into entities. Keys may be missing or hold anything; nothing raises."""

import math
import re
from datetime import datetime
from typing import Any

from models.hub_entities import FoundRepository, Gate, RepositoryFile, RepositoryInfo
from models.hub_reference import is_repository_id

MAX_FILES = 100_000
_MAX_TAGS = 500
_MAX_TEXT = 300
_MAX_PATH = 1024
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BASE = "base_model:"


def is_commit(text: str) -> bool:
    """Whether ``text`` is a commit's full id."""
    return _COMMIT.fullmatch(text) is not None


def read_found(value: Any) -> FoundRepository | None:
    """One result of a search; None when it has no usable id."""
    told = _object(value)
    name = _text(told.get("id") or told.get("modelId"))
    if not is_repository_id(name):
        return None
    tags = _texts(told.get("tags"))
    card, gguf = _object(told.get("cardData")), _object(told.get("gguf"))
    return FoundRepository(
        id=name,
        downloads=_whole(told.get("downloads")),
        likes=_whole(told.get("likes")),
        trending=_whole(told.get("trendingScore")),
        updated_ms=_time(told.get("lastModified")),
        gate=_gate(told.get("gated")),
        licence=_licence(card, tags),
        base_models=_base_models(card, tags),
        tags=tags,
        architecture=_text(gguf.get("architecture")),
        parameters=_whole(gguf.get("total")),
        context_tokens=_whole(gguf.get("context_length")),
    )


def read_repository(value: Any, asked: str, revision: str | None) -> RepositoryInfo | None:
    """A repository's description; None when it names no commit."""
    told = _object(value)
    commit = _text(told.get("sha")) or (revision or "")
    if not is_commit(commit):
        return None
    name = _text(told.get("id") or told.get("modelId"))
    tags = _texts(told.get("tags"))
    card, gguf = _object(told.get("cardData")), _object(told.get("gguf"))
    return RepositoryInfo(
        id=name if is_repository_id(name) else asked,
        commit=commit,
        gate=_gate(told.get("gated")),
        disabled=told.get("disabled") is True,
        licence=_licence(card, tags),
        licence_name=_text(card.get("license_name")),
        licence_link=_text(card.get("license_link")),
        base_models=_base_models(card, tags),
        tags=tags,
        downloads=_whole(told.get("downloads")),
        likes=_whole(told.get("likes")),
        updated_ms=_time(told.get("lastModified")),
        architecture=_text(gguf.get("architecture")),
        parameters=_whole(gguf.get("total")),
        context_tokens=_whole(gguf.get("context_length")),
        files=_files(told.get("siblings"), "rfilename"),
    )


def names_without_size(value: Any) -> bool:
    """Whether a description names files whose sizes it does not tell."""
    siblings = _object(value).get("siblings")
    named = [one for one in _list(siblings) if _path(_object(one).get("rfilename"))]
    return not isinstance(siblings, list) or len(_files(siblings, "rfilename")) < len(named)


def read_tree(value: Any) -> tuple[RepositoryFile, ...]:
    """The files of one page of a tree."""
    entries = [one for one in _list(value) if _object(one).get("type", "file") == "file"]
    return _files(entries, "path")


def _files(value: Any, path_key: str) -> tuple[RepositoryFile, ...]:
    """Files with a path and a size: without it a download could not be judged."""
    found: dict[str, RepositoryFile] = {}
    for one in _list(value)[:MAX_FILES]:
        told = _object(one)
        large = _object(told.get("lfs"))
        path, size = _path(told.get(path_key)), large.get("size", told.get("size"))
        if not path or not isinstance(size, int) or isinstance(size, bool) or size < 0:
            continue
        sha256 = _text(large.get("sha256") or large.get("oid")).removeprefix("sha256:").lower()
        sha1 = _text(told.get("blobId") or told.get("oid")).lower()
        found[path] = RepositoryFile(
            path,
            size,
            sha256 if _SHA256.fullmatch(sha256) else None,
            sha1 if is_commit(sha1) else None,
        )
    return tuple(found.values())


def _licence(card: dict[str, Any], tags: tuple[str, ...]) -> str:
    stated = card.get("license")
    stated = stated[0] if isinstance(stated, list) and stated else stated
    tagged = (tag.removeprefix("license:") for tag in tags if tag.startswith("license:"))
    return _text(stated) or next(tagged, "")


def _base_models(card: dict[str, Any], tags: tuple[str, ...]) -> tuple[str, ...]:
    """Ids of the models that this one was made from, each once."""
    stated = card.get("base_model")
    names = [stated] if isinstance(stated, str) else list(_texts(stated))
    # "base_model:owner/name" and "base_model:quantized:owner/name".
    names += [tag.rpartition(":")[2] for tag in tags if tag.startswith(_BASE)]
    return tuple(dict.fromkeys(name for name in names if is_repository_id(name)))


def _gate(value: Any) -> Gate:
    if value in (None, False, "", "false"):
        return Gate.OPEN
    return Gate.MANUAL if value == "manual" else Gate.AUTOMATIC


def _time(value: Any) -> int:
    """Unix milliseconds of an ISO time; 0 when there is none."""
    try:
        return max(0, int(datetime.fromisoformat(_text(value)).timestamp() * 1000))
    except (ValueError, OverflowError, OSError):
        return 0


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(filter(None, (_text(one) for one in _list(value)[:_MAX_TAGS])))


def _text(value: Any) -> str:
    """Printable text of bounded length; empty for anything else."""
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        return ""
    return value if value.isprintable() else ""


def _path(value: Any) -> str:
    """A path may hold strange characters, which are judged where it becomes a file's name."""
    if not isinstance(value, str) or len(value) > _MAX_PATH:
        return ""
    return value if value.isascii() or _is_whole(value) else ""


def _is_whole(text: str) -> bool:
    """Whether no half character is in it, which no database and no file system takes."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _whole(value: Any) -> int:
    """A count from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return min(max(0, int(value)), 2**62)
