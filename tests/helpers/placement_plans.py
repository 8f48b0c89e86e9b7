"""Plans by arithmetic of published models on machines of round sizes."""

import json

from app.placement.described import machine_of
from app.placement.entities import Placement, Wishes
from app.placement.planner import Planner
from app.placement.workspace import GuessedWorkSpaces
from tests.helpers.verdict_models import facts_for

GIB = 2**30


def planned(
    model: str,
    label: str,
    *,
    ram_gib: int,
    gpu_gib: tuple[int, ...] = (),
    wishes: Wishes | None = None,
) -> Placement:
    """The plan of a model of the verdict table on cards called "Card 1" and so on."""
    facts = facts_for(model, label)
    described = {
        "ram_bytes": ram_gib * GIB,
        "ram_bytes_per_second": 65e9,
        "cores": 8,
        "devices": [
            {
                "name": f"Card {number}",
                "kind": "gpu",
                "memory_bytes": size * GIB,
                "bytes_per_second": 400e9,
                "link_bytes_per_second": 24e9,
            }
            for number, size in enumerate(gpu_gib, 1)
        ],
    }
    machine = machine_of(json.dumps(described).encode(), "machine")
    return Planner(facts, machine, wishes or Wishes(), GuessedWorkSpaces(facts)).plan()
