"""Questions to the Hub: answered on the state thread, or never again once nobody wants them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.library.hub_pages import RepositoryPage
from app.library.hub_service import HubService
from app.library.row_headers import ReadSubject
from app.network import Network
from app.posting import CallbackQueue
from models.errors import KnownError
from models.http_clients import Purpose
from models.hub_entities import SearchPage, SearchQuery
from tests.helpers.hub_faults import CDN, Silent, Status
from tests.helpers.hub_quantizations import quantization, write_sparse_file
from tests.helpers.hub_repositories import repository
from tests.helpers.hub_server import HubServer, deaf_server, hub
from tests.helpers.moe_shapes import QWEN3_30B

TOKEN = "hf_secretsecretsecret"


class NoPlaces:
    """Nothing is planned here."""

    def place(self, *_arguments: object) -> None:
        raise AssertionError("nobody asked for a plan")

    def warm_up(self) -> None:
        raise AssertionError("nobody asked for a plan")


class Asker:
    """One program's questions."""

    def __init__(self, endpoint: str, folder: Path, token: str | None = None) -> None:
        self.endpoint = endpoint
        self.queue = CallbackQueue()
        self.network = Network(lambda: False)
        self.tokens = 0
        self._token = token
        self.hub = HubService(
            self.network, lambda: self.endpoint, self.token, NoPlaces(), folder, self.queue.post
        )

    def token(self) -> str | None:
        self.tokens += 1
        return self._token

    def wait(self, begin: Any) -> Any:
        results: list[Any] = []
        begin(results.append, results.append)
        assert self.queue.run_until(lambda: bool(results), 30)
        return results[0]

    def page(self, name: str) -> RepositoryPage:
        found = self.wait(lambda done, failed: self.hub.look_up(name, None, done, failed))
        assert isinstance(found, RepositoryPage), found
        return found


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server() -> Iterator[HubServer]:
    with hub(repository("org/Tiny-GGUF")) as running:
        yield running


@pytest.fixture
def asker(server: HubServer, tmp_path: Path) -> Iterator[Asker]:
    made = Asker(server.endpoint, tmp_path / "kept", TOKEN)
    yield made
    made.hub.close()


def test_search_and_look_up_are_answered_where_they_were_asked(asker: Asker) -> None:
    found = asker.wait(
        lambda done, failed: asker.hub.search(SearchQuery(text="tiny"), None, done, failed)
    )
    assert isinstance(found, SearchPage)
    assert [each.id for each in found.models] == ["org/Tiny-GGUF"]
    page = asker.page("org/Tiny-GGUF")
    assert not page.needs_token
    assert [each.label for _model, each in page.choices()] == ["Q4_K_M"]
    card = asker.wait(lambda done, failed: asker.hub.card(page, done, failed))
    assert card.startswith("# org/Tiny-GGUF")
    assert asker.tokens == 0


def test_a_refusal_comes_the_other_way(asker: Asker, server: HubServer) -> None:
    server.know(TOKEN)
    trouble = asker.wait(lambda done, failed: asker.hub.look_up("org/No", None, done, failed))
    assert isinstance(trouble, KnownError)
    assert trouble.code == "hub.not_found"


def test_nobody_hears_of_what_was_cancelled(tmp_path: Path) -> None:
    with deaf_server() as endpoint:
        asker = Asker(endpoint, tmp_path)
        heard: list[object] = []
        ask = asker.hub.search(SearchQuery(), None, heard.append, heard.append)
        assert not asker.queue.run_until(lambda: bool(heard), 0.3)
        ask.cancel()
        # Cancelled before it began makes no difference.
        asker.hub.search(SearchQuery(), None, heard.append, heard.append).cancel()
        assert not asker.queue.run_until(lambda: bool(heard), 0.5)
        asker.hub.close()


def test_an_answer_that_crosses_the_cancelling_is_not_heard(asker: Asker) -> None:
    heard: list[object] = []
    ask = asker.hub.look_up("org/Tiny-GGUF", None, heard.append, heard.append)
    # The answer waits to be posted; what was said in between counts.
    asker.queue.post(ask.cancel)
    asker.queue.run_until(lambda: False, 0.7)
    assert heard == []


def test_a_private_repository_is_opened_and_read_by_token_alone(
    asker: Asker, server: HubServer, tmp_path: Path
) -> None:
    server.know(TOKEN)
    file = quantization(QWEN3_30B, "Q4_K_M", vocabulary=2000)
    path = write_sparse_file(file, tmp_path / "x.gguf")
    server.add(repository("me/Mine-GGUF", {"x-Q4_K_M.gguf": path}, private=True, granted={TOKEN}))
    page = asker.page("me/Mine-GGUF")
    assert page.needs_token
    ((_model, found),) = page.choices()
    read = asker.wait(
        lambda done, failed: asker.hub.read_headers(page, found, tmp_path, done, failed)
    )
    assert isinstance(read, ReadSubject), read
    assert read.subject.facts.architecture == "qwen3moe"
    assert server.bytes_sent(side=CDN) == read.fetched_bytes > 0
    # For the page, and once for all pieces of the header.
    assert asker.tokens == 2
    assert not asker.page("org/Tiny-GGUF").needs_token
    # What was read is kept.
    folder = tmp_path / "again"
    folder.mkdir()
    again = asker.wait(
        lambda done, failed: asker.hub.read_headers(page, found, folder, done, failed)
    )
    assert again.fetched_bytes == 0


def test_another_address_is_asked_from_then_on(
    asker: Asker, server: HubServer, tmp_path: Path
) -> None:
    asker.page("org/Tiny-GGUF")
    with hub(repository("org/Elsewhere-GGUF")) as other:
        asker.endpoint = other.endpoint
        assert asker.page("org/Elsewhere-GGUF").info.id == "org/Elsewhere-GGUF"
    assert server.seen("/api/models/org/Elsewhere-GGUF") == []


def test_closing_gives_up_what_is_under_way(server: HubServer, tmp_path: Path) -> None:
    server.faults.add(Silent(), path="/api/models*", times=None)
    asker = Asker(server.endpoint, tmp_path)
    heard: list[object] = []
    asker.hub.search(SearchQuery(), None, heard.append, heard.append)
    asker.queue.run_until(lambda: bool(server.seen("/api/models")), 10)
    asker.hub.close()
    assert not asker.queue.run_until(lambda: bool(heard), 0.3)


def test_everything_is_in_the_list_of_requests(asker: Asker, server: HubServer) -> None:
    server.faults.add(Status(503), path="/api/models/*", times=2)
    asker.wait(lambda done, failed: asker.hub.look_up("org/Tiny-GGUF", None, done, failed))
    purposes = {one.purpose for one in asker.network.requests.entries()}
    assert purposes == {Purpose.REPOSITORY}
