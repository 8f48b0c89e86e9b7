"""Export, print, copy and Markdown copies in the real window, with the real services."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from PySide6.QtCore import QDeadlineTimer, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPageSize
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.history import changes, folders
from app.history.entities import Conversation, Message, MessageState, Role
from app.history.organised import Folder
from app.ids import new_id
from app.paths import DataPaths
from app.storage.connection import Connection
from tests.helpers import ui_checks
from tests.helpers.damaged_histories import opened
from tests.helpers.window import dispose, open_session, wait_until
from ui.export.asked import Asked
from ui.export.sheet import ExportSheet
from ui.export.view import What
from ui.sentences import say
from ui.session import Session

pytestmark = pytest.mark.usefixtures("starter_model", "qapp")
NOW_MS = 1_700_000_000_000
CODE = '```python\nprint("αβγ", 1 < 2)\t# tab\n```'
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Five chats, two of them in a folder; the newest one has two branches."""
    paths = DataPaths(tmp_path / "data")
    database = opened(paths.history, paths.backups)

    def write(connection: Connection) -> None:
        ids = []
        for number in range(5):
            chat = Conversation(new_id(), f"Chat {number}")
            ids.append(chat.id)
            user = message(chat, None, Role.USER, f"Question {number}?")
            answer = message(chat, user.id, Role.ASSISTANT, f"Answer {number}.\n\n{CODE}")
            changes.begin_turn(connection, chat, user, answer, NOW_MS + number)
            if number == 4:
                other = message(chat, user.id, Role.ASSISTANT, "Another answer.")
                changes.begin_turn(connection, chat, None, other, NOW_MS + 10)
        folder = folders.create(connection, "Kitchen", NOW_MS)
        folders.move(connection, ids[:2], folder.id)

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
    made.open_chat(made.window.sidebar.chats.chats[0].id)
    last = made.services.settings.current.last_export
    made.services.settings.change(last_export=type(last)(folder=str(target)))
    yield made
    dispose(made)


def sheet_of(session: Session) -> ExportSheet:
    found = session.window.findChild(ExportSheet)
    assert isinstance(found, ExportSheet)
    return found


def press(key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, keys)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def first_page(path: Path) -> str:
    return " ".join(pypdf.PdfReader(path).pages[0].extract_text().split())


def ended(session: Session) -> None:
    wait_until(lambda: session.exports._job is None)


def test_one_shortcut_and_enter_export_the_open_chat(session: Session, target: Path) -> None:
    press(Qt.Key.Key_E, CONTROL)
    sheet = sheet_of(session)
    assert sheet.isVisible()
    wait_until(lambda: sheet.preview.text.isVisible())
    press(Qt.Key.Key_Return)
    ended(session)
    assert files(target) == ["Chat 4.md"]
    text = (target / "Chat 4.md").read_bytes().decode()
    assert text == sheet.preview.text.toPlainText(), "the preview is the file"
    assert "Another answer." in text
    assert sheet.isHidden()
    assert "Chat 4.md" in session.window.toast._label.text()
    press(Qt.Key.Key_E, CONTROL | SHIFT)
    ended(session)
    assert files(target) == ["Chat 4 2.md", "Chat 4.md"], "nothing is overwritten unasked"
    assert (target / "Chat 4 2.md").read_text() == text


def test_code_is_in_the_file_byte_for_byte(session: Session, target: Path) -> None:
    session.open_chat(session.window.sidebar.chats.chats[1].id)
    press(Qt.Key.Key_E, CONTROL)
    press(Qt.Key.Key_Return)
    ended(session)
    assert CODE.encode() in (target / "Chat 3.md").read_bytes()


def test_the_choice_is_remembered_over_a_restart(
    session: Session, root: Path, target: Path
) -> None:
    session.exports.open()
    sheet = sheet_of(session)
    sheet.choices.formats["txt"].click()
    sheet.choices.options["dates"].switch.click()
    press(Qt.Key.Key_Return)
    sheet.foot.export.click()
    ended(session)
    assert files(target) == ["Chat 4.txt"]
    session.close()
    again = open_session(root)
    try:
        again.open_chat(again.window.sidebar.chats.chats[1].id)
        again.window.activateWindow()
        again.exports.again()
        ended(again)
        assert files(target) == ["Chat 3.txt", "Chat 4.txt"]
        assert "2023" not in (target / "Chat 3.txt").read_text(), "dates were left out"
    finally:
        dispose(again)


def test_every_format_is_written_and_previewed(session: Session, target: Path) -> None:
    for name in ("md", "html", "pdf", "docx", "txt", "json", "jsonl"):
        session.exports.open(format_name=name)
        sheet = sheet_of(session)
        preview = sheet.preview
        shown = preview.pages if name in ("html", "pdf", "docx") else preview.text
        wait_until(lambda shown=shown: shown.isVisible(), 60)
        if name in ("html", "pdf", "docx"):
            wait_until(lambda preview=preview: preview.pages.count >= 1, 10)
        sheet.foot.export.click()
        ended(session)
    assert files(target) == [f"Chat 4.{n}" for n in sorted(
        ("md", "html", "pdf", "docx", "txt", "json", "jsonl")
    )]  # fmt: skip
    assert "Another answer." in first_page(target / "Chat 4.pdf")
    assert json.loads((target / "Chat 4.json").read_bytes())["format"] == "moestro"


