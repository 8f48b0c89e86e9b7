"""A JSON Schema becomes a grammar (GBNF) that lets a model write only what fits it.

Properties come in the schema's order, white space is limited, and what is not named is left
out: less freedom than the schema gives, so that a small model finds its way.
"""

import json
import re
from typing import Any

from app.engine.errors import SchemaError
from app.engine.schema import MOST_REPEATS, Node, Schema
from app.text import clean

_MOST_CHARACTERS = 256 * 1024
"""Of a grammar."""
_MOST_COUNTED = 4000
"""Repeats that are counted, all together: each becomes a rule of its own in the engine."""
_MOST_LISTED = 200
"""Whole numbers between two bounds that are written out."""

_BASE = r"""
ws ::= | " " | "\n" [ \t]{0,16}
char ::= [^"\\\x7F\x00-\x1F] | "\\" ["\\/bfnrt]
string ::= "\"" char* "\""
digits ::= [0-9] | [1-9] [0-9]{1,15}
integer ::= "-"? digits
number ::= "-"? digits ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})?
boolean ::= "true" | "false"
null ::= "null"
value ::= object | array | string | number | boolean | null
pair ::= string ws ":" ws value
object ::= "{" ws (pair (ws "," ws pair)*)? ws "}"
array ::= "[" ws (value (ws "," ws value)*)? ws "]"
"""
_DATE = '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])'
_TIME = '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9]'
_ZONE = '("Z" | [-+] [01] [0-9] ":" [0-5] [0-9])'
_FORMATS = {
    "date": _DATE,
    "time": f"{_TIME} {_ZONE}",
    "date-time": f'{_DATE} "T" {_TIME} {_ZONE}',
    "uuid": '[0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12}',
}
_NAMED = {"boolean", "null", "value", "object", "array", "string", "integer", "number"}


def grammar_of(text: str) -> str:
    """The grammar of a JSON Schema. Raises SchemaError, at once for any text."""
    try:
        return _Grammar(Schema(text)).whole()
    except RecursionError as error:
        raise SchemaError("schema.too_complex", where="its beginning") from error


