"""The token builder: structure of a gallery, hostile input in bounded time, copying."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.helpers import ui_stage
from ui.chat.markdown.blocks import CodeBlock, RuleBlock, TableBlock
from ui.chat.markdown.highlight import Highlighter
from ui.chat.markdown.links import safe_address
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown.styles import INLINE_CODE, QUOTE_BARS, Styles, list_mark
from ui.chat.markdown.tail import TailRenderer
from ui.chat.markdown_view import MarkdownView
from ui.theme.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")

SECONDS = 5.0
"""Each hostile document takes about a tenth of a second here."""

GALLERY = """# Title

Words in *italics*, **bold**, ~~struck~~, `code` and [a link](https://example.org/a?b=c).
A second line.

1. one
2. two
   - inner

     more of it

> quoted
>
> > twice

```python
print("hi")
```

| a | b |
|:--|--:|
| 1 | 2 |

---

End.
"""


@pytest.fixture(autouse=True)
def cleared() -> Iterator[None]:
    """Thousands of widgets that are left would be styled anew by every later test."""
    yield
    ui_stage.clear()


def render(source: str) -> tuple[QTextDocument, TailRenderer]:
    document = QTextDocument()
    renderer = TailRenderer(document, Styles(Theme()), MarkdownParser())
    renderer.set_source(source)
    return document, renderer


def blocks(document: QTextDocument) -> list[str]:
    found = []
    block = document.begin()
    while block.isValid():
        found.append(block.text())
        block = block.next()
    return found


def link_targets(document: QTextDocument) -> list[str]:
    found = []
    block = document.begin()
    while block.isValid():
        pieces = block.begin()
        while not pieces.atEnd():
            form = pieces.fragment().charFormat()
            if form.isAnchor():
                found.append(form.anchorHref())
            pieces += 1
        block = block.next()
    return found


def test_gallery_has_one_block_per_line_of_thought() -> None:
    document, renderer = render(GALLERY)
    assert blocks(document) == [
        "Title",
        "Words in italics, bold, struck, code and a link.\u2028A second line.",
        "one",
        "two",
        "inner",
        "more of it",
        "quoted",
        "twice",
        "\ufffc",
        "\ufffc",
        "\ufffc",
        "End.",
    ]
    assert [type(entry.block) for entry in renderer.placed] == [CodeBlock, TableBlock, RuleBlock]
    for entry in renderer.placed:
        assert document.characterAt(entry.position) == "\ufffc"


def test_gallery_formats() -> None:
    document, _renderer = render(GALLERY)
    by_text = {}
    block = document.begin()
    while block.isValid():
        by_text[block.text()] = block
        block = block.next()
    assert by_text["Title"].blockFormat().headingLevel() == 1
    assert [list_mark(by_text[text]) for text in ("one", "two", "inner", "more of it")] == [
        "1.",
        "2.",
        "•",
        None,
    ]
    assert by_text["more of it"].blockFormat().indent() == 2
    assert by_text["quoted"].blockFormat().property(QUOTE_BARS) == "0"
    assert by_text["twice"].blockFormat().property(QUOTE_BARS) == "0,0"
    words = {}
    pieces = document.begin().next().begin()
    while not pieces.atEnd():
        piece = pieces.fragment()
        words[piece.text()] = piece.charFormat()
        pieces += 1
    assert words["italics"].fontItalic()
    assert words["bold"].fontWeight() > words["italics"].fontWeight()
    assert words["struck"].fontStrikeOut()
    assert any(form.property(INLINE_CODE) for form in words.values())
    assert link_targets(document) == ["https://example.org/a?b=c"]


def test_single_line_breaks_stay() -> None:
    document, _renderer = render("roses are red\nviolets are blue")
    assert blocks(document) == ["roses are red\u2028violets are blue"]


def test_loose_and_nested_lists_keep_their_numbers() -> None:
    document, _renderer = render("3. a\n\n   b\n4. c\n   1. d\n   2. e\n5. f\n\n- - x")
    marks = []
    block = document.begin()
    while block.isValid():
        marks.append((list_mark(block), block.text()))
        block = block.next()
    assert marks == [
        ("3.", "a"),
        (None, "b"),
        ("4.", "c"),
        ("1.", "d"),
        ("2.", "e"),
        ("5.", "f"),
        ("•", ""),
        ("•", "x"),
    ]


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("https://example.org/ä", "https://example.org/%C3%A4"),
        ("http://Example.org", "http://example.org"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("https://аpple.com/", "https://xn--pple-43d.com/"),
        ("javascript:alert(1)", None),
        ("JavaScript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("data:text/html,x", None),
        ("//host/share", None),
        ("\\\\host\\share", None),
        ("/etc/passwd", None),
        ("https://", None),
        ("smb://host/x", None),
        ("", None),
        ("https://example.org/" + "a" * 3000, None),
    ],
)
def test_only_web_and_mail_addresses_are_links(address: str, wanted: str | None) -> None:
    assert safe_address(address) == wanted


def test_a_link_elsewhere_becomes_words() -> None:
    document, _renderer = render(
        "[a](ftp://x/y) ![photo](https://x.org/p.png) ![secret](file:///etc/passwd) "
        "[b](javascript:alert(1)) [ref]\n\n[ref]: vbscript:x"
    )
    assert link_targets(document) == ["https://x.org/p.png"]
    text = document.toPlainText()
    assert "a (ftp://x/y)" in text
    assert "file:///etc/passwd" in text
    assert "javascript:alert(1)" in text


def test_raw_html_is_text() -> None:
    source = '<script>alert(1)</script>\n\nwords <img src="file:///etc/passwd"> <b>bold</b>'
    document, _renderer = render(source)
    assert document.toPlainText() == source.replace("\n\n", "\n")
    assert "<b>" in document.toPlainText()


def test_direction_overrides_and_object_marks_are_dropped() -> None:
    document, renderer = render("safe\u202egnp.exe `a\u2066b` \ufffc")
    assert document.toPlainText().rstrip() == "safegnp.exe ab"
    assert renderer.placed == []


@pytest.mark.parametrize(
    "source",
    [
        "[" * 5000,
        "![" * 5000,
        "[a](" * 5000,
        "*a_ " * 5000,
        "~~a " * 5000,
        "`" * 3000 + " " + "`" * 2999,
        "<" * 10_000,
        "&" * 10_000,
        ">" * 200 + " deep",
        "\n".join(">" * level + " x" for level in range(1, 200)),
        "\n".join("  " * level + "- x" for level in range(200)),
        "|" + "a|" * 200 + "\n|" + "-|" * 200 + "\n" + ("|" + "x|" * 200 + "\n") * 10,
        "```py\n" + "x = 1\n" * 5000,
        "word " * 10_000,
        "a" * 500_000,
        "| a |\n|---|\n| " + "b" * 300_000 + " |",
        "\0\ufeff\u200f\U0001f468\u200d\U0001f469\u200d\U0001f467 مرحبا `code` שלום",
        "".join(map(chr, range(0x300, 0x370))) * 50,
    ],
    ids=lambda source: repr(source[:12]),
)
def test_hostile_documents_end_in_time(source: str) -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    begin = time.perf_counter()
    view.set_markdown(source)
    view.set_width(720)
    assert time.perf_counter() - begin < SECONDS
    assert view.document().characterCount() > 1


def test_nothing_is_lost_below_the_deepest_nesting() -> None:
    document, _renderer = render("> " * 60 + "buried treasure")
    assert "buried treasure" in document.toPlainText()


def test_an_unclosed_fence_is_code() -> None:
    _document, renderer = render("text\n\n```\nhalf")
    assert renderer.placed[0].block == CodeBlock("", "half", "```\nhalf\n```")


def test_a_file_named_in_a_document_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    asked: list[object] = []
    document = view.document()
    original = type(document).loadResource

    def watched(self: object, kind: int, name: object) -> object:
        found = original(self, kind, name)  # type: ignore[arg-type]
        asked.append(found)
        return found

    monkeypatch.setattr(type(document), "loadResource", watched)
    # Even a document that does name a picture gets nothing: the builder never makes one.
    QTextCursor(document).insertHtml('<img src="file:///etc/passwd"><p>x</p>')
    view.set_width(400)
    view.grab()
    assert all(found is None for found in asked)
    assert document.resource(2, QUrl("file:///etc/passwd")) is None
    assert view.loadResource(2, QUrl("file:///etc/passwd")) is None


def test_links_are_told_and_not_opened(qtbot: object) -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    told: list[str] = []
    view.link_activated.connect(told.append)
    view.anchorClicked.emit(QUrl("https://example.org/x"))
    view.anchorClicked.emit(QUrl("file:///etc/passwd"))
    assert told == ["https://example.org/x"]
    assert not view.openLinks()
    assert not view.openExternalLinks()


def selected(view: MarkdownView) -> str:
    view.selectAll()
    return view.createMimeDataFromSelection().text()


def test_copying_across_a_code_block_writes_the_fence() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_markdown('before\n\n~~~rust\nlet s = "```";\n~~~\n\nafter')
    assert selected(view) == 'before\n\n````rust\nlet s = "```";\n````\n\nafter'


def test_copying_writes_list_marks_tables_and_rules() -> None:
    source = "- a\n- b\n\n7. c\n8. d\n\n| x | y |\n| --- | ---: |\n| 1 | a\\|b |\n\n---\n\nend"
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_markdown(source)
    assert selected(view) == source.replace("- b\n\n7.", "- b\n7.")


def test_copying_a_part_cuts_at_emoji_borders() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_markdown("a\U0001f600b **c**")
    cursor = view.textCursor()
    cursor.setPosition(1)
    cursor.setPosition(5, QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    assert view.createMimeDataFromSelection().text() == "\U0001f600b "


def test_copied_selection_carries_no_markup() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_markdown("**bold** [x](https://example.org)")
    view.selectAll()
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    data = QApplication.clipboard().mimeData()
    assert data.text() == "bold x"
    assert not data.hasHtml()
    assert not view.createMimeDataFromSelection().hasHtml()


_ENDS_WITH_A_SELECTION = """
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from ui.chat.chat_page import ChatPage
from ui.chat.header import ChatHeader
from ui.chat.status_line import StatusLine
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown_view import MarkdownView
from ui.theme.theme import Theme
application = QApplication([])
theme = Theme()
page = ChatPage(theme, ChatHeader(theme), StatusLine(theme))
view = MarkdownView(theme, MarkdownParser())
view.set_markdown("words")
view.selectAll()
application.clipboard().setMimeData(view.createMimeDataFromSelection())
QTimer.singleShot(0, application.quit)
application.exec()
assert application.clipboard().text() == "words"
"""


def test_the_program_ends_well_with_its_selection_on_the_clipboard() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _ENDS_WITH_A_SELECTION],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_highlighting_counts_as_the_document_does() -> None:
    code = 's = "\U0001f600"  # after\ndef f(): pass'
    worker = Highlighter(Theme().colors, "python", code)
    lines = dict(worker.advance(5.0))
    assert worker.finished
    comment = lines[0][-1]
    assert (comment.start, comment.length) == (10, 7)
    assert lines[1][0].start == 0


def test_highlighting_goes_in_slices_and_gives_up_on_long_lines() -> None:
    worker = Highlighter(Theme().colors, "python", "x = 1  # c\n" * 3000)
    first = worker.advance(0.001)
    assert not worker.finished
    assert len(first) < 3000
    while not worker.finished:
        worker.advance(0.01)
    assert Highlighter(Theme().colors, "python", "1 " * 5000).advance(5.0) == []
    assert Highlighter(Theme().colors, "python", "1 " * 100).advance(5.0) != []
    assert Highlighter(Theme().colors, "no-such-language", "x = 1").advance(0.01) == []
