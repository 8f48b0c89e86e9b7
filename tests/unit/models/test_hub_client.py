"""The Hub's client against a Hub that works, refuses, lies, hangs and talks nonsense."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.network import Network
from app.wording import sentence_for
from models.http_clients import Deadlines, Purpose
from models.hub import HubClient
from models.hub_calls import Call, CallHandle, HubCalls, unpacker
from models.hub_entities import Gate, RepositoryFile, SearchQuery, SearchSort
from models.hub_errors import (
    CallCancelledError,
    HubError,
    HubTrouble,
    NetworkError,
    NetworkTrouble,
)
from tests.helpers import hub_faults as faults
from tests.helpers.hub_repositories import repository, some_bytes
from tests.helpers.hub_server import HubServer, closed_address, deaf_server, hub

NAME = "org/m-GGUF"
INFO = f"/api/models/{NAME}"
GOOD = json.dumps({"sha": "a" * 40, "siblings": []}).encode()
QUICK = Deadlines(connect=2, read=0.4)


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def _served() -> Iterator[HubServer]:
    with hub() as server:
        yield server


@pytest.fixture
def server(_served: HubServer) -> HubServer:
    _served.faults.clear()
    _served.forget()
    _served.answers.repositories.clear()
    _served.answers.tokens.clear()
    _served.add(repository(NAME, base_models=("Qwen/Qwen3-8B",)))
    return _served


class Tokens:
    """What the user has pasted, and how often it was looked up."""

    def __init__(self, token: str | None = None) -> None:
        self.token, self.asked = token, 0

    def __call__(self) -> str | None:
        self.asked += 1
        return self.token


Made = Callable[..., HubClient]


@pytest.fixture(scope="module")
def network() -> Network:
    """One for all, as in the application: it keeps the system's certificates."""
    return Network(lambda: False, deadlines=QUICK)


@pytest.fixture
def client_for(network: Network) -> Iterator[Made]:
    made: list[HubClient] = []

    def make(endpoint: str, token: str | None = None) -> HubClient:
        client = HubClient(network, endpoint, Tokens(token))
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(server: HubServer, client_for: Made) -> HubClient:
    return client_for(server.endpoint)


def trouble_of(call: Callable[[], Any]) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        call()
    assert len(sentence_for(caught.value)) <= 140
    assert caught.value.exit_code == 5
    return caught.value


# --- search --------------------------------------------------------------------------------


def test_search_pages_sorts_and_filters(server: HubServer, client: HubClient) -> None:
    for number in range(7):
        server.add(
            repository(
                f"org/qwen-{number}-GGUF", likes=number, licence="mit" if number % 2 else "gemma",
                gguf={"total": number * 10**9, "architecture": "qwen3moe", "context_length": 4096},
            )
        )  # fmt: skip
    query = SearchQuery(text=" qwen ", sort=SearchSort.LIKES, page_size=3)
    first = client.search(query)
    assert [one.likes for one in first.models] == [6, 5, 4]
    assert first.next is not None
    second = client.search(query, first.next)
    third = client.search(query, second.next)
    assert [one.likes for one in (*second.models, *third.models)] == [3, 2, 1, 0]
    assert third.next is None
    bounds = {"least_parameters": 2 * 10**9, "most_parameters": 4 * 10**9}
    some = client.search(SearchQuery(text="qwen", licence="mit", **bounds))
    assert [one.id for one in some.models] == ["org/qwen-3-GGUF"]
    found = some.models[0]
    assert (found.licence, found.architecture, found.parameters) == ("mit", "qwen3moe", 3 * 10**9)
    assert found.context_tokens == 4096
    assert found.updated_ms > 1_700_000_000_000


