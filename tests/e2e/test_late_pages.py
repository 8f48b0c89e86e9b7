"""What a start leaves for later: pages, and looking at this computer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.window import dispose, open_session, wait_until
from ui.session import Session

LATE = {
    "placement_page", "placement", "computer_page", "computer", "models_page", "manager",
    "downloads", "fetches", "requests_page", "requests", "library_move",
    "desk", "backups_page", "backups", "data_page", "data_folder",
}  # fmt: skip


@pytest.fixture
def session(tmp_path: Path, starter_model: Path, qapp: object) -> Iterator[Session]:
    opened = open_session(tmp_path / "data")
    yield opened
    dispose(opened)


def test_a_start_neither_makes_the_pages_nor_looks_at_the_computer(session: Session) -> None:
    assert not LATE & set(vars(session))
    assert session.places.surveyed is None
    assert session.page.status.place.text() == ""
    wait_until(lambda: session.page.status.place.text() == "Running on the processor")
    assert not LATE & set(vars(session))


def test_pages_are_made_when_somebody_asks_for_them(session: Session) -> None:
    wait_until(lambda: session.places.surveyed is not None)
    session.page.status.place.click()
    assert session.window.current_page == "placement"
    wait_until(
        lambda: session.placement_page.panel.sentence.startswith("The whole model is in RAM")
    )
    session.window.sidebar.computer_requested.emit()
    assert session.window.current_page == "computer"
    wait_until(lambda: len(session.computer_page.grid.cards) == 1)
    session.placement.stop_measuring()
    session.window.sidebar.models_requested.emit()
    assert session.window.current_page == "models"
    session.window.sidebar.requests_requested.emit()
    assert session.window.current_page == "requests"
    assert session.services.models.network.requests.entries() == (), "nobody was asked anything"


def test_an_open_list_of_models_learns_where_they_would_run(session: Session) -> None:
    wait_until(lambda: session.places.surveyed is not None)
    session.places.forget()
    session.window.models_requested.emit()
    models = session.popover._models
    wait_until(lambda: models.row_at(0).detail.startswith("Running on the processor, "))
    session.popover.close_popover()
