"""Taking over: twice, grown, overlapping, edited here meanwhile; nothing here is ever lost."""

import random
from dataclasses import replace

import apsw
import pytest

from app.history.entities import Message, MessageState, Role
from app.history.organising import Organiser
from app.history.repository import History
from app.imports.comparing import compare
from app.imports.entities import FoundConversation, FoundFile, FoundMessage
from app.imports.errors import ImportingError
from app.imports.foreign import ForeignChats
from app.imports.merging import Merging
from app.imports.report import Standing
from app.storage.connection import Connection
from app.storage.errors import StorageError
from app.storage.scratch import scratch_for_reading
from tests.helpers.foreign_chats import png
from tests.helpers.imported import import_found, import_json, staged, take
from tests.helpers.random_trees import ODD, Folder


@pytest.fixture
def folder(tmp_path):
    opened = Folder(tmp_path / "here")
    yield opened
    opened.close()


def found(*texts: str, number: int = 1, **more: object) -> FoundConversation:
    """A chat whose messages follow each other."""
    messages = tuple(
        FoundMessage(
            id=f"m{at}",
            parent=f"m{at - 1}" if at else None,
            role=Role.ASSISTANT if at % 2 else Role.USER,
            text=text,
            created_ms=1_600_000_000_000 + at,
            model="gpt-x" if at % 2 else "",
        )
        for at, text in enumerate(texts)
    )
    chat = FoundConversation(
        source="chatgpt",
        id=f"c{number}",
        title=f"Chat {number}",
        messages=messages,
        leaf=messages[-1].id,
        created_ms=1_600_000_000_000,
        updated_ms=1_600_000_000_000 + 10 * number,
    )
    return replace(chat, **more)  # type: ignore[arg-type]


def sql(folder: Folder, statement: str, *bindings: object) -> list[tuple[object, ...]]:
    def work(connection: Connection) -> list[tuple[object, ...]]:
        return connection.execute(statement, bindings).fetchall()  # type: ignore[arg-type]

    return folder.database.writer.run(work)


def only(folder: Folder):
    history = History(folder.database)
    (conversation,) = history.conversations()
    return conversation, history.branch(conversation.id)


def test_a_foreign_chat_is_here_as_it_was_there(folder):
    chat = found("Why?", "Because.", "So?", system_prompt="Be brief.", pinned=True, folder="Work")
    preview, taken = import_found(folder, [chat])
    (row,) = preview.rows
    assert (row.title, row.source, row.folder, row.messages) == ("Chat 1", "chatgpt", "Work", 3)
    assert (taken.added, taken.messages) == (1, 3)
    conversation, branch = only(folder)
    assert conversation.id == row.id
    assert conversation.system_prompt == "Be brief."
    assert (conversation.created_ms, conversation.updated_ms) == (
        1_600_000_000_000,
        1_600_000_000_010,
    )
    assert [(each.role, each.text) for each in branch] == [
        (Role.USER, "Why?"), (Role.ASSISTANT, "Because."), (Role.USER, "So?"),
    ]  # fmt: skip
    assert branch[1].details is not None
    assert branch[1].details.model_name == "gpt-x"
    assert [each.created_ms - 1_600_000_000_000 for each in branch] == [0, 1, 2]
    organiser = Organiser(folder.database, folder.posted.post)
    (listed,) = organiser.listed()
    assert listed.pinned
    assert [each.name for each in organiser.folders()] == ["Work"]


def test_a_second_import_adds_nothing(folder):
    chats = [found("a", "b", number=number, folder="F") for number in range(5)]
    import_found(folder, chats)
    before = folder.dump()
    preview, taken = import_found(folder, chats)
    assert {row.standing for row in preview.rows} == {Standing.HERE}
    assert (taken.added, taken.grown, taken.same, taken.messages) == (0, 0, 5, 0)
    assert folder.dump() == before