def test_the_next_page_is_asked_of_the_same_hub(server: HubServer, client: HubClient) -> None:
    server.add(repository("org/other-GGUF"))
    away = {"Link": '<http://evil.example.org/api/models?cursor=1&limit=1>; rel="next"'}
    server.faults.add(faults.Body(json.dumps([{"id": NAME}]).encode(), away))
    first = client.search(SearchQuery(page_size=1))
    assert first.next == "cursor=1&limit=1"
    assert len(client.search(SearchQuery(page_size=1), first.next).models) == 1
    assert len(server.seen("/api/models")) == 2


def test_results_with_missing_keys_are_still_results(server: HubServer, client: HubClient) -> None:
    keys = ("tags", "gguf", "downloads", "lastModified", "gated", "cardData")
    server.faults.add(faults.DropKeys(keys))
    assert [one.id for one in client.search(SearchQuery()).models] == [NAME]
    server.faults.add(faults.Body(b'[{"x": 1}, null, {"id": "org/good"}]'))
    assert [one.id for one in client.search(SearchQuery()).models] == ["org/good"]


# --- one repository ------------------------------------------------------------------------


def test_a_repository_in_one_request(server: HubServer, client: HubClient) -> None:
    info = client.repository(NAME)
    made = server.answers.repositories[NAME]
    assert (info.commit, info.gate, info.base_models) == (made.head, Gate.OPEN, ("Qwen/Qwen3-8B",))
    assert info.files[1] == RepositoryFile(
        "model-Q4_K_M.gguf", 3000, made.sha256("model-Q4_K_M.gguf"), info.files[1].git_sha1
    )
    assert len(server.seen()) == 1
    made.commit({"a.gguf": some_bytes(10)})
    assert client.repository(NAME, info.commit).files == info.files
    assert client.repository(NAME).files != info.files


def test_sizes_come_from_the_tree_where_the_description_has_none(
    server: HubServer, client: HubClient
) -> None:
    whole = client.repository(NAME).files
    server.faults.add(faults.DropKeys(("size", "lfs")), path=INFO)
    assert set(client.repository(NAME).files) == set(whole)
    assert len(server.seen(method="GET")) == 3


def test_missing_keys(server: HubServer, client: HubClient) -> None:
    keys = ("gated", "tags", "cardData", "pointerSize", "gguf", "id", "modelId", "blobId")
    server.faults.add(faults.DropKeys(keys), path=INFO)
    info = client.repository(NAME)
    assert (info.id, info.licence, len(info.files)) == (NAME, "", 2)
    server.faults.add(faults.DropKeys(("sha",)), path=INFO)
    assert trouble_of(lambda: client.repository(NAME)).trouble is HubTrouble.NONSENSE


def test_a_repository_without_gguf(server: HubServer, client: HubClient) -> None:
    server.add(repository("org/empty", {"README.md": "nothing"}))
    assert [file.path for file in client.repository("org/empty").files] == ["README.md"]


# --- cards ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("# Title\n", "# Title\n"),
        ("---\nlicense: mit\n---\n\n# Title\n", "# Title\n"),
        ("\ufeff---\r\nlicense: mit\r\n---\r\n# Title", "# Title"),
        ("---\nnever ends\n", "---\nnever ends\n"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        (b"\xff\xfe bytes", "\ufffd\ufffd bytes"),
    ],
)
def test_cards(server: HubServer, client: HubClient, card: str | bytes, expected: str) -> None:
    server.add(repository("org/card", {"README.md": card}))
    assert client.card("org/card", client.repository("org/card").commit) == expected


def test_a_card_is_cut_and_may_be_absent(server: HubServer, client: HubClient) -> None:
    server.add(repository("org/long", {"README.md": "a" * 2_000_000}))
    server.add(repository("org/none", {"a.gguf": b"x"}))
    assert client.card("org/long", client.repository("org/long").commit) == "a" * 2**20
    assert client.card("org/none", client.repository("org/none").commit) == ""
    assert trouble_of(lambda: client.card("org/gone", "f" * 40)).trouble is HubTrouble.NOT_FOUND


# --- tokens and gates ----------------------------------------------------------------------


