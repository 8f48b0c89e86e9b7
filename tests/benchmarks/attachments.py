"""Text out of a PDF of 300 pages: how long, how soon progress shows, how soon a cancel acts."""

import time
from contextlib import closing
from pathlib import Path

from app.attachments.entities import Attachment, Progress
from app.attachments.errors import AttachmentError
from app.attachments.extraction import Extraction
from app.attachments.relevance import PassageIndex
from app.posting import CallbackQueue, Scheduler
from tests.benchmarks.machine import Pace
from tests.benchmarks.measure import Row
from tests.helpers.attachment_files import write_pdf
from tests.helpers.long_document import FACTS, PAGES, pages

_PATIENCE_SECONDS = 120.0


class _Read:
    """One extraction, and when things were heard of it; seconds since it began."""

    def __init__(self, path: Path, cancel_at_page: int = 0) -> None:
        queue = CallbackQueue()
        scheduler = Scheduler(queue.post)
        self.results: list[Attachment | AttachmentError] = []
        heard: list[float] = []
        self.cancel_shown = self.process_gone = 0.0
        begun = time.monotonic()

        def progress(progress: Progress) -> None:
            if progress.done:
                heard.append(time.monotonic() - begun)
            if cancel_at_page and progress.done >= cancel_at_page and not cancelled:
                cancelled.append(time.monotonic())
                extraction.cancel()

        cancelled: list[float] = []
        extraction = Extraction(
            path, queue.post, scheduler, self.results.append, self.results.append, progress
        )
        queue.run_until(lambda: bool(self.results), _PATIENCE_SECONDS)
        self.seconds = time.monotonic() - begun
        if cancelled:
            self.cancel_shown = time.monotonic() - cancelled[0]
            extraction.wait(_PATIENCE_SECONDS)
            self.process_gone = time.monotonic() - cancelled[0]
        scheduler.close()
        self.first_progress = heard[0]
        self.longest_silence = max(
            later - earlier for earlier, later in zip([0.0, *heard], heard, strict=False)
        )


def attachment_rows(root: Path, runs: int, pace: Pace) -> list[Row]:
    """Every run starts a helper of its own."""
    path = write_pdf(root / "long.pdf", pages())
    whole: list[_Read] = []
    cancelled: list[_Read] = []
    for run in range(runs):
        pace.say(f"attachments: run {run + 1} of {runs}")
        whole.append(pace.undisturbed(lambda: _Read(path)))
        cancelled.append(pace.undisturbed(lambda run=run: _Read(path, 20 + 10 * run)))  # type: ignore[misc]
    (found,) = whole[0].results
    assert isinstance(found, Attachment)
    indexing, asking = pace.undisturbed(lambda: _rank(found, runs))
    return [
        Row(f"PDF of {PAGES} pages to text", [each.seconds for each in whole], "s"),
        Row("– first progress shown", [each.first_progress for each in whole], "s"),
        Row("– longest time without progress", [each.longest_silence for each in whole], "s"),
        Row(
            "– cancelled in the middle: told",
            [each.cancel_shown * 1000 for each in cancelled], "ms", "≤ 1000 ms",
        ),
        Row(
            "– its process gone",
            [each.process_gone * 1000 for each in cancelled], "ms", "≤ 1000 ms",
        ),
        Row("– its passages indexed", indexing, "s"),
        Row("– a question ranked, once indexed", asking, "ms"),
    ]  # fmt: skip


def _rank(attachment: Attachment, runs: int) -> tuple[list[float], list[float]]:
    indexing: list[float] = []
    asking: list[float] = []
    for _ in range(runs):
        begun = time.monotonic()
        with closing(PassageIndex(attachment)) as index:
            indexing.append(time.monotonic() - begun)
            for fact in FACTS:
                begun = time.monotonic()
                index.best(fact.question)
                asking.append((time.monotonic() - begun) * 1000)
    return indexing, asking
