"""The sidebar's rows: headings, order, filter, and changing row by row."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication

from app.history.entities import Conversation
from ui.item_models.conversation_list_model import (
    DOT_ROLE,
    ID_ROLE,
    IS_HEADING_ROLE,
    ConversationListModel,
)

TODAY = date(2026, 3, 18)


def chat(number: int, days_ago: int = 0, title: str = "") -> Conversation:
    moment = datetime.combine(TODAY, datetime.min.time()) + timedelta(hours=12)
    moment -= timedelta(days=days_ago)
    return Conversation(
        id=f"c{number}",
        title=title or f"Chat {number}",
        sequence=100 - number,
        updated_ms=round(moment.timestamp() * 1000),
    )


def shown(model: ConversationListModel) -> list[str]:
    return [str(model.index(row).data()) for row in range(model.rowCount())]


@pytest.fixture
def model(qapp: QApplication) -> ConversationListModel:
    return ConversationListModel()


def test_headings_follow_the_calendar(model: ConversationListModel) -> None:
    days = (0, 1, 2, 6, 7, 40, 400)
    model.set_conversations([chat(n, ago) for n, ago in enumerate(days)], TODAY)
    assert shown(model) == [
        "Today", "Chat 0",
        "Yesterday", "Chat 1",
        "Last 7 days", "Chat 2", "Chat 3",
        "March", "Chat 4",
        "February", "Chat 5",
        "February 2025", "Chat 6",
    ]  # fmt: skip


def test_headings_cannot_be_selected(model: ConversationListModel) -> None:
    model.set_conversations([chat(0)], TODAY)
    assert model.index(0).data(IS_HEADING_ROLE)
    assert model.flags(model.index(0)) == Qt.ItemFlag.NoItemFlags
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsSelectable


def test_a_clock_set_back_mixes_no_headings(model: ConversationListModel) -> None:
    model.set_conversations([chat(0, 3), chat(1, 0), chat(2, 1)], TODAY)
    assert shown(model) == ["Last 7 days", "Chat 0", "Chat 1", "Chat 2"]


def test_a_chat_without_a_title_is_a_new_chat(model: ConversationListModel) -> None:
    model.set_conversations([replace(chat(0), title="")], TODAY)
    assert shown(model) == ["Today", "New chat"]


def test_moving_to_the_top_keeps_rows_and_their_indexes(
    model: ConversationListModel, qtmodeltester: object
) -> None:
    chats = [chat(n) for n in range(6)]
    model.set_conversations(chats, TODAY)
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    last = QPersistentModelIndex(model.index_of("c5"))
    model.set_conversations([*chats[:5], replace(chats[5], sequence=999, title="Up")], TODAY)
    assert shown(model)[:3] == ["Today", "Up", "Chat 0"]
    assert (last.row(), last.data(ID_ROLE)) == (1, "c5")
    assert resets == []
    qtmodeltester.check(model)  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(20))
def test_any_change_ends_in_the_right_rows(model: ConversationListModel, seed: int) -> None:
    import random

    chance = random.Random(seed)
    for _ in range(8):
        numbers = chance.sample(range(30), chance.randrange(20))
        chats = [
            replace(chat(n, chance.randrange(60)), sequence=chance.randrange(10_000) * 100 + n)
            for n in numbers
        ]
        model.set_conversations(chats, TODAY)
        fresh = ConversationListModel()
        fresh.set_conversations(chats, TODAY)
        assert shown(model) == shown(fresh)


def test_filter_needs_every_word_in_any_case(model: ConversationListModel) -> None:
    model.set_conversations(
        [chat(0, title="Straße nach Köln"), chat(1, title="Köln"), chat(2, title="翻译邮件")], TODAY
    )
    model.set_filter("KÖLN strasse")
    assert shown(model) == ["Today", "Straße nach Köln"]
    model.set_filter("邮件")
    assert shown(model) == ["Today", "翻译邮件"]
    model.set_filter("")
    assert model.count == 3


def test_dots_change_only_their_rows(model: ConversationListModel) -> None:
    model.set_conversations([chat(n) for n in range(4)], TODAY)
    changed: list[int] = []
    model.dataChanged.connect(lambda top, _bottom, _roles: changed.append(top.row()))
    model.set_dots({"c2": "answering"})
    assert changed == [model.index_of("c2").row()]
    index = model.index_of("c2")
    assert index.data(DOT_ROLE) == "answering"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Chat 2, answering"
    model.set_dots({})
    assert index.data(DOT_ROLE) == ""


def test_an_edited_title_is_asked_for_not_shown(model: ConversationListModel) -> None:
    model.set_conversations([chat(0)], TODAY)
    asked: list[tuple[str, str]] = []
    model.rename_requested.connect(lambda *what: asked.append(what))
    index = model.index_of("c0")
    assert model.setData(index, "  Two\nwords ")
    assert not model.setData(index, "   ")
    assert model.setData(index, "Chat 0")
    assert asked == [("c0", "Two words")]
    assert index.data() == "Chat 0"


def test_many_chats_replace_each_other_at_once(model: ConversationListModel) -> None:
    model.set_conversations([chat(n) for n in range(2000)], TODAY)
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    model.set_filter("Chat 1999")
    assert shown(model) == ["Today", "Chat 1999"]
    assert len(resets) == 1
    assert model.index_of("nowhere") == QModelIndex()
