"""``--file`` and standard input of ``ask``: files are read and kept before the question."""

import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.attachments.entities import Attachment, Kind, Progress
from app.attachments.errors import AttachmentError
from app.attachments.extraction import MOST_BYTES
from app.attachments.given import only_part, only_passages, whole
from app.attachments.parts import part_of
from app.attachments.passages import Passage
from app.commands.output import Output
from app.history.entities import AttachedText
from app.posting import CallbackQueue
from app.services import Services
from app.wording import sentence
from models.errors import KnownError
from models.naming import shown_name

RELEVANT = "relevant"
"""Instead of a part: the passages that have to do with the question."""

STDIN_NAME = "stdin"
_COPIED_AT_ONCE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file, and which part of it; an empty part is all of it."""

    path: Path
    part: str = ""


def wanted_file(text: str) -> WantedFile:
    """``PATH`` or ``PATH:PART``. A path that exists as it stands has no part."""
    head, colon, part = text.rpartition(":")
    if colon and head and part and not Path(text).exists() and Path(head).exists():
        return WantedFile(Path(head), part)
    return WantedFile(Path(text))


def something_is_piped() -> bool:
    """Whether standard input is a pipe or a file, which end; a terminal or nothing is not."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def question_from_stdin() -> str:
    """All of standard input as text. Raises AttachmentError when it is none, or far too long."""
    # Imported here: it knows encodings, which takes time that other questions need not wait.
    from app.attachments.decoding import decode
    from app.attachments.refusal import Refusal

    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise AttachmentError("attachments.too_big", name=STDIN_NAME)
    try:
        return decode(data)
    except Refusal as refusal:
        raise AttachmentError(refusal.code, name=STDIN_NAME) from refusal


@contextlib.contextmanager
def stdin_as_file() -> Iterator[WantedFile | None]:
    """Standard input as a file of its own while this lasts; None when nothing came."""
    with tempfile.TemporaryDirectory(prefix="moestro-") as folder:
        path = Path(folder) / STDIN_NAME
        size = 0
        with path.open("wb") as file:
            while size <= MOST_BYTES and (data := sys.stdin.buffer.read(_COPIED_AT_ONCE)):
                size += file.write(data)
        yield WantedFile(path) if size else None


class FileReader:
    """Reads files one after the other, and says how far it is."""

    def __init__(self, services: Services, callbacks: CallbackQueue, output: Output) -> None:
        self._services = services
        self._callbacks = callbacks
        self._output = output

    def attach(
        self, files: Sequence[WantedFile], question: str, *, keep: bool, sees: bool
    ) -> list[AttachedText]:
        """What the question carries of each file. Raises KnownError.

        ``sees`` says that the model has a projector: it is shown pictures. ``keep`` keeps the
        files' whole texts in the history, before any message refers to them.
        """
        attached: list[AttachedText] = []
        for file in files:
            attachment = self._read(file.path)
            if attachment.kind is Kind.IMAGE and not sees:
                raise AttachmentError("attachments.image", name=shown_name(file.path))
            if attachment.kind is Kind.IMAGE and file.part:
                raise AttachmentError("attachments.image_whole", name=shown_name(file.path))
            attached.append(self._chosen(attachment, file.part, question))
            if keep:
                self._keep(attachment)
        return attached

    def _keep(self, attachment: Attachment) -> None:
        self._wait(
            lambda done, failed: self._services.attachment_store.keep(attachment, done, failed)
        )

    def _read(self, path: Path) -> Attachment:
        name = shown_name(path)

        def progress(progress: Progress) -> None:
            if progress.total:
                text = sentence(
                    "terminal.reading_file",
                    {"name": name, "done": progress.done, "total": progress.total},
                )
                self._output.progress(text)

        found: Attachment = self._wait(
            lambda done, failed: self._services.attachments.read(path, done, failed, progress)
        )
        self._output.progress("")
        return found

    def _chosen(self, attachment: Attachment, part: str, question: str) -> AttachedText:
        if not part:
            return whole(attachment)
        if part != RELEVANT:
            return only_part(attachment, part_of(attachment, part))
        finder = self._services.attachments.finder
        passages: list[Passage] = self._wait(
            lambda done, failed: finder.find(attachment, question, done, failed)
        )
        if not passages:
            raise AttachmentError(
                "attachments.nothing_relevant", name=shown_name(Path(attachment.name))
            )
        return only_passages(attachment, passages)

    def _wait(self, begin: Callable[[Callable[[Any], None], Callable[[Any], None]], object]) -> Any:
        """Begin something and run until it called one of its two callbacks."""
        results: list[Any] = []
        begin(results.append, results.append)
        self._callbacks.run_until(lambda: bool(results))
        if isinstance(results[0], KnownError):
            raise results[0]
        return results[0]


def attachments_json(attached: Sequence[AttachedText]) -> list[dict[str, Any]]:
    """What was given to the model of each file, for ``--json``; the text itself is not repeated."""
    return [
        {
            "id": each.attachment_id,
            "name": each.name,
            "kind": each.kind,
            "bytes": each.size,
            "sha256": each.sha256,
            "way": each.way.value,
            "part": each.part,
            "characters": len(each.text),
        }
        for each in attached
    ]
