"""What is said about a prompt, and the sheet that shows it, as plain text."""

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from app.chat.seen import Differs
from ui.context.prompt_sheet import MOST_SHOWN, PromptSheet
from ui.context.words import differs_words
from ui.theme.theme import Theme


@pytest.fixture
def sheet(qapp: QApplication):
    page = QWidget()
    page.resize(1000, 700)
    yield PromptSheet(Theme(), page)
    page.deleteLater()


@pytest.mark.parametrize("differs", Differs)
def test_every_difference_is_said_but_none(differs: Differs) -> None:
    words = differs_words(differs, 1234)
    assert bool(words) is (differs is not Differs.NOTHING)
    assert ("1,234" in words) is (differs is Differs.TOKENS)


def test_what_looks_like_html_is_shown_as_it_is(sheet: PromptSheet) -> None:
    sheet.begin("What the model saw", "Wait.")
    assert sheet.prompt == ""
    assert not sheet.copy.isEnabled()
    sheet.show_prompt("<b>x</b>\n# y", "12 tokens", [("Instructions", "3")], "")
    assert sheet.field.toPlainText() == "<b>x</b>\n# y"
    assert sheet.parts == "Instructions 3"
    assert sheet.remark.isHidden()


def test_of_a_huge_prompt_only_the_beginning_is_laid_out_and_all_of_it_copied(
    sheet: PromptSheet,
) -> None:
    text = "word " * (MOST_SHOWN // 5 + 100)
    copied: list[str] = []
    sheet.copy_requested.connect(copied.append)
    sheet.begin("What the model saw", "")
    sheet.show_prompt(text, "", [], "Perhaps.")
    assert len(sheet.field.toPlainText()) < MOST_SHOWN + 200
    assert not sheet.remark.isHidden()
    sheet.copy.click()
    assert copied == [text]
