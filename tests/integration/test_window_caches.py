"""A cache that keeps only the window of layers that have one: what it lost is read again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.entities import ChatMessage
from app.engine.protocol import Counted, CountTokens
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_GPT_OSS
from tests.helpers.worker_process import WorkerProcess, greedy, small_plan

FILLING = "The river begins as a thread of cold water between two stones. " * 30
"""Some 400 tokens: the window has room for 64, its cache for 128 more."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(SMALL_GPT_OSS, tmp_path_factory.mktemp("windows") / "small-oss.gguf")


def loaded(model: Path, *, full: bool) -> WorkerProcess:
    plan = small_plan(
        context_tokens=2048, ubatch_tokens=64, batch_tokens=64, full_window_cache=full
    )
    worker = WorkerProcess()
    worker.load(model, plan)
    return worker


@pytest.fixture(params=[True, False], ids=["whole", "window"])
def worker(request: pytest.FixtureRequest, model: Path) -> Iterator[tuple[WorkerProcess, bool]]:
    with loaded(model, full=request.param) as made:
        yield made, request.param


def test_an_early_edit_is_answered_as_if_all_had_been_read(
    worker: tuple[WorkerProcess, bool], model: Path
) -> None:
    process, full = worker
    beginning = FILLING[:600]
    process.ask(beginning + FILLING, greedy(16))
    again = [ChatMessage("user", beginning + "And then? " + FILLING[:900])]
    process.send(CountTokens(request=9001, messages=tuple(again)))
    counted = process.finish()
    assert isinstance(counted, Counted)
    edited = process.ask(again, greedy(16)).timings.reused_tokens
    assert edited == counted.reused, "what was told before is what happens"
    if full:
        assert edited > 100
        return
    assert edited == 0, "the window behind the edit is lost"
    text = process.text
    with loaded(model, full=full) as fresh:
        fresh.ask(again, greedy(16))
        assert fresh.text == text


def test_a_further_turn_reads_only_what_is_new(worker: tuple[WorkerProcess, bool]) -> None:
    process, _full = worker
    first = process.ask(FILLING, greedy(8))
    conversation = [
        ChatMessage("user", FILLING),
        ChatMessage("assistant", process.text),
        ChatMessage("user", "And then?"),
    ]
    second = process.ask(conversation, greedy(8))
    assert second.timings.reused_tokens >= first.timings.prompt_tokens
