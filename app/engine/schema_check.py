"""Whether an answer is JSON, and fits the schema that it was written by."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from app.engine.errors import SchemaError
from app.engine.schema import Node, Schema

Verdict = Literal["fits", "not_json", "misfit"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of an answer that should be JSON."""

    verdict: Verdict
    value: Any = None
    where: str = ""
    """The place in the answer that does not fit: "#/items/3/name"."""


def check_answer(schema: str, answer: str) -> Checked:
    """Check ``answer`` against ``schema``, whole."""
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError):
        return Checked("not_json")
    try:
        where = _Checker(Schema(schema)).misfit(value)
    except (SchemaError, RecursionError):
        # The schema of an old answer may be one that is refused today.
        where = "#"
    return Checked("misfit", value, where) if where else Checked("fits", value)


class _Checker:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def misfit(self, value: Any) -> str:
        """The first place that does not fit; empty when all does."""
        return self._misfit(value, self._schema.root, "#")

    def _misfit(self, value: Any, node: Node | bool, where: str) -> str:
        if isinstance(node, bool):
            return "" if node else where
        if "$ref" in node:
            return self._misfit(value, self._schema.target(node["$ref"]), where)
        if not _has_type(value, node) or not _is_listed(value, node):
            return where
        for key in ("anyOf", "allOf", "oneOf"):
            if key in node:
                hits = sum(not self._misfit(value, each, where) for each in node[key])
                return "" if (hits == 1 if key == "oneOf" else hits) else where
        match value:
            case dict():
                return self._object(value, node, where)
            case list():
                return self._array(value, node, where)
            case str():
                return "" if _counts(len(value), node, "Length") else where
            case int() | float() if not isinstance(value, bool):
                return "" if _within(value, node) else where
        return ""

    def _object(self, value: dict[str, Any], node: Node, where: str) -> str:
        missing = [name for name in node.get("required", ()) if name not in value]
        if missing:
            return f"{where}/{missing[0]}"
        properties, extra = node.get("properties", {}), node.get("additionalProperties", True)
        found = (
            self._misfit(each, properties.get(name, extra), f"{where}/{name}")
            for name, each in value.items()
        )
        return next(filter(None, found), "")

    def _array(self, value: list[Any], node: Node, where: str) -> str:
        if not _counts(len(value), node, "Items"):
            return where
        prefix, items = node.get("prefixItems", ()), node.get("items", True)
        found = (
            self._misfit(each, prefix[at] if at < len(prefix) else items, f"{where}/{at}")
            for at, each in enumerate(value)
        )
        return next(filter(None, found), "")


def _has_type(value: Any, node: Node) -> bool:
    named = node.get("type")
    kinds = [named] if isinstance(named, str) else named
    return kinds is None or any(_is(value, kind) for kind in kinds)


def _is(value: Any, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return kind == "number" or isinstance(value, int) or value.is_integer()


def _is_listed(value: Any, node: Node) -> bool:
    if "const" in node:
        return _same(value, node["const"])
    return "enum" not in node or any(_same(value, each) for each in node["enum"])


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1."""
    return bool(json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


def _counts(count: int, node: Node, what: str) -> bool:
    most = node.get("max" + what)
    return bool(node.get("min" + what, 0) <= count and (most is None or count <= most))


def _within(value: float, node: Node) -> bool:
    return not (
        ("minimum" in node and value < node["minimum"])
        or ("maximum" in node and value > node["maximum"])
        or ("exclusiveMinimum" in node and value <= node["exclusiveMinimum"])
        or ("exclusiveMaximum" in node and value >= node["exclusiveMaximum"])
    )
