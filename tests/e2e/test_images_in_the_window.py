"""Pictures in the window: attached, pasted, counted and seen; or refused in a sentence."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest

from app.attachments.pictures import picture_of
from app.engine.entities import SamplingParameters
from app.history.entities import AttachedWay, Role
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_QWEN3MOE
from tests.helpers.projectors import PICTURE_TOKENS, png, write_projector
from tests.helpers.window import dispose, is_over, open_session, wait_until
from ui.composer.file_view import FileState
from ui.session import Session

RED = png((255, 0, 0))


@pytest.fixture
def session(tmp_path: Path, starter_model: Path, qapp: object) -> Iterator[Session]:
    opened = open_session(tmp_path / "data")
    opened.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=4))
    yield opened
    dispose(opened)


@pytest.fixture
def seer(session: Session, tmp_path: Path) -> str:
    """A model that sees, chosen for the chat; its key."""
    path = write_model(SMALL_QWEN3MOE, tmp_path / "Seer-Q4_K_M.gguf")
    write_projector(tmp_path / "mmproj-Seer-f16.gguf", SMALL_QWEN3MOE.embedding)
    model = session.services.library.add_file(path)
    session.chat.choose_model(model.key)
    return model.key


def states(session: Session) -> list[FileState]:
    return [file.state for file in session.files.files]


def attach(session: Session, path: Path) -> None:
    session.files.attach([str(path)])
    wait_until(lambda: FileState.READING not in states(session))


def send(session: Session, text: str) -> None:
    session.page.composer.set_text(text)
    QTest.keyClick(session.page.composer.field, Qt.Key.Key_Return)


def test_a_picture_is_seen_counted_and_stays_with_its_message(
    session: Session, seer: str, tmp_path: Path
) -> None:
    (tmp_path / "red.png").write_bytes(RED)
    attach(session, tmp_path / "red.png")
    assert states(session) == [FileState.READY]
    assert session.files.files[0].view().detail.startswith("Image")
    send(session, "What is this?")
    wait_until(lambda: session.page.composer.text == "", 60)
    wait_until(lambda: is_over(session), 60)
    question, answer = session.chat.branch[-2:]
    assert question.role is Role.USER
    assert [picture_of(each) for each in question.attachments] == [RED]
    assert answer.details is not None
    assert answer.details.timings is not None
    assert answer.details.timings.prompt_tokens > PICTURE_TOKENS
    assert answer.text

    # The next one is counted by the model that sees, pasted, and given whole.
    image = QImage(48, 48, QImage.Format.Format_RGB32)
    image.fill(QColor("green"))
    mime = QMimeData()
    mime.setImageData(image)
    QGuiApplication.clipboard().setMimeData(mime)
    session.page.composer.field.paste()
    (file,) = session.files.files
    wait_until(lambda: file.costs[AttachedWay.WHOLE].exact, 30)
    assert file.costs[AttachedWay.WHOLE].tokens > PICTURE_TOKENS
    session.files.choose_way(file.id, AttachedWay.PASSAGES.value)
    sheet = file.sheet()
    assert not sheet.may_change
    assert "base64" not in sheet.text
    given = file.given()
    assert given is not None
    assert picture_of(given).startswith(b"\x89PNG")


def test_a_model_that_does_not_see_gets_no_picture(session: Session, tmp_path: Path) -> None:
    (tmp_path / "red.png").write_bytes(RED)
    attach(session, tmp_path / "red.png")
    assert states(session) == [FileState.READY]
    send(session, "What is this?")
    tray = session.page.composer.tray
    wait_until(lambda: "is an image" in tray.note.text(), 30)
    assert session.page.composer.text == "What is this?"
    assert session.chat.branch == []
