"""One file of a draft: what is known of it, and what a chip and its sheet say about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication

from app.attachments.entities import Attachment, Kind, Progress, Unit
from app.attachments.errors import AttachmentError
from app.attachments.extraction import Extraction
from app.attachments.given import only_part, whole
from app.attachments.parts import part_of
from app.attachments.passages import Passage
from app.history.drafts import DraftFile
from app.history.entities import AttachedText, AttachedWay
from models.errors import KnownError
from ui.chat.figures import grouped, percent
from ui.composer.file_sheet import FileSheetView
from ui.composer.file_view import FileState, FileView, cost_words, kind_words, size_words
from ui.sentences import say, say_error

_MOST_HEADINGS = 200


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading takes."""

    tokens: int
    exact: bool = True
    seconds: float | None = None

    @property
    def words(self) -> str:
        """For a person."""
        return cost_words(self.tokens, self.exact, self.seconds)


@dataclass(slots=True)
class DraftingFile:
    """Changes as it is read, counted and chosen from. ``id`` is of this list, not of a text."""

    id: str
    name: str
    attachment: Attachment | None = None
    extraction: Extraction | None = None
    progress: Progress | None = None
    failure: KnownError | None = None
    way: AttachedWay = AttachedWay.WHOLE
    way_is_chosen: bool = False
    """A person chose the way, so nothing else changes it."""
    part: str = ""
    """As it was typed."""
    passages: tuple[Passage, ...] = ()
    """Relevant to what is written now."""
    costs: dict[AttachedWay, Cost] = field(default_factory=dict)

    @property
    def state(self) -> FileState:
        """How far it is."""
        if self.failure is not None:
            return FileState.FAILED
        return FileState.READING if self.attachment is None else FileState.READY

    @property
    def kept(self) -> DraftFile | None:
        """As it is kept with the draft; None while there is nothing to keep."""
        if self.attachment is None:
            return None
        return DraftFile(self.attachment.id, self.name, self.way.value, self.part)

    @property
    def is_picture(self) -> bool:
        """Whether it is shown to the model, all of it, and has no text."""
        return self.attachment is not None and self.attachment.kind is Kind.IMAGE

    @property
    def is_settled(self) -> bool:
        """Whether its way is not to be changed but by a person."""
        return self.way_is_chosen or self.is_picture

    def given(self) -> AttachedText | None:
        """What would be sent now; None for passages, which depend on the question.

        Raises AttachmentError when there is no such part.
        """
        if self.attachment is not None and self.is_picture:
            return whole(self.attachment)
        if self.attachment is None or self.way is AttachedWay.PASSAGES:
            return None
        if self.way is AttachedWay.PART:
            return only_part(self.attachment, part_of(self.attachment, self.part))
        return whole(self.attachment)

    def view(self) -> FileView:
        """Its chip."""
        match self.state:
            case FileState.FAILED:
                assert self.failure is not None
                return FileView(self.id, self.name, FileState.FAILED, say_error(self.failure))
            case FileState.READING:
                return self._reading_view()
        assert self.attachment is not None
        facts = facts_of(self.attachment.kind, self.attachment.size)
        cost = self.costs.get(self.way)
        way = self._way_words()
        given = ": ".join(part for part in (way, cost.words if cost else "") if part)
        tip = "\n".join((self.name, facts, given))
        if self.way is AttachedWay.WHOLE:
            short = _tokens(cost)
            detail = _joined(facts, short)
        else:
            detail = _joined(way, _tokens(cost))
        return FileView(self.id, self.name, FileState.READY, detail, tip=tip)

    def _reading_view(self) -> FileView:
        progress = self.progress
        fraction = progress.done / progress.total if progress and progress.total else None
        if fraction is None:
            detail = QCoreApplication.translate("files", "Reading…")
        else:
            detail = QCoreApplication.translate("files", "Reading, {share}").format(
                share=percent(fraction)
            )
        return FileView(self.id, self.name, FileState.READING, detail, fraction, self.name)

    def _way_words(self) -> str:
        translate = QCoreApplication.translate
        if self.way is AttachedWay.PASSAGES:
            return translate("files", "Relevant passages")
        if self.way is AttachedWay.PART:
            given = self._given_or_none()
            return given.part if given else translate("files", "Choose a part")
        return translate("files", "All of it")

    def _given_or_none(self) -> AttachedText | None:
        try:
            return self.given()
        except AttachmentError:
            return None

    # --- its sheet --------------------------------------------------------------------------

    def sheet(self) -> FileSheetView:
        """Its text, with what of it is given. Only for a file that was read."""
        attachment = self.attachment
        assert attachment is not None
        remark, is_bad = self._remark()
        return FileSheetView(
            id=self.id,
            name=self.name,
            facts=_joined(
                facts_of(attachment.kind, attachment.size),
                "" if self.is_picture else _length(attachment),
            ),
            way=self.way,
            text=_shown(attachment.kind, attachment.text),
            may_change=not self.is_picture,
            places=self._places(),
            part=self.part,
            unit=attachment.unit,
            headings=_headings(attachment) if attachment.unit is Unit.HEADINGS else (),
            costs={way: cost.words for way, cost in self.costs.items()},
            remark=remark,
            is_bad=is_bad,
        )

    def _places(self) -> tuple[tuple[str, int, int], ...]:
        if self.way is AttachedWay.PASSAGES:
            ordered = sorted(self.passages, key=lambda passage: passage.start)
            return tuple((each.place, each.start, each.end) for each in ordered)
        if self.way is AttachedWay.PART and self.attachment is not None:
            try:
                part = part_of(self.attachment, self.part)
            except AttachmentError:
                return ()
            return ((part.label, part.start, part.end),)
        return ()

    def _remark(self) -> tuple[str, bool]:
        if self.way is AttachedWay.PASSAGES:
            count = len(self.passages)
            if not count:
                return say("composer.passages_later"), False
            code = "composer.passage_now" if count == 1 else "composer.passages_now"
            return say(code, {"count": count}), False
        if self.way is AttachedWay.PART and self.part:
            try:
                self.given()
            except AttachmentError as error:
                return say_error(error), True
        return "", False


