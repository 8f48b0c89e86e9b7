"""Search over titles, messages, reasoning and files: found, ranked, filtered, kept up to date."""

import time
from dataclasses import replace
from unittest.mock import patch

import apsw
import pytest

from app.attachments.entities import Attachment, Kind
from app.attachments.store import AttachmentStore
from app.backups.mending import mend_history
from app.history import looking, search_index
from app.history.entities import (
    AttachedText,
    AttachedWay,
    Conversation,
    Message,
    MessageState,
    Role,
)
from app.history.finding import Finder
from app.history.found import Filters, HitKind
from app.history.organising import Organiser
from app.history.repository import History
from app.history.schema import history_migrations
from app.ids import new_id
from app.storage.errors import StorageError
from app.storage.opening import open_database
from app.storage.salvage import salvage
from tests.unit.history.conftest import DETAILS

DAY = 24 * 60 * 60 * 1000


@pytest.fixture
def finder(kept):
    made = Finder(kept.database, kept.posted.post)
    yield made
    made.close()


def titles(finder, text, **filters):
    found = finder.find(text, filters=Filters(**filters))
    return [each.title.text for each in found.conversations]


def hits(finder, text, **filters):
    found = finder.find(text, filters=Filters(**filters))
    return [
        (hit.kind, [hit.snippet.text[start:end] for start, end in hit.snippet.places])
        for each in found.conversations
        for hit in each.hits
    ]


def answer(kept, conversation, text, reasoning="", model=DETAILS.model_key):
    """One question "?" and its answer."""
    details = replace_model(model)
    user = Message(new_id(), conversation.id, None, Role.USER, "?")
    pending = Message(
        new_id(), conversation.id, user.id, Role.ASSISTANT, "", state=MessageState.STREAMING,
        details=details,
    )  # fmt: skip
    kept.wait(kept.history.begin_turn, conversation, user, pending)
    return kept.wait(
        kept.history.finish_answer, pending.id, text, reasoning, MessageState.COMPLETE, details
    )


def replace_model(model):
    return type(DETAILS)(model_key=model, model_name="Model")


def test_every_place_is_searched_and_named(kept, finder):
    titled = kept.chat("The zebra of the title", "Nothing here?")
    text = answer(kept, Conversation(new_id(), "Text"), "A zebra ran.")
    thought = answer(kept, Conversation(new_id(), "Thought"), "It ran.", "Was it a zebra?")
    carrying = carry(kept, "File", "stripes.txt", "All about the zebra, page by page.")
    found = finder.find("zebra ")
    by_title = {each.title.text: each for each in found.conversations}
    assert set(by_title) == {"The zebra of the title", "Text", "Thought", "File"}
    (hit,) = by_title["Text"].hits
    assert (hit.kind, hit.message_id, hit.role) == (HitKind.TEXT, text.id, Role.ASSISTANT)
    (hit,) = by_title["Thought"].hits
    assert (hit.kind, hit.message_id) == (HitKind.REASONING, thought.id)
    assert hit.snippet.text == "Was it a zebra?"
    (hit,) = by_title["File"].hits
    assert (hit.kind, hit.message_id, hit.name) == (HitKind.ATTACHMENT, carrying.id, "stripes.txt")
    (hit,) = by_title["The zebra of the title"].hits
    assert (hit.kind, hit.message_id, hit.conversation_id) == (HitKind.TITLE, None, titled.id)
    assert by_title["The zebra of the title"].title.places == ((4, 9),)
    assert (found.is_complete, found.waiting) == (True, 0)
    assert [kind for kind, _places in hits(finder, "stripes.txt ")] == [HitKind.ATTACHMENT]


def test_a_picture_is_found_by_its_name_and_not_by_its_bytes(kept, finder):
    carry(kept, "Picture", "harbour.png", "data:image/png;base64,zebra", Kind.IMAGE)
    assert hits(finder, "zebra ") == []
    (chat,) = finder.find("harbour ", filters=Filters()).conversations
    assert [(hit.kind, hit.snippet.text) for hit in chat.hits] == [
        (HitKind.ATTACHMENT, "harbour.png")
    ]


