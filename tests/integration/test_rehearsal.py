"""Rehearsals by the real worker: held against published figures and against real loads."""

import socket
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.engine.entities import BufferOverride, Plan, Rehearsal
from app.engine.errors import EngineError, WorkerDiedError
from app.engine.protocol import Hello, Load, Rehearse, Rehearsed
from models.gguf import open_model
from models.stub import stub_of
from tests.helpers.gguf_bytes import STRING, U32, value
from tests.helpers.gguf_edit import read_header
from tests.helpers.moe_models import write_model, write_sparse
from tests.helpers.moe_shapes import (
    DEEPSEEK_V2_LITE,
    DEEPSEEK_V3,
    GPT_OSS_120B,
    QWEN3_30B,
    QWEN3_235B,
    SMALL,
    SMALL_DEEPSEEK2,
    MoeShape,
)
from tests.helpers.rehearsals import EXPERTS, MIB, RehearsalStage, gpu_plan, job, mebibytes
from tests.helpers.rpc_devices import rpc_devices
from tests.helpers.worker_process import WorkerEnded, WorkerProcess

HALF = (BufferOverride(r"blk\.[3-5]" + EXPERTS, "CPU"),)
OWN = (
    BufferOverride(r"blk\.[23]" + EXPERTS, "RPC0"),
    BufferOverride(r"blk\.[5]" + EXPERTS, "RPC1"),
    BufferOverride(EXPERTS, "CPU"),
)


@pytest.fixture(scope="module")
def stage() -> Iterator[RehearsalStage]:
    with RehearsalStage() as opened:
        yield opened


def stubs(paths: list[Path]) -> list[Path]:
    folder = paths[0].parent / "stubs"
    folder.mkdir()
    return stub_of(open_model(paths[0]), folder)


# --- full size -----------------------------------------------------------------------------

# Shape, MiB of KV cache at 8k and 32k in f16 and at 32k in q8_0, and MiB computed with on the
# device by ubatches of 512, 2048 and 4096 tokens: of llama.cpp itself, by another way.
FIGURES = [
    (DEEPSEEK_V3, (549, 2196, 1166.6), (434.6, 1834, 3668)),
    (QWEN3_235B, (1504, 6016, 3196), (305, 1219, 2438)),
    (GPT_OSS_120B, (315, 1179, 626.3), (404, 1616, 3232)),
    (QWEN3_30B, (768, 3072, 1632), (301, 1203, 2406)),
    (DEEPSEEK_V2_LITE, (243, 972, 516.4), (236.3, 929, 1857)),
]


@pytest.mark.parametrize(
    ("shape", "kv_cache", "compute"), FIGURES, ids=lambda each: getattr(each, "name", "")
)
def test_full_size_with_experts_in_ram(
    shape: MoeShape,
    kv_cache: tuple[float, ...],
    compute: tuple[float, ...],
    stage: RehearsalStage,
    tmp_path: Path,
) -> None:
    paths = stubs(write_sparse(shape, tmp_path, parts=3 if shape is DEEPSEEK_V3 else 1))
    plans = [
        gpu_plan("CUDA0"),
        gpu_plan("CUDA0", context_tokens=32768),
        gpu_plan("CUDA0", context_tokens=32768, kv_type="q8_0"),
        gpu_plan("CUDA0", context_tokens=32768, ubatch_tokens=2048),
        gpu_plan("CUDA0", context_tokens=32768, ubatch_tokens=4096, batch_tokens=4096),
    ]
    told = stage.rehearse(*(job(paths, plan, "CUDA0") for plan in plans))
    results = [each for each in told if isinstance(each, Rehearsal)]
    assert len(results) == len(plans), told
    print(shape.name, [round(each.seconds, 3) for each in results])  # noqa: T201
    for result, expected in zip(results, kv_cache, strict=False):
        assert mebibytes(result.kv_cache) == pytest.approx({"CUDA0": expected, "CPU": 0}, abs=0.1)
    for result, expected in zip((results[0], *results[3:]), compute, strict=True):
        assert mebibytes(result.compute)["CUDA0"] == pytest.approx(expected, abs=2.0)
        assert 50 < mebibytes(result.compute)["CPU"] < 2100
    assert {result.layers for result in results} == {("CUDA0",) * (shape.layers + 1)}
    assert [each.context_tokens for each in results] == [8192] + [32768] * 4
    assert max(each.seconds for each in results) < 2.5  # at most about 0.15 s


# --- small ones, which can be loaded really --------------------------------------------------


@pytest.fixture(scope="module", params=SMALL, ids=lambda shape: shape.architecture)
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(request.param, tmp_path_factory.mktemp("small") / "small.gguf")


@pytest.fixture(scope="module")
def hosts() -> Iterator[list[str]]:
    with rpc_devices(None, None, None) as servers:
        yield [server.host for server in servers]


