"""The sheet about Markdown copies that are kept up to date: what they are, and where."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from ui.export.mirror_row import HEIGHT as ROW
from ui.export.mirror_row import MirrorRowView
from ui.export.mirror_view import MirrorsView
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_HEADING
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.sheet import Sheet
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

_WIDTH, _PAD, _HEADER, _FOOT = 600, 24, 56, 64
_MOST_ROWS, _NOTE, _REMARK = 4, 64, 48


class MirrorSheet(Sheet):
    """Signals:
    begin_requested: choose a folder, and keep a copy there.
    open_requested(str), stop_requested(str): key of a copy.
    """

    begin_requested = Signal()
    open_requested = Signal(str)
    stop_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", QSize(_WIDTH, 320), parent)
        title = self.tr("Markdown copies")
        self.setAccessibleName(title)
        self._title = ElidedLabel(
            theme, title, size=TEXT_HEADING, weight=QFont.Weight.DemiBold, parent=self
        )
        self.close_button = IconButton(theme, "x", self.tr("Close"), shortcut="Esc", parent=self)
        self.note = Label(
            theme,
            self.tr(
                "Each chat is one Markdown file, written again after every change, for notes "
                "programs and backups. It goes one way: what you change in these files is not "
                "read back. When you delete a chat, its file is removed, unless you changed it."
            ),
            ink="muted",
            wrap=True,
            parent=self,
        )
        self._remark = Label(theme, ink="bad", wrap=True, parent=self)
        self._remark.hide()
        self.rows: list[MirrorRowView] = []
        self._area = QScrollArea(self)
        set_style(self._area, look="clear")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = Surface("clear")
        self._area.setWidget(self._content)
        self.done = TextButton(theme, self.tr("Done"), parent=self)
        self.begin_button = TextButton(theme, "", look="accent", parent=self)
        for button in (self.close_button, self.done):
            button.clicked.connect(self.close_sheet)
        self.begin_button.clicked.connect(self.begin_requested)
        self._view = MirrorsView()

    def begin(self, view: MirrorsView) -> None:
        """Open; Enter begins a copy, where one can begin."""
        self.tell("")
        self.show_view(view)
        self.open_sheet()
        target = self.begin_button if view.offer else self.done
        target.setFocus(Qt.FocusReason.PopupFocusReason)

    @property
    def said(self) -> str:
        """What could not be done, "" for nothing."""
        return self._remark.text()

    def tell(self, sentence: str) -> None:
        """Say what could not be done; "" takes it back."""
        self._remark.setText(sentence)
        self._remark.setVisible(bool(sentence))
        self._set_size()

    def show_view(self, view: MirrorsView) -> None:
        """Show how it is now."""
        if view == self._view and self.rows:
            return
        self._view = view
        if [each.key for each in view.rows] == [each.key for each in self.rows]:
            for shown, now in zip(self.rows, view.rows, strict=True):
                shown.show_row(now)
        else:
            self._make_rows(view)
        self.begin_button.setText(view.offer)
        self.begin_button.setVisible(bool(view.offer))
        self._area.setVisible(bool(view.rows))
        self._set_size()

    def _make_rows(self, view: MirrorsView) -> None:
        holder = QApplication.focusWidget()
        had_focus = holder is not None and self._content.isAncestorOf(holder)
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        for each in view.rows:
            made = MirrorRowView(self._theme, each, self._content)
            made.open_requested.connect(self.open_requested)
            made.stop_requested.connect(self.stop_requested)
            made.show()
            self.rows.append(made)
        if had_focus and self.isVisible():
            self.done.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The copies take what is left."""
        super().resizeEvent(event)
        self._arrange()

    def _set_size(self) -> None:
        shown = min(len(self._view.rows), _MOST_ROWS)
        remark = 0 if self._remark.isHidden() else _REMARK
        self.set_wanted(QSize(_WIDTH, _HEADER + _NOTE + remark + shown * ROW + _FOOT))
        self._arrange()

    def _arrange(self) -> None:
        px = self._theme.px
        width, height, pad = self.width(), self.height(), px(_PAD)
        control, room, step = px(CONTROL_HEIGHT), width - 2 * pad, px(GRID)
        self._title.setGeometry(pad, 0, width - pad - px(56), px(_HEADER))
        self.close_button.move(width - px(12) - control, px(12))
        top = px(_HEADER)
        tall = -(-self.note.heightForWidth(room) // step) * step
        self.note.setGeometry(pad, top, room, tall)
        top += tall + px(8)
        if not self._remark.isHidden():
            self._remark.setGeometry(pad, top, room, px(_REMARK))
            top += px(_REMARK)
        foot = height - px(_FOOT)
        self._area.setGeometry(pad, top, room + px(12), max(0, foot - top))
        for number, row in enumerate(self.rows):
            row.setGeometry(0, number * px(ROW), room, px(ROW))
        self._content.resize(room, max(step, len(self.rows) * px(ROW)))
        y, x = foot + (px(_FOOT) - control) // 2, width - pad
        for button in (self.begin_button, self.done):
            if not button.isHidden():
                wide = button.sizeHint().width()
                x -= wide
                button.setGeometry(x, y, wide, control)
                x -= px(8)
