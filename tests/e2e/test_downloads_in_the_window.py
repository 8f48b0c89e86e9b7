"""The Downloads tab with real downloads: every verb does what it says, and ends are told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.library.download_entities import Download
from app.library.download_states import DownloadState
from app.model_rooms import HubWishes
from tests.helpers.hub_faults import CDN, Slow, WrongBody
from tests.helpers.hub_repositories import HubRepository, repository
from tests.helpers.hub_server import HubServer, hub
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_QWEN3MOE
from tests.helpers.window import dispose, open_session, wait_until
from ui.models.download_card import DownloadCard
from ui.session import Session

S = DownloadState
NAMES = ("One", "Two", "Three")


class Browser(QObject):
    """Gets what would be opened in the browser or the file manager."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        for scheme in ("http", "https", "file"):
            QDesktopServices.setUrlHandler(scheme, self, "take")

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(url.toString())

    def end(self) -> None:
        for scheme in ("http", "https", "file"):
            QDesktopServices.unsetUrlHandler(scheme)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[HubRepository]:
    folder = tmp_path_factory.mktemp("published")
    plain = write_model(SMALL_QWEN3MOE, folder / "plain.gguf").read_bytes()
    return [
        repository(f"org/{name}-GGUF", {f"{name}-Q8_0.gguf": plain + name.encode() * 20})
        for name in NAMES
    ]


@pytest.fixture
def server(published: list[HubRepository]) -> Iterator[HubServer]:
    with hub(*published) as running:
        yield running


@pytest.fixture
def session(tmp_path: Path, server: HubServer, qapp: object) -> Iterator[Session]:
    made = open_session(tmp_path / "data", hub=HubWishes(endpoint=server.endpoint, environment={}))
    made.manager.open("downloads")
    yield made
    dispose(made)


@pytest.fixture
def browser(qapp: object) -> Iterator[Browser]:
    made = Browser()
    yield made
    made.end()


def begin(session: Session, name: str) -> str:
    """Download the only file of a repository; returns the download's id once it is shown."""
    identifiers: list[str] = []

    def found(page: object) -> None:
        (pair,) = page.choices()  # type: ignore[attr-defined]
        identifiers.append(session.fetches.begin(page, *pair))  # type: ignore[arg-type]

    session.services.models.hub.look_up(f"org/{name}-GGUF", None, found, pytest.fail)
    wait_until(lambda: bool(identifiers) and shown(session, identifiers[0]) is not None)
    return identifiers[0]


def shown(session: Session, identifier: str) -> Download | None:
    return session.services.models.downloads.get(identifier)


def known(session: Session, identifier: str) -> Download:
    download = shown(session, identifier)
    assert download is not None
    return download


def card(session: Session, name: str) -> DownloadCard:
    cards = session.models_page.downloads.cards
    rows = session.models_page.downloads._rows
    return next(card for card, row in zip(cards, rows, strict=True) if row.name == name)


def wait_for(session: Session, identifier: str, state: DownloadState) -> None:
    def there() -> bool:
        download = shown(session, identifier)
        return download is not None and download.status.state is state

    wait_until(there)


def test_two_at_a_time_in_an_order_that_can_be_changed(session: Session, server: HubServer) -> None:
    server.faults.add(Slow(100_000), side=CDN, times=None)
    one, two, three = (begin(session, name) for name in NAMES)
    wait_for(session, one, S.DOWNLOADING)
    wait_for(session, two, S.DOWNLOADING)
    wait_for(session, three, S.QUEUED)
    session.models_page.downloads.moved.emit(three, one)
    wait_until(lambda: [each.id for each in session.fetches.entries()] == [three, one, two])
    wait_until(lambda: session.models_page.downloads._rows[0].id == three)
    card(session, "One").first.click()
    wait_for(session, one, S.PAUSED)
    wait_for(session, three, S.DOWNLOADING)
    assert session.window.sidebar._models.badge.startswith("3 ↓")


def test_cancel_is_taken_back_and_nothing_is_fetched_twice(
    session: Session, server: HubServer
) -> None:
    server.faults.add(Slow(3_000_000), side=CDN)
    one = begin(session, "One")
    wait_for(session, one, S.DOWNLOADING)
    wait_until(lambda: known(session, one).done > 100_000)
    card(session, "One").second.click()
    wait_for(session, one, S.CANCELLED)
    assert "cancelled" in session.window.toast._label.text()
    session.window.toast._button.click()
    wait_for(session, one, S.READY)
    size = known(session, one).total
    assert server.bytes_sent(side=CDN) < size + 2_000_000


def test_what_comes_wrong_twice_stops_and_another_try_mends_it(
    session: Session, server: HubServer
) -> None:
    server.faults.add(WrongBody(5000), side=CDN, times=2)
    one = begin(session, "One")
    wait_for(session, one, S.CORRUPT)
    assert session.services.library.entries() == [
        each for each in session.services.library.entries() if each.is_demo
    ]
    assert card(session, "One").first.text() == "Try again"
    card(session, "One").first.click()
    wait_for(session, one, S.READY)


def test_a_gate_leads_to_the_page_in_the_browser(
    session: Session, server: HubServer, published: list[HubRepository], browser: Browser
) -> None:
    (path,) = published[0].commits[published[0].head]
    content = published[0].commits[published[0].head][path].content
    gated = server.add(repository("org/Gated-GGUF", {"Gated-Q8_0.gguf": content}, gated="manual"))
    gated.gated = "manual"
    one = begin(session, "Gated")
    wait_for(session, one, S.BLOCKED)
    session.downloads.do("open_page", one)
    assert browser.opened == [f"{server.endpoint}/org/Gated-GGUF"]


def test_another_folder_for_one_download(
    session: Session, server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.faults.add(Slow(100_000), side=CDN)
    one = begin(session, "One")
    wait_for(session, one, S.DOWNLOADING)
    other = tmp_path / "other drive"
    other.mkdir()
    # The system's own dialog cannot be driven from a test.
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(other))
    session.downloads.do("folder", one)

    def is_there() -> bool:
        return any(each.paths for each in session.services.models.downloads.entries())

    wait_until(is_there)
    (download,) = session.services.models.downloads.entries()
    assert download.paths[0].is_relative_to(other)
    assert not list((session.services.models.folder / ".downloads").glob("*.part"))


def test_finished_ones_leave_the_list_and_stay_in_the_library(
    session: Session, browser: Browser
) -> None:
    one = begin(session, "One")
    wait_for(session, one, S.READY)
    wait_until(lambda: "One" in session.window.banner.text)
    session.downloads.do("show_folder", one)
    assert browser.opened[0].startswith("file:")
    session.models_page.downloads.remove_finished_requested.emit()
    wait_until(lambda: shown(session, one) is None)
    (model,) = [each for each in session.services.library.entries() if not each.is_demo]
    assert model.handle.path.is_file()
    assert session.models_page.downloads.cards == []
    assert session.window.sidebar._models.badge == ""
