"""What placement remembers: kept over a restart, bounded, and absent when it makes no sense."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.entities import (
    DeviceAmount,
    DeviceSpeed,
    KernelSpeed,
    MeasuredSpeeds,
    Plan,
    Rehearsal,
)
from app.library.index import LIBRARY_MIGRATIONS
from app.placement import shelf
from app.placement.entities import Prediction, SpeedRange, Wishes
from app.placement.records import PlacementRecords, rehearsal_key
from app.placement.remembered import RememberedPlan, RepairStep
from app.placement.schema import PLACEMENT_MIGRATIONS, TABLES
from app.posting import CallbackQueue
from app.storage.opening import Database, open_database

SPEEDS = MeasuredSpeeds(
    kernels=(
        KernelSpeed(type_name="Q4_K", threads=2, bytes_per_second=3e10, operations_per_second=1e11),
    ),
    devices=(
        DeviceSpeed(
            device="CUDA0",
            bytes_per_second=8e11,
            operations_per_second=2e13,
            link_bytes_per_second=2.4e10,
        ),
    ),
    seconds=9.5,
)
REHEARSAL = Rehearsal(
    layers=("CPU", "CUDA0"),
    kv_cache=(DeviceAmount("CUDA0", 123),),
    compute=(DeviceAmount("CPU", 4),),
    context_tokens=8192,
    seconds=1.25,
)
PLAN = RememberedPlan(
    plan=Plan(context_tokens=8192, devices=("CUDA0",), gpu_layers=12),
    wishes=Wishes(context_tokens=8192, priority="documents"),
    planned=(DeviceAmount("CUDA0", 10), DeviceAmount("CPU", 20)),
    measured=(DeviceAmount("CUDA0", 12),),
    predicted=Prediction(
        decode=SpeedRange(8.0, 10.0, 12.0),
        prompt=SpeedRange(80.0, 100.0, 120.0),
        limited_by="ram_bandwidth",
        is_measured=True,
    ),
    repairs=(RepairStep(code="placement.repair", facts={"layers": 2, "device": "CUDA0"}),),
)


def open_at(folder: Path, queue: CallbackQueue | None = None) -> Database:
    steps = (*LIBRARY_MIGRATIONS, *PLACEMENT_MIGRATIONS)
    post = queue.post if queue is not None else lambda callback: callback()
    return open_database(folder / "library.sqlite3", steps, None, post)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_at(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def records(database: Database) -> PlacementRecords:
    return PlacementRecords(database)


def settle(database: Database) -> None:
    """Wait until everything asked so far is in the file."""
    database.writer.run(lambda _connection: None)


def test_nothing_is_known_at_first(records: PlacementRecords) -> None:
    assert records.speeds("m", "e") is None
    assert records.measured_ms("m", "e") is None
    assert records.rehearsal("k") is None
    assert records.overhead("m", "CUDA0") == 0
    assert records.working_plan("model", "m", None) is None
    assert records.wishes("model", "m") is None


def test_everything_outlives_the_program(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    records = PlacementRecords(database)
    records.keep_speeds("m", "e", SPEEDS, 1_700_000_000_000)
    records.keep_rehearsal("k", REHEARSAL)
    records.learn_overhead("m", "CUDA0", 300)
    records.keep_working_plan("model", "m", 8192, PLAN)
    records.keep_wishes("model", "m", Wishes(kv_type="q8_0", expert_layers=3))
    database.close()
    database = open_at(tmp_path)
    again = PlacementRecords(database)
    assert again.speeds("m", "e") == SPEEDS
    assert again.measured_ms("m", "e") == 1_700_000_000_000
    assert again.rehearsal("k") == REHEARSAL
    assert again.overhead("m", "CUDA0") == 300
    assert again.working_plan("model", "m", 8192) == PLAN
    assert again.wishes("model", "m") == Wishes(kv_type="q8_0", expert_layers=3)
    database.close()


def test_what_was_kept_is_there_before_the_database_has_it(tmp_path: Path) -> None:
    queue = CallbackQueue()
    database = open_at(tmp_path, queue)
    records = PlacementRecords(database)
    released: list[bool] = []

    gate = threading.Event()

    def wait(_connection: object) -> None:
        assert gate.wait(20)

    database.writer.submit(wait, lambda _none: released.append(True))
    records.keep_speeds("m", "e", SPEEDS, 1)
    assert records.speeds("m", "e") == SPEEDS
    gate.set()
    assert queue.run_until(lambda: bool(released), 20)
    settle(database)
    assert records.speeds("m", "e") == SPEEDS
    database.close()


def test_speeds_belong_to_one_machine_and_engine(
    records: PlacementRecords, database: Database
) -> None:
    records.keep_speeds("m", "e", SPEEDS, 1)
    settle(database)
    assert records.speeds("other", "e") is None
    assert records.speeds("m", "newer") is None


def test_the_last_write_wins(records: PlacementRecords, database: Database) -> None:
    records.keep_wishes("model", "m", Wishes(context_tokens=4096))
    records.keep_wishes("model", "m", Wishes(context_tokens=8192))
    settle(database)
    assert records.wishes("model", "m") == Wishes(context_tokens=8192)


def test_of_many_rehearsals_the_oldest_go(
    records: PlacementRecords, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MOST_ROWS", 5)
    for number in range(5):
        records.keep_rehearsal(f"k{number}", REHEARSAL)
    records.keep_rehearsal("k0", REHEARSAL)  # written again: no longer the oldest
    records.keep_rehearsal("k5", REHEARSAL)
    settle(database)
    known = [number for number in range(6) if records.rehearsal(f"k{number}") is not None]
    assert known == [0, 2, 3, 4, 5]
    assert shelf.MOST_ROWS == 5


def test_the_real_bound_is_two_thousand() -> None:
    assert shelf.MOST_ROWS == 2_000


def test_the_largest_overhead_of_the_last_five_loads_counts(records: PlacementRecords) -> None:
    for amount in (100, 900, 200):
        records.learn_overhead("m", "CUDA0", amount)
    assert records.overhead("m", "CUDA0") == 900
    for amount in (150, 250, 50):
        records.learn_overhead("m", "CUDA0", amount)
    assert records.overhead("m", "CUDA0") == 900
    records.learn_overhead("m", "CUDA0", 120)
    assert records.overhead("m", "CUDA0") == 250
    assert records.overhead("m", "CUDA1") == 0


def test_less_than_planned_is_no_overhead(records: PlacementRecords) -> None:
    records.learn_overhead("m", "CUDA0", -50)
    assert records.overhead("m", "CUDA0") == 0


def test_plans_are_told_apart_by_the_wished_context(
    records: PlacementRecords, database: Database
) -> None:
    records.keep_working_plan("model", "m", 8192, PLAN)
    settle(database)
    assert records.working_plan("model", "m", None) is None
    assert records.working_plan("model", "m", 4096) is None
    assert records.working_plan("other", "m", 8192) is None


def test_an_answers_speed_is_put_beside_its_plan(
    records: PlacementRecords, database: Database
) -> None:
    records.keep_working_plan("model", "m", None, PLAN)
    records.note_speed("model", "m", None, 9.0, 95.0)
    records.note_speed("model", "m", None, 0.0, 0.0)  # one token long: nothing was measured
    records.note_speed("model", "m", 4096, 1.0, 1.0)  # no such plan
    settle(database)
    known = records.working_plan("model", "m", None)
    assert known is not None
    assert (known.tokens_per_second, known.prompt_tokens_per_second) == (9.0, 95.0)
    assert known.plan == PLAN.plan
    assert records.working_plan("model", "m", 4096) is None


def test_reset_forgets_a_models_plans_and_wishes_alone(
    records: PlacementRecords, database: Database
) -> None:
    for model in ("model", "other"):
        records.keep_working_plan(model, "m", None, PLAN)
        records.keep_working_plan(model, "m2", 4096, PLAN)
        records.keep_wishes(model, "m", Wishes(expert_layers=1))
    records.keep_speeds("m", "e", SPEEDS, 1)
    records.forget_plans("model")
    assert records.working_plan("model", "m", None) is None
    assert records.working_plan("model", "m2", 4096) is None
    assert records.wishes("model", "m") is None
    settle(database)
    assert records.working_plan("model", "m", None) is None
    assert records.working_plan("other", "m", None) == PLAN
    assert records.wishes("other", "m") == Wishes(expert_layers=1)
    assert records.speeds("m", "e") == SPEEDS


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_makes_no_sense_is_absent_and_logged(
    table: str, records: PlacementRecords, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    records.keep_speeds("m", "e", SPEEDS, 1)
    records.keep_rehearsal("k", REHEARSAL)
    records.learn_overhead("m", "CUDA0", 5)
    records.keep_working_plan("model", "m", None, PLAN)
    records.keep_wishes("model", "m", Wishes())
    settle(database)
    database.writer.run(
        lambda connection: (connection.execute(f"UPDATE {table} SET value = x'93c1ff'"), None)[1]
    )
    found = {
        "speeds": records.speeds("m", "e"),
        "rehearsals": records.rehearsal("k"),
        "overheads": records.overhead("m", "CUDA0") or None,
        "plans": records.working_plan("model", "m", None),
        "wishes": records.wishes("model", "m"),
    }
    assert found[table] is None
    assert sum(value is None for value in found.values()) == 1
    assert table in caplog.text


def test_a_table_that_is_gone_is_no_error(
    records: PlacementRecords, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.writer.run(lambda connection: (connection.execute("DROP TABLE speeds"), None)[1])
    assert records.speeds("m", "e") is None
    records.keep_speeds("m", "e", SPEEDS, 1)
    settle(database)
    assert records.speeds("m", "e") == SPEEDS  # until the program ends
    assert "was not kept" in caplog.text


def test_a_rehearsals_key_changes_with_all_it_depends_on() -> None:
    key = rehearsal_key("model", PLAN.plan, ("CUDA0",), "e")
    assert key == rehearsal_key("model", PLAN.plan, ["CUDA0"], "e")
    assert len(key) == 64
    others = {
        rehearsal_key("other", PLAN.plan, ("CUDA0",), "e"),
        rehearsal_key("model", Plan(context_tokens=4096), ("CUDA0",), "e"),
        rehearsal_key("model", PLAN.plan, (), "e"),
        rehearsal_key("model", PLAN.plan, ("CUDA0",), "newer"),
    }
    assert len(others | {key}) == 5