def test_the_token_is_sent_only_when_it_must_be(server: HubServer, client_for: Made) -> None:
    token = server.know("hf_goodgoodgood")
    server.add(repository("org/private", private=True, granted={token}))
    client = client_for(server.endpoint, token)
    client.search(SearchQuery())
    client.repository(NAME)
    assert not [one for one in server.seen() if "authorization" in one.headers]
    assert client.repository("org/private").id == "org/private"
    assert [one.headers.get("authorization") for one in server.seen("/private")] == [
        None, f"Bearer {token}",
    ]  # fmt: skip


def test_gates(server: HubServer, client_for: Made) -> None:
    good, other = server.know("hf_goodgoodgood"), server.know("hf_otherother")
    server.add(repository("org/gated", gated="manual", granted={good}))
    info = client_for(server.endpoint).repository("org/gated")
    assert info.gate is Gate.MANUAL

    def card(token: str | None) -> str:
        return client_for(server.endpoint, token).card("org/gated", info.commit)

    assert trouble_of(lambda: card(None)).trouble is HubTrouble.LOGIN
    assert trouble_of(lambda: card(other)).trouble is HubTrouble.REQUEST
    assert trouble_of(lambda: card("hf_unknown")).trouble is HubTrouble.TOKEN
    assert card(good) == "# org/gated\n"


def test_a_hub_that_wants_a_token_for_everything(server: HubServer, client_for: Made) -> None:
    token = server.know("hf_goodgoodgood")
    server.faults.add(faults.Status(401), path="/api/models", times=2)
    refused = trouble_of(lambda: client_for(server.endpoint).search(SearchQuery()))
    assert refused.trouble is HubTrouble.REFUSED
    assert len(client_for(server.endpoint, token).search(SearchQuery()).models) == 1


def test_a_token_is_used_where_it_raises_a_limit(server: HubServer, client_for: Made) -> None:
    client = client_for(server.endpoint, server.know("hf_goodgoodgood"))
    server.faults.add(faults.rate_limited(5))
    assert len(client.search(SearchQuery()).models) == 1
    server.faults.add(faults.rate_limited(5), times=2)
    assert trouble_of(lambda: client.search(SearchQuery())).trouble is HubTrouble.RATE_LIMITED


@pytest.mark.parametrize("token", ["", "hf_\r\nX-Evil: 1", "hf_a b", "hf_ü"])
def test_what_is_no_token_is_not_sent(server: HubServer, client_for: Made, token: str) -> None:
    client = client_for(server.endpoint, token)
    assert trouble_of(lambda: client.repository("org/none")).trouble is HubTrouble.TOKEN
    assert len(server.seen()) == 1


# --- refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (faults.Status(401, "GatedRepo"), HubTrouble.LOGIN),
        (faults.Status(403, message="Access to this resource is disabled."), HubTrouble.DISABLED),
        (faults.Status(403), HubTrouble.REFUSED),
        (faults.Status(404, "RepoNotFound"), HubTrouble.NOT_FOUND),
        (faults.Status(404), HubTrouble.NOT_FOUND),
        (faults.Status(401), HubTrouble.NOT_FOUND),
        (faults.Status(404, "RevisionNotFound"), HubTrouble.REVISION),
        (faults.Status(404, "EntryNotFound"), HubTrouble.REVISION),
        (faults.Status(400), HubTrouble.REFUSED),
        (faults.Status(416), HubTrouble.REFUSED),
        (faults.Status(408), HubTrouble.SERVER),
        (faults.Status(500), HubTrouble.SERVER),
        (faults.Body(b"<html>Log in to this network</html>"), HubTrouble.NONSENSE),
        (faults.Body(b"[]"), HubTrouble.NONSENSE),
        (faults.Body(b"[" * 100_000), HubTrouble.NONSENSE),
        (faults.Body(b"{}"), HubTrouble.NONSENSE),
        (faults.Body(b"\xff\xfe"), HubTrouble.NONSENSE),
        (faults.Body(GOOD, {"Content-Encoding": "br"}), HubTrouble.NONSENSE),
        (faults.Body(GOOD, {"Content-Encoding": "gzip"}), HubTrouble.NONSENSE),
        (faults.RedirectTo(), NetworkTrouble.LOOP),
        (faults.RedirectTo("ftp://x/"), NetworkTrouble.REDIRECT),
    ],
)
def test_refusals(
    server: HubServer, client: HubClient, fault: faults.Fault, trouble: HubTrouble
) -> None:
    server.faults.add(fault, times=None)
    assert trouble_of(lambda: client.repository(NAME)).trouble is trouble


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"RateLimit": '"api";r=0;t=55'}, 55),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "99999999"}, 3600),
        ({"Retry-After": "tomorrow"}, 60),
        ({}, 60),
    ],
)
def test_rate_limits(
    server: HubServer, client: HubClient, headers: dict[str, str], seconds: int
) -> None:
    server.faults.add(faults.Status(429, headers=headers))
    error = trouble_of(lambda: client.search(SearchQuery()))
    assert isinstance(error, HubError)
    assert (error.trouble, error.seconds) == (HubTrouble.RATE_LIMITED, seconds)
    assert len(server.seen()) == 1, "no second try into a limit"


