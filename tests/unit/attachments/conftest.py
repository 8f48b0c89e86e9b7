"""Reads files as the application does: the real helper process, callbacks on this thread."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.attachments.entities import Attachment, Progress
from app.attachments.errors import AttachmentError
from app.attachments.extraction import Extraction, ExtractionLimits, helper_command
from app.posting import CallbackQueue, Scheduler


class Reader:
    """Begins extractions and waits for their end."""

    def __init__(self) -> None:
        self.queue = CallbackQueue()
        self.scheduler = Scheduler(self.queue.post)
        self.results: list[Attachment | AttachmentError] = []
        self.progress: list[Progress] = []

    def begin(
        self,
        path: Path,
        limits: ExtractionLimits | None = None,
        command: Callable[[str], list[str]] = helper_command,
    ) -> Extraction:
        self.results.clear()
        self.progress.clear()
        return Extraction(
            path, self.queue.post, self.scheduler, self.results.append, self.results.append,
            self.progress.append, limits=limits, command=command,
        )  # fmt: skip

    def result(self) -> Attachment | AttachmentError:
        assert self.queue.run_until(lambda: bool(self.results), timeout=60)
        return self.results[0]

    def read(self, path: Path) -> Attachment:
        self.begin(path)
        result = self.result()
        assert isinstance(result, Attachment), result
        return result

    def refused(self, path: Path) -> AttachmentError:
        self.begin(path)
        result = self.result()
        assert isinstance(result, AttachmentError), result
        return result


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.scheduler.close()
