"""A message's markdown as one document, with widgets over its code blocks and tables."""

import time
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QPyTextObject,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from ui.chat.code_view import CodeView
from ui.chat.document_view import DocumentView, wrap_mode_for
from ui.chat.formula_view import FormulaView
from ui.chat.markdown.blocks import (
    CodeBlock,
    EmbeddedBlock,
    FormulaBlock,
    RuleBlock,
    TableBlock,
)
from ui.chat.markdown.copying import find_anchor, selection_as_text, spoken_text
from ui.chat.markdown.inline_formulas import InlineFormulas
from ui.chat.markdown.painting import paint_behind
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown.styles import OBJECT_INDEX, OBJECT_TYPE, Styles
from ui.chat.markdown.tail import TailRenderer
from ui.chat.table_view import TableView
from ui.theme.theme import Theme

_TICK_MS = 33
_BACK_OFF = 4
"""The next rendering waits this many times what the last one cost."""
_RULE_HEIGHT = 17
_RECENT = 10_000
"""Characters behind which a run without a space is looked for while text arrives."""

_FORMULA_MARKS = ("$", "\\(", "\\[", "math")

Cover = CodeView | TableView | FormulaView | None


class _Objects(QPyTextObject):
    """Reserves the rectangle of each embedded block; the view covers it with a widget."""

    def __init__(self, view: "MarkdownView") -> None:
        super().__init__(view)
        self._view = view

    def intrinsicSize(self, document: QTextDocument, position: int, form: QTextFormat) -> QSizeF:
        """The block's size at the present width."""
        block = document.findBlock(position)
        return QSizeF(self._view.object_size(form.intProperty(OBJECT_INDEX), block))

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        _document: QTextDocument,
        _position: int,
        form: QTextFormat,
    ) -> None:
        """Only a rule is painted; the others are widgets."""
        if isinstance(self._view.embedded(form.intProperty(OBJECT_INDEX)), RuleBlock):
            area = QRectF(rect)
            painter.setPen(self._view.theme.color("border"))
            middle = round(area.center().y())
            painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))


