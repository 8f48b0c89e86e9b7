"""The pages of models with plausible content: mixed verdicts, long names, every state once."""

from dataclasses import replace

from app.library.download_states import DownloadState, Status
from app.placement.entities import Verdict
from models.transfer_entities import StopReason
from ui.models.view import (
    DiscoverView,
    DownloadRow,
    DownloadsView,
    LibraryRow,
    LibraryView,
    ModelView,
    PlaceView,
    Publisher,
    QuantizationRow,
    ResultRow,
    ShelfCard,
    Stretch,
)

GIB = 1 << 30
NOW_MS = 1_773_835_200_000
DAY_MS = 86_400_000
GERMAN = "Donaudampfschifffahrtsgesellschaftskapitänsmützen-Mixtral-8x7B-Instruct-v0.1-Deutsch"
CHINESE = "混合专家模型在普通电脑上运行得比同样大小的稠密模型快得多的中文指令微调版本-30B-A3B"


def place(
    verdict: Verdict, gpu: float, ram: float, words: str, speed: str, context: int, *, exact: bool
) -> PlaceView:
    """A plan with so many GiB on the GPU and in RAM."""
    stretches = (
        Stretch("device_1", "RTX 4060", round(gpu * GIB)),
        Stretch("device_ram", "RAM", round(ram * GIB)),
    )
    return PlaceView(
        stretches=tuple(each for each in stretches if each.bytes),
        verdict=verdict,
        words=words,
        speed=speed,
        longest_context=context * 1024,
        is_exact=exact,
    )


def on_gpu(speed: str = "38–49 tok/s", size: float = 6.2, *, exact: bool = True) -> PlaceView:
    return place("gpu", size, 0.3, "All of it on RTX 4060", speed, 32, exact=exact)


def hybrid(layers: int = 12, speed: str = "9–12 tok/s", *, exact: bool = True) -> PlaceView:
    words = f"{layers} of 48 expert layers on RTX 4060, {48 - layers} in RAM"
    return place("hybrid", 6.4, 11.8 - layers / 8, words, speed, 41, exact=exact)


def in_ram(speed: str = "3.1–4.2 tok/s", *, exact: bool = True) -> PlaceView:
    return place("cpu", 0, 24, "Running on the processor", speed, 16, exact=exact)


def too_large(missing: str = "359 GiB") -> PlaceView:
    words = f"Too large: {missing} are missing"
    return place("too_large", 7, 380, words, "0.03–0.05 tok/s", 4, exact=True)


# --- library -----------------------------------------------------------------------------------


def library_row(number: int, name: str, quantization: str, size: float) -> LibraryRow:
    """A sound model that was downloaded by Moestro."""
    publisher = ("unsloth", "bartowski", "ggml-org", "lmstudio-community")[number % 4]
    return LibraryRow(
        key=f"model-{number}",
        name=name,
        quantization=quantization,
        publisher=publisher,
        architecture="qwen3moe",
        size_bytes=round(size * 1e9),
        total_parameters=30_500_000_000,
        active_parameters=3_300_000_000,
        is_moe=True,
        place=hybrid(number % 20),
        last_used_ms=NOW_MS - number * 6 * DAY_MS,
        verified="hash",
        verified_ms=NOW_MS - 40 * DAY_MS,
        repository=f"{publisher}/{name[:40]}-GGUF",
        commit="3f2a9c1b7d5e4f60" * 2 + "00112233",
        licence="apache-2.0",
        folder="/home/anna/Models/" + publisher + "/" + name[:40] + "-GGUF",
    )


