"""``main.py plan`` of a full-shape model on a Hub, held against the same file on this disk."""

from pathlib import Path

from tests.benchmarks.hub_verdicts import publish, slow
from tests.benchmarks.machine import Pace
from tests.benchmarks.measure import Row
from tests.helpers.described_machines import DescribedMachine
from tests.helpers.hub_faults import CDN
from tests.helpers.hub_server import hub
from tests.helpers.moe_shapes import DEEPSEEK_V3
from tests.helpers.plan_command import run_plan

_LABEL = "Q4_K_M"
_LABELS = ("Q2_K", _LABEL, "Q8_0")


def plan_rows(root: Path, runs: int, pace: Pace) -> list[Row]:
    """Seconds of the whole command, bytes that it fetched. Raises when a number differs."""
    published = publish(DEEPSEEK_V3, root / "files", _LABELS)
    options = "--machine", str(DescribedMachine("24", 512).write(root))
    remote, local, fetched, requests = [], [], [], []
    with hub(published) as server:
        slow(server)
        for run in range(runs):
            server.forget()
            name = Path(f"{published.id}:{_LABEL}")
            there = run_plan(name, *options, "--endpoint", server.endpoint)
            here = run_plan(root / "files" / f"{_LABEL}.gguf", *options)
            told = there.value.pop("fetched_bytes")
            sent = server.bytes_sent(side=CDN)
            differing = [key for key, value in here.value.items() if there.value[key] != value]
            # The line that starts llama.cpp names the file, which is another one here.
            if set(differing) - {"command_line"} or told != sent:
                raise RuntimeError(f"from the Hub other than here: {differing}, {told}, {sent}")
            remote.append(there.seconds)
            local.append(here.seconds)
            fetched.append(sent / 1e6)
            requests.append(float(len(server.seen())))
            pace.say(f"plan: run {run + 1} of {runs}, {there.seconds:.1f} s")
    size = published.commits[published.head]
    whole = next(file.content.size for path, file in size.items() if _LABEL in path)
    return [
        Row(f"`plan` of {DEEPSEEK_V3.name} {_LABEL} on the Hub, whole command", remote, "s"),
        Row("– of the same file on this disk, whose every number is equal", local, "s"),
        Row(f"– fetched, of {whole / 1e9:.0f} GB", fetched, "MB"),
        Row("– requests, all kinds", requests),
    ]
