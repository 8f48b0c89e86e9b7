"""Going to a long version: its beginning is there at once, and nobody ever meets half of it."""

from collections.abc import Iterator

import pytest

from app.history.entities import Conversation
from app.storage.connection import Connection
from tests.helpers.window import dispose, open_session, wait_until
from ui.chat.branch_commands import Command, Verb
from ui.session import Session

LONG = 1500


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory, qapp: object) -> Iterator[Session]:
    made = open_session(tmp_path_factory.mktemp("versions") / "data")
    made.window.resize(1280, 800)
    made.services.history._database.writer.run(_fill)
    yield made
    dispose(made)


def _fill(connection: Connection) -> None:
    """One question, two answers, and a long branch below each: a0, a1, … and b0, b1, …"""
    chat = Conversation("tree", "A tree")
    connection.execute(
        "INSERT INTO conversations (id, title, system_prompt, model_key, leaf_id, created_ms,"
        " updated_ms, sequence) VALUES (?, ?, '', '', ?, 0, 0, 1)",
        (chat.id, chat.title, f"a{LONG - 1}"),
    )
    rows = [("q", None, 0, "user", "question")]
    for number in range(LONG):
        for side in "ab":
            parent = f"{side}{number - 1}" if number else "q"
            role = "user" if number % 2 else "assistant"
            rows.append((f"{side}{number}", parent, len(rows), role, f"{side} {number} words"))
    connection.executemany(
        "INSERT INTO messages (id, conversation_id, parent_id, sequence, role, text, reasoning,"
        " state, created_ms) VALUES (?, 'tree', ?, ?, ?, ?, '', 'complete', 0)",
        rows,
    )


@pytest.fixture
def session(window: Session) -> Session:
    """The tree with branch a."""
    window.chat.open("tree")
    if window.chat.branch[-1].id[0] != "a":
        go_to(window, "a0")
        window.chat.branch  # noqa: B018 - waits for all of it
    return window


def go_to(session: Session, message_id: str) -> None:
    """To another version, until its beginning is shown."""
    session.page.transcript.commanded.emit(Command(Verb.SHOW, message_id))
    wait_until(lambda: session.page.transcript.items[1].message.id == message_id)


def shown(session: Session) -> list[str]:
    return [item.message.id for item in session.page.transcript.items]


def whole(side: str) -> list[str]:
    return ["q", *(f"{side}{number}" for number in range(LONG))]


def test_the_beginning_comes_first_and_the_rest_by_itself(session: Session) -> None:
    told: list[bool] = []
    session.chat.changed.connect(lambda: told.append(True))
    go_to(session, "b0")
    assert len(shown(session)) < LONG / 2, "what is in view did not wait for all"
    assert not told, "whoever hears of a change finds all of it"
    before = session.page.transcript.verticalScrollBar().value()
    wait_until(lambda: len(shown(session)) == LONG + 1)
    assert shown(session) == whole("b")
    assert session.page.transcript.verticalScrollBar().value() == before
    wait_until(lambda: bool(told))
    assert [each.id for each in session.chat.branch] == whole("b")


def test_whoever_asks_for_the_branch_gets_all_of_it(session: Session) -> None:
    go_to(session, "b0")
    assert [each.id for each in session.chat.branch] == whole("b")
    assert shown(session) == whole("b")
    places = [item.siblings for item in session.page.transcript.items]
    assert [len(place.ids) for place in places if place][:3] == [1, 2, 1]
    assert None not in places


def test_going_back_and_forth_before_all_is_read_mixes_nothing(session: Session) -> None:
    for message_id in ("b0", "a0", "b0", "a0", "b0"):
        go_to(session, message_id)
    wait_until(lambda: len(shown(session)) == LONG + 1)
    assert shown(session) == whole("b")


def test_another_chat_meanwhile_stays_itself(session: Session) -> None:
    go_to(session, "b0")
    session.chat.new_chat()
    wait_until(lambda: not session.chat._later.isActive())
    assert shown(session) == []
    assert session.chat.branch == []