def library() -> LibraryView:
    """14 models: sound ones, and each state that keeps one from answering."""
    rows = [
        library_row(0, "Qwen3-30B-A3B-Instruct-2507", "Q4_K_M", 18.6),
        replace(
            library_row(1, "gpt-oss-20b", "MXFP4", 12.1),
            place=on_gpu(), total_parameters=20_900_000_000, active_parameters=3_600_000_000,
            architecture="gpt-oss", is_loaded=True, notes="Best one for code reviews.",
        ),
        replace(library_row(2, GERMAN, "Q5_K_M", 32.2), files=3),
        replace(library_row(3, CHINESE, "UD-Q4_K_XL", 17.7), place=hybrid(9, "8–11 tok/s")),
        replace(
            library_row(4, "GLM-4.5-Air", "Q2_K", 45.1), state="absent", drive="Backup (E:)",
            folder="E:\\Models\\GLM-4.5-Air-GGUF",
        ),
        replace(
            library_row(5, "DeepSeek-V2-Lite-Chat", "IQ4_XS", 8.6), state="incomplete",
            files=8, missing_files=2, verified="no",
        ),
        replace(library_row(6, "Mixtral-8x7B-Instruct-v0.1", "Q4_K_M", 26.4), state="damaged"),
        replace(
            library_row(7, "OLMoE-1B-7B-0924-Instruct", "Q4_K_M", 4.2), state="verifying",
            progress=0.43,
        ),
        replace(
            library_row(8, "Phi-3.5-MoE-instruct", "Q4_K_S", 23.9), program="LM Studio",
            commit="", verified="structure",
            folder="/home/anna/.lmstudio/models/bartowski/Phi-3.5-MoE-instruct-GGUF",
        ),
        replace(
            library_row(9, "Qwen3-4B-Instruct-2507", "Q8_0", 4.3), place=on_gpu("52–66 tok/s"),
            is_moe=False, active_parameters=0, total_parameters=4_020_000_000,
            last_used_ms=NOW_MS - 90 * DAY_MS,
        ),
        replace(library_row(10, "gemma-3-27b-it", "Q4_K_M", 16.5), place=in_ram(), is_moe=False,
                verified="no", last_used_ms=0),
        replace(library_row(11, "granite-4.0-h-small", "Q4_K_M", 19.5), state="adding",
                progress=0.07, verified="no", last_used_ms=0),
        replace(library_row(12, "DeepSeek-V3-0324", "UD-IQ1_S", 173.5), place=too_large("98 GiB"),
                total_parameters=671_000_000_000, active_parameters=37_000_000_000, files=4),
        LibraryRow(
            key="demo", name="SmolLM2-135M-Instruct", quantization="Q4_1", publisher="",
            size_bytes=98_000_000, architecture="llama", total_parameters=135_000_000,
            place=on_gpu("210–260 tok/s", 0.3), is_demo=True, verified="hash",
            licence="apache-2.0",
        ),
    ]  # fmt: skip
    return LibraryView(
        rows=tuple(rows),
        now_ms=NOW_MS,
        volume="D:",
        free_bytes=340_000_000_000,
        capacity_bytes=1_000_000_000_000,
    )


def large_library(count: int = 500) -> LibraryView:
    """So many models."""
    rows = tuple(
        library_row(n, f"Model number {n:03} of many", "Q4_K_M", 4.2) for n in range(count)
    )
    return LibraryView(rows=rows, now_ms=NOW_MS)


# --- discover ----------------------------------------------------------------------------------

SHELF = (
    ShelfCard(
        key="Qwen/Qwen3-30B-A3B-Instruct-2507", kind="best", name="Qwen3-30B-A3B-Instruct-2507",
        good_for="A quick all-rounder: chat, code, many languages, at a small model's price.",
        total_parameters=30_500_000_000, active_parameters=3_300_000_000,
        size_bytes=18_600_000_000, speed="9–12 tok/s", licence="Apache-2.0", is_exact=True,
    ),
    ShelfCard(
        key="openai/gpt-oss-20b", kind="fastest", name="gpt-oss-20b",
        good_for="Reasons well for its size, and its makers published it in 4 bits.",
        total_parameters=20_900_000_000, active_parameters=3_600_000_000,
        size_bytes=12_100_000_000, speed="38–49 tok/s", licence="Apache-2.0", fetch="here",
    ),
    ShelfCard(
        key="Qwen/Qwen3-4B-Instruct-2507", kind="smallest", name="Qwen3-4B-Instruct-2507",
        good_for="Small and honest work: summaries, translations and simple questions on any "
        "laptop, with a long context.",
        total_parameters=4_000_000_000, active_parameters=0,
        size_bytes=2_500_000_000, speed="52–66 tok/s", licence="Apache-2.0", fetch="coming",
        progress=0.43,
    ),
)  # fmt: skip


