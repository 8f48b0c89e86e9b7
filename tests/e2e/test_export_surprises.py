"""Exports in the real window while something else changes below, closes, or was not meant."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPageSize
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.amounts import file_size
from app.export.base import ExportOptions
from app.export.choice import ExportChoice
from app.export.job import ExportProgress
from app.export.scope import one_conversation
from app.history import changes
from app.history.entities import Conversation, Message, MessageState, Role
from app.ids import new_id
from app.paths import DataPaths
from app.storage.connection import Connection
from tests.helpers.damaged_histories import opened
from tests.helpers.window import dispose, open_session, wait_until
from ui.controllers.export_copying import ExportCopying
from ui.export.asked import Asked
from ui.export.sheet import ExportSheet
from ui.export.view import What
from ui.sentences import say
from ui.session import Session

pytestmark = pytest.mark.usefixtures("starter_model", "qapp")
NOW_MS = 1_700_000_000_000
BRANCHES = 35
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two chats; the newer one is long, the older one has many branches."""
    paths = DataPaths(tmp_path / "data")
    database = opened(paths.history, paths.backups)

    def write(connection: Connection) -> None:
        old = Conversation(new_id(), "Branched")
        user = message(old, None, Role.USER, "Which one?")
        changes.begin_turn(
            connection, old, user, message(old, user.id, Role.ASSISTANT, "Number 0."), NOW_MS
        )
        for number in range(1, BRANCHES):
            other = message(old, user.id, Role.ASSISTANT, f"Number {number}.")
            changes.begin_turn(connection, old, None, other, NOW_MS + number)
        new = Conversation(new_id(), "Long")
        user = message(new, None, Role.USER, "A long story?")
        story = "\n\n".join(f"## Part {n}\n\n" + "Some words in a line. " * 40 for n in range(60))
        changes.begin_turn(
            connection, new, user, message(new, user.id, Role.ASSISTANT, story), NOW_MS + 1000
        )

    database.writer.run(write)
    database.close()
    return paths.root


def message(chat: Conversation, parent: str | None, role: Role, text: str) -> Message:
    return Message(new_id(), chat.id, parent, role, text, state=MessageState.COMPLETE)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def session(root: Path, target: Path) -> Iterator[Session]:
    made = open_session(root)
    made.window.resize(1280, 800)
    made.window.activateWindow()
    made.open_chat(chat(made, "Long"))
    made.services.settings.change(last_export=ExportChoice(folder=str(target)))
    yield made
    dispose(made)


def chat(session: Session, title: str) -> str:
    return next(each.id for each in session.window.sidebar.chats.chats if each.title == title)


def sheet_of(session: Session) -> ExportSheet:
    found = session.window.findChild(ExportSheet)
    assert isinstance(found, ExportSheet)
    return found


def press(key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, keys)


def ended(session: Session) -> None:
    wait_until(lambda: session.exports._job is None)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_hidden_choice_leaves_no_date_out(session: Session, target: Path) -> None:
    options = ExportOptions(dates=False)
    session.services.settings.change(
        last_export=ExportChoice(folder=str(target), format="json", options=options)
    )
    session.exports.again()
    ended(session)
    (made,) = target.iterdir()
    (kept,) = json.loads(made.read_bytes())["conversations"]
    assert all(each["created_ms"] for each in kept["messages"])
    assert session.services.settings.current.last_export.options == options, "for other formats"


def test_a_folder_that_cannot_be_reached_stops_no_export(session: Session) -> None:
    gone = "/" + "x" * 300
    session.services.settings.change(last_export=ExportChoice(folder=gone))
    session.exports.open()
    assert sheet_of(session).isVisible()
    assert str(session.exports._folder) != gone


def test_closing_the_window_ends_printing(session: Session, target: Path) -> None:
    paper = target / "printed.pdf"

    def choose(printer: QPrinter, _parent: QWidget | None) -> bool:
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(paper))
        printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        return True

    job = session.exports.printing.job
    job._choose = choose
    session.exports.open()
    session.exports.print()
    wait_until(lambda: job._painter is not None)
    assert job.is_running
    session.close()
    assert not job.is_running
    assert job._painter is None
    assert not paper.exists()
    assert session.exports.previews._under_way is None


def test_a_part_of_a_chat_is_never_copied_as_if_it_were_all(session: Session) -> None:
    clipboard = QGuiApplication.clipboard()
    exports, post = session.services.exports, session._bridge.post
    copying = ExportCopying(exports, post, session, most_bytes=1000)
    said: list[str] = []
    copied: list[bool] = []
    copying.trouble.connect(said.append)
    copying.copied.connect(lambda: copied.append(True))
    for kind in ("md", "txt", "rich"):
        clipboard.setText("before")
        said.clear()
        copying.copy(kind, one_conversation(chat(session, "Long")), ExportOptions())
        wait_until(lambda: bool(said or copied))
        assert said == [say("export.too_long_to_copy", {"size": file_size(1000)})]
        assert clipboard.text() == "before"
    assert not copied


