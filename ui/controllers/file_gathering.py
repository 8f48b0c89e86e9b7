"""What the files of a draft give the model, once each is resolved: for passages it is searched."""

from collections.abc import Callable, Sequence

from app.attachments.errors import AttachmentError
from app.attachments.finder import PassageFinder
from app.attachments.given import only_passages
from app.attachments.passages import Passage
from app.history.entities import AttachedText
from app.library.entities import InstalledModel
from models.naming import shorten
from ui.composer.file_view import FileState
from ui.controllers.drafting_file import DraftingFile
from ui.sentences import say, say_error


def gather(
    files: Sequence[DraftingFile],
    question: str,
    finder: PassageFinder,
    ready: Callable[[list[AttachedText]], None],
    refused: Callable[[str], None],
    model: InstalledModel | None,
) -> None:
    """Call ``ready`` with what all files give, in their order, or ``refused`` with a sentence.

    Returns at once; one of the two is called, and only once. ``model`` is the one that is asked.
    """
    sees = model is not None and model.handle.projector is not None
    trouble = _in_the_way(files, sees)
    if trouble:
        refused(trouble)
        return
    given: list[AttachedText | None] = [None] * len(files)
    said: list[str] = []

    def take(number: int, attached: AttachedText | str) -> None:
        if isinstance(attached, str):
            if not said:
                said.append(attached)
                refused(attached)
            return
        given[number] = attached
        if all(each is not None for each in given):
            ready([each for each in given if each is not None])

    for number, file in enumerate(files):
        _resolve(file, question, finder, _taking(take, number))


def _taking(
    take: Callable[[int, AttachedText | str], None], number: int
) -> Callable[[AttachedText | str], None]:
    return lambda attached: take(number, attached)


def _in_the_way(files: Sequence[DraftingFile], sees: bool) -> str:
    for file in files:
        name = {"name": shorten(file.name)}
        if file.state is FileState.READING:
            return say("composer.still_reading", name)
        if file.state is FileState.FAILED:
            return say("composer.not_read", name)
        if file.is_picture and not sees:
            return say("attachments.image", name)
        try:
            file.given()
        except AttachmentError as error:
            return say_error(error)
    return ""


def _resolve(
    file: DraftingFile,
    question: str,
    finder: PassageFinder,
    done: Callable[[AttachedText | str], None],
) -> None:
    """``done`` receives what the file gives, or the sentence why it gives nothing."""
    name = {"name": shorten(file.name)}
    nothing = say("attachments.nothing_relevant", name)
    given, attachment = file.given(), file.attachment
    if given is not None or attachment is None:
        done(given or nothing)
        return

    def found(passages: list[Passage]) -> None:
        done(only_passages(attachment, passages) if passages else nothing)

    finder.find(attachment, question, found, lambda error: done(say_error(error)))
