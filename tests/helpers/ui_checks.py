"""What a script can see about a window: each check returns the problems it found, as sentences.

They measure a live, visible window. ``zoom`` is the theme's. Widgets with the property ``floats``
lie over others on purpose; widgets inside ``exempt`` (messages, the placement picture) are left
out of grid and counts.
"""

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollBar,
    QTextEdit,
    QWidget,
)

from ui.theme.tokens import (
    GRID,
    TEXT_CHAT,
    TEXT_HEADING,
    TEXT_INTERFACE,
    TEXT_SMALL,
    TEXT_TITLE,
)
from ui.widgets.drawer import Scrim

TEXT_SIZES = frozenset({TEXT_SMALL, TEXT_INTERFACE, TEXT_CHAT, TEXT_HEADING, TEXT_TITLE})
LEAST_TARGET = 28
LEAST_CONTRAST = 4.5

_CONTROLS = (
    QAbstractButton,
    QLineEdit,
    QAbstractSpinBox,
    QComboBox,
    QAbstractSlider,
    QPlainTextEdit,
    QTextEdit,
)


def controls(window: QWidget, exempt: Sequence[QWidget] = ()) -> list[QWidget]:
    """What a person can press or type into now; scroll bars and the field in a spin box aside."""
    return [
        widget
        for widget in _visible(window, exempt)
        if isinstance(widget, _CONTROLS)
        and not isinstance(widget, QScrollBar)
        and not isinstance(widget.parentWidget(), (QAbstractSpinBox, QComboBox))
        and not (isinstance(widget, (QPlainTextEdit, QTextEdit)) and widget.isReadOnly())
    ]


def off_grid(window: QWidget, zoom: float, exempt: Sequence[QWidget] = ()) -> list[str]:
    """Controls that stand beside the 4-px grid (of scrolled ones only left and right count).

    Either both edges are on it, or the middle is: a button of 36 in a header of 48.
    """
    step = GRID * zoom
    problems = []
    for widget in controls(window, exempt):
        area = _area(widget, window)
        spans = {"left and right": (area.left(), area.right() + 1, window.width())}
        if not _is_scrolled(widget):
            spans["top and bottom"] = (area.top(), area.bottom() + 1, window.height())
        for sides, (begin, end, room) in spans.items():
            edges = _is_on(begin, step, room) and _is_on(end, step, room)
            if not edges and not _is_on((begin + end) / 2, step, room):
                problems.append(f"{_name(widget)}: {sides} at {begin} and {end}")
    return problems


def _is_on(value: float, step: float, room: int) -> bool:
    """On the grid that begins at either edge of the window."""
    return min(value % step, (room - value) % step) < 0.01


def other_text_sizes(window: QWidget, zoom: float, chat_text: int = TEXT_CHAT) -> list[str]:
    """Texts in a size that is none of the five (or the one chosen for the transcript)."""
    allowed = {round(size * zoom) for size in (*TEXT_SIZES, chat_text)}
    return [
        f"{_name(widget)}: {widget.font().pixelSize()} px"
        for widget in _visible(window)
        if isinstance(widget, (QLabel, *_CONTROLS))
        and not isinstance(widget, (QScrollBar, QAbstractSlider))
        and widget.font().pixelSize() not in allowed
    ]


def cut_text(window: QWidget) -> list[str]:
    """Texts that are not shown whole and have no tooltip with all of it."""
    problems = []
    for widget in _visible(window):
        if getattr(widget, "is_elided", False):
            if not widget.toolTip():
                problems.append(f"{_name(widget)}: elided without a tooltip")
        elif hasattr(widget, "is_elided"):
            continue
        elif isinstance(widget, QLabel) and widget.text():
            short = (
                widget.heightForWidth(widget.width()) > widget.height() + 1
                if widget.wordWrap()
                else widget.sizeHint().width() > widget.width() + 1
            )
            if short and widget.text() not in widget.toolTip():
                problems.append(f"{_name(widget)}: cut off")
        elif isinstance(widget, QPushButton) and widget.text():
            words = widget.fontMetrics().horizontalAdvance(widget.text())
            if words > widget.width():
                problems.append(f"{_name(widget)}: {words} px of words in {widget.width()}")
    return problems