def results() -> tuple[ResultRow, ...]:
    """12 base models, with more and with less known of them."""
    names = (
        ("Qwen3-30B-A3B-Instruct-2507", 30.5, 3.3), ("gpt-oss-120b", 117.0, 5.1),
        (GERMAN, 46.7, 12.9), (CHINESE, 30.5, 3.3), ("GLM-4.5-Air", 110.0, 12.0),
        ("DeepSeek-V3.2", 671.0, 37.0), ("gemma-3-27b-it", 27.4, 0.0), ("SmolLM3-3B", 3.1, 0.0),
        ("Llama-3.3-70B-Instruct", 70.6, 0.0), ("OLMoE-1B-7B-0125", 6.9, 1.3),
        ("Mistral-Small-3.2-24B", 23.6, 0.0), ("granite-4.0-h-small", 32.2, 9.0),
    )  # fmt: skip
    verdicts: tuple[Verdict | None, ...] = (
        "hybrid", "cpu", None, "hybrid", "cpu", "too_large",
        "hybrid", "gpu", "too_large", "gpu", None, "hybrid",
    )  # fmt: skip
    return tuple(
        ResultRow(
            key=f"base/{name}",
            name=name,
            publishers=("unsloth",) if number == 7 else tuple(f"p{n}" for n in range(7 + number)),
            total_parameters=round(total * 1e9),
            active_parameters=round(active * 1e9),
            is_moe=active > 0,
            licence="apache-2.0" if number % 3 else "",
            is_gated=number in (6, 8),
            downloads=1_240_000 // (number + 1) ** 2,
            least_bytes=round(total * 0.35e9) if number != 10 else 0,
            most_bytes=round(total * 1.06e9) if number != 10 else 0,
            speed="9–12 tok/s" if verdicts[number] not in (None, "too_large") else "",
            verdict=verdicts[number],
            is_exact=number < 2,
            fetch="here" if number == 0 else "absent",
        )
        for number, (name, total, active) in enumerate(names)
    )


def discover() -> DiscoverView:
    """The shelf and the first page of what is popular."""
    return DiscoverView(shelf=SHELF, results=results(), has_more=True, filtered_out=18)


# --- a model -----------------------------------------------------------------------------------

CARD = """---
license: apache-2.0
tags: [gguf, moe]
---
<div align="center"><img src="https://example.org/logo.png" onload="alert(1)"></div>

# Qwen3-30B-A3B-Instruct-2507

<!-- a remark -->
![downloads](https://img.example.org/badge.svg)

We introduce the **updated** version, with *better* instruction following, logical reasoning and
tool use. See [the report](https://example.org/report) for all figures.

## Quickstart

```python
from llama_cpp import Llama
llm = Llama("Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf", n_ctx=16384)
print(llm("Hello"))
```

| Benchmark | Before | Now |
| --- | --- | --- |
| GPQA | 54.8 | 70.4 |
| AIME25 | 21.6 | 61.3 |
""" + "\n\n".join(
    f"## Part {n}\n\nThe next part explains in several sentences how the model was trained and "
    "what it is good for, and what it is not good for, which is what people want to know."
    for n in range(60)
)

_KEYS = ("IQ2_XS", "Q2_K", "IQ3_M", "Q3_K_M", "IQ4_XS", "MXFP4", "Q4_K_M", "UD-Q4_K_XL",
         "Q5_K_M", "Q6_K", "Q8_0", "BF16")  # fmt: skip
_SIZES = (9.1, 11.3, 14.1, 14.7, 16.4, 16.9, 18.6, 17.7, 21.7, 25.1, 32.5, 61.1)


def quantizations(*, exact: bool = True) -> tuple[QuantizationRow, ...]:
    """12 of a model of 30 billion: on the GPU, in both, in RAM, too large, not for this engine."""
    places = (
        on_gpu("41–52 tok/s", exact=exact), hybrid(40, "28–33 tok/s", exact=exact),
        hybrid(26, "16–19 tok/s", exact=exact), hybrid(24, "15–18 tok/s", exact=exact),
        hybrid(18, "12–14 tok/s", exact=exact), None, hybrid(12, exact=exact),
        hybrid(14, "10–12 tok/s", exact=exact), hybrid(6, "6.9–8.4 tok/s", exact=exact),
        hybrid(0, "4.8–6.1 tok/s", exact=exact), in_ram(exact=exact), too_large("31.2 GiB"),
    )  # fmt: skip
    rows = []
    for number, (label, size, where) in enumerate(zip(_KEYS, _SIZES, places, strict=True)):
        free = 340 - size if number != 10 else -21.4
        rows.append(
            QuantizationRow(
                key=label, label=label, size_bytes=round(size * 1e9), bits=8 * size / 30.5,
                stage="exact" if exact else "estimate", place=where,
                free_after_bytes=round(free * 1e9),
            )
        )  # fmt: skip
    reasons = {
        5: "Its weights are of a type that this engine (0.3.36) does not know; update Moestro.",
        11: "Needs 31.2 GiB more memory than there is; take a smaller one.",
    }
    for number, reason in reasons.items():
        rows[number] = replace(
            rows[number], reason=reason, can_download=number == 11,
            stage="refused" if number == 5 else "exact",
        )  # fmt: skip
    rows[0] = replace(rows[0], fetch="coming", progress=0.43)
    rows[1] = replace(rows[1], fetch="here")
    rows[7] = replace(rows[7], sees_pictures=True)
    return tuple(rows)


