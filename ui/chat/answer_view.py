"""An answer: name, thinking, text over the whole column, what went wrong, footer, details."""

from PySide6.QtWidgets import QWidget

from app.history.entities import MessageState
from ui.chat.answer_words import Row, detail_rows, end_words
from ui.chat.details_view import DetailsView
from ui.chat.figures import grouped, speed, time_of_day
from ui.chat.json_answer import misfit_notice, shown_text, verdict_words
from ui.chat.markdown.inline import printable
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown_view import MarkdownView
from ui.chat.message_footer import FOOTER_HEIGHT
from ui.chat.message_item import MessageItem
from ui.chat.message_view import MessageView
from ui.chat.notice_line import NoticeLine
from ui.chat.phases import Notice, Waiting
from ui.chat.progress_line import ProgressLine
from ui.chat.thinking_view import ThinkingView
from ui.sentences import say, say_stored
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.labels import ElidedLabel

TRY_AGAIN = "try_again"
CONTINUE = "continue"
CHOOSE_MODEL = "choose_model"
_WORTH_SAYING = ("cancelled", "length", "stop_string", "loop")
"""Ends of an answer that are no matter of course."""
_HEAD, _HEAD_GAP, _GAP, _GAP_OPEN = 20, 4, 8, 16


class AnswerView(MessageView):
    """Parts that are not needed are not built."""

    def __init__(
        self, theme: Theme, parser: MarkdownParser, item: MessageItem, parent: QWidget
    ) -> None:
        super().__init__(theme, parser, item, parent)
        self._width = 0
        self._given = 0
        self._head = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self._thinking: ThinkingView | None = None
        self.progress: ProgressLine | None = None
        self.body: MarkdownView | None = None
        self.notice: NoticeLine | None = None
        self.details: DetailsView | None = None
        footer = self.footer
        footer.thinking_chosen.connect(
            lambda: self.copy_requested.emit(self.item.message.reasoning)
        )
        footer.details_chosen.connect(self._toggle_details)
        self.refresh()

    # --- what is shown ----------------------------------------------------------------------
    @property
    def has_selection(self) -> bool:
        """Whether text in it is selected."""
        return self.body is not None and self.body.textCursor().hasSelection()

    @property
    def head(self) -> str:
        """The line above the answer, "" when there is none."""
        return self._head.text()

    @property
    def thinking(self) -> ThinkingView | None:
        """The part that shows reasoning, if there is any."""
        return self._thinking

    def refresh(self) -> None:
        """Show what the item holds now."""
        message = self.item.message
        self._show_head()
        self._show_thinking()
        self._show_progress()
        if message.text:
            self._show_text(shown_text(message))
        if self.body is not None:
            self.body.setVisible(bool(message.text))
        self._show_notice()
        self._show_footer()

    def _show_text(self, text: str) -> None:
        if self.body is None:
            self._make_body().set_markdown(text)
        elif self.item.is_live:
            self.body.grow(text[self._given :])
        else:
            self.body.finish(text)
        self._given = len(text)

    def set_last(self, last: bool) -> None:
        """Figures and Try again belong to the last answer only."""
        self.item.is_last = last
        self._show_footer()

    def _make_body(self) -> MarkdownView:
        body = self.body = MarkdownView(self.theme, self.parser, self)
        if self._width:
            body.set_width(self._width)
        body.height_changed.connect(self.height_changed)
        body.link_activated.connect(self.link_activated)
        body.copy_requested.connect(self.copy_requested)
        body.save_requested.connect(self.save_requested)
        body.copy_all_requested.connect(lambda: self.copy_requested.emit(self.item.message.text))
        body.setAccessibleName(self.accessibleName())
        body.show()
        return body

    def _show_head(self) -> None:
        message, details = self.item.message, self.item.message.details
        name = printable(details.model_name) if details else ""
        words = [name] if self.item.shows_name and name else []
        if details is not None and details.is_demo:
            words.append(self.tr("Demo model: shows that the program works, often wrong"))
        if details is not None and details.edited:
            words.append(self.tr("Edited by you"))
        self._head.setText("  ·  ".join(words))
        self._head.setVisible(bool(words))
        self.setAccessibleName(
            self.tr("{model}, {time}, answer").format(
                model=name or self.tr("Answer"), time=time_of_day(message.created_ms)
            )
        )

    def _show_thinking(self) -> None:
        message = self.item.message
        self.footer.set_has_thinking(bool(message.reasoning))
        if not message.reasoning:
            return
        if self._thinking is None:
            self._thinking = ThinkingView(
                self.theme, self.parser, self, unfolded=self.item.thinking_unfolded
            )
            self._thinking.height_changed.connect(self.height_changed)
            self._thinking.fold_changed.connect(self._thinking_folded)
            self._thinking.link_activated.connect(self.link_activated)
            self._thinking.copy_requested.connect(self.copy_requested)
            self._thinking.save_requested.connect(self.save_requested)
            self._thinking.show()
        seconds, tokens = self.item.thought()
        if self.item.is_live and not message.text:
            self._thinking.show_live(message.reasoning, self.item.seconds)
        else:
            self._thinking.show_done(message.reasoning, seconds, tokens)

    def _show_progress(self) -> None:
        item = self.item
        waits = item.is_live and not item.message.text and not item.message.reasoning
        if waits or (item.phase is not None and item.is_live and not item.message.text):
            if self.progress is None:
                self.progress = ProgressLine(self.theme, self)
            self.progress.show_phase(item.phase or Waiting())
            self.progress.show()
        elif self.progress is not None:
            self.progress.hide()

    def _show_notice(self) -> None:
        notice = self.item.notice or self._own_notice()
        if notice is None:
            if self.notice is not None:
                self.notice.hide()
            return
        if self.notice is None:
            self.notice = NoticeLine(self.theme, self)
            self.notice.action_chosen.connect(self._act)
        self.notice.show_notice(notice)
        self.notice.show()

    def _own_notice(self) -> Notice | None:
        """What the stored message itself says about its end."""
        message, details = self.item.message, self.item.message.details
        if message.state is MessageState.COMPLETE and not message.text.strip():
            return self._wordless_notice()
        if details is not None and details.stop_reason == "loop":
            return Notice(say("chat.looped"))
        if message.state is MessageState.COMPLETE:
            return misfit_notice(message)
        if message.state not in (MessageState.INTERRUPTED, MessageState.FAILED):
            return None
        failed = message.state is MessageState.FAILED
        text = say_stored(details.failure, details.failure_facts) if details else ""
        if not text:
            text = self.tr("This answer stopped before it was finished, at {time}.").format(
                time=time_of_day(message.created_ms)
            )
        actions = [(TRY_AGAIN, self.tr("Try again"))] if self.item.is_last else []
        if self.item.can_go_on and self.item.is_last and self.item.siblings is not None:
            actions.insert(0, (CONTINUE, self.tr("Continue")))
        if failed and self.item.is_last:
            actions.append((CHOOSE_MODEL, self.tr("Choose another model")))
        return Notice(text, "bad" if failed else "warning", tuple(actions))

    def _wordless_notice(self) -> Notice | None:
        """An answer that is complete and says nothing would look like a fault of the window."""
        message, details = self.item.message, self.item.message.details
        reason = details.stop_reason if details else None
        if reason in (None, "cancelled"):
            return None
        code = "chat.no_words"
        if message.reasoning:
            code = "chat.only_thought_long" if reason == "length" else "chat.only_thought"
        return Notice(say(code), "warning")

    def _act(self, action: str) -> None:
        if action == TRY_AGAIN:
            self.try_again_requested.emit()
        elif action == CONTINUE:
            self.continue_requested.emit()
        else:
            self.action_requested.emit(action)

    def _show_footer(self) -> None:
        item, footer = self.item, self.footer
        state = item.message.state
        rows = detail_rows(item.message) if state is not MessageState.STREAMING else []
        footer.set_has_text(bool(item.message.text), more=bool(item.message.text or rows))
        is_whole = state is MessageState.COMPLETE
        footer.set_can_try_again(item.is_last and is_whole)
        kept = item.siblings is not None
        footer.set_can_continue(item.is_last and is_whole and kept and item.can_go_on)
        self.show_place()
        footer.set_figures(self._figures(), stay=item.is_last)
        footer.set_details(bool(rows), shown=item.details_shown and bool(rows))
        self._show_details(rows)
        self._show_notice()

    def _figures(self) -> str:
        item = self.item
        details = item.message.details
        timings = details.timings if details else None
        if timings is not None and timings.generated_tokens and not item.is_live:
            rate, tokens = timings.tokens_per_second, timings.generated_tokens
        elif item.is_live and item.tokens > 1 and item.seconds > 0.5:
            rate, tokens = (item.tokens - 1) / item.seconds, item.tokens
        else:
            return ""
        words = self.tr("{speed}, {count} tokens").format(speed=speed(rate), count=grouped(tokens))
        ends = [verdict_words(item.message)]
        if details is not None and details.stop_reason in _WORTH_SAYING:
            ends.append(end_words(item.message))
        for end in filter(None, ends):
            words = self.tr("{figures}  ·  {end}").format(figures=words, end=end)
        return words

    # --- on demand --------------------------------------------------------------------------
    def _thinking_folded(self, unfolded: bool) -> None:
        self.item.thinking_unfolded = unfolded

    def _toggle_details(self) -> None:
        self.item.details_shown = not self.item.details_shown
        had_focus = self.details is not None and self.details.isAncestorOf(
            self.focusWidget() or self
        )
        self._show_footer()
        if had_focus:
            self.footer.take_focus()
        self.height_changed.emit()

    def _show_details(self, rows: list[Row]) -> None:
        if not self.item.details_shown or not rows:
            if self.details is not None:
                self.details.hide()
            return
        if self.details is None:
            self.details = DetailsView(self.theme, self)
            self.details.close_clicked.connect(self._toggle_details)
        self.details.show_rows(rows)
        self.details.show()

    # --- geometry ---------------------------------------------------------------------------
    def arrange(self, width: int) -> int:
        """Stack the parts that are shown; the footer's room is always there."""
        self._width = width
        px = self.theme.px
        y = 0
        if not self._head.isHidden():
            self._head.setGeometry(0, 0, width, px(_HEAD))
            y += px(_HEAD) + px(_HEAD_GAP)
        if self._thinking is not None:
            height = self._thinking.arrange(width)
            self._thinking.setGeometry(0, y, width, height)
            y += height + px(_GAP_OPEN if self._thinking.is_open else _GAP)
        if self.progress is not None and not self.progress.isHidden():
            height = self.progress.arrange(width)
            self.progress.setGeometry(0, y, width, height)
            y += height
        if self.body is not None and not self.body.isHidden():
            height = self.body.set_width(width)
            self.body.move(0, y)
            y += height
        if self.notice is not None and not self.notice.isHidden():
            y += px(_GAP)
            height = self.notice.arrange(width)
            self.notice.setGeometry(0, y, width, height)
            y += height
        self.footer.setGeometry(0, y + px(4), width, px(FOOTER_HEIGHT))
        y += px(4) + px(FOOTER_HEIGHT)
        if self.details is not None and not self.details.isHidden():
            height = self.details.arrange(width)
            self.details.setGeometry(0, y + px(4), width, height)
            y += px(8) + height
        return y
