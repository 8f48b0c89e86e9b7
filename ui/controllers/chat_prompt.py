"""Shows what the model saw for an answer, and what it would see with the next message."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.chat.budget import Measured, Wanted
from app.chat.seen import differs, wanted_for_answer
from app.services import Services
from models.errors import KnownError
from ui.chat.chat_page import ChatPage
from ui.chat.clipboard import put_text
from ui.context.parts_popover import PartsPopover
from ui.context.prompt_sheet import PromptSheet
from ui.context.words import differs_words, part_rows, prompt_words
from ui.controllers.chat import ChatController
from ui.controllers.chat_context import ChatContext
from ui.sentences import say, say_error


class ChatPrompt(QObject):
    """Asks the loaded model's own template and tokenizer; nothing is generated."""

    def __init__(
        self,
        services: Services,
        page: ChatPage,
        chat: ChatController,
        context: ChatContext,
        popover: PartsPopover,
        sheet: PromptSheet,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._chat, self._context = services, chat, context
        self._popover, self._sheet = popover, sheet
        self._asked = 0
        page.transcript.message_actions.prompt_requested.connect(self.show_of_answer)
        popover.prompt_requested.connect(self.show_next)
        sheet.copy_requested.connect(put_text)
        sheet.closed.connect(self._forget)
        chat.opened.connect(lambda _id: sheet.close_sheet())

    def show_next(self) -> None:
        """What would be sent now: the branch and what is written."""
        self._popover.close_popover()
        self._show(self.tr("What the model will see"), self._context.wanted(), lambda _measured: "")

    def show_of_answer(self, message_id: str) -> None:
        """What was sent for an answer: its branch up to it, rendered again."""
        chat = self._chat
        answer = next((each for each in chat.branch if each.id == message_id), None)
        wanted = wanted_for_answer(
            chat.conversation, chat.branch, message_id, chat.sampling, self._context.summaries()
        )
        if answer is None or wanted is None:
            return

        def remark(measured: Measured) -> str:
            found = differs(answer, measured, self._services.host.status.model_key)
            read = answer.details.timings if answer.details is not None else None
            tokens = read.prompt_tokens if read is not None else 0
            return differs_words(found, tokens)

        self._show(self.tr("What the model saw"), wanted, remark)

    def _show(self, title: str, wanted: Wanted, remark: Callable[[Measured], str]) -> None:
        self._asked += 1
        asked, sheet = self._asked, self._sheet
        sheet.begin(title, self.tr("The model's template is writing it…"))

        def failed(error: KnownError) -> None:
            if asked == self._asked:
                is_unloaded = error.code == "engine.not_loaded"
                sheet.say(say("chat.prompt_unloaded") if is_unloaded else say_error(error))

        def measured(found: Measured) -> None:
            def shown(text: str) -> None:
                if asked == self._asked:
                    report = found.report
                    words = prompt_words(report)
                    sheet.show_prompt(text, words, part_rows(report), remark(found))

            if asked == self._asked:
                self._services.budget.show(found, shown, failed)

        self._services.budget.measure(wanted, measured, failed)

    def _forget(self) -> None:
        """What is still on its way is for nobody."""
        self._asked += 1
