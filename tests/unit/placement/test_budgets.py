"""What a plan may take: margins, learned overheads, and what the user allows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.placement.budgets import (
    GIB,
    MIB,
    Room,
    budget_notices,
    gpu_budget,
    in_main_memory,
    main_memory_budget,
)
from app.placement.entities import Machine, MachineDevice
from app.wording import sentence


def room(total: int, free: int | None = None, held: int = 0, overhead: int = 0) -> Room:
    free = total if free is None else free
    return Room(total_bytes=total, free_bytes=free, held_bytes=held, overhead_bytes=overhead)


@pytest.mark.parametrize(
    ("total", "draws_screen", "margin"),
    [
        (8 * GIB, False, 512 * MIB),
        (24 * GIB, False, int(24 * GIB * 0.05)),
        (8 * GIB, True, GIB),
        (24 * GIB, True, int(24 * GIB * 0.06)),
        (80 * GIB, False, 4 * GIB),
    ],
)
def test_margin_of_a_gpu(total: int, draws_screen: bool, margin: int) -> None:
    assert gpu_budget(room(total), draws_screen=draws_screen) == total - margin


def test_margin_of_main_memory() -> None:
    assert main_memory_budget(room(16 * GIB, 10 * GIB)) == 9 * GIB
    assert main_memory_budget(room(100 * GIB, 60 * GIB)) == 55 * GIB
    assert main_memory_budget(room(16 * GIB, GIB // 2)) == 0


def test_what_our_own_model_holds_counts_as_free() -> None:
    assert gpu_budget(room(8 * GIB, GIB, held=5 * GIB)) == 6 * GIB - 512 * MIB
    assert gpu_budget(room(8 * GIB, 6 * GIB, held=5 * GIB)) == 8 * GIB - 512 * MIB


def test_a_learned_overhead_is_left_out() -> None:
    assert gpu_budget(room(8 * GIB, overhead=GIB)) == 7 * GIB - 512 * MIB
    assert gpu_budget(room(8 * GIB, overhead=9 * GIB)) == 0


@pytest.mark.parametrize("budget", [gpu_budget, main_memory_budget])
def test_what_the_user_allows_replaces_the_margin(budget) -> None:  # type: ignore[no-untyped-def]
    assert budget(room(8 * GIB), 7 * GIB + 900 * MIB) == 7 * GIB + 900 * MIB
    assert budget(room(8 * GIB), 0) == 0
    assert budget(room(8 * GIB, 3 * GIB), 7 * GIB) == 3 * GIB
    assert budget(room(8 * GIB, overhead=GIB), 8 * GIB) == 7 * GIB
    assert budget(room(8 * GIB), -1) == 0


SIZES = st.integers(0, 1 << 50)


@given(total=SIZES, free=SIZES, held=SIZES, overhead=SIZES, asked=st.none() | SIZES)
def test_never_more_than_there_is(
    total: int, free: int, held: int, overhead: int, asked: int | None
) -> None:
    place = room(total, free, held, overhead)
    for budget in (gpu_budget(place, asked), main_memory_budget(place, asked)):
        assert 0 <= budget <= max(0, min(total, free + held) - overhead)
        assert asked is None or budget <= asked


def device(name: str, kind: str, budget: int) -> MachineDevice:
    return MachineDevice(
        name=name, description=name, kind=kind, memory_bytes=8 * GIB, free_bytes=8 * GIB,  # type: ignore[arg-type]
        budget_bytes=budget, bytes_per_second=1e9, operations_per_second=1e12,
    )  # fmt: skip


MACHINE = Machine(
    devices=(device("CUDA0", "gpu", 6 * GIB), device("Vulkan1", "igpu", GIB)),
    processor=device("CPU", "cpu", 4 * GIB),
    cores=4,
)


def test_devices_in_main_memory() -> None:
    assert in_main_memory(MACHINE) == ()
    assert in_main_memory(replace(MACHINE, unified_memory=True)) == (MACHINE.devices[1],)


def test_what_could_not_be_given_is_said() -> None:
    asked = {"CUDA0": 6 * GIB, "CPU": 32 * GIB, "CUDA7": GIB}
    cut, unknown = budget_notices(MACHINE, asked)
    assert cut.code == "machine.budget_cut"
    assert sentence(cut.code, cut.facts).startswith("CPU can give 4.0 of the 32.0 GiB allowed")
    assert unknown.code == "machine.no_such_device"
    assert "CUDA7" in sentence(unknown.code, unknown.facts)
    assert budget_notices(MACHINE, {}) == ()
