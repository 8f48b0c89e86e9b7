"""From an inventory to cards, and which GPUs are wasted."""

from dataclasses import replace

import pytest

from app.engine.entities import Device
from app.engine.missing import Missing
from app.placement.entities import Inventory, Memory
from tests.helpers import computer_samples
from tests.helpers.computer_samples import GIB, NVIDIA
from ui.computer.view import ComputerView, DeviceView, devices_of
from ui.computer.words import (
    answer_words,
    bandwidth,
    lent_words,
    memory_words,
    origin_words,
    summary,
    unseen_device,
)


def device(name: str, kind: str, backend: str, total: int, free: int) -> Device:
    return Device(
        name=name,
        description="" if kind == "accelerator" else f"A {kind}",
        kind=kind,  # type: ignore[arg-type]
        backend=backend,
        memory_bytes=total * GIB,
        free_bytes=free * GIB,
    )


INVENTORY = Inventory(
    devices=(
        device("CUDA0", "gpu", "CUDA", 24, 10),
        device("BLAS", "accelerator", "BLAS", 0, 0),
        device("CPU", "cpu", "CPU", 64, 50),
    ),
    memory=Memory(64 * GIB, 50 * GIB),
    physical_cores=12,
    unified_memory=False,
)


def cards(**reasons: str) -> tuple[DeviceView, ...]:
    return devices_of(
        INVENTORY,
        held={"CUDA0": 12 * GIB},
        purposes={"CUDA0": "Attention of a model"},
        reasons=reasons,
        drivers={"CUDA0": "550.1"},
        unseen=(NVIDIA,),
    )


def test_cards_of_an_inventory() -> None:
    made = cards()
    assert [card.engine_name for card in made] == ["CUDA0", "", "CPU"]
    assert made[0].other_bytes == 2 * GIB
    assert made[0].purpose == "Attention of a model"
    assert origin_words(made[0]) == "CUDA, driver 550.1"
    assert origin_words(made[1]) == "Driver 550.54.14"
    assert origin_words(made[2]) == "12 cores, main memory"
    assert memory_words(made[0]) == "Model 12.0, others 2.0, free 10.0 GiB"
    assert memory_words(made[2]) == "Other programs 14.0, free 50.0 GiB"


LENT = Device(
    name="RPC0",
    description="192.168.1.20:50052",
    kind="gpu",
    backend="RPC",
    memory_bytes=24 * GIB,
    free_bytes=23 * GIB,
)


def test_a_device_of_another_computer_is_called_so() -> None:
    inventory = replace(INVENTORY, devices=(LENT, INVENTORY.devices[-1]))
    card = devices_of(inventory, held={}, purposes={}, reasons={}, drivers={})[0]
    assert card.name == "Computer 192.168.1.20:50052"
    assert origin_words(card) == "Lent by RPC"
    assert lent_words([LENT]) == "RPC0, 23.0 of 24.0 GiB free"
    told = "Models use a device of another computer and the processor."
    assert summary(ComputerView(devices=(card,))) == told
    two = ComputerView(devices=(card, cards()[0]))
    assert summary(two).startswith("Models use 2 devices and the processor; another computer")


def test_an_answer_at_once_has_no_time() -> None:
    view = replace(computer_samples.without_gpu(), answered_seconds=0.03)
    assert answer_words(view) == "The engine answers: CPU, 2 cores, 24.0 GiB."


def test_which_gpus_are_wasted() -> None:
    def wasted(**facts: object) -> bool:
        return DeviceView(name="x", **facts).is_wasted  # type: ignore[arg-type]

    assert wasted(kind="gpu", unused_reason="no engine")
    assert wasted(kind="igpu", unused_reason="no engine", get_engine="vulkan")
    assert not wasted(kind="igpu", unused_reason="a GPU is here")
    assert not wasted(kind="gpu")
    assert not wasted(kind="cpu", unused_reason="whatever")
    assert computer_samples.two_gpus().unused_gpus == 0
    assert computer_samples.idle_gpu().unused_gpus == 1
    assert computer_samples.idle_gpu().used_gpus == 0
    assert computer_samples.two_gpus().used_gpus == 2


def test_the_summary_counts() -> None:
    idle = computer_samples.idle_gpu()
    assert summary(computer_samples.two_gpus()) == "Models use 2 GPUs and the processor."
    assert summary(ComputerView(devices=cards()[:1])) == "Models use A gpu and the processor."
    twice = ComputerView(devices=(idle.devices[0], *idle.devices))
    assert summary(twice) == "2 GPUs are not used, so answers are slower than they could be."


def test_more_held_than_there_is_is_no_negative_rest() -> None:
    odd = DeviceView(name="x", memory_bytes=4, free_bytes=3, model_bytes=9)
    assert odd.other_bytes == 0


def test_figures_mean_something() -> None:
    assert bandwidth(9.44e9) == "9.4 GB/s"
    assert bandwidth(9.96e9) == "10 GB/s"
    assert bandwidth(1008e9) == "1,008 GB/s"


@pytest.mark.parametrize("can_build", [True, False])
def test_a_gpu_without_an_engine_says_the_next_step(can_build: bool) -> None:
    facts: dict[str, str | int | float] = {"description": "RTX 4060", "backend": "CUDA"}
    missing = Missing("cuda", "NVIDIA GeForce RTX 4060", "builds.unused", facts, can_build)
    card = unseen_device(missing)
    assert (card.name, card.get_engine) == (missing.name, "cuda" if can_build else "")
    assert card.unused_reason.startswith("RTX 4060 is not used yet; build the CUDA engine")
    assert origin_words(card) == "Not seen by the engine"
    assert card.is_wasted
