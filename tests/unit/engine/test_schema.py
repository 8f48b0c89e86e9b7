"""JSON Schemas: which can be enforced, which are refused by name, and what fits them."""

import json
import time
from typing import Any

import pytest

from app.engine.errors import SchemaError
from app.engine.schema import MOST_BYTES
from app.engine.schema_check import check_answer
from app.engine.schema_grammar import grammar_of


def refused(schema: Any) -> str:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    started = time.monotonic()
    with pytest.raises(SchemaError) as caught:
        grammar_of(text)
    assert time.monotonic() - started < 5, "at once, however hostile"
    return caught.value.code


def chain(length: int) -> dict[str, Any]:
    links = {f"a{n}": {"$ref": f"#/$defs/a{n + 1}"} for n in range(length)}
    return {"$ref": "#/$defs/a0", "$defs": {**links, f"a{length}": {}}}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ("{", "schema.not_json"),
        ("[" * 30_000, "schema.not_json"),
        ('{"minimum": NaN}', "schema.not_json"),
        ("[]", "schema.not_object"),
        ("true", "schema.not_object"),
        (" " * (MOST_BYTES + 1), "schema.too_large"),
        (nested(60), "schema.too_complex"),
        (chain(900), "schema.too_complex"),
        ({"anyOf": [{"type": "null"}] * 501}, "schema.value"),
        ({"type": "text"}, "schema.value"),
        ({"properties": []}, "schema.value"),
        ({"properties": {"a": 1}}, "schema.value"),
        ({"required": "a"}, "schema.value"),
        ({"enum": []}, "schema.value"),
        ({"type": "string", "maxLength": 10**9}, "schema.value"),
        ({"type": "array", "minItems": -1}, "schema.value"),
        ({"pattern": "(a+)+$"}, "schema.keyword"),
        ({"properties": {"a": {"not": {}}}}, "schema.keyword"),
        ({"type": "array", "uniqueItems": True}, "schema.keyword"),
        ({"anyOf": [{}], "properties": {}}, "schema.keyword"),
        ({"allOf": [{}, {}]}, "schema.keyword"),
        ({"$ref": "https://example.org/s"}, "schema.reference"),
        ({"$ref": "#/$defs/none"}, "schema.reference"),
        ({"$ref": "#"}, "schema.endless"),
        ({"anyOf": [{"$ref": "#"}, {"type": "null"}]}, "schema.endless"),
        ({"properties": {"a": {"$ref": "#"}}, "required": ["a"]}, "schema.endless"),
        ({"type": "array", "items": {"$ref": "#"}, "minItems": 1}, "schema.endless"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "schema.nothing"),
        ({"type": "array", "items": False, "minItems": 1}, "schema.nothing"),
        ({"additionalProperties": False, "required": ["a"]}, "schema.nothing"),
        ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}, "schema.nothing"),
    ],
)
def test_what_cannot_be_enforced_is_refused_by_name(schema: Any, code: str) -> None:
    assert refused(schema) == code


def test_a_recursion_that_can_end_is_allowed() -> None:
    assert "ref0" in grammar_of(json.dumps({"type": "array", "items": {"$ref": "#"}}))


def test_words_of_a_schema_stay_words_of_the_answer() -> None:
    grammar = grammar_of(json.dumps({"const": 'a" | root "\\ ::= \n'}))
    (line,) = [each for each in grammar.splitlines() if each.startswith("r0 ::=")]
    assert line == r'r0 ::= "\"a\\\" | root \\\"\\\\ ::= \\n\""'


def test_many_properties_stay_small() -> None:
    schema = {"properties": {f"p{n}": {"type": "boolean"} for n in range(400)}}
    assert len(grammar_of(json.dumps(schema))) < 100_000


PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 5}, "age": {"type": "integer",
                   "minimum": 0, "exclusiveMaximum": 200}, "tags": {"type": "array",
                   "items": {"enum": ["a", 1]}, "maxItems": 2}},
    "required": ["name"], "additionalProperties": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "verdict", "where"),
    [
        ('{"name": "Ann", "age": 3, "tags": ["a", 1]}', "fits", ""),
        ('{"name": "Ann"', "not_json", ""),
        ("", "not_json", ""),
        ('{"age": 3}', "misfit", "#/name"),
        ('{"name": "Annabel"}', "misfit", "#/name"),
        ('{"name": 1}', "misfit", "#/name"),
        ('{"name": "Ann", "age": 200}', "misfit", "#/age"),
        ('{"name": "Ann", "age": true}', "misfit", "#/age"),
        ('{"name": "Ann", "age": 2.0}', "fits", ""),
        ('{"name": "Ann", "tags": [true]}', "misfit", "#/tags/0"),
        ('{"name": "Ann", "tags": ["a", "a", "a"]}', "misfit", "#/tags"),
        ('{"name": "Ann", "more": 1}', "misfit", "#/more"),
        ("[" * 100_000, "not_json", ""),
    ],
)
def test_an_answer_is_checked_whole(answer: str, verdict: str, where: str) -> None:
    checked = check_answer(json.dumps(PERSON), answer)
    assert (checked.verdict, checked.where) == (verdict, where)


def test_exactly_one_of_means_one() -> None:
    schema = json.dumps({"oneOf": [{"type": "integer"}, {"type": "number"}]})
    assert check_answer(schema, "1.5").verdict == "fits"
    assert check_answer(schema, "1").verdict == "misfit"
