"""Writes the pictures of the documents: the real window, made from what really happens.

    .venv/bin/python -m docs.make_images [chat] [placement] [computer]

Every chat in the pictures is asked here and answered by the starter model, at temperature 0 so
that the same sources give the same pictures. Plans are llama.cpp's own count of files with the
full shapes of published models, for described machines. The computer with two GPUs is made up.
"""
# ruff: noqa: INP001 - a script beside the documents, not a package

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtGui import QImage

from app.engine.entities import SamplingParameters
from app.placement.described import read_machine
from app.placement.entities import Wishes
from app.placement.placements import subject_of
from app.placement.simulation import Outcome
from models.gguf import open_model
from tests.helpers import computer_samples, moe_shapes
from tests.helpers.moe_models import write_sparse
from tests.helpers.moe_shapes import MoeShape
from tests.helpers.window import application, is_over, open_session, wait_until
from ui.placement.view import PlacementView
from ui.session import Session

SIZE = (1280, 800)
TALL = (1280, 1080)
"""Where a page's end is to be seen too."""
IMAGES = Path(__file__).resolve().parent / "images"
LONGEST_WAIT_S = 300.0
EARLIER = (
    "Name three colours of the rainbow",
    "What is the capital of France?",
    "Translate “good morning” into Spanish",
)
QUESTIONS = (
    "Write a Python function that reverses a string.",
    "Explain in two sentences what the function does.",
)


GIB = 1 << 30
RTX_4060 = ("RTX 4060", 8, 258e9, 12e9)
RTX_4090 = ("RTX 4090", 24, 940e9, 24e9)
RTX_3090 = ("RTX 3090", 24, 850e9, 24e9)
"""Name, GiB, and bytes per second of its memory and of the way to it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A model for a machine with so many GiB of RAM of that speed and these devices."""

    name: str
    shape: MoeShape
    quantization: str
    ram: int
    ram_speed: float
    devices: Sequence[tuple[str, int, float, float]]


SCENES = (
    Scene("hybrid", moe_shapes.QWEN3_30B, "Q4_K_M", 32, 60e9, [RTX_4060]),
    Scene("two-devices", moe_shapes.QWEN3_235B, "Q4_K_M", 192, 75e9, [RTX_4090, RTX_3090]),
    Scene("too-large", moe_shapes.DEEPSEEK_V3, "Q4_K_M", 64, 60e9, [RTX_4060]),
)


def main() -> None:
    """Make the groups of pictures that are named, or all."""
    groups = {"chat": take_chats, "placement": take_placements, "computer": take_computer}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("group", nargs="*", choices=[[], *groups])
    wanted = parser.parse_args().group or list(groups)
    IMAGES.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    with tempfile.TemporaryDirectory() as folder:
        session = open_session(Path(folder))
        session.window.resize(*SIZE)
        for question in EARLIER:
            session.chat.new_chat()
            ask(session, question, longest=24)
        for group in wanted:
            groups[group](session)
        session.close()


def take_chats(session: Session) -> None:
    """The last chat, in both themes."""
    session.chat.new_chat()
    for question in QUESTIONS:
        ask(session, question, longest=320)
    take_both(session, "chat")


def take_placements(session: Session) -> None:
    """Every scene's plan, in both themes."""
    session.window.resize(*TALL)
    for scene in SCENES:
        session.placement.open(None)
        session.placement_page.show_placement(planned(session, scene))
        take_both(session, f"placement-{scene.name}")
    session.window.resize(*SIZE)


def planned(session: Session, scene: Scene) -> PlacementView:
    """The automatic plan of a scene, as llama.cpp counts it."""
    with tempfile.TemporaryDirectory() as folder:
        model = open_model(write_sparse(scene.shape, Path(folder))[0])
        subject = subject_of(model)
        described = Path(folder) / "machine.json"
        described.write_text(json.dumps(machine_object(scene)), encoding="utf-8")
        machine = read_machine(described)
        outcomes: list[Outcome] = []
        session.services.placements.place(subject, machine, Wishes(), outcomes.append)
        wait_until(lambda: bool(outcomes), LONGEST_WAIT_S)
    return PlacementView(
        name=scene.shape.name,
        quantization=scene.quantization,
        placement=outcomes[0].placement,
        facts=subject.facts,
        is_loaded=False,
        changed=True,
        kv_types=subject.facts.kv_types,
        other_bytes={
            device.name: device.memory_bytes - device.free_bytes for device in machine.everything
        },
    )


def machine_object(scene: Scene) -> dict[str, object]:
    """A scene's machine as ``plan --machine`` reads it."""
    return {
        "ram_bytes": scene.ram * GIB,
        "ram_bytes_per_second": scene.ram_speed,
        "cores": 8,
        "devices": [
            {
                "name": name,
                "kind": "gpu",
                "memory_bytes": size * GIB,
                "bytes_per_second": speed,
                "link_bytes_per_second": link,
            }
            for name, size, speed, link in scene.devices
        ],
    }


def take_computer(session: Session) -> None:
    """A computer with two GPUs and one that lends its own, in both themes."""
    session.window.resize(*TALL)
    session.computer_page.show_computer(computer_samples.two_gpus())
    session.window.show_page("computer")
    take_both(session, "computer")
    session.window.resize(*SIZE)


def take_both(session: Session, name: str) -> None:
    """Save the window in the light and in the dark theme."""
    for theme in ("light", "dark"):
        session.services.settings.change(theme=theme)
        take(session, IMAGES / f"{name}-{theme}.png")


def ask(session: Session, question: str, *, longest: int) -> None:
    """Send a question and wait for the answer's end."""
    sampling = SamplingParameters(temperature=0.0, max_tokens=longest)
    session.services.settings.change(sampling=sampling)
    session.chat.send(question)
    wait_until(lambda: session.services.turns.active is not None, LONGEST_WAIT_S)
    wait_until(lambda: is_over(session), LONGEST_WAIT_S)


def take(session: Session, path: Path) -> None:
    """Save the window as it is once everything has found its place."""
    pause = QEventLoop()
    QTimer.singleShot(500, pause.quit)
    pause.exec()
    application().sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    picture = session.window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    if not picture.save(str(path), "PNG", 0):  # 0 is the smallest file.
        sys.exit(f"{path} was not written")


if __name__ == "__main__":
    main()