def test_the_library_logs_and_trusts_nothing_of_an_error(
    server: HubServer, client: HubClient, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"X-HF-Warning": "a; visit evil.example.org"}
    server.faults.add(faults.Status(400, message="m" * 5000, headers=headers))
    error = trouble_of(lambda: client.repository(NAME))
    assert error.trouble is HubTrouble.REFUSED
    assert "evil" not in caplog.text


def test_a_place_without_the_api_is_no_hub(server: HubServer, client_for: Made) -> None:
    client = client_for(server.cdn)
    server.faults.add(faults.Status(404), side=faults.CDN)
    assert trouble_of(lambda: client.search(SearchQuery())).trouble is HubTrouble.NONSENSE


def test_a_disabled_repository(server: HubServer, client: HubClient) -> None:
    server.answers.repositories[NAME].disabled = True
    assert trouble_of(lambda: client.repository(NAME)).trouble is HubTrouble.DISABLED


@pytest.mark.parametrize("name", ["", "x", "../..", "a/b/c", "a/../b", "api/models", "a/b?c"])
def test_what_is_no_name_is_not_asked_for(server: HubServer, client: HubClient, name: str) -> None:
    assert trouble_of(lambda: client.repository(name)).trouble is HubTrouble.NOT_FOUND
    assert trouble_of(lambda: client.card(name, "main")).trouble is HubTrouble.NOT_FOUND
    assert server.seen() == []


def test_a_revision_cannot_lead_elsewhere(server: HubServer, client: HubClient) -> None:
    trouble_of(lambda: client.repository(NAME, "../../secrets"))
    assert server.seen()[0].path == f"{INFO}/revision/../../secrets"
    assert "%2F" in server.seen()[0].target


# --- the way there -------------------------------------------------------------------------


def test_one_more_try_after_a_hiccup(server: HubServer, client: HubClient) -> None:
    for fault in (faults.Status(503), faults.Cut(10, reset=True), faults.Cut(10)):
        server.forget()
        server.faults.add(fault)
        assert client.repository(NAME).id == NAME
        assert len(server.seen()) == 2
    server.forget()
    server.faults.add(faults.Cut(10), times=None)
    assert trouble_of(lambda: client.repository(NAME)).trouble is NetworkTrouble.BROKEN
    assert len(server.seen()) == 2


