"""Looking at this computer: as cheaply as is right, with what is remembered of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.client import EngineClient
from app.engine.entities import Device, DeviceSpeed, KernelSpeed, MeasuredSpeeds
from app.library.index import LIBRARY_MIGRATIONS
from app.placement import survey as survey_module
from app.placement.entities import Inventory
from app.placement.fingerprint import machine_fingerprint
from app.placement.inventory import inventory_of
from app.placement.records import PlacementRecords
from app.placement.schema import PLACEMENT_MIGRATIONS
from app.placement.survey import Survey, Surveyed
from app.posting import CallbackQueue, Scheduler
from app.storage.opening import open_database
from models.errors import KnownError

GIB = 2**30
NOBODY = "127.0.0.1:1"
CPU = Device(
    name="CPU", description="Some processor", kind="cpu", backend="CPU",
    memory_bytes=0, free_bytes=0,
)  # fmt: skip
CARD = Device(
    name="CUDA0", description="Some card", kind="gpu", backend="CUDA",
    memory_bytes=24 * GIB, free_bytes=8 * GIB,
)  # fmt: skip
CARD_SPEED = DeviceSpeed(
    device="CUDA0", bytes_per_second=5e11, operations_per_second=2e13, link_bytes_per_second=2e10
)


class Looked:
    """A survey of one data folder with real workers; what it depends on can be changed."""

    def __init__(self, folder: Path) -> None:
        self.queue = CallbackQueue()
        self.scheduler = Scheduler(self.queue.post)
        steps = (*LIBRARY_MIGRATIONS, *PLACEMENT_MIGRATIONS)
        self.database = open_database(folder / "library.sqlite3", steps, None, self.queue.post)
        self.records = PlacementRecords(self.database)
        self.engine = "engine"
        self.inventory: Inventory | None = inventory_of((CPU,))
        self.budgets: dict[str, int] = {}
        self.hosts: tuple[str, ...] = ()
        self.held: dict[str, int] = {}
        self.hosts_in_use = False
        self.starts = 0
        self.survey = Survey(
            self._start,
            self.records,
            lambda: self.engine,
            lambda: self.inventory,
            budgets=lambda: self.budgets,
            rpc_hosts=lambda: self.hosts,
            held=lambda: self.held,
            hosts_in_use=lambda: self.hosts_in_use,
        )
        self._clients: list[EngineClient] = []

    def _start(self, on_death) -> EngineClient:
        self.starts += 1
        client = EngineClient(self.queue.post, self.scheduler, on_death)
        self._clients.append(client)
        return client

    def look(self) -> Surveyed | KnownError:
        """What looking gives."""
        found: list[Surveyed | KnownError] = []
        self.survey.look(found.append, found.append)
        assert self.queue.run_until(lambda: bool(found), 60)
        return found[0]

    def seen(self) -> Surveyed:
        """What looking gives, when it works."""
        found = self.look()
        assert isinstance(found, Surveyed), found
        return found

    def measure(self, types: Sequence[str]) -> Surveyed:
        """Measure with the engine's real kernels."""
        found: list[Surveyed] = []
        errors: list[KnownError] = []
        self.survey.measure(types, lambda _fraction: None, found.append, errors.append)
        assert self.queue.run_until(lambda: bool(found or errors), 120)
        assert errors == []
        return found[0]

    def close(self) -> None:
        for client in self._clients:
            client.close_and_wait()
        self.scheduler.close()
        self.database.close()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Looked]:
    looked = Looked(tmp_path)
    yield looked
    looked.close()


def speeds(*types: str, devices: tuple[DeviceSpeed, ...] = ()) -> MeasuredSpeeds:
    kernels = tuple(
        KernelSpeed(type_name=name, threads=1, bytes_per_second=1e9, operations_per_second=1e9)
        for name in types
    )
    return MeasuredSpeeds(kernels=kernels, devices=devices, seconds=10)


# --- looking -------------------------------------------------------------------------------


def test_an_engine_that_can_have_no_other_device_is_not_started(here: Looked) -> None:
    found = here.seen()
    assert here.starts == 0
    assert found.machine.devices == ()
    assert found.speeds is None


def test_any_other_engine_is_asked(here: Looked) -> None:
    here.inventory = None
    assert here.seen().inventory.devices[-1].kind == "cpu"
    assert here.starts == 1


