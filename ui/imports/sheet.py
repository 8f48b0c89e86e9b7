"""The import sheet: from where, how far, what would come, and what came."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ui.chat.figures import grouped
from ui.imports.chats_list import ImportedChatsList
from ui.imports.chats_list_model import ImportedChatsListModel
from ui.imports.progress_panel import ProgressPanel
from ui.imports.sources import ImportSources
from ui.imports.view import ImportView, Row, Step
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_HEADING
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.fields import SearchField
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.sheet import Sheet
from ui.widgets.styling import set_style

_WIDTH, _HEIGHT, _PAD, _HEADER, _FOOT = 720, 600, 24, 56, 64
_LOW, _NOTE = 320, 44
_SEARCH, _MANY, _FEW = 240, 8, 2
"""So many chats are seen at a glance, more can be narrowed by words; few fit a low sheet."""


class ImportChatsSheet(Sheet):
    """Signals:
    source_chosen(str), file_requested, folder_requested: where to read.
    accepted(list): ids of the chats that are wanted.
    cancel_requested: stop what is under way.
    again_requested: back to the choice of a source.
    show_requested, undo_requested: what can be done with what came.
    """

    source_chosen = Signal(str)
    file_requested = Signal()
    folder_requested = Signal()
    accepted = Signal(list)
    cancel_requested = Signal()
    again_requested = Signal()
    show_requested = Signal()
    undo_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", QSize(_WIDTH, _HEIGHT), parent)
        self._view = ImportView(step=Step.SOURCES, title="")
        self._listed: tuple[Row, ...] = ()
        self._title = ElidedLabel(
            theme, size=TEXT_HEADING, weight=QFont.Weight.DemiBold, parent=self
        )
        self.close_button = IconButton(theme, "x", self.tr("Close"), shortcut="Esc", parent=self)
        self.note = Label(theme, ink="muted", wrap=True, parent=self)
        name = self.tr("Show chats with these words")
        self.search = SearchField(theme, name, placeholder=self.tr("Filter by title"), parent=self)
        self.rows = ImportedChatsListModel(self)
        self.list = ImportedChatsList(theme, self.rows, self)
        self.progress = ProgressPanel(theme, self)
        self._area = QScrollArea(self)
        set_style(self._area, look="clear")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.sources = ImportSources(theme, self)
        self._area.setWidget(self.sources)
        self.all = TextButton(theme, "", look="quiet", parent=self)
        self.undo = TextButton(theme, self.tr("Undo the import…"), look="quiet", parent=self)
        self.again = TextButton(theme, self.tr("Back"), parent=self)
        self.cancel = TextButton(theme, self.tr("Cancel"), parent=self)
        self.accept = TextButton(theme, "", look="accent", parent=self)
        self._connect()

    def _connect(self) -> None:
        self.close_button.clicked.connect(self.close_sheet)
        self.sources.source_chosen.connect(self.source_chosen)
        self.sources.file_requested.connect(self.file_requested)
        self.sources.folder_requested.connect(self.folder_requested)
        self.search.textChanged.connect(self.rows.set_query)
        self.rows.chosen_changed.connect(self._show_sums)
        self.all.clicked.connect(lambda: self.rows.choose_all(self.rows.chosen_count == 0))
        self.undo.clicked.connect(self.undo_requested)
        self.again.clicked.connect(self.again_requested)
        self.cancel.clicked.connect(self._cancel)
        self.accept.clicked.connect(self._accept)

    @property
    def view(self) -> ImportView:
        """What is shown."""
        return self._view

    def show_view(self, view: ImportView) -> None:
        """Show a state; a new step takes the keyboard to where it goes on."""
        before, self._view = self._view, view
        self.setAccessibleName(view.title)
        self._title.setText(view.title)
        self.note.setText(view.note)
        if view.step is Step.SOURCES:
            self.sources.show_sources(view.sources, is_looking=view.is_looking)
        if view.step in (Step.READING, Step.TAKING):
            self.progress.show_progress(view.share, view.progress)
        is_list = view.step in (Step.CHOOSING, Step.RESULT)
        # The same rows again, after taking over did not work: what was left out stays so.
        if is_list and view.rows is not self._listed:
            self._listed = view.rows
            self.search.clear()
            self.rows.set_rows(view.rows)
        self._show_parts()
        if view.step is not before.step and self.isVisible():
            self.take_focus()

    def take_focus(self) -> None:
        """To where this step goes on."""
        match self._view.step:
            case Step.SOURCES:
                self.sources.take_focus()
            case Step.READING | Step.TAKING:
                (self.cancel if self.cancel.isVisible() else self).setFocus()
            case Step.CHOOSING:
                target = self.accept if self.accept.isEnabled() else self.again
                target.setFocus(Qt.FocusReason.TabFocusReason)
            case Step.RESULT:
                self.accept.setFocus(Qt.FocusReason.TabFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The list takes what is left."""
        super().resizeEvent(event)
        self._arrange()

    # --- inside -----------------------------------------------------------------------------

    def _cancel(self) -> None:
        self.cancel_requested.emit()

    def _accept(self) -> None:
        if self._view.step is Step.CHOOSING:
            self.accepted.emit(self.rows.chosen)
        elif self._view.has_new:
            self.show_requested.emit()
        else:
            self.close_sheet()

    def _show_parts(self) -> None:
        view = self._view
        step = view.step
        is_list = step in (Step.CHOOSING, Step.RESULT)
        self._area.setVisible(step is Step.SOURCES)
        self.progress.setVisible(step in (Step.READING, Step.TAKING))
        self.list.setVisible(is_list and bool(view.rows))
        self.search.setVisible(step is Step.CHOOSING and len(view.rows) > _MANY)
        self.note.setVisible(bool(view.note))
        self.undo.setVisible(step is Step.RESULT and view.has_new)
        self.again.setVisible(step is Step.CHOOSING)
        self.cancel.setVisible(step in (Step.READING, Step.TAKING))
        self.accept.setVisible(is_list)
        self._set_size()
        self._show_sums()

    def _show_sums(self) -> None:
        step, count, rows = self._view.step, self.rows.chosen_count, self.rows
        self.all.setVisible(step is Step.CHOOSING and rows.choice_count > 1)
        self.all.setText(self.tr("Choose none") if count else self.tr("Choose all"))
        if step is Step.RESULT:
            done = self.tr("Show them") if self._view.has_new else self.tr("Close")
            self.accept.setText(done)
            self.accept.setEnabled(True)
        else:
            words = self.tr("Import 1 chat") if count == 1 else self.tr("Import {count} chats")
            self.accept.setText(words.format(count=grouped(count)))
            self.accept.setEnabled(count > 0)
        self._arrange()

    def _set_size(self) -> None:
        """Only as high as this step needs, and never another while the list is filtered."""
        view, px = self._view, self._theme.px
        height = _HEIGHT
        if view.step is Step.SOURCES:
            note = _NOTE if view.note else 0
            inner = self.sources.wanted_height(px(_WIDTH - 2 * _PAD - 4))
            height = min(_HEIGHT, _HEADER + note + round(inner / self._theme.zoom) + 2 * _PAD)
        elif view.step is not Step.CHOOSING and len(view.rows) <= _FEW:
            height = _LOW
        self.set_wanted(QSize(_WIDTH, height))

    def _arrange(self) -> None:
        px = self._theme.px
        width, height, pad = self.width(), self.height(), px(_PAD)
        control, room, step = px(CONTROL_HEIGHT), width - 2 * pad, px(GRID)
        self._title.setGeometry(pad, 0, width - pad - px(56), px(_HEADER))
        self.close_button.move(width - px(12) - control, px(12))
        top = px(_HEADER)
        if not self.note.isHidden():
            tall = -(-self.note.heightForWidth(room) // step) * step
            self.note.setGeometry(pad, top, room, tall)
            top += tall + px(8)
        if not self.search.isHidden():
            self.search.setGeometry(pad, top, min(room, px(_SEARCH)), control)
            top += control + px(4)
        has_foot = self._view.step is not Step.SOURCES
        foot = height - (px(_FOOT) if has_foot else px(16))
        inset = px(12)
        self.list.setGeometry(inset, top, width - 2 * inset, max(0, foot - top))
        self.progress.setGeometry(pad, top, room, max(0, foot - top))
        self._area.setGeometry(pad, top, width - pad - inset, max(0, foot - top))
        self.sources.resize(room - px(4), self.sources.wanted_height(room - px(4)))
        self._arrange_foot(foot + (px(_FOOT) - control) // 2)

    def _arrange_foot(self, y: int) -> None:
        px = self._theme.px
        x = self.width() - px(_PAD)
        for button in (self.accept, self.cancel, self.again):
            if not button.isHidden():
                wide = button.sizeHint().width()
                x -= wide
                button.setGeometry(x, y, wide, button.height())
                x -= px(8)
        for button in (self.all, self.undo):
            if not button.isHidden():
                button.setGeometry(px(12), y, button.sizeHint().width(), button.height())
