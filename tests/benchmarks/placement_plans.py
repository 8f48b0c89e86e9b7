"""Plans of full-size models for described machines, by the real command: exact, and how quick."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.facts_reading import read_facts
from models.gguf import open_model
from tests.helpers.described_machines import DescribedMachine, all_machines
from tests.helpers.moe_models import write_sparse
from tests.helpers.moe_shapes import DEEPSEEK_V3, FULL, MoeShape
from tests.helpers.plan_command import Planned, run_plan, wrong_in

_GIB = 2**30
_MIB = 2**20
SECONDS = 3.0
"""A plan shall take at most."""

HEADER = (
    "| GPU, GiB | RAM, GiB | Verdict | Experts on GPU | GPU, GiB | RAM used, GiB | KV, MiB "
    "| Working memory, MiB | Context | Tokens/s | Prompt, tokens/s | Seconds |\n"
    "| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """One model on one machine: planned of the file, and of its header alone."""

    machine: DescribedMachine
    of_file: Planned
    of_stub: Planned
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        planned, value = self.of_file, self.of_file.value
        ram = planned.bytes_of("total", "CPU")
        predicted = value["predicted"]
        kept, movable = planned.expert_layers
        caches = planned.on_gpus("kv_cache"), planned.bytes_of("kv_cache", "CPU")
        spaces = planned.on_gpus("compute"), planned.bytes_of("compute", "CPU")
        quantized = f" {value['kv_type']}" if value["kv_type"] != "f16" else ""
        verdict = f"`{value['verdict']}`"
        if value["missing_bytes"]:
            verdict += f", {value['missing_bytes'] / _GIB:.0f} GiB lack"
        cells = (
            self.machine.gpus, self.machine.ram_gib, verdict, f"{kept} of {movable}",
            f"{planned.on_gpus('total') / _GIB:.1f}", f"{ram / _GIB:.1f}",
            _two(caches), _two(spaces), f"{value['context']:,}{quantized}",
            _range(predicted["decode"]), _range(predicted["prompt"]),
            f"{planned.seconds:.1f}; {self.of_stub.seconds:.1f}",
        )  # fmt: skip
        return "| " + " | ".join(map(str, cells)) + " |"


def plan_all(shapes: Sequence[MoeShape], say: Callable[[str], None]) -> Iterator[str]:
    """The lines of a table for each model, and of what is wrong, which begin with "WRONG"."""
    with tempfile.TemporaryDirectory(prefix="moestro-shapes-") as name:
        folder = Path(name)
        slowest = 0.0
        for shape in shapes:
            yield from ("", f"### {shape.name}", "", HEADER)
            for pair in _plans_of(shape, folder, say):
                yield str(pair)
                slowest = max(slowest, pair.of_file.seconds, pair.of_stub.seconds)
                yield from (f"WRONG {pair.machine}: {each}" for each in pair.wrong)
    yield ""
    yield f"Seconds: of the file; of its header alone (`--stub`). The slowest took {slowest:.2f} s."


def shapes_named(names: Sequence[str]) -> list[MoeShape]:
    """The shapes whose names begin so; all of them without names. Raises SystemExit."""
    found = [shape for shape in FULL if not names or shape.name.startswith(tuple(names))]
    if not found:
        raise SystemExit(f"no such model; there is {', '.join(shape.name for shape in FULL)}")
    return found


def _plans_of(shape: MoeShape, folder: Path, say: Callable[[str], None]) -> Iterator[Pair]:
    file = write_sparse(shape, folder, parts=3 if shape is DEEPSEEK_V3 else 1)[0]
    facts = read_facts(open_model(file).headers)
    for machine in all_machines():
        say(f"{shape.name}, {machine}")
        options = ("--machine", str(machine.write(folder)))
        of_file = run_plan(file, *options)
        of_stub = run_plan(file, *options, "--stub")
        wrong = wrong_in(of_file, facts)
        if of_stub.value != of_file.value:
            wrong.append("the header alone gives another plan")
        if max(of_file.seconds, of_stub.seconds) > SECONDS:
            wrong.append(f"slower than {SECONDS:.0f} s")
        yield Pair(machine, of_file, of_stub, tuple(wrong))


def _two(sizes: tuple[int, int]) -> str:
    """On GPUs and in RAM, "1,260 + 936"."""
    on_gpus, in_ram = (f"{size / _MIB:,.0f}" for size in sizes)
    return f"{on_gpus} + {in_ram}"


def _range(speed: dict[str, float]) -> str:
    places = 0 if speed["high"] >= 10 else 1 if speed["high"] >= 1 else 2
    return f"{speed['low']:,.{places}f}–{speed['high']:,.{places}f}"
