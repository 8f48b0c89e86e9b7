"""Every bad file ends in a named result or in the worker's death, before a deadline."""

import signal
import time
from pathlib import Path

import pytest

from app.engine.protocol import Failed, Finished, Loaded, Ping, Pong, Rendering
from app.wording import sentence
from tests.helpers.bad_models import BAD_FILES, BAD_TEMPLATES
from tests.helpers.worker_process import WorkerEnded, WorkerProcess, greedy, small_plan

LOAD_SECONDS = 40
NAMED = {
    "unknown architecture": "engine.unknown_architecture",
    "no block_count": "engine.file_refused",
    "missing": "engine.file_refused",
    "empty": "engine.file_refused",
    "directory": "engine.file_refused",
    "text": "engine.file_refused",
    "html": "engine.file_refused",
    "safetensors": "engine.file_refused",
    "truncated in the header": "engine.file_refused",
    "truncated in the weights": "engine.file_refused",
}
TEMPLATES = {
    "folding": "engine.template_refused",
    "bad UTF-8": "engine.template_unreadable",
    "absent": "engine.no_template",
    "syntax": "engine.template_refused",
    "huge": "engine.template_too_large",
    "refusing": "engine.template_refused",
    "silent": "engine.template_refused",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_ends_in_a_sentence_or_a_death(name: str, tmp_path: Path) -> None:
    path = BAD_FILES[name](tmp_path)
    with WorkerProcess() as worker:
        worker.begin_load(path, small_plan(context_tokens=512))
        try:
            result = worker.finish(LOAD_SECONDS)
        except WorkerEnded:
            assert name not in NAMED
            assert worker.process.returncode == -signal.SIGABRT
            return
        assert isinstance(result, Failed), result
        assert result.code == NAMED.get(name, "engine.file_refused")
        assert result.facts["name"] == path.name
        said = sentence(result.code, result.facts)
        assert path.name in said
        assert len(said) <= 140
        assert result.detail, "the engine's own words are kept for the log"


def test_the_architecture_is_named(tmp_path: Path) -> None:
    path = BAD_FILES["unknown architecture"](tmp_path)
    with WorkerProcess() as worker:
        worker.begin_load(path)
        result = worker.finish()
        assert isinstance(result, Failed)
        assert result.facts["architecture"] == "frobnicator"


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_bad_template_is_named_and_never_replaced(name: str, tmp_path: Path) -> None:
    path = BAD_TEMPLATES[name](tmp_path)
    with WorkerProcess() as worker:
        facts = worker.load(path, small_plan(context_tokens=512))
        assert facts.has_chat_template == (name != "absent")
        worker.begin("Hello", greedy(4))
        result = worker.finish(LOAD_SECONDS)
        assert isinstance(result, Failed), result
        assert result.code == TEMPLATES[name]
        said = sentence(result.code, result.facts)
        assert path.name in said
        assert len(said) <= 140


def test_an_endless_template_is_announced_and_can_be_killed(tmp_path: Path) -> None:
    """The parent's deadline begins at Rendering; until it kills, the worker answers pings."""
    path = BAD_TEMPLATES["endless"](tmp_path)
    with WorkerProcess() as worker:
        worker.load(path, small_plan(context_tokens=512))
        worker.begin("Hello", greedy(4))
        assert isinstance(worker.next(), Rendering)
        worker.send(Ping())
        assert isinstance(worker.next(), Pong)
        with pytest.raises(TimeoutError):
            worker.next(2)
        began = time.monotonic()
        worker.process.kill()
        with pytest.raises(WorkerEnded):
            worker.next()
        assert time.monotonic() - began < 5


def test_an_edited_file_with_its_own_header_still_works(tmp_path: Path) -> None:
    """Otherwise the cases above could fail for the editor's sake."""
    from tests.helpers.gguf_edit import read_header
    from tests.helpers.worker_process import STARTER

    path = read_header(STARTER).with_keys({}).write(tmp_path / "same.gguf")
    with WorkerProcess() as worker:
        worker.begin_load(path, small_plan(context_tokens=512))
        assert isinstance(worker.finish(), Loaded)
        worker.begin("Hello", greedy(4))
        assert isinstance(worker.finish(), Finished)
