"""What is said of a plan: the right sentence for each kind, short names, prices, ranges."""

from dataclasses import replace
from typing import get_args

import pytest

from app.placement.entities import (
    PROCESSOR,
    LayerPlace,
    Limit,
    MachineDevice,
    Placement,
    Prediction,
    SpeedRange,
)
from app.placement.words import range_words, short_name
from tests.helpers.placement_samples import GIB, MIB, gpu, price, ram
from ui.placement.figures_line import figures_line
from ui.placement.view import PlacementView
from ui.placement.words import (
    device_names,
    place_sentence,
    place_words,
    price_words,
    speed_sentence,
    speed_words,
    tokens_short,
)
from ui.sentences import say

Views = dict[str, PlacementView]
MOST = 140


def moved(view: PlacementView, change: dict[int, LayerPlace]) -> PlacementView:
    """The same view with other places for some layers."""
    places = tuple(change.get(i, place) for i, place in enumerate(view.placement.layers))
    return replace(view, placement=replace(view.placement, layers=places))


def experts_at(view: PlacementView, device: str) -> PlacementView:
    return moved(
        view,
        {
            i: replace(place, experts=device)
            for i, place in enumerate(view.placement.layers)
            if place.experts
        },
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "hybrid",
            "All attention and 11 of 48 expert layers on the RTX 4060;"
            " experts of 37 layers in RAM.",
        ),
        (
            "two-devices",
            "All attention and 4 of 58 expert layers on the RTX 4090 and the RTX 3090;"
            " experts of 54 layers in RAM.",
        ),
        ("processor", "The whole model is in RAM and runs on the processor."),
        (
            "dense",
            "All attention and 40 of 64 feed-forward parts on the Radeon RX 7800 XT;"
            " the other 24 in RAM.",
        ),
    ],
)
def test_a_plan_in_one_sentence(views: Views, name: str, sentence: str) -> None:
    assert place_sentence(views[name]) == sentence


def test_too_large_says_what_is_missing_and_that_it_may_run(views: Views) -> None:
    view = views["too-large"]
    missing = format(view.placement.missing_bytes / GIB, ".0f")
    told = place_sentence(view)
    assert told.startswith(f"DeepSeek-V3 671B needs {missing} GiB more than this computer can give")
    assert "from disk it runs, but slowly" in told
    described = replace(view, placement=replace(view.placement, is_described=True))
    assert "this machine would have" in place_sentence(described)
    assert place_words(view.placement) == f"Too large: {missing} GiB are missing"


def test_everything_on_the_gpu(views: Views) -> None:
    view = experts_at(views["hybrid"], "CUDA0")
    assert place_sentence(view) == "The whole model is on the RTX 4060."
    assert place_words(view.placement) == "All of it on RTX 4060"


def test_shared_memory_has_a_sentence_of_its_own(views: Views) -> None:
    view = experts_at(views["hybrid"], "CUDA0")
    view = replace(view, unified_memory=True, placement=replace(view.placement, verdict="gpu"))
    assert place_sentence(view) == "The whole model is in the memory that GPU and processor share."


def test_no_expert_layer_on_the_gpu(views: Views) -> None:
    view = experts_at(views["hybrid"], PROCESSOR)
    told = "All attention on the RTX 4060; the experts of all 48 layers in RAM."
    assert place_sentence(view) == told
    assert place_words(view.placement) == "Experts in RAM, the rest on RTX 4060"
    dense = experts_at(views["dense"], PROCESSOR)
    assert "the feed-forward parts of all 64 layers in RAM" in place_sentence(dense)
    assert place_words(dense.placement).startswith("0 of 64 feed-forward parts on")


def test_layers_that_are_wholly_in_ram(views: Views) -> None:
    view = moved(
        views["hybrid"],
        {i: LayerPlace(index=i, device=PROCESSOR, experts=PROCESSOR) for i in range(20, 48)},
    )
    told = "20 of 48 layers on the RTX 4060, 11 of them with their experts; all else in RAM."
    assert place_sentence(view) == told
    assert place_words(view.placement) == "20 of 48 layers on RTX 4060, 28 in RAM"
    bare = experts_at(view, PROCESSOR)
    assert place_sentence(bare) == "20 of 48 layers on the RTX 4060; everything else in RAM."


def test_the_line_for_little_room(views: Views) -> None:
    told = place_words(views["hybrid"].placement)
    assert told == "11 of 48 expert layers on RTX 4060, 37 in RAM"
    assert place_words(views["processor"].placement) == "Running on the processor"
    assert speed_words(views["hybrid"].placement.predicted) == "9–12 tok/s"


@pytest.mark.parametrize("limit", get_args(Limit))
def test_every_limit_has_its_sentence(limit: Limit) -> None:
    speed = SpeedRange(9.2, 10, 12.1)
    told = speed_sentence(
        Prediction(decode=speed, prompt=speed, limited_by=limit, is_measured=True)
    )
    assert told.startswith("About 9–12 tokens/s, limited by ")


