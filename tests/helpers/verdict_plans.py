"""Plans of the pairs in the table of expected verdicts, by arithmetic alone."""

import json
from collections.abc import Iterator
from typing import Any

from app.placement.described import machine_of
from app.placement.entities import Placement, Wishes
from app.placement.marking import Judged
from app.placement.planner import Planner
from app.placement.workspace import GuessedWorkSpaces
from tests.helpers.verdict_models import facts_for
from tests.helpers.verdict_table import read_table

TABLE = read_table()


def placed(pair: dict[str, Any], label: str) -> Placement:
    """The plan for a pair's model in the quantization ``label``."""
    facts = facts_for(pair["model"], label)
    described = TABLE["machines"][pair["machine"]]["machine"]
    machine = machine_of(json.dumps(described).encode(), pair["machine"])
    wishes = Wishes(context_tokens=TABLE["context_tokens"], kv_type=TABLE["kv_type"])
    return Planner(facts, machine, wishes, GuessedWorkSpaces(facts)).plan()


def judged(pair: dict[str, Any]) -> Iterator[Judged]:
    """Every quantization of a pair's model."""
    for each in TABLE["models"][pair["model"]]["quantizations"]:
        yield Judged(each["label"], each["bytes"], placed(pair, each["label"]).verdict)
