"""The sidebar's rows: headings, folders, pins, order, and changing row by row; no window."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication

from app.history.organised import Folder, Listed, Sort
from ui.item_models.conversation_list_model import (
    DOT_ROLE,
    ID_ROLE,
    IS_HEADING_ROLE,
    ROW_ROLE,
    ConversationListModel,
)

TODAY = date(2026, 3, 18)


def chat(
    number: int, days_ago: int = 0, title: str = "", folder: str | None = None, pinned: bool = False
) -> Listed:
    moment = datetime.combine(TODAY, datetime.min.time()) + timedelta(hours=12)
    moment -= timedelta(days=days_ago)
    moment_ms = round(moment.timestamp() * 1000)
    return Listed(
        id=f"c{number}", title=title or f"Chat {number}", folder_id=folder, pinned=pinned,
        model_key="", created_ms=moment_ms, updated_ms=moment_ms, sequence=100 - number,
    )  # fmt: skip


def folder(name: str) -> Folder:
    return Folder(name, name, created_ms=0, count=0)


def show(
    model: ConversationListModel,
    chats: Sequence[Listed],
    folders: Sequence[Folder] = (),
    sort: Sort = Sort.RECENT,
) -> None:
    model.set_chats(chats, folders, sort, TODAY)


def shown(model: ConversationListModel) -> list[str]:
    return [str(model.index(row).data()) for row in range(model.rowCount())]


@pytest.fixture
def model(qapp: QApplication) -> ConversationListModel:
    return ConversationListModel()


def test_headings_follow_the_calendar(model: ConversationListModel) -> None:
    days = (0, 1, 2, 6, 7, 40, 400)
    show(model, [chat(n, ago) for n, ago in enumerate(days)])
    assert shown(model) == [
        "Today", "Chat 0",
        "Yesterday", "Chat 1",
        "Last 7 days", "Chat 2", "Chat 3",
        "March", "Chat 4",
        "February", "Chat 5",
        "February 2025", "Chat 6",
    ]  # fmt: skip


def test_headings_cannot_be_selected(model: ConversationListModel) -> None:
    show(model, [chat(0)])
    assert model.index(0).data(IS_HEADING_ROLE)
    assert model.flags(model.index(0)) == Qt.ItemFlag.NoItemFlags
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsSelectable


def test_a_clock_set_back_mixes_no_headings(model: ConversationListModel) -> None:
    show(model, [chat(0, 3), chat(1, 0), chat(2, 1)])
    assert shown(model) == ["Last 7 days", "Chat 0", "Chat 1", "Chat 2"]


def test_a_chat_without_a_title_is_a_new_chat(model: ConversationListModel) -> None:
    show(model, [replace(chat(0), title="")])
    assert shown(model) == ["Today", "New chat"]


def test_moving_to_the_top_keeps_rows_and_their_indexes(
    model: ConversationListModel, qtmodeltester: object
) -> None:
    chats = [chat(n) for n in range(6)]
    show(model, chats)
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    last = QPersistentModelIndex(model.index_of("c5"))
    show(model, [replace(chats[5], sequence=999, title="Up"), *chats[:5]])
    assert shown(model)[:3] == ["Today", "Up", "Chat 0"]
    assert (last.row(), last.data(ID_ROLE)) == (1, "c5")
    assert resets == []
    qtmodeltester.check(model)  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(30))
def test_any_change_ends_in_the_right_rows(model: ConversationListModel, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(8):
        folders = [folder(name) for name in ("f1", "f2", "f3") if chance.random() < 0.6]
        numbers = chance.sample(range(120), chance.randrange(100))
        chats = [
            replace(
                chat(number, chance.randrange(60)),
                folder_id=chance.choice([None, None, "f1", "f2"]),
                pinned=chance.random() < 0.1,
            )
            for number in numbers
        ]
        folded = {name for name in ("f1", "f2") if chance.random() < 0.3}
        model.set_folded(folded)
        show(model, chats, folders, chance.choice(list(Sort)))
        fresh = ConversationListModel()
        fresh.set_folded(folded)
        show(fresh, chats, folders, model.order)
        assert shown(model) == shown(fresh)
        for row in range(model.rowCount()):
            chat_id = model.index(row).data(ID_ROLE)
            assert not chat_id or model.index_of(chat_id).row() == row


def test_pinned_ones_and_folders_stand_above_the_days(model: ConversationListModel) -> None:
    chats = [
        chat(0), chat(1, pinned=True), chat(2, folder="Kitchen"), chat(3, 1),
        chat(4, folder="gone"), chat(5, folder="Kitchen", pinned=True),
    ]  # fmt: skip
    show(model, chats, [folder("Empty"), folder("Kitchen")])
    assert shown(model) == [
        "Pinned", "Chat 1", "Chat 5",
        "Folders", "Empty", "Kitchen", "Chat 2",
        "Today", "Chat 0", "Yesterday", "Chat 3", "Chat 4",
    ]  # fmt: skip
    row = model.row_at(model.index_of_folder("Kitchen"))
    assert row is not None
    assert (row.count, row.is_open) == (1, True)


def test_a_closed_folder_keeps_its_chats_to_itself(model: ConversationListModel) -> None:
    show(model, [chat(0, folder="f"), chat(1)], [folder("f")])
    closed: list[list[str]] = []
    model.folded_changed.connect(closed.append)
    model.toggle_folder("f")
    assert shown(model) == ["Folders", "f", "Today", "Chat 1"]
    assert model.index_of("c0") == QModelIndex()
    assert model.chat("c0") is not None
    spoken = model.index_of_folder("f").data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Folder f, closed, 1 chats"
    model.toggle_folder("f")
    assert shown(model) == ["Folders", "f", "Chat 0", "Today", "Chat 1"]
    assert closed == [["f"], []]


def test_what_is_folded_forgets_folders_that_are_gone(model: ConversationListModel) -> None:
    model.set_folded(["gone", "f"])
    show(model, [], [folder("f"), folder("g")])
    closed: list[list[str]] = []
    model.folded_changed.connect(closed.append)
    model.toggle_folder("g")
    assert closed == [["f", "g"]]


def test_the_first_heading_names_the_order(model: ConversationListModel) -> None:
    for sort, words in ((Sort.RECENT, "Latest first"), (Sort.TITLE, "By title")):
        show(model, [chat(0), chat(1, 1)], [], sort)
        rows = [model.index(row).data(ROW_ROLE) for row in range(model.rowCount())]
        assert [row.note for row in rows if row.note] == [words]
        assert rows[0].note == words


def test_by_title_there_is_one_heading(model: ConversationListModel) -> None:
    show(model, [chat(0, 40), chat(1), chat(2, 3)], [], Sort.TITLE)
    assert shown(model) == ["Chats", "Chat 0", "Chat 1", "Chat 2"]


def test_by_beginning_the_headings_follow_it(model: ConversationListModel) -> None:
    old_but_used = replace(chat(0, 40), updated_ms=chat(1).updated_ms)
    show(model, [old_but_used], [], Sort.CREATED)
    assert shown(model) == ["February", "Chat 0"]


@pytest.mark.parametrize("moment_ms", [-5, 0, 2**62])
def test_an_impossible_time_breaks_nothing(model: ConversationListModel, moment_ms: int) -> None:
    show(model, [replace(chat(0), updated_ms=moment_ms)])
    assert model.count == 1


def test_dots_change_only_their_rows(model: ConversationListModel) -> None:
    show(model, [chat(n) for n in range(4)])
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
    show(model, [chat(0)])
    asked: list[tuple[str, str]] = []
    model.rename_requested.connect(lambda *what: asked.append(what))
    index = model.index_of("c0")
    assert model.setData(index, "  Two\nwords ")
    assert not model.setData(index, "   ")
    assert model.setData(index, "Chat 0")
    assert asked == [("c0", "Two words")]
    assert index.data() == "Chat 0"


def test_a_folders_name_is_asked_for_too(model: ConversationListModel) -> None:
    show(model, [], [folder("f")])
    asked: list[tuple[str, str]] = []
    model.folder_rename_requested.connect(lambda *what: asked.append(what))
    model.rename_requested.connect(lambda *_what: asked.append(("wrong", "")))
    assert model.setData(model.index_of_folder("f"), " Kitchen ")
    assert asked == [("f", "Kitchen")]


def test_chats_are_dragged_and_folders_are_not(model: ConversationListModel) -> None:
    show(model, [chat(0)], [folder("f")])
    assert model.flags(model.index_of("c0")) & Qt.ItemFlag.ItemIsDragEnabled
    assert not model.flags(model.index_of_folder("f")) & Qt.ItemFlag.ItemIsDragEnabled


def test_many_changes_replace_all_rows_at_once(model: ConversationListModel) -> None:
    chats = [chat(number) for number in range(2000)]
    show(model, chats)
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    show(model, chats[:1000])
    show(model, chats[:1000][::-1])
    assert len(resets) == 2
    assert model.index_of("nowhere") == QModelIndex()


def test_one_new_answer_among_ten_thousand_is_quick(model: ConversationListModel) -> None:
    """It happens on the thread that draws."""
    chats = [chat(number, number // 50) for number in range(10_000)]
    show(model, chats)
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    begun = time.perf_counter()
    show(model, [replace(chats[9_000], updated_ms=chats[0].updated_ms), *chats[:9_000],
                 *chats[9_001:]])  # fmt: skip
    took = time.perf_counter() - begun
    assert shown(model)[:3] == ["Today", "Chat 9000", "Chat 0"]
    assert resets == []
    assert took < 0.75
