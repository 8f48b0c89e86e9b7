"""Amounts and states of models in words."""

from pathlib import Path

import pytest

from app.library.download_entities import Download, DownloadRequest, FileDownload
from app.library.download_states import DownloadState, Status
from models.transfer_entities import StopReason, WantedFile
from tests.helpers import models_samples, placement_samples
from ui.models import library_words, words
from ui.models.card_text import FIRST_CHARACTERS, beginning, readable_card
from ui.models.places import download_row, place_view

DAY = models_samples.DAY_MS
NOW = models_samples.NOW_MS


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (135_000_000, "135M"), (999_600_000, "1.0B"), (30_500_000_000, "30.5B"),
        (671_000_000_000, "671B"),
    ],
)  # fmt: skip
def test_parameters(count: int, text: str) -> None:
    assert words.parameters(count) == text


@pytest.mark.parametrize(
    ("total", "active", "text"),
    [
        (0, 0, ""),
        (4_000_000_000, 0, "4.0B"),
        (4_000_000_000, 4_000_000_000, "4.0B"),
        (30_500_000_000, 3_300_000_000, "30.5B, 3.3B active"),
    ],
)
def test_total_and_active_parameters(total: int, active: int, text: str) -> None:
    assert words.parameters_words(total, active) == text


@pytest.mark.parametrize(
    ("done", "total", "text"),
    [
        (41_200_000_000, 62_000_000_000, "41.2 of 62.0 GB"),
        (0, 62_000_000_000, "0.0 of 62.0 GB"),
        (12_000_000, 98_000_000, "12 of 98 MB"),
        (1_888_800_000_000, 1_999_900_000_000, "1889 of 2000 GB"),
    ],
)
def test_amounts_have_the_unit_of_the_whole(done: int, total: int, text: str) -> None:
    assert words.amount_words(done, total) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1\u00a0s left"), (50, "50\u00a0s left"), (900, "15\u00a0min left"),
        (7199, "120\u00a0min left"), (11_400, "3\u00a0h 10\u00a0min left"), (1e6, "days left"),
    ],
)  # fmt: skip
def test_time_left(seconds: float, text: str) -> None:
    assert words.left_words(seconds) == text


def test_rates_and_counts() -> None:
    assert words.rate_words(23.4e6) == "23 MB/s"
    assert words.rate_words(0.42e6) == "0.4 MB/s"
    counts = (812, 34_400, 999_600, 1_240_000, 12_400_000)
    assert [words.count_words(count) for count in counts] == ["812", "34k", "1.0M", "1.2M", "12M"]


@pytest.mark.parametrize(
    ("ago", "text"),
    [(0, "Today"), (1, "Yesterday"), (5, "5 days ago"), (20, "2 weeks ago"), (90, "18 Dec 2025")],
)
def test_days(ago: int, text: str) -> None:
    assert words.day_words(NOW - ago * DAY, NOW) == text
    assert words.day_words(0, NOW) == "Never"


def test_sizes_of_several_quantizations() -> None:
    assert words.sizes_words(10_400_000_000, 32_500_000_000) == "10.4–32.5 GB"
    assert words.sizes_words(98_000_000, 1_200_000_000) == "98 MB–1.2 GB"
    assert words.sizes_words(98_000_000, 98_000_000) == "98 MB"
    assert words.sizes_words(0, 0) == ""


def test_an_estimate_is_marked() -> None:
    rough = models_samples.hybrid(exact=False)
    assert words.speed_words(rough) == "≈ 9–12 tok/s"
    assert words.context_words(rough) == "≈ 41k"
    assert words.speed_words(models_samples.hybrid()) == "9–12 tok/s"
    assert words.speed_words(None) == words.context_words(None) == "–"
    assert words.context_words(models_samples.too_large()) == "–"


