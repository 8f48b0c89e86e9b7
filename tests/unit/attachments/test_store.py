"""Texts of files in a real history: kept with messages, shared by branches, erased with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.attachments.entities import Attachment, Kind, Section
from app.attachments.errors import AttachmentError
from app.attachments.given import only_part, whole
from app.attachments.parts import part_of
from app.attachments.store import UNUSED_MS, AttachmentStore
from app.chat.prompting import prompt_messages
from app.export.base import ExportOptions
from app.export.exports import Exports
from app.history.entities import AttachedText, Conversation, Message, MessageState, Role
from app.history.repository import History
from app.history.schema import history_migrations
from app.ids import new_id
from app.posting import CallbackQueue
from app.storage.opening import open_database

TEXT = "# Üne\nsecret apples\n\n# Two\npears 日本"
SECTIONS = (Section("Üne", 0, 19), Section("Two", 21, len(TEXT)))


class Kept:
    def __init__(self, root: Path) -> None:
        self.queue = CallbackQueue()
        self.now = 1_800_000_000_000
        self.database = open_database(
            root / "history.sqlite3", history_migrations(), None, self.queue.post
        )
        self.history = History(self.database, lambda: self.now)
        self.store = AttachmentStore(self.database, lambda: self.now)

    def wait(self, begin, *arguments):
        heard: list[object] = []
        begin(*arguments, done=heard.append, failed=heard.append)
        assert self.queue.run_until(lambda: bool(heard), timeout=30)
        if isinstance(heard[0], Exception):
            raise heard[0]
        return heard[0]

    def attachment(self, text: str = TEXT) -> Attachment:
        made = Attachment(
            new_id(), "fruit.md", Kind.MARKDOWN, 99, "ab" * 32, text, SECTIONS, self.now
        )
        self.wait(self.store.keep, made)
        return made

    def ask(self, *attached: AttachedText) -> tuple[Conversation, Message]:
        conversation = Conversation(new_id(), "Fruit")
        user = Message(
            new_id(), conversation.id, None, Role.USER, "Which?", attachments=tuple(attached)
        )
        answer = Message(
            new_id(), conversation.id, user.id, Role.ASSISTANT, "", state=MessageState.STREAMING
        )
        stored = self.wait(self.history.begin_turn, conversation, user, answer)
        assert stored[1].attachments == user.attachments
        return conversation, user

    def rows(self, table: str) -> int:
        return self.database.read(
            lambda connection: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        )


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path)
    yield made
    made.database.close()


def test_what_was_kept_comes_back_whole(kept: Kept) -> None:
    made = kept.attachment()
    assert kept.store.get(made.id) == made
    kept.wait(kept.store.keep, made)
    assert kept.rows("attachments") == 1
    with pytest.raises(AttachmentError):
        kept.store.get("nothing")


def test_a_message_carries_what_the_model_was_given(kept: Kept) -> None:
    made = kept.attachment()
    part = only_part(made, part_of(made, "Two"))
    conversation, user = kept.ask(whole(made), part)
    for read in (
        kept.history.messages(conversation.id)[0],
        kept.history.branch(conversation.id)[0],
    ):
        assert read.attachments == user.attachments
        assert [each.text for each in read.attachments] == [TEXT, "# Two\npears 日本"]
    (prompt,) = prompt_messages("", kept.history.branch(conversation.id)[:1])
    assert prompt.content == (
        f"File: fruit.md\n```\n{TEXT}\n```\n\n"
        "File: fruit.md (Two)\n```\n# Two\npears 日本\n```\n\nWhich?"
    )


def test_the_whole_text_lies_on_the_disk_once(kept: Kept) -> None:
    made = kept.attachment("apple " * 100_000)
    for _ in range(5):
        kept.ask(whole(made))
    pages = kept.database.read(
        lambda connection: connection.pragma("page_count") * connection.pragma("page_size")
    )
    assert pages < 2 * len(made.text)


def test_erased_with_the_last_message_that_carried_it(kept: Kept) -> None:
    made = kept.attachment()
    first, _user = kept.ask(whole(made))
    second, _user = kept.ask(whole(made))
    for conversation, left in ((first, 1), (second, 0)):
        kept.database.writer.run(
            lambda connection, each=conversation: connection.execute(
                "DELETE FROM conversations WHERE id = ?", (each.id,)
            )
        )
        assert kept.rows("attachments") == left
    assert kept.rows("message_attachments") == 0
    kept.database.close()
    folder = kept.database.path.parent
    assert not any(b"secret apples" in file.read_bytes() for file in folder.iterdir())


def test_a_draft_keeps_its_file_and_lets_go_of_it(kept: Kept) -> None:
    used, waiting = kept.attachment(), kept.attachment()
    kept.ask(whole(used))
    assert kept.wait(kept.store.forget, used.id) is False
    assert kept.wait(kept.store.forget, waiting.id) is True
    assert kept.rows("attachments") == 1


def test_what_nobody_sends_goes_after_a_month_of_use(kept: Kept) -> None:
    old = kept.attachment()
    used = kept.attachment()
    kept.ask(whole(used))
    kept.now += UNUSED_MS + 1000

    def forget() -> int:
        heard: list[int] = []
        kept.store.forget_unused(heard.append)
        assert kept.queue.run_until(lambda: bool(heard), timeout=30)
        return heard[0]

    # A clock that jumps is no month: something must have been written then.
    assert forget() == 0
    kept.wait(kept.history.create, Conversation(new_id(), "Later"))
    assert forget() == 1
    assert kept.rows("attachments") == 1
    with pytest.raises(AttachmentError):
        kept.store.get(old.id)


def test_a_message_never_refers_to_a_text_that_is_not_there(kept: Kept) -> None:
    made = kept.attachment()
    kept.wait(kept.store.forget, made.id)
    with pytest.raises(Exception, match="unexpected"):
        kept.ask(whole(made))
    assert kept.rows("messages") == 0


def test_text_without_readable_sections_is_still_text(kept: Kept) -> None:
    made = kept.attachment()
    for ruined in ("not json", '[{"title":"x","start":5,"end":999999}]'):
        kept.database.writer.run(
            lambda connection, each=ruined: connection.execute(
                "UPDATE attachments SET sections = ?, kind = 'what'", (each,)
            )
        )
        read = kept.store.get(made.id)
        assert (read.text, read.sections, read.kind) == (TEXT, (), Kind.TEXT)


def test_exports_name_them(kept: Kept) -> None:
    made = kept.attachment()
    conversation, _user = kept.ask(whole(made), only_part(made, part_of(made, "2-3")))
    exports = Exports(kept.database, lambda callback: callback())
    markdown = exports.text(conversation.id, "md", ExportOptions(attachments=False))
    assert "*Attached: fruit.md*\n\n*Attached: fruit.md (Lines 2–3)*" in markdown
    assert "secret apples" not in markdown
    assert "secret apples" in exports.text(conversation.id, "md", ExportOptions())
    text = exports.text(conversation.id, "json", ExportOptions())
    # The whole text once, then what each message was given of it.
    assert f'"attachments":[\n{{"id":"{made.id}","name":"fruit.md","kind":"markdown"' in text
    assert '"way":"part","part":"Lines 2–3","text":"secret apples\\n"' in text


def test_a_branch_in_a_new_conversation_carries_them_too(kept: Kept) -> None:
    from app.history import branches

    made = kept.attachment()
    conversation, user = kept.ask(whole(made))
    new = kept.database.writer.run(
        lambda connection: branches.fork(connection, conversation.id, user.id, "Copy", kept.now)
    )
    assert kept.history.messages(new)[0].attachments == user.attachments
    assert kept.rows("message_attachments") == 2