def test_a_longer_export_adds_only_what_is_new_and_shows_it(folder):
    import_found(folder, [found("a", "b")])
    _conversation, old = only(folder)
    preview, taken = import_found(folder, [found("a", "b", "c", "d", updated_ms=1_700_000_000_000)])
    (row,) = preview.rows
    assert (row.standing, row.messages, row.new_messages) == (Standing.GROWN, 4, 2)
    assert (taken.grown, taken.messages) == (1, 2)
    conversation, branch = only(folder)
    assert [each.text for each in branch] == ["a", "b", "c", "d"]
    assert branch[:2] == old
    assert conversation.updated_ms == 1_700_000_000_000


def test_what_was_edited_here_stays_edited(folder):
    import_found(folder, [found("a", "b")])
    conversation, branch = only(folder)
    sql(folder, "UPDATE messages SET text = 'mine' WHERE id = ?", branch[1].id)
    sql(folder, "UPDATE conversations SET title = 'My title', pinned = 1")
    own = Message("01900000-0000-7000-8000-000000000001", conversation.id, branch[1].id,
                  Role.USER, "my question")  # fmt: skip
    heard: list[object] = []
    History(folder.database).add(own, heard.append)
    folder.posted.run_until(lambda: bool(heard))
    before = folder.dump()
    preview, taken = import_found(folder, [found("a", "b", "c")])
    assert (preview.rows[0].new_messages, taken.messages) == (1, 1)
    conversation, branch = only(folder)
    # What is shown here is still shown; what came is a branch beside it.
    assert [each.text for each in branch] == ["a", "mine", "my question"]
    assert conversation.title == "My title"
    history = History(folder.database)
    assert sorted(each.text for each in history.messages(conversation.id)) == [
        "a", "c", "mine", "my question",
    ]  # fmt: skip
    # Nothing that was here changed; not even its place, for it was used here last.
    assert [row for row in before if row in folder.dump()] == before


def test_a_message_deleted_here_does_not_come_back(folder):
    import_found(folder, [found("a", "b", "c")])
    conversation, branch = only(folder)
    heard: list[object] = []
    History(folder.database).trash_message(branch[2].id, heard.append)
    folder.posted.run_until(lambda: bool(heard))
    assert import_found(folder, [found("a", "b", "c")])[1].messages == 0
    assert [each.text for each in History(folder.database).branch(conversation.id)] == ["a", "b"]


def test_what_lies_in_the_trash_stays_there_and_is_told(folder):
    import_found(folder, [found("a", "b"), found("x", number=2)])
    first = next(row.id for row in import_found(folder, [found("a", "b")])[0].rows)
    sql(folder, "UPDATE conversations SET trashed_ms = 5 WHERE id = ?", first)
    before = folder.dump()
    preview, taken = import_found(folder, [found("a", "b", "c")])
    assert [row.standing for row in preview.rows] == [Standing.TRASHED]
    assert not preview.rows[0].adds
    assert taken.trashed == ("Chat 1",)
    assert folder.dump() == before


def test_only_what_was_chosen_is_taken(folder):
    path, preview = staged_found(folder, [found("a", number=number) for number in range(4)])
    chosen = [preview.rows[1].id, preview.rows[2].id]
    taken = take(folder, path, chosen)
    assert taken.added == 2
    assert {each.id for each in History(folder.database).conversations()} == set(chosen)


def test_folders_of_the_same_name_are_joined(folder):
    organiser = Organiser(folder.database, folder.posted.post)
    heard: list[object] = []
    organiser.create_folder("Work", heard.append)
    folder.posted.run_until(lambda: bool(heard))
    import_found(folder, [found("a", folder="Work"), found("b", number=2, folder="Other")])
    assert sorted((each.name, each.count) for each in organiser.folders()) == [
        ("Other", 1), ("Work", 1),
    ]  # fmt: skip


def titles(folder: Folder) -> list[str]:
    return [each.title for each in History(folder.database).conversations()]


