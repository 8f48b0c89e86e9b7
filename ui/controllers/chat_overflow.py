"""What to do about a full context: longer, leave out, summarise; remembered per conversation."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.chat.budget import Measured
from app.chat.context import room_for_answer
from app.chat.prompting import summary_for
from app.history.entities import Message, Overflow, Summary
from app.services import Services
from models.errors import KnownError
from ui.chat.branch_commands import Command, Verb
from ui.chat.chat_page import ChatPage
from ui.context.offers import CHANGE, SHOW_SUMMARY
from ui.context.parts_popover import PartsPopover
from ui.context.summary_sheet import SummarySheet
from ui.context.words import CHOICES, choice_words
from ui.controllers.chat import ChatController
from ui.controllers.chat_branches import ChatBranches
from ui.controllers.chat_context import ChatContext
from ui.sentences import say_error
from ui.widgets.menu import Menu


class ChatOverflow(QObject):
    """Carries out the choice that was made.

    Signals:
        trouble(str): a sentence to show.
    """

    trouble = Signal(str)

    def __init__(
        self,
        services: Services,
        page: ChatPage,
        chat: ChatController,
        branches: ChatBranches,
        context: ChatContext,
        popover: PartsPopover,
        sheet: SummarySheet,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._page, self._chat = services, page, chat
        self._branches, self._context = branches, context
        self._sheet = sheet
        self._until = ""
        """The last message that the summary in the sheet stands for."""
        self._written = ""
        """What the model wrote, before anybody changed it."""
        page.overflow.chosen.connect(self._chosen)
        popover.overflow_chosen.connect(self.choose)
        sheet.kept.connect(self._keep_summary)
        sheet.removed.connect(self._remove_summary)
        sheet.written_again.connect(self.summarise)
        sheet.closed.connect(services.summariser.stop)
        chat.opened.connect(lambda _id: sheet.close_sheet())

    def choose(self, overflow: Overflow) -> None:
        """Do so from now on in this conversation, and for what did not fit just now."""
        if overflow is Overflow.SUMMARISE:
            report = self._context.report
            if report is None or not report.fits or report.left_out:
                self.summarise()
                return
        self._chat.set_overflow(overflow)
        if overflow is not Overflow.STOP:
            self._answer_now()

    def _answer_now(self) -> None:
        """Answer the question that found no room, if there is one."""
        unanswered, self._context.unanswered = self._context.unanswered, ""
        if unanswered and any(each.id == unanswered for each in self._chat.branch[-1:]):
            self._branches.do(Command(Verb.TRY_AGAIN, unanswered))

    def _chosen(self, action: str) -> None:
        if action == CHANGE:
            self._open_menu()
        elif action == SHOW_SUMMARY:
            self._show_summary()
        else:
            self.choose(Overflow(action))

    def _open_menu(self) -> None:
        anchor = self._page.overflow.button(CHANGE)
        if anchor is None:
            return
        menu = Menu(anchor)
        now = self._chat.conversation.overflow
        for each in CHOICES:
            line = menu.entry(choice_words(each))
            line.setCheckable(True)
            line.setChecked(each is now)
            line.triggered.connect(lambda _on, each=each: self.choose(each))
        menu.open_below(anchor)

    # --- summaries --------------------------------------------------------------------------
    def summarise(self) -> None:
        """Let the model write a summary of what does not fit, and show it while it does."""
        wanted = self._context.wanted(Overflow.OLDEST)
        report = self._context.report
        if report is None:
            return
        # The summary itself needs room too: as much as an answer is given.
        room = room_for_answer(report.context_tokens, wanted.max_tokens)
        spare = room + room_for_answer(report.context_tokens, None)

        def done(measured: Measured) -> None:
            self._write(list(measured.report.left_out), wanted.branch)

        self._services.budget.measure(replace(wanted, max_tokens=spare), done, self._failed)

    def _write(self, left_out: list[str], branch: Sequence[Message]) -> None:
        summary, covered = summary_for(branch, self._context.summaries())
        places = {message.id: place for place, message in enumerate(branch)}
        last = max((places[each] for each in left_out), default=-1)
        first = places[summary.until_id] + 1 if summary is not None else 0
        if last < first:
            first, summary = 0, None
            last = max((places[each] for each in covered), default=-1)
        messages = [each for each in branch[first : last + 1] if not each.pinned]
        if not messages:
            self._chat.set_overflow(Overflow.SUMMARISE)
            return
        self._until = branch[last].id
        self._sheet.begin(len(messages))

        def written(text: str) -> None:
            self._written = text
            if self._sheet.isVisible():
                self._sheet.show_text(text, stored=False)

        def failed(error: KnownError) -> None:
            self._sheet.close_sheet()
            self._failed(error)

        before = summary.text if summary is not None else ""
        self._services.summariser.summarise(messages, before, self._sheet.grow, written, failed)

    def _show_summary(self) -> None:
        summary, _covered = summary_for(self._chat.branch, self._context.summaries())
        if summary is not None:
            self._until, self._written = summary.until_id, summary.text
            self._sheet.show_text(summary.text, stored=True)

    def _keep_summary(self, text: str) -> None:
        edited = text != self._written
        summary = Summary(self._until, self._chat.conversation.id, text, edited)

        def kept(_summary: Summary) -> None:
            self._sheet.close_sheet()
            self._chat.set_overflow(Overflow.SUMMARISE)
            self._answer_now()

        self._services.history.set_summary(summary, done=kept, failed=self._failed)

    def _remove_summary(self) -> None:
        def removed(_nothing: None) -> None:
            self._sheet.close_sheet()
            self._chat.changed.emit()

        self._services.history.remove_summary(self._until, done=removed, failed=self._failed)

    def _failed(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))
