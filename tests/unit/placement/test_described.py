"""Machine files: what they mean, and one sentence for each way to get them wrong."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ExitCode
from app.placement.budgets import GIB, in_main_memory
from app.placement.described import MachineFileError, machine_of, read_machine
from app.wording import sentence_for
from tests.helpers.verdict_table import read_table

MACHINES = {name: entry["machine"] for name, entry in read_table()["machines"].items()}


def device(**changes: Any) -> dict[str, Any]:
    base = {
        "name": "RTX 3060", "kind": "gpu", "memory_bytes": 12 * GIB, "bytes_per_second": 325e9,
        "link_bytes_per_second": 24e9,
    }  # fmt: skip
    return {key: value for key, value in {**base, **changes}.items() if value != "absent"}


def machine(**changes: Any) -> bytes:
    base = {
        "ram_bytes": 64 * GIB, "ram_bytes_per_second": 65e9, "cores": 8, "devices": [device()],
    }  # fmt: skip
    whole = {key: value for key, value in {**base, **changes}.items() if value != "absent"}
    return json.dumps(whole).encode()


def refusal(content: bytes) -> MachineFileError:
    with pytest.raises(MachineFileError) as caught:
        machine_of(content, "mine.json")
    assert caught.value.exit_code == ExitCode.USAGE
    said = sentence_for(caught.value)
    assert "mine.json" in said
    assert len(said) <= 140
    return caught.value


# --- what they mean ------------------------------------------------------------------------


def test_a_machine(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(machine())
    read = read_machine(path)
    assert read.is_described
    assert not read.is_measured
    assert not read.unified_memory
    assert read.cores == 8
    assert read.processor.name == "CPU"
    assert read.processor.memory_bytes == 64 * GIB
    assert read.processor.free_bytes == 62 * GIB, "the system takes its part"
    assert read.processor.budget_bytes == 62 * GIB - int(3.2 * GIB)
    assert read.processor.bytes_per_second == 65e9
    assert read.processor.operations_per_second == 8 * 50e9
    (gpu,) = read.devices
    assert (gpu.name, gpu.description, gpu.kind) == ("RTX 3060", "RTX 3060", "gpu")
    assert gpu.budget_bytes == 12 * GIB - int(0.6 * GIB)
    assert gpu.operations_per_second == 40 * 325e9
    assert gpu.link_bytes_per_second == 24e9
    assert gpu.fetches_experts
    assert not any(each.is_here for each in read.everything)


def test_optional_fields() -> None:
    read = machine_of(
        machine(
            operations_per_second=5e11, free_bytes=20 * GIB, disk_bytes_per_second=3e9,
            devices=[device(operations_per_second=3e13, free_bytes=6 * GIB)],
        ),
        "mine.json",
    )  # fmt: skip
    assert read.processor.operations_per_second == 5e11
    assert read.processor.free_bytes == 20 * GIB
    assert read.disk_bytes_per_second == 3e9
    assert read.devices[0].operations_per_second == 3e13
    assert read.devices[0].free_bytes == 6 * GIB
    assert read.devices[0].budget_bytes == 6 * GIB - int(0.6 * GIB)


def test_the_user_s_budgets_hold_for_described_machines_too() -> None:
    read = machine_of(machine(), "mine.json", {"RTX 3060": 3 * GIB, "CPU": 0})
    assert read.devices[0].budget_bytes == 3 * GIB
    assert read.processor.budget_bytes == 0


@pytest.mark.parametrize("kind", ["igpu", "unified"])
def test_one_pool_of_memory(kind: str) -> None:
    read = machine_of(machine(devices=[device(kind=kind, memory_bytes=80 * GIB)]), "mine.json")
    assert read.unified_memory
    assert in_main_memory(read) == read.devices
    assert read.devices[0].budget_bytes == read.processor.budget_bytes
    assert read.devices[0].free_bytes == read.processor.free_bytes


def test_the_machine_s_own_word_on_its_memory_comes_first() -> None:
    pool = machine_of(machine(unified_memory=True), "mine.json")
    assert in_main_memory(pool) == pool.devices != ()
    apart = machine_of(machine(unified_memory=False, devices=[device(kind="igpu")]), "mine.json")
    assert not apart.unified_memory
    assert apart.devices[0].kind == "gpu"


def test_very_little_memory_and_no_devices() -> None:
    read = machine_of(machine(ram_bytes=GIB, devices=[]), "mine.json")
    assert read.devices == ()
    assert read.processor.free_bytes == GIB // 2
    assert read.processor.budget_bytes == 0


def test_a_byte_order_mark_is_no_fault() -> None:
    assert machine_of(b"\xef\xbb\xbf" + machine(), "mine.json").cores == 8


@pytest.mark.parametrize("name", MACHINES)
def test_the_machines_of_the_verdict_table(name: str) -> None:
    read = machine_of(json.dumps(MACHINES[name]).encode(), name)
    assert len(read.devices) == len(MACHINES[name]["devices"])
    assert read.unified_memory == (name == "unified-64")


def room(name: str) -> int:
    """Bytes of weights, KV cache and working memory that a machine of the table has room for."""
    read = machine_of(json.dumps(MACHINES[name]).encode(), name)
    apart = [each for each in read.devices if each not in in_main_memory(read)]
    return sum(each.budget_bytes for each in (*apart, read.processor))


def test_bounds_that_the_verdict_table_sets() -> None:
    """Rows 14, 19, 20, 21 and 22."""
    assert room("processor-16") < 17.3 * GIB
    assert room("desktop-12-64") < 79.8 * GIB
    assert room("desktop-24-128") > (132.3 + 4) * GIB
    assert room("desktop-24-128") < 227 * GIB
    unified = machine_of(json.dumps(MACHINES["unified-64"]).encode(), "unified-64")
    assert unified.devices[0].budget_bytes > (42.2 + 1.5 + 0.7) * GIB
    assert room("unified-64") < 64 * GIB


# --- what is wrong with them ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code", "key"),
    [
        (machine(ram_bytes=0), "machine.not_whole", "ram_bytes"),
        (machine(ram_bytes=-1), "machine.not_whole", "ram_bytes"),
        (machine(ram_bytes="64"), "machine.not_whole", "ram_bytes"),
        (machine(ram_bytes=1 << 60), "machine.not_whole", "ram_bytes"),
        (machine(ram_bytes=1.5), "machine.not_whole", "ram_bytes"),
        (machine(cores=0), "machine.not_whole", "cores"),
        (machine(cores=None), "machine.not_whole", "cores"),
        (machine(ram_bytes_per_second=0), "machine.not_speed", "ram_bytes_per_second"),
        (machine(disk_bytes_per_second=[]), "machine.not_speed", "disk_bytes_per_second"),
        (machine(ram_bytes_per_second=1e30), "machine.not_speed", "ram_bytes_per_second"),
        (machine(free_bytes=-1), "machine.not_free_bytes", "free_bytes"),
        (machine(free_bytes=65 * GIB), "machine.free_above_all", "free_bytes"),
        (machine(unified_memory=1), "machine.not_yes_no", "unified_memory"),
        (machine(cores="absent"), "machine.field_missing", "cores"),
        (machine(ram_byte=1), "machine.field_unknown", "ram_byte"),
        (machine(devices={}), "machine.not_devices", "devices"),
        (machine(devices=[1]), "machine.not_devices", "devices[0]"),
        (machine(devices=[device(memory_bytes=0)]), "machine.not_whole", "devices[0].memory_bytes"),
        (
            machine(devices=[device(bytes_per_second=-1)]),
            "machine.not_speed",
            "devices[0].bytes_per_second",
        ),
        (
            machine(devices=[device(link_bytes_per_second="absent")]),
            "machine.field_missing",
            "devices[0].link_bytes_per_second",
        ),
        (machine(devices=[device(speed=1)]), "machine.field_unknown", "devices[0].speed"),
        (machine(devices=[device(kind="tpu")]), "machine.kind_unknown", "devices[0].kind"),
        (machine(devices=[device(kind=3)]), "machine.kind_unknown", "devices[0].kind"),
        (machine(devices=[device(name="")]), "machine.name_not_usable", "devices[0].name"),
        (machine(devices=[device(name=1)]), "machine.name_not_usable", "devices[0].name"),
        (machine(devices=[device(name="a\nb")]), "machine.name_not_usable", "devices[0].name"),
        (machine(devices=[device(name=" a")]), "machine.name_not_usable", "devices[0].name"),
        (
            machine(devices=[device(free_bytes=13 * GIB)]),
            "machine.free_above_all",
            "devices[0].free_bytes",
        ),
        (b"[]", "machine.not_described", ""),
        (b"3", "machine.not_described", ""),
    ],
)
def test_a_wrong_field_is_named(content: bytes, code: str, key: str) -> None:
    error = refusal(content)
    assert (error.code, error.facts["key"]) == (code, key)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"nonsense", machine()[:-1], machine() + b"}", b'{"ram_bytes": NaN}',
        machine().replace(b"RTX", b"\xff\xfe"), b"[" * 3, b"\x00" * 100,
    ],
)  # fmt: skip
def test_not_json(content: bytes) -> None:
    assert refusal(content).code in ("machine.not_json", "machine.not_described")


def test_nesting_without_end() -> None:
    deep = b'{"ram_bytes":1,"devices":' + b"[" * 500_000
    refusal(deep)
    refusal(b'{"x":' + b"[" * 500_000)


def test_devices_of_the_same_name() -> None:
    error = refusal(machine(devices=[device(), device()]))
    assert (error.code, error.facts["device"]) == ("machine.name_taken", "RTX 3060")


@pytest.mark.parametrize("name", ["CPU", "cpu"])
def test_a_device_called_like_the_processor(name: str) -> None:
    error = refusal(machine(devices=[device(name=name)]))
    assert error.code == "machine.name_of_processor"


def test_too_many_devices() -> None:
    many = [device(name=f"GPU {number}") for number in range(9)]
    assert refusal(machine(devices=many)).code == "machine.too_many_devices"
    assert len(machine_of(machine(devices=many[:8]), "mine.json").devices) == 8


def file_refusal(path: Path) -> str:
    with pytest.raises(MachineFileError) as caught:
        read_machine(path)
    sentence_for(caught.value)
    return caught.value.code


def test_no_file(tmp_path: Path) -> None:
    assert file_refusal(tmp_path / "absent.json") == "machine.no_file"
    assert file_refusal(tmp_path) == "machine.no_file"
    assert file_refusal(tmp_path / "a\0b") in ("machine.no_file", "machine.not_readable")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes in folders are POSIX")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    assert file_refusal(tmp_path / "pipe.json") == "machine.no_file"


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(machine())

    def refuse(*arguments: object, **more: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    assert file_refusal(path) == "machine.not_readable"


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert file_refusal(path) == "machine.file_too_large"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*device(), "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(changes=st.dictionaries(st.sampled_from([*json.loads(machine()), "free_bytes"]), VALUES))
def test_anything_ends_in_a_machine_or_a_sentence(changes: dict[str, Any]) -> None:
    try:
        read = machine_of(machine(**changes), "mine.json")
    except MachineFileError as error:
        said, devices = sentence_for(error), ()
    else:
        said, devices = "", read.everything
    assert len(said) <= 140
    for each in devices:
        assert 0 <= each.budget_bytes <= each.free_bytes <= each.memory_bytes
