"""Recommendations are found out once per computer, and told on the state thread."""

import json

from app.library.catalog import read_catalog
from app.library.recommending import Recommendations, Recommended
from app.placement.described import machine_of
from app.placement.entities import Machine
from app.posting import CallbackQueue


def machine(gib: int) -> Machine:
    value = {"ram_bytes": gib << 30, "ram_bytes_per_second": 60e9, "cores": 8, "devices": []}
    return machine_of(json.dumps(value).encode(), "described")


def drain(queue: CallbackQueue, told: list[Recommended], count: int) -> None:
    assert queue.run_until(lambda: len(told) >= count, 30)


def test_once_for_everybody_who_asks() -> None:
    queue, told = CallbackQueue(), list[Recommended]()
    recommendations = Recommendations(read_catalog, queue.post)
    recommendations.look(machine(32), told.append)
    recommendations.look(machine(32), told.append)
    assert told == []
    drain(queue, told, 2)
    assert told[0] is told[1]
    assert told[0].shelf.best is not None
    assert set(told[0].suggestions) == {each.id for each in told[0].catalog.entries}
    recommendations.look(machine(32), told.append)
    assert told[2] is told[0], "known, so at once"


def test_another_computer_replaces_the_question() -> None:
    queue, told = CallbackQueue(), list[Recommended]()
    recommendations = Recommendations(read_catalog, queue.post)
    recommendations.look(machine(4), told.append)
    recommendations.look(machine(512), told.append)
    drain(queue, told, 2)
    assert told[0] is told[1], "who asked first hears of the computer as it is now"
    best = told[0].shelf.best
    assert best is not None
    assert best.entry.total_parameters > 100e9


def test_closed_it_tells_nobody() -> None:
    queue, told = CallbackQueue(), list[Recommended]()
    recommendations = Recommendations(read_catalog, queue.post)
    recommendations.look(machine(32), told.append)
    recommendations.close()
    assert not queue.run_until(lambda: bool(told), 0.5)