def test_parts_of_a_chat(session: Session, target: Path) -> None:
    first = session.chat.branch[0]
    session.exports.open(Asked(What.MESSAGE, message_id=first.id))
    sheet = sheet_of(session)
    assert sheet.wanted.what is What.MESSAGE
    sheet.foot.export.click()
    ended(session)
    text = (target / "Chat 4.md").read_text()
    assert "Question 4?" in text
    assert "Another answer." not in text
    session.page.transcript.chosen.select(1, 1)
    session.exports.open()
    assert sheet.wanted.what is What.SELECTION, "what is selected is meant"
    sheet.close_sheet()
    session.page.transcript.chosen.clear()
    session.exports.open(Asked(What.BRANCH, leaf_id=session.chat.branch[-1].id))
    assert sheet.choices.branch.count() == 2
    sheet.choices.branch.setCurrentIndex(1)
    sheet.choices.branch.activated.emit(1)
    sheet.foot.export.click()
    ended(session)
    assert CODE in (target / "Chat 4 2.md").read_text()


def test_a_folder_becomes_files_in_a_folder_or_a_zip(session: Session, target: Path) -> None:
    folder = session.window.sidebar.chats.folders[0]
    session.window.sidebar.chat_actions.folder_export_requested.emit(folder.id)
    sheet = sheet_of(session)
    assert sheet.wanted.what is What.FOLDER
    sheet.foot.export.click()
    ended(session)
    assert files(target) == ["Kitchen/Chat 0.md", "Kitchen/Chat 1.md"]
    session.exports.open(Asked(What.EVERYTHING))
    sheet.choices.packing._buttons["zip"].click()
    sheet.foot.name.setFocus()
    sheet.foot.name.selectAll()
    QTest.keyClicks(sheet.foot.name, "../All: of it")
    press(Qt.Key.Key_Return)
    ended(session)
    made = [path for path in target.iterdir() if path.suffix == ".zip"]
    assert len(made) == 1, "the name leads out of no folder"
    with zipfile.ZipFile(made[0]) as archive:
        assert sorted(archive.namelist()) == [
            "Chat 2.md", "Chat 3.md", "Chat 4.md", "Kitchen/Chat 0.md", "Kitchen/Chat 1.md",
        ]  # fmt: skip


def test_a_search_result_is_offered_where_it_is_shown(session: Session, target: Path) -> None:
    session.search.open()
    session.search_page.field.setText("question")
    wait_until(lambda: session.search_page.list.isVisible())
    assert session.search_page.filters.export_button.isVisible()
    press(Qt.Key.Key_E, CONTROL)
    sheet = sheet_of(session)
    assert sheet.wanted.what is What.SEARCH
    sheet.choices.formats["jsonl"].click()
    sheet.foot.export.click()
    ended(session)
    (made,) = target.iterdir()
    assert len(made.read_bytes().splitlines()) == 5


def test_a_file_that_is_there_is_replaced_only_when_asked(session: Session, target: Path) -> None:
    (target / "mine.md").write_text("precious")
    session.exports.open()
    sheet = sheet_of(session)
    sheet.foot.name.setFocus()
    sheet.foot.name.selectAll()
    QTest.keyClicks(sheet.foot.name, "mine")
    press(Qt.Key.Key_Return)
    ended(session)
    assert "mine.md" in sheet.said
    assert (target / "mine.md").read_text() == "precious"
    press(Qt.Key.Key_Return)
    ended(session)
    assert files(target) == ["mine 2.md", "mine.md"], "Enter twice replaces nothing"
    assert (target / "mine.md").read_text() == "precious"
    session.exports.open()
    sheet.foot.name_edited.emit("mine.md")
    sheet.foot.export.click()
    ended(session)
    replaces = next(each for each in sheet.remark_verbs if each.text() == "Replace it")
    replaces.click()
    ended(session)
    assert files(target) == ["mine 2.md", "mine.md"]
    assert (target / "mine.md").read_text() == (target / "mine 2.md").read_text()


def test_a_folder_that_is_gone_is_told_in_place(session: Session, target: Path) -> None:
    session.exports.open()
    sheet = sheet_of(session)
    target.rmdir()
    sheet.foot.export.click()
    ended(session)
    assert sheet.isVisible()
    assert sheet.said
    assert [each.text() for each in sheet.remark_verbs] == ["Another folder…"]
    assert ui_checks.all_problems(session.window, 1.0) == []


def test_an_export_that_is_cancelled_leaves_nothing(session: Session, target: Path) -> None:
    session.exports.open(Asked(What.EVERYTHING), "pdf")
    sheet = sheet_of(session)
    sheet.foot.export.click()
    assert session.exports._job is not None
    assert QApplication.focusWidget() is sheet.foot.cancel
    press(Qt.Key.Key_Return)
    ended(session)
    assert list(target.iterdir()) == []
    assert sheet.isVisible()
    assert sheet.foot.export.isVisible()
    assert not sheet.said


