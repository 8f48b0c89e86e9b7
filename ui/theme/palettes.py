"""The theme's colours as a QPalette with every role, for what Qt draws itself."""

from PySide6.QtGui import QColor, QPalette

from ui.theme.tokens import Palette


def qt_palette(colors: Palette) -> QPalette:
    """All roles of ``colors``, also those of the disabled state."""
    palette = QPalette()
    role = QPalette.ColorRole
    wanted = {
        role.Window: colors.page,
        role.WindowText: colors.text,
        role.Base: colors.page,
        role.AlternateBase: colors.raised,
        role.ToolTipBase: colors.text,
        role.ToolTipText: colors.page,
        role.PlaceholderText: colors.muted,
        role.Text: colors.text,
        role.Button: colors.control,
        role.ButtonText: colors.text,
        role.BrightText: colors.bad,
        role.Light: colors.hover,
        role.Midlight: colors.control,
        role.Mid: colors.border,
        role.Dark: colors.border,
        role.Shadow: colors.border,
        role.Highlight: colors.selection,
        role.HighlightedText: colors.text,
        role.Accent: colors.accent,
        role.Link: colors.accent_text,
        role.LinkVisited: colors.accent_text,
    }
    for which, color in wanted.items():
        palette.setColor(which, QColor(color))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colors.muted))
    return palette
