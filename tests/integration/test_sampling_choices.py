"""Samplers, the loop guard, thinking and schemas in the real worker with the starter model."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.engine.entities import ModelFacts, SamplingParameters, ThinkingSupport
from app.engine.protocol import Failed, Finished, FromWorker, Generate
from app.engine.schema_check import check_answer
from tests.helpers.retold_model import retold
from tests.helpers.worker_process import WorkerProcess, as_messages, small_plan

QUESTION = "Describe a film."
THINKS = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n"
    "{% else %}<think>\n{% endif %}"
)


class Asking:
    """One worker, asked by sampling parameters."""

    def __init__(self, worker: WorkerProcess, facts: ModelFacts) -> None:
        self.worker, self.facts = worker, facts
        self._number = 1000

    def ask(self, text: str = QUESTION, **sampling: Any) -> FromWorker:
        self._number += 1
        parameters = SamplingParameters(**{"max_tokens": 60, "seed": 1, **sampling})
        message = Generate(request=self._number, messages=as_messages(text), sampling=parameters)
        self.worker.send(message)
        return self.worker.finish()

    def answer(self, text: str = QUESTION, **sampling: Any) -> tuple[str, str]:
        """What was answered, and why it ended."""
        end = self.ask(text, **sampling)
        assert isinstance(end, Finished), end
        return self.worker.text, end.stop_reason


@pytest.fixture(scope="module")
def starter() -> Iterator[Asking]:
    with WorkerProcess() as worker:
        yield Asking(worker, worker.load())


@pytest.fixture(scope="module")
def thinker(tmp_path_factory: pytest.TempPathFactory, starter_model: Path) -> Iterator[Asking]:
    """The starter with a template that lets it think."""
    path = tmp_path_factory.mktemp("thinker") / "thinker.gguf"
    retold(starter_model, path, {"tokenizer.chat_template": THINKS})
    with WorkerProcess() as worker:
        yield Asking(worker, worker.load(path, small_plan()))


# --- samplers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "choice",
    [
        {"dry_multiplier": 3.0, "dry_allowed_length": 1},
        {"xtc_probability": 1.0, "xtc_threshold": 0.05},
        {"typical_p": 0.2},
    ],
)
def test_each_sampler_changes_the_answer(starter: Asking, choice: dict[str, float]) -> None:
    plain = starter.answer(temperature=0.6)
    changed = starter.answer(temperature=0.6, **choice)
    assert changed != plain
    assert starter.answer(temperature=0.6, **choice) == changed, "the same seed, the same words"


# --- the loop guard ------------------------------------------------------------------------

LOOP = {"temperature": 0.0, "repetition_penalty": 0.5, "max_tokens": 700}


def test_a_model_that_repeats_itself_is_ended_and_its_words_are_kept(starter: Asking) -> None:
    text, reason = starter.answer(**LOOP)
    assert reason == "loop"
    assert len(text) > 100
    longer, reason = starter.answer(**LOOP, loop_guard=False)
    assert reason == "length"
    assert longer.startswith(text)


# --- schemas -------------------------------------------------------------------------------

FILM = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 24},
        "year": {"type": "integer", "minimum": 1900, "maximum": 2050},
        "kind": {"enum": ["comedy", "drama", None]},
        "cast": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "items": {"$ref": "#/$defs/person"},
        },
        "seen": {"type": "boolean"},
    },
    "required": ["title", "year", "cast"],
    "$defs": {
        "person": {
            "type": "object",
            "properties": {"name": {"type": "string", "maxLength": 12}, "born": {"type": "null"}},
            "required": ["name"],
            "additionalProperties": False,
        }
    },
}


@pytest.mark.parametrize("seed", range(6))
def test_the_answer_fits_the_schema(starter: Asking, seed: int) -> None:
    schema = json.dumps(FILM)
    text, reason = starter.answer(json_schema=schema, seed=seed, max_tokens=400, temperature=1.0)
    assert reason == "stop"
    checked = check_answer(schema, text)
    assert checked.verdict == "fits", (text, checked)


SMALL = [
    {"type": "object", "properties": {"a": {"const": 'quo"te\\ and ü'}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"type": "null"}, "b": {"enum": [1, "x"]}}},
    {"type": "object", "additionalProperties": {"type": "boolean"}, "properties": {}},
    {"type": "array", "prefixItems": [{"type": "boolean"}, {"enum": ["a", "b"]}], "items": False},
    {"type": "array", "maxItems": 0},
    {"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "integer", "minimum": 0}},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "uuid"},
    {"type": ["null", "boolean"]},
    {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/t"}], "$defs": {"t": {"const": "t"}}},
    {"allOf": [{"type": "number", "minimum": 0}]},
    {"const": None},
]


@pytest.mark.parametrize("schema", SMALL, ids=[str(n) for n in range(len(SMALL))])
def test_every_kind_of_schema_is_a_grammar_of_the_engine(
    starter: Asking, schema: dict[str, Any]
) -> None:
    written = json.dumps(schema)
    text, reason = starter.answer(json_schema=written, max_tokens=300, temperature=0.8)
    if reason == "stop":
        assert check_answer(written, text).verdict == "fits", text
    else:  # the names of any other properties have no end by themselves
        assert "additionalProperties" in schema


def test_a_recursive_schema_is_followed(starter: Asking) -> None:
    tree = {
        "type": "object",
        "properties": {
            "v": {"type": "integer", "minimum": 1, "maximum": 3},
            "below": {"type": "array", "maxItems": 1, "items": {"$ref": "#"}},
        },
        "required": ["v"],
    }
    text, reason = starter.answer(json_schema=json.dumps(tree), max_tokens=500)
    if reason == "stop":
        assert check_answer(json.dumps(tree), text).verdict == "fits", text
    assert text.startswith("{")


def test_a_hostile_schema_ends_in_a_sentence_and_the_worker_goes_on(starter: Asking) -> None:
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"type": "array", "items": deep}
    for schema, code in (
        ('{"pattern": "(a+)+$"}', "schema.keyword"),
        ("[" * 60_000, "schema.not_json"),
        (" " * (1 << 20), ""),
        ('{"a": "' + "x" * (1 << 20) + '"}', "schema.too_large"),
        (json.dumps(deep), "schema.too_complex"),
        ('{"$ref": "#"}', "schema.endless"),
        ('{"$ref": "https://example.org/s.json"}', "schema.reference"),
        ('{"anyOf": [{"type": "null"}, {"$ref": "#"}]}', "schema.endless"),
    ):
        started = time.monotonic()
        end = starter.ask(json_schema=schema, max_tokens=5)
        assert time.monotonic() - started < 5
        if code:
            assert isinstance(end, Failed)
            assert end.code == code
        else:
            assert isinstance(end, Finished)
    assert starter.answer(max_tokens=3)[1] == "length"


def test_many_choices_do_not_stop_the_engine(starter: Asking) -> None:
    names = {f"name_{n}": {"type": "string", "maxLength": 3} for n in range(60)}
    schema = {"type": "object", "properties": names}
    started = time.monotonic()
    starter.answer(json_schema=json.dumps(schema), max_tokens=20)
    wide = {"enum": [f"choice number {n}" for n in range(500)]}
    text, _reason = starter.answer(json_schema=json.dumps(wide))
    assert json.loads(text).startswith("choice number")
    assert time.monotonic() - started < 30


# --- thinking ------------------------------------------------------------------------------


def test_what_can_be_told_about_thinking(starter: Asking, thinker: Asking) -> None:
    assert starter.facts.thinking == ThinkingSupport()
    assert thinker.facts.thinking == ThinkingSupport(switch=True, limit=True)


def test_a_budget_ends_the_thinking_and_the_answer_begins(thinker: Asking) -> None:
    thinker.answer(max_tokens=120)
    assert thinker.worker.text == "", "without a budget this model thinks for ever"
    end = thinker.ask(max_tokens=120, thinking_budget=12)
    assert isinstance(end, Finished)
    assert thinker.worker.reasoning
    assert thinker.worker.text
    assert "think>" not in thinker.worker.reasoning
    assert not thinker.worker.text.lstrip().startswith("</think>")
    closer = 12
    assert 12 <= end.timings.reasoning_tokens <= 12 + closer


def test_thinking_switched_off_answers_at_once(thinker: Asking) -> None:
    end = thinker.ask(thinking="off")
    assert isinstance(end, Finished)
    assert thinker.worker.reasoning == ""
    assert end.timings.reasoning_tokens == 0
    assert thinker.worker.text


def test_a_schema_binds_the_answer_and_not_the_thinking(thinker: Asking) -> None:
    schema = json.dumps({"type": "object", "properties": {"n": {"enum": [1, 2]}},
                         "required": ["n"]})  # fmt: skip
    text, reason = thinker.answer(json_schema=schema, thinking_budget=10, max_tokens=120)
    assert reason == "stop"
    assert check_answer(schema, text).verdict == "fits", text
    assert thinker.worker.reasoning
    assert not thinker.worker.reasoning.startswith("{")
