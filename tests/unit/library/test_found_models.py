"""Results of a search: grouped by base model, named, and judged without their files."""

import json

import pytest

from app.library.catalog import Catalog, Suggestion, read_catalog, suggestion
from app.library.found_models import (
    FoundModel,
    architectures,
    known_models,
    outlook,
    put_together,
)
from app.placement.described import machine_of
from app.placement.entities import Machine
from models.hub_entities import FoundRepository, Gate

GIB = 1 << 30


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog()


def found(name: str, base: str = "", downloads: int = 0, **changes: object) -> FoundRepository:
    values = {
        "likes": 0, "trending": 0, "updated_ms": 0, "gate": Gate.OPEN, "licence": "",
        "tags": (), "architecture": "", "parameters": 0, "context_tokens": 0,
    }  # fmt: skip
    return FoundRepository(
        id=name, downloads=downloads, base_models=(base,) if base else (), **{**values, **changes}
    )  # type: ignore[arg-type]


def machine(ram: int = 32, gpu: int = 0) -> Machine:
    device = {
        "name": "GPU", "kind": "gpu", "memory_bytes": gpu * GIB, "bytes_per_second": 250e9,
        "link_bytes_per_second": 12e9,
    }  # fmt: skip
    value = {
        "ram_bytes": ram * GIB, "ram_bytes_per_second": 60e9, "cores": 8,
        "devices": [device] if gpu else [],
    }  # fmt: skip
    return machine_of(json.dumps(value).encode(), "described")


def test_uploads_of_one_model_are_one_row_at_the_first_ones_place(catalog: Catalog) -> None:
    rows = put_together(
        [
            found("b/X-GGUF", "maker/X", 5),
            found("c/Y-GGUF", "maker/Y", 9),
            found("a/X-i1-GGUF", "Maker/x", 50),
            found("b/X-GGUF", "maker/X", 5),
        ],
        catalog,
    )
    assert [(row.base, row.name) for row in rows] == [("maker/X", "X"), ("maker/Y", "Y")]
    assert rows[0].places == ("a/X-i1-GGUF", "b/X-GGUF")
    assert rows[0].downloads == 55


def test_what_names_no_base_stands_for_itself(catalog: Catalog) -> None:
    (row,) = put_together([found("someone/Strange-Merge-13B-i1-GGUF")], catalog)
    assert row.base == "someone/Strange-Merge-13B-i1-GGUF"
    assert row.name == "Strange-Merge-13B"
    assert row.places == ("someone/Strange-Merge-13B-i1-GGUF",)


def test_the_catalog_knows_more_and_its_publisher_comes_first(catalog: Catalog) -> None:
    entry = next(each for each in catalog.entries if each.id == "qwen3-30b-a3b-2507")
    (row,) = put_together(
        [found("stranger/Q-GGUF", entry.base_repository.upper(), 10**6),
         found(entry.repositories[1], entry.base_repository, 5)],
        catalog,
    )  # fmt: skip
    assert row.entry is entry
    assert row.places == (entry.repositories[1], "stranger/Q-GGUF")
    assert (row.total_parameters, row.is_moe, row.licence) == (
        entry.total_parameters, True, entry.licence,
    )  # fmt: skip
    assert row.typical_bytes == entry.typical_bytes


@pytest.mark.parametrize(
    ("name", "architecture", "is_moe", "active"),
    [
        ("maker/New-40B-A4.5B-it", "", True, 4_500_000_000),
        ("maker/New-8B", "llama", False, 0),
        ("maker/New-8x7B", "glm4moe", True, 0),
        ("maker/New", "deepseek2", True, 0),
        ("maker/70B-A100-tuned", "", False, 0),
    ],
)
def test_mixtures_are_told_by_name_or_architecture(
    catalog: Catalog, name: str, architecture: str, is_moe: bool, active: int
) -> None:
    (row,) = put_together([found("x/GGUF", name, architecture=architecture)], catalog)
    assert (row.is_moe, row.active_parameters) == (is_moe, active)


def test_gated_only_when_every_upload_is(catalog: Catalog) -> None:
    gated, free = found("a/A", "m/M", gate=Gate.MANUAL), found("b/B", "m/M")
    assert put_together([gated], catalog)[0].is_gated
    assert not put_together([gated, free], catalog)[0].is_gated


@pytest.mark.parametrize(
    ("parameters", "ram", "gpu", "verdict"),
    [
        (8_000_000_000, 32, 24, "gpu"),
        (40_000_000_000, 64, 8, "hybrid"),
        (8_000_000_000, 32, 0, "cpu"),
        (400_000_000_000, 32, 8, "too_large"),
        (0, 32, 8, None),
    ],
)
def test_by_size_where_no_shape_is_known(
    catalog: Catalog, parameters: int, ram: int, gpu: int, verdict: str | None
) -> None:
    (row,) = put_together([found("x/GGUF", "maker/Unknown", parameters=parameters)], catalog)
    assert outlook(row, machine(ram, gpu), {}).verdict == verdict
    assert outlook(row, None, {}).verdict is None


def test_what_the_catalog_planned_has_a_speed(catalog: Catalog) -> None:
    here = machine(32, 8)
    entry = next(each for each in catalog.entries if each.id == "qwen3-30b-a3b-2507")
    planned: dict[str, Suggestion] = {entry.id: suggestion(here)(entry)}
    told = outlook(FoundModel(base=entry.base_repository, repositories=(), entry=entry),
                   here, planned)  # fmt: skip
    assert told.verdict == planned[entry.id].placement.verdict
    assert told.prediction is not None


def test_offline_the_catalog_is_searched(catalog: Catalog) -> None:
    names = [each.name for each in known_models(catalog, "DeepSeek r1 distill")]
    assert names
    assert all("R1" in name for name in names)
    assert len(known_models(catalog, "")) == len(catalog.entries)
    assert known_models(catalog, "qqq") == []


def test_architectures_by_how_often_they_occur(catalog: Catalog) -> None:
    rows = put_together(
        [found("a/1", "m/1", architecture="b"), found("a/2", "m/2", architecture="a"),
         found("a/3", "m/3", architecture="b"), found("a/4", "m/4")],
        catalog,
    )  # fmt: skip
    assert architectures(rows) == ["b", "a"]
