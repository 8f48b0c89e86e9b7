"""Other computers that take part by RPC, with the warning that belongs to it."""

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout

from ui.computer.section import Section
from ui.computer.view import HostView
from ui.sentences import say
from ui.theme.theme import Theme
from ui.widgets.labels import Label
from ui.widgets.surface import Surface


class HostsSection(Section):
    """Hidden while there is none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "")
        self.heading.setText(self.tr("Other computers"))
        self._icon = Label(theme)
        self.warning = Label(
            theme, say("computer.rpc_insecure"), weight=QFont.Weight.Medium, wrap=True
        )
        self._card = Surface("warning")
        self._line = QHBoxLayout(self._card)
        self._line.addWidget(self._icon)
        self._line.addWidget(self.warning, 1)
        self.column.addSpacing(theme.px(8))
        self.column.addWidget(self._card)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_hosts(self, hosts: tuple[HostView, ...]) -> None:
        """Show these; none hides the section."""
        self.setVisible(bool(hosts))
        for row, host in zip(self.take_rows(len(hosts)), hosts, strict=True):
            state = self.tr("Answers") if host.answers else self.tr("Does not answer")
            row.set_words(host.address, host.words, state, "good" if host.answers else "warning")

    def _restyle(self) -> None:
        theme, px = self._theme, self._theme.px
        self._line.setContentsMargins(px(16) - 1, px(12) - 1, px(16) - 1, px(12) - 1)
        self._line.setSpacing(px(8))
        icon = theme.icon("triangle-alert", theme.colors.warning)
        self._icon.setPixmap(icon.pixmap(px(16), px(16)))
