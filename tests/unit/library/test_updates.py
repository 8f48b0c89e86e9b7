"""Is there another version: one question, only when asked, and an answer in a sentence."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.library.entities import InstalledModel, Origin
from app.library.hub_service import HubService
from app.library.updates import UpdateCheck, UpdateChecks
from app.network import Network
from app.wording import sentence
from models.errors import KnownError
from models.gguf import open_model
from tests.helpers.hub_faults import Status
from tests.helpers.hub_repositories import HubRepository
from tests.helpers.hub_server import HubServer, closed_address, hub
from tests.helpers.library_stage import LibraryStage
from tests.helpers.transfers import sample_gguf

pytestmark = pytest.mark.usefixtures("starter_model")

REPO = "org/Tiny-GGUF"
SHARDS = tuple(f"Tiny-Q8_0-{number:05d}-of-00002.gguf" for number in (1, 2))


class NoPlaces:
    """Nothing is planned here."""

    def place(self, *_arguments: object) -> None:
        raise AssertionError("nobody asked for a plan")

    def warm_up(self) -> None:
        raise AssertionError("nobody asked for a plan")


class Asking(LibraryStage):
    """A library with one model of a repository."""

    def __init__(self, root: Path, server: HubServer) -> None:
        super().__init__(root)
        self.server = server
        self.endpoint = server.endpoint
        self.content = {"Tiny-Q4_0.gguf": sample_gguf(seed=1), SHARDS[0]: sample_gguf(seed=2)}
        self.content[SHARDS[1]] = sample_gguf(seed=3)
        self.content["mmproj-Tiny-f16.gguf"] = sample_gguf(20_000, seed=4)
        self.repository = server.add(HubRepository(REPO))
        self.repository.commit(dict(self.content))
        self.hub = HubService(
            Network(lambda: False), lambda: self.endpoint, lambda: None, NoPlaces(),
            root / "kept", self.queue.post,
        )  # fmt: skip
        self.updates = UpdateChecks(self.hub)

    def model(self, **origin: Any) -> InstalledModel:
        """The smaller one, as a download leaves it."""
        path = self.models / "org" / "Tiny-GGUF" / "Tiny-Q4_0.gguf"
        path.parent.mkdir(parents=True)
        path.write_bytes(self.content[path.name])
        told = {
            "repository": REPO, "commit": self.repository.head, "is_owned": True,
            "hashes": (self.repository.sha256(path.name),), "hashes_published": True,
        }  # fmt: skip
        return self.library.add(open_model(path), Origin(**(told | origin)))

    def check(self, model: InstalledModel) -> UpdateCheck | KnownError:
        found: UpdateCheck | KnownError = self.wait(
            lambda done, failed: self.updates.check(model, done, failed)
        )
        if isinstance(found, UpdateCheck):
            assert 0 < len(sentence(found.sentence_code, found.facts)) <= 140
        return found

    def state(self, model: InstalledModel) -> str:
        found = self.check(model)
        assert isinstance(found, UpdateCheck), found
        return found.state


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with hub() as server:
        made = Asking(tmp_path, server)
        yield made
        made.hub.close()
        made.close()


def test_the_same_content_is_the_same_whatever_the_commit(stage: Asking) -> None:
    model = stage.model()
    assert stage.server.seen() == []
    assert stage.state(model) == "same"
    stage.repository.commit({**stage.content, "README.md": "another text"})
    found = stage.check(model)
    assert isinstance(found, UpdateCheck)
    assert (found.state, found.commit) == ("same", stage.repository.head)
    assert (found.request, found.differing, found.fetch_bytes) == (None, (), 0)


def test_another_content_says_what_a_download_would_fetch(stage: Asking) -> None:
    model = stage.model()
    stage.repository.commit({**stage.content, "Tiny-Q4_0.gguf": sample_gguf(200_000, seed=9)})
    found = stage.check(model)
    assert isinstance(found, UpdateCheck)
    assert found.state == "changed"
    assert [file.path for file in found.differing] == ["Tiny-Q4_0.gguf"]
    assert found.request is not None
    assert found.request.commit == stage.repository.head
    assert found.fetch_bytes == sum(file.size for file in found.request.files)


def test_a_companion_that_came_along_is_part_of_the_new_version(stage: Asking) -> None:
    projector = stage.models / "mmproj-Tiny-f16.gguf"
    model = stage.model()
    projector.write_bytes(stage.content[projector.name])
    model = stage.library.add(
        open_model(model.handle.path),
        Origin(
            repository=REPO, is_owned=True, hashes=model.origin.hashes,
            companions=(open_model(projector).handle.files[0],),
            companion_hashes=(stage.repository.sha256(projector.name),),
        ),
    )  # fmt: skip
    stage.repository.commit({**stage.content, "Tiny-Q4_0.gguf": sample_gguf(200_000, seed=9)})
    found = stage.check(model)
    assert isinstance(found, UpdateCheck)
    assert found.request is not None
    assert len(found.request.files) == 2
    assert [file.path for file in found.differing] == ["Tiny-Q4_0.gguf"]


def test_renamed_files_are_found_by_content_and_by_label(stage: Asking) -> None:
    model = stage.model()
    stage.repository.commit({"deep/New-Name-IQ2_M.gguf": stage.content["Tiny-Q4_0.gguf"]})
    assert stage.state(model) == "same"
    stage.repository.commit({"Tiny-v2-Q4_0.gguf": sample_gguf(seed=9)})
    assert stage.state(model) == "changed"


def test_what_is_no_longer_offered(stage: Asking) -> None:
    model = stage.model()
    stage.repository.commit({SHARDS[0]: stage.content[SHARDS[0]]})
    assert stage.state(model) == "gone"
    stage.server.faults.add(Status(404, "RepoNotFound"), path="*/Tiny-GGUF*", times=None)
    assert stage.state(model) == "gone"


def test_a_new_version_that_lacks_a_part_is_not_offered(stage: Asking) -> None:
    folder = stage.elsewhere
    model = stage.model(hashes=("f" * 64,))
    (folder / "x").mkdir()
    stage.repository.commit({"Tiny-Q4_0-00001-of-00002.gguf": sample_gguf(seed=9)})
    assert stage.state(model) == "unknown"


def test_nothing_is_asked_where_nothing_could_be_compared(stage: Asking) -> None:
    for told in ({"repository": ""}, {"hashes": ()}):
        model = stage.model(**told)
        assert stage.state(model) == "unknown"
        stage.library.forget(model.key)
        model.handle.path.unlink()
        model.handle.path.parent.rmdir()
    assert stage.server.seen() == []


def test_a_hub_that_does_not_answer_is_told(stage: Asking) -> None:
    model = stage.model()
    stage.endpoint = closed_address()
    found = stage.check(model)
    assert isinstance(found, KnownError)
    assert found.code.startswith("network.")