def carry(kept, title, name, text, kind=Kind.TEXT):
    attachment = Attachment(new_id(), name, kind, len(text), "0" * 64, text)
    kept.wait(AttachmentStore(kept.database).keep, attachment)
    carried = AttachedText(
        attachment.id, name, "text", len(text), "0" * 64, AttachedWay.WHOLE, "", text
    )
    chat = Conversation(new_id(), title)
    user = Message(new_id(), chat.id, None, Role.USER, "See.", attachments=(carried,))
    pending = Message(new_id(), chat.id, user.id, Role.ASSISTANT, "", state=MessageState.STREAMING)
    kept.wait(kept.history.begin_turn, chat, user, pending)
    return user


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("paris ", True), ("PARIS ", True), ("par", True), ("pa", False), ("paris lyon ", True),
        ("paris berlin ", False), ('"to lyon"', True), ('"lyon to"', False), ("par* ", True),
        ("paris -lyon", False), ("paris -berlin", True), ("cafe ", True), ("café ", True),
        ("strasse ", True), ("straße ", True), ("北京", True), ("京大", True), ("学", True),
        ("大京", False), ("猫", True), ("max_tokens ", True), ("tokens ", True),
        ('"max tokens"', True), ("httprequest", True), ("request ", True), ("хлеб", True),
        ("ёлка ", True), ("елка ", True), ("हिन्दी ", True), ("100 ", True), ("nul ", True),
        ("한국", True),
    ],
)  # fmt: skip
def test_any_language_and_code(kept, finder, text, found):
    kept.chat(
        "Chat",
        "From Paris to Lyon: un Café in der Straße, 北京大学 小猫 한국어 max_tokens=100"
        " HttpRequestParser Хлеб Ёлка हिन्दी after\0nul",
    )
    assert bool(titles(finder, text)) == found


HOSTILE = [
    "", " ", '"', '""""', "*", "-", "-a", "AND", "a AND", "NEAR(", "a:b", "{x}:y", "^", "\0",
    "\ud800",
    "'; DROP TABLE messages; --", "%", "\\", "\U0010ffff", "a\0b", "((((((", "🙂",
]  # fmt: skip


def test_no_query_is_refused_and_none_hangs(kept, finder):
    kept.chat("Chat", "x AND y NEAR z: a b c")
    for text in [
        *HOSTILE,
        *(each * 100_000 for each in ('"', "a ", "a", "北", "-b ", "(", "e\u0301")),
    ]:
        began = time.monotonic()
        finder.find(text)
        assert time.monotonic() - began < 10


def test_the_better_one_comes_first_and_then_the_newer_one(kept, finder):
    kept.chat("Old", "apple pie with apple and more apple")
    kept.chat("Long", "apple " + "and many other words " * 60)
    kept.chat("Same, older", "one apple here")
    kept.chat("Same, newer", "one apple here")
    order = titles(finder, "apple ")
    assert order.index("Long") == 3
    assert order.index("Same, newer") < order.index("Same, older")
    # The rarer word counts more.
    for number in range(30):
        kept.chat(f"Filler {number}", "common common")
    kept.chat("Both, rare often", "common rare rare rare")
    kept.chat("Both, common often", "common common common rare")
    assert titles(finder, "common rare ")[0] == "Both, rare often"


def test_hits_are_counted_and_the_best_three_shown(kept, finder):
    kept.chat("Chat", *[f"apple number {number}" for number in range(6)])
    (found,) = finder.find("apple ").conversations
    assert len(found.hits) == 3
    assert found.count == 12


def test_filters_narrow_what_is_found(kept, finder):
    organiser = Organiser(kept.database, kept.posted.post, lambda: kept.now)
    folder = kept.wait(organiser.create_folder, "Here")
    early = kept.chat("Early", "apple?")
    answer(kept, early, "An apple of yours.", model="yours")
    kept.now += 100 * DAY
    late = kept.chat("Late apple", "apple!")
    kept.wait(organiser.move, [late.id], folder.id)
    assert titles(finder, "apple ", folder_id=folder.id) == ["Late apple"]
    assert titles(finder, "apple ", folder_id="") == ["Early"]
    assert titles(finder, "apple ", folder_id="nothing") == []
    assert titles(finder, "apple ", since_ms=kept.now) == ["Late apple"]
    assert titles(finder, "apple ", until_ms=kept.now) == ["Early"]
    assert titles(finder, "apple ", since_ms=kept.now - 100 * DAY, until_ms=kept.now) == ["Early"]
    assert titles(finder, "apple ", since_ms=-(2**70), until_ms=2**70) == ["Late apple", "Early"]
    assert titles(finder, "apple ", models=("yours",)) == ["Early"]
    assert titles(finder, "apple ", models=("nobody's",)) == []
    assert set(titles(finder, "apple ", models=("yours", DETAILS.model_key))) == {
        "Early", "Late apple",
    }  # fmt: skip
    roles = finder.find("apple ", filters=Filters(role=Role.ASSISTANT))
    assert {hit.role for each in roles.conversations for hit in each.hits} == {Role.ASSISTANT}
    assert {kind for kind, _places in hits(finder, "apple ", role=Role.USER)} == {HitKind.TEXT}
    kept.wait(lambda **end: organiser.delete_folder(folder.id, **end, with_conversations=False))
    assert titles(finder, "apple ", folder_id=folder.id) == []
    assert titles(finder, "apple ", folder_id="") == ["Late apple", "Early"]
    assert finder.find("apple ").conversations[0].folder_id is None


