"""The curated catalog is plausible, and its shelf suits machines of every size."""

import datetime
import json
import re
from pathlib import Path

import msgspec
import pytest

from app.library.catalog import (
    CATALOG,
    Catalog,
    CatalogEntry,
    RecommendedShelf,
    Suggestion,
    read_catalog,
    shelf,
    suggestion,
)
from app.placement.described import machine_of
from app.placement.entities import Machine
from models.quantization import bits_of
from tests.helpers.verdict_table import read_table


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog()


def described(**changes: object) -> Machine:
    value = {"ram_bytes": 32 * 2**30, "ram_bytes_per_second": 40e9, "cores": 8, "devices": []}
    return machine_of(json.dumps({**value, **changes}).encode(), "described")


def judged(catalog: Catalog, machine: Machine) -> dict[str, Suggestion]:
    judge = suggestion(machine)
    return {entry.id: judge(entry) for entry in catalog.entries}


def suggestions(found: RecommendedShelf) -> list[CatalogEntry]:
    return [each.entry for each in (found.best, found.fastest, found.smallest) if each is not None]


# --- the file --------------------------------------------------------------------------------


def test_as_many_as_one_can_look_through_and_each_once(catalog: Catalog) -> None:
    assert 25 <= len(catalog.entries) <= 40
    for name in ("id", "name"):
        values = [getattr(entry, name).casefold() for entry in catalog.entries]
        assert len(values) == len(set(values))
    assert datetime.date.fromisoformat(catalog.dated) <= datetime.date(2100, 1, 1)


def test_the_models_that_people_ask_for(catalog: Catalog) -> None:
    names = " ".join(entry.name for entry in catalog.entries)
    for wanted in (
        "DeepSeek-V3-0324", "DeepSeek-V3.1", "DeepSeek-V3.2", "DeepSeek-R1-0528",
        "DeepSeek-R1-Distill-Qwen-1.5B", "DeepSeek-R1-Distill-Llama-70B", "DeepSeek-V2-Lite",
        "Qwen3-0.6B", "Qwen3-235B", "Qwen3-30B-A3B", "Qwen3-Coder", "Qwen3-Next", "gpt-oss-20b",
        "gpt-oss-120b", "GLM-4.5-Air", "GLM-4.6", "SmolLM2", "Gemma-3", "Llama-3.", "Mistral",
        "Phi-4-mini",
    ):  # fmt: skip
        assert wanted in names


@pytest.mark.parametrize("entry", read_catalog().entries, ids=lambda entry: entry.id)
def test_an_entry_is_plausible(entry: CatalogEntry) -> None:
    assert entry.active_parameters <= entry.total_parameters
    assert entry.is_moe == (entry.active_parameters < entry.total_parameters)
    assert entry.good_for.endswith(".")
    assert 20 <= len(entry.good_for) <= 140
    assert "  " not in entry.good_for
    assert all("gguf" in repository.casefold() for repository in entry.repositories)
    assert "gguf" not in entry.base_repository.casefold()
    year, month = map(int, entry.released.split("-"))
    assert 2023 <= year <= 2100
    assert 1 <= month <= 12
    assert bits_of(entry.typical_label) == 4
    # Small models have large vocabularies, which take more than four bits.
    assert 4.2 <= 8 * entry.typical_bytes / entry.total_parameters <= 6.0
    # The published shape comes to the number of weights that its makers state.
    facts = entry.facts()
    assert facts.parameters == pytest.approx(entry.total_parameters, rel=0.05)
    assert facts.trained_context_tokens == entry.context_tokens
    assert facts.weight_bytes == pytest.approx(entry.typical_bytes, rel=0.001)
    assert facts.experts >= facts.experts_used
    dense = facts.parameters * (1 - facts.routed_expert_bytes / facts.weight_bytes)
    share = facts.experts_used / facts.experts if facts.experts else 1
    used = dense + (facts.parameters - dense) * share
    # Makers count active weights in their own ways: with or without both embeddings.
    assert entry.active_parameters == pytest.approx(used, rel=0.6)


def test_names_in_words(catalog: Catalog) -> None:
    forbidden = re.compile(r"state.of.the.art|best in class|amazing|powerful|sota", re.I)
    assert not [entry.id for entry in catalog.entries if forbidden.search(entry.good_for)]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2}, {"format": "other"}, {"useful_rank": 0}, {"dated": "yesterday"},
        {"entries": [{"id": "x"}]}, {"more": 1},
    ],
)  # fmt: skip
def test_another_file_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    value = json.loads(CATALOG.read_text("utf-8")) | change
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(value))
    with pytest.raises(msgspec.DecodeError):
        read_catalog(path)


# --- the shelf -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["laptop-8-16", "processor-32", "unified-64", "server-48-512"])
def test_machines_of_the_verdict_table_get_models(name: str, catalog: Catalog) -> None:
    value = read_table()["machines"][name]["machine"]
    found = shelf(catalog, judged(catalog, machine_of(json.dumps(value).encode(), name)))
    assert found.best is not None
    assert found.smallest is not None
    entries = suggestions(found)
    assert len({entry.id for entry in entries}) == len(entries)
    for each in (found.best, found.fastest, found.smallest):
        if each is not None:
            assert each.placement.verdict != "too_large"
            assert each.entry.rank >= catalog.useful_rank
    if found.fastest is not None:
        speeds = [each.placement.predicted.decode.expected for each in (found.fastest, found.best)]
        assert speeds[0] > speeds[1]
    assert found.best.placement.predicted.decode.expected >= 8
    assert found.smallest.entry.typical_bytes <= min(entry.typical_bytes for entry in entries)


def test_more_memory_never_means_a_worse_best(catalog: Catalog) -> None:
    ranks = []
    for gib in (4, 16, 64, 256):
        here = described(ram_bytes=gib * 2**30, ram_bytes_per_second=100e9)
        found = shelf(catalog, judged(catalog, here))
        ranks.append(found.best.entry.rank if found.best else 0)
    assert ranks == sorted(ranks)
    assert ranks[0] > 0
    assert ranks[-1] > ranks[0]


def test_a_machine_with_room_for_nothing_gets_nothing(catalog: Catalog) -> None:
    here = described(ram_bytes=2 * 2**30, free_bytes=1)
    assert suggestions(shelf(catalog, judged(catalog, here))) == []


def test_a_slow_machine_still_gets_what_fits(catalog: Catalog) -> None:
    found = shelf(catalog, judged(catalog, described(ram_bytes_per_second=1e9)))
    assert found.best is not None