PLACEMENTS: dict[str, dict[str, object]] = {
    "processor": {"devices": (), "gpu_layers": 0, "overrides": ()},
    "device": {"overrides": ()},
    "experts in RAM": {},
    "half the experts in RAM": {"overrides": HALF},
    "two devices": {"devices": ("RPC0", "RPC1"), "tensor_split": (5.0, 2.0)},
    "two devices, each with experts of its own": {
        "devices": ("RPC0", "RPC1"),
        "tensor_split": (4.0, 3.0),
        "overrides": OWN,
    },
    "two devices, the whole model": {"devices": ("RPC1", "RPC0"), "overrides": ()},
}


MORE: dict[str, dict[str, object]] = {
    "half the layers": {"gpu_layers": 4},
    "two devices, half the layers": {"devices": ("RPC0", "RPC1"), "gpu_layers": 4},
    "two devices, the second with the head alone": {
        "devices": ("RPC0", "RPC1"),
        "tensor_split": (6.0, 1.0),
        "overrides": (),
    },
    "three devices": {"devices": ("RPC0", "RPC1", "RPC2"), "tensor_split": (3.0, 2.0, 2.0)},
    "three devices, the whole model": {
        "devices": ("RPC0", "RPC1", "RPC2"),
        "tensor_split": (3.0, 2.0, 2.0),
        "overrides": (),
    },
    "without flash attention": {"flash_attention": "off", "extra_buffer_types": False},
}
"""On one model are enough."""


@pytest.mark.parametrize("changes", PLACEMENTS.values(), ids=PLACEMENTS)
def test_it_is_what_a_real_load_takes(
    changes: dict[str, object], small: Path, stage: RehearsalStage, hosts: list[str]
) -> None:
    compare(changes, small, stage, hosts)


