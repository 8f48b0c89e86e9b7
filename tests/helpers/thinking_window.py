"""The real window with a worker that writes what a thinking model would."""

import json
import sys
from pathlib import Path

import pytest

from app.engine.entities import Plan
from tests.helpers.reasoning_streams import THOUGHT, Stream
from tests.helpers.window import open_session
from ui.session import Session

SCRIPT = Path(__file__).with_name("scripted_worker.py")


class ThinkingStage:
    """A folder from which a scripted worker plays one stream, and the window before it."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self._root = root
        self._folder = root / "played"
        self._folder.mkdir()
        patch.setattr(
            "app.services.worker_command",
            lambda _engine: [sys.executable, str(SCRIPT), f"play:{self._folder}"],
        )

    def play(
        self,
        stream: Stream,
        *,
        bytes_each: int = 7,
        seconds: float = 0.0,
        thought_seconds: float = 0.0,
    ) -> None:
        """What the next answer is; it waits behind the thinking and before its end."""
        told = {
            "template": stream.template,
            "prompt": stream.prompt,
            "written": stream.written,
            "bytes": bytes_each,
            "seconds": seconds,
            "thought_seconds": thought_seconds,
            "pause_at": THOUGHT[-20:],
        }
        for name in ("go", "end"):
            (self._folder / name).unlink(missing_ok=True)
        (self._folder / "stream.json").write_text(json.dumps(told), encoding="utf-8")

    def begin_answer(self) -> None:
        """The model has thought enough."""
        (self._folder / "go").touch()

    def end_answer(self) -> None:
        """The model is done."""
        (self._folder / "end").touch()

    def open(self) -> Session:
        """The window on the stage's data folder; again after a close."""
        session = open_session(self._root / "data")
        host = session.services.host

        # A worker without an engine cannot say what memory a plan takes.
        def ensure(handle, _wishes, ready, failed, *, insist=False) -> None:  # type: ignore[no-untyped-def]
            host.ensure(handle, Plan(), ready, failed, insist=insist)

        session.services.turns._ensure = ensure
        return session
