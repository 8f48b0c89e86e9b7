"""The menu of a message has what one expects and nothing else; copying in three ways."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QTextDocument, QTextTable
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from tests.helpers import chat_samples, ui_stage
from tests.helpers.chat_samples import RICH, answer, answer_view, live, question
from ui.chat.chat_page import ChatPage
from ui.chat.code_view import CodeView
from ui.chat.document_view import DocumentView
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.plain_parser import PlainParser
from ui.chat.selection_html import markdown_as_html
from ui.chat.selection_markdown import messages_as_markdown
from ui.chat.selection_plain import markdown_as_plain
from ui.chat.table_view import TableView
from ui.chat.user_view import UserView

PARSER = MarkdownParser()
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![a](http://example.org/a.png)",
    "![a](file:///etc/passwd)",
    "[a](javascript:alert(1))",
    "[a](data:text/html,x)",
    '[a](https://example.org/"onclick="x)',
    "`</code><script>`",
    "```\n</pre><script>x</script>\n```",
    "| <script> |\n|---|\n| <iframe src=x> |",
    "$</p><script>$",
    "[a](<https://example.org/><script>>)",
    "\u202ertl<style>*{}</style>",
    "```\n\u202ertl\n```",
    "[a](smb://host/share) [b](vscode:x) [c](//host/x) [d](/etc/passwd)",
]


@pytest.fixture
def page(qapp: QApplication) -> Iterator[ChatPage]:
    made = chat_samples.page_of(qapp, [question(0), answer(0)])
    yield made
    ui_stage.strike(made)


def lines() -> list[str]:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return [action.text().split("\t")[0] for action in menu.actions() if action.text()]


def choose(words: str) -> None:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(each for each in menu.actions() if each.text().split("\t")[0] == words)
    action.trigger()
    menu.close()


def close_menu() -> None:
    menu = QApplication.activePopupWidget()
    assert menu is not None
    menu.close()
    ui_stage.settle()


def ask(widget: QWidget, place: QPoint, *, by_key: bool = False) -> None:
    reason = QContextMenuEvent.Reason.Keyboard if by_key else QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, place, widget.mapToGlobal(place))
    QApplication.sendEvent(widget, event)


def body_of(page: ChatPage) -> DocumentView:
    body = answer_view(page.transcript, 0).body
    assert body is not None
    return body


MESSAGE = ["Copy message as Markdown", "Copy as plain text", "Copy as rich text",
           "Select all in message", "Show as plain text", "Details", "What the model saw…",
           "Find…"]  # fmt: skip


def test_a_right_click_on_an_answer(page: ChatPage) -> None:
    ask(body_of(page).viewport(), QPoint(4, 4))
    assert lines() == MESSAGE
    close_menu()


def test_own_messages_have_no_form_to_copy(page: ChatPage) -> None:
    view = page.transcript.view("u0")
    assert isinstance(view, UserView)
    ask(view.text_view.viewport(), QPoint(4, 4))
    assert lines() == ["Copy message as Markdown", "Copy as plain text", "Select all in message",
                       "Find…"]  # fmt: skip
    close_menu()


def test_selected_words_come_first(page: ChatPage) -> None:
    body = body_of(page)
    body.selectAll()
    ask(body.viewport(), QPoint(4, 4))
    assert lines()[0] == "Copy selection"
    assert "Select all in message" not in lines()
    choose("Copy selection")
    assert QApplication.clipboard().text().startswith("Sorting\n\nUse sorted or")


def test_a_link_has_its_address(page: ChatPage) -> None:
    body = body_of(page)
    cursor = body.document().find("manual")
    cursor.setPosition(cursor.selectionStart() + 1)
    ask(body.viewport(), body.cursorRect(cursor).center())
    assert lines()[0] == "Copy address"
    choose("Copy address")
    assert QApplication.clipboard().text() == "https://example.org/sorting"


def test_code_and_tables_have_their_own_lines(page: ChatPage) -> None:
    view = answer_view(page.transcript, 0)
    saved: list[tuple[str, str]] = []
    page.save_requested.connect(lambda text, language: saved.append((text, language)))
    code = view.findChildren(CodeView)[0].text_view
    ask(code.viewport(), QPoint(4, 4))
    assert lines()[:2] == ["Copy code", "Save code…"]
    choose("Copy code")
    assert QApplication.clipboard().text() == "def sort(words):\n    return sorted(words)"
    ask(code.viewport(), QPoint(4, 4))
    choose("Save code…")
    assert saved == [("def sort(words):\n    return sorted(words)", "python")]
    table = view.findChildren(TableView)[0].text_view
    ask(table.viewport(), QPoint(4, 4))
    choose("Copy table as Markdown")
    assert QApplication.clipboard().text().startswith("| call | result |\n| --- | --- |")


def test_the_menu_key_and_the_dots_open_the_same_menu(page: ChatPage) -> None:
    page.transcript.enter_message(1)
    ask(body_of(page), QPoint(0, 0), by_key=True)
    assert lines() == MESSAGE
    close_menu()
    footer = answer_view(page.transcript, 0).footer
    footer._more.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(footer._more, Qt.Key.Key_Return)
    assert lines() == MESSAGE
    close_menu()
    page.transcript.setFocus()
    ask(page.transcript, QPoint(4, 4), by_key=True)
    assert "Copy message as Markdown" in lines()
    close_menu()


def test_an_answer_without_words_has_nothing_to_copy(page: ChatPage) -> None:
    page.transcript.append_message(live(1))
    ask(answer_view(page.transcript, 1), QPoint(4, 4))
    assert lines() == ["Find…"]
    close_menu()


def test_several_messages_are_copied_from_the_menu_too(page: ChatPage) -> None:
    page.transcript.chosen.select(0, 1)
    ask(body_of(page).viewport(), QPoint(4, 4))
    assert lines()[0] == "Copy 2 messages"
    choose("Copy 2 messages")
    assert QApplication.clipboard().text() == f"**You**\n\nA question?\n\n**Qwen3**\n\n{RICH}"


def test_find_and_select_all_from_the_menu(page: ChatPage) -> None:
    body = body_of(page)
    ask(body.viewport(), QPoint(4, 4))
    choose("Select all in message")
    assert body.is_all_selected
    ask(body.viewport(), QPoint(4, 4))
    choose("Find…")
    assert page.find_bar.isVisible()


def test_the_text_can_be_seen_as_plain_text_and_back(page: ChatPage) -> None:
    ask(body_of(page).viewport(), QPoint(4, 4))
    choose("Show as plain text")
    body = body_of(page)
    assert not body.findChildren(CodeView)
    written = body.toPlainText()
    for line in RICH.strip().split("\n"):
        assert line in written
    ask(body.viewport(), QPoint(4, 4))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert any(action.isChecked() for action in menu.actions())
    choose("Show as plain text")
    assert answer_view(page.transcript, 0).findChildren(CodeView)


def test_an_answer_shown_as_plain_text_goes_on_to_grow(page: ChatPage) -> None:
    transcript = page.transcript
    transcript.append_message(live(1))
    transcript.update_streaming("a1", "**One", "", 1, 0.1)
    ask(answer_view(transcript, 1), QPoint(4, 4))
    choose("Show as plain text")
    for piece in ("**\n\n", "```py", "\nx\n", "\n\n```\n\n- a", "\n- b"):
        transcript.update_streaming("a1", piece, "", 2, 0.2)
        chat_samples.render(transcript, 1)
    source = "**One**\n\n```py\nx\n\n\n```\n\n- a\n- b"
    transcript.finish_message(answer(1, source))
    body = answer_view(transcript, 1).body
    assert body is not None
    shown = body.toPlainText().replace("\u2028", "\n").split("\n")
    assert shown == [line for line in source.split("\n") if line]


@given(st.text(max_size=400))
def test_plain_blocks_hold_every_line_that_is_not_empty(source: str) -> None:
    blocks = PlainParser().blocks(source)
    shown = [line for block in blocks for line in block.tokens[1].content.split("\n")]
    assert shown == [line for line in source.split("\n") if line.strip()]


# --- copying -------------------------------------------------------------------------------


def test_copying_a_message_as_markdown_gives_its_source(qtbot: QtBot, page: ChatPage) -> None:
    @settings(max_examples=30, deadline=None,
              suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
    def run(source: str) -> None:
        page.transcript.set_messages([answer(0, source)])
        with qtbot.waitSignal(page.transcript.copy_requested) as told:
            page.transcript.message_actions.copy_markdown(page.transcript.items[0])
        assert told.args == [source]

    run()


def test_rich_text_reads_back_with_its_form(page: ChatPage) -> None:
    ask(body_of(page).viewport(), QPoint(4, 4))
    choose("Copy as rich text")
    data = QApplication.clipboard().mimeData()
    assert sorted(data.formats()) == ["text/html", "text/plain"]
    assert not Shiboken.createdByPython(data), "Qt would delete it after Python is gone"
    assert data.text().startswith("Sorting\n\nUse sorted or list.sort() to sort, in $O(n)$.")
    document = QTextDocument()
    document.setHtml(data.html())
    assert document.begin().blockFormat().headingLevel() == 1
    assert document.find("sorted").charFormat().fontWeight() > 500
    italic = document.find("to sort")
    assert italic.charFormat().fontItalic()
    assert document.find("list.sort").charFormat().fontFamilies() == ["monospace"]
    assert document.find("two").block().textList() is not None
    assert document.find("return sorted").charFormat().fontFamilies() == ["monospace"]
    assert document.find("manual").charFormat().anchorHref() == "https://example.org/sorting"
    tables = [each for each in document.rootFrame().childFrames() if isinstance(each, QTextTable)]
    assert [(each.rows(), each.columns()) for each in tables] == [(2, 2)]
    assert tables[0].cellAt(1, 1).firstCursorPosition().block().text() == "a list"


@pytest.mark.parametrize("source", HOSTILE)
def test_rich_text_runs_and_loads_nothing(source: str) -> None:
    html = markdown_as_html(source, PARSER)
    for word in ("<script", "<img", "<iframe", "<style"):
        assert word not in html
    for address in re.findall("href=.([^>]{0,8})", html):
        assert address.startswith(("http://", "https://", "mailto:"))
    assert '"onclick' not in html
    assert "\u202e" not in html

    class Watched(QTextDocument):
        def loadResource(self, kind: int, name: object) -> object:
            raise AssertionError(name)

    Watched().setHtml(html)


def test_numbers_of_a_list_and_sides_of_cells_are_kept() -> None:
    html = markdown_as_html("3. a\n4. b\n\n| x |\n|--:|\n| 1 |\n\nA[^1]\n\n[^1]: note", PARSER)
    assert '<ol start="3">' in html
    assert '<td align="right">1</td>' in html
    assert "<sup>1</sup>" in html
    assert "[1]" in html


def test_plain_text_has_no_marks() -> None:
    assert markdown_as_plain(RICH, PARSER) == (
        "Sorting\n\nUse sorted or list.sort() to sort, in $O(n)$.\n\n- one\n- two\n\n"
        "def sort(words):\n    return sorted(words)\n\ncall\tresult\nsorted\ta list\n\n"
        "See the manual (https://example.org/sorting)."
    )


def test_plain_text_of_lists_in_lists_and_formulas() -> None:
    source = "2. a\n   - b\n   - c\n3. d\n\n$$\nx^2\n$$\n\n> quoted ~~words~~\n\n<https://a.org>"
    assert markdown_as_plain(source, PARSER) == (
        "2. a\n   - b\n   - c\n3. d\n\n$$x^2$$\n\nquoted words\n\nhttps://a.org"
    )


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ab *_`[]()#>-1.|\n$\\~!<&^:"), max_size=120))
def test_any_source_can_be_copied_in_every_way(source: str) -> None:
    document = QTextDocument()
    document.setHtml(markdown_as_html(source, PARSER))
    markdown_as_plain(source, PARSER)


def test_several_messages_stand_under_their_authors(page: ChatPage) -> None:
    page.transcript.set_messages([question(0), live(0), question(1, "B")])
    text = messages_as_markdown(page.transcript.items)
    assert text == "**You**\n\nA question?\n\n**You**\n\nB"
