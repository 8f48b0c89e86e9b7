"""Gives the running application its style, palette, font and style sheet, and keeps them right."""

from PySide6.QtWidgets import QApplication, QToolTip

from ui.theme.palettes import qt_palette
from ui.theme.stylesheet import style_sheet
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE, TEXT_SMALL


def install_theme(application: QApplication, theme: Theme) -> None:
    """Style ``application`` by ``theme`` now and at every change.

    Call it before any widget is made, so that views restyle after the application did.
    """
    application.setStyle("Fusion")

    def apply() -> None:
        palette = qt_palette(theme.colors)
        application.setPalette(palette)
        QToolTip.setPalette(palette)
        application.setFont(theme.font(TEXT_INTERFACE))
        for name in ("QMenu", "QMessageBox", "QAbstractButton", "QAbstractItemView"):
            # The stub says bytes, the binding takes text.
            application.setFont(theme.font(TEXT_INTERFACE), name)  # type: ignore[arg-type]
        QToolTip.setFont(theme.font(TEXT_SMALL))
        application.setStyleSheet(style_sheet(theme))

    apply()
    theme.changed.connect(apply)
