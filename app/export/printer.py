"""Pictures of the first pages of a conversation, for the preview beside the choices."""

import logging
import threading
from collections.abc import Callable
from contextlib import closing

from app.export.base import ExportOptions, Given
from app.export.errors import ExportError
from app.export.printer_protocol import PagePicture
from app.export.printing import Command, PrinterLimits, printed, printer_command
from app.export.readable import readable
from app.posting import Post
from models.naming import shorten

log = logging.getLogger("moestro.printing")

Pictures = Callable[[list[bytes]], None]
Failed = Callable[[ExportError], None]


class Preview:
    """One preview under way; ``cancel`` on the state thread, and nothing more is heard of it."""

    def __init__(self, post: Post, work: Callable[["Preview"], list[bytes]]) -> None:
        self._post = post
        self._work = work
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="preview", daemon=True)
        self._done: Pictures = lambda _pictures: None
        self._failed: Failed = lambda _error: None

    def start(self, done: Pictures, failed: Failed) -> None:
        """Begin; one of the two is called on the state thread unless it is cancelled."""
        self._done, self._failed = done, failed
        self._thread.start()

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._ends.is_set()

    def cancel(self) -> None:
        """Forget it; its process ends within a moment."""
        self._ends.set()

    def wait(self, seconds: float) -> bool:
        """Wait for its thread and its process to be gone; False when they are not yet."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            pictures = self._work(self)
        except ExportError as error:
            self._hand(lambda error=error: self._failed(error))  # type: ignore[misc]
        except Exception:  # the thread's boundary: whoever waits must hear of an end
            log.exception("no preview could be made")
            died = ExportError("export.printer_died", title="…")
            self._hand(lambda: self._failed(died))
        else:
            self._hand(lambda: self._done(pictures))

    def _hand(self, callback: Callable[[], None]) -> None:
        self._post(lambda: None if self.is_cancelled else callback())


class Printer:
    """Makes previews; everything is called on the state thread."""

    def __init__(
        self,
        post: Post,
        command: Command = printer_command,
        limits: PrinterLimits | None = None,
    ) -> None:
        self._post = post
        self._command = command
        self._limits = limits
        self._running: list[Preview] = []

    def preview(
        self, given: Given, options: ExportOptions, pages: int, done: Pictures, failed: Failed
    ) -> Preview:
        """Make pictures (PNG) of the first ``pages`` pages; returns at once.

        A newer preview does not end an older one: cancel what is no longer wanted.
        """
        self._running = [each for each in self._running if not each.wait(0)]

        def work(preview: Preview) -> list[bytes]:
            return self._pictures(given, options, pages, preview)

        preview = Preview(self._post, work)
        self._running.append(preview)
        preview.start(done, failed)
        return preview

    def close(self) -> None:
        """End every preview that is under way."""
        for preview in self._running:
            preview.cancel()
        for preview in self._running:
            preview.wait(2)
        self._running = []

    def _pictures(
        self, given: Given, options: ExportOptions, pages: int, preview: Preview
    ) -> list[bytes]:
        text = readable(given, options)
        found: list[bytes] = []
        run = printed(text, options.paper, pages, command=self._command, limits=self._limits)
        with closing(run):
            for said in run:
                if preview.is_cancelled:
                    return []
                if isinstance(said, PagePicture):
                    found.append(said.png)
        if not found:
            raise ExportError("export.printer_damaged", title=shorten(text.title))
        return found
