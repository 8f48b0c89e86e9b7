"""Commands about placement with what they cannot use: one sentence, and its exit code."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.moe_models import write_sparse
from tests.helpers.moe_shapes import QWEN3_30B

ROOT = Path(__file__).resolve().parents[2]
MIB = 2**20


def moestro(root: Path, *arguments: str, most_bytes: int | None = None) -> tuple[int, str]:
    """Exit code and stderr; no file may grow beyond ``most_bytes``."""

    def limit() -> None:
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    run = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--data-dir", str(root), *arguments],
        capture_output=True, text=True, timeout=120, check=False, preexec_fn=limit,
        env={**os.environ, "TMPDIR": str(root.parent)},
    )  # fmt: skip
    return run.returncode, run.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("plan", "x.gguf", "--budget", "CPU=" + 5000 * "9"), "NAME=MIB"),
        (("plan", "x.gguf", "--budget", "CPU=-1"), "NAME=MIB"),
        (("plan", "x.gguf", "--budget", "=5"), "NAME=MIB"),
        (("plan", "x.gguf", "--context", 5000 * "9"), "above 0"),
        (("ask", "Hello", "--max-tokens", 30 * "9"), "above 0"),
    ],
)
def test_a_number_of_nothing_that_there_is(
    arguments: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    code, stderr = moestro(tmp_path, *arguments)
    assert code == 2
    assert told in stderr
    assert stderr.count("\n") == 1
    assert "invalid" not in stderr


def test_a_temporary_folder_without_room_for_a_stub(tmp_path: Path) -> None:
    """As on file systems that know no holes in files."""
    model = write_sparse(QWEN3_30B, tmp_path)[0]
    code, stderr = moestro(tmp_path / "data", "plan", str(model), "--stub", most_bytes=64 * MIB)
    assert code == 1
    assert "temporary folder" in stderr
    assert stderr.count("\n") == 1
    assert not list(tmp_path.glob("moestro-stub-*"))


def test_stubs_are_gone_afterwards(tmp_path: Path) -> None:
    model = write_sparse(QWEN3_30B, tmp_path)[0]
    machine = tmp_path / "machine.json"
    machine.write_text(
        '{"ram_bytes": 68719476736, "ram_bytes_per_second": 6e10, "cores": 8, "devices": []}'
    )
    described = ("--stub", "--context", "4096", "--machine", str(machine))
    code, stderr = moestro(tmp_path / "data", "plan", str(model), *described)
    assert (code, stderr) == (0, "")
    assert not list(tmp_path.glob("moestro-stub-*"))


def test_devices_are_asked_of_the_hosts_in_the_settings_too(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"rpc_hosts": ["127.0.0.1:1"]}', encoding="utf-8")
    code, stderr = moestro(tmp_path, "devices")
    assert code == 5
    assert "127.0.0.1:1" in stderr
