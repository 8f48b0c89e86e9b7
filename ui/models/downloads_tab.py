"""The downloads: what comes, what waits and what is done, in the queue's order."""

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.amounts import file_size
from app.library.download_states import ENDED, DownloadState
from ui.models.column import Column
from ui.models.download_card import DownloadCard
from ui.models.state_panel import StatePanel
from ui.models.view import DownloadRow, DownloadsView
from ui.models.words import joined
from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT
from ui.widgets.buttons import TextButton
from ui.widgets.labels import ElidedLabel
from ui.widgets.surface import Surface

_AT_WORK = frozenset(
    {DownloadState.DOWNLOADING, DownloadState.CHECKING, DownloadState.VERIFYING,
     DownloadState.RESOLVING, DownloadState.PROMOTING}
)  # fmt: skip
_NEEDS_SOMEBODY = frozenset({DownloadState.BLOCKED, DownloadState.FAILED, DownloadState.CORRUPT})


class DownloadsTab(Surface):
    """Signals:
    asked(str, str): a verb of ``download_words`` and the download's id.
    moved(str, object): a download's id, and the id of the one that it is to come before; None
        for the end.
    remove_finished_requested: those that are ready or cancelled leave the list.
    discover_requested: there is nothing to show.
    """

    asked = Signal(str, str)
    moved = Signal(str, object)
    remove_finished_requested = Signal()
    discover_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._rows: tuple[DownloadRow, ...] = ()
        self._cards: dict[str, DownloadCard] = {}
        self._width = 0
        self.area = Column(theme, gap=0, parent=self)
        self.state = StatePanel(theme, self)
        self.state.tell(
            say("models.no_downloads"),
            [(self.tr("Discover models"), "accent", self.discover_requested.emit)],
        )
        self._head = Surface("clear")
        self.summary = ElidedLabel(theme, ink="muted", tabular=True, parent=self._head)
        self.summary.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.clear = TextButton(theme, self.tr("Remove finished"), look="quiet", parent=self._head)
        self.clear.clicked.connect(self.remove_finished_requested)
        self.area.set_parts((self._head,))
        self.area.column_changed.connect(self._set_column)
        theme.changed.connect(self._arrange)
        self._show_parts()

    @property
    def cards(self) -> list[DownloadCard]:
        """As they stand in the list."""
        return [self._cards[row.id] for row in self._rows]

    def show_downloads(self, view: DownloadsView) -> None:
        """Show the queue; a row that is there already stays the same widget."""
        gone = set(self._cards) - {row.id for row in view.rows}
        for key in gone:
            card = self._cards.pop(key)
            card.hide()
            card.deleteLater()
        is_reordered = [row.id for row in view.rows] != [row.id for row in self._rows]
        self._rows = view.rows
        for row in view.rows:
            if row.id not in self._cards:
                self._cards[row.id] = self._make_card()
            self._cards[row.id].show_download(row)
        if is_reordered:
            self._order_cards()
        self.area.stack()
        self._show_parts()

    def take_focus(self) -> None:
        """The keyboard goes to the first download."""
        (self.cards[0] if self._rows else self).setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from download to download; other keys scroll."""
        focused = next((n for n, card in enumerate(self.cards) if card.hasFocus()), None)
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if focused is not None and step is not None:
            card = self.cards[min(max(0, focused + step), len(self._rows) - 1)]
            card.setFocus(Qt.FocusReason.TabFocusReason)
            self.area.show_part(card)
        elif not self.area.scroll_by_key(event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All of it scrolls."""
        super().resizeEvent(event)
        self._arrange()

    def _make_card(self) -> DownloadCard:
        card = DownloadCard(self._theme)
        card.asked.connect(self.asked)
        card.move_requested.connect(self._move)
        if self._width:
            card.set_column(self._width)
        return card

    def _order_cards(self) -> None:
        self.area.set_parts((self._head, *self.cards))
        # The keyboard goes on in the order that is seen.
        parts: list[QWidget] = [self.clear]
        for card in self.cards:
            parts += [card, card.first, card.second, card.more]
        for before, after in pairwise(parts):
            QWidget.setTabOrder(before, after)

    def _move(self, key: str, step: int) -> None:
        """Among those that are not done: the queue is theirs."""
        order = [row.id for row in self._rows if row.status.state not in ENDED]
        if key not in order:
            return
        place = order.index(key)
        target = min(max(0, place + step), len(order) - 1)
        if target == place:
            return
        rest = [each for each in order if each != key]
        self.moved.emit(key, rest[target] if target < len(rest) else None)

    def _show_parts(self) -> None:
        has_rows = bool(self._rows)
        self.area.setVisible(has_rows)
        self.state.setVisible(not has_rows)
        self.summary.setText(self._sums())
        self.clear.setVisible(any(row.status.state in ENDED for row in self._rows))
        self._arrange()

    def _sums(self) -> str:
        def count(test: Callable[[DownloadRow], bool]) -> int:
            return sum(1 for row in self._rows if test(row))

        running = count(lambda row: row.status.state in _AT_WORK)
        waiting = count(lambda row: row.status.state not in _AT_WORK | ENDED | _NEEDS_SOMEBODY)
        wanting = count(lambda row: row.status.state in _NEEDS_SOMEBODY)
        left = sum(
            row.total_bytes - row.done_bytes for row in self._rows if row.status.state not in ENDED
        )
        return joined(
            (
                self.tr("{count} running").format(count=running) if running else "",
                self.tr("{count} waiting").format(count=waiting) if waiting else "",
                self.tr("{count} need you").format(count=wanting) if wanting else "",
                self.tr("{size} to go").format(size=file_size(left)) if left else "",
            )
        )

    def _set_column(self, width: int) -> None:
        px = self._theme.px
        self._width = width
        control = px(CONTROL_HEIGHT)
        self._head.setFixedSize(width, px(40))
        wide = self.clear.sizeHint().width()
        self.clear.setGeometry(width - wide, 0, wide, control)
        self.summary.setGeometry(px(12), 0, max(px(40), width - wide - px(24)), control)
        for card in self._cards.values():
            card.set_column(width)
        self.area.stack()

    def _arrange(self) -> None:
        self.area.setGeometry(self.rect())
        self.state.setGeometry(self.rect())
        self.state.arrange(self.width(), self.height())