def test_sentences_stay_short_with_long_names(views: Views) -> None:
    view = views["hybrid"]
    long = replace(
        view.placement.shares[0].device,
        description="Some Maker Accelerator 9000 Extreme Founders Edition With Extras",
    )
    shares = (replace(view.placement.shares[0], device=long), *view.placement.shares[1:])
    view = replace(
        view,
        name="Qwen3-Coder-480B-A35B-Instruct-1M-UD-Q4_K_XL.gguf"[:40],
        placement=replace(view.placement, shares=shares),
    )
    too_large = replace(view, placement=replace(view.placement, verdict="too_large"))
    assert len(place_sentence(view)) <= MOST
    assert len(place_sentence(too_large)) <= MOST


@pytest.mark.parametrize(
    ("description", "name"),
    [
        ("NVIDIA GeForce RTX 4060 Laptop GPU", "RTX 4060"),
        ("NVIDIA GeForce RTX 5090", "RTX 5090"),
        ("AMD Radeon RX 7900 XTX", "Radeon RX 7900 XTX"),
        ("Intel(R) Arc(TM) A770 Graphics", "Arc A770"),
        ("Apple M3 Max", "M3 Max"),
        ("127.0.0.1:50052", "127.0.0.1:50052"),
        ("", "CUDA0"),
        ("NVIDIA GPU", "CUDA0"),
    ],
)
def test_names_as_people_say_them(description: str, name: str) -> None:
    assert short_name(gpu(0, description, 8), say) == name
    assert short_name(ram(16), say) == "RAM"


def test_two_cards_of_one_kind_are_told_apart(views: Views) -> None:
    made = views["two-devices"].placement
    twin = replace(made.shares[1].device, description=made.shares[0].device.description)
    shares = (made.shares[0], replace(made.shares[1], device=twin), made.shares[2])
    assert list(device_names(shares).values()) == ["RTX 4090 #1", "RTX 4090 #2", "RAM"]
    twins: Placement = replace(made, shares=shares)
    assert place_words(twins) == "4 of 58 expert layers on 2 × RTX 4090, 54 in RAM"


def lent(number: int, address: str) -> MachineDevice:
    return replace(gpu(0, address, 8), name=f"RPC{number}", is_here=False)


def test_devices_of_other_computers_are_called_so(views: Views) -> None:
    assert short_name(lent(0, "127.0.0.1:40335"), say) == "computer 127.0.0.1:40335"
    made = views["two-devices"].placement
    hosts = [lent(0, "192.168.178.201:50052"), lent(1, "192.168.178.202:50052")]
    told = "All attention and 4 of 58 expert layers on the {where}; experts of 54 layers in RAM."

    def sentence(*devices: MachineDevice) -> str:
        shares = tuple(
            replace(share, device=device)
            for share, device in zip(made.shares, (*devices, ram(512)), strict=True)
        )
        view = replace(views["two-devices"], placement=replace(made, shares=shares))
        assert len(place_sentence(view)) <= MOST
        return place_sentence(view)

    assert sentence(*hosts) == told.format(where="2 other computers")
    mixed = sentence(gpu(0, "NVIDIA RTX PRO 6000 Blackwell", 96), hosts[1])
    assert mixed == told.format(
        where="RTX PRO 6000 Blackwell and the computer 192.168.178.202:50052"
    )
    three = (*made.shares[:2], replace(made.shares[0], device=hosts[0]), made.shares[2])
    assert place_words(replace(made, shares=three)).startswith("4 of 58 expert layers on 3 devices")


def test_figures_in_words() -> None:
    assert [tokens_short(n) for n in (512, 4096, 41984, 131072)] == ["512", "4k", "41k", "128k"]
    ranges = [(9.2, 12.1), (4.61, 6.1), (0.08, 0.31), (1100, 1540.2), (10.1, 10.3)]
    assert [range_words(SpeedRange(low, low, high)) for low, high in ranges] == [
        "9–12", "4.6–6.1", "0.08–0.31", "1,100–1,540", "10",
    ]  # fmt: skip


def test_prices_of_other_contexts(views: Views) -> None:
    view = views["hybrid"]
    assert price_words(price(16384, 11, 10.5, "hybrid"), view) == ""
    longer = price(32768, 8, 9.87, "hybrid")
    assert price_words(longer, view) == "3 expert layers to RAM, about 6\u00a0% slower"
    assert price_words(longer, view, short=True) == "3 layers to RAM, 6\u00a0% slower"
    shorter = price(8192, 12, 10.81, "hybrid")
    assert price_words(shorter, view) == "1 expert layer to GPU, about 3\u00a0% faster"
    assert price_words(price(8192, 11, 10.5, "hybrid"), view) == "costs no speed"
    assert price_words(price(65536, 0, 1.0, "too_large"), view) == "does not fit"
    dense = views["dense"]
    parts = price_words(price(16384, 36, 3.3, "hybrid"), dense)
    assert parts.startswith("4 feed-forward parts to RAM")


def test_planned_beside_measured(views: Views) -> None:
    view = views["hybrid"]
    assert figures_line(view) == (
        "Planned 6.4, measured 6.5 GiB; predicted 9–12, measured 10.4 tokens/s;"
        " reads prompts at 129–169 tokens/s."
    )
    tiny = replace(view, measured_bytes={"CUDA0": 80 * MIB})
    assert figures_line(tiny).startswith("Planned 6.4 GiB, measured 80 MiB;")
    unknown = replace(view, measured_bytes={}, measured_speed=None)
    assert figures_line(unknown).startswith("Planned 19.3 GiB; predicted 9–12 tokens/s;")
