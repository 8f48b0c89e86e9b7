"""The inventory that is known without starting the engine is the one that it would give."""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import msgspec
import pytest

from app.engine.client import EngineClient
from app.placement.entities import Inventory
from app.placement.fingerprint import machine_fingerprint
from app.placement.inventory import inventory_without_engine, processor_name, take_inventory
from app.posting import CallbackQueue, Scheduler
from models.errors import KnownError

PLAIN = ("libggml.so", "libggml-base.so.0", "libggml-cpu.so", "libggml-rpc.so", "libllama.so")


def real_inventory() -> Inventory:
    """As a worker gives it."""
    queue = CallbackQueue()
    scheduler = Scheduler(queue.post)
    found: list[Inventory] = []
    errors: list[KnownError] = []
    ended: list[object] = []

    def start(_on_death: object) -> EngineClient:
        return EngineClient(queue.post, scheduler, ended.append)

    take_inventory(start, found.append, errors.append)
    assert queue.run_until(lambda: bool(found or errors), 60)
    assert queue.run_until(lambda: bool(ended), 20)
    scheduler.close()
    assert errors == []
    return found[0]


def engine_with(libraries: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine be one that has these libraries."""
    (folder / "lib").mkdir()
    for library in libraries:
        (folder / "lib" / library).touch()
    spec = ModuleSpec("llama_cpp", None, origin=str(folder / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: spec)


def test_it_is_the_real_one_on_this_computer() -> None:
    static, real = inventory_without_engine(), real_inventory()
    if sys.platform == "darwin":
        assert static is None
        return
    assert static is not None, "the engine of the tests is made for the processor alone"
    # What is free changes meanwhile.
    same = [msgspec.structs.replace(device, free_bytes=0) for device in static.devices]
    assert same == [msgspec.structs.replace(device, free_bytes=0) for device in real.devices]
    assert static.memory.total_bytes == real.memory.total_bytes
    assert static.physical_cores == real.physical_cores
    assert static.unified_memory == real.unified_memory
    # Under it speeds are kept: with RPC hosts the engine is asked, and they must be found again.
    assert machine_fingerprint(static) == machine_fingerprint(real)


@pytest.mark.skipif(sys.platform == "darwin", reason="the engine is always asked there")
@pytest.mark.parametrize(
    ("library", "is_known"),
    [
        ("libggml-cpu-haswell.so", True),
        ("ggml-base.dll", True),
        ("libmtmd.so", True),
        ("libggml-cuda.so", False),
        ("ggml-vulkan.dll", False),
        ("libggml-hexagon.so", False),
        ("libggml-openvino.so.0", False),
        ("libggml-blas.so", False),
    ],
)
def test_a_library_that_brings_devices_has_to_be_asked(
    library: str, is_known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_with((*PLAIN, library), tmp_path, monkeypatch)
    assert (inventory_without_engine() is not None) == is_known


def test_another_engine_is_always_asked(tmp_path: Path) -> None:
    assert inventory_without_engine(tmp_path) is None


def test_an_engine_without_libraries_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_with((), tmp_path, monkeypatch)
    assert inventory_without_engine() is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the name in its registry")
@pytest.mark.parametrize(
    ("told", "name"),
    [
        (b"processor\t: 0\nmodel name\t: AMD Ryzen 7: 7700 \n\nmodel name\t: other\n",
         "AMD Ryzen 7: 7700"),
        (b"processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\n", "CPU"),
        (b"model name\t: Some\xff chip\n", "Some\N{REPLACEMENT CHARACTER} chip"),
    ],
)  # fmt: skip
def test_the_processor_has_the_engine_s_name_for_it(told: bytes, name: str, tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_bytes(told)
    assert processor_name(tmp_path / "cpuinfo") == name


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the name in its registry")
def test_a_system_that_tells_nothing_has_a_processor_all_the_same(tmp_path: Path) -> None:
    assert processor_name(tmp_path / "nothing") == "CPU"