def overlaps(window: QWidget) -> list[str]:
    """Controls that lie on each other, unless one of them floats."""
    problems = []
    found = [widget for widget in controls(window) if not _floats(widget)]
    areas = [(widget, _seen_area(widget, window)) for widget in found]
    for number, (one, area) in enumerate(areas):
        for other, other_area in areas[number + 1 :]:
            if one.isAncestorOf(other) or other.isAncestorOf(one):
                continue
            if area.intersects(other_area):
                problems.append(f"{_name(one)} lies on {_name(other)}")
    return problems


def small_targets(window: QWidget, zoom: float, exempt: Sequence[QWidget] = ()) -> list[str]:
    """Controls smaller than 28 px in one direction."""
    least = LEAST_TARGET * zoom
    return [
        f"{_name(widget)}: {widget.width()}×{widget.height()}"
        for widget in controls(window, exempt)
        if widget.width() < least or widget.height() < least
    ]


def unnamed(window: QWidget) -> list[str]:
    """Controls and lists that a screen reader could only call "button"."""
    views = [view for view in _visible(window) if isinstance(view, QAbstractItemView)]
    return [
        f"{type(widget).__name__} has no accessible name"
        for widget in (*controls(window), *views)
        if not widget.accessibleName()
        and not getattr(widget, "text", str)()
        and not isinstance(widget.parentWidget(), QComboBox)
    ]


def icons_without_tooltip(window: QWidget) -> list[str]:
    """Buttons that show an icon alone and do not say what it means."""
    return [
        f"{_name(widget)} shows only an icon"
        for widget in controls(window)
        if isinstance(widget, QAbstractButton)
        and not widget.icon().isNull()
        and not widget.text()
        and not widget.toolTip()
    ]


def accent_buttons(window: QWidget) -> list[QWidget]:
    """The filled buttons; a page has at most one."""
    return [widget for widget in _visible(window) if widget.property("look") == "accent"]


def low_contrast(window: QWidget, exempt: Sequence[QWidget] = ()) -> list[str]:
    """Texts whose pixels differ too little from what is behind them."""
    picture = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    ratio = picture.devicePixelRatio()
    problems = []
    for widget, area, seen in _shown(window, exempt):
        if not isinstance(widget, (QLabel, QPushButton, QLineEdit, QComboBox)) or area != seen:
            continue
        if not _words(widget) or _is_covered(widget, window, seen):
            continue
        contrast = measured_contrast(picture, area, ratio)
        if contrast < LEAST_CONTRAST:
            problems.append(f"{_name(widget)}: contrast {contrast:.2f}")
    return problems


def measured_contrast(picture: QImage, area: QRect, ratio: float = 1.0) -> float:
    """Between the most frequent colour of ``area`` and the one furthest from it."""
    left, top = round(area.left() * ratio), round(area.top() * ratio)
    right = min(picture.width(), round((area.right() + 1) * ratio))
    bottom = min(picture.height(), round((area.bottom() + 1) * ratio))
    part = picture.copy(left, top, right - left, bottom - top)
    if part.isNull():
        return 1.0
    return _contrast_of(bytes(part.constBits()))


@functools.lru_cache(maxsize=1024)
def _contrast_of(pixels: bytes) -> float:
    """Remembered, because most of a window looks the same when its page has changed."""
    # Four bytes a pixel, so lines follow each other without gaps.
    counts = Counter(memoryview(pixels).cast("I"))
    behind = _luminance(counts.most_common(1)[0][0])
    return max(_ratio(behind, _luminance(color)) for color in counts)


def geometry(widgets: Iterable[QWidget], window: QWidget) -> list[tuple[str, QRect]]:
    """Where each of ``widgets`` is; equal before and after when nothing moved."""
    return [(type(widget).__name__, _area(widget, window)) for widget in widgets]


