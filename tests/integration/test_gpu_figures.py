"""The GPU benchmark runs to its end without a GPU: a loopback server stands in for one."""

import re
import subprocess
import sys

from tests.helpers.worker_process import ROOT


def test_every_plan_is_measured_and_the_plan_s_memory_is_what_was_loaded() -> None:
    options = (
        "--small --device rpc --expert-layers 3 --vram 1 --runs 1 --words 30 --tokens 6 "
        "--context 1024 --measure-seconds 1"
    )
    ended = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.gpu", *options.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    rows = [
        line for line in ended.stdout.splitlines() if line.startswith("| ") and "---" not in line
    ]
    plans = [row.split(" | ")[0] for row in rows[1:6]]
    assert [plan.partition(",")[0] for plan in plans] == [
        "| Moestro", "| Plain layer split", "| All experts in RAM", "| Everything on the GPU",
        "| Processor alone",
    ]  # fmt: skip
    memory = [re.findall(r"(\S+) MiB", row) for row in rows if row.startswith(("| RPC0", "| CPU"))]
    assert len(memory) == 2
    for planned, loaded, _difference in memory:
        assert abs(float(planned) - float(loaded)) <= 1.0
