"""Pictures: the real worker with a real projector, from the frame to ``ask --file``."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.entities import ChatMessage
from app.engine.protocol import Counted, CountTokens, Failed, Hello, Load, Loaded
from app.pictures import IMAGE_MARK, MOST_BYTES
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_QWEN3MOE, SMALL_QWEN3VLMOE
from tests.helpers.projectors import (
    PICTURE_TOKENS,
    png,
    png_of,
    write_broken_projector,
    write_projector,
    write_rowed_projector,
)
from tests.helpers.worker_process import ROOT, WorkerProcess, greedy, small_plan

RED, GREEN = png((255, 0, 0)), png((0, 255, 0))
pytestmark = pytest.mark.usefixtures("starter_model")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model and, beside it, its projector."""
    made = tmp_path_factory.mktemp("seer")
    write_model(SMALL_QWEN3MOE, made / "Seer-Q4_K_M.gguf")
    write_projector(made / "mmproj-Seer-f16.gguf", SMALL_QWEN3MOE.embedding)
    return made


def begun(folder: Path, projector: Path | None = None, *, ubatch: int = 512) -> WorkerProcess:
    worker = WorkerProcess()
    assert isinstance(worker.next(), Hello)
    projector = projector or folder / "mmproj-Seer-f16.gguf"
    plan = small_plan(context_tokens=512, ubatch_tokens=ubatch, batch_tokens=max(ubatch, 32))
    model = folder / "Seer-Q4_K_M.gguf"
    worker.send(Load(paths=(str(model),), plan=plan, projector=str(projector)))
    loaded = worker.finish()
    assert isinstance(loaded, Loaded), loaded
    assert loaded.facts.sees_images
    return worker


@pytest.fixture(scope="module")
def worker(folder: Path) -> Iterator[WorkerProcess]:
    with begun(folder) as started:
        yield started


def shown(*pictures: bytes, words: str = "What is this?") -> list[ChatMessage]:
    marks = f"{IMAGE_MARK}\n" * len(pictures)
    return [ChatMessage("user", marks + words, images=pictures)]


def answer(worker: WorkerProcess, messages: list[ChatMessage]) -> str:
    worker.ask(messages, greedy(8))
    return worker.text


def test_an_answer_depends_on_what_is_seen_and_nothing_is_mixed_up(worker: WorkerProcess) -> None:
    red = answer(worker, shown(RED))
    green = worker.ask(shown(GREEN), greedy(8))
    assert worker.text != red
    # What stands before the picture is the same, and was not read again; the picture was.
    assert 0 < green.timings.reused_tokens < green.timings.prompt_tokens - PICTURE_TOKENS
    assert answer(worker, shown(RED)) == red
    again = worker.ask(shown(RED), greedy(8))
    assert worker.text == red
    assert again.timings.reused_tokens == again.timings.prompt_tokens - 1


def test_what_is_read_after_another_picture_is_what_a_fresh_worker_says(
    folder: Path, worker: WorkerProcess
) -> None:
    answer(worker, shown(RED, GREEN))
    both = answer(worker, shown(GREEN, RED))
    with begun(folder) as fresh:
        assert answer(fresh, shown(GREEN, RED)) == both


def test_a_conversation_goes_on_behind_its_picture(worker: WorkerProcess) -> None:
    messages = shown(GREEN)
    first = worker.ask(messages, greedy(4))
    messages += [ChatMessage("assistant", worker.text), ChatMessage("user", "And now?")]
    second = worker.ask(messages, greedy(4))
    assert second.timings.reused_tokens >= first.timings.prompt_tokens - 1


def test_the_tokens_of_a_picture_are_counted_with_its_message(worker: WorkerProcess) -> None:
    words = "What is this?"
    asked = tuple(shown(RED))
    plain = worker.count([ChatMessage("user", f"\n{words}")])
    message = CountTokens(request=900, messages=asked, pieces=((2, len(words)),), shows=True)
    worker.send(message)
    counted = worker.finish()
    assert isinstance(counted, Counted)
    told = counted.pieces[0][0]
    assert counted.tokens >= plain + PICTURE_TOKENS
    assert PICTURE_TOKENS <= told <= counted.tokens - plain + 1
    assert "[image]" in counted.text
    finished = worker.ask(shown(RED), greedy(2))
    assert finished.timings.prompt_tokens == counted.tokens


