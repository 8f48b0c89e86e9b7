"""Every scope means the conversations and messages that it says, in an order that never changes."""

import io

import pytest

from app.attachments.entities import Attachment, Kind
from app.attachments.given import whole
from app.attachments.store import AttachmentStore
from app.export.base import ExportOptions
from app.export.errors import ExportCancelled
from app.export.exports import Exports
from app.export.formats import Formats
from app.export.gathering import Gatherer, parents_first
from app.export.peeking import Peek
from app.export.scope import (
    Everything,
    InFolder,
    OneBranch,
    Scope,
    SearchResult,
    SomeConversations,
    SomeMessages,
    one_conversation,
)
from app.export.scope_search import scope_ids
from app.export.wishes import fitting, wants_tree
from app.history.entities import Conversation, Message, Role
from app.history.errors import HistoryError
from app.history.found import Filters
from app.history.organising import Organiser
from app.history.search_index import waiting
from app.ids import new_id
from app.storage.questions import reading
from tests.unit.history.conftest import Kept


def ids_of(kept: Kept, scope: Scope) -> list[str]:
    return scope_ids(kept.database.reader, kept.database.writer, scope)


def gathered(kept: Kept, scope: Scope, conversation_id: str, *, whole_tree: bool = False):
    gatherer = Gatherer(kept.database.reader, whole_tree=whole_tree)
    return reading(kept.database.reader, lambda _c: gatherer.gather(conversation_id, scope))


def test_each_scope_means_what_it_says(kept):
    organiser = Organiser(kept.database, kept.posted.post)
    one, two, three, gone = (kept.chat(title, "An apple?") for title in ("One", "Two", "3", "4"))
    folder = kept.wait(organiser.create_folder, "Work")
    kept.wait(organiser.move, [two.id], folder.id)
    kept.wait(organiser.delete_conversations, [gone.id])
    assert ids_of(kept, Everything()) == sorted([one.id, two.id, three.id])
    assert ids_of(kept, InFolder(folder.id)) == [two.id]
    assert ids_of(kept, InFolder("")) == sorted([one.id, three.id])
    assert ids_of(kept, one_conversation(one.id)) == [one.id]
    # Asked for by its id, one in the trash is given too.
    assert ids_of(kept, SomeConversations((gone.id, one.id, gone.id))) == sorted([one.id, gone.id])
    with pytest.raises(HistoryError):
        ids_of(kept, InFolder("nothing"))
    kept.wait(lambda done, failed: organiser.delete_folder(
        folder.id, done, failed, with_conversations=False
    ))  # fmt: skip
    assert ids_of(kept, InFolder("")) == sorted([one.id, two.id, three.id])


def test_a_search_is_given_up_while_texts_wait_for_the_index(kept):
    kept.chat("Fruit", "An apple?")
    writer, scope = kept.database.writer, SearchResult("apple")
    with pytest.raises(ExportCancelled):
        scope_ids(kept.database.reader, writer, scope, lambda: True)
    assert waiting(kept.database.reader) > 0


def test_a_search_means_everything_that_is_found(kept):
    organiser = Organiser(kept.database, kept.posted.post)
    fruit = kept.chat("Fruit", "Is an apple red?")
    title = kept.chat("Apple trees", "How high?")
    other = kept.chat("Nothing", "What?")
    trashed = kept.chat("Apple gone", "Apple?")
    folder = kept.wait(organiser.create_folder, "Work")
    kept.wait(organiser.move, [fruit.id], folder.id)
    kept.wait(organiser.delete_conversations, [trashed.id])
    assert ids_of(kept, SearchResult("apple ")) == sorted([fruit.id, title.id])
    assert ids_of(kept, SearchResult("apple ", Filters(folder_id=folder.id))) == [fruit.id]
    assert ids_of(kept, SearchResult("apple ", Filters(role=Role.USER))) == [fruit.id]
    assert ids_of(kept, SearchResult("apple -red ")) == [title.id]
    assert ids_of(kept, SearchResult("  ")) == []
    # A message in the trash is not found either.
    kept.wait(kept.history.trash_message, kept.history.branch(other.id)[0].id)
    assert ids_of(kept, SearchResult("what ")) == []


def test_a_file_of_a_message_in_the_trash_is_not_found(kept):
    store = AttachmentStore(kept.database)
    file = Attachment(new_id(), "a.txt", Kind.TEXT, 9, "ab" * 32, "Secret plums.", (), kept.now)
    kept.wait(store.keep, file)
    chat = Conversation(new_id(), "Fruit")
    question = Message(
        new_id(), chat.id, None, Role.USER, "Which?", attachments=(whole(file),)
    )  # fmt: skip
    answer = Message(new_id(), chat.id, question.id, Role.ASSISTANT, "Those.")
    kept.wait(kept.history.begin_turn, chat, question, answer)
    assert ids_of(kept, SearchResult("plums ")) == [chat.id]
    given = gathered(kept, one_conversation(chat.id), chat.id)
    assert given.file is not None
    assert given.file(file.id).text == "Secret plums."
    kept.wait(kept.history.trash_message, question.id)
    assert ids_of(kept, SearchResult("plums ")) == []


def test_a_search_means_more_than_a_list_shows(kept):
    chats = {kept.chat(f"Pear {number}").id for number in range(45)}
    assert set(ids_of(kept, SearchResult("pear "))) == chats


def tree(kept: Kept) -> tuple[Conversation, list[Message]]:
    """Q1 → A1 → Q2 → A2, and A1' beside A1, which is shown."""
    conversation, q1, a1 = kept.turn(Conversation(new_id(), "T"), "Q1", "A1")
    conversation, q2, a2 = kept.turn(conversation, "Q2", "A2", a1.id)
    conversation, _none, other = kept.turn(conversation, None, "A1'", q1.id)
    return conversation, [q1, a1, q2, a2, other]