def test_a_typed_name_gets_the_ending_of_the_format(session: Session, target: Path) -> None:
    session.exports.open()
    sheet = sheet_of(session)
    assert sheet.foot.name.text() == "Long.md"
    sheet.foot.name.setFocus()
    sheet.foot.name.setCursorPosition(0)
    QTest.keyClicks(sheet.foot.name, "My ")
    assert sheet.foot.name.text() == "My Long.md"
    sheet.choices.formats["txt"].click()
    assert sheet.foot.name.text() == "My Long.txt"
    sheet.foot.export.click()
    ended(session)
    assert names(target) == ["My Long.txt"]


@pytest.mark.parametrize("temporary", [False, True])
def test_a_chat_that_is_kept_nowhere_is_not_taken_for_all_chats(
    session: Session, target: Path, temporary: bool
) -> None:
    session.chat.new_chat(temporary=temporary)
    sentence = say("export.temporary" if temporary else "export.chat_empty")
    press(Qt.Key.Key_E, CONTROL)
    sheet = sheet_of(session)
    assert sheet.said == sentence
    press(Qt.Key.Key_Return)
    assert session.exports._job is None
    assert names(target) == []
    sheet.close_sheet()
    session.window.sidebar.list.select_again([chat(session, "Long"), chat(session, "Branched")])
    session.exports.open(Asked(What.MESSAGE, message_id="of this chat"))
    assert sheet.said == sentence, "the selected chats were not pointed at"
    sheet.close_sheet()
    session.exports.open(Asked(What.EVERYTHING))
    assert sheet.said == "", "all chats were pointed at"
    sheet.close_sheet()
    session.exports.print()
    shown = sentence if temporary else say("export.nothing_yet")
    assert session.window.toast.accessibleName() == shown


def test_the_sheet_goes_with_the_chat_that_it_was_opened_for(session: Session) -> None:
    session.exports.open()
    sheet, offers = sheet_of(session), session.exports._offers
    wanted, before = sheet.wanted, offers.scope(sheet.wanted)
    session.chat.open(chat(session, "Long"))
    assert sheet.isVisible(), "it is the same chat still"
    session.chat.open(chat(session, "Branched"))
    assert sheet.isHidden()
    assert offers.scope(wanted) == before == one_conversation(chat(session, "Long"))


def test_selected_chats_stay_those_that_were_selected(session: Session) -> None:
    both = (chat(session, "Long"), chat(session, "Branched"))
    session.window.sidebar.list.select_again(list(both))
    session.exports.open()
    sheet = sheet_of(session)
    assert sheet.wanted.what is What.CHATS
    before = session.exports._offers.scope(sheet.wanted)
    session.window.sidebar.list.select_again([both[0]])
    assert session.exports._offers.scope(sheet.wanted) == before


def test_an_export_that_ends_leaves_a_newer_sheet_open(session: Session, target: Path) -> None:
    session.exports.open(format_name="txt")
    sheet = sheet_of(session)
    sheet.foot.export.click()
    sheet.close_sheet()
    session.exports.open(Asked(What.EVERYTHING))
    assert session.exports._job is not None
    ended(session)
    assert names(target) == ["Long.txt"]
    assert sheet.isVisible()


def test_an_older_failure_offers_nothing_about_a_newer_choice(
    session: Session, target: Path
) -> None:
    (target / "mine.txt").write_text("precious")
    session.exports.open(format_name="txt")
    sheet = sheet_of(session)
    sheet.foot.name_edited.emit("mine")
    sheet.foot.export.click()
    sheet.close_sheet()
    session.exports.open(Asked(What.EVERYTHING))
    assert session.exports._job is not None
    ended(session)
    assert "mine.txt" in sheet.said
    assert not sheet.remark_verbs


def test_the_toast_tells_how_far_it_is(session: Session) -> None:
    toast, exports = session.window.toast, session.exports
    exports._progress(ExportProgress(conversations=1, of=100), 0)
    first = toast.accessibleName()
    exports._progress(ExportProgress(conversations=50, of=100), 0)
    assert toast.accessibleName() != first
    assert "50 of 100" in toast.accessibleName()
    toast.dismiss()
    exports._progress(ExportProgress(conversations=60, of=100), 0)
    assert toast.isHidden(), "somebody put it away"
    toast.offer("Something else.", None)
    exports._progress(ExportProgress(conversations=70, of=100), 0)
    assert toast.accessibleName() == "Something else."


def test_all_branches_are_counted_though_not_all_are_listed(session: Session) -> None:
    session.open_chat(chat(session, "Branched"))
    session.exports.open()
    sheet = sheet_of(session)
    detail = next(
        each.detail for each in session.exports._offers.offers() if each.what is What.BRANCH
    )
    assert f"{BRANCHES} branches" in detail
    assert f"latest {sheet.choices.branch.count()} listed" in detail
