"""What a search found, put together by base model, with what is known or estimated of each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.library.catalog import Catalog, CatalogEntry, Suggestion
from app.placement.budgets import in_main_memory
from app.placement.entities import Machine, Prediction, Verdict
from models.hub_entities import FoundRepository, Gate

_ACTIVE = re.compile(r"(?<![a-z0-9])(\d+(?:\.\d+)?)b[-_ ]?a(\d+(?:\.\d+)?)b(?![a-z0-9])", re.I)
_SUFFIX = re.compile(r"[-_. ]+(?:gguf|i1|imatrix|imat|quants?)(?=$|[-_. ])", re.I)
_MIXTURES = frozenset(("deepseek2", "gpt-oss", "llama4", "dbrx", "grok", "minimax-m2", "jamba"))
"""Architectures of mixtures whose names do not say so."""
_TYPICAL_BITS = 4.85
"""Per weight in Q4_K_M, which is what most people take."""
_ROOM = 1.1
"""Weights times this is what a model needs with a short context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundModel:
    """A base model with the repositories that have GGUF files of it."""

    base: str
    """Its repository, ``owner/name``; the only one with GGUF files where nobody tells."""
    repositories: tuple[FoundRepository, ...]
    """The one to look at first, first. Empty for what the catalog alone knows."""
    entry: CatalogEntry | None = None

    @property
    def name(self) -> str:
        """To show."""
        if self.entry is not None:
            return self.entry.name
        return _SUFFIX.sub("", self.base.rpartition("/")[2]) or self.base

    @property
    def places(self) -> tuple[str, ...]:
        """Repositories with GGUF files, the one to look at first, first."""
        known = self.entry.repositories if self.entry is not None else []
        found = [each.id for each in self.repositories]
        if not found:
            return tuple(known)
        have = {name.casefold() for name in found}
        first = [name for name in known if name.casefold() in have]
        lower = {name.casefold() for name in first}
        return (*first, *(name for name in found if name.casefold() not in lower))

    @property
    def total_parameters(self) -> int:
        """0 when nobody tells."""
        if self.entry is not None:
            return self.entry.total_parameters
        told = max((each.parameters for each in self.repositories), default=0)
        named = _ACTIVE.search(self.base)
        return told or (round(float(named[1]) * 1e9) if named else 0)

    @property
    def active_parameters(self) -> int:
        """That compute each token; 0 when nobody tells."""
        if self.entry is not None:
            return self.entry.active_parameters
        named = _ACTIVE.search(self.base)
        return round(float(named[2]) * 1e9) if named else 0

    @property
    def architecture(self) -> str:
        """As GGUF files name it; empty when nobody tells."""
        if self.entry is not None:
            return str(self.entry.shape.get("architecture", ""))
        return next((each.architecture for each in self.repositories if each.architecture), "")

    @property
    def is_moe(self) -> bool:
        """Whether only some of its experts compute each token, as far as can be told."""
        if self.entry is not None:
            return self.entry.is_moe
        told = self.architecture.casefold()
        return "moe" in told or told in _MIXTURES or _ACTIVE.search(self.base) is not None

    @property
    def licence(self) -> str:
        """As it is stated; empty when it is not."""
        if self.entry is not None:
            return self.entry.licence
        return next((each.licence for each in self.repositories if each.licence), "")

    @property
    def is_gated(self) -> bool:
        """Whether every repository wants its terms to be accepted."""
        gates = [each.gate for each in self.repositories]
        return bool(gates) and Gate.OPEN not in gates

    @property
    def downloads(self) -> int:
        """Of all repositories."""
        return sum(each.downloads for each in self.repositories)

    @property
    def typical_bytes(self) -> int:
        """In about 4 bits; estimated where the catalog does not know it, 0 when nobody can."""
        if self.entry is not None:
            return self.entry.typical_bytes
        return round(self.total_parameters * _TYPICAL_BITS / 8)


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a model would do on a machine, without having seen its files."""

    verdict: Verdict | None
    """None when not even its size is known."""
    prediction: Prediction | None = None
    """For what the catalog knows the shape of."""


def put_together(repositories: Iterable[FoundRepository], catalog: Catalog) -> list[FoundModel]:
    """Repositories of the same base model as one, at the place of the first."""
    by_base = {entry.base_repository.casefold(): entry for entry in catalog.entries}
    by_place = {name.casefold(): entry for entry in catalog.entries for name in entry.repositories}
    groups: dict[str, list[FoundRepository]] = {}
    names: dict[str, tuple[str, CatalogEntry | None]] = {}
    for found in repositories:
        base = found.base_models[0] if found.base_models else found.id
        entry = by_base.get(base.casefold()) or by_place.get(found.id.casefold())
        base = entry.base_repository if entry is not None else base
        names.setdefault(base.casefold(), (base, entry))
        groups.setdefault(base.casefold(), []).append(found)
    return [
        FoundModel(
            base=names[key][0],
            repositories=tuple(sorted(_once(group), key=lambda each: -each.downloads)),
            entry=names[key][1],
        )
        for key, group in groups.items()
    ]


def known_models(catalog: Catalog, text: str) -> list[FoundModel]:
    """What the catalog alone knows of these words, the best first; for when nobody is asked."""
    words = text.casefold().split()
    fitting = [
        entry
        for entry in catalog.entries
        if all(word in f"{entry.name} {entry.family} {entry.id}".casefold() for word in words)
    ]
    fitting.sort(key=lambda entry: (-entry.rank, entry.id))
    return [FoundModel(base=each.base_repository, repositories=(), entry=each) for each in fitting]


def outlook(
    found: FoundModel, machine: Machine | None, suggestions: Mapping[str, Suggestion]
) -> Outlook:
    """How ``found`` would do on ``machine``; ``suggestions`` by the id of the catalog's entry."""
    if found.entry is not None and found.entry.id in suggestions:
        placement = suggestions[found.entry.id].placement
        return Outlook(placement.verdict, placement.predicted)
    if machine is None or not found.typical_bytes:
        return Outlook(None)
    return Outlook(_verdict_by_size(round(found.typical_bytes * _ROOM), machine))


def architectures(models: Sequence[FoundModel]) -> list[str]:
    """Those that occur, the most frequent first."""
    told = [each.architecture for each in models if each.architecture]
    return sorted(dict.fromkeys(told), key=lambda name: (-told.count(name), name))


def _verdict_by_size(needed: int, machine: Machine) -> Verdict:
    shared = {device.name for device in in_main_memory(machine)}
    apart = sum(each.budget_bytes for each in machine.devices if each.name not in shared)
    has_gpu = any(each.kind != "cpu" for each in machine.devices)
    if needed <= (apart or (machine.processor.budget_bytes if has_gpu else 0)):
        return "gpu"
    if needed <= apart + machine.processor.budget_bytes:
        return "hybrid" if has_gpu else "cpu"
    return "too_large"


def _once(group: list[FoundRepository]) -> list[FoundRepository]:
    """The Hub may tell a repository on two pages, when it moved between them."""
    return list({each.id: each for each in group}.values())
