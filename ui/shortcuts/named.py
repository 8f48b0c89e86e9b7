"""Shortcuts that say what they do: the list of all of them is read from the window itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

_PLACE = "shortcut_place"


class Place(StrEnum):
    """Where a shortcut belongs in the list."""

    GENERAL = "general"
    CHAT = "chat"
    VIEW = "view"


@dataclass(frozen=True, slots=True)
class NamedShortcut:
    """One line of the list."""

    place: Place
    words: str
    keys: tuple[str, ...]
    """As this system writes them."""
    shortcut: QShortcut


def add_shortcut(
    parent: QWidget,
    keys: Sequence[str],
    words: str,
    act: Callable[[], object],
    place: Place,
    context: Qt.ShortcutContext = Qt.ShortcutContext.WindowShortcut,
) -> QShortcut:
    """A shortcut of ``parent``; ``words`` say what it does, in the user's language."""
    made = QShortcut(parent)
    made.setKeys([QKeySequence(each) for each in keys])
    made.setContext(context)
    made.setWhatsThis(words)
    made.setProperty(_PLACE, place.value)
    made.activated.connect(act)
    return made


def shortcuts_of(window: QWidget) -> list[NamedShortcut]:
    """Every shortcut that is really in the window, by place and as they were made.

    Two that do the same in two widgets, as in two lists, are one line.
    """
    found: dict[tuple[str, str], NamedShortcut] = {}
    for each in window.findChildren(QShortcut):
        if not each.whatsThis():
            continue
        place = Place(each.property(_PLACE) or Place.GENERAL)
        keys = tuple(map(native, each.keys()))
        found.setdefault((place, each.whatsThis()), NamedShortcut(
            place, each.whatsThis(), keys, each
        ))  # fmt: skip
    order = list(Place)
    return sorted(found.values(), key=lambda each: order.index(each.place))


def native(keys: QKeySequence) -> str:
    """As this system writes them: Ctrl+K, or ⌘K."""
    return keys.toString(QKeySequence.SequenceFormat.NativeText)
