"""``main.py plan`` and ``ask`` for this computer, with small models and RPC devices."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import ExitCode
from app.placement.fingerprint import engine_fingerprint, machine_fingerprint
from app.wording import sentence
from tests.helpers.gguf_bytes import U32, value
from tests.helpers.gguf_edit import read_header
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_QWEN3MOE
from tests.helpers.placing import MIB, Placing, keep_speeds
from tests.helpers.rpc_devices import rpc_device
from tests.helpers.worker_process import ROOT


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(SMALL_QWEN3MOE, tmp_path_factory.mktemp("small") / "small.gguf")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder that knows how fast this computer is: else every command would measure it."""
    here = Placing(tmp_path / "data")
    keep_speeds(here, 2e9)
    here.close()
    return tmp_path / "data"


def moestro(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    words = [str(each) for each in arguments]
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--data-dir", str(folder), *words],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


def planned(folder: Path, *arguments: object) -> dict:
    run = moestro(folder, *arguments, "--json")
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def failed(run: subprocess.CompletedProcess[str]) -> str:
    """The code of a failure that is one object, and one line for people."""
    told = json.loads(run.stdout)["error"]
    *_warnings, line = run.stderr.splitlines()
    assert told["message"] == line
    assert len(line) <= 140
    return told["code"]


def test_a_plan_for_this_computer_and_an_rpc_device(small: Path, folder: Path) -> None:
    with rpc_device(300 * MIB) as device:
        told = planned(
            folder, "--rpc", device.host, "plan", small, "--context", 1024, "--budget", "RPC0=150",
            "--kv-type", "q8_0",
        )  # fmt: skip
    assert (told["verdict"], told["simulated"], told["notices"]) == ("gpu", True, [])
    assert [each["name"] for each in told["devices"]] == ["RPC0", "CPU"]
    remote, processor = told["devices"]
    assert remote["budget_bytes"] == 150 * MIB
    assert 0 < remote["bytes"]["total"] <= remote["budget_bytes"]
    assert (told["context"], told["kv_type"]) == (1024, "q8_0")
    assert [each["layer"] for each in told["layers"]] == [*range(6), "output"]
    assert {each["device"] for each in told["layers"]} == {"RPC0"}
    assert device.host in told["command_line"]
    assert processor["bytes"]["total"] > 0
    # Speeds of this computer were known: it was not measured again, which takes ten seconds.
    here = Placing(folder)
    try:
        records, surveyed = here.services.records, here.look()
        engine = engine_fingerprint()
        assert records.measured_ms(machine_fingerprint(surveyed.inventory), engine) == 1
        assert not surveyed.wants_measuring
    finally:
        here.close()


def test_a_budget_of_zero_leaves_a_device_out(small: Path, folder: Path) -> None:
    with rpc_device(300 * MIB) as device:
        told = planned(
            folder, "--rpc", device.host, "plan", small, "--budget", "RPC0=0",
            "--budget", "RPC7=5",
        )  # fmt: skip
    assert told["verdict"] == "cpu"
    remote = told["devices"][0]
    assert (remote["budget_bytes"], remote["bytes"]["total"]) == (0, 0)
    assert {each["device"] for each in told["layers"]} == {"CPU"}
    assert told["plan"]["rpc_hosts"] == []
    (notice,) = told["notices"]
    assert "RPC7" in notice


def test_a_model_whose_rehearsal_crashes_is_planned_by_arithmetic(
    small: Path, folder: Path, tmp_path: Path
) -> None:
    """A header that lies so that the engine gives itself up."""
    odd = {"qwen3moe.rope.dimension_count": value(U32, 33)}
    liar = read_header(small).with_keys(odd).write(tmp_path / "liar.gguf")
    with rpc_device(1000 * MIB) as device:
        told = planned(folder, "--rpc", device.host, "plan", liar)
    assert not told["simulated"]
    assert told["verdict"] != "too_large"
    (notice,) = told["notices"]
    assert notice == sentence("placement.rehearsal_died")
    remote = told["devices"][0]
    assert remote["bytes"]["total"] <= 0.9 * remote["budget_bytes"]


def test_hosts_that_are_not_there_end_with_5(small: Path, folder: Path) -> None:
    with rpc_device(300 * MIB) as device:
        host = device.host
    for arguments in (("plan", small), ("ask", "Hi", "--model", small)):
        run = moestro(folder, "--rpc", host, *arguments, "--json")
        assert run.returncode == ExitCode.NETWORK
        assert failed(run) == "engine.rpc_unreachable"


def test_too_little_memory_ends_with_4(small: Path, folder: Path) -> None:
    here = Placing(folder)
    here.services.settings.change(device_budgets={"CPU": 5 * MIB})
    here.close()
    run = moestro(folder, "ask", "Hi", "--model", small, "--json")
    assert run.returncode == ExitCode.NOT_ENOUGH_MEMORY
    assert failed(run) == "placement.too_large"
    knowingly = moestro(
        folder, "ask", "Hi", "--model", small, "--from-disk", "--max-tokens", "3", "--json"
    )
    assert knowingly.returncode == 0, knowingly.stderr
    assert json.loads(knowingly.stdout)["placement"]["verdict"] == "too_large"


def test_ask_tells_what_had_to_be_given_up(small: Path, folder: Path) -> None:
    with rpc_device(125 * MIB, told_bytes=1000 * MIB) as device:
        told = planned(
            folder, "--rpc", device.host, "ask", "Hi", "--model", small, "--max-tokens", 3,
            "--context", 4096,
        )  # fmt: skip
    placed = told["placement"]
    assert len(placed["repairs"]) == 1
    assert "RAM" in placed["repairs"][0]
    assert placed["verdict"] == "hybrid"
    assert placed["measured_bytes"]["RPC0"] <= 125 * MIB
    assert told["plan"] == placed["plan"]
