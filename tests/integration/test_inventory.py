"""The inventory of this computer, from a real worker."""

import json
import subprocess
import sys
from pathlib import Path

from app.engine.client import Deadlines, EngineClient
from app.engine.cores import usable_cores
from app.engine.errors import WorkerDiedError
from app.placement.entities import Inventory
from app.placement.inventory import take_inventory
from app.posting import CallbackQueue, Scheduler
from models.errors import KnownError

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "helpers" / "scripted_worker.py"


class Taken:
    """One inventory, from the real worker or one that misbehaves."""

    def __init__(self, command: list[str] | None = None, deadlines: Deadlines | None = None):
        queue = CallbackQueue()
        scheduler = Scheduler(queue.post)
        self.found: list[Inventory] = []
        self.errors: list[KnownError] = []
        deaths: list[WorkerDiedError | None] = []

        def start(on_death) -> EngineClient:
            def told(death: WorkerDiedError | None) -> None:
                deaths.append(death)
                on_death(death)

            return EngineClient(queue.post, scheduler, told, deadlines, command)

        take_inventory(start, self.found.append, self.errors.append)
        assert queue.run_until(lambda: bool(self.found or self.errors), 60)
        assert queue.run_until(lambda: bool(deaths), 20), "the worker stayed"
        scheduler.close()


def test_the_processor_is_there_with_real_memory() -> None:
    taken = Taken()
    assert taken.errors == []
    inventory = taken.found[0]
    processor = inventory.devices[-1]
    assert processor.kind == "cpu"
    assert processor.name == "CPU"
    assert processor.description
    assert processor.free_bytes == inventory.memory.available_bytes
    assert inventory.physical_cores == usable_cores()


def test_a_worker_that_says_nothing_is_ended_and_said() -> None:
    command = [sys.executable, str(SCRIPT), "good"]
    taken = Taken(command, Deadlines(devices=1.0))
    assert [error.code for error in taken.errors] == ["engine.no_devices"]
    assert taken.found == []


def test_the_terminal_lists_them_as_text_and_as_json(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "main.py"), "devices", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    whole = json.loads(run("--json").stdout)
    assert whole["devices"][-1]["kind"] == "cpu"
    assert whole["memory"]["available_bytes"] > 0
    text = run()
    assert text.returncode == 0
    assert text.stdout.startswith("CPU") or "\nCPU" in text.stdout
    assert text.stderr == ""