def test_a_conversation_is_what_is_shown_or_the_whole_tree(kept):
    conversation, (q1, a1, q2, a2, other) = tree(kept)
    organiser = Organiser(kept.database, kept.posted.post)
    folder = kept.wait(organiser.create_folder, "Work")
    kept.wait(organiser.move, [conversation.id], folder.id)
    kept.wait(organiser.pin, [conversation.id], True)
    shown = gathered(kept, one_conversation(conversation.id), conversation.id)
    assert [each.text for each in shown.messages] == ["Q1", "A1'"]
    assert shown.branch == (q1.id, other.id)
    assert shown.folder is not None
    assert (shown.folder.name, shown.pinned) == ("Work", True)
    whole = gathered(kept, Everything(), conversation.id, whole_tree=True)
    assert [each.id for each in whole.messages] == [q1.id, a1.id, q2.id, a2.id, other.id]
    assert whole.branch == (q1.id, other.id)
    assert whole.conversation.leaf_id == other.id
    assert whole.shown[other.id] > whole.shown[a2.id]
    assert q1.id not in whole.shown


def test_a_branch_is_the_one_that_was_chosen(kept):
    conversation, (q1, a1, q2, a2, _other) = tree(kept)
    given = gathered(kept, OneBranch(conversation.id, a2.id), conversation.id)
    assert given.branch == tuple(each.id for each in (q1, a1, q2, a2))
    assert [each.id for each in given.messages] == list(given.branch)
    assert given.conversation.leaf_id == a2.id
    kept.wait(kept.history.trash_message, q2.id)
    for leaf in (a2.id, "nothing"):
        with pytest.raises(HistoryError):
            gathered(kept, OneBranch(conversation.id, leaf), conversation.id)


def test_a_part_of_a_conversation_has_no_other_branches(kept):
    conversation, (_q1, a1, _q2, a2, other) = tree(kept)
    exports = Exports(kept.database, kept.posted.post)
    everywhere = ExportOptions(branches=True)

    def written(scope: Scope, name: str) -> str:
        stream = io.BytesIO()
        exports.stream(scope, name, everywhere, stream)
        heard: list[Peek] = []
        exports.peek(scope, name, everywhere, None, heard.append, lambda _error: None)
        assert kept.posted.run_until(lambda: bool(heard), 20)
        assert heard[0].data == stream.getvalue()
        return stream.getvalue().decode()

    try:
        for name in ("md", "txt", "json", "jsonl"):
            assert "A1'" in written(one_conversation(conversation.id), name)
            assert "A1'" not in written(OneBranch(conversation.id, a2.id), name)
            assert "A1'" not in written(SomeMessages(conversation.id, (a2.id,)), name)
        both = written(SomeMessages(conversation.id, (a1.id, other.id)), "md")
        assert "A1'" in both
        assert "version 1 of 2" not in both
    finally:
        exports.close()
    part = OneBranch(conversation.id, a2.id)
    assert not wants_tree(part, Formats().get("md"), everywhere)
    assert fitting(part, everywhere) == ExportOptions()
    assert fitting(Everything(), everywhere) is everywhere


def test_chosen_messages_hang_together(kept):
    conversation, (q1, _a1, q2, a2, other) = tree(kept)
    given = gathered(kept, SomeMessages(conversation.id, (a2.id, q1.id)), conversation.id)
    assert [(each.id, each.parent_id) for each in given.messages] == [
        (q1.id, None), (a2.id, q1.id),
    ]  # fmt: skip
    assert given.conversation.leaf_id == a2.id
    (alone,) = gathered(kept, SomeMessages(conversation.id, (q2.id,)), conversation.id).messages
    assert (alone.id, alone.parent_id) == (q2.id, None)
    with pytest.raises(HistoryError):
        gathered(kept, SomeMessages(conversation.id, (other.id, "nothing")), conversation.id)


def test_what_lies_in_the_trash_is_left_out_and_its_children_are_not(kept):
    conversation, (q1, a1, q2, a2, _other) = tree(kept)
    kept.wait(kept.history.switch, a2.id)
    kept.wait(lambda done, failed: kept.history.trash_message(a1.id, done, failed, alone=True))
    whole = gathered(kept, Everything(), conversation.id, whole_tree=True)
    assert a1.id not in {each.id for each in whole.messages}
    assert {each.id: each.parent_id for each in whole.messages}[q2.id] == q1.id


def test_an_empty_conversation_is_given_too(kept):
    conversation = kept.chat("Empty")
    given = gathered(kept, Everything(), conversation.id)
    assert (given.messages, given.branch, given.conversation.leaf_id) == ((), (), None)


def test_a_tree_out_of_order_is_given_in_order(kept):
    conversation, (q1, a1, *_others) = tree(kept)
    kept.ruin("UPDATE messages SET sequence = 99 WHERE id = ?", q1.id)
    whole_tree = gathered(kept, Everything(), conversation.id, whole_tree=True)
    ids = [each.id for each in whole_tree.messages]
    assert ids.index(q1.id) < ids.index(a1.id)


def test_parents_come_first_whatever_the_disk_did():
    def message(name: str, parent: str | None) -> Message:
        return Message(name, "c", parent, Role.USER, name)

    late = [message("b", "a"), message("c", "b"), message("a", None), message("x", "gone")]
    assert [each.id for each in parents_first(late)] == ["a", "b", "c", "x"]
    circle = [message("a", "b"), message("b", "a"), message("c", "c")]
    assert sorted(each.id for each in parents_first(circle)) == ["a", "b", "c"]
