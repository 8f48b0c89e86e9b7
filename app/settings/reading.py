"""Turns the raw JSON of a settings file into typed settings, key by key."""

import json
import math
from typing import Any, TypeVar

import msgspec

MAX_FILE_BYTES = 1024 * 1024

_MAX_DEPTH = 64
_S = TypeVar("_S", bound=msgspec.Struct)

Raw = dict[str, Any]


def parse(content: bytes) -> Raw:
    """Return the object in ``content``; numbers that are none (NaN, 1e999) become text.

    Raises ValueError when it holds no object.
    """
    if len(content) > MAX_FILE_BYTES:
        raise ValueError("too large for settings")
    try:
        raw = json.loads(
            content.decode("utf-8-sig"), parse_constant=str, parse_float=_finite_or_text
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(raw, dict):
        raise ValueError("not an object")
    _check_depth(raw)
    return raw


def typed(kind: type[_S], raw: Raw, prefix: str = "") -> tuple[_S, list[str]]:
    """Convert ``raw`` to ``kind``; a bad value gives way to its default alone.

    Returns the settings and the names of the keys whose values were bad ("sampling.top_k").
    """
    bad: list[str] = []
    values: Raw = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name not in raw:
            continue
        name, value = prefix + field.name, raw[field.encode_name]
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            if isinstance(value, dict):
                values[field.name], inner = typed(field.type, value, f"{name}.")
                bad += inner
            else:
                bad.append(name)
            continue
        try:
            values[field.name] = convert(field.type, value)
        except (msgspec.ValidationError, ValueError):
            bad.append(name)
    return kind(**values), bad


def convert(kind: Any, value: Any) -> Any:
    """Convert one value to its type. Raises ValueError or msgspec.ValidationError."""
    converted = msgspec.convert(value, kind)
    # Half characters could neither be stored nor shown, and NaN is no JSON.
    json.dumps(msgspec.to_builtins(converted), ensure_ascii=False, allow_nan=False).encode()
    return converted


def merged(raw: Raw, before: msgspec.Struct, after: msgspec.Struct) -> Raw:
    """``raw`` with those keys replaced that changed; all others stay as they were read."""
    result = dict(raw)
    for field in msgspec.structs.fields(after):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old == new:
            continue
        if isinstance(new, msgspec.Struct):
            inner = result.get(field.encode_name)
            new = merged(inner if isinstance(inner, dict) else {}, old, new)
        result[field.encode_name] = msgspec.to_builtins(new)
    return result


def _finite_or_text(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text


def _check_depth(value: Any, depth: int = 0) -> None:
    """What is nested too deeply could be read but not written again."""
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _check_depth(item, depth + 1)