def test_what_is_written_changed_deleted_and_restored_is_followed(kept, finder):
    chat = kept.chat("Chat", "apple?")
    assert titles(finder, "apple ") == ["Chat"]
    user, reply = kept.history.messages(chat.id)
    kept.wait(kept.history.rename, chat.id, "Renamed")
    assert (titles(finder, "renamed "), titles(finder, "chat ")) == (["Renamed"], [])
    kept.wait(kept.history.trash_message, user.id)
    assert titles(finder, "apple ") == []
    kept.wait(kept.history.restore_message, user.id)
    assert titles(finder, "apple ") == ["Renamed"]
    kept.wait(kept.history.trash, [chat.id])
    assert titles(finder, "apple ") == titles(finder, "renamed ") == []
    kept.wait(kept.history.restore, [chat.id])
    kept.wait(
        kept.history.finish_answer, reply.id, "Now a pear.", "", MessageState.COMPLETE, DETAILS
    )
    assert (titles(finder, "pear "), hits(finder, "apple ")) == (
        ["Renamed"], [(HitKind.TEXT, ["apple"])],
    )  # fmt: skip


def test_an_answer_is_found_when_it_is_complete_or_cut_off(kept, finder):
    _chat, _user, pending = kept.turn(Conversation(new_id(), "Chat"), "Fruit?")
    kept.wait(kept.history.checkpoint, pending.id, "An apple and", "")
    assert titles(finder, "apple ") == []
    kept.history.mark_interrupted()
    assert titles(finder, "apple ") == ["Chat"]


def test_another_programs_messages_are_found(kept, finder):
    kept.chat("Ours", "apple")
    assert titles(finder, "apple ") == ["Ours"]
    other = open_database(kept.path, history_migrations(), None, lambda c: c(), exclusive=False)
    raw = "INSERT INTO conversations (id, title, system_prompt, model_key, created_ms, updated_ms,"
    other.writer.run(
        lambda c: c.execute(raw + " sequence) VALUES ('t', 'Theirs apple', '', '', 1, 1, 99)")
    )
    other.close()
    assert set(titles(finder, "apple ")) == {"Ours", "Theirs apple"}


def test_what_is_erased_is_gone_from_the_index_at_once(kept, finder):
    chat = kept.chat("Secret", "xylographisch")
    carry(kept, "File", "x.txt", "xylographisch")
    assert len(titles(finder, "xylographisch ")) == 2
    kept.ruin("DELETE FROM conversations")
    assert finder.find("xylographisch ").conversations == ()
    counts = [
        kept.database.read(lambda c, t=t: c.execute(f"SELECT count(*) FROM {t}").fetchone()[0])
        for t in search_index.TABLES
    ]
    # The other way of erasing is by the file's own rules, which take the attachment along.
    kept.wait(kept.history.create, replace(chat, leaf_id=None))
    assert counts[1] == 0


def test_a_history_of_before_is_indexed_in_the_background(kept, finder):
    chats = [kept.chat(f"Chat {number}", "apple?") for number in range(5)]
    assert finder.waiting == 5 + 5 * 2
    finder.catch_up()
    deadline = time.monotonic() + 20
    while finder.waiting and time.monotonic() < deadline:
        time.sleep(0.02)
    assert finder.waiting == 0
    assert len(titles(finder, "apple ")) == len(chats)


def test_a_change_while_its_text_was_read_is_not_lost(kept, finder):
    chat = kept.chat("Chat", "apple")
    reader = kept.database.reader
    batch = search_index._next_batch(reader)
    kept.wait(kept.history.rename, chat.id, "Renamed meanwhile")
    kept.database.writer.run(lambda connection: search_index.store(connection, batch))
    assert titles(finder, "renamed ") == ["Renamed meanwhile"]
    assert titles(finder, "chat ") == []