def test_a_plan_as_a_bar_with_words(tmp_path: Path) -> None:
    plan = placement_samples.two_devices(tmp_path).placement
    view = place_view(plan, is_exact=False)
    assert [each.ink for each in view.stretches] == ["device_1", "device_2", "device_ram"]
    assert [each.name for each in view.stretches] == ["RTX 4090", "RTX 3090", "RAM"]
    assert sum(each.bytes for each in view.stretches) == plan.needed_bytes
    assert (view.verdict, view.longest_context, view.is_exact) == ("hybrid", 163840, False)
    assert view.speed == "4.6–6.1 tok/s"


def test_a_download_as_a_row(tmp_path: Path) -> None:
    wanted = WantedFile("a/b", "c" * 40, "m.gguf", 1000, "d" * 64)
    status = Status(DownloadState.PAUSED, StopReason.USER)
    request = DownloadRequest(
        repository="a/b", commit="c" * 40, files=(), name="M", quantization="Q4_K_M"
    )
    made = download_row(
        Download(
            id="1", request=request, library=tmp_path, status=status, position=1, created_ms=0,
            changed_ms=0, files=(FileDownload(wanted, status, 400, None),),
        ),
        kept_days=7,
    )  # fmt: skip
    assert (made.id, made.name, made.quantization) == ("1", "M", "Q4_K_M")
    assert (made.done_bytes, made.total_bytes, made.kept_days) == (400, 1000, 7)


def test_the_sums_of_the_library() -> None:
    library = models_samples.library()
    assert library_words.summary(library) == "12 models, 338.1 GB; D: 340.0 GB free"


# --- cards -------------------------------------------------------------------------------------


def test_a_card_without_what_only_a_page_shows() -> None:
    text = readable_card(models_samples.CARD)
    assert text.startswith("# Qwen3-30B-A3B-Instruct-2507\n\nWe introduce the **updated**")
    for gone in ("license:", "<div", "<img", "onload", "a remark", "badge.svg"):
        assert gone not in text
    assert "[the report](https://example.org/report)" in text
    assert 'llm = Llama("Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf", n_ctx=16384)' in text
    assert "| GPQA | 54.8 | 70.4 |" in text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("---\na: b\n---\nHello", "Hello"),
        ("Hello\n\n---\nmore", "Hello\n\n---\nmore"),
        ("<style>p { color: red }</style>Hello", "Hello"),
        ("<script>steal()</script>Hello<script>never closed", "Hello"),
        ("<p>One<br/>two</p>", "One\ntwo"),
        ("[![badge](https://e.org/b.svg)](https://e.org) Hello", "Hello"),
        ("a < b and c > d", "a < b and c > d"),
        ("use `<think>` to think", "use `<think>` to think"),
        ("```html\n<div>kept</div>\n```", "```html\n<div>kept</div>\n```"),
        ("````\n```\n<b>\n````\n<b>x</b>", "````\n```\n<b>\n````\nx"),
        ("<div>\n    no code\n</div>", "no code"),
        ("", ""),
    ],
)
def test_what_is_left_of_a_card(source: str, text: str) -> None:
    assert readable_card(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "![" * 100_000, "[![](" * 40_000, "<script" * 30_000, "<!--" * 50_000, "<a " * 60_000,
        "\n".join("~" * n for n in range(600, 3, -1)), "`" * 200_000, "---\n" * 50_000,
        "# \n" * 60_000, "    <b>" * 30_000,
    ],
)  # fmt: skip
@pytest.mark.timeout(3)
def test_a_hostile_card_costs_no_time(source: str) -> None:
    """Each takes below 0.3 s; without its bound one took 4 s, another 13."""
    beginning(readable_card(source))


def test_a_long_card_begins_short() -> None:
    text = readable_card(models_samples.CARD)
    part = beginning(text)
    assert len(part) <= FIRST_CHARACTERS
    assert text.startswith(part)
    assert not part.splitlines()[-1].startswith("#"), "no heading without its text"
    assert beginning("short") == "short"
    assert beginning("```\n" + "x\n" * 4000).endswith("\n```")
