"""General settings: memory, start, context window, notifications."""

from PySide6.QtCore import Signal

from app.settings.schema import Settings
from ui.settings.rows import SettingsGroup
from ui.theme.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.switch import Switch

_MINUTES = (5, 15, 30, 60, 240)
_WINDOWS = (2048, 4096, 8192, 16384, 32768, 65536, 131072)


class GeneralGroup(SettingsGroup):
    """``changed(field, value)`` as everywhere on the settings page."""

    changed = Signal(str, object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.set_title(self.tr("General"))
        minutes = [(n, self.tr("after {count} minutes").format(count=n)) for n in _MINUTES]
        self._unload = Choice(
            theme, self.tr("Free the memory"), [*minutes, (0, self.tr("never by itself"))]
        )
        self._load_last = Switch(theme, self.tr("Load the last model at start"))
        self._notify = Switch(theme, self.tr("Tell when an answer ends"))
        self._window = Choice(
            theme,
            self.tr("Longest conversation"),
            [
                (0, self.tr("as long as stays fast")),
                *((n, self.tr("{count:,} tokens").format(count=n)) for n in _WINDOWS),
            ],
        )
        self.add_row(
            self.tr("Free the memory when no one asks"),
            self.tr("The model leaves the memory; the next question loads it again."),
            self._unload,
        )
        self.add_row(
            self.tr("Load the last model at start"),
            self.tr("The first answer begins sooner. Never after the model crashed there."),
            self._load_last,
        )
        self.add_row(
            self.tr("Longest conversation the model sees"),
            self.tr("The context window. Longer takes more memory; applies at the next load."),
            self._window,
        )
        self.add_row(
            self.tr("Tell when an answer ends"),
            self.tr("A notification of the desktop, while you look at something else."),
            self._notify,
        )
        self._notify.clicked.connect(lambda on: self.changed.emit("notify_answers", on))
        self._unload.chosen.connect(lambda n: self.changed.emit("unload_after_minutes", n))
        self._load_last.clicked.connect(
            lambda on: self.changed.emit("load_last_model_at_start", on)
        )
        self._window.chosen.connect(lambda n: self.changed.emit("context_tokens", n))

    def show_settings(self, settings: Settings) -> None:
        """Show these values, without a signal."""
        minutes, tokens = settings.unload_after_minutes, settings.context_tokens
        self._unload.set_value(minutes, self.tr("after {count} minutes").format(count=minutes))
        self._load_last.setChecked(settings.load_last_model_at_start)
        self._notify.setChecked(settings.notify_answers)
        words = self.tr("{count:,} tokens").format(count=tokens)
        self._window.set_value(tokens, words if tokens else self.tr("as long as stays fast"))