def test_a_damaged_index_is_made_anew(kept, finder):
    chat = kept.chat("Chat", "apple")
    assert titles(finder, "apple ") == ["Chat"]
    kept.wait(finder.rebuild)
    assert titles(finder, "apple ") == ["Chat"]
    finder.close()
    kept.database.close()
    for way in ("find", "search"):
        finder.close()
        damage_index(kept)
        finder = Finder(kept.database, kept.posted.post)
        if way == "search":
            heard = []
            finder.search("apple ", heard.append, heard.append)
            assert kept.posted.run_until(lambda heard=heard: bool(heard), 30)
            assert isinstance(heard[0], StorageError)
            # It was asked for, and comes before whatever is written now.
            kept.wait(kept.history.rename, chat.id, "Chat")
            raw_rows = kept.database.read(words_stored)
            assert raw_rows == 0
        assert titles(finder, "apple ") == ["Chat"]
        assert kept.database.read(words_stored) == 2
    finder.close()


def words_stored(connection):
    return connection.execute("SELECT count(*) FROM message_words").fetchone()[0]


def damage_index(kept):
    """Below the index itself, which is protected from what it is not told."""
    kept.database.close()
    raw = apsw.Connection(str(kept.path))
    raw.execute("UPDATE message_words_data SET block = x'00000000000000000000' WHERE id > 10")
    raw.close()
    kept.database = open_damaged(kept)
    kept.history = History(kept.database, lambda: kept.now)


def open_damaged(kept):
    """Past the check at a start, which would save everything into a new file."""
    with patch("app.storage.examination.is_sound", return_value=True):
        return open_database(kept.path, history_migrations(), None, kept.posted.post)


def test_the_newest_search_wins(kept, finder):
    for number in range(20):
        kept.chat(f"Chat {number}", "apple pear")
    heard = []
    for text in ("a", "ap", "app", "apple ", "pear "):
        finder.search(text, heard.append, heard.append)
    assert kept.posted.run_until(lambda: bool(heard), 30)
    kept.posted.run_until(lambda: False, 0.3)
    assert [found.text for found in heard] == ["pear "]
    finder.search("apple ", heard.append)
    finder.cancel()
    kept.posted.run_until(lambda: False, 0.3)
    assert len(heard) == 1


def test_too_many_are_told(kept, finder, monkeypatch):
    monkeypatch.setattr(looking, "MOST_MESSAGES", 4)
    for number in range(4):
        kept.chat(f"Chat {number}", "apple")
    found = finder.find("apple ")
    assert not found.is_complete
    # The newest ones.
    assert [each.title.text for each in found.conversations] == ["Chat 3", "Chat 2"]
    assert finder.find("apple ", limit=0).conversations == ()


def test_a_ruined_row_hides_no_other(kept, finder):
    kept.chat("Chat", "apple?", "apple!")
    kept.ruin("UPDATE messages SET text = CAST(x'6170706cff' AS TEXT) WHERE row = 1")
    kept.ruin("UPDATE messages SET details = '{bad', role = 'oracle' WHERE row = 2")
    kept.ruin("UPDATE messages SET created_ms = 9223372036854775807 WHERE row = 3")
    (found,) = finder.find("apple ").conversations
    assert found.count == 3


def test_what_was_saved_of_a_damaged_file_is_counted_once_and_found(kept, finder, tmp_path):
    kept.chat("Chat", "apple")
    finder.find("apple ")
    kept.wait(kept.history.rename, kept.chat("Other", "pear").id, "Not indexed")
    kept.database.close()
    target = tmp_path / "saved.sqlite3"
    saved = salvage(kept.path, target, history_migrations(), mend_history)
    assert (saved.saved_rows, saved.lost_rows) == (2 + 4, 0)
    # What is still to be indexed is nothing that anybody wrote, nor could be lost.
    assert not any(table.startswith("search_") for table in saved.saved)
    database = open_database(target, history_migrations(), None, kept.posted.post)
    again = Finder(database, kept.posted.post)
    try:
        assert titles(again, "apple ") == ["Chat"]
        assert titles(again, "indexed ") == ["Not indexed"]
        assert again.waiting == 0
    finally:
        again.close()
        database.close()
