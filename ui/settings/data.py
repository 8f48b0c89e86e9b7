"""Data: where everything lies."""

from PySide6.QtCore import Signal

from ui.settings.facts import SettingsFacts
from ui.settings.rows import SettingsGroup
from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton


class DataGroup(SettingsGroup):
    """``folder_requested``: "data" or "logs" is to be opened in the file manager."""

    folder_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.set_title(self.tr("Data"))
        data = TextButton(theme, self.tr("Open folder"), icon="folder-open")
        logs = TextButton(theme, self.tr("Open folder"), icon="folder-open")
        data.setAccessibleName(self.tr("Open the data folder"))
        logs.setAccessibleName(self.tr("Open the folder of the logs"))
        self._data = self.add_row(self.tr("Your chats and settings"), "", data)
        self._logs = self.add_row(self.tr("Logs, without anything you wrote"), "", logs)
        self._version = self.add_row(self.tr("Version"), "")
        data.clicked.connect(lambda: self.folder_requested.emit("data"))
        logs.clicked.connect(lambda: self.folder_requested.emit("logs"))

    def show_facts(self, facts: SettingsFacts) -> None:
        """Show where it is."""
        self._data.hint.setText(facts.data_folder)
        self._logs.hint.setText(facts.logs_folder)
        self._version.hint.setText(self.tr("Moestro {version}").format(version=facts.version))
