"""What a backup holds and what would be different with it, before anybody chooses it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from ui.data.view import DetailView
from ui.data.words import contents_words, difference_lines, size_words, title_words
from ui.models.words import joined
from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_HEADING, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_PAD = 24


class BackupDetail(Surface):
    """``restore_requested``: what is shown is wanted back."""

    restore_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("card", parent)
        self._theme = theme
        self._view: DetailView | None = None
        medium = QFont.Weight.Medium
        self._title = Label(theme, size=TEXT_HEADING, weight=QFont.Weight.DemiBold, parent=self)
        self._about = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True, parent=self)
        self._trouble = Label(theme, ink="bad", wrap=True, parent=self)
        self._held_head = Label(theme, self.tr("In it"), weight=medium, parent=self)
        self.held = Label(theme, wrap=True, parent=self)
        self._change_head = Label(theme, self.tr("Different from now"), weight=medium, parent=self)
        self.change = Label(theme, wrap=True, parent=self)
        self._promise = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True, parent=self)
        self.restore = TextButton(theme, self.tr("Restore these chats"), look="accent", parent=self)
        self._title.setWordWrap(True)
        for label in self._labels:
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.restore.clicked.connect(self.restore_requested)
        self.show_detail(None)

    @property
    def view(self) -> DetailView | None:
        """What is shown."""
        return self._view

    def show_detail(self, view: DetailView | None, *, is_busy: bool = False) -> None:
        """Show this; None asks to choose one. ``is_busy`` lets nobody restore just now."""
        self._view = view
        for part in (self._title, self._trouble, self._held_head, self.held, self._change_head,
                     self.change, self._promise, self.restore):  # fmt: skip
            part.setVisible(view is not None)
        if view is None:
            self._about.setText(say("data.choose_backup"))
            self.setAccessibleName(self._about.text())
            return
        self._title.setText(view.title)
        self._about.setText(view.about)
        self._trouble.setText(view.trouble)
        self._trouble.setVisible(bool(view.trouble))
        is_readable = view.contents is not None and not view.trouble
        for part in (self._held_head, self.held, self._change_head, self.change, self._promise,
                     self.restore):  # fmt: skip
            part.setVisible(is_readable)
        self.held.setText(self._held_words())
        self.change.setText(
            self.tr("Being compared…")
            if view.difference is None
            else "\n".join(difference_lines(view.difference))
        )
        promise = self.tr(
            "Your chats of now are backed up first, so that you can come back to them. Then Moestro"
            " starts again with these."
        )
        if view.has_settings:
            promise += " " + self.tr("The settings in the file hold at once.")
        self._promise.setText(promise)
        self.restore.setEnabled(not is_busy)
        shown = [label.text() for label in self._labels if not label.isHidden()]
        self.setAccessibleName(joined([" ".join(each.split()) for each in shown]))

    def set_column(self, width: int) -> int:
        """Take ``width`` pixels; returns the height that this needs."""
        px, step = self._theme.px, self._theme.px(GRID)
        pad = px(_PAD)
        room, y = max(step, width - 2 * pad), pad
        after = {
            self._title: 4, self._held_head: 4, self._change_head: 4, self._about: 16,
            self._trouble: 16, self.held: 16, self.change: 16, self._promise: 16,
        }  # fmt: skip
        for label in self._labels:
            if not label.isHidden():
                tall = -(-label.heightForWidth(room) // step) * step
                label.setGeometry(pad, y, room, tall)
                y += tall + px(after[label])
        if not self.restore.isHidden():
            wide = min(room, self.restore.sizeHint().width())
            self.restore.setGeometry(pad, y, wide, px(CONTROL_HEIGHT))
            y += px(CONTROL_HEIGHT) + px(16)
        return y + pad - px(16)

    @property
    def _labels(self) -> tuple[Label, ...]:
        return (
            self._title, self._about, self._trouble, self._held_head, self.held,
            self._change_head, self.change, self._promise,
        )  # fmt: skip

    def _held_words(self) -> str:
        view = self._view
        if view is None or view.contents is None:
            return ""
        lines = [joined((contents_words(view.contents), size_words(view.contents.file.size_bytes)))]
        titles = view.contents.newest_titles
        if titles:
            named = ", ".join(title_words(title) for title in titles)
            lines.append(self.tr("Used last: {titles}").format(titles=named))
        return "\n".join(lines)
