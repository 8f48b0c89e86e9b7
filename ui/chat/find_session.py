"""Finding in the conversation: counts hits in slices, marks them, goes from one to the next."""

from PySide6.QtCore import QObject, QRect, QTimer

from ui.chat.document_view import DocumentView
from ui.chat.find_bar import HEIGHT, FindBar
from ui.chat.find_index import FindIndex, Hit
from ui.chat.find_marks import Mark, marks_in, show_marks, unfold_hits
from ui.chat.find_text import Folding
from ui.chat.message_view import MessageView
from ui.chat.transcript import Transcript
from ui.theme.theme import Theme

_SLICE_SECONDS = 0.006
_MARGIN = 2 * HEIGHT
"""Pixels at 100 % above and below a hit: the bar lies over the first of them."""
_MARK_AFTER_MS = 60
"""Arriving text and scrolling mark anew at most this often."""


class FindSession(QObject):
    """Between the bar and the transcript. ``open`` and ``close`` begin and end it."""

    def __init__(self, theme: Theme, bar: FindBar, transcript: Transcript) -> None:
        super().__init__(bar)
        self._theme, self._bar, self._transcript = theme, bar, transcript
        self._folding = Folding()
        self._index = FindIndex(self._folding)
        self._current: Hit | None = None
        self._strong = -1
        """Number of the message in which the current hit was marked last."""
        self._active = False
        self._stale: set[int] = set()
        self._slice = self._timer(0, self._advance)
        self._mark = self._timer(_MARK_AFTER_MS, self._refresh)
        bar.words_changed.connect(self._begin)
        bar.asked.connect(self.go)
        transcript.arranged.connect(self._arranged)
        transcript.message_changed.connect(self._message_changed)
        transcript.count_changed.connect(self._count_changed)
        theme.changed.connect(self._arranged)

    @property
    def is_active(self) -> bool:
        """Whether something may be marked."""
        return self._active

    @property
    def current(self) -> Hit | None:
        """The hit that was gone to last."""
        return self._current

    def open(self) -> None:
        """Begin; words that are selected in a message are looked for at once."""
        self._active = True
        words = self._selected_words()
        if words and words != self._bar.field.text():
            self._bar.field.setText(words)
        else:
            self._begin(self._bar.field.text())

    def close(self) -> None:
        """Mark nothing any more."""
        self._active = False
        self._slice.stop()
        self._mark.stop()
        self._current = None
        self._index.forget()
        self._stale.clear()
        self._mark_all()

    def go(self, forward: bool) -> None:
        """To the next hit, or to the one before; from the last one to the first."""
        if self._current is None:
            self._go_first()
            return
        step = self._index.next if forward else self._index.previous
        found = step(self._current)
        if found is not None:
            self._go_to(found)

    # --- looking ----------------------------------------------------------------------------
    def _begin(self, words: str) -> None:
        if not self._active:
            return
        first = self._current.message if self._current else self._transcript.current_number()
        self._current = None
        self._index.begin(self._transcript.items, words, first)
        self._stale.clear()
        self._advance()
        self._mark_all()

    def _advance(self) -> None:
        """Look through some more messages; the first hit found is gone to."""
        self._index.advance(_SLICE_SECONDS)
        if self._current is None and self._index.total:
            self._go_first()
        self._show_count()
        if not self._index.is_complete:
            self._slice.start()

    def _go_first(self) -> None:
        """To the first hit in view, else the next one behind it, as far as was looked."""
        begin = max(0, self._transcript.current_number())
        first = self._first_in_view() or self._index.next(Hit(begin, -1))
        if first is not None:
            self._go_to(first)

    def _first_in_view(self) -> Hit | None:
        """A hit for which nothing has to move."""
        area, margin = self._transcript.viewport().rect(), self._theme.px(_MARGIN)
        for view in self._transcript.present():
            if not area.intersects(view.geometry()):
                continue
            self._index.count(view.item.number)
            for ordinal, mark in enumerate(marks_in(view, self._index.wanted, self._folding)):
                place = self._place_of(view, mark).translated(0, view.y())
                fits = margin <= place.top() and place.bottom() + margin < area.height()
                if fits and ordinal < self._index.hits_in(view.item.number):
                    return Hit(view.item.number, ordinal)
        return None

    def _show_count(self) -> None:
        place = self._index.place_of(self._current) if self._current else 0
        total = self._index.total
        self._bar.show_count(min(place, total), total, complete=self._index.is_complete)

    # --- going ------------------------------------------------------------------------------
    def _go_to(self, hit: Hit) -> None:
        """Show a hit; in a message that is not built it is only now known where it lies."""
        self._current = hit
        view = self._transcript.ready(hit.message)
        unfold_hits(view, self._index.wanted, self._folding)
        mark = self._mark_of(hit, marks_in(view, self._index.wanted, self._folding))
        if mark is not None:
            self._scroll_to(view, mark)
        else:
            self._transcript.show_message(hit.message)
        self._mark_all()
        self._show_count()

    @staticmethod
    def _mark_of(hit: Hit, marks: list[Mark]) -> Mark | None:
        """An address that is not shown counts but has no mark, so the number may be too high."""
        return marks[min(hit.ordinal, len(marks) - 1)] if marks else None

    def _scroll_to(self, view: MessageView, mark: Mark) -> None:
        place = self._place_of(view, mark).translated(0, view.item.top)
        self._transcript.show_span(place.top(), place.bottom() + 1, self._theme.px(_MARGIN))
        bar = mark.view.horizontalScrollBar()
        if bar.maximum() > 0:
            left = mark.view.cursorRect(mark.cursor()).left()
            bar.setValue(max(0, bar.value() + left - mark.view.viewport().width() // 2))

    @staticmethod
    def _place_of(view: MessageView, mark: Mark) -> QRect:
        """Where a hit ends, in the message."""
        area = mark.view.cursorRect(mark.cursor())
        return QRect(mark.view.viewport().mapTo(view, area.topLeft()), area.size())

    # --- marking ----------------------------------------------------------------------------
    def _mark_all(self) -> None:
        """In the messages in view; the others wait until they come there."""
        area, before, hit = self._transcript.viewport().rect(), self._strong, self._current
        self._strong = hit.message if hit is not None else -1
        for view in self._transcript.present():
            number = view.item.number
            is_seen = number == before or area.intersects(view.geometry())
            if self._index.wanted and not is_seen:
                continue
            marks = marks_in(view, self._index.wanted, self._folding)
            is_here = hit is not None and hit.message == number
            current = self._mark_of(hit, marks) if hit is not None and is_here else None
            show_marks(view, marks, current, self._theme)

    def _refresh(self) -> None:
        """Text arrived, or other messages are in view."""
        for number in self._stale:
            self._index.count(number)
        self._stale.clear()
        self._mark_all()
        self._show_count()

    def _arranged(self) -> None:
        if self._active and not self._mark.isActive():
            self._mark.start()

    def _message_changed(self, number: int) -> None:
        if self._active:
            self._stale.add(number)
            self._arranged()

    def _count_changed(self) -> None:
        """A message was added, or another conversation is shown."""
        if not self._active:
            return
        if self._index.continues(self._transcript.items):
            self._index.added()
            self._slice.start()
        else:
            self._current = None
            self._begin(self._bar.field.text())

    def _selected_words(self) -> str:
        for view in self._transcript.present():
            for text in view.findChildren(DocumentView):
                words = text.textCursor().selectedText()
                if words and "\u2029" not in words and len(words) <= 200:
                    return words
        return ""

    def _timer(self, milliseconds: int, act: object) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(milliseconds)
        made.timeout.connect(act)
        return made
