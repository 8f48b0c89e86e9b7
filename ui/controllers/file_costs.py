"""What reading a file takes, by the loaded model's own tokenizer; guessed while none is loaded."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.attachments.errors import AttachmentError
from app.attachments.given import only_part, only_passages, prompt_text, whole
from app.attachments.parts import part_of
from app.attachments.passages import MOST_WORDS
from app.attachments.pictures import picture_of
from app.attachments.relevance import MOST_PASSAGES
from app.engine.entities import ChatMessage
from app.engine.errors import EngineError, WorkerDiedError
from app.engine.protocol import Counted, Failed, FromWorker
from app.history.entities import AttachedText, AttachedWay
from app.services import Services
from app.text import clean
from ui.controllers.drafting_file import Cost, DraftingFile

_CHARACTERS_OF_A_TOKEN = 4
_CHARACTERS_OF_A_WORD = 6
_TOKENS_OF_A_PICTURE = 500
"""About, until the model that sees it is loaded."""
_TOO_LONG = "engine.prompt_too_long"
_REMEMBERED = 500

_Key = tuple[str, str, str, str]


class FileCosts(QObject):
    """Signals: counted(str): the id of a file whose costs are known better now."""

    counted = Signal(str)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._known: dict[_Key, Cost] = {}
        self._asked: set[_Key] = set()

    @property
    def context_tokens(self) -> int | None:
        """Of the loaded model; None while there is none."""
        facts = self._services.host.status.facts
        return facts.context_tokens if facts else None

    def estimate(self, text: str) -> Cost:
        """What ``text`` takes, about; as exactly as is possible without counting."""
        return self._cost(max(1, len(text) // _CHARACTERS_OF_A_TOKEN), exact=False)

    def look_at(self, file: DraftingFile) -> None:
        """Count every way of ``file`` that is not known yet."""
        attachment = file.attachment
        if attachment is None:
            return
        self._count(file, AttachedWay.WHOLE, whole(attachment))
        if file.passages:
            self._count(file, AttachedWay.PASSAGES, only_passages(attachment, file.passages))
        else:
            self._guess_passages(file)
        file.costs.pop(AttachedWay.PART, None)
        if file.part:
            try:
                part = only_part(attachment, part_of(attachment, file.part))
            except AttachmentError:
                return
            self._count(file, AttachedWay.PART, part)

    def _guess_passages(self, file: DraftingFile) -> None:
        all_of_it = file.costs[AttachedWay.WHOLE]
        assert file.attachment is not None
        most = MOST_PASSAGES * MOST_WORDS * _CHARACTERS_OF_A_WORD
        share = min(1.0, most / max(1, len(file.attachment.text)))
        tokens = max(1, round(all_of_it.tokens * share))
        file.costs[AttachedWay.PASSAGES] = self._cost(tokens, exact=False)

    def _count(self, file: DraftingFile, way: AttachedWay, given: AttachedText) -> None:
        host = self._services.host
        facts = host.status.facts
        sees = facts is not None and facts.sees_images
        text = clean(prompt_text("", [given], sees=sees))
        key = (host.status.model_key, given.attachment_id, way.value, _label(file, way))
        known = self._known.get(key)
        if known is not None:
            file.costs[way] = self._cost(known.tokens, exact=known.exact)
            return
        file.costs[way] = self.estimate(text)
        if file.is_picture:
            file.costs[way] = self._cost(_TOKENS_OF_A_PICTURE, exact=False)
        if facts is None or (file.is_picture and not sees) or key in self._asked:
            return

        def answered(event: FromWorker | WorkerDiedError) -> None:
            match event:
                case Counted():
                    tokens = sum(sum(pieces) for pieces in event.pieces)
                    self._learn(file, way, key, Cost(tokens))
                case Failed(code=code) if code == _TOO_LONG:
                    self._learn(file, way, key, _told(event.facts))
                case Failed() | WorkerDiedError():
                    self._asked.discard(key)

        self._asked.add(key)
        try:
            images = (picture_of(given),) if file.is_picture else ()
            message = ChatMessage("user", text, images=images)
            host.count_tokens([message], answered, pieces=[(len(text),)])
        except EngineError as error:
            if error.code == _TOO_LONG:
                self._learn(file, way, key, _told(error.facts))
            else:
                self._asked.discard(key)

    def _learn(self, file: DraftingFile, way: AttachedWay, key: _Key, cost: Cost) -> None:
        self._asked.discard(key)
        self._known[key] = cost
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        if key[0] == self._services.host.status.model_key and key[3] == _label(file, way):
            file.costs[way] = self._cost(cost.tokens, exact=cost.exact)
            if way is AttachedWay.WHOLE and not file.passages:
                self._guess_passages(file)
            self.counted.emit(file.id)

    def _cost(self, tokens: int, *, exact: bool) -> Cost:
        return Cost(tokens, exact, self._services.budget.seconds_to_read(tokens))


def together(files: Sequence[DraftingFile]) -> Cost | None:
    """What all of them take as they are chosen; None while nothing is known."""
    costs = [file.costs[file.way] for file in files if file.way in file.costs]
    if not costs:
        return None
    seconds = [cost.seconds for cost in costs if cost.seconds is not None]
    return Cost(
        sum(cost.tokens for cost in costs),
        all(cost.exact for cost in costs),
        sum(seconds) if len(seconds) == len(costs) else None,
    )


def _label(file: DraftingFile, way: AttachedWay) -> str:
    match way:
        case AttachedWay.PART:
            return file.part
        case AttachedWay.PASSAGES:
            return " ".join(str(passage.number) for passage in file.passages)
    return ""


def _told(facts: dict[str, str | int | float]) -> Cost:
    return Cost(int(facts.get("tokens", 0)), exact=False)
