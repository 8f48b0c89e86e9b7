"""Data and backups: the ways to the pages about both, and to the files themselves."""

from PySide6.QtCore import Signal

from ui.settings.facts import SettingsFacts
from ui.settings.rows import SettingsGroup
from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton


class DataGroup(SettingsGroup):
    """Signals:
    folder_requested: "data" or "logs" is to be opened in the file manager.
    backups_requested, data_requested: the pages about them.
    import_requested, export_requested, mirror_requested: chats in, out, and as Markdown copies.
    """

    folder_requested = Signal(str)
    backups_requested = Signal()
    data_requested = Signal()
    import_requested = Signal()
    export_requested = Signal()
    mirror_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.set_title(self.tr("Data and backups"))
        backups = TextButton(theme, self.tr("Backups"), icon="rotate-ccw")
        where = TextButton(theme, self.tr("Where it lies"), icon="database")
        data = TextButton(theme, self.tr("Open folder"), icon="folder-open")
        logs = TextButton(theme, self.tr("Open folder"), icon="folder-open")
        backups.setAccessibleName(self.tr("Backups and restoring"))
        where.setAccessibleName(self.tr("Where your data lies"))
        data.setAccessibleName(self.tr("Open the data folder"))
        logs.setAccessibleName(self.tr("Open the folder of the logs"))
        self.add_row(
            self.tr("Come back to earlier chats"),
            self.tr("Backups are made by themselves; save all in one file, or restore one."),
            backups,
        )
        self.add_row(
            self.tr("Where everything is, and how large"),
            self.tr("Move the models to another disk, or delete everything."),
            where,
        )
        self._add_ways()
        self._data = self.add_row(self.tr("Your chats and settings"), "", data)
        self._logs = self.add_row(self.tr("Logs, without anything you wrote"), "", logs)
        self._version = self.add_row(self.tr("Version"), "")
        backups.clicked.connect(self.backups_requested)
        where.clicked.connect(self.data_requested)
        data.clicked.connect(lambda: self.folder_requested.emit("data"))
        logs.clicked.connect(lambda: self.folder_requested.emit("logs"))

    def _add_ways(self) -> None:
        """What goes in and out."""
        incoming = TextButton(self._theme, self.tr("Import chats…"))
        outgoing = TextButton(self._theme, self.tr("Export all…"))
        mirror = TextButton(self._theme, self.tr("Copies…"))
        mirror.setAccessibleName(self.tr("Markdown copies that are kept up to date"))
        self.add_row(
            self.tr("Chats of other programs"),
            self.tr("ChatGPT, LM Studio, Jan, GPT4All, Open WebUI, JSONL, or a Moestro export."),
            incoming,
        )
        self.add_row(
            self.tr("Take your chats with you"),
            self.tr("All of them, as Markdown, web pages, PDF, Word, text, JSON or JSONL."),
            outgoing,
        )
        self.add_row(
            self.tr("Keep a Markdown copy up to date"),
            self.tr("Written after every change; what you change there is not read back."),
            mirror,
        )
        incoming.clicked.connect(self.import_requested)
        outgoing.clicked.connect(self.export_requested)
        mirror.clicked.connect(self.mirror_requested)

    def show_facts(self, facts: SettingsFacts) -> None:
        """Show where it is."""
        self._data.hint.setText(facts.data_folder)
        self._logs.hint.setText(facts.logs_folder)
        self._version.hint.setText(self.tr("Moestro {version}").format(version=facts.version))
