"""The room's front: begin to read a file, find what of it is relevant, end what is under way."""

from collections.abc import Callable, Sequence
from pathlib import Path

from app.attachments.entities import Attachment, Progress
from app.attachments.errors import AttachmentError
from app.attachments.extraction import Extraction, ExtractionLimits, helper_command
from app.attachments.finder import PassageFinder
from app.posting import Post, Scheduler


class Attachments:
    """Reads files for one application; everything is called on the state thread."""

    def __init__(
        self,
        post: Post,
        scheduler: Scheduler,
        limits: ExtractionLimits | None = None,
        command: Callable[[str], Sequence[str]] = helper_command,
    ) -> None:
        self._post = post
        self._scheduler = scheduler
        self._limits = limits
        self._command = command
        self._running: list[Extraction] = []
        self.finder = PassageFinder(post)

    def read(
        self,
        path: Path,
        done: Callable[[Attachment], None],
        failed: Callable[[AttachmentError], None],
        progress: Callable[[Progress], None] = lambda _progress: None,
    ) -> Extraction:
        """Take out the text of a file, beside others that are under way; returns at once."""
        self._running = [each for each in self._running if not each.is_over]
        extraction = Extraction(
            path, self._post, self._scheduler, done, failed, progress,
            limits=self._limits, command=self._command,
        )  # fmt: skip
        self._running.append(extraction)
        return extraction

    def close(self) -> None:
        """End every helper that still runs."""
        for extraction in self._running:
            extraction.cancel()
        for extraction in self._running:
            extraction.wait(2)
        self._running = []
        self.finder.close()