def sent_sheet(
    file: AttachedText, text: str, places: Sequence[tuple[str, int, int]]
) -> FileSheetView:
    """The sheet of a file that a message carried: ``text`` is its whole text, where it is kept."""
    kind = Kind(file.kind) if file.kind in set(Kind) else Kind.TEXT
    facts = _joined(facts_of(kind, file.size), file.part)
    return FileSheetView(
        id="", name=file.name, facts=facts, way=file.way, text=_shown(kind, text),
        places=tuple(places),
        may_change=False,
    )  # fmt: skip


def _shown(kind: Kind, text: str) -> str:
    if kind is not Kind.IMAGE:
        return text
    return QCoreApplication.translate("files", "The model is shown this image.")


def facts_of(kind: Kind, size: int) -> str:
    """Kind and size: "PDF, 1.2 MB"."""
    return _joined(kind_words(kind), size_words(size))


def _tokens(cost: Cost | None) -> str:
    return cost_words(cost.tokens, cost.exact, None) if cost else ""


def _length(attachment: Attachment) -> str:
    translate = QCoreApplication.translate
    if attachment.unit is Unit.PAGES:
        count, words = len(attachment.sections) or 1, translate("files", "{count} pages")
    else:
        count, words = attachment.text.count("\n") + 1, translate("files", "{count} lines")
    return words.format(count=grouped(count))


def _headings(attachment: Attachment) -> tuple[str, ...]:
    titles = (section.title for section in attachment.sections if section.title)
    return tuple(dict.fromkeys(titles))[:_MOST_HEADINGS]


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
