"""Finished downloads become installed models, also after a kill in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.library.arrivals import Arrivals
from app.library.entities import InstalledModel
from tests.helpers.download_stage import Stage, request_of
from tests.helpers.hub_repositories import HubRepository
from tests.helpers.hub_server import HubServer, hub
from tests.helpers.library_stage import LibraryStage
from tests.helpers.transfers import FILE, sample_gguf, sample_repository


@pytest.fixture
def repository() -> HubRepository:
    return sample_repository()


@pytest.fixture
def server(repository: HubRepository) -> Iterator[HubServer]:
    with hub(repository) as running:
        yield running


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[LibraryStage]:
    made = LibraryStage(tmp_path)
    yield made
    made.close()


@pytest.fixture
def loading(tmp_path: Path, server: HubServer) -> Iterator[Stage]:
    made = Stage(tmp_path / "loading", server.endpoint)
    yield made
    made.close()


def test_it_is_there_with_all_that_is_known(
    stage: LibraryStage, loading: Stage, repository: HubRepository
) -> None:
    heard: list[InstalledModel] = []
    arrivals = Arrivals(loading.downloads, stage.library, heard.append)
    got = loading.get(request_of(repository, license="apache-2.0"))
    (tiny,) = heard
    assert arrivals.model_of(got.id) == tiny
    assert tiny.handle.path == got.paths[0]
    assert (tiny.license, tiny.state) == ("apache-2.0", "ready")
    origin = tiny.origin
    assert (origin.repository, origin.commit) == (repository.id, repository.head)
    assert origin.hashes == (repository.sha256(FILE),)
    assert (origin.hashes_published, origin.verified, origin.is_owned) == (True, "sha256", True)
    # It answers to the name of its repository, and knows where it came from when seen again.
    assert stage.library.installed(repository.id) == tiny
    assert stage.library.add_file(tiny.handle.path) == tiny


def test_what_finished_just_before_a_kill_is_added_at_the_next_start(
    stage: LibraryStage, loading: Stage, repository: HubRepository
) -> None:
    loading.get(request_of(repository))
    assert stage.real() == []
    Arrivals(loading.downloads, stage.library)
    assert stage.real() == ["Tiny Test"]


def test_a_removed_model_does_not_come_back(
    stage: LibraryStage, loading: Stage, repository: HubRepository
) -> None:
    arrivals = Arrivals(loading.downloads, stage.library)
    got = loading.get(request_of(repository))
    tiny = arrivals.model_of(got.id)
    assert tiny is not None
    stage.library.forget(tiny.key)
    arrivals.forget(tiny)
    loading.run_until(lambda: loading.downloads.entries() == [])
    arrivals.catch_up()
    assert stage.real() == []


def test_what_this_engine_cannot_use_says_why(
    stage: LibraryStage, loading: Stage, server: HubServer
) -> None:
    content = sample_gguf()
    other = server.add(HubRepository("tiny/Other-GGUF"))
    # A version that is still to come: it can be kept, but not used.
    other.commit({"x-Q4_0.gguf": content[:4] + b"\x09" + content[5:]})
    arrivals = Arrivals(loading.downloads, stage.library)
    got = loading.get(request_of(other))
    trouble = arrivals.trouble(got.id)
    assert trouble is not None
    assert trouble.code.startswith("gguf.")
    assert stage.real() == []


def test_a_projector_that_came_later_belongs_to_its_model(
    stage: LibraryStage, loading: Stage, repository: HubRepository
) -> None:
    """Also when the program died before anybody heard of it."""
    files = {FILE: sample_gguf(), "mmproj-tiny-f16.gguf": sample_gguf(20_000, 5)}
    repository.commit(files)
    Arrivals(loading.downloads, stage.library)
    loading.get(request_of(repository, FILE))
    (alone,) = [each for each in stage.library.entries() if not each.is_demo]
    assert alone.origin.companions == ()
    second = Stage(loading.folder, loading.endpoint)
    try:
        got = second.get(request_of(repository, *files))
        Arrivals(second.downloads, stage.library)
        (whole,) = [each for each in stage.library.entries() if not each.is_demo]
        assert whole.key == alone.key
        assert [file.path for file in whole.origin.companions] == [got.paths[1]]
        assert whole.origin.companion_hashes == (repository.sha256("mmproj-tiny-f16.gguf"),)
    finally:
        second.close()
