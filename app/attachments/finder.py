"""Finds relevant passages away from the state thread, and remembers the indexes it made."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from app.attachments.entities import Attachment
from app.attachments.errors import AttachmentError
from app.attachments.passages import Passage
from app.attachments.relevance import MOST_PASSAGES, IndexingStopped, PassageIndex
from app.posting import Post
from models.naming import shorten

log = logging.getLogger("moestro.attachments")

_KEPT = 8
"""Indexes of the files asked about last; one of 300 pages takes about 5 MB."""


class PassageFinder:
    """Asks on one thread of its own; answers are posted."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._closing = threading.Event()
        self._executor: ThreadPoolExecutor | None = None
        self._indexes: OrderedDict[str, PassageIndex] = OrderedDict()
        """Only its own thread touches them."""

    def find(
        self,
        attachment: Attachment,
        question: str,
        done: Callable[[list[Passage]], None],
        failed: Callable[[AttachmentError], None],
        most: int = MOST_PASSAGES,
    ) -> None:
        """Post to ``done`` at most ``most`` passages, the best first; returns at once.

        ``failed`` is posted instead when the text could not be searched.
        """
        if self._executor is None:
            self._closing.clear()
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="passages")

        def work() -> None:
            try:
                best = self._index(attachment).best(question, most)
            except IndexingStopped:
                return
            except Exception:  # the thread's boundary: whoever waits must hear of an end
                log.exception("the passages of a file could not be ranked")
                error = AttachmentError("attachments.not_ranked", name=shorten(attachment.name))
                self._post(lambda: failed(error))
                return
            self._post(lambda: done(best))

        self._executor.submit(work)

    def close(self) -> None:
        """Forget every index and end the thread; nothing that is under way is answered."""
        if self._executor is None:
            return
        self._closing.set()
        self._executor.submit(self._forget)
        self._executor.shutdown()
        self._executor = None

    def _is_wanted(self) -> bool:
        return not self._closing.is_set()

    def _index(self, attachment: Attachment) -> PassageIndex:
        index = self._indexes.pop(attachment.id, None) or PassageIndex(attachment, self._is_wanted)
        self._indexes[attachment.id] = index
        while len(self._indexes) > _KEPT:
            self._indexes.popitem(last=False)[1].close()
        return index

    def _forget(self) -> None:
        for index in self._indexes.values():
            index.close()
        self._indexes.clear()
