"""The list of chats that could be taken over, without any window."""

import time

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ui.imports.chats_list_model import CHOSEN_ROLE, ROW_ROLE, ImportedChatsListModel
from ui.imports.view import ChatRow, Standing, TroubleRow

ROWS = (
    ChatRow("1", "A recipe", "Today · 4 messages", Standing.NEW),
    ChatRow("2", "Lisbon in May", "Today · 9 messages", Standing.HERE),
    TroubleRow("chat 7", "It is no proper JSON."),
    ChatRow("3", "The parser", "Today · 8 messages", Standing.GROWN, "2 new messages"),
    ChatRow("4", "Lisbon in June", "Today · 2 messages", Standing.NEW),
    ChatRow("5", "Thrown away", "Today · 2 messages", Standing.IN_TRASH),
)


@pytest.fixture
def model(qtmodeltester: ModelTester) -> ImportedChatsListModel:
    made = ImportedChatsListModel()
    made.set_rows(ROWS)
    qtmodeltester.check(made)
    return made


def shown(model: ImportedChatsListModel) -> list[str]:
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def place(model: ImportedChatsListModel, title: str) -> QModelIndex:
    for number in range(model.rowCount()):
        row = model.index(number).data(ROW_ROLE)
        if isinstance(row, ChatRow) and row.title == title:
            return model.index(number)
    raise AssertionError(title)


def test_chats_stand_in_groups_with_what_adds_something_first(
    model: ImportedChatsListModel,
) -> None:
    assert [each.partition("  ·  ")[0] for each in shown(model)] == [
        "Here with fewer messages", "The parser",
        "New", "A recipe", "Lisbon in June",
        "Could not be read", "chat 7",
        "In the trash; they stay there", "Thrown away",
        "Here already; nothing is added", "Lisbon in May",
    ]  # fmt: skip
    heading = model.index(0)
    assert not heading.flags() & Qt.ItemFlag.ItemIsSelectable


def test_everything_that_adds_something_is_chosen_at_first(model: ImportedChatsListModel) -> None:
    assert sorted(model.chosen) == ["1", "3", "4"]
    assert model.chosen_count == model.choice_count == 3
    assert place(model, "Lisbon in May").data(Qt.ItemDataRole.CheckStateRole) is None
    assert place(model, "A recipe").data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked


def test_a_chat_is_left_out_and_taken_in_again(qtbot: QtBot, model: ImportedChatsListModel) -> None:
    index = place(model, "A recipe")
    with qtbot.waitSignal(model.chosen_changed):
        model.toggle(index)
    assert not index.data(CHOSEN_ROLE)
    assert sorted(model.chosen) == ["3", "4"]
    model.toggle(index)
    assert model.chosen_count == 3
    with qtbot.assertNotEmitted(model.chosen_changed, wait=0):
        model.toggle(place(model, "Lisbon in May"))
        model.toggle(model.index(0))


def test_words_narrow_the_list_and_all_means_what_is_shown(
    qtmodeltester: ModelTester, model: ImportedChatsListModel
) -> None:
    model.set_query("lisbon")
    qtmodeltester.check(model)
    assert model.rowCount() == 4
    model.choose_all(False)
    assert sorted(model.chosen) == ["1", "3"]
    model.set_query("")
    assert sorted(model.chosen) == ["1", "3"], "what is chosen does not depend on the words"
    model.choose_all(True)
    assert model.chosen_count == 3


def test_ten_thousand_chats_are_no_work() -> None:
    model = ImportedChatsListModel()
    rows = [ChatRow(str(n), f"Chat {n}", "Today", Standing.NEW) for n in range(10_000)]
    begin = time.perf_counter()
    model.set_rows(rows)
    model.set_query("99")
    model.set_query("")
    for number in range(0, 10_000, 100):
        model.toggle(model.index(number + 1))
        assert model.chosen_count == 9_999 - number // 100
    assert time.perf_counter() - begin < 5
