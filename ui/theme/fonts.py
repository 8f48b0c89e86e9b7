"""The bundled fonts: Inter for the interface, JetBrains Mono for code."""

import logging
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

INTERFACE_FAMILY = "Inter"
CODE_FAMILY = "JetBrains Mono"

_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "fonts"
_LOADED = "moestro_fonts_loaded"

_log = logging.getLogger(__name__)


def load_fonts() -> None:
    """Register the bundled fonts with the running application, once."""
    application = QGuiApplication.instance()
    if application is None or application.property(_LOADED):
        return
    for path in sorted(_FOLDER.glob("Inter-*.otf")) + sorted(_FOLDER.glob("JetBrainsMono-*.ttf")):
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            _log.warning("font %s cannot be used", path.name)
    application.setProperty(_LOADED, True)


def interface_font(pixels: int, weight: QFont.Weight, *, tabular: bool) -> QFont:
    """Inter at ``pixels``; ``tabular`` gives every figure the same width."""
    font = QFont([INTERFACE_FAMILY])
    font.setPixelSize(pixels)
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if tabular:
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


def code_font(pixels: int) -> QFont:
    """JetBrains Mono at ``pixels``, without ligatures: code shows what was written."""
    font = QFont([CODE_FAMILY])
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(pixels)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setFeature(QFont.Tag("calt"), 0)
    font.setFeature(QFont.Tag("liga"), 0)
    return font
