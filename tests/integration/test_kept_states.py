"""Back to another conversation: nothing is read twice, and it goes on as if never left."""

from pathlib import Path

import pytest

from app.engine.entities import ChatMessage
from app.engine.protocol import Counted, CountTokens, Forget
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_DEEPSEEK2, SMALL_GPT_OSS, SMALL_QWEN3MOE
from tests.helpers.worker_process import STARTER, WorkerProcess, greedy, small_plan

RIVER = "The river begins as a thread of cold water between two stones. " * 24
HARBOUR = "The crane in the harbour was painted green by a man from Lisbon. " * 24
SHAPES = {"qwen3moe": SMALL_QWEN3MOE, "deepseek2": SMALL_DEEPSEEK2, "gpt-oss": SMALL_GPT_OSS}
WINDOW = "gpt-oss, window only"


@pytest.fixture(scope="module", params=["starter", *SHAPES, WINDOW])
def model(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path | str, bool]:
    """A model, and whether its cache keeps more than windows."""
    name = request.param
    if name == "starter":
        return STARTER, True
    shape = SHAPES[name.partition(",")[0]]
    folder = tmp_path_factory.mktemp("kept")
    return write_model(shape, folder / "small.gguf"), name != WINDOW


def opened(model: tuple[Path | str, bool]) -> WorkerProcess:
    path, full = model
    plan = small_plan(
        context_tokens=2048, ubatch_tokens=128, batch_tokens=128, full_window_cache=full
    )
    worker = WorkerProcess()
    worker.load(path, plan)
    return worker


def following(first: str, answer: str) -> list[ChatMessage]:
    return [
        ChatMessage("user", first),
        ChatMessage("assistant", answer),
        ChatMessage("user", "And then?"),
    ]


def test_another_conversation_between_changes_nothing(model: tuple[Path | str, bool]) -> None:
    with opened(model) as worker:
        worker.ask(RIVER, greedy(1))
        talk = following(RIVER, worker.text)
        alone = worker.ask(talk, greedy(12)).timings
        expected = worker.text
    with opened(model) as worker:
        worker.ask(RIVER, greedy(1))
        assert worker.text == talk[1].content
        between = worker.ask(HARBOUR, greedy(1)).timings
        assert between.reused_tokens < 40
        told = reused(worker, talk)
        back = worker.ask(talk, greedy(12)).timings
        # The same pieces were computed, so that even one bit would show.
        assert worker.text == expected
        assert back.reused_tokens == alone.reused_tokens > 300
        assert told == back.reused_tokens, "what was told before is what happens"
        again = worker.ask(following(HARBOUR, "Well."), greedy(2)).timings
        assert again.reused_tokens > 300, "both are kept"


def test_what_is_to_be_forgotten_is_read_again(starter_model: Path) -> None:
    talk = following(RIVER, "It does.")
    with opened((starter_model, True)) as worker:
        for text in (RIVER, HARBOUR):
            worker.ask(text, greedy(1))
        assert reused(worker, talk) > 300
        worker.send(Forget())
        assert worker.ask(talk, greedy(1)).timings.reused_tokens == 0
        assert reused(worker, following(HARBOUR, "It was.")) < 40


def test_a_title_between_costs_nothing(starter_model: Path) -> None:
    with opened((starter_model, True)) as worker:
        first = worker.ask(RIVER, greedy(1)).timings
        worker.ask("Name this conversation in three words.", greedy(4))
        back = worker.ask(following(RIVER, "It does."), greedy(1)).timings
    assert back.reused_tokens >= first.prompt_tokens


def reused(worker: WorkerProcess, messages: list[ChatMessage]) -> int:
    worker.send(CountTokens(request=9002, messages=tuple(messages)))
    counted = worker.finish()
    assert isinstance(counted, Counted)
    return counted.reused
