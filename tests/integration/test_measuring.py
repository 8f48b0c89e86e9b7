"""The first speed measurement, with the engine's real kernels."""

import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from app.engine import ggml
from app.engine.client import Deadlines, EngineClient
from app.engine.computing import ComputeBackend, UnmeasurableError
from app.engine.cores import usable_cores
from app.engine.devices import list_devices
from app.engine.entities import MeasuredSpeeds
from app.engine.errors import WorkerDiedError
from app.engine.kernels import measure_speed
from app.engine.measuring_time import MeasuringTime
from app.engine.synthetic_experts import ExpertSet, bytes_of_layer
from app.placement.measuring import Measurement, measure
from app.posting import CallbackQueue, Scheduler
from app.wording import sentence_for
from models.errors import KnownError
from models.gguf_types import STORAGE_TYPES
from tests.helpers.rpc_devices import rpc_device

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "helpers" / "scripted_worker.py"
DEVICE_SCRIPT = ROOT / "tests" / "helpers" / "measured_device_process.py"
MIB = 2**20


class Measured:
    """One measurement, by the real worker or one that misbehaves."""

    def __init__(
        self,
        type_names: list[str],
        seconds: float,
        command: list[str] | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self.queue = CallbackQueue()
        self.scheduler = Scheduler(self.queue.post)
        self.fractions: list[float] = []
        self.found: list[MeasuredSpeeds] = []
        self.errors: list[KnownError] = []
        self.deaths: list[WorkerDiedError | None] = []

        def start(on_death) -> EngineClient:
            def told(death: WorkerDiedError | None) -> None:
                self.deaths.append(death)
                on_death(death)

            return EngineClient(self.queue.post, self.scheduler, told, deadlines, command)

        self.measurement: Measurement = measure(
            start,
            type_names,
            seconds,
            self.fractions.append,
            self.found.append,
            self.errors.append,
        )

    def finish(self) -> "Measured":
        assert self.queue.run_until(lambda: bool(self.found or self.errors), 100)
        self.end()
        return self

    def end(self) -> None:
        assert self.queue.run_until(lambda: bool(self.deaths), 20), "the worker stayed"
        self.scheduler.close()


def test_the_processor_is_measured_by_type_and_threads() -> None:
    measured = Measured(["no such type", "Q8_0", "Q4_K"], 4.0).finish()
    assert measured.errors == []
    speeds = measured.found[0]
    assert {kernel.type_name for kernel in speeds.kernels} in ({"Q8_0"}, {"Q8_0", "Q4_K"})
    assert speeds.kernels[0].threads == usable_cores()
    for kernel in speeds.kernels:
        # Between a tenth of the slowest computer and ten times the fastest.
        assert 1e8 < kernel.bytes_per_second < 1e13
        assert 1e8 < kernel.operations_per_second < 1e15
    assert speeds.devices == ()
    assert measured.fractions == sorted(measured.fractions)
    assert measured.fractions
    assert 0 < measured.fractions[0] <= measured.fractions[-1] <= 1


def test_nothing_that_can_be_measured_is_said() -> None:
    measured = Measured(["no such type"], 1.0).finish()
    assert measured.found == []
    assert [error.code for error in measured.errors] == ["placement.speed_not_measured"]
    assert sentence_for(measured.errors[0])


def test_a_worker_that_says_nothing_is_ended_and_said() -> None:
    command = [sys.executable, str(SCRIPT), "good"]
    measured = Measured(["Q4_K"], 0.1, command, Deadlines(measuring=0.7)).finish()
    assert [error.code for error in measured.errors] == ["engine.no_measurement"]


def test_a_cancelled_measurement_ends_its_worker_and_is_silent() -> None:
    measured = Measured(["Q4_K"], 60.0)
    assert measured.queue.run_until(lambda: bool(measured.fractions), 60)
    measured.measurement.cancel()
    measured.end()
    assert measured.found == []
    assert measured.errors == []


def measured_here(type_names: list[str], seconds: float, available_bytes: int) -> MeasuredSpeeds:
    return measure_speed(
        type_names,
        MeasuringTime(seconds, lambda _fraction: None),
        list_devices(ggml.library),
        cores=1,
        caches=MIB,
        available_bytes=available_bytes,
    )


def test_the_time_is_kept_however_many_types_are_asked_for() -> None:
    names = [storage.name for storage in STORAGE_TYPES.values()]
    begun = time.monotonic()
    speeds = measured_here(names, 0.5, 2**40)
    assert speeds.kernels
    # Of 30 types the first few fit; all of them would take a minute.
    assert len(speeds.kernels) < 15
    assert time.monotonic() - begun < 10


def test_at_most_an_eighth_of_free_memory_is_used() -> None:
    layer = bytes_of_layer("Q4_K", 16)
    assert measured_here(["Q4_K"], 0.1, 8 * layer - 8).kernels == ()
    assert len(measured_here(["Q4_K"], 0.1, 8 * layer).kernels) == 1


NEVER_STORED = {"Q8_1", "Q8_K", "I8", "I16", "I32", "I64", "F64"}


def test_every_type_that_experts_are_stored_in_can_be_measured() -> None:
    """The others are left out: for them the engine would end the process."""
    left_out = set()
    with closing(ComputeBackend("CPU")) as backend:
        backend.use_threads(1)
        for storage in STORAGE_TYPES.values():
            begun = time.monotonic()
            try:
                experts = ExpertSet(backend, storage.name, 1, 16)
            except UnmeasurableError:
                left_out.add(storage.name)
                continue
            # The engine's own tables for some would take 8 s; making a set takes 0.1 to 0.4 s.
            assert time.monotonic() - begun < 4, storage.name
            with closing(experts):
                assert experts.decode() > 0
    assert left_out == NEVER_STORED


def test_weights_lie_where_a_load_puts_them() -> None:
    """Repacked kernels, where the processor has them for that type, and plain ones elsewhere."""
    with closing(ComputeBackend("CPU")) as backend:
        memories = backend.weight_memories()
        assert memories[-1] == backend.memory
        for type_name in ("Q4_0", "Q4_1"):
            with closing(ExpertSet(backend, type_name, 1, 16)) as experts:
                assert experts.memory in memories
                assert experts.bytes == bytes_of_layer(type_name, 16)
                # No processor repacks Q4_1.
                assert type_name == "Q4_0" or experts.memory == memories[-1]
                assert len(memories) == 1 or type_name == "Q4_1" or experts.memory != memories[-1]


@pytest.mark.timeout(180)
def test_a_device_is_measured_with_its_link() -> None:
    with rpc_device() as device:
        done = subprocess.run(
            [sys.executable, str(DEVICE_SCRIPT), device.host],
            capture_output=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    speeds = msgspec.json.decode(done.stdout.splitlines()[-1], type=MeasuredSpeeds)
    assert speeds.kernels == ()
    (speed,) = speeds.devices
    assert speed.device == "RPC0"
    assert 1e8 < speed.bytes_per_second < 1e13
    assert 1e8 < speed.operations_per_second < 1e15
    assert 1e7 < speed.link_bytes_per_second < 1e13


def test_decoding_reads_each_expert_once_or_caches_would_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen: list[list[int]] = []

    def record(tensor: int, experts: list[int]) -> None:
        chosen.append(experts)
        fill_choice(tensor, experts)

    fill_choice = ExpertSet._fill_choice
    monkeypatch.setattr(ExpertSet, "_fill_choice", staticmethod(record))
    with closing(ComputeBackend("CPU")) as backend:
        ExpertSet(backend, "Q4_1", 1, 16).close()
    *decoding, prompt = chosen
    assert sorted(expert for experts in decoding for expert in experts) == list(range(16))
    assert len(prompt) == 8 * 64
    for token in range(64):
        assert len(set(prompt[8 * token : 8 * token + 8])) == 8
