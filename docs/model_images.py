"""Writes the pictures of the pages of models: the real window against the test Hub.

    .venv/bin/python -m docs.model_images

The repositories hold files with the full shapes of published models and holes for weights, so
that every figure is llama.cpp's own count. The computer is described: the one of the picture of
a hybrid plan. Downloads really happen, and are stopped by faults of the test Hub.
"""
# ruff: noqa: INP001 - a script beside the documents, not a package

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.library.download_states import DownloadState
from app.model_rooms import HubWishes
from app.placement.described import read_machine
from docs.make_images import SCENES, SIZE, machine_object, take_both
from models.hub_reference import HubReference
from tests.helpers import moe_shapes
from tests.helpers.gguf_bytes import Gguf
from tests.helpers.hub_faults import CDN, Slow, Stall, Status, WrongBody
from tests.helpers.hub_quantizations import quantization, write_sparse_file
from tests.helpers.hub_repositories import HubRepository, repository
from tests.helpers.hub_server import HubServer, hub
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_QWEN3MOE, MoeShape
from tests.helpers.window import application, open_session, wait_until
from ui.models.view import Filters
from ui.session import Session

REPO = "unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF"
BASE = "Qwen/Qwen3-30B-A3B-Instruct-2507"
LABELS = (
    "IQ2_XS", "Q2_K", "IQ3_XXS", "Q3_K_M", "IQ4_XS", "Q4_0", "Q4_K_S", "Q4_K_M", "Q5_K_M", "Q6_K",
    "Q8_0", "BF16",
)  # fmt: skip
CARD = """# Qwen3-30B-A3B-Instruct-2507

These are quantizations in **GGUF**, made with an importance matrix.

## Highlights

- Significant improvements in instruction following, reasoning and coding.
- 256K context, understood natively.

| Benchmark | Score |
|---|---|
| MMLU-Pro | 78.4 |
| LiveCodeBench | 43.2 |

![banner](https://example.org/banner.png)
"""
OTHERS = (
    ("unsloth/gpt-oss-20b-GGUF", "openai/gpt-oss-20b", 812_000, "apache-2.0"),
    ("bartowski/Qwen_Qwen3-30B-A3B-Instruct-2507-GGUF", BASE, 96_000, "apache-2.0"),
    ("unsloth/DeepSeek-V3-0324-GGUF", "deepseek-ai/DeepSeek-V3-0324", 301_000, "mit"),
    ("unsloth/GLM-4.5-Air-GGUF", "zai-org/GLM-4.5-Air", 120_000, "mit"),
    ("bartowski/google_gemma-3-12b-it-GGUF", "google/gemma-3-12b-it", 240_000, "gemma"),
    ("unsloth/Qwen3-4B-Instruct-2507-GGUF", "Qwen/Qwen3-4B-Instruct-2507", 410_000, "apache-2.0"),
    ("bartowski/Llama-3.3-70B-Instruct-GGUF", "meta-llama/Llama-3.3-70B-Instruct", 99_000,
     "llama3.3"),
    ("someone/Strange-Merge-13B-GGUF", "someone/Strange-Merge-13B", 1200, "cc-by-nc-4.0"),
    ("mradermacher/Olmo-3-7B-Think-i1-GGUF", "allenai/Olmo-3-7B-Think", 14_000, "apache-2.0"),
)  # fmt: skip
SMALL = (
    "Small-One",
    "Small-Two",
    "Small-Three",
    "Small-Four",
    "Small-Five",
    "Small-Six",
    "Small-Seven",
)


