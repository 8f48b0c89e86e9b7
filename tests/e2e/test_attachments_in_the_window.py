"""Files in the window: dropped, read, counted, chosen from, sent, looked at, kept in drafts."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest

from app.attachments.extraction import ExtractionLimits
from app.attachments.relevance import PassageIndex
from app.engine.entities import SamplingParameters
from app.history.entities import AttachedWay, Role
from tests.helpers.attachment_files import write_docx, write_pdf
from tests.helpers.window import dispose, is_over, open_session, wait_until
from ui.chat.user_view import UserView
from ui.composer.file_view import FileState
from ui.session import Session

HARBOUR = "The crane in the harbour was painted green in the spring of 2031 by two brothers."


@pytest.fixture
def sessions(tmp_path: Path, starter_model: Path, qapp: object) -> Iterator:
    opened: list[Session] = []

    def begin() -> Session:
        session = open_session(tmp_path / "data")
        session.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=4))
        opened.append(session)
        return session

    yield begin
    for each in opened:
        dispose(each)


@pytest.fixture
def session(sessions) -> Session:
    return sessions()


def states(session: Session) -> list[FileState]:
    return [file.state for file in session.files.files]


def attach(session: Session, *paths: Path) -> None:
    session.files.attach([str(path) for path in paths])
    wait_until(lambda: FileState.READING not in states(session))


def ask(session: Session, text: str) -> None:
    session.page.composer.set_text(text)
    QTest.keyClick(session.page.composer.field, Qt.Key.Key_Return)
    wait_until(lambda: session.page.composer.text == "", 60)
    wait_until(lambda: is_over(session), 60)


def question(session: Session):
    return [each for each in session.chat.branch if each.role is Role.USER][-1]


def fables(pages: int, of: int) -> list[list[str]]:
    """Pages of filling, one of which tells of the crane."""
    filling = "Nothing of note happened on page {} and the weather stayed as it had been before."
    return [[HARBOUR] * 2 if n == of else [filling.format(n)] * 12 for n in range(pages)]


def test_files_are_dropped_read_counted_sent_and_looked_at_again(
    session: Session, tmp_path: Path
) -> None:
    pdf = write_pdf(tmp_path / "harbour.pdf", fables(3, 1))
    docx = write_docx(tmp_path / "bericht.docx")
    table = tmp_path / "parts.csv"
    table.write_text("part,price\nrope,12\nhook,7\n", encoding="utf-8")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in (pdf, docx, table)])
    drop = QDropEvent(
        QPointF(400, 300), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    session.page.dropEvent(drop)
    wait_until(lambda: states(session) == [FileState.READY] * 3)
    chips = session.page.composer.tray.chips
    assert [chip.view.name for chip in chips] == ["harbour.pdf", "bericht.docx", "parts.csv"]
    assert chips[0].view.detail.startswith("PDF, ")
    assert "≈" in chips[0].view.detail, "no model is loaded, so it is a guess"

    ask(session, "What happened?")
    sent = question(session)
    assert [each.name for each in sent.attachments] == ["harbour.pdf", "bericht.docx", "parts.csv"]
    assert HARBOUR.split(" was")[0] in sent.attachments[0].text
    assert "谢谢" in sent.attachments[1].text
    assert session.page.composer.tray.is_empty
    assert session.services.history.branch(sent.conversation_id)[0].attachments == sent.attachments
    prompt = session.chat.branch[1].details.timings.prompt_tokens
    assert prompt > 500, "the model was given the files"

    view = session.page.transcript.view(sent.id)
    assert isinstance(view, UserView)
    assert [each.full_text for each in view.files.buttons] == [
        "harbour.pdf", "bericht.docx", "parts.csv",
    ]  # fmt: skip
    view.files.buttons[2].click()
    sheet = session.file_sheets.sheet
    assert sheet.isVisible()
    assert "rope" in sheet.text.toPlainText()
    assert sheet.ways.isHidden(), "what was sent is not chosen any more"
    sheet.close_sheet()

    attach(session, table)
    wait_until(lambda: "≈" not in session.page.composer.tray.chips[0].view.detail)
    assert session.page.composer.tray.chips[0].view.detail.endswith("tokens")


def test_a_long_document_gives_its_relevant_passages(session: Session, tmp_path: Path) -> None:
    ask(session, "Hello")  # loads the model
    pdf = write_pdf(tmp_path / "long.pdf", fables(60, 41))
    attach(session, pdf)
    file = session.files.files[0]
    wait_until(lambda: file.costs[AttachedWay.WHOLE].exact)
    wait_until(lambda: file.way is AttachedWay.PASSAGES)
    assert "relevant passages" in session.page.composer.tray.note.text()

    session.page.composer.set_text("Who painted the crane in the harbour?")
    wait_until(lambda: any("42" in each.place for each in file.passages))
    session.page.composer.tray.chips[0].name.click()
    sheet = session.file_sheets.sheet
    assert any(HARBOUR[:20] in each for each in sheet.text.marked)
    wait_until(lambda: "≈" not in sheet.cost.text())
    sheet.done.click()

    ask(session, "Who painted the crane in the harbour?")
    (given,) = question(session).attachments
    assert given.way is AttachedWay.PASSAGES
    assert HARBOUR[:20] in given.text
    assert re.search(r"^\[Pages? .*42.*\]$", given.text, re.M), "it says where it stands"
    assert len(given.text) < len(file.attachment.text) / 4

    view = session.page.transcript.view(question(session).id)
    view.files.buttons[0].click()
    assert sheet.isVisible()
    assert any(HARBOUR[:20] in each for each in sheet.text.marked)
    assert len(sheet.text.toPlainText()) > len(given.text), "its whole text, to read around it"
    place = next(n for n, b in enumerate(sheet._place_buttons) if "42" in b.text())
    sheet._place_buttons[place].click()
    top = sheet.text.cursorForPosition(sheet.text.viewport().rect().topLeft())
    assert sheet.text.document().find("The crane").position() - top.position() < 3000


def test_a_fault_while_passages_are_sought_is_told_and_nothing_is_sent(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: object, _question: str, _most: int) -> list[object]:
        raise RuntimeError("out of order")

    attach(session, write_pdf(tmp_path / "faulty.pdf", [["first"], ["second"]]))
    file = session.files.files[0]
    session.files.choose_way(file.id, AttachedWay.PASSAGES.value)
    monkeypatch.setattr(PassageIndex, "best", broken)
    session.page.composer.set_text("What is in it?")
    QTest.keyClick(session.page.composer.field, Qt.Key.Key_Return)
    wait_until(lambda: "went wrong" in session.page.composer.tray.note.text())
    assert not session.chat.branch
    assert session.page.composer.text == "What is in it?"


def test_a_part_is_chosen_in_its_sheet(session: Session, tmp_path: Path) -> None:
    attach(session, write_pdf(tmp_path / "three.pdf", [["first"], ["second"], ["third"]]))
    session.page.composer.tray.chips[0].name.click()
    sheet = session.file_sheets.sheet
    sheet.way_chosen.emit(sheet.file_id, "part")
    sheet.part.setText("7")
    sheet.part.editingFinished.emit()
    assert "3 pages" in sheet.remark.text()
    sheet.close_sheet()
    session.page.composer.set_text("What is in it?")
    QTest.keyClick(session.page.composer.field, Qt.Key.Key_Return)
    assert "3 pages" in session.page.composer.tray.note.text()
    assert not session.chat.branch

    session.page.composer.tray.chips[0].name.click()
    sheet.part.setText("2-3")
    sheet.part.editingFinished.emit()
    assert sheet.remark.isHidden()
    assert session.page.composer.tray.chips[0].view.detail.startswith("Pages 2–3")
    sheet.close_sheet()
    ask(session, "What is in it?")
    (given,) = question(session).attachments
    assert given.part == "Pages 2–3"
    assert "second" in given.text
    assert "first" not in given.text


def test_what_cannot_be_read_says_why_and_is_removed(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    image = tmp_path / "photo.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    long_name = tmp_path / ("x" * 250 + ".txt")
    long_name.write_text("words", encoding="utf-8")
    bidi = tmp_path / "gpj.\u202eexe.txt"
    bidi.write_text("words", encoding="utf-8")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    attach(session, folder, image, pipe, long_name, bidi)
    chips = session.page.composer.tray.chips
    said = [chip.view.detail for chip in chips[:3]]
    assert "is a folder" in said[0]
    assert "image" in said[1]
    assert "device or a pipe" in said[2]
    assert all(chip.remove_button.isVisible() for chip in chips[:3])
    assert [chip.view.state for chip in chips[3:]] == [FileState.READY] * 2
    assert len(chips[3].view.name) <= 80
    assert chips[4].view.name.isprintable()

    session.page.composer.set_text("What is this?")
    QTest.keyClick(session.page.composer.field, Qt.Key.Key_Return)
    assert "remove it" in session.page.composer.tray.note.text()
    assert not session.chat.branch
    for chip in chips[:3]:
        chip.remove_button.click()
    ask(session, "What is this?")
    assert len(question(session).attachments) == 2


def test_a_file_that_is_read_for_long_is_cancelled_at_once(
    session: Session, tmp_path: Path
) -> None:
    stuck = [sys.executable, "-c", "import time; time.sleep(60)"]
    session.services.attachments._command = lambda _name: stuck
    session.services.attachments._limits = ExtractionLimits(silence=60)
    path = tmp_path / "slow.txt"
    path.write_text("words", encoding="utf-8")
    session.files.attach([str(path)])
    file = session.files.files[0]
    session.page.composer.set_text("Well?")
    QTest.keyClick(session.page.composer.field, Qt.Key.Key_Return)
    assert "still being read" in session.page.composer.tray.note.text()
    session.page.composer.tray.chips[0].close_button.click()
    assert session.page.composer.tray.is_empty
    extraction = file.extraction
    wait_until(lambda: extraction.is_over, 5)  # 1 s wanted
    assert session.page.composer.tray.note.text() == ""


def test_a_long_paste_becomes_a_file_and_that_can_be_undone(session: Session) -> None:
    text = "All work and no play makes the text long.\n" * 1000
    QGuiApplication.clipboard().setText(text)
    field = session.page.composer.field
    field.paste()
    assert session.page.composer.text == ""
    assert [file.name for file in session.files.files] == ["Pasted text"]
    session.window.toast._take_back()
    assert session.page.composer.text == text
    assert session.files.files == []
    session.page.composer.set_text("")
    field.paste()
    ask(session, "What about it?")
    (given,) = question(session).attachments
    assert given.name == "Pasted text"
    assert given.text == text


def test_drafts_come_back_after_a_restart_with_their_files(sessions, tmp_path: Path) -> None:
    session = sessions()
    ask(session, "Hello")
    first = session.chat.conversation.id
    attach(session, write_pdf(tmp_path / "two.pdf", [["first"], ["second"]]))
    session.files.choose_part(session.files.files[0].id, "2")
    session.page.composer.set_text("half a thought")
    session.window.new_chat_requested.emit()
    assert session.page.composer.text == ""
    assert session.page.composer.tray.is_empty
    session.page.composer.set_text("something new")
    session.close()

    again = sessions()
    assert again.chat.conversation.id != first, "the new chat was the last one shown"
    assert again.page.composer.text == "something new"
    again.window.sidebar.chat_chosen.emit(first)
    assert again.page.composer.text == "half a thought"
    (file,) = again.files.files
    assert (file.name, file.way, file.part) == ("two.pdf", AttachedWay.PART, "2")
    ask(again, "half a thought")
    (given,) = question(again).attachments
    assert given.text.strip() == "second"
    again.close()

    last = sessions()
    last.window.sidebar.chat_chosen.emit(first)
    assert last.page.composer.text == "", "what was sent is no draft any more"
    assert last.files.files == []
    last.window.new_chat_requested.emit()
    assert last.page.composer.text == "something new"
    assert last.services.attachment_store.get(given.attachment_id).name == "two.pdf"


def test_a_message_with_a_file_waits_while_an_answer_is_written(
    session: Session, tmp_path: Path
) -> None:
    long = SamplingParameters(temperature=0, max_tokens=4000)
    session.services.settings.change(sampling=long)
    session.chat.send("Count slowly to a thousand.")
    wait_until(lambda: session.page.composer.is_answering, 60)
    session.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=2))
    notes = tmp_path / "notes.txt"
    notes.write_text("The rope is twelve metres long.", encoding="utf-8")
    attach(session, notes)
    session.page.composer.set_text("How long is the rope?")
    QTest.keyClick(session.page.composer.field, Qt.Key.Key_Return)
    wait_until(lambda: session.page.composer.text == "")
    assert session.files.files == []
    identity = session.chat.conversation.id
    waiting = session.services.send_queue.waiting(identity)
    assert [each.text for each in waiting] == ["How long is the rope?"]
    assert waiting[0].attachments[0].name == "notes.txt"
    session.services.turns.stop()
    wait_until(lambda: session.services.turns.active is None)
    session.services.send_queue.send_next(identity)
    wait_until(lambda: len(session.chat.branch) == 4 and is_over(session), 60)
    assert question(session).attachments[0].text == "The rope is twelve metres long."


def test_nothing_of_a_file_in_a_temporary_chat_is_written_to_the_disk(
    session: Session, tmp_path: Path
) -> None:
    session.chat.new_chat(temporary=True)
    notes = tmp_path / "notes.txt"
    notes.write_text("Nobody shall ever know of the zeppelin.", encoding="utf-8")
    attach(session, notes)
    ask(session, "What is that?")
    assert "zeppelin" in question(session).attachments[0].text
    session.close()
    written = b"".join(each.read_bytes() for each in (tmp_path / "data").glob("history.sqlite3*"))
    assert b"zeppelin" not in written