def all_problems(
    window: QWidget, zoom: float, chat_text: int = TEXT_CHAT, exempt: Sequence[QWidget] = ()
) -> list[str]:
    """Every check that holds for any page."""
    problems = [
        *off_grid(window, zoom, exempt),
        *other_text_sizes(window, zoom, chat_text),
        *cut_text(window),
        *overlaps(window),
        *small_targets(window, zoom, exempt),
        *unnamed(window),
        *icons_without_tooltip(window),
        *low_contrast(window, exempt),
    ]
    filled = accent_buttons(window)
    if len(filled) > 1:
        problems.append(f"{len(filled)} filled buttons on one page")
    return problems


def _visible(window: QWidget, exempt: Sequence[QWidget] = ()) -> Iterator[QWidget]:
    for widget, _area, _seen in _shown(window, exempt):
        yield widget


def _shown(
    window: QWidget, exempt: Sequence[QWidget] = ()
) -> Iterator[tuple[QWidget, QRect, QRect]]:
    """What can be seen and used: each widget, where it is, and the part that is not clipped."""
    scrims = [scrim for scrim in window.findChildren(Scrim) if scrim.isVisibleTo(window)]
    for widget, area, seen in _below(window, QPoint(0, 0), window.rect(), exempt):
        if not _is_under_scrim(widget, scrims):
            yield widget, area, seen


def _below(
    parent: QWidget, origin: QPoint, clip: QRect, exempt: Sequence[QWidget]
) -> Iterator[tuple[QWidget, QRect, QRect]]:
    """From the top down, so that nothing inside what is hidden is looked at."""
    for child in parent.children():
        if not isinstance(child, QWidget) or child.isHidden() or child in exempt:
            continue
        area = child.geometry().translated(origin)
        seen = area.intersected(clip)
        if not seen.isEmpty():
            yield child, area, seen
            yield from _below(child, area.topLeft(), seen, exempt)


def _area(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def _seen_area(widget: QWidget, window: QWidget) -> QRect:
    """The part that no scroll area and no window edge hides."""
    area = _area(widget, window)
    parent = widget.parentWidget()
    while parent is not None:
        area = area.intersected(_area(parent, window))
        if parent is window:
            break
        parent = parent.parentWidget()
    return area


def _is_covered(widget: QWidget, window: QWidget, seen: QRect) -> bool:
    """Whether something that floats lies over it, such as the scrim of a drawer."""
    top = window.childAt(seen.center())
    return top is not None and top is not widget and not widget.isAncestorOf(top)


def _is_under_scrim(widget: QWidget, scrims: Sequence[Scrim]) -> bool:
    """Whether a drawer's scrim keeps it from being pressed."""
    for scrim in scrims:
        parent = scrim.parentWidget()
        if scrim is widget or not parent.isAncestorOf(widget):
            continue
        # Later children lie above earlier ones.
        order = [child for child in parent.children() if isinstance(child, QWidget)]
        below = order[: order.index(scrim)]
        if any(child is widget or child.isAncestorOf(widget) for child in below):
            return True
    return False


def _is_scrolled(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


def _floats(widget: QWidget) -> bool:
    parent: QWidget | None = widget
    while parent is not None:
        if parent.property("floats"):
            return True
        parent = parent.parentWidget()
    return False


def _words(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QLineEdit):
        return widget.text() or widget.placeholderText()
    text = getattr(widget, "text", str)()
    return str(text) or (widget.accessibleName() if hasattr(widget, "is_elided") else "")


def _name(widget: QWidget) -> str:
    words = _words(widget) or widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} “{words[:40]}”"


def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


_LINEAR = tuple(map(_linear, range(256)))


def _luminance(color: int) -> float:
    red, green, blue = color >> 16 & 255, color >> 8 & 255, color & 255
    return 0.2126 * _LINEAR[red] + 0.7152 * _LINEAR[green] + 0.0722 * _LINEAR[blue]


def _ratio(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
