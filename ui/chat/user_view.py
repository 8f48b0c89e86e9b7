"""What the user wrote: a card at the right, shown as it was typed."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QWidget

from ui.chat.document_view import DocumentView, wrap_mode_for
from ui.chat.figures import grouped, time_of_day
from ui.chat.markdown.inline import printable
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown.styles import Styles
from ui.chat.message_footer import FOOTER_HEIGHT
from ui.chat.message_item import MessageItem
from ui.chat.message_view import MessageView
from ui.composer.sent_files import SentFiles
from ui.theme.theme import Theme
from ui.theme.tokens import CARD_RADIUS, TEXT_SMALL
from ui.widgets.buttons import TextButton

CARD_WIDTH = 560
PAD_SIDE, PAD_TOP = 16, 12
_FOLD_CHARACTERS, _FOLD_LINES = 4000, 40
_BUTTON = 28
_LIFT = 3

_RIGHT_TO_LEFT = Qt.LayoutDirection.RightToLeft


class UserView(MessageView):
    """A long text is folded to its beginning."""

    def __init__(
        self, theme: Theme, parser: MarkdownParser, item: MessageItem, parent: QWidget
    ) -> None:
        super().__init__(theme, parser, item, parent)
        self._folded = True
        self._shown: str | None = None
        self._natural = 0
        self._card = QRectF()
        self.files = SentFiles(theme, self)
        self.files.opened.connect(self.file_opened)
        self.text_view = DocumentView(theme, self)
        self.text_view.link_activated.connect(self.link_activated)
        self.text_view.copy_all_requested.connect(
            lambda: self.copy_requested.emit(self.item.message.text)
        )
        self._unfold = TextButton(
            theme, "", look="quiet", size=TEXT_SMALL, height=_BUTTON, parent=self
        )
        self._unfold.clicked.connect(self.unfold)
        self.refresh()

    @property
    def is_folded(self) -> bool:
        """Whether only the beginning is shown."""
        text = self.item.message.text
        return self._folded and (len(text) > _FOLD_CHARACTERS or text.count("\n") >= _FOLD_LINES)

    @property
    def has_selection(self) -> bool:
        """Whether text in it is selected."""
        return self.text_view.textCursor().hasSelection()

    def unfold(self) -> None:
        """Show all of the text."""
        self._folded = False
        self.refresh()
        self.height_changed.emit()

    def refresh(self) -> None:
        """Show the message as it is now."""
        message = self.item.message
        text = message.text
        if self.is_folded:
            lines = text[:_FOLD_CHARACTERS].split("\n")[:_FOLD_LINES]
            text = "\n".join(lines).rstrip() + "…"
        if text != self._shown:
            self._shown = text
            self._write(text)
        self._unfold.setVisible(self.is_folded)
        self.files.show_files(message.attachments)
        self.footer.set_can_try_again(
            self.item.is_end and self.item.siblings is not None, self.tr("Answer")
        )
        self.show_place()
        self._unfold.setText(
            self.tr("Show all {count} characters").format(count=grouped(len(message.text)))
        )
        name = self.tr("You, {time}").format(time=time_of_day(message.created_ms))
        self.setAccessibleName(name)
        self.text_view.setAccessibleName(name)

    def _write(self, text: str) -> None:
        styles = Styles(self.theme)
        block = QTextBlockFormat()
        block.setLineHeight(
            styles.line_height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value
        )
        chars = QTextCharFormat()
        chars.setFont(styles.font)
        chars.setForeground(self.theme.color("text"))
        self.text_view.setWordWrapMode(wrap_mode_for(text))
        cursor = QTextCursor(self.text_view.document())
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.removeSelectedText()
        cursor.setBlockFormat(block)
        cursor.insertText(printable(text), chars)
        cursor.endEditBlock()
        self.text_view.rest_cursor()
        metrics = QFontMetrics(styles.font)
        longest = sorted(text.split("\n"), key=len)[-8:]
        self._natural = max(metrics.horizontalAdvance(line[:300]) for line in longest)

    def arrange(self, width: int) -> int:
        """A card as wide as its text, at most 560, at the right edge."""
        px = self.theme.px
        side, top = px(PAD_SIDE), px(PAD_TOP)
        most = min(px(CARD_WIDTH), width) - 2 * side
        inner = min(most, self._natural + px(4))
        if self.is_folded:
            inner = most
        height = self.text_view.lay_out(inner)
        # What is free behind the longest line lies in the padding, or that would look wider.
        spare = max(0, inner - max(self._natural, inner - px(4)))
        card = width - inner + spare - 2 * side
        is_rtl = self.text_view.document().firstBlock().textDirection() is _RIGHT_TO_LEFT
        left = card + side - (spare if is_rtl else 0)
        files = self.files.arrange(width)
        self.files.setGeometry(0, 0, width, files)
        begin = files + px(8) if files else 0
        # The room between lines lies above each line: without the lift the text would sit low.
        self.text_view.setGeometry(left, begin + top - px(_LIFT), inner, height)
        bottom = begin + top + height
        if self.is_folded:
            wide = self._unfold.sizeHint().width()
            self._unfold.setGeometry(left - px(12), bottom + px(4), wide, px(_BUTTON))
            bottom += px(4) + px(_BUTTON)
        self._card = QRectF(card, begin, inner - spare + 2 * side, bottom + top - begin)
        foot = px(FOOTER_HEIGHT)
        end = round(self._card.bottom())
        self.footer.setGeometry(0, end + px(4), width, foot)
        return end + px(4) + foot

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("raised"))
        radius = self.theme.px(CARD_RADIUS)
        painter.drawRoundedRect(self._card, radius, radius)