def main() -> None:
    """Make all of them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with hub(*published(folder)) as server:
            wishes = HubWishes(endpoint=server.endpoint, environment={})
            session = open_session(folder / "data", hub=wishes)
            session.window.resize(*SIZE)
            wait_until(lambda: session.places.surveyed is not None)
            describe(session, folder)
            take_first_chat(session)
            take_discover(session)
            take_model(session)
            take_downloads(session, server)
            take_library(session)
            session.close()


def describe(session: Session, folder: Path) -> None:
    """Let everything be planned for the described computer."""
    file = folder / "machine.json"
    file.write_text(json.dumps(machine_object(SCENES[0])), encoding="utf-8")
    surveyed = session.places.surveyed
    assert surveyed is not None
    session.places.note(replace(surveyed, machine=read_machine(file)))


def published(folder: Path) -> list[HubRepository]:
    """What the Hub offers."""
    return [
        full_shape(folder, REPO, BASE, moe_shapes.QWEN3_30B, LABELS),
        *(plain(name, base, downloads, licence) for name, base, downloads, licence in OTHERS),
        *(small(folder, name) for name in SMALL),
    ]


def full_shape(
    folder: Path, name: str, base: str, shape: MoeShape, labels: tuple[str, ...]
) -> HubRepository:
    """A repository with quantizations of a published model."""
    short = base.rpartition("/")[2]
    files: dict[str, Any] = {"README.md": CARD}
    for label in labels:
        made: Gguf = quantization(shape, label)
        files[f"{short}-{label}.gguf"] = write_sparse_file(made, folder / f"{label}.gguf")
    told = {"total": 30_532_122_624, "architecture": "qwen3moe", "context_length": 262_144}
    return repository(name, files, base_models=(base,), downloads=634_000, gguf=told, trending=99)


def plain(name: str, base: str, downloads: int, licence: str) -> HubRepository:
    """A repository that is only listed."""
    sizes = {"someone": 13_000_000_000, "mradermacher": 7_300_000_000}
    told = {"total": sizes.get(name.partition("/")[0], 0), "architecture": "llama"}
    return repository(
        name, {"README.md": "# Nothing\n"}, base_models=(base,), downloads=downloads,
        licence=licence, gguf=told, trending=downloads // 20_000,
    )  # fmt: skip


def small(folder: Path, name: str) -> HubRepository:
    """A repository whose one model is really downloaded."""
    path = write_model(SMALL_QWEN3MOE.with_types("Q8_0"), folder / f"{name}.gguf")
    path.write_bytes(path.read_bytes() + name.encode() * 100)
    return repository(f"org/{name}-GGUF", {f"{name}-Q8_0.gguf": path}, downloads=10)


def take_first_chat(session: Session) -> None:
    """A new chat while there is only the demo model."""
    wait_until(lambda: not session.page.empty.best.isHidden(), 60)
    take_both(session, "first-chat")


def take_discover(session: Session) -> None:
    """What is popular, with all of it in sight, and narrow."""
    session.manager.open("discover")
    page = session.models_page
    wait_until(lambda: page.discover.results.rowCount() > 3 and len(page.discover.shelf.cards) > 0)
    page.discover.filters.set_filters(Filters(runs_here=False))
    page.discover.filters_changed.emit(Filters(runs_here=False))
    take_both(session, "discover")


def take_model(session: Session) -> None:
    """A repository, when all of it is exact."""
    session.manager.model.open(HubReference(REPO), (REPO, OTHERS[1][0]))
    page = session.models_page

    def exact() -> bool:
        view = page.model._view
        return view is not None and {row.stage for row in view.rows} == {"exact"}

    wait_until(exact, 60)
    take_both(session, "model")


def take_downloads(session: Session, server: HubServer) -> None:
    """One of each state."""
    queue = session.services.models.downloads
    faults: dict[str, Callable[[], None]] = {
        "Small-One": lambda: None,
        "Small-Two": lambda: server.faults.add(
            WrongBody(5000), path="*Small-Two*", side=CDN, times=None
        ),
        "Small-Three": lambda: server.faults.add(Status(403), path="*Small-Three*gguf"),
        "Small-Four": lambda: server.faults.add(Stall(300_000), path="*Small-Four*", side=CDN),
        "Small-Five": lambda: server.faults.add(Slow(150_000), path="*Small-Five*", side=CDN),
        "Small-Six": lambda: None,
        "Small-Seven": lambda: None,
    }
    for name, plan in faults.items():
        plan()
        begin(session, f"org/{name}-GGUF")
    ended = {DownloadState.READY, DownloadState.CORRUPT}

    def settled() -> bool:
        return sum(each.status.state in ended for each in queue.entries()) == 2

    wait_until(settled, 60)
    by_name = {each.request.name: each.id for each in queue.entries()}
    queue.pause(by_name["Small-Six"])
    session.manager.open("downloads")
    session.window.banner.dismiss()
    take_both(session, "downloads")


def begin(session: Session, name: str) -> None:
    """Download the only file of a repository."""
    found: list[Any] = []
    session.services.models.hub.look_up(name, None, found.append, found.append)
    wait_until(lambda: bool(found))
    (model, choice), *_rest = found[0].choices()
    session.fetches.begin(found[0], model, choice)


def take_library(session: Session) -> None:
    """What is here."""
    session.manager.open("library")
    take_both(session, "library")


if __name__ == "__main__":
    main()
