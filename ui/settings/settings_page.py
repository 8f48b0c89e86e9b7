"""The settings: a page of the window with a list at the left; everything applies at once."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.settings.schema import Settings
from ui.settings.appearance import AppearanceGroup
from ui.settings.chat import ChatGroup
from ui.settings.data import DataGroup
from ui.settings.downloads import DownloadsGroup
from ui.settings.facts import SettingsFacts
from ui.settings.general import GeneralGroup
from ui.settings.privacy import PrivacyGroup
from ui.settings.rows import SettingsGroup
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_CHAT
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

_HEADER, _LIST, _LIST_NARROW, _COLUMN, _ROOMY = 48, 200, 152, 640, 600
DOWNLOADS = 3
"""The place of that group in the list."""


class SettingsPage(Surface):
    """Shows the settings and tells each change.

    Signals:
        changed: field of ``Settings`` and its new value.
        folder_requested: "data" or "logs".
        requests_requested: the list of all requests.
        backups_requested, data_requested: the pages about backups, and about where all lies.
        import_requested, export_requested, mirror_requested: chats in, out, and as copies.
        back_requested: by the button or Esc.

    ``downloads`` has signals of its own.
    """

    changed = Signal(str, object)
    folder_requested = Signal(str)
    requests_requested = Signal()
    backups_requested = Signal()
    data_requested = Signal()
    import_requested = Signal()
    export_requested = Signal()
    mirror_requested = Signal()
    back_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._back = IconButton(
            theme, "arrow-left", self.tr("Back to the chat"), shortcut="Esc", parent=self
        )
        self._title = Label(
            theme, self.tr("Settings"), size=TEXT_CHAT, weight=QFont.Weight.Medium, parent=self
        )
        self._general = GeneralGroup(theme)
        self._appearance = AppearanceGroup(theme)
        self._chat = ChatGroup(theme)
        self.downloads = DownloadsGroup(theme)
        self._data = DataGroup(theme)
        self._privacy = PrivacyGroup(theme)
        self._groups: tuple[tuple[SettingsGroup, str], ...] = (
            (self._general, "sliders-horizontal"),
            (self._appearance, "palette"),
            (self._chat, "message-square"),
            (self.downloads, "download"),
            (self._data, "database"),
            (self._privacy, "shield-check"),
        )
        self._list = Surface("clear", self)
        self._list_layout = QVBoxLayout(self._list)
        self._pages = QStackedWidget(self)
        self._buttons = QButtonGroup(self)
        self._build()
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_settings(self, settings: Settings, facts: SettingsFacts) -> None:
        """Show these values, without a signal."""
        for group in (self._general, self._appearance, self._chat, self._privacy):
            group.show_settings(settings)
        self.downloads.show_settings(settings, facts)
        self._data.show_facts(facts)
        self._privacy.show_facts(facts)

    def show_group(self, number: int) -> None:
        """Show General (0), Appearance, Chat, Downloads, Data or Privacy (5)."""
        self._buttons.button(number).setChecked(True)
        self._pages.setCurrentIndex(number)

    def show_downloads(self) -> None:
        """Show the group about downloads and the network."""
        self.show_group(DOWNLOADS)

    @property
    def group_titles(self) -> list[str]:
        """In the order of the list."""
        return [group.title for group, _icon in self._groups]

    @property
    def group_count(self) -> int:
        """How many groups there are."""
        return len(self._groups)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """List at the left, column beside it."""
        super().resizeEvent(event)
        self._arrange()

    def _build(self) -> None:
        for number, (group, icon) in enumerate(self._groups):
            button = TextButton(self._theme, group.title, look="row", icon=icon, height=36)
            button.setCheckable(True)
            self._buttons.addButton(button, number)
            self._list_layout.addWidget(button)
            area = QScrollArea()
            set_style(area, look="clear")
            area.setWidgetResizable(True)
            area.setFrameShape(QScrollArea.Shape.NoFrame)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setWidget(group)
            self._pages.addWidget(area)
        self._list_layout.addStretch(1)
        self._buttons.idClicked.connect(self.show_group)
        self._back.clicked.connect(self.back_requested)
        for source in (
            self._general, self._appearance, self._chat, self.downloads, self._privacy,
        ):  # fmt: skip
            source.changed.connect(self.changed)
        self._privacy.requests_requested.connect(self.requests_requested)
        self._data.folder_requested.connect(self.folder_requested)
        self._data.backups_requested.connect(self.backups_requested)
        self._data.data_requested.connect(self.data_requested)
        self._data.import_requested.connect(self.import_requested)
        self._data.export_requested.connect(self.export_requested)
        self._data.mirror_requested.connect(self.mirror_requested)
        self.show_group(0)

    def _arrange(self) -> None:
        px = self._theme.px
        side, top = px(12), px(_HEADER)
        self._back.move(side, px(8))
        self._title.setGeometry(side + px(40), 0, px(240), top)
        wide, gap = self.width() - 2 * side, px(24)
        listed = px(_LIST if wide >= px(_ROOMY) else _LIST_NARROW)
        column = min(px(_COLUMN), wide - listed - gap) // px(GRID) * px(GRID)
        left = max(side, (self.width() - listed - gap - column) // 2 // px(GRID) * px(GRID))
        # In a very low window the list begins higher, so that all of it is there.
        step, room = px(GRID), self.height() - self._list.sizeHint().height()
        begin = max(top, min(top + gap, room // step * step))
        self._list.setGeometry(left, begin, listed, self.height() - begin)
        # The scroll bar stands beside the column, not in it.
        self._pages.setGeometry(left + listed + gap, top, column + side, self.height() - top)
        for group, _icon in self._groups:
            group.set_column(column)

    def _restyle(self) -> None:
        px = self._theme.px
        self._list_layout.setContentsMargins(0, 0, 0, 0)
        self._list_layout.setSpacing(px(4))
        self._arrange()