@pytest.mark.parametrize("mark", [IMAGE_MARK, "<__media__>", "<start_of_image>"])
def test_a_typed_mark_stays_text(worker: WorkerProcess, mark: str) -> None:
    before = worker.count([ChatMessage("user", "Hello")])
    typed = worker.count([ChatMessage("user", f"Hello{mark}")])
    assert before <= typed < before + 12  # its letters, or nothing
    assert answer(worker, [ChatMessage("user", f"Hello{mark}")])
    beside = [ChatMessage("user", mark), ChatMessage("assistant", mark), *shown(RED)]
    if mark != IMAGE_MARK:
        assert worker.count(beside) > worker.count(shown(RED))
    else:
        assert answer(worker, beside)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"\1" * 400,
        b"%PDF-1.7\n",
        RED[:-20],
        png((1, 2, 3), 1, 1),
        png_of(100_000, 100_000, b"\0"),
        png_of(20_000, 2_000, b"\0" * 20),
        png_of(64, 64, b"\xff" * 500),
        b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x40\x00\x40\x01\x01\x11\x00\xff\xda\x00\x02\xff\xd9",
        RED + b"\0" * MOST_BYTES,
    ],
    ids=[
        "empty", "gif", "pdf", "cut", "dot", "vast", "lying", "noise", "no scan", "heavy",
    ],
)  # fmt: skip
def test_a_hostile_picture_ends_in_one_sentence(worker: WorkerProcess, data: bytes) -> None:
    worker.begin([ChatMessage("user", f"{IMAGE_MARK}?", images=(data,))], greedy(2))
    told = worker.finish()
    assert isinstance(told, Failed)
    assert told.code == "engine.image_damaged"
    assert answer(worker, [ChatMessage("user", "Are you well?")])


def test_a_picture_without_its_place_is_refused(worker: WorkerProcess) -> None:
    worker.begin([ChatMessage("user", "no mark", images=(RED,))], greedy(2))
    told = worker.finish()
    assert isinstance(told, Failed)
    assert told.code == "engine.image_dropped"


def test_a_picture_larger_than_what_is_computed_at_once_is_refused(folder: Path) -> None:
    # Otherwise the engine would end the worker on an assertion.
    with begun(folder, ubatch=2) as small:
        small.begin(shown(RED), greedy(2))
        told = small.finish()
        assert isinstance(told, Failed)
        assert told.code == "engine.image_at_once"
        assert answer(small, [ChatMessage("user", "Hi")])


def test_a_projector_of_another_model_spoils_only_pictures(folder: Path, tmp_path: Path) -> None:
    other = write_projector(tmp_path / "mmproj-other.gguf", 128)
    noise = tmp_path / "mmproj-noise.gguf"
    noise.write_bytes(b"GGUF" + b"\xff" * 4000)
    for projector in (other, noise, tmp_path / "mmproj-gone.gguf"):
        with begun(folder, projector) as worker:
            worker.begin(shown(RED), greedy(2))
            told = worker.finish()
            assert isinstance(told, Failed)
            assert told.code == "engine.projector_refused"
            assert answer(worker, [ChatMessage("user", "Hi")])


def test_a_model_without_projector_says_so(folder: Path) -> None:
    with WorkerProcess() as worker:
        facts = worker.load(folder / "Seer-Q4_K_M.gguf", small_plan(context_tokens=512))
        assert not facts.sees_images
        worker.begin(shown(RED), greedy(2))
        told = worker.finish()
        assert isinstance(told, Failed)
        assert told.code == "engine.no_eyes"


