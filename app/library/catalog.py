"""The curated list of models that are recommended, and which of them suit a machine best.

What a model would need is an estimate here: its published shape with a typical size in 4 bits,
planned by arithmetic. Its page asks the files themselves.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from app.placement.entities import Machine, Placement, Wishes
from app.placement.planner import Planner
from app.placement.workspace import GuessedWorkSpaces
from models.facts import ModelFacts
from models.gguf_header import Value
from models.guessed_facts import guessed_facts

CATALOG = Path(__file__).with_name("catalog.json")

_READABLE = 8.0
"""Tokens/s that one can read along with: what is slower is no recommendation."""
_GOOD_ANSWER = 0.75
"""Of the best model's rank that the fastest one must reach: quick nonsense helps nobody."""

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=140)]
_Repository = Annotated[str, msgspec.Meta(pattern=r"^[\w.-]+/[\w.-]+$")]
_Count = Annotated[int, msgspec.Meta(gt=0, le=10**14)]
_Number = Annotated[int, msgspec.Meta(ge=0, le=1 << 20)]
_Rank = Annotated[int, msgspec.Meta(ge=1, le=100)]


class CatalogEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One model."""

    id: _Text
    family: _Text
    name: _Text
    good_for: _Text
    """One sentence."""
    base_repository: _Repository
    """Where its makers published it."""
    repositories: Annotated[list[_Repository], msgspec.Meta(min_length=1)]
    """Where its GGUF files are, the first one to look at first."""
    licence: _Text
    """An SPDX identifier, or the licence's name."""
    released: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}$")]
    rank: _Rank
    """How good its answers are, by the curators' judgement; only the order counts."""
    total_parameters: _Count
    active_parameters: _Count
    """That compute each token."""
    context_tokens: _Count
    """That it was trained for."""
    typical_label: _Text
    """The usual quantization of about 4 bits."""
    typical_bytes: _Count
    tied_embedding: bool
    shape: dict[str, _Number | str]
    """GGUF metadata without the architecture's name in front, as its files have it."""

    @property
    def is_moe(self) -> bool:
        """Whether only some of its experts compute each token."""
        return bool(self.shape.get("expert_count"))

    def facts(self) -> ModelFacts:
        """Estimated facts in the typical quantization. Raises ModelFileDamaged."""
        architecture = str(self.shape.get("architecture", ""))
        metadata: dict[str, Value] = {"general.architecture": architecture}
        metadata |= {
            f"{architecture}.{key}": value
            for key, value in self.shape.items()
            if key != "architecture"
        }
        metadata[f"{architecture}.context_length"] = self.context_tokens
        return guessed_facts(
            metadata, self.typical_bytes, self.typical_label, tied_embedding=self.tied_embedding
        )


class Catalog(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All entries."""

    format: Annotated[str, msgspec.Meta(pattern="^moestro-catalog$")]
    version: Annotated[int, msgspec.Meta(ge=1, le=1)]
    dated: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    """When it was last gone through."""
    useful_rank: _Rank
    """From which rank on a model is more than a toy."""
    entries: tuple[CatalogEntry, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model for a machine, with an estimate of how it would run."""

    entry: CatalogEntry
    placement: Placement
    """By arithmetic from the typical size: an estimate."""


@dataclass(frozen=True, slots=True)
class RecommendedShelf:
    """What suits a machine; one model stands in one place only. None where nothing is left."""

    best: Suggestion | None
    """The best answers at a speed that can be read along with."""
    fastest: Suggestion | None
    """The most tokens/s among those that answer nearly as well; None when the best is that."""
    smallest: Suggestion | None
    """The least memory and download that is still useful."""


def read_catalog(path: Path = CATALOG) -> Catalog:
    """The catalog of the program. Raises OSError, and msgspec.DecodeError for another file."""
    return msgspec.json.decode(path.read_bytes(), type=Catalog)


def shelf(catalog: Catalog, suggestions: Mapping[str, Suggestion]) -> RecommendedShelf:
    """What to recommend. Toys are recommended only where nothing else fits."""
    useful = [entry for entry in catalog.entries if entry.rank >= catalog.useful_rank]
    toys = [entry for entry in catalog.entries if entry.rank < catalog.useful_rank]
    judged = [[suggestions[entry.id] for entry in group] for group in (useful, toys)]
    fitting = next((good for group in judged if (good := list(filter(_fits, group)))), [])
    readable = [each for each in fitting if _speed(each) >= _READABLE] or fitting
    best = max(readable, key=_standing, default=None)
    good = [
        each
        for each in _without(readable, best)
        if best is not None
        and each.entry.rank >= _GOOD_ANSWER * best.entry.rank
        and _speed(each) > _speed(best)
    ]
    fastest = max(good, key=lambda each: (_speed(each), each.entry.id), default=None)
    left = _without(_without(fitting, best), fastest)
    smallest = min(left, key=lambda each: (each.entry.typical_bytes, each.entry.id), default=None)
    return RecommendedShelf(best, fastest, smallest)


def suggestion(machine: Machine) -> Callable[[CatalogEntry], Suggestion]:
    """What estimates how entries would run on ``machine``."""

    def judge(entry: CatalogEntry) -> Suggestion:
        facts = entry.facts()
        spaces = GuessedWorkSpaces(facts)
        return Suggestion(entry, Planner(facts, machine, Wishes(), spaces).plan())

    return judge


def _fits(each: Suggestion) -> bool:
    return each.placement.verdict != "too_large"


def _speed(each: Suggestion) -> float:
    return each.placement.predicted.decode.expected


def _standing(each: Suggestion) -> tuple[int, float, str]:
    return each.entry.rank, _speed(each), each.entry.id


def _without(suggestions: Iterable[Suggestion], taken: Suggestion | None) -> list[Suggestion]:
    return [each for each in suggestions if taken is None or each.entry.id != taken.entry.id]