def test_an_export_goes_on_without_its_sheet(session: Session, target: Path) -> None:
    session.exports.open(Asked(What.EVERYTHING), "txt")
    sheet_of(session).foot.export.click()
    sheet_of(session).close_sheet()
    ended(session)
    assert len(files(target)) == 5
    assert session.window.toast.isVisible()


def test_the_preview_is_of_the_last_choice_alone(session: Session) -> None:
    session.exports.open(format_name="pdf")
    sheet = sheet_of(session)
    for name in ("docx", "html", "json", "txt"):
        sheet.choices.formats[name].click()
    wait_until(sheet.preview.text.isVisible)
    words = sheet.preview.text.toPlainText()
    assert not words.startswith("{")
    later = QDeadlineTimer(1500)
    wait_until(later.hasExpired)
    assert sheet.preview.text.isVisible(), "no older page came later"
    assert sheet.preview.text.toPlainText() == words


def test_what_cannot_be_previewed_is_told_in_place(session: Session) -> None:
    created: list[Folder] = []
    session.services.organiser.create_folder("Nothing in here", done=created.append)
    wait_until(lambda: bool(created))
    session.conversations.refresh()
    session.exports.open(Asked(What.FOLDER, folder_id=created[0].id))
    sheet = sheet_of(session)
    assert sheet.wanted.what is What.FOLDER
    wait_until(lambda: sheet.preview.state.text == say("export.nothing"))
    press(Qt.Key.Key_P, CONTROL)
    assert sheet.said == say("export.print_one")


def test_copying_three_ways(session: Session) -> None:
    session.open_chat(session.window.sidebar.chats.chats[1].id)
    session.exports.open()
    sheet = sheet_of(session)
    clipboard = QGuiApplication.clipboard()
    for kind, part in (("md", CODE), ("txt", 'print("αβγ", 1 < 2)'), ("rich", CODE)):
        clipboard.setText("")
        sheet.copy_requested.emit(kind)
        wait_until(lambda: bool(QGuiApplication.clipboard().text()))
        assert part in clipboard.text()
        assert not clipboard.text().startswith("---")
    assert "<pre>" in clipboard.mimeData().html()
    assert sheet.foot.copy.text() == "Copied"


def test_printing_goes_to_paper_page_by_page(session: Session, target: Path) -> None:
    paper = target / "printed.pdf"

    def choose(printer: QPrinter, _parent: QWidget | None) -> bool:
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(paper))
        printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        return True

    session.exports.printing.job._choose = choose
    done: list[bool] = []
    session.exports.printing.job.finished.connect(lambda: done.append(True))
    press(Qt.Key.Key_P, CONTROL)
    wait_until(lambda: bool(done))
    assert "Another answer." in first_page(paper)


def test_menus_lead_to_the_sheet(session: Session) -> None:
    chats = session.window.sidebar.chats.chats
    session.window.sidebar.chat_actions.export_requested.emit([each.id for each in chats[:3]])
    sheet = sheet_of(session)
    assert sheet.wanted.what is What.CHATS
    sheet.close_sheet()
    session.window.sidebar.chat_actions.export_requested.emit([chats[2].id])
    assert sheet.wanted.what is What.CHAT
    assert sheet.foot.name.text() == "Chat 2.md"
    sheet.close_sheet()
    item = session.page.transcript._layout.items[0]
    session.page.transcript.message_actions.open_menu(
        session.page.transcript._views[item.message.id], None, sheet.pos(), 1
    )
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    words = [each.text() for each in menu.actions()]
    next(each for each in menu.actions() if each.text() == "Export this message…").trigger()
    menu.close()
    assert sheet.wanted.what is What.MESSAGE
    assert "Export all up to here…" not in words, "nothing is above the first message"


@pytest.mark.parametrize("size", [QSize(1280, 800), QSize(900, 600)])
def test_the_sheet_looks_right_over_the_window(session: Session, size: QSize) -> None:
    session.window.resize(size)
    session.exports.open()
    sheet = sheet_of(session)
    wait_until(lambda: sheet.preview.text.isVisible())
    assert ui_checks.all_problems(session.window, 1.0) == []


def test_a_markdown_copy_is_kept_up_to_date(session: Session, target: Path) -> None:
    folder = session.window.sidebar.chats.folders[0]
    session.window.sidebar.chat_actions.mirror_requested.emit(folder.id)
    session.mirrors.keep(target)
    wait_until(lambda: files(target) == ["Chat 0.md", "Chat 1.md"], 30)
    sheet = session.mirrors.sheet
    wait_until(lambda: "2 files" in sheet.rows[0]._state.text(), 10)
    assert sheet.begin_button.isHidden(), "this folder has its copy"
    chat = next(each for each in session.window.sidebar.chats.chats if each.folder_id == folder.id)
    session.conversations.rename(chat.id, "Soup")
    wait_until(lambda: "Soup.md" in files(target), 30)
    session.mirrors.keep(target)
    assert "already" in sheet.said
    sheet.rows[0].stop.click()
    wait_until(lambda: not sheet.rows)
    assert "Soup.md" in files(target), "what was written stays"
