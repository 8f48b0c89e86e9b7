"""Sets the dynamic properties that the style sheet selects by."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

_POLISHED = Qt.WidgetAttribute.WA_WState_Polished


def set_style(widget: QWidget, **properties: str) -> None:
    """Set ``surface``, ``look`` or ``ink`` and let the style sheet apply again if one is new."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed and widget.testAttribute(_POLISHED):
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()
