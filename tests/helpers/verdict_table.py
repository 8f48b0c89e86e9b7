"""Reads the table of expected verdicts, and writes docs/placement-verdicts.md from it.

``python -m tests.helpers.verdict_table`` renews the page after the table was changed.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
TABLE = ROOT / "tests" / "fixtures" / "placement" / "verdicts.json"
PAGE = ROOT / "docs" / "placement-verdicts.md"

_INTRODUCTION = """\
# Expected verdicts

What placement has to say for {count} pairs of a model and a machine. Written down on {written}
from research notes and public figures, before any planner existed, so that the planner is
judged by the world and not by itself. The table is `tests/fixtures/placement/verdicts.json`;
this page is made from it by `python -m tests.helpers.verdict_table`. A row is changed only with
a better source, said in the commit.

## How to read it

- **Verdict**, of the marked quantization with a context of {context} tokens and an f16 KV cache:
  `gpu` everything on GPUs (on unified memory: within what the GPU may use), `hybrid` GPU and
  RAM together, `cpu` a machine without a GPU, `too_large` it does not fit into memory at all.
- **Marked**, the quantization to recommend: the largest of at least 4 and at most 6 bits that
  fits on the GPUs; else the 4-bit one that fits into GPU memory and RAM; else the largest that
  fits; if none does, the smallest. A model that its makers published in 4 bits (MXFP4) is best
  in that. The choices of a row are made so that none of this hangs on a hair: what must not fit
  is clearly too large, what must fit leaves a margin.
- **Tokens/s**: decoding one conversation at little context, as a band. Where nothing fits, only
  the upper end means something.
- Sizes of files are decimal GB as on the Hub. Bandwidths are what programs really read, not
  what is on the label; a GPU of 24 GB counts as 24 GiB.
"""


def read_table(path: Path = TABLE) -> dict[str, Any]:
    """The table as it is stored."""
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return table


def page_of(table: dict[str, Any]) -> str:
    """The page that tells the table."""
    introduction = _INTRODUCTION.format(
        count=len(table["pairs"]), written=table["written"],
        context=f"{table['context_tokens']:,}",
    )  # fmt: skip
    blocks = [introduction, "## Verdicts\n", _verdicts(table), "## Machines\n", _machines(table),
              "## Quantizations and their sizes\n", _quantizations(table)]  # fmt: skip
    return "\n".join(blocks)


def _verdicts(table: dict[str, Any]) -> str:
    rows = []
    for number, pair in enumerate(table["pairs"], 1):
        low, high = pair["tokens_per_second"]
        band = f"{low:g}–{high:g}" if low else f"at most {high:g}"
        rows.append(
            (str(number), pair["model"], pair["machine"], f"`{pair['verdict']}`",
             pair["marked"], band, pair["source"])
        )  # fmt: skip
    return _table(("", "Model", "Machine", "Verdict", "Marked", "Tokens/s", "Source"), rows)


def _machines(table: dict[str, Any]) -> str:
    rows = []
    for name, entry in table["machines"].items():
        machine = entry["machine"]
        bandwidths = [f"RAM {machine['ram_bytes_per_second'] / 1e9:g}"]
        bandwidths += [
            f"{device['name']} {device['bytes_per_second'] / 1e9:g}"
            for device in machine["devices"]
        ]
        rows.append((name, entry["description"], ", ".join(bandwidths)))
    return _table(("Machine", "What it is", "GB/s"), rows)


def _quantizations(table: dict[str, Any]) -> str:
    rows = []
    for name, model in table["models"].items():
        for quantization in model["quantizations"]:
            size = f"{quantization['bytes'] / 1e9:.4g} GB"
            rows.append((name, quantization["label"], size, quantization["source"]))
    return _table(("Model", "Quantization", "File", "Source"), rows)


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page_of(read_table()), encoding="utf-8")
