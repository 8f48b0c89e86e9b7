"""Fingerprints: change with the hardware and the engine, and with nothing else."""

import dataclasses
import os
from pathlib import Path

import msgspec

from app.engine.entities import Device
from app.placement.entities import Inventory, Memory
from app.placement.fingerprint import engine_fingerprint, machine_fingerprint, with_hosts

GIB = 2**30
GPU = Device(
    name="CUDA0", description="A GPU", kind="gpu", backend="CUDA",
    memory_bytes=24 * GIB, free_bytes=20 * GIB,
)  # fmt: skip
CPU = Device(
    name="CPU", description="A processor", kind="cpu", backend="CPU",
    memory_bytes=64 * GIB, free_bytes=50 * GIB,
)  # fmt: skip
RPC = Device(
    name="RPC0", description="192.0.2.1:50052", kind="gpu", backend="RPC",
    memory_bytes=8 * GIB, free_bytes=8 * GIB,
)  # fmt: skip
MACHINE = Inventory((GPU, CPU), Memory(64 * GIB, 50 * GIB), 8, False)


def with_gpu(**changes: object) -> Inventory:
    gpu = msgspec.structs.replace(GPU, **changes)
    return dataclasses.replace(MACHINE, devices=(gpu, CPU))


def test_what_is_free_changes_nothing() -> None:
    name = machine_fingerprint(MACHINE)
    assert machine_fingerprint(with_gpu(free_bytes=1)) == name
    less = dataclasses.replace(MACHINE, memory=Memory(64 * GIB, 1))
    assert machine_fingerprint(less) == name


def test_a_system_update_that_takes_a_little_memory_changes_nothing() -> None:
    less = dataclasses.replace(MACHINE, memory=Memory(64 * GIB - 5 * 2**20, GIB))
    assert machine_fingerprint(less) == machine_fingerprint(MACHINE)


def test_every_piece_of_hardware_counts() -> None:
    others = [
        with_gpu(name="CUDA1"),
        with_gpu(description="Another GPU"),
        with_gpu(memory_bytes=16 * GIB),
        with_gpu(backend="Vulkan"),
        dataclasses.replace(MACHINE, devices=(CPU,)),
        dataclasses.replace(MACHINE, physical_cores=16),
        dataclasses.replace(MACHINE, memory=Memory(32 * GIB, GIB)),
    ]
    names = {machine_fingerprint(each) for each in [MACHINE, *others]}
    names.add(machine_fingerprint(MACHINE, "Another system"))
    assert len(names) == len(others) + 2


def test_other_computers_count_for_plans_alone() -> None:
    name = machine_fingerprint(MACHINE)
    remote = dataclasses.replace(MACHINE, devices=(RPC, GPU, CPU))
    assert machine_fingerprint(remote) == name
    assert with_hosts(name, ()) == name
    one, two = with_hosts(name, ["192.0.2.1:1"]), with_hosts(name, ["192.0.2.1:1", "h:2"])
    assert len({name, one, two}) == 3


def make_engine(folder: Path, version: str = "1.2.3") -> Path:
    package = folder / "llama_cpp"
    (package / "lib").mkdir(parents=True)
    (package / "lib" / "libggml.so").write_bytes(b"kernels")
    os.utime(package / "lib" / "libggml.so", ns=(1, 1))
    (folder / f"llama_cpp_python-{version}.dist-info").mkdir()
    return package


def test_the_engine_is_known_by_its_libraries_and_version(tmp_path: Path) -> None:
    package = make_engine(tmp_path / "a")
    name = engine_fingerprint(package)
    assert engine_fingerprint(make_engine(tmp_path / "b")) == name
    assert engine_fingerprint(make_engine(tmp_path / "c", "1.2.4")) != name
    library = package / "lib" / "libggml.so"
    os.utime(library, ns=(2, 2))
    newer = engine_fingerprint(package)
    library.write_bytes(b"other kernels")
    os.utime(library, ns=(2, 2))
    larger = engine_fingerprint(package)
    (package / "lib" / "libggml-cuda.so").touch()
    assert len({name, newer, larger, engine_fingerprint(package)}) == 4


def test_the_installed_engine_has_one_that_stays() -> None:
    assert engine_fingerprint() == engine_fingerprint()
    assert engine_fingerprint() != engine_fingerprint(Path("/nowhere"))
