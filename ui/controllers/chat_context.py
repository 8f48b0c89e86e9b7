"""The context of the open conversation: counted while somebody writes, greyed, warned about."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.budget import Measured, Wanted, wanted_of
from app.chat.context import ContextReport
from app.chat.events import (
    TurnEnded,
    TurnEvent,
    TurnOverfull,
    TurnStarted,
    TurnSummarised,
)
from app.chat.prompting import summary_for
from app.history.entities import AttachedText, Message, Overflow, Role, Summary
from app.placement.entities import Placement
from app.services import Services
from models.errors import KnownError
from ui.chat.chat_page import ChatPage
from ui.context.offers import offer_for_report
from ui.context.parts_popover import PartsPopover
from ui.context.words import edit_cost_words
from ui.controllers.chat import ChatController
from ui.sentences import say_error

_PAUSE_MS = 250
"""In typing, after which the draft is counted."""


class ChatContext(QObject):
    """Asks the loaded model's tokenizer, never while an answer is being written.

    Signals:
        measured(): there is another report, or none.
        trouble(str): a sentence to show.
    """

    measured = Signal()
    trouble = Signal(str)

    def __init__(
        self,
        services: Services,
        page: ChatPage,
        chat: ChatController,
        popover: PartsPopover,
        attached: Callable[[], Sequence[AttachedText]],
        parent: QObject | None = None,
    ) -> None:
        """``attached`` tells what goes with the draft."""
        super().__init__(parent)
        self._services, self._page, self._chat = services, page, chat
        self._popover, self._attached = popover, attached
        self.report: ContextReport | None = None
        """Of what is shown and written now; None while that is not known."""
        self.would_go: tuple[str, ...] = ()
        """The oldest messages that do not fit, where the choice is still open."""
        self.unanswered = ""
        """The answer that was not begun because its prompt did not fit."""
        self._counted_text = ""
        self._asked = 0
        self._busy = False
        self._edited = ""
        self._pause = self._timer(self._measure)
        self._edit_pause = self._timer(self._measure_edit)
        page.composer.text_changed.connect(self._pause.start)
        page.panel.instructions_changed.connect(lambda _text: self._pause.start())
        page.panel.sampling_changed.connect(lambda _sampling: self._pause.start())
        page.transcript.edit_changed.connect(self._edit_changed)
        page.status.context_pressed.connect(self.open_parts)
        chat.opened.connect(self._another)
        chat.changed.connect(self._pause.start)
        services.turns.subscribe(self._heard)
        services.host.subscribe(lambda _status: self._pause.start())

    def count_soon(self) -> None:
        """Something that is sent has changed."""
        self._pause.start()

    def _timer(self, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(_PAUSE_MS)
        timer.timeout.connect(act)
        return timer

    @property
    def placement(self) -> Placement | None:
        """How the loaded model is placed."""
        current = self._services.loader.current
        return current.placement if current is not None else None

    def holds_back(self, text: str) -> bool:
        """Whether ``text`` must not be sent yet: it is known not to fit, and a choice is open."""
        report = self.report
        if report is None or report.fits or text != self._counted_text:
            return False
        grows = report.overflow is Overflow.GROW and report.growth is not None
        if grows or self._services.turns.active is not None:
            return False
        self._show_offer()
        buttons = self._page.overflow.buttons
        if buttons:
            buttons[0].setFocus()
        return True

    def open_parts(self) -> None:
        """What is in the context, over the meter."""
        self._popover.show_report(self.report, self._chat.conversation.overflow)
        self._popover.open_above(self._page.status.context_button)

    def wanted(self, overflow: Overflow | None = None) -> Wanted:
        """What would be sent now: the branch and what is written in the composer."""
        chat, text = self._chat, self._page.composer.text
        conversation = chat.conversation
        branch = chat.branch
        ends_in_question = bool(branch) and _is_question(branch)
        draft = None
        if text.strip() or not ends_in_question:
            draft = Message(
                "draft", conversation.id, None, Role.USER, text,
                attachments=tuple(self._attached()),
            )  # fmt: skip
        if overflow is not None:
            conversation = replace(conversation, overflow=overflow)
        return wanted_of(conversation, branch, chat.sampling, self.summaries(), draft)

    def summaries(self) -> list[Summary]:
        """Of the conversation that is shown."""
        if not self._chat.is_stored:
            return []
        try:
            return self._services.history.summaries(self._chat.conversation.id)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return []

    # --- counting ---------------------------------------------------------------------------
    def _can_count(self) -> bool:
        model = self._chat.model
        is_ready = model is not None and self._services.host.is_ready(model.key)
        return is_ready and self._services.turns.active is None

    def _measure(self) -> None:
        chat = self._chat
        text = self._page.composer.text
        has_words = bool(chat.branch or text.strip() or chat.conversation.system_prompt.strip())
        if not self._can_count() or not has_words:
            self._forget()
            return
        if self._busy:
            self._pause.start()  # again after the one under way
            return
        self._busy = True
        self._asked += 1
        asked, conversation_id = self._asked, chat.conversation.id

        def is_stale() -> bool:
            other = self._chat.conversation.id != conversation_id
            return asked != self._asked or other or self._services.turns.active is not None

        def done(measured: Measured) -> None:
            self._busy = False
            if not is_stale():
                self._counted(measured.report, text)

        def failed(_error: KnownError) -> None:
            # Sending will say what is wrong; a meter that shouts would be noise.
            self._busy = False
            if not is_stale():
                self._forget()

        self._services.budget.measure(self.wanted(), done, failed)

    def _counted(self, report: ContextReport, text: str) -> None:
        self._counted_text = text
        # What has a choice already is told by ``left_out``; what would not help is no offer.
        is_open = report.overflow in (Overflow.STOP, Overflow.SUMMARISE)
        self.would_go = report.falls_out if is_open and report.falls_out_helps else ()
        self.report = report
        self._show()

    def _show(self) -> None:
        report = self.report
        if report is None:
            return
        # What does not fit is told with the answer's room: without it the numbers would fit.
        used = report.prompt_tokens if report.fits else report.needed_tokens
        self._page.status.set_measured(used, report.context_tokens, fits=report.fits)
        left_out = {*report.left_out, *self.would_go}
        self._page.transcript.set_given(left_out, set(report.summarised))
        self._show_offer()
        if self._popover.isVisible():
            self._popover.show_report(report, self._chat.conversation.overflow)
        self.measured.emit()

    def _show_offer(self) -> None:
        if self.report is not None:
            offer = offer_for_report(self.report, len(self.would_go), self.placement)
            self._page.set_context_offer(offer)

    def _forget(self) -> None:
        self.report, self.would_go = None, ()
        self._page.status.forget_measured()
        self._page.transcript.set_given((), ())
        self._page.set_context_offer(None)
        self.measured.emit()

    def _another(self, _conversation_id: str) -> None:
        self.unanswered = ""
        self._forget()
        self._pause.start()

    # --- edits in place ---------------------------------------------------------------------
    def _edit_changed(self, message_id: str) -> None:
        self._edited = message_id
        self._edit_pause.start()

    def _measure_edit(self) -> None:
        identity = self._edited
        text = self._page.transcript.edited_words(identity)
        branch = self._chat.branch
        place = next((n for n, each in enumerate(branch) if each.id == identity), None)
        if text is None or place is None or not self._can_count():
            return
        edited = replace(branch[place], text=text)
        is_question = edited.role is Role.USER
        wanted = replace(
            self.wanted(),
            branch=branch[:place] if is_question else [*branch[:place], edited],
            draft=edited if is_question else None,
            resume=not is_question,
        )

        def done(measured: Measured) -> None:
            words = edit_cost_words(measured.report)
            self._page.transcript.set_edit_cost(identity, words)

        self._services.budget.measure(wanted, done, lambda _error: None)

    # --- what a turn tells ------------------------------------------------------------------
    def _heard(self, event: TurnEvent) -> None:
        match event:
            case TurnStarted(conversation=conversation):
                if conversation.id == self._chat.conversation.id:
                    self.unanswered = ""
                    self._forget()
            case TurnOverfull(answer_id=answer_id):
                self.unanswered = answer_id
            case TurnSummarised(answer_id=answer_id, summary=summary):
                if any(each.id == answer_id for each in self._chat.branch):
                    _summary, covered = summary_for(self._chat.branch, [summary])
                    self._page.transcript.set_given((), covered)
            case TurnEnded():
                self._pause.start()


def _is_question(branch: list[Message]) -> bool:
    """Whether the model would be asked the end of ``branch`` as it is."""
    for message in reversed(branch):
        if message.role is Role.USER:
            return True
        if message.text or message.reasoning:
            return False
    return False
