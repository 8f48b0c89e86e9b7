"""The restore page: every backup, what it holds, and the way back to it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.backups.desk import Listed
from ui.chat.figures import grouped
from ui.data.backup_detail import BackupDetail
from ui.data.backup_list import BackupList
from ui.data.backup_list_model import BackupListModel
from ui.data.notice_card import NoticeCard
from ui.data.verb_bar import VerbBar
from ui.data.view import CardView, DetailView
from ui.data.words import size_words
from ui.models.column import Column
from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_CHAT, TEXT_SMALL
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_HEADER, _LIST, _GAP, _BESIDE_FROM, _LEAST, _STACKED_LIST = 48, 432, 16, 720, 280, 192


class BackupsPage(Surface):
    """Shows what it is told.

    Signals:
        chosen(str): file name of the backup that is to be shown; "" when none is.
        restore_requested: what the detail shows is wanted back.
        keep_requested, save_requested, open_requested, folder_requested: the verbs above.
        card_asked(str): a verb of the card.
        back_requested: by the button or Esc.
    """

    chosen = Signal(str)
    restore_requested = Signal()
    keep_requested = Signal()
    save_requested = Signal()
    open_requested = Signal()
    folder_requested = Signal()
    card_asked = Signal(str)
    back_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._is_busy = False
        self._back = IconButton(theme, "arrow-left", self.tr("Back"), shortcut="Esc", parent=self)
        self._title = Label(
            theme, self.tr("Backups"), size=TEXT_CHAT, weight=QFont.Weight.Medium, parent=self
        )
        self.area = Column(theme, gap=12, parent=self)
        self.card = NoticeCard(theme)
        self.keep = TextButton(theme, self.tr("Back up now"), icon="save")
        self.save = TextButton(theme, self.tr("Save everything to a file…"), look="quiet")
        self.open = TextButton(theme, self.tr("Restore from a file…"), look="quiet")
        self.folder = TextButton(theme, self.tr("Open folder"), look="quiet", icon="folder-open")
        self.folder.setAccessibleName(self.tr("Open the folder of the backups"))
        self._verbs = VerbBar(theme, (self.keep, self.save, self.open, self.folder))
        self.summary = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True, wrap=True)
        self._body = Surface("clear")
        self.rows = BackupListModel(self)
        self.list = BackupList(theme, self.rows, self._body)
        self.detail = BackupDetail(theme, self._body)
        self.area.set_parts((self.card, self._verbs, self.summary, self._body))
        self._connect()
        self.show_backups(())

    def show_backups(self, listed: Sequence[Listed]) -> None:
        """Show these, newest first; the one that is chosen stays so while it is there."""
        before = self.list.currentIndex()
        name = self.rows.row_at(before.row()).file.name if before.isValid() else ""
        self.rows.show_backups(listed)
        if name and not self.list.currentIndex().isValid():
            self.list.choose(self.rows.place_of(name))
        self.list.setVisible(bool(listed))
        size = sum(each.file.size_bytes for each in listed)
        words = self.tr("1 backup, {size}.") if len(listed) == 1 else self.tr(
            "{count} backups, {size}."
        )  # fmt: skip
        counted = words.format(count=grouped(len(listed)), size=size_words(size))
        rule = self.tr(
            "Moestro makes one every 30 minutes when something changed, and before updates,"
            " imports and restores. The newest stay, one of each day and week, and all of yours."
        )
        self.summary.setText(counted + " " + rule if listed else say("data.no_backups"))
        self._arrange()

    def show_detail(self, view: DetailView | None) -> None:
        """Show a backup's contents, or a file's."""
        self.detail.show_detail(view, is_busy=self._is_busy)
        self._arrange()

    def show_card(self, view: CardView | None) -> None:
        """Say something above all, for as long as it is true."""
        self.card.show_card(view)
        self._arrange()

    def set_busy(self, busy: bool) -> None:
        """While something is made or restored, nothing else begins."""
        self._is_busy = busy
        for button in (self.keep, self.save, self.open, self.detail.restore):
            button.setEnabled(not busy)

    def choose(self, name: str) -> None:
        """Make the backup of this file name the current one; "" makes none."""
        self.list.choose(self.rows.place_of(name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back; other keys scroll."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        elif not self.area.scroll_by_key(event):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """On to the list, so that the arrows walk through it."""
        super().focusInEvent(event)
        if not self.list.isHidden():
            self.list.setFocus(event.reason())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All below the header scrolls together where it is low."""
        super().resizeEvent(event)
        self._arrange()

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self.keep.clicked.connect(self.keep_requested)
        self.save.clicked.connect(self.save_requested)
        self.open.clicked.connect(self.open_requested)
        self.folder.clicked.connect(self.folder_requested)
        self.card.asked.connect(self.card_asked)
        self.detail.restore_requested.connect(self.restore_requested)
        self.list.chosen.connect(
            lambda row: self.chosen.emit(self.rows.row_at(row).file.name if row >= 0 else "")
        )
        self.area.column_changed.connect(self._set_column)
        self._theme.changed.connect(self._arrange)

    def _arrange(self) -> None:
        px = self._theme.px
        side, top = px(12), px(_HEADER)
        self._back.move(side, px(8))
        self._title.setGeometry(side + px(40), 0, px(200), top)
        self.area.setGeometry(0, top, self.width(), max(1, self.height() - top))
        self.area.arrange()

    def _set_column(self, width: int) -> None:
        px, step = self._theme.px, self._theme.px(GRID)
        gap, used = px(12), px(16 + 24)
        self._verbs.set_column(width)
        tall = -(-self.summary.heightForWidth(width) // step) * step
        # Not a fixed size: that would count as the least height from then on.
        self.summary.resize(width, tall)
        used += self._verbs.height() + gap + tall + gap
        if not self.card.isHidden():
            self.card.set_column(width)
            used += self.card.height() + gap
        left = max(0, (self.area.height() - used) // step * step)
        self._arrange_body(width, left)

    def _arrange_body(self, width: int, height: int) -> None:
        """List and detail beside each other, or one below the other; at least ``height`` high."""
        px = self._theme.px
        has_list = not self.list.isHidden()
        self.detail.setVisible(has_list or self.detail.view is not None)
        if width < px(_BESIDE_FROM) or not has_list:
            listed = px(_STACKED_LIST) if has_list else 0
            detail = self.detail.set_column(width)
            self.list.setGeometry(0, 0, width, listed)
            self.detail.setGeometry(0, listed + px(_GAP) if has_list else 0, width, detail)
            self._body.setFixedSize(width, listed + px(_GAP) + detail)
            return
        listed = min(px(_LIST), width // 2 // px(GRID) * px(GRID))
        room = width - listed - px(_GAP)
        wanted = self.detail.set_column(room)
        tall = max(height, wanted, px(_LEAST))
        self.list.setGeometry(0, 0, listed, tall)
        self.detail.setGeometry(listed + px(_GAP), 0, room, wanted)
        self._body.setFixedSize(width, tall)
