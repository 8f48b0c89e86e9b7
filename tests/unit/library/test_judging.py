"""A repository's quantizations judged step by step, with real headers and the real planner."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.library.judged import JudgedRow, Judgement, recommended
from app.library.judging import Judge
from app.placement.described import machine_of
from app.placement.entities import Machine, Placement, Wishes
from app.placement.planner import Planner
from app.placement.simulation import Outcome, Subject
from app.placement.workspace import GuessedWorkSpaces, WorkSpaces
from app.posting import CallbackQueue
from app.wording import sentence
from models.errors import KnownError
from models.facts_reading import read_facts
from models.gguf import open_model
from models.remote_header import RemoteHeaders
from models.repository import Quantization, read_repository
from tests.helpers.gguf_bytes import Gguf
from tests.helpers.hub_quantizations import quantization, size_of
from tests.helpers.moe_models import write_sparse
from tests.helpers.moe_shapes import GPT_OSS_120B, QWEN3_30B, MoeShape
from tests.helpers.verdict_models import facts_for
from tests.helpers.verdict_table import read_table

LABELS = ("Q2_K", "Q3_K_M", "Q4_0", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0")


def machine(name: str = "laptop-8-32") -> Machine:
    described = read_table()["machines"][name]["machine"]
    return machine_of(json.dumps(described).encode(), name)


@dataclass(frozen=True)
class File:
    path: str
    size: int
    sha256: str | None = None


def planned(subject: Subject, where: Machine, wishes: Wishes) -> Placement:
    return Planner(subject.facts, where, wishes, GuessedWorkSpaces(subject.facts)).plan()


@dataclass
class Engine:
    """Counts like the engine when it is told to, and checks that the stubs are there."""

    held: bool = False
    trouble: KnownError | None = None
    waiting: list[Callable[[], None]] = field(default_factory=list)
    asked: list[Subject] = field(default_factory=list)
    spaces: WorkSpaces | None = None
    """What it learns of working memory."""
    given: list[WorkSpaces | None] = field(default_factory=list)
    """What it was told of it."""
    warm_ups: int = 0

    def warm_up(self) -> None:
        self.warm_ups += 1

    def place(
        self,
        subject: Subject,
        where: Machine,
        wishes: Wishes,
        done: Callable[[Outcome], None],
        spaces: WorkSpaces | None = None,
    ) -> None:
        self.asked.append(subject)
        self.given.append(spaces)
        stubs = [open_model(Path(path)) for path in subject.paths[:1]]
        assert read_facts(stubs[0].headers).weight_bytes == subject.facts.weight_bytes
        simulated = replace(planned(subject, where, wishes), simulated=self.trouble is None)
        answer = Outcome(simulated, self.trouble, self.spaces)
        if self.held:
            self.waiting.append(lambda: done(answer))
        else:
            done(answer)


@dataclass
class Stage:
    """A repository, a judge and what it told."""

    folder: Path
    files: dict[str, Gguf]
    engine: Engine = field(default_factory=Engine)
    queue: CallbackQueue = field(default_factory=CallbackQueue)
    told: list[Judgement] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _path: None
    extra: tuple[File, ...] = ()

    def begin(self, where: Machine | None = None) -> Judge:
        self.contents = {path: file.header() for path, file in self.files.items()}
        self.sizes = {path: size_of(file) for path, file in self.files.items()}
        files = [File(path, size) for path, size in self.sizes.items()]
        (model,) = read_repository([*files, *self.extra]).models
        self.headers = RemoteHeaders("org/m", "c0ffee", self._fetch)
        judge = Judge(
            model.quantizations, self.headers, self.engine, where or machine(), Wishes(),
            self.queue.post, self.folder, self.told.append,
        )  # fmt: skip
        judge.begin()
        return judge

    def finish(self) -> Judgement:
        assert self.queue.run_until(lambda: self.told[-1].is_done, 30)
        return self.told[-1]

    def _fetch(self, path: str, start: int, stop: int) -> bytes:
        self.before(path)
        self.asked.append(path)
        content, stop = self.contents[path], min(stop, self.sizes[path])
        return content[start:stop] + bytes(max(0, stop - max(start, len(content))))


def quantizations(shape: MoeShape = QWEN3_30B, labels: tuple[str, ...] = LABELS) -> dict[str, Gguf]:
    return {f"M-{label}.gguf": quantization(shape, label, vocabulary=9000) for label in labels}


@pytest.fixture(scope="module")
def _files() -> dict[str, Gguf]:
    return quantizations()


@pytest.fixture
def stage(tmp_path: Path, _files: dict[str, Gguf]) -> Iterator[Stage]:
    made = Stage(tmp_path, dict(_files))
    yield made
    for thread in threading.enumerate():
        if thread.name == "judging":
            thread.join(5)
    made.queue.run_until(lambda: False, 0.05)
    assert list(tmp_path.iterdir()) == [], "stubs were left"


def labels(judgement: Judgement) -> list[str]:
    return [row.label for row in judgement.rows]


# --- step by step ----------------------------------------------------------------------------


def test_rows_come_at_once_then_estimates_then_exact_in_one_order(stage: Stage) -> None:
    stage.begin()
    first = stage.told[0]
    assert [row.stage for row in first.rows] == ["waiting"] * 7
    assert [row.quantization.size_bytes for row in first.rows] == sorted(stage.sizes.values())
    assert first.recommended is None
    last = stage.finish()
    assert [row.stage for row in last.rows] == ["exact"] * 7
    assert all(row.placement is not None and row.placement.simulated for row in last.rows)
    assert {tuple(labels(each)) for each in stage.told} == {tuple(labels(first))}
    estimated = next(each for each in stage.told if all(row.placement for row in each.rows))
    assert any(row.stage == "estimate" for row in estimated.rows)
    assert last.requests == len(stage.asked)
    assert stage.asked[0] == "M-Q4_0.gguf"  # of the likeliest bits
    row = last.rows[labels(last).index("Q4_K_M")]
    assert row.parameters == pytest.approx(30.5e9, rel=0.02)
    assert 4.4 < row.bits_per_weight < 4.9


def test_an_estimate_from_the_first_kilobytes_is_near_the_exact_one(stage: Stage) -> None:
    release = threading.Event()
    pieces: list[str] = []

    def hold(path: str) -> None:
        pieces.append(path)
        if len(pieces) == 2:
            assert release.wait(10)

    stage.before = hold
    stage.begin()
    assert stage.queue.run_until(lambda: stage.told[-1].rows[0].placement is not None, 10)
    estimates = {row.label: row.placement for row in stage.told[-1].rows}
    assert stage.told[-1].recommended is not None
    assert {row.parameters for row in stage.told[-1].rows} == {0}
    release.set()
    for row in stage.finish().rows:
        guess = estimates[row.label]
        assert guess is not None
        assert row.placement is not None
        assert guess.verdict == row.placement.verdict
        assert guess.needed_bytes == pytest.approx(row.placement.needed_bytes, rel=0.05)
        assert abs(guess.expert_layers - row.placement.expert_layers) <= 3


def test_the_engine_is_asked_for_the_recommended_row_alone_then_for_two_at_a_time(
    stage: Stage,
) -> None:
    stage.engine.held = True
    stage.begin()
    assert stage.queue.run_until(lambda: len(stage.asked) >= 14, 10)
    done, at_once = 0, []
    while not stage.told[-1].is_done:
        assert stage.queue.run_until(lambda: bool(stage.engine.waiting), 10)
        at_once.append(len(stage.engine.waiting))
        expected = stage.told[-1].recommended
        stage.engine.waiting.pop(0)()
        done += 1
        if done == 1:
            assert expected is not None
    assert done == 7
    assert at_once[0] == 1
    assert max(at_once) == 2


def test_working_memory_that_one_row_taught_is_used_for_those_that_compute_alike(
    stage: Stage,
) -> None:
    others = next(iter(quantizations(GPT_OSS_120B, ("Q5_0",)).values()))
    stage.files["M-Q5_0.gguf"] = others
    learned = GuessedWorkSpaces(facts_for("Qwen3-30B-A3B", "Q4_K_M"))
    stage.engine.spaces = learned
    stage.begin()
    stage.finish()
    assert stage.engine.warm_ups == 1
    assert stage.engine.given[0] is None
    by_shape = {subject.facts.architecture: set[object]() for subject in stage.engine.asked}
    for subject, given in zip(stage.engine.asked[1:], stage.engine.given[1:], strict=True):
        by_shape[subject.facts.architecture].add(given)
    assert by_shape == {"qwen3moe": {learned}, "gpt-oss": {None}}


def test_the_numbers_are_those_of_the_files_themselves(tmp_path: Path) -> None:
    for name in ("local", "stubs"):
        (tmp_path / name).mkdir()
    local = open_model(write_sparse(QWEN3_30B, tmp_path / "local", parts=3)[0])
    stage = Stage(tmp_path / "stubs", {})
    stage.extra = tuple(File(f"Q4_K_M/{f.path.name}", f.size) for f in local.handle.files)
    by_name = {f"Q4_K_M/{file.path.name}": file.path for file in local.handle.files}

    def from_disk(path: str, start: int, stop: int) -> bytes:
        with by_name[path].open("rb") as file:
            file.seek(start)
            return file.read(stop - start)

    stage._fetch = from_disk  # type: ignore[method-assign]
    stage.begin()
    (row,) = stage.finish().rows
    assert stage.engine.asked[0].facts == read_facts(local.headers)
    assert stage.engine.asked[0].key == local.handle.key
    assert row.label == "Q4_K_M"
    assert len(stage.engine.asked[0].paths) == 3


# --- what does not run -----------------------------------------------------------------------


def test_rows_that_cannot_be_used_are_folded_with_their_reason(stage: Stage) -> None:
    newer = stage.files["M-Q6_K.gguf"]
    stage.files["M-Q6_K.gguf"] = replace(
        newer, tensors=[replace(newer.tensors[0], type_number=99), *newer.tensors[1:]]
    )
    stage.files["M-Q2_K.gguf"] = replace(stage.files["M-Q2_K.gguf"], magic=b"PK\x03\x04")
    stage.extra = (File("M-Q3_K_S-00001-of-00002.gguf", 10**9),)
    judge = stage.begin()
    last = stage.finish()
    reasons = {row.label: row.reason.code for row in last.rows if row.reason is not None}
    assert reasons == {
        "Q3_K_S": "repository.part_missing", "Q2_K": "gguf.pytorch", "Q6_K": "gguf.newer_type",
    }  # fmt: skip
    assert not any("00001-of-00002" in path for path in stage.asked)
    for row in last.rows:
        if row.reason is not None:
            assert row.is_folded
            assert len(sentence(row.reason.code, row.reason.facts)) <= 140
    assert last.recommended is not None
    assert last.rows[last.recommended].label == "Q4_K_M"
    judge.close()


def test_too_large_rows_are_folded_and_say_how_much_is_lacking(stage: Stage) -> None:
    stage.begin(machine("processor-16"))
    last = stage.finish()
    folded = [row.label for row in last.rows if row.is_folded]
    assert folded
    assert "Q8_0" in folded
    reason = last.rows[-1].reason
    assert reason is not None
    assert reason.code == "repository.too_large"
    assert "GiB" in sentence(reason.code, reason.facts)


def test_an_architecture_that_the_engine_does_not_know(stage: Stage) -> None:
    stage.engine.trouble = KnownError(
        "engine.unknown_architecture", name="M", architecture="newmoe"
    )
    stage.begin()
    last = stage.finish()
    assert {row.stage for row in last.rows} == {"refused"}
    assert last.recommended is None
    assert last.rows[0].reason is not None
    assert last.rows[0].reason.code == "engine.unknown_architecture"


def test_arithmetic_stays_an_estimate(stage: Stage) -> None:
    stage.engine.trouble = KnownError("placement.rehearsal_model", name="M")
    stage.begin()
    last = stage.finish()
    assert {row.stage for row in last.rows} == {"estimate"}
    assert not any(row.is_folded for row in last.rows)
    assert all(row.trouble is not None for row in last.rows)


def test_no_network_is_told_once_and_asks_no_more(stage: Stage) -> None:
    tried: list[str] = []

    def fail(path: str) -> None:
        tried.append(path)
        raise KnownError("network.blocked", host="h")

    stage.before = fail
    stage.begin()
    last = stage.finish()
    assert {row.stage for row in last.rows} == {"waiting"}
    assert {row.trouble.code for row in last.rows if row.trouble} == {"network.blocked"}
    assert len(tried) == 1
    assert not any(row.is_folded for row in last.rows)


def test_the_network_goes_away_in_the_middle(stage: Stage) -> None:
    def fail(path: str) -> None:
        if path not in ("M-Q4_0.gguf", "M-Q4_K_M.gguf"):
            raise KnownError("network.broken", host="h")

    stage.before = fail
    judge = stage.begin()
    last = stage.finish()
    stages = {row.label: row.stage for row in last.rows}
    assert stages["Q4_0"] == stages["Q4_K_M"] == "exact"
    assert stages["Q8_0"] == "estimate"
    assert last.recommended is not None
    # An estimate from less than that comes too late.
    first = last.rows[0].placement
    assert first is not None
    judge._were_estimated({len(last.rows) - 1: first}, 0, 1)
    assert judge.judgement.rows == last.rows


def test_parts_of_different_models_are_refused(stage: Stage) -> None:
    one, other = stage.files["M-Q4_K_M.gguf"], stage.files["M-Q8_0.gguf"]
    stage.files = {
        "M-Q4_K_M-00001-of-00002.gguf": one, "M-Q4_K_M-00002-of-00002.gguf": other,
    }  # fmt: skip
    stage.begin()
    (row,) = stage.finish().rows
    assert row.reason is not None
    assert row.reason.code == "gguf.parts_mixed"


# --- ends ------------------------------------------------------------------------------------


def test_after_closing_nothing_is_told_and_nothing_left(stage: Stage) -> None:
    release = threading.Event()
    stage.before = lambda _path: release.wait(10) and None
    judge = stage.begin()
    told = len(stage.told)
    judge.close()
    judge.close()
    release.set()
    stage.queue.run_until(lambda: False, 0.3)
    assert len(stage.told) == told
    assert len(stage.asked) <= 1


def test_closing_while_the_engine_counts(stage: Stage) -> None:
    stage.engine.held = True
    judge = stage.begin()
    assert stage.queue.run_until(lambda: bool(stage.engine.waiting), 10)
    judge.close()
    told = len(stage.told)
    stage.engine.waiting.pop()()
    stage.queue.run_until(lambda: False, 0.2)
    assert len(stage.told) == told
    assert len(stage.engine.asked) == 1


def test_nothing_to_judge(tmp_path: Path) -> None:
    told: list[Judgement] = []
    queue = CallbackQueue()
    headers = RemoteHeaders("org/m", "c", lambda _path, _start, _stop: b"")
    Judge([], headers, Engine(), machine(), Wishes(), queue.post, tmp_path, told.append).begin()
    assert told == [Judgement(rows=(), is_done=True)]
    assert list(tmp_path.iterdir()) == []


# --- which one to take -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def placements() -> dict[str, Placement]:
    """One of each verdict."""
    facts = read_facts([_header_of(quantization(QWEN3_30B, "Q4_K_M", vocabulary=9000))])
    subject = Subject(key="k", name="M", paths=(), facts=facts)
    names = ("laptop-8-32", "desktop-24-64", "processor-16", "processor-32")
    found = [planned(subject, machine(name), Wishes()) for name in names]
    return {placement.verdict: placement for placement in found}


def _header_of(file: Gguf):
    headers = RemoteHeaders("o/m", "c", lambda _path, start, stop: file.header()[start:stop])
    return headers.read("m.gguf", size_of(file)).header


def row(label: str, size: int, placement: Placement | None) -> JudgedRow:
    made = Quantization(label=label, name=label, files=(File(f"{label}.gguf", size),))
    stage = "waiting" if placement is None else "exact"
    return JudgedRow(quantization=made, label=label, stage=stage, placement=placement)


@pytest.mark.parametrize(
    ("choices", "label", "why"),
    [
        ([("Q2_K", "gpu"), ("Q4_K_M", "gpu"), ("Q6_K", "gpu"), ("Q8_0", "hybrid")], "Q6_K", "gpu"),
        ([("Q2_K", "gpu"), ("Q4_K_M", "hybrid"), ("Q8_0", "hybrid")], "Q4_K_M", "four_bits"),
        ([("Q4_K_S", "cpu"), ("Q4_K_M", "cpu"), ("Q4_1", "cpu")], "Q4_K_M", "four_bits"),
        ([("Q4_0", "cpu"), ("Q4_1", "cpu")], "Q4_1", "four_bits"),
        ([("Q2_K", "cpu"), ("Q3_K_M", "cpu"), ("Q4_K_M", "too_large")], "Q3_K_M", "largest"),
        ([("MXFP4", "hybrid"), ("Q6_K", "hybrid"), ("Q8_0", "hybrid")], "MXFP4", "native"),
        ([("Q2_K", "too_large"), ("Q4_K_M", "too_large")], "Q2_K", "none_fits"),
        ([("", "cpu")], "", "largest"),
    ],
)
def test_the_recommended_one_and_why(
    choices: list[tuple[str, str]], label: str, why: str, placements: dict[str, Placement]
) -> None:
    rows = [row(each, number + 1, placements[verdict])
            for number, (each, verdict) in enumerate(choices)]  # fmt: skip
    place, notice = recommended(rows)
    assert place is not None
    assert rows[place].label == label
    assert notice is not None
    assert notice.code == f"repository.why_{why}"
    assert len(sentence(notice.code, notice.facts)) <= 140


def test_none_is_recommended_before_all_are_estimated(placements: dict[str, Placement]) -> None:
    assert recommended([row("Q4_K_M", 1, placements["gpu"]), row("Q8_0", 2, None)]) == (None, None)
    assert recommended([]) == (None, None)


def test_what_its_makers_published_in_four_bits(tmp_path: Path) -> None:
    stage = Stage(tmp_path, quantizations(GPT_OSS_120B, ("MXFP4", "Q8_0")))
    stage.begin(machine("desktop-24-128"))
    last = stage.finish()
    assert last.why is not None
    assert last.why.code == "repository.why_native"