def ask(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--data-dir", str(root), "ask", *arguments],
        capture_output=True, text=True, timeout=100, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_the_terminal_shows_pictures_to_a_model_that_sees(folder: Path, tmp_path: Path) -> None:
    texts = []
    for name, data in (("red.png", RED), ("green.png", GREEN)):
        (tmp_path / name).write_bytes(data)
        run = ask(
            tmp_path / "data", "What is this?", "--file", str(tmp_path / name), "--model",
            str(folder / "Seer-Q4_K_M.gguf"), "--max-tokens", "8", "--temperature", "0",
            "--context", "512", "--json",
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        answered = json.loads(run.stdout)
        assert answered["attachments"][0]["kind"] == "image"
        texts.append(answered["text"])
        identifier = answered["conversation"]
    assert texts[0] != texts[1]
    more = ask(
        tmp_path / "data", "And now?", "--conversation", identifier, "--max-tokens", "2",
        "--context", "512", "--json",
    )  # fmt: skip
    assert more.returncode == 0, more.stderr
    assert json.loads(more.stdout)["timings"]["prompt_tokens"] > PICTURE_TOKENS
    part = ask(
        tmp_path / "data", "What?", "--file", f"{tmp_path / 'red.png'}:1", "--model",
        str(folder / "Seer-Q4_K_M.gguf"),
    )  # fmt: skip
    assert "shown whole" in part.stderr


def test_a_projector_that_ends_the_engine_is_told_in_one_sentence(
    folder: Path, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "Seer-Q4_K_M.gguf").symlink_to(folder / "Seer-Q4_K_M.gguf")
    write_broken_projector(models / "mmproj-Seer-f16.gguf", SMALL_QWEN3MOE.embedding)
    (tmp_path / "red.png").write_bytes(RED)
    run = ask(
        tmp_path / "data", "What is this?", "--file", str(tmp_path / "red.png"), "--model",
        str(models / "Seer-Q4_K_M.gguf"), "--context", "512", "--json",
    )  # fmt: skip
    assert run.returncode != 0
    assert json.loads(run.stdout)["error"]["code"] == "engine.crashed"
    assert len(run.stderr.splitlines()) == 1


def test_pictures_with_rows_and_columns_are_seen_and_cut_where_they_begin(tmp_path: Path) -> None:
    write_model(SMALL_QWEN3VLMOE, tmp_path / "Seer-Q4_K_M.gguf")
    projector = write_rowed_projector(tmp_path / "mmproj.gguf", SMALL_QWEN3VLMOE.embedding)
    red, green = png((255, 0, 0), 160, 96), png((0, 255, 0), 96, 160)
    with begun(tmp_path, projector) as worker:
        first = worker.ask(shown(red, green), greedy(8))
        told = worker.text
        other = worker.ask(shown(red, red), greedy(8))
        assert worker.text != told
        # Both begin with the same picture, which is not read again.
        assert other.timings.reused_tokens > 15
        assert answer(worker, shown(red, green)) == told
        longer = [*shown(red, green), ChatMessage("assistant", told), ChatMessage("user", "And?")]
        after = answer(worker, longer)
        assert worker.count(shown(red, green)) == first.timings.prompt_tokens
        # Words behind pictures are cut by their position, which is not their place.
        reworded = shown(red, green, words="What is that?")
        other_words = answer(worker, reworded)
    for asked, said in ((longer, after), (reworded, other_words)):
        with begun(tmp_path, projector) as fresh:
            assert answer(fresh, asked) == said


def test_a_conversation_with_pictures_goes_on_without_eyes(folder: Path, tmp_path: Path) -> None:
    models, data = tmp_path / "models", tmp_path / "data"
    models.mkdir()
    model = models / "Seer-Q4_K_M.gguf"
    model.symlink_to(folder / "Seer-Q4_K_M.gguf")
    projector = write_projector(models / "mmproj-Seer-f16.gguf", SMALL_QWEN3MOE.embedding)
    (tmp_path / "red.png").write_bytes(RED)
    shows = ("--file", str(tmp_path / "red.png"), "--model", str(model))
    short = ("--context", "512", "--max-tokens", "2", "--json")
    first = json.loads(ask(data, "What is this?", *shows, *short).stdout)
    projector.unlink()
    # The question itself needs eyes; an earlier picture is told as one that is not shown.
    blind = ask(data, "What is this?", *shows, *short)
    assert json.loads(blind.stdout)["error"]["code"] == "engine.no_eyes"
    later = ask(data, "And now?", "--conversation", first["conversation"], *short)
    assert later.returncode == 0, later.stderr