def test_imported_chats_stand_where_they_were_used_last(folder):
    import_found(folder, [found("a", number=number) for number in (7, 1, 3)])
    import_found(folder, [found("b", number=number) for number in (9, 5, 2)])
    assert titles(folder) == [f"Chat {number}" for number in (9, 7, 5, 3, 2, 1)]


def test_those_here_keep_their_order_where_a_clock_was_wrong(folder):
    import_found(folder, [found("a", number=number) for number in (2, 4, 6)])
    sql(folder, "UPDATE conversations SET updated_ms = 1600000000090 WHERE title = 'Chat 4'")
    import_found(folder, [found("b", number=number) for number in (3, 10)])
    # Chat 6 was used after Chat 4, whatever the clock said.
    assert titles(folder) == ["Chat 10", "Chat 6", "Chat 4", "Chat 3", "Chat 2"]


def test_a_grown_chat_moves_only_if_it_was_used_there_last(folder):
    import_found(folder, [found("a", number=number) for number in (1, 2, 3)])
    import_found(folder, [found("a", "b", number=1)])
    assert titles(folder) == ["Chat 3", "Chat 2", "Chat 1"]
    grown = found("a", "b", "c", number=1, updated_ms=1_600_000_000_025)
    assert import_found(folder, [grown])[1].grown == 1
    assert titles(folder) == ["Chat 3", "Chat 1", "Chat 2"]
    sequences = [int(str(row[0])) for row in sql(folder, "SELECT sequence FROM conversations")]
    assert sorted(sequences) == sorted(set(sequences))


def test_new_folders_of_one_name_out_of_two_programs_are_one(folder):
    chats = [found("a", folder="Work"), found("b", number=2, folder="Work", source="jan")]
    import_found(folder, chats)
    organiser = Organiser(folder.database, folder.posted.post)
    assert [(each.name, each.count) for each in organiser.folders()] == [("Work", 2)]


def test_nothing_comes_below_what_was_deleted_here(folder):
    import_found(folder, [found("a", "b", "c")])
    conversation, branch = only(folder)
    heard: list[object] = []
    History(folder.database).trash_message(branch[1].id, heard.append)
    folder.posted.run_until(lambda: bool(heard))
    beside = FoundMessage("other", "m0", Role.ASSISTANT, "or")
    longer = found("a", "b", "c", "d", "e")
    longer = replace(longer, messages=(*longer.messages, beside))
    preview, taken = import_found(folder, [longer])
    assert (preview.rows[0].new_messages, taken.messages) == (1, 1)
    kept = History(folder.database).messages(conversation.id)
    assert sorted(each.text for each in kept) == ["a", "or"]
    preview, taken = import_found(folder, [longer])
    assert [each.standing for each in preview.rows] == [Standing.HERE]
    assert taken.messages == 0


def test_given_up_while_it_is_compared(folder):
    import_found(folder, [found("a")])
    path, _preview = staged_found(folder, [found(*"ab" * 2000, number=2)])
    asked: list[bool] = []

    def given_up() -> bool:
        asked.append(True)
        return True

    with pytest.raises((StorageError, ImportingError)):
        compare(path, folder.database.path, 0, given_up)
    assert asked


def test_files_and_pictures_come_along(folder):
    chat = found("look")
    files = (
        FoundFile("a.txt", "words"), FoundFile("p.png", picture=png(20)), FoundFile("only.pdf"),
        FoundFile("bad.png", picture=b"no picture"),
    )  # fmt: skip
    chat = replace(chat, messages=(replace(chat.messages[0], files=files),))
    preview, taken = import_found(folder, [chat])
    assert taken.files == 4
    assert [each.code for each in preview.unread] == ["import.no_picture"]
    _conversation, (message,) = only(folder)
    assert [(each.name, each.kind) for each in message.attachments] == [
        ("a.txt", "text"), ("p.png", "image"), ("only.pdf", "text"), ("bad.png", "text"),
    ]  # fmt: skip
    assert message.attachments[0].text == "words"
    assert message.attachments[1].text.startswith("data:image/png;base64,")
    assert import_found(folder, [chat])[1].files == 0