@pytest.mark.parametrize("changes", MORE.values(), ids=MORE)
def test_it_is_also_what_a_real_load_takes(
    changes: dict[str, object],
    stage: RehearsalStage,
    hosts: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.getbasetemp() / "more.gguf"
    if not path.exists():
        write_model(SMALL_DEEPSEEK2, path)
    compare(changes, path, stage, hosts)


def compare(
    changes: dict[str, object], path: Path, stage: RehearsalStage, hosts: list[str]
) -> None:
    changes = {"devices": ("RPC0",), "context_tokens": 2048, "tensor_split": (), **changes}
    devices = changes.pop("devices")
    assert isinstance(devices, tuple)
    if len(devices) > 1 and not changes["tensor_split"]:
        changes["tensor_split"] = (1.0, 1.0)
    plan = gpu_plan(*devices, **changes)
    rehearsed = stage.result([path], plan, *devices)
    kv_cache, compute = really_taken(path, plan, hosts)
    for device in (*devices, "CPU"):
        assert mebibytes(rehearsed.kv_cache)[device] == pytest.approx(kv_cache[device], abs=0.02)
        tolerance = 1.0 if device in devices[1:] else 0.02
        assert mebibytes(rehearsed.compute)[device] == pytest.approx(compute[device], abs=tolerance)
    assert sum(compute.values()) > 1
    assert sum(kv_cache.values()) > 1


def really_taken(
    path: Path, plan: Plan, hosts: list[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """MiB by device of the KV cache, and of what is computed with, after a real load."""
    kv_cache: dict[str, float] = defaultdict(float)
    compute: dict[str, float] = defaultdict(float)
    plan = msgspec.structs.replace(plan, rpc_hosts=tuple(hosts[: len(plan.devices)]))
    with WorkerProcess() as worker:
        facts = worker.load(path, plan)
    for line in facts.buffers:
        if line.kind == "kv_cache":
            kv_cache[line.device] += line.bytes / MIB
        elif line.kind in ("compute", "output"):
            compute[line.device] += line.bytes / MIB
    return kv_cache, compute


def test_a_stub_gives_what_its_file_gives(
    small: Path, stage: RehearsalStage, tmp_path: Path
) -> None:
    stub = stub_of(open_model(small), tmp_path)
    for plan in (gpu_plan("CUDA0"), gpu_plan("CUDA0", overrides=HALF), Plan()):
        of_file = stage.result([small], plan, "CUDA0")
        of_stub = stage.result(stub, plan, "CUDA0")
        assert (of_file.layers, of_file.kv_cache, of_file.compute) == (
            of_stub.layers,
            of_stub.kv_cache,
            of_stub.compute,
        )


# --- devices that are not here ---------------------------------------------------------------


def test_the_order_of_a_plan_is_the_order_of_its_layers(small: Path, stage: RehearsalStage) -> None:
    """Whatever came first in this worker: what is told belongs to the plan's names."""
    plans = [
        gpu_plan(*names, tensor_split=(3.0, 4.0), context_tokens=4096)
        for names in (("first", "second"), ("second", "first"), ("third", "first"))
    ]
    results = [stage.result([small], plan, *plan.devices) for plan in plans]
    for plan, result in zip(plans, results, strict=True):
        one, two = plan.devices
        assert result.layers == (one,) * 3 + (two,) * 4
        assert mebibytes(result.kv_cache)[one] == mebibytes(result.kv_cache)[two] > 1
        assert [each.device for each in result.kv_cache] == [one, two, "CPU"]
        assert [each.device for each in result.compute] == [one, two, "CPU"]
    amounts = {tuple(each.bytes for each in result.compute) for result in results}
    assert len(amounts) == 1, "other names, same bytes"
    (first, second, _processor) = amounts.pop()
    assert first < second, "the last device computes the output"


def test_a_device_of_the_user_s_network_is_not_contacted(
    small: Path, stage: RehearsalStage
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as host:
        host.settimeout(0.2)
        address = f"127.0.0.1:{host.getsockname()[1]}"
        plan = gpu_plan("RPC0", rpc_hosts=(address,))
        assert stage.result([small], plan, "RPC0").layers[0] == "RPC0"
        with pytest.raises(TimeoutError):
            host.accept()


def test_a_device_that_is_neither_here_nor_stood_in_for_is_named(
    small: Path, stage: RehearsalStage
) -> None:
    elsewhere = gpu_plan("CUDA0", overrides=(BufferOverride(EXPERTS, "CUDA7"),))
    for outcome in stage.rehearse(
        job([small], gpu_plan("CUDA7")), job([small], elsewhere, "CUDA0")
    ):
        assert isinstance(outcome, EngineError)
        assert (outcome.code, outcome.facts["device"]) == ("engine.unknown_device", "CUDA7")


# --- what the engine refuses or dies of ------------------------------------------------------


def test_what_the_engine_refuses_is_named_and_the_rest_goes_on(
    small: Path, stage: RehearsalStage, tmp_path: Path
) -> None:
    unknown = read_header(small).with_keys({"general.architecture": value(STRING, "frobnicator")})
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(small.read_bytes()[:100_000])
    good = job([small], gpu_plan("CUDA0"), "CUDA0")
    told = stage.rehearse(
        job([tmp_path / "absent.gguf"], Plan()),
        job([unknown.write(tmp_path / "unknown.gguf")], Plan()),
        job([damaged], Plan()),
        good,
        job([small], gpu_plan("CUDA0", kv_type="q4_0", flash_attention="off"), "CUDA0"),
        job([small], gpu_plan("CUDA0", overrides=(BufferOverride("(", "CPU"),)), "CUDA0"),
        good,
    )
    codes = [getattr(outcome, "code", "") for outcome in told]
    assert codes == [
        "placement.rehearsal_file", "engine.unknown_architecture", "placement.rehearsal_model", "",
        "placement.rehearsal_context", "placement.rehearsal_model", "",
    ]  # fmt: skip
    assert len(stage.clients) == 1, "none of them takes the worker along"


def test_a_file_that_was_replaced_is_not_taken_for_the_one_before(
    stage: RehearsalStage, tmp_path: Path
) -> None:
    path = stubs(write_sparse(QWEN3_30B, tmp_path))[0]
    plan = gpu_plan("CUDA0")
    before = stage.result([path], plan, "CUDA0")
    other = tmp_path / "other"
    other.mkdir()
    stubs(write_sparse(QWEN3_235B, other))[0].replace(path)
    after = stage.result([path], plan, "CUDA0")
    assert (len(before.layers), len(after.layers)) == (49, 95)


def test_a_crash_costs_its_own_job_alone(small: Path, tmp_path: Path) -> None:
    liar = read_header(small).with_keys({f"{architecture(small)}.block_count": value(U32, 600)})
    liar_path = liar.write(tmp_path / "liar.gguf")
    good = job([small], gpu_plan("CUDA0"), "CUDA0")
    bad = job([liar_path], gpu_plan("CUDA0"), "CUDA0")
    with RehearsalStage() as stage:
        told = stage.rehearse(good, bad, good, bad, bad, good)
        assert [type(outcome) for outcome in told] == [
            Rehearsal, WorkerDiedError, Rehearsal, WorkerDiedError, WorkerDiedError, Rehearsal,
        ]  # fmt: skip
        assert {outcome.code for outcome in told if isinstance(outcome, WorkerDiedError)} == {
            "engine.crashed"
        }
        assert len(stage.clients) == 4
        assert stage.most_living == 1


def architecture(path: Path) -> str:
    return open_model(path).header.architecture or ""


def test_a_worker_that_rehearses_loads_no_model(small: Path) -> None:
    with WorkerProcess() as worker:
        hello = worker.next()
        assert isinstance(hello, Hello)
        worker.send(Rehearse(request=1, jobs=(job([small], Plan()),)))
        rehearsed = worker.next()
        assert isinstance(rehearsed, Rehearsed)
        assert rehearsed.result is not None
        worker.send(Load(paths=(str(small),), plan=Plan()))
        with pytest.raises(WorkerEnded):
            worker.next()
        assert worker.process.returncode == 2
