"""Privacy: the promise, and what holds it."""

from PySide6.QtCore import Signal

from app.settings.schema import Settings
from ui.settings.facts import SettingsFacts
from ui.settings.rows import SettingsGroup
from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton
from ui.widgets.switch import Switch


class PrivacyGroup(SettingsGroup):
    """``changed(field, value)`` as everywhere on the settings page.

    ``requests_requested``: the list of all requests.
    """

    changed = Signal(str, object)
    requests_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.set_title(self.tr("Privacy"))
        self._lock = Switch(theme, self.tr("Lock the model's process down"))
        self.add_row(
            self.tr("Nothing leaves this computer"),
            self.tr(
                "No account, no telemetry, no check for updates. The Hub is asked only when you"
                " search, look at a model there, or download."
            ),
        )
        requests = TextButton(theme, self.tr("Show the list"))
        requests.setAccessibleName(self.tr("Show the list of requests"))
        self.add_row(
            self.tr("Every request that was made"),
            self.tr("When, to whom, what for, and how it ended."),
            requests,
        )
        requests.clicked.connect(self.requests_requested)
        self.add_row(
            self.tr("Lock the model's process down"),
            self.tr("It may read its model and nothing else. Applies at the next load."),
            self._lock,
        )
        self._active = self.add_row(self.tr("In force now"), "")
        self._keyring = self.add_row(self.tr("Where secrets are kept"), "")
        self._lock.clicked.connect(lambda on: self.changed.emit("lock_worker_down", on))

    def show_settings(self, settings: Settings) -> None:
        """Show these values, without a signal."""
        self._lock.setChecked(settings.lock_worker_down)

    def show_facts(self, facts: SettingsFacts) -> None:
        """Show what holds the promise on this computer."""
        if facts.sandbox:
            self._active.hint.setText(self.tr("Active: {words}.").format(words=facts.sandbox))
        elif facts.sandbox_known:
            self._active.hint.setText(
                self.tr("Nothing: this system offers no lock that Moestro can use.")
            )
        else:
            self._active.hint.setText(self.tr("Known once a model is loaded."))
        self._keyring.hint.setText(
            self.tr("In the system's keyring: {name}.").format(name=facts.keyring)
            if facts.keyring
            else self.tr("This system has no keyring, so no secret is kept at all.")
        )
