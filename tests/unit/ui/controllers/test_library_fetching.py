"""What the Library tab asks the Hub on a click: newer versions, and what is missing or damaged."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.library.entities import InstalledModel, Origin
from app.library.hub_pages import RepositoryPage
from models.errors import KnownError
from models.gguf import open_model
from tests.helpers.gguf_bytes import split_model
from tests.helpers.hub_faults import CDN, Slow
from tests.helpers.hub_repositories import HubRepository, repository
from tests.helpers.hub_server import HubServer, hub
from tests.helpers.library_window import LibraryWindow
from tests.helpers.transfers import sample_gguf

REPO = "org/Tiny-GGUF"
FILE = "Tiny-Q4_K_M.gguf"


@pytest.fixture
def published(tmp_path: Path) -> HubRepository:
    folder = tmp_path / "published"
    folder.mkdir()
    files: dict[str, bytes | str | Path] = {FILE: sample_gguf(200_000, 1, "Tiny")}
    files |= {path.name: path for path in split_model(folder)}
    return repository(REPO, files)


@pytest.fixture
def server(published: HubRepository) -> Iterator[HubServer]:
    with hub(published) as running:
        yield running


@pytest.fixture
def stage(tmp_path: Path, server: HubServer, qapp: QApplication) -> Iterator[LibraryWindow]:
    made = LibraryWindow(tmp_path, hub=server.endpoint)
    yield made
    made.close()


def installed(stage: LibraryWindow, published: HubRepository, *names: str) -> InstalledModel:
    """These files as a download of the newest commit leaves them."""
    folder = stage.models / "org" / "Tiny-GGUF"
    folder.mkdir(parents=True, exist_ok=True)
    content = published.commits[published.head]
    for name in names:
        (folder / name).write_bytes(content[name].content.read())
    hashes = tuple(published.sha256(name) for name in names)
    origin = Origin(
        repository=REPO, commit=published.head, is_owned=True, hashes=hashes,
        hashes_published=True, verified="sha256",
    )  # fmt: skip
    return stage.services.library.add(open_model(folder / names[0]), origin)


def ask(stage: LibraryWindow, verb: str) -> None:
    stage.tab.asked.emit(verb, stage.tab.view.rows[0].key)


def buttons(stage: LibraryWindow) -> list[QPushButton]:
    return list(stage.window.banner._buttons)


def states(stage: LibraryWindow) -> list[str]:
    return [row.state for row in stage.tab.view.rows]


def test_nothing_is_asked_before_a_click(
    stage: LibraryWindow, published: HubRepository, server: HubServer, qtbot: QtBot
) -> None:
    installed(stage, published, FILE)
    stage.show()
    qtbot.wait(300)
    assert server.seen() == []


def test_the_newest_version_is_said_to_be_here(
    stage: LibraryWindow, published: HubRepository
) -> None:
    installed(stage, published, FILE)
    stage.show()
    ask(stage, "updates")
    assert "Asking the Hub" in stage.toast
    stage.wait(lambda: stage.window.banner.isVisible())
    assert not buttons(stage)
    assert "Tiny" in stage.window.banner.text
    assert stage.troubles == []


def test_a_newer_version_is_one_click_away(stage: LibraryWindow, published: HubRepository) -> None:
    installed(stage, published, FILE)
    newer = published.commit({FILE: sample_gguf(200_000, 2, "Tiny")})
    stage.show()
    ask(stage, "updates")
    stage.wait(lambda: bool(buttons(stage)))
    stage.services.models.downloads.start()
    buttons(stage)[0].click()
    stage.wait(lambda: any(m.origin.commit == newer for m in stage.services.library.entries()))
    stage.wait(lambda: newer in {row.commit for row in stage.tab.view.rows})


@pytest.mark.parametrize("verb", ["updates", "download"])
def test_without_the_hub_there_is_one_sentence(
    stage: LibraryWindow, published: HubRepository, verb: str
) -> None:
    model = installed(stage, published, FILE)
    stage.services.settings.change(offline=True)
    stage.services.library.found_damaged(model.key)
    stage.show()
    ask(stage, verb)
    stage.wait(lambda: len(stage.troubles) == 1)
    assert model.handle.path.exists(), "what is damaged stays until another can come"
    ask(stage, verb)
    stage.wait(lambda: len(stage.troubles) == 2)


def test_what_is_missing_is_fetched_and_nothing_else(
    stage: LibraryWindow, published: HubRepository, server: HubServer
) -> None:
    names = sorted(name for name in published.commits[published.head] if name != FILE)
    model = installed(stage, published, *names)
    gone = model.handle.files[1].path
    size = gone.stat().st_size
    gone.unlink()
    stage.show()
    assert states(stage) == ["incomplete"]
    server.forget()
    stage.services.models.downloads.start()
    ask(stage, "download")
    stage.wait(lambda: states(stage) == ["ready"])
    assert gone.exists()
    assert server.bytes_sent(side=CDN) == size


def test_a_damaged_model_is_replaced_and_goes_to_the_trash(
    stage: LibraryWindow, published: HubRepository
) -> None:
    model = installed(stage, published, FILE)
    with model.handle.path.open("r+b") as file:
        file.seek(-100, 2)
        file.write(b"damage")
    damaged = stage.services.library.add(open_model(model.handle.path), model.origin)
    stage.services.library.found_damaged(damaged.key)
    stage.show()
    assert states(stage) == ["damaged"]
    stage.services.models.downloads.start()
    ask(stage, "download")
    stage.wait(lambda: states(stage) == ["ready"])
    assert stage.tab.view.rows[0].verified == "hash"
    assert [path.name for path in stage.trash.iterdir()] == [FILE]
    assert list(stage.models.rglob("*.gguf")) == [model.handle.path]


def test_a_commit_without_these_files_says_so(
    stage: LibraryWindow, published: HubRepository
) -> None:
    model = installed(stage, published, FILE)
    other = published.commit({"Other-Q4_K_M.gguf": sample_gguf(9_000, 3, "Other")})
    origin = Origin(repository=REPO, commit=other, is_owned=True, hashes=("0" * 64,))
    stage.services.library.add(open_model(model.handle.path), origin)
    stage.services.library.found_damaged(model.key)
    stage.show()
    ask(stage, "download")
    stage.wait(lambda: bool(stage.troubles))
    assert "are no longer in" in stage.troubles[0]
    assert model.handle.path.exists()


def test_a_download_is_a_row_that_leads_to_the_downloads(
    stage: LibraryWindow, published: HubRepository, server: HubServer, qtbot: QtBot
) -> None:
    server.faults.add(Slow(2_000), side=CDN, times=None)
    stage.show()
    downloads = stage.services.models.downloads
    downloads.start()

    def begin(page: RepositoryPage) -> None:
        found = next(each for each in page.choices() if each[1].files[0].path == FILE)
        downloads.add(page.request(*found))

    def failed(error: KnownError) -> None:
        raise error

    stage.services.models.hub.look_up(REPO, None, begin, failed)
    stage.wait(lambda: "coming" in states(stage))
    row = next(each for each in stage.tab.view.rows if each.state == "coming")
    assert (row.quantization, row.publisher) == ("Q4_K_M", "org")
    assert not row.can_delete
    stage.tab.open_drawer(row.key)
    assert "is being downloaded" in stage.tab.drawer.trouble.text()
    with qtbot.waitSignal(stage.controller.downloads_requested):
        stage.tab.drawer.button("progress").click()