def test_a_host_that_is_named_twice_is_asked_once(here: Looked) -> None:
    here.hosts = (NOBODY, NOBODY)
    found = here.look()
    assert isinstance(found, KnownError)
    assert found.code == "engine.rpc_unreachable"


def test_a_worker_that_does_not_start_is_one_error(here: Looked, tmp_path: Path) -> None:
    def start(_on_death: object) -> EngineClient:
        raise FileNotFoundError(str(tmp_path))

    failing = Survey(
        start, here.records, lambda: "", lambda: None, budgets=dict, rpc_hosts=lambda: (),
        held=dict, hosts_in_use=lambda: False,
    )  # fmt: skip
    found: list[object] = []
    failing.look(found.append, found.append)
    assert [error.code for error in found if isinstance(error, KnownError)] == ["engine.no_start"]


def test_hosts_of_our_loaded_model_are_not_asked_again(here: Looked) -> None:
    """They serve one client. What was free before the load is free without the model."""
    here.inventory = inventory_of((CARD, CPU))
    here.seen()
    here.inventory, here.hosts, here.hosts_in_use = None, (NOBODY,), True
    here.held = {"CUDA0": 6 * GIB, "CPU": 1}
    found = here.seen()
    assert here.starts == 0
    assert found.machine.device("CUDA0").free_bytes == 8 * GIB


def test_what_our_model_holds_counts_as_free(here: Looked) -> None:
    here.inventory = inventory_of((CARD, CPU))
    here.held = {"CUDA0": 6 * GIB}
    assert here.seen().machine.device("CUDA0").free_bytes == 14 * GIB


def test_an_allowed_budget_comes_before_the_settings(here: Looked) -> None:
    here.inventory = inventory_of((CARD, CPU))
    here.budgets = {"CUDA0": 3 * GIB, "CPU": 2**20}
    here.survey.allow({"CUDA0": 2 * GIB})
    machine = here.seen().machine
    assert machine.device("CUDA0").budget_bytes == 2 * GIB
    assert machine.processor.budget_bytes == 2**20


def test_what_loads_took_beyond_their_plans_is_left_free(here: Looked) -> None:
    here.inventory = inventory_of((CARD, CPU))
    first = here.seen()
    here.records.learn_overhead(first.fingerprint, "CUDA0", 300 * 2**20)
    before, after = (each.machine.device("CUDA0").budget_bytes for each in (first, here.seen()))
    assert before - after == 300 * 2**20


# --- speeds --------------------------------------------------------------------------------


def test_speeds_are_kept_per_machine_and_engine(
    here: Looked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey_module, "MEASURING_SECONDS", 0.3)
    assert here.seen().wants_measuring
    measured = here.measure(["Q8_0"])
    assert measured.speeds is not None
    assert {kernel.type_name for kernel in measured.speeds.kernels} == {"Q8_0"}
    assert measured.machine.is_measured
    assert measured.machine.type_bytes_per_second["Q8_0"] > 0
    assert here.survey.measured_ms(measured)
    again = here.seen()
    assert again.speeds == measured.speeds
    assert not again.wants_measuring
    here.engine = "another engine"
    assert here.seen().wants_measuring
    here.engine = "engine"
    assert here.inventory is not None
    here.inventory = replace(here.inventory, physical_cores=here.inventory.physical_cores + 1)
    assert here.seen().wants_measuring


def test_what_is_not_measured_again_stays(here: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other types, and a device that this measurement could not reach."""
    monkeypatch.setattr(survey_module, "MEASURING_SECONDS", 0.2)
    here.inventory = inventory_of((CARD, CPU))
    key = machine_fingerprint(here.inventory)
    here.records.keep_speeds(key, "engine", speeds("Q8_0", "Q4_K", devices=(CARD_SPEED,)), 1)
    found = here.measure(["Q8_0"])
    assert found.speeds is not None
    assert found.speeds.devices == (CARD_SPEED,)
    by_type = {kernel.type_name: kernel.bytes_per_second for kernel in found.speeds.kernels}
    assert by_type["Q4_K"] == 1e9
    assert by_type["Q8_0"] != 1e9
    assert found.machine.is_measured


def test_a_device_that_could_not_be_measured_is_not_tried_at_every_look(here: Looked) -> None:
    """Each try would take ten seconds."""
    here.inventory = inventory_of((CARD, CPU))
    here.records.keep_speeds(machine_fingerprint(here.inventory), "engine", speeds("Q4_K"), 1)
    found = here.seen()
    assert not found.machine.is_measured
    assert not found.wants_measuring