def test_nobody_there(client_for: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(endpoint: str) -> NetworkError:
        return trouble_of(lambda: client_for(endpoint).search(SearchQuery()))

    assert ask(closed_address()).trouble is NetworkTrouble.BLOCKED
    with deaf_server() as address:
        assert ask(address).trouble is NetworkTrouble.TIMEOUT
    with hub(tls=True) as secure:
        assert ask(secure.endpoint).trouble is NetworkTrouble.TLS

    def unknown(*_rest: Any, **_more: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert ask("https://hub.example.org").trouble is NetworkTrouble.DNS


def test_offline(server: HubServer) -> None:
    client = HubClient(Network(lambda: True), server.endpoint, Tokens("hf_x"))
    assert trouble_of(lambda: client.search(SearchQuery())).trouble is NetworkTrouble.OFFLINE
    client.close()
    assert server.seen() == []


# --- bounds --------------------------------------------------------------------------------


@pytest.fixture
def calls(network: Network, server: HubServer) -> Iterator[HubCalls]:
    made = HubCalls(lambda: network.async_client(Purpose.SEARCH, server.endpoint))
    yield made
    made.close()


def call_of(server: HubServer, *, most: int = 100_000, seconds: float = 10) -> Call:
    return Call(
        purpose=Purpose.SEARCH, url=server.endpoint + INFO, most_bytes=most, seconds=seconds
    )


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_without_end(server: HubServer, calls: HubCalls, packed: bool) -> None:
    if packed:
        bomb = gzip.compress(b" " * 20_000_000)
        server.faults.add(faults.Body(bomb, {"Content-Encoding": "gzip"}))
    else:
        server.faults.add(faults.Endless())
    error = trouble_of(lambda: calls.run(call_of(server)))
    assert error.trouble is HubTrouble.NONSENSE


def test_a_little_that_unpacks_to_very_much_is_not_unpacked() -> None:
    unpack = unpacker("gzip")
    assert unpack is not None
    assert len(unpack(gzip.compress(b" " * 2_000_000), 1000)) == 1000


def test_packed_answers_are_unpacked(server: HubServer, calls: HubCalls) -> None:
    packed = gzip.compress(b"0123456789" * 1000)
    server.faults.add(faults.Body(packed, {"Content-Encoding": "gzip"}))
    assert calls.run(call_of(server)).body == b"0123456789" * 1000


def test_a_trickle_ends_at_the_total_deadline(server: HubServer, calls: HubCalls) -> None:
    server.faults.add(faults.Slow(100))
    started = time.monotonic()
    error = trouble_of(lambda: calls.run(call_of(server, seconds=0.5)))
    assert error.trouble is NetworkTrouble.TIMEOUT
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("fault", [faults.Silent(), faults.Stall(20), faults.Slow(50)])
def test_a_call_can_be_given_up_at_any_moment(
    server: HubServer, calls: HubCalls, fault: faults.Fault
) -> None:
    server.faults.add(fault)
    handle = CallHandle()
    threading.Timer(0.2, handle.cancel).start()
    started = time.monotonic()
    with pytest.raises(CallCancelledError):
        calls.run(call_of(server), handle)
    assert time.monotonic() - started < 2


def test_a_call_that_was_given_up_before(server: HubServer, client: HubClient) -> None:
    handle = CallHandle()
    handle.cancel()
    with pytest.raises(CallCancelledError):
        client.search(SearchQuery(), handle=handle)


def test_a_closed_client_asks_nothing(server: HubServer, client: HubClient) -> None:
    client.close()
    with pytest.raises(CallCancelledError):
        client.search(SearchQuery())
    assert server.seen() == []


def test_closing_gives_everything_up(server: HubServer, client: HubClient) -> None:
    server.faults.add(faults.Silent(), path=INFO)
    ended: list[Exception] = []

    def ask() -> None:
        try:
            client.repository(NAME)
        except CallCancelledError as error:
            ended.append(error)

    waiting = threading.Thread(target=ask)
    waiting.start()
    while not server.seen(INFO):
        time.sleep(0.01)
    client.close()
    waiting.join(5)
    assert len(ended) == 1
    with pytest.raises(CallCancelledError):
        client.search(SearchQuery())
    assert not [one for one in threading.enumerate() if one.name == "hub-requests"]