def test_odd_foreign_values(folder):
    chat = found("nul \0 \ud800", "ok", title="../../x\n\u202e" + "t" * 500, created_ms=-5)
    second = replace(chat.messages[1], created_ms=10**18, interrupted=True, parent="gone")
    chat = replace(chat, messages=(chat.messages[0], second), updated_ms=None)
    preview, _taken = import_found(folder, [chat, replace(found("x"), id="e", messages=())])
    codes = sorted(each.code for each in preview.unread)
    assert codes == ["import.empty_chat", "import.misplaced"]
    history = History(folder.database)
    (conversation,) = history.conversations()
    assert len(conversation.title) <= 200
    assert "\n" not in conversation.title
    assert "\u202e" not in conversation.title
    assert conversation.created_ms == 1_600_000_000_000
    assert {each.state for each in history.messages(conversation.id)} == {
        MessageState.COMPLETE, MessageState.INTERRUPTED,
    }  # fmt: skip


def test_a_failure_leaves_everything_as_it_was(folder):
    import_found(folder, [found("a")])
    before = folder.dump()
    path, preview = staged_found(folder, [found("x", number=number) for number in range(2, 9)])
    ids = [row.id for row in preview.rows]
    done: list[int] = []

    def give_up() -> None:
        if len(done) == 4:
            raise ImportingError("import.cancelled")

    with scratch_for_reading(path) as staging:
        merging = Merging(staging, ids, done.append, give_up)
        with pytest.raises(ImportingError):
            folder.database.writer.run(merging.work)
    assert folder.dump() == before


def test_a_staging_file_that_lies_is_not_believed(folder):
    """The helper met strangers' files: whatever it left, the history stays sound."""
    before = folder.dump()
    for ruin in (
        "UPDATE messages SET text = x'ff00'",
        "UPDATE messages SET parent_id = 'nobody'",
        "UPDATE messages SET sequence = 'many'",
        "INSERT INTO message_attachments (message_id, attachment_id, position, way, part)"
        " SELECT id, 'none', 0, 'whole', '' FROM messages",
    ):
        path, preview = staged_found(folder, [found("a", "b", folder="F")])
        connection = apsw.Connection(str(path))
        connection.execute("PRAGMA foreign_keys=OFF; " + ruin)
        connection.close()
        with pytest.raises((ImportingError, StorageError, UnicodeDecodeError)):
            take(folder, path, [row.id for row in preview.rows])
        assert folder.dump() == before


def test_a_circle_in_a_staging_file_ends(folder):
    import_found(folder, [found("a")])
    path, preview = staged_found(folder, [found("a", "b", "c")])
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE messages SET parent_id = id WHERE text <> 'a'")
    connection.close()
    take(folder, path, [row.id for row in preview.rows])
    _conversation, branch = only(folder)
    assert branch


def test_the_history_stays_sound_and_its_words_are_to_be_indexed(folder):
    draw = random.Random(1)
    folder.fill(1, lambda: draw.choice(ODD))
    other = Folder(folder.root / "other")
    draw = random.Random(2)
    other.fill(2, lambda: draw.choice(ODD))
    import_json(folder, other.json())
    other.close()
    (answer,) = sql(folder, "PRAGMA integrity_check")
    assert answer == ("ok",)
    assert sql(folder, "PRAGMA foreign_key_check") == []
    (waiting,) = sql(folder, "SELECT count(*) FROM search_pending")
    (there,) = sql(
        folder, "SELECT (SELECT count(*) FROM conversations) + (SELECT count(*) FROM attachments)"
    )
    assert int(str(waiting[0])) >= int(str(there[0]))


def staged_found(folder: Folder, chats: list[FoundConversation]):
    def fill(staging) -> None:
        foreign = ForeignChats(staging, 1_700_000_000_000)
        for each in chats:
            foreign.add(each, "export.json")

    return staged(folder, fill)
