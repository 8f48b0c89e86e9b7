"""A small share of the headers that lie: each ends in a name. The long run is in tests/faults."""

import os
import random

import pytest

from tests.helpers.header_cases import CASES
from tests.helpers.header_mutations import mutation
from tests.helpers.header_trials import HeaderStage, Trial

LOADED = {
    "1,000 layers, nearly all empty": "engine.crashed",
    "more dense layers first than layers": "engine.file_refused",
    "keys of 1,048,576 values": "placement.too_large",
    "an epsilon that is no number": "then engine.crashed",
    "a context of 4,294,967,295": "ok",
    "an unknown architecture": "engine.unknown_architecture",
}
"""By name, how a real load ends; the others are not loaded here."""
REFUSED = {
    "no layers": "gguf.layers",
    "more experts used than there are": "gguf.damaged",
    "an unknown type of weights": "gguf.newer_type",
    "a retired type of weights": "gguf.retired_type",
    "sizes that overflow": "gguf.damaged",
    "no tokenizer but 400,000,000 tokens": "gguf.damaged",
    "a part is missing": "gguf.part_missing",
    "the same part twice": "gguf.part_stranger",
    "200 parts told, 3 there": "gguf.part_name",
    "more tensors told than in all parts": "gguf.parts_mixed",
}
"""By name, what the reader says."""
REHEARSED = {
    "100,000 experts": "placement.rehearsal_died",
    "latent attention without ranks": "placement.rehearsal_model",
    "an unknown architecture": "engine.unknown_architecture",
    "a context of 4,294,967,295": "ok",
    "a window of 4,294,967,295": "ok",
    "30B with a cache of 512 times its size": "placement.rehearsal_model",
}
"""By name, what becomes of a rehearsal."""
MUTATIONS = 60


def test_cases_end_in_their_names() -> None:
    names = sorted({*LOADED, *REFUSED, *REHEARSED})
    trials = {name: Trial(name, "by hand", CASES[name](), loads=name in LOADED) for name in names}
    with HeaderStage() as stage:
        stage.run(list(trials.values()))
    assert {name: trials[name].read for name in REFUSED} == REFUSED
    assert {name: trials[name].rehearsed for name in REHEARSED} == REHEARSED
    loaded = {name: trials[name].loaded.partition(" (")[0] for name in LOADED}
    assert loaded == LOADED


@pytest.fixture
def seed() -> int:
    """Another one in each run; the environment variable repeats one that was printed."""
    chosen = int(os.environ.get("MOESTRO_HEADER_SEED", random.randrange(10**9)))
    print(f"MOESTRO_HEADER_SEED={chosen}")  # noqa: T201 - shown when the test does not pass
    return chosen


def test_mutations_end_in_names(seed: int) -> None:
    seeds = range(seed, seed + MUTATIONS)
    trials = [
        Trial(str(each), *mutation(each), loads=number % 10 == 0)
        for number, each in enumerate(seeds)
    ]
    with HeaderStage() as stage:
        stage.run(trials)
    assert all(trial.read for trial in trials)
    survivors = [trial for trial in trials if trial.read == "ok"]
    assert all(trial.planned and trial.rehearsed for trial in survivors)
    assert survivors


def test_the_same_seed_tells_the_same_lie() -> None:
    for each in (3, 1111, 98765):
        (kind, draft), again = mutation(each), mutation(each)
        assert (kind, draft) == again