class MarkdownView(DocumentView):
    """Shows markdown, whole or as it grows. Give it a width by ``set_width``.

    Signals:
        height_changed(): ``content_height`` is another one now.
        copy_requested(str): text for the clipboard.
        save_requested(str, str): a code block's text and language.
    """

    height_changed = Signal()
    copy_requested = Signal(str)
    save_requested = Signal(str, str)

    def __init__(
        self,
        theme: Theme,
        parser: MarkdownParser,
        parent: QWidget | None = None,
        *,
        quiet: bool = False,
    ) -> None:
        super().__init__(theme, parent)
        self._covers: list[Cover] = []
        self._height = 0
        self._told = 0
        self._pending = ""
        self._quiet = quiet
        self._growing = False
        self._formulas = parser.formulas
        self._tail = TailRenderer(self.document(), self._styles(), parser)
        self._objects = _Objects(self)
        self.document().documentLayout().registerHandler(OBJECT_TYPE, self._objects)
        self._inline = InlineFormulas(self.document(), parser.formulas, self)
        self._tick = QTimer(self)
        self._tick.setSingleShot(True)
        self._tick.timeout.connect(self._render_pending)
        self._interval = _TICK_MS
        self.selectionChanged.connect(self._tint_selected)
        self.anchorClicked.connect(self._follow_inside)

    # --- content ----------------------------------------------------------------------------
    @property
    def markdown(self) -> str:
        """The markdown shown, what waits for the next rendering included."""
        return self._tail.source + self._pending

    def set_markdown(self, source: str) -> None:
        """Show ``source``."""
        self._tick.stop()
        self._pending = ""
        self._growing = False
        self.setWordWrapMode(wrap_mode_for(source))
        self._edit(lambda: self._tail.set_source(source))
        self._describe()

    def grow(self, text: str) -> None:
        """Append ``text``; it is rendered within a tick."""
        self._growing = True
        self._pending += text
        if not self._tick.isActive():
            self._tick.start(self._interval)

    def finish(self, source: str) -> None:
        """The text is complete: show exactly ``source``."""
        self._render_pending()
        self._growing = False
        self._edit(lambda: self._tail.finish(source))
        self._describe()

    def restyle(self) -> None:
        """Take over changed colours and sizes."""
        for cover in self._covers:
            if cover is not None:
                cover.restyle()
        self._edit(lambda: self._tail.restyle(self._styles()))

    def set_width(self, width: int) -> int:
        """Lay out for ``width``; return the height that is needed."""
        self.lay_out(width)
        self._settle()
        return self._height

    def embedded(self, index: int) -> EmbeddedBlock | None:
        """Embedded block ``index``, None if there is no such block now."""
        placed = self._tail.placed
        return placed[index].block if 0 <= index < len(placed) else None

    def cover(self, index: int) -> Cover:
        """The widget over embedded block ``index``."""
        return self._covers[index] if 0 <= index < len(self._covers) else None

    def selected_text(self, cursor: QTextCursor) -> str:
        """Copying writes list marks, and fences and tables as their markdown."""
        return selection_as_text(cursor, self._tail.placed)

    def _styles(self) -> Styles:
        return Styles(self.theme, small=self._quiet, muted=self._quiet)

    def _render_pending(self) -> None:
        self._tick.stop()
        if not self._pending:
            return
        text, self._pending = self._pending, ""
        begin = time.thread_time()
        recent = wrap_mode_for(self._tail.source[-_RECENT:] + text)
        settled = self._tail.settled
        if recent is QTextOption.WrapMode.WrapAnywhere and recent is not self.wordWrapMode():
            self.setWordWrapMode(recent)
            settled = 0  # All of it is laid out anew.
        self._edit(lambda: self._tail.append(text), settled)
        cost = (time.thread_time() - begin) * 1000
        self._interval = max(_TICK_MS, round(_BACK_OFF * cost))

    def _edit(self, change: Callable[[], None], settled: int = 0) -> None:
        """Change the document; its first ``settled`` embedded blocks stay what they are."""
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        change()
        settled = min(settled, self._tail.settled)
        self._fit_covers(settled)
        cursor.endEditBlock()
        self.rest_cursor()
        self._settle(settled)

    def spoken(self) -> str:
        """All of it for a screen reader: formulas in words, other covers by their names."""
        names = {
            entry.position: cover.accessibleName()
            for entry, cover in zip(self._tail.placed, self._covers, strict=True)
            if cover is not None
        }
        return spoken_text(self.document(), names)

    def _describe(self) -> None:
        """Screen readers meet formulas as one unknown character: give them the words."""
        has_formulas = any(mark in self._tail.source for mark in _FORMULA_MARKS)
        self.setAccessibleDescription(self.spoken() if has_formulas else "")

    def _follow_inside(self, url: QUrl) -> None:
        """Scroll to where a footnote, or the reference to it, stands in this message."""
        place = find_anchor(self.document(), url.toString().removeprefix("#"))
        around = self.parentWidget()
        while around is not None and not isinstance(around, QAbstractScrollArea):
            around = around.parentWidget()
        if not url.toString().startswith("#") or place is None or around is None:
            return
        cursor = QTextCursor(self.document())
        cursor.setPosition(place)
        line = self.cursorRect(cursor)
        top = self.viewport().mapTo(around.viewport(), line.topLeft()).y()
        room = around.viewport().height() - line.height()
        if not 0 <= top <= room:
            bar = around.verticalScrollBar()
            bar.setValue(bar.value() + top - room // 3)

    # --- covers -----------------------------------------------------------------------------
    def _fit_covers(self, first: int) -> None:
        """One widget per code block, table and formula, kept where the kind stays the same.

        What comes before block ``first`` is as it was.
        """
        placed = self._tail.placed
        for index, entry in enumerate(placed[first:], first):
            if index == len(self._covers):
                self._covers.append(None)
            block = entry.block
            changed = False
            if isinstance(block, CodeBlock):
                changed = self._code_at(index).set_block(block)
            elif isinstance(block, TableBlock):
                changed = self._table_at(index).set_block(block)
            elif isinstance(block, FormulaBlock):
                changed = self._formula_at(index).set_block(block)
            else:
                self._put(index, None)
            if changed:
                self.document().markContentsDirty(entry.position, 1)
        for index in range(len(placed), len(self._covers)):
            self._put(index, None)
        del self._covers[len(placed) :]

    def _code_at(self, index: int) -> CodeView:
        cover = self._covers[index]
        if not isinstance(cover, CodeView):
            cover = CodeView(self.theme, self.viewport(), folded=not self._growing)
            cover.copy_requested.connect(self.copy_requested)
            cover.save_requested.connect(self.save_requested)
            self._adopt(index, cover)
        return cover

    def _table_at(self, index: int) -> TableView:
        cover = self._covers[index]
        if not isinstance(cover, TableView):
            cover = TableView(self.theme, self._formulas, self.viewport(), folded=not self._growing)
            cover.copy_requested.connect(self.copy_requested)
            cover.link_activated.connect(self.link_activated)
            self._adopt(index, cover)
        return cover

    def _formula_at(self, index: int) -> FormulaView:
        cover = self._covers[index]
        if not isinstance(cover, FormulaView):
            cover = FormulaView(self.theme, self._formulas, self.viewport(), quiet=self._quiet)
            cover.copy_requested.connect(self.copy_requested)
            self._put(index, cover)
        return cover

    def _adopt(self, index: int, cover: CodeView | TableView) -> None:
        cover.size_changed.connect(lambda: self._cover_resized(cover))
        self._put(index, cover)

    def _put(self, index: int, cover: Cover) -> None:
        old = self._covers[index]
        if old is not None:
            old.hide()
            old.deleteLater()
        self._covers[index] = cover

    def _cover_resized(self, cover: CodeView | TableView) -> None:
        if cover in self._covers:
            entry = self._tail.placed[self._covers.index(cover)]
            self.document().markContentsDirty(entry.position, 1)
            self._settle()

    def object_size(self, index: int, block: QTextBlock) -> QSizeF:
        """Pixels that embedded block ``index`` takes in text block ``block``."""
        document = self.document()
        form = block.blockFormat()
        wide = document.textWidth() if document.textWidth() > 0 else self.theme.px(720)
        wide -= form.indent() * document.indentWidth() + form.leftMargin()
        width = max(self.theme.px(120), int(wide))
        cover = self.cover(index)
        if cover is None:
            return QSizeF(width, self.theme.px(_RULE_HEIGHT))
        return QSizeF(width, cover.height_for(width))

    def _settle(self, first: int = 0) -> None:
        """Put the covers from ``first`` where the layout wants them; tell about a new height."""
        height = self.content_height()
        if height != self._height:
            self._height = height
            self.resize(self.width(), max(1, height))
        document = self.document()
        for index in range(first, len(self._covers)):
            entry, cover = self._tail.placed[index], self._covers[index]
            if cover is None:
                continue
            block = document.findBlock(entry.position)
            layout = block.layout()
            if not layout.lineCount():
                continue
            corner = layout.position() + layout.lineAt(0).position()
            size = self.object_size(index, block)
            cover.setGeometry(QRect(corner.toPoint(), size.toSize()))
            cover.show()
        if height != self._told:
            self._told = height
            self.height_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width moves everything."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._settle()

    def _tint_selected(self) -> None:
        cursor = self.textCursor()
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        for entry, cover in zip(self._tail.placed, self._covers, strict=True):
            if cover is not None:
                cover.set_selected(start <= entry.position < end)

    # --- paint ------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars beside quotes and pills behind inline code, then the text."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_behind(painter, self.document(), self.theme, event.rect())
        painter.end()
        super().paintEvent(event)