def model(*, exact: bool = True) -> ModelView:
    """A model's page with mixed verdicts."""
    return ModelView(
        repository="unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF",
        name="Qwen3-30B-A3B-Instruct-2507",
        publishers=(
            Publisher("unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF", "unsloth", 412_000),
            Publisher("bartowski/Qwen3-30B-A3B-Instruct-2507-GGUF", "bartowski", 96_300),
            Publisher("lmstudio-community/Qwen3-30B-A3B-Instruct-2507-GGUF", "lmstudio-community"),
        ),
        licence="apache-2.0",
        architecture="qwen3moe",
        base_model="Qwen/Qwen3-30B-A3B-Instruct-2507",
        total_parameters=30_500_000_000,
        active_parameters=3_300_000_000,
        context_tokens=262_144,
        downloads=412_000,
        rows=quantizations(exact=exact),
        recommended="Q4_K_M",
        advice="Q4_K_M: the largest of 4 bits that fits; with fewer, answers get visibly worse.",
        card=CARD,
    )


def unread_model() -> ModelView:
    """The page's first moment: sizes only."""
    rows = tuple(
        replace(row, place=None, stage="waiting", bits=0.0, reason="")
        for row in quantizations()
    )  # fmt: skip
    return replace(model(), rows=rows, recommended="", advice="", card=None)


# --- downloads ---------------------------------------------------------------------------------

S, R = DownloadState, StopReason
HUB = {"host": "huggingface.co", "seconds": 20, "folder": "/media/anna/Models", "number": 451,
       "name": "Qwen3-30B-A3B-Q4_K_M.gguf", "model": "gemma-3-27b-it", "needed": "41.2 GB",
       "free": "12.9 GB"}  # fmt: skip
STATUSES = (
    Status(S.DOWNLOADING), Status(S.CHECKING), Status(S.RESOLVING), Status(S.VERIFYING),
    Status(S.PROMOTING), Status(S.VERIFIED),
    Status(S.WAITING, R.RECONNECT, HUB), Status(S.WAITING, R.RATE_LIMITED, HUB),
    Status(S.QUEUED),
    *(
        Status(S.PAUSED, reason, HUB)
        for reason in (R.USER, R.APP_QUIT, R.OFFLINE, R.SERVER, R.NO_RESUME, R.DISK_FULL,
                       R.VOLUME_GONE, R.NO_PERMISSION, R.IN_USE)
    ),
    *(Status(S.BLOCKED, reason, HUB) for reason in (R.GATED, R.AUTH, R.SPACE, R.FS_LIMIT)),
    *(
        Status(S.FAILED, reason, HUB)
        for reason in (R.NOT_FOUND, R.CHANGED, R.REDIRECT, R.REFUSED, R.CERTIFICATE, R.OCCUPIED,
                       R.STRUCTURE, R.UNEXPECTED)
    ),
    Status(S.CORRUPT, R.CORRUPT, HUB),
    Status(S.CANCELLING), Status(S.CANCELLED), Status(S.READY),
)  # fmt: skip
"""Each state, and each reason."""


def download(number: int, status: Status) -> DownloadRow:
    """A download at two thirds."""
    names = ("Qwen3-30B-A3B-Instruct-2507", "gemma-3-27b-it", GERMAN, CHINESE, "gpt-oss-120b")
    total = 62_000_000_000 if number % 2 == 0 else 18_600_000_000
    done = {S.READY: total, S.QUEUED: 0, S.RESOLVING: 0}.get(status.state, total * 2 // 3)
    runs = status.state is S.DOWNLOADING
    return DownloadRow(
        id=f"download-{number}",
        name=names[number % len(names)],
        quantization="Q4_K_M",
        status=status,
        total_bytes=total,
        done_bytes=done,
        checked_bytes=total * 4 // 5 if status.state in (S.CHECKING, S.VERIFYING) else 0,
        bytes_per_second=23.1e6 if runs else None,
        seconds_left=903.0 if runs else None,
        kept_days=7 if status.state is S.CANCELLED else 0,
    )


def downloads() -> DownloadsView:
    """One in each state."""
    rows = [download(number, status) for number, status in enumerate(STATUSES)]
    slow = replace(download(90, Status(S.DOWNLOADING)), bytes_per_second=0.4e6,
                   seconds_left=47 * 3600.0, went_back="download.went_back_hash")  # fmt: skip
    stalled = replace(download(91, Status(S.DOWNLOADING)), is_stalled=True)
    elsewhere = replace(download(92, Status(S.DOWNLOADING)), elsewhere=True)
    return DownloadsView(rows=(rows[0], slow, stalled, *rows[1:], elsewhere))
