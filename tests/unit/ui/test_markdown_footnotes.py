"""Footnotes and tasks: numbers, ways there and back, boxes, copying, streaming."""

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextBlock, QTextDocument
from PySide6.QtWidgets import QApplication, QScrollArea

from tests.helpers.markdown_shapes import shape
from ui.chat.markdown.copying import find_anchor
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown.styles import Styles, list_mark
from ui.chat.markdown.tail import TailRenderer
from ui.chat.markdown_view import MarkdownView
from ui.theme.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")

NOTES = (
    "See[^b] and[^a], again[^b].\n\n[^a]: First *note*.\n[^b]: Second.\n\n    More of it.\n\nEnd."
)


def render(source: str) -> tuple[QTextDocument, TailRenderer]:
    document = QTextDocument()
    renderer = TailRenderer(document, Styles(Theme()), MarkdownParser())
    renderer.set_source(source)
    return document, renderer


def text_blocks(document: QTextDocument) -> list[QTextBlock]:
    found = []
    block = document.begin()
    while block.isValid():
        found.append(block)
        block = block.next()
    return found


def targets(document: QTextDocument) -> list[str]:
    found = []
    for block in text_blocks(document):
        pieces = block.begin()
        while not pieces.atEnd():
            found.append(pieces.fragment().charFormat().anchorHref())
            pieces += 1
    return [target for target in found if target]


def test_footnotes_are_numbered_as_the_text_names_them() -> None:
    document, _renderer = render(NOTES)
    assert [(list_mark(block), block.text()) for block in text_blocks(document)] == [
        (None, "See1 and2, again1."),
        ("2.", "First note.\u00a0↩"),
        ("1.", "Second."),
        (None, "More of it.\u00a0↩"),
        (None, "End."),
    ]
    assert targets(document) == [
        "#footnote-1",
        "#footnote-2",
        "#footnote-1",
        "#reference-2",
        "#reference-1",
    ]
    for target in targets(document):
        assert find_anchor(document, target[1:]) is not None
    assert find_anchor(document, "reference-1") == 3


def test_what_nothing_defines_stays_text_and_what_nothing_names_has_no_way_back() -> None:
    document, _renderer = render("a[^x] [^a-z] `[^y]`\n\n[^y]: alone\n[^z]:")
    assert [block.text() for block in text_blocks(document)] == [
        "a[^x] [^a-z] [^y]",
        "alone",
        "",
    ]
    assert targets(document) == []


def test_a_footnote_of_code_has_its_way_back_below() -> None:
    document, renderer = render("a[^1]\n\n[^1]: ```\n    x\n    ```\n")
    assert len(renderer.placed) == 1
    assert text_blocks(document)[-1].text() == "\u00a0↩"


def test_footnotes_stream_and_end_as_a_whole_rendering() -> None:
    document = QTextDocument()
    tail = TailRenderer(document, Styles(Theme()), MarkdownParser())
    for character in NOTES:
        tail.append(character)
    tail.finish(NOTES)
    whole, full = render(NOTES)
    assert shape(document, tail) == shape(whole, full)


def test_copying_writes_footnotes_and_tasks_as_markdown() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_markdown("- [x] a[^1]\n- [ ] b\n- c\n\ntext\n\n[^1]: note")
    view.selectAll()
    copied = view.createMimeDataFromSelection().text()
    assert copied == "- [x] a[^1]\n- [ ] b\n- c\n\ntext\n\n[^1]: note"


def test_a_way_inside_the_message_scrolls_and_opens_nothing() -> None:
    area = QScrollArea()
    view = MarkdownView(Theme(), MarkdownParser())
    told: list[str] = []
    view.link_activated.connect(told.append)
    view.set_markdown("a[^1]\n\n" + "line\n\n" * 100 + "[^1]: note")
    area.setWidget(view)
    area.resize(400, 300)
    view.resize(380, view.set_width(380))
    area.show()
    QApplication.processEvents()
    bar = area.verticalScrollBar()
    view.anchorClicked.emit(QUrl("#footnote-1"))
    assert bar.value() > bar.maximum() * 0.9
    view.anchorClicked.emit(QUrl("#reference-1"))
    assert bar.value() == 0
    view.anchorClicked.emit(QUrl("#nowhere"))
    assert (bar.value(), told) == (0, [])


def test_tasks_have_boxes_where_they_begin_an_item() -> None:
    document, _renderer = render(
        "- [ ] a\n- [x] **b**\n  1. [X] c\n- [ ]d\n- e [ ] f\n\n[ ] g\n\n- h\n\n  [ ] i"
    )
    assert [(list_mark(block), block.text()) for block in text_blocks(document)] == [
        ("☐", "a"),
        ("☑", "b"),
        ("☑", "c"),
        ("•", "[ ]d"),
        ("•", "e [ ] f"),
        (None, "[ ] g"),
        ("•", "h"),
        (None, "[ ] i"),
    ]


def test_a_done_task_is_filled_with_the_accent() -> None:
    theme = Theme()
    view = MarkdownView(theme, MarkdownParser())
    for source, is_filled in (("- [x] a", True), ("- [ ] a", False)):
        view.set_markdown(source)
        view.set_width(200)
        picture = view.grab().toImage()
        colors = {
            picture.pixelColor(x, y).name() for x in range(26) for y in range(picture.height())
        }
        assert (theme.colors.accent in colors) is is_filled


@pytest.mark.parametrize("note", ["[^a]: " * 3000 + "x", "[^a]" * 10_000 + "\n\n[^a]: x"])
def test_many_footnotes_end(note: str) -> None:
    document, _renderer = render(note)
    assert document.characterCount() > 1
