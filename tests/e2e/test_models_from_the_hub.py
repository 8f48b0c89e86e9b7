"""From a search to an answer, in the real window against the test Hub."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QElapsedTimer, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.entities import SamplingParameters
from app.library.download_states import DownloadState
from app.model_rooms import HubWishes
from tests.helpers.hub_faults import CDN, HUB, Slow, Stall
from tests.helpers.hub_repositories import HubRepository, repository
from tests.helpers.hub_server import HubServer, closed_address, hub
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_QWEN3MOE
from tests.helpers.projectors import write_projector
from tests.helpers.window import dispose, is_over, last_answer, open_session, wait_until
from ui.models.view import ModelView
from ui.session import Session

REPO = "org/Small-MoE-GGUF"
LABELS = ("Q4_0", "Q8_0")
CARD = "# Small\n\nA model for tests. ![pixel](http://127.0.0.1:9/pixel.png)\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> HubRepository:
    folder = tmp_path_factory.mktemp("published")
    files: dict[str, Any] = {"README.md": CARD}
    for label in LABELS:
        path = folder / f"{label}.gguf"
        files[f"Small-MoE-{label}.gguf"] = write_model(SMALL_QWEN3MOE.with_types(label), path)
    return repository(REPO, files, downloads=5000, base_models=("org/Small-MoE",))


@pytest.fixture
def server(published: HubRepository) -> Iterator[HubServer]:
    with hub(published) as running:
        yield running


@pytest.fixture
def session(tmp_path: Path, server: HubServer, qapp: object) -> Iterator[Session]:
    made = open_session(tmp_path / "data", hub=HubWishes(endpoint=server.endpoint, environment={}))
    made.services.settings.change(
        context_tokens=1024, sampling=SamplingParameters(max_tokens=12, temperature=0.0)
    )
    yield made
    dispose(made)


def press(qtbot: QtBot, key: Qt.Key, times: int = 1) -> None:
    for _ in range(times):
        qtbot.keyClick(QApplication.focusWidget(), key)


def state_of(session: Session) -> DownloadState | None:
    entries = session.services.models.downloads.entries()
    return entries[0].status.state if entries else None


def open_discover(session: Session) -> None:
    session.window.sidebar.models_requested.emit()
    session.models_page.header.tab_chosen.emit("discover")
    wait_until(lambda: session.models_page.discover.results.rowCount() > 0)


def view_of(session: Session) -> ModelView:
    view = session.models_page.model._view
    assert view is not None
    return view


def judged(session: Session) -> bool:
    view = session.models_page.model._view
    return view is not None and {row.stage for row in view.rows} == {"exact"}


# --- the whole path ----------------------------------------------------------------------------


@pytest.mark.usefixtures("starter_model")
def test_search_page_verdicts_pull_verified_chat(
    qtbot: QtBot, session: Session, server: HubServer
) -> None:
    page = session.models_page
    for number in range(3):
        server.add(repository(f"many/Other-{number}-GGUF", downloads=number))
    open_discover(session)
    page.focus_search()
    qtbot.keyClicks(page.header.search, "small")
    wait_until(lambda: page.discover.results.rowCount() == 1)
    row = page.discover.results.row_at(0)
    assert (row.name, row.publishers) == ("Small-MoE", ("org",))

    press(qtbot, Qt.Key.Key_Down)
    press(qtbot, Qt.Key.Key_Return)
    assert page.is_model_shown
    wait_until(lambda: judged(session))
    view = page.model._view
    assert view is not None
    assert [each.label for each in view.rows] == list(LABELS)
    places = [each.place for each in view.rows]
    assert all(place is not None and place.is_exact and place.speed for place in places)
    assert view.recommended.endswith("Small-MoE-Q8_0")
    assert "Q8_0" in view.advice
    wait_until(lambda: page.model._view is not None and page.model._view.card is not None)
    whole = sum(each.size_bytes for each in view.rows)
    assert server.bytes_sent(side=CDN) < whole / 5, "only headers were fetched"

    page.model.advice.button.click()
    wait_until(lambda: state_of(session) is DownloadState.READY)
    wait_until(lambda: "every byte" in session.window.banner.text)
    (model,) = [each for each in session.services.library.entries() if not each.is_demo]
    assert (model.origin.repository, model.origin.verified) == (REPO, "sha256")
    wait_until(lambda: page.model.advice.button.text() == "Chat")

    page.model.advice.button.click()
    assert session.window.current_page == "chat"
    wait_until(lambda: session.services.host.is_ready(model.key))
    qtbot.keyClicks(session.page.composer.field, "Say something.")
    press(qtbot, Qt.Key.Key_Return)
    wait_until(lambda: is_over(session))
    answer = last_answer(session)
    assert answer is not None
    assert answer.text
    assert answer.details is not None
    assert answer.details.model_key == model.key
    # Nothing but the Hub was asked, and no picture of the card.
    hosts = {request.host for request in session.services.models.network.requests.entries()}
    assert hosts <= {"127.0.0.1", "localhost"}


@pytest.mark.usefixtures("starter_model")
def test_what_lets_a_model_see_pictures_comes_with_it(
    session: Session, server: HubServer, published: HubRepository, tmp_path: Path
) -> None:
    folder = tmp_path / "seer"
    folder.mkdir()
    model = write_model(SMALL_QWEN3MOE, folder / "Seer-Q8_0.gguf")
    projector = write_projector(folder / "mmproj-Seer-f16.gguf", SMALL_QWEN3MOE.embedding)
    files: dict[str, Any] = {each.name: each for each in (model, projector)}
    server.add(repository("org/Seer-GGUF", files))
    session.window.sidebar.models_requested.emit()
    session.models_page.header.tab_chosen.emit("discover")
    session.models_page.focus_search()
    session.models_page.header.search.setText("org/Seer-GGUF")
    session.models_page.header.search.returnPressed.emit()
    wait_until(lambda: judged(session))
    (row,) = view_of(session).rows
    assert row.sees_pictures
    assert row.size_bytes == model.stat().st_size + projector.stat().st_size

    session.models_page.model.advice.button.click()
    wait_until(lambda: state_of(session) is DownloadState.READY)
    (installed,) = [each for each in session.services.library.entries() if not each.is_demo]
    assert installed.handle.projector is not None
    wait_until(lambda: [each.fetch for each in view_of(session).rows] == ["here"])


# --- links, pauses, and what is missing ----------------------------------------------------------


def test_a_pasted_line_lands_on_its_files(qtbot: QtBot, session: Session) -> None:
    session.window.sidebar.models_requested.emit()
    page = session.models_page
    page.focus_search()
    page.header.search.setText(f"ollama run hf.co/{REPO}:Q4_0")
    assert page.is_model_shown
    assert page.search_text == ""
    wait_until(lambda: page.model._view is not None and bool(page.model._view.rows))
    view = page.model._view
    assert view is not None
    assert view.recommended.endswith("Small-MoE-Q4_0")
    assert view.advice == "Q4_0 is what the link names."


def test_pause_badge_resume_and_a_restart(
    qtbot: QtBot, session: Session, server: HubServer, tmp_path: Path
) -> None:
    server.faults.add(Slow(300_000), side=CDN)
    session.manager.open_repository(REPO)
    page = session.models_page
    wait_until(lambda: page.model._view is not None and page.model._view.recommended != "")
    page.model.advice.button.click()
    wait_until(lambda: state_of(session) is DownloadState.DOWNLOADING)
    badge = session.window.sidebar._models
    wait_until(lambda: "1 ↓" in badge.badge)
    session.manager.open("downloads")
    (card,) = page.downloads.cards
    card.first.click()
    wait_until(lambda: state_of(session) is DownloadState.PAUSED)
    assert card.first.text() == "Resume"
    card.first.click()
    wait_until(lambda: state_of(session) is DownloadState.DOWNLOADING)
    session.close()

    server.faults.clear()
    again = open_session(tmp_path / "data", hub=HubWishes(endpoint=server.endpoint, environment={}))
    try:
        wait_until(lambda: state_of(again) is DownloadState.READY)
        assert [each.name for each in again.services.library.entries() if not each.is_demo]
    finally:
        dispose(again)


def test_a_hub_that_is_not_there_is_one_sentence(tmp_path: Path, qapp: object) -> None:
    session = open_session(
        tmp_path / "data", hub=HubWishes(endpoint=closed_address(), environment={})
    )
    try:
        session.manager.open("discover")
        tab = session.models_page.discover
        wait_until(lambda: tab._view.state == "trouble")
        assert tab._view.trouble
        session.manager.open_repository(REPO)
        wait_until(lambda: bool(view_of(session).trouble))
        assert not session.models_page.model.trouble.isHidden()
    finally:
        dispose(session)


def test_the_newest_search_wins(session: Session, server: HubServer) -> None:
    server.faults.add(Stall(0, seconds=1.0), path="/api/models*", side=HUB)
    session.manager.open("discover")
    wait_until(lambda: len(server.seen("/api/models")) == 1)
    session.manager.discover.search("small")
    tab = session.models_page.discover
    wait_until(lambda: tab.results.rowCount() == 1)
    waited = QElapsedTimer()
    waited.start()
    wait_until(lambda: waited.elapsed() > 1200)
    assert tab.results.rowCount() == 1, "the answer that came late is for nobody"


@pytest.mark.usefixtures("starter_model")
def test_one_click_from_the_first_start_to_the_best_model(
    session: Session, server: HubServer, published: HubRepository
) -> None:
    card = session.page.empty.best
    wait_until(lambda: not card.isHidden(), 60)
    best = session.best_offer._best
    assert best is not None
    entry = best.entry
    (content,) = [
        file.content for path, file in published.commits[published.head].items() if "Q8" in path
    ]
    label = entry.typical_label
    server.add(repository(entry.repositories[0], {f"{entry.name}-{label}.gguf": content}))
    card.fetch.click()
    wait_until(lambda: state_of(session) is DownloadState.READY)
    wait_until(lambda: card.isHidden())
    (model,) = [each for each in session.services.library.entries() if not each.is_demo]
    assert model.origin.repository == entry.repositories[0]


@pytest.mark.usefixtures("starter_model")
def test_a_label_that_is_not_there_leads_to_the_page(
    session: Session, server: HubServer, published: HubRepository
) -> None:
    wait_until(lambda: session.best_offer._best is not None, 60)
    best = session.best_offer._best
    assert best is not None
    content = next(iter(published.commits[published.head].values())).content
    files = {"Other-Q2_K.gguf": content}
    server.add(repository(best.entry.repositories[0], files))
    session.page.empty.best.fetch.click()
    wait_until(lambda: session.window.current_page == "models")
    assert session.models_page.is_model_shown
    assert best.entry.typical_label in session.window.banner.text
    assert state_of(session) is None


def test_offline_shows_what_is_known_and_asks_nobody(session: Session, server: HubServer) -> None:
    session.services.settings.change(offline=True)
    open_discover(session)
    page = session.models_page
    assert not page.discover.offline.isHidden()
    assert page.discover.results.rowCount() > 5
    session.manager.discover.search("deepseek r1")
    names = [page.discover.results.row_at(n).name for n in range(page.discover.results.rowCount())]
    assert names
    assert all("R1" in name for name in names)
    assert server.seen() == []
