"""Models in the window: bad files get a sentence, two models get a choice, the demo stands back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.client import Deadlines
from app.engine.entities import SamplingParameters
from app.history.entities import MessageState
from tests.helpers.bad_models import BAD_FILES, BAD_TEMPLATES
from tests.helpers.gguf_bytes import STRING, value
from tests.helpers.gguf_edit import read_header
from tests.helpers.window import dispose, is_over, open_session, wait_until
from ui.session import Session


@pytest.fixture
def session(tmp_path: Path, starter_model: Path, qapp: object) -> Iterator[Session]:
    opened = open_session(tmp_path / "data", deadlines=Deadlines(render=2.0))
    opened.services.settings.change(sampling=SamplingParameters(max_tokens=3))
    yield opened
    dispose(opened)


@pytest.fixture
def other_model(tmp_path: Path, starter_model: Path) -> Path:
    """A model with another name and key; its weights are zeros, which the engine accepts."""
    name = {"general.name": value(STRING, "Other Model")}
    return read_header(starter_model).with_keys(name).write(tmp_path / "other-model-Q4_1.gguf")


def test_every_bad_file_gets_one_sentence_and_the_window_goes_on(
    session: Session, tmp_path: Path
) -> None:
    window = session.window
    for number, (name, make) in enumerate(BAD_FILES.items()):
        folder = tmp_path / f"bad{number}"
        folder.mkdir()
        path = make(folder)
        window.banner.dismiss()
        session.models.open_file(path)
        wait_until(lambda: window.banner.isVisible(), 40)
        said = window.banner.text
        assert said, name
        assert len(said) <= 140, (name, said)
        assert path.name[:20] in said, (name, said)
    session.chat.choose_model(session.services.library.default().key)
    session.chat.send("Do you still answer?", insist=True)
    wait_until(lambda: is_over(session), 60)


def test_every_bad_template_gets_one_sentence_under_the_question(
    session: Session, tmp_path: Path
) -> None:
    for number, (name, make) in enumerate(BAD_TEMPLATES.items()):
        folder = tmp_path / f"template{number}"
        folder.mkdir()
        path = make(folder)
        session.chat.new_chat()
        session.window.banner.dismiss()
        session.models.open_file(path)
        wait_until(
            lambda: (
                session.window.banner.isVisible()
                or session.services.host.status.state in ("ready", "failed")
            ),
            60,
        )
        if session.window.banner.isVisible():
            assert path.name[:20] in session.window.banner.text, name
            continue
        session.chat.send("A question for a hostile template", insist=True)
        wait_until(lambda: is_over(session), 60)
        answer = session.chat.branch[-1]
        assert answer.state is MessageState.FAILED, name
        assert answer.details.failure.startswith("engine."), name
        said = session.page.transcript.view(answer.id).notice.notice.text
        assert said
        assert len(said) <= 140
        path.unlink()


def test_a_chat_made_with_another_model_offers_both(session: Session, other_model: Path) -> None:
    demo = session.services.library.default()
    session.chat.send("Made with the demo")
    wait_until(lambda: is_over(session), 60)
    first = session.chat.conversation.id
    session.chat.new_chat()
    session.models.open_file(other_model)
    other = next(e for e in session.services.library.entries() if not e.is_demo)
    wait_until(lambda: session.services.host.is_ready(other.key), 60)
    # The demo stands back: a real model answers what is new.
    assert session.services.library.default().key == other.key
    session.chat.new_chat()
    assert session.chat.model.key == other.key
    assert not session.page.offer.isVisible()

    session.window.sidebar.chat_chosen.emit(first)
    assert session.services.host.is_ready(other.key), "looking loads nothing"
    assert session.page.offer.isVisible()
    # Without a choice the real model goes on; the demo never comes back by itself.
    assert session.chat.model.key == other.key
    labels = [button.text() for button in session.page.offer.buttons]
    assert len(labels) == 2
    assert "Other Model" in labels[0]
    assert demo.name in labels[1]

    session.page.offer_chosen.emit(demo.key)
    wait_until(lambda: session.services.host.is_ready(demo.key), 60)
    assert not session.page.offer.isVisible()
    assert session.chat.model.key == demo.key


def test_going_on_with_the_loaded_model_loads_nothing(session: Session, other_model: Path) -> None:
    demo = session.services.library.default()
    session.chat.send("Made with the demo")
    wait_until(lambda: is_over(session), 60)
    first = session.chat.conversation.id
    session.chat.new_chat()
    session.models.open_file(other_model)
    other = next(e for e in session.services.library.entries() if not e.is_demo)
    wait_until(lambda: session.services.host.is_ready(other.key), 60)
    session.window.sidebar.chat_chosen.emit(first)
    assert session.page.offer.isVisible()
    pid = session.services.host._client.pid
    session.page.offer_chosen.emit(other.key)
    assert not session.page.offer.isVisible()
    assert session.chat.model.key == other.key
    assert session.services.host._client.pid == pid
    assert session.chat.conversation.model_key == other.key
    assert demo.key != other.key


def test_a_model_changed_on_disk_is_not_loaded_unseen(
    session: Session, other_model: Path, starter_model: Path
) -> None:
    session.models.open_file(other_model)
    other = next(e for e in session.services.library.entries() if not e.is_demo)
    wait_until(lambda: session.services.host.is_ready(other.key), 60)
    session.services.host.unload()
    other_model.write_bytes(b"<html>404 Not Found</html>")
    session.chat.new_chat()
    session.chat.choose_model(other.key)
    session.chat.send("Are you still the same?")
    wait_until(lambda: is_over(session), 30)
    answer = session.chat.branch[-1]
    assert answer.state is MessageState.FAILED
    assert "other-model" in session.page.transcript.view(answer.id).notice.notice.text