class _Grammar:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._rules: list[str] = []
        self._references: dict[str, str] = {}
        self._size = 0
        self._counted = 0

    def whole(self) -> str:
        root = self._of(self._schema.root, ())
        return f"root ::= {root}\n" + "\n".join(self._rules) + _BASE

    def _rule(self, body: str, name: str = "") -> str:
        """A new rule; returns its name."""
        name = name or f"r{len(self._rules)}"
        self._rules.append(f"{name} ::= {body}")
        self._size += len(body) + 16
        if self._size > _MOST_CHARACTERS:
            raise SchemaError("schema.too_complex", where="its beginning")
        return name

    def _of(self, node: Node | bool, through: tuple[str, ...]) -> str:
        """The name of the rule for ``node``; ``through`` are references that led straight here."""
        if node is True:
            return "value"
        assert not isinstance(node, bool)  # False is refused where the schema is read
        if "$ref" in node:
            return self._reference(node["$ref"], through)
        for key in ("anyOf", "oneOf", "allOf"):
            if key in node:
                return self._rule(" | ".join(self._of(each, through) for each in node[key]))
        if "const" in node or "enum" in node:
            values = node["enum"] if "enum" in node else [node["const"]]
            return self._rule(" | ".join(_literal(_json(each)) for each in values))
        kinds = _kinds(node)
        bodies = [self._kind(kind, node) for kind in kinds]
        if len(bodies) == 1 and bodies[0] in _NAMED:
            return bodies[0]
        return self._rule(" | ".join(bodies))

    def _reference(self, reference: str, through: tuple[str, ...]) -> str:
        if reference in through:
            raise SchemaError(
                "schema.endless", where=reference.removeprefix("#")[-40:] or "its beginning"
            )
        if reference not in self._references:
            name = self._references[reference] = f"ref{len(self._references)}"
            target = self._schema.target(reference)
            self._rule(self._of(target, (*through, reference)), name)
        return self._references[reference]

    def _kind(self, kind: str, node: Node) -> str:
        match kind:
            case "object":
                return self._object(node)
            case "array":
                return self._array(node)
            case "string":
                return self._string(node)
            case "integer":
                return _integer(node)
            case "number":
                return _number(node)
        return kind

    def _object(self, node: Node) -> str:
        properties = dict(node.get("properties", {}))
        required = set(node.get("required", ()))
        extra = node.get("additionalProperties", True)
        for name in node.get("required", ()):
            properties.setdefault(name, extra)
        if False in properties.values():
            raise SchemaError("schema.nothing", where="“required”")
        if not properties:
            if extra is True:
                return "object"
            if extra is False:
                return '"{" ws "}"'
            pair = self._rule(f'string ws ":" ws {self._of(extra, ())}')
            return f'"{{" ws ({pair} (ws "," ws {pair})*)? ws "}}"'
        pairs = [
            (self._rule(f'{_literal(_json(name))} ws ":" ws {self._of(child, ())}'), name)
            for name, child in properties.items()
        ]
        first = later = ""
        for pair, name in reversed(pairs):
            must = name in required
            with_it = f"{pair} {later}".rstrip()
            if not must:
                with_it = f"{with_it} | {first}" if first else f"({with_it})?"
            first = self._rule(with_it)
            more = f'ws "," ws {pair}'
            later = self._rule(f"{more if must else f'({more})?'} {later}".rstrip())
        return f'"{{" ws {first} ws "}}"'

    def _array(self, node: Node) -> str:
        prefix = [self._of(each, ()) for each in node.get("prefixItems", ())]
        low = max(0, node.get("minItems", 0) - len(prefix))
        high = node["maxItems"] - len(prefix) if "maxItems" in node else None
        items = node.get("items", not prefix)
        if items is False:
            if low:
                raise SchemaError("schema.nothing", where="“minItems”")
            high = 0
        if not prefix and items is True and low == 0 and high is None:
            return "array"
        item = self._of(items, ()) if items is not False else "value"
        more = f'(ws "," ws {item})'
        if prefix:
            inner = ' ws "," ws '.join(prefix) + (f" {more}{self._times(low, high)}")
        elif high == 0:
            inner = ""
        else:
            rest = None if high is None else high - 1
            inner = f"{item} {more}{self._times(max(0, low - 1), rest)}"
            inner = inner if low else f"({inner})?"
        return f'"[" ws {inner} ws "]"'

    def _string(self, node: Node) -> str:
        if "minLength" not in node and "maxLength" not in node:
            form = node.get("format")
            body = _FORMATS.get(form) if isinstance(form, str) else None
            return f'"\\"" {body} "\\""' if body else "string"
        times = self._times(node.get("minLength", 0), node.get("maxLength"))
        return f'"\\"" char{times} "\\""'

    def _times(self, low: int, high: int | None) -> str:
        self._counted += max(low, high or 0)
        if self._counted > _MOST_COUNTED:
            raise SchemaError("schema.too_complex", where="its beginning")
        if high is None:
            return f"{{{low},}}" if low else "*"
        return f"{{{low},{min(high, MOST_REPEATS)}}}"


def _kinds(node: Node) -> list[str]:
    """The types of values that fit; guessed from the other keywords where none is named."""
    named = node.get("type")
    if named is not None:
        kinds = [named] if isinstance(named, str) else list(dict.fromkeys(named))
        # Every integer is a number too; two ways to write one would only slow the engine down.
        return [each for each in kinds if each != "integer" or "number" not in kinds]
    if node.keys() & {"properties", "required", "additionalProperties"}:
        return ["object"]
    if node.keys() & {"items", "prefixItems", "minItems", "maxItems"}:
        return ["array"]
    if node.keys() & {"minLength", "maxLength"}:
        return ["string"]
    if node.keys() & {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}:
        return ["number"]
    return ["value"]


def _bounds(node: Node) -> tuple[float | None, float | None]:
    """The lowest and highest allowed, exclusive ones as if inclusive."""
    lows = [node[key] for key in ("minimum", "exclusiveMinimum") if key in node]
    highs = [node[key] for key in ("maximum", "exclusiveMaximum") if key in node]
    return (max(lows) if lows else None), (min(highs) if highs else None)


def _integer(node: Node) -> str:
    low, high = _bounds(node)
    if low is not None and high is not None and high - low <= _MOST_LISTED:
        values = [
            each
            for each in range(-int(-low // 1), int(high // 1) + 1)
            if each not in (node.get("exclusiveMinimum"), node.get("exclusiveMaximum"))
        ]
        if not values:
            raise SchemaError("schema.nothing", where="“minimum”")
        return " | ".join(_literal(str(each)) for each in values)
    if low is not None and low >= 0:
        return "digits"
    return "integer"


def _number(node: Node) -> str:
    low, _high = _bounds(node)
    if low is not None and low >= 0:
        return 'digits ("." [0-9]{1,16})?'
    return "number"


def _json(value: Any) -> str:
    return clean(json.dumps(value, ensure_ascii=False))


def _literal(text: str) -> str:
    """``text`` as a string of the grammar."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text).replace("\x7f", "\\x7F") + '"'
