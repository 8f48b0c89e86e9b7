"""Reads a JSON Schema that strangers may have written, within bounds, and follows its references.

What cannot be enforced while a model writes is refused by name here, rather than ignored: a
result that is said to fit must fit. References lead into the schema itself only.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn
from urllib.parse import unquote

from app.engine.errors import SchemaError

MOST_BYTES = 64 * 1024
MOST_DEPTH = 32
MOST_NODES = 1000
"""Schemas inside the schema."""
MOST_CHOICES = 500
MOST_REPEATS = 500
"""Of items and characters that are counted."""

_ENFORCED = frozenset(
    {
        "type", "properties", "required", "additionalProperties", "items", "prefixItems",
        "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum",
        "exclusiveMinimum", "exclusiveMaximum", "enum", "const", "anyOf", "oneOf", "allOf", "$ref",
    }
)  # fmt: skip
_REFUSED = frozenset(
    {
        "pattern", "patternProperties", "propertyNames", "not", "if", "then", "else", "contains",
        "minContains", "maxContains", "minProperties", "maxProperties", "multipleOf",
        "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties",
        "unevaluatedItems", "$dynamicRef", "$recursiveRef", "additionalItems",
    }
)  # fmt: skip
"""Everything else only describes, as "title" does, and is passed over."""
TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_COUNTS = ("minItems", "maxItems", "minLength", "maxLength")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")

Node = Mapping[str, Any]


class Schema:
    """A schema that can be enforced. Raises SchemaError when ``text`` is none."""

    def __init__(self, text: str) -> None:
        self.root = _parsed(text)
        self._nodes = 0
        self._seen: dict[str, Node] = {}
        self._check(self.root, "#", 0)
        waiting = list(self._references(self.root))
        while waiting:
            reference = waiting.pop()
            if reference not in self._seen:
                node = self._seen[reference] = self._find(reference)
                self._check(node, reference, 0)
                waiting += self._references(node)
        self._refuse_endless()

    def target(self, reference: str) -> Node:
        """What a ``$ref`` of the schema stands for."""
        return self._seen[reference]

    # --- reading ---------------------------------------------------------------------------

    def _check(self, node: Node, where: str, depth: int) -> None:
        self._nodes += 1
        if depth > MOST_DEPTH or self._nodes > MOST_NODES:
            raise SchemaError("schema.too_complex", where=_shown(where))
        for key in node:
            if key in _REFUSED or (key == "uniqueItems" and node[key] is not False):
                raise SchemaError("schema.keyword", key=_shown(key), where=_shown(where))
        _check_values(node, where)
        for name, child in _children(node, where):
            self._check(child, name, depth + 1)

    def _references(self, node: Node) -> Iterator[str]:
        waiting = [node]
        while waiting:
            each = waiting.pop()
            if "$ref" in each:
                yield each["$ref"]
            waiting += [child for _where, child in _children(each, "")]

    def _find(self, reference: str) -> Node:
        if reference != "#" and not reference.startswith("#/"):
            raise SchemaError("schema.reference", name=_shown(reference))
        found: Any = self.root
        for step in unquote(reference).split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and name.isascii() and name.isdigit():
                found = found[int(name)] if len(name) < 9 and int(name) < len(found) else None
            else:
                found = found.get(name) if isinstance(found, dict) else None
        if found is True:
            return {}
        if not isinstance(found, dict):
            raise SchemaError("schema.reference", name=_shown(reference))
        return found

    # --- sense -----------------------------------------------------------------------------

    def _refuse_endless(self) -> None:
        """A schema that only an endless value fits would keep a model writing for ever."""
        ends: set[str] = set()
        names = list(self._seen)
        grew = True
        while grew:
            grew = False
            names.reverse()  # references mostly lead forwards, and their ends are found first
            for name in names:
                if name not in ends and _can_end(self._seen[name], ends):
                    ends.add(name)
                    grew = True
        for name in (each for each in self._seen if each not in ends):
            raise SchemaError("schema.endless", where=_shown(name))
        if not _can_end(self.root, ends):
            raise SchemaError("schema.endless", where=_shown("#"))


def _parsed(text: str) -> Node:
    size = len(text.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        raise SchemaError("schema.too_large", number=-(-size // 1024), count=MOST_BYTES // 1024)
    try:
        root = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise SchemaError("schema.not_json", number=error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise SchemaError("schema.not_json", number=1) from error
    if not isinstance(root, dict):
        raise SchemaError("schema.not_object")
    return root


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _children(node: Node, where: str) -> Iterator[tuple[str, Node]]:
    """The schemas inside ``node`` that hold for what is written, with their places."""
    for name, child in node.get("properties", {}).items():
        if child is not True:
            yield f"{where}/properties/{name}", child
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield f"{where}/{key}", node[key]
    for key in ("prefixItems", "anyOf", "oneOf", "allOf"):
        for number, child in enumerate(node.get(key, ())):
            if child is not True:
                yield f"{where}/{key}/{number}", child


def _check_values(node: Node, where: str) -> None:
    """Refuse a keyword whose value makes no sense, and two that are not understood together."""

    def need(key: str, good: bool) -> None:
        if not good:
            raise SchemaError("schema.value", key=_shown(key), where=_shown(where))

    types = node.get("type", [])
    types = [types] if isinstance(types, str) else types
    need("type", isinstance(types, list) and all(each in TYPES for each in types))
    need("type", "type" not in node or bool(types))
    properties = node.get("properties", {})
    need("properties", isinstance(properties, dict) and all(map(_is_schema, properties.values())))
    required = node.get("required", [])
    need("required", isinstance(required, list) and all(isinstance(e, str) for e in required))
    need("additionalProperties", isinstance(node.get("additionalProperties", True), bool | dict))
    need("items", isinstance(node.get("items", True), bool | dict))
    for key in ("prefixItems", "anyOf", "oneOf", "allOf"):
        if key in node:
            each = node[key]
            fits = isinstance(each, list) and 0 < len(each) <= MOST_CHOICES
            need(key, fits and all(map(_is_schema, each)))
    need("enum", isinstance(node.get("enum", [0]), list) and bool(node.get("enum", [0])))
    need("enum", len(node.get("enum", ())) <= MOST_CHOICES)
    for key in _COUNTS:
        need(key, key not in node or (_is_count(node[key]) and node[key] <= MOST_REPEATS))
    for key in _BOUNDS:
        need(key, key not in node or _is_number(node[key]))
    need("$ref", isinstance(node.get("$ref", ""), str))
    _check_together(node, where)


def _check_together(node: Node, where: str) -> None:
    for key in ("$ref", "anyOf", "oneOf", "allOf", "const", "enum"):
        beside = (_ENFORCED & node.keys()) - {key, "type"}
        if key in node and beside:
            other = sorted(beside)[0]
            raise SchemaError("schema.keyword", key=_shown(other), where=_shown(where))
    if len(node.get("allOf", (1,))) != 1:
        raise SchemaError("schema.keyword", key="allOf", where=_shown(where))
    low, high = node.get("minItems", 0), node.get("maxItems", MOST_REPEATS)
    least, most = node.get("minLength", 0), node.get("maxLength", MOST_REPEATS)
    bottom, top = node.get("minimum", float("-inf")), node.get("maximum", float("inf"))
    if low > high or least > most or bottom > top or high < len(node.get("prefixItems", ())):
        raise SchemaError("schema.nothing", where=_shown(where))


def _is_schema(value: object) -> bool:
    return value is True or isinstance(value, dict)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _can_end(node: Node, ends: set[str]) -> bool:
    """Whether a finite value fits ``node`` when the references in ``ends`` have one."""
    if "$ref" in node:
        return node["$ref"] in ends
    for key in ("anyOf", "oneOf", "allOf"):
        if key in node:
            return any(each is True or _can_end(each, ends) for each in node[key])
    properties = node.get("properties", {})
    needed = [properties.get(name, True) for name in node.get("required", ())]
    needed += node.get("prefixItems", [])
    if node.get("minItems", 0) > len(node.get("prefixItems", ())):
        needed.append(node.get("items", True))
    return all(not isinstance(each, dict) or _can_end(each, ends) for each in needed)


def _shown(text: str) -> str:
    """Short enough for a sentence, and in one line; a place without its "#"."""
    if text == "#":
        return "its beginning"
    text = text.removeprefix("#")
    plain = "".join(each if each.isprintable() else "\ufffd" for each in text)
    return plain if len(plain) <= 40 else "…" + plain[-39:]
