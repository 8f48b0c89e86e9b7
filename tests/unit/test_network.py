"""The door: offline, deadlines, the request log, redirects, certificates, proxies."""

import asyncio
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.network import Network
from app.request_log import RequestLog
from models.http_clients import PURPOSE, Deadlines, Purpose
from models.hub_errors import NetworkError, NetworkTrouble, network_error_of
from tests.helpers import hub_faults as faults
from tests.helpers.hub_repositories import repository, some_bytes
from tests.helpers.hub_server import HubServer, closed_address, deaf_server, hub

MODEL = "/org/m-GGUF/resolve/main/model-Q4_K_M.gguf"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
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
    _served.add(repository("org/m-GGUF"))
    return _served


class Switch:
    """The user's offline switch."""

    def __init__(self) -> None:
        self.off = False

    def __call__(self) -> bool:
        return self.off


def ask(network: Network, address: str, endpoint: str, **more: Any) -> httpx2.Response:
    with network.client(Purpose.DOWNLOAD, endpoint) as client:
        return client.get(address, **more)


def ask_async(network: Network, address: str, endpoint: str, **more: Any) -> httpx2.Response:
    async def run() -> httpx2.Response:
        async with network.async_client(Purpose.DOWNLOAD, endpoint) as client:
            return await client.get(address, **more)

    return asyncio.run(run())


both = pytest.mark.parametrize("asked", [ask, ask_async])


# --- offline -------------------------------------------------------------------------------


@both
def test_offline_sends_nothing(server: HubServer, asked: Any) -> None:
    network = Network(lambda: True)
    with pytest.raises(NetworkError) as caught:
        asked(network, server.endpoint + MODEL, server.endpoint)
    assert caught.value.trouble is NetworkTrouble.OFFLINE
    assert caught.value.exit_code == 5
    assert server.seen() == []
    assert network.requests.entries() == ()


def test_offline_between_redirects(server: HubServer) -> None:
    switch = Switch()
    server.faults.add(faults.Before(lambda: setattr(switch, "off", True)), path=MODEL)
    with pytest.raises(NetworkError):
        ask(Network(switch), server.endpoint + MODEL, server.endpoint)
    assert server.seen(side=faults.CDN) == []


@both
def test_offline_ends_what_is_arriving(server: HubServer, asked: Any) -> None:
    switch = Switch()
    server.add(repository("org/m-GGUF", {"model-Q4_K_M.gguf": some_bytes(300_000)}))
    server.faults.add(faults.Slow(1_000_000), side=faults.CDN)
    server.faults.add(faults.Before(lambda: setattr(switch, "off", True)), side=faults.CDN)
    # The switch falls while the server answers, so the answer's first piece is refused.
    network = Network(switch)
    started = time.monotonic()
    with pytest.raises(NetworkError) as caught:
        asked(network, server.endpoint + MODEL, server.endpoint)
    assert caught.value.trouble is NetworkTrouble.OFFLINE
    assert time.monotonic() - started < 5
    assert network.requests.entries()[-1].received_bytes < 300_000


# --- deadlines -----------------------------------------------------------------------------


@both
def test_a_silent_server_is_given_up_even_without_a_timeout(asked: Any) -> None:
    network = Network(lambda: False, deadlines=Deadlines(read=0.2))
    started = time.monotonic()
    with deaf_server() as address, pytest.raises(httpx2.ReadTimeout) as caught:
        asked(network, address, address, timeout=None)
    assert time.monotonic() - started < 5
    assert network_error_of(caught.value, address).trouble is NetworkTrouble.TIMEOUT


# --- the log -------------------------------------------------------------------------------


@both
def test_every_request_is_noted_without_secrets(
    server: HubServer, asked: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    network = Network(lambda: False)
    token = server.know("hf_abcdefghijklmnop")
    address = f"{server.endpoint}{MODEL}?secret=hidden"
    asked(network, address, server.endpoint, headers={"Authorization": f"Bearer {token}"})
    first, second = network.requests.entries()
    assert (first.host, first.path, first.status) == ("127.0.0.1", MODEL, 302)
    assert (second.purpose, second.status, second.received_bytes) == (Purpose.DOWNLOAD, 200, 3000)
    assert abs(first.time_ms - time.time() * 1000) < 60_000
    told = caplog.text + repr(network.requests.entries())
    assert "200, 3000 bytes" in caplog.text
    assert [word for word in ("hidden", "signature-", token) if word in told] == []


def test_tokens_in_a_path_are_not_kept(server: HubServer) -> None:
    network = Network(lambda: False)
    ask(network, f"{server.endpoint}/api/hf_abcdefghijklmnop", server.endpoint)
    assert network.requests.entries()[0].path == "/api/hf_…"


def test_a_request_may_have_a_purpose_of_its_own(server: HubServer) -> None:
    network = Network(lambda: False)
    ask(network, server.endpoint, server.endpoint, extensions={PURPOSE: Purpose.CARD})
    assert network.requests.entries()[0].purpose is Purpose.CARD


def test_the_log_is_bounded() -> None:
    log = RequestLog(kept=3)
    for number in range(5):
        log.begin(Purpose.SEARCH, "GET", "h", f"/{number}")
    assert [one.path for one in log.entries()] == ["/2", "/3", "/4"]


# --- redirects -----------------------------------------------------------------------------


@both
def test_the_token_stays_with_the_hub(server: HubServer, asked: Any) -> None:
    token = server.know("hf_abcdefghijklmnop")
    headers = {"Authorization": f"Bearer {token}", "Range": "bytes=5-9"}
    answer = asked(
        Network(lambda: False), server.endpoint + MODEL, server.endpoint, headers=headers
    )
    assert answer.content == some_bytes(3000)[5:10]
    assert "authorization" in server.seen(side=faults.HUB)[0].headers
    assert "authorization" not in server.seen(side=faults.CDN)[0].headers


@both
def test_tls_is_not_given_up_on_the_way(server: HubServer, asked: Any) -> None:
    with hub(repository("org/m-GGUF"), tls=True) as secure:
        network = Network(lambda: False, ca_file=lambda: secure.authority)
        assert asked(network, secure.endpoint + MODEL, secure.endpoint).status_code == 200
        secure.faults.add(faults.RedirectTo(server.endpoint + MODEL))
        with pytest.raises(NetworkError) as caught:
            asked(network, secure.endpoint + MODEL, secure.endpoint)
        # Neither where each hop alone would be allowed.
        secure.faults.add(faults.RedirectTo(secure.cdn + "/x"), side=faults.HUB)
        secure.faults.add(faults.RedirectTo(server.endpoint + MODEL), side=faults.CDN)
        with pytest.raises(NetworkError):
            asked(network, secure.endpoint + MODEL, secure.endpoint)
    assert caught.value.trouble is NetworkTrouble.REDIRECT
    assert server.seen() == []


def test_what_went_up_does_not_come_down_again(server: HubServer) -> None:
    with hub(tls=True) as secure:
        network = Network(lambda: False, ca_file=lambda: secure.authority)
        server.faults.add(faults.RedirectTo(secure.endpoint + "/x"), path=MODEL)
        secure.faults.add(faults.RedirectTo(server.cdn + "/y"))
        with pytest.raises(NetworkError):
            ask(network, server.endpoint + MODEL, server.endpoint)
    assert server.seen("/y") == []


def test_a_circle_of_redirects_ends(server: HubServer) -> None:
    server.faults.add(faults.RedirectTo(), path=MODEL, times=None)
    with pytest.raises(httpx2.TooManyRedirects) as caught:
        ask(Network(lambda: False), server.endpoint + MODEL, server.endpoint)
    assert network_error_of(caught.value, server.endpoint).trouble is NetworkTrouble.LOOP
    assert len(server.seen()) < 10


@pytest.fixture
def names_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of the internet that lead to the computer itself, as a hostile owner's may."""
    real = socket.getaddrinfo

    def look_up(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        inner = name is not None and name.endswith(".example.org")
        return real("127.0.0.1" if inner else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@both
@pytest.mark.usefixtures("names_of_this_computer")
def test_a_name_that_leads_to_this_computer_is_not_asked(server: HubServer, asked: Any) -> None:
    endpoint = server.endpoint.replace("127.0.0.1", "hub.example.org")
    server.faults.add(faults.RedirectTo(server.cdn.replace("127.0.0.1", "cdn.example.org")))
    with pytest.raises(NetworkError) as caught:
        asked(Network(lambda: False), endpoint + MODEL, endpoint)
    assert caught.value.facts == {"host": "hub.example.org", "other": "cdn.example.org"}
    assert server.seen(side=faults.CDN) == []


def test_a_client_asks_its_own_hub_only(server: HubServer) -> None:
    with pytest.raises(NetworkError) as caught:
        ask(Network(lambda: False), server.endpoint, "https://huggingface.co")
    assert caught.value.trouble is NetworkTrouble.REDIRECT
    assert server.seen() == []


@pytest.mark.usefixtures("names_of_this_computer")
def test_a_first_request_is_judged_like_a_redirect(server: HubServer) -> None:
    address = server.endpoint.replace("127.0.0.1", "hub.example.org")
    with pytest.raises(NetworkError) as caught:
        ask(Network(lambda: False), address, "https://hub.example.org")
    assert caught.value.trouble is NetworkTrouble.REDIRECT
    assert server.seen() == []


# --- the rest ------------------------------------------------------------------------------


def test_cookies_are_not_kept(server: HubServer) -> None:
    with Network(lambda: False).client(Purpose.SEARCH, server.endpoint) as client:
        for _time in range(2):
            server.faults.add(faults.Body(b"[]", {"Set-Cookie": "who=you; Path=/"}))
            client.get(server.endpoint)
        assert [one.headers.get("cookie") for one in server.seen()] == [None, None]
    assert server.seen()[0].headers["user-agent"] == "Moestro"


@both
def test_certificates_of_strangers_are_refused(asked: Any) -> None:
    with hub(tls=True) as secure, pytest.raises(httpx2.ConnectError) as caught:
        asked(Network(lambda: False), secure.endpoint, secure.endpoint)
    assert network_error_of(caught.value, secure.endpoint).trouble is NetworkTrouble.TLS


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_without_certificates(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "company.pem"
    if content is not None:
        path.write_bytes(content)
    network = Network(lambda: False, ca_file=lambda: path)
    with pytest.raises(NetworkError) as caught:
        network.client(Purpose.SEARCH, "https://huggingface.co")
    assert caught.value.trouble is NetworkTrouble.CA_FILE
    assert caught.value.facts == {"path": "company.pem"}


def test_proxies_come_from_the_environment(
    server: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server that is asked for a whole address is a proxy, and this one answers "not found".
    monkeypatch.setenv("http_proxy", server.endpoint)
    hub_address = "http://hub.example.org"
    answer = ask(Network(lambda: False), hub_address + "/x", hub_address)
    assert (answer.status_code, len(server.seen())) == (404, 1)
    # Where the proxy itself lies says nothing about the names that it finds.
    server.faults.add(faults.RedirectTo("http://cdn.example.org/y"))
    answer = ask(Network(lambda: False), hub_address + "/x", hub_address)
    assert (answer.status_code, str(answer.url)) == (404, "http://cdn.example.org/y")
    monkeypatch.setenv("http_proxy", closed_address())
    with pytest.raises(httpx2.ConnectError) as caught:
        ask(Network(lambda: False), hub_address, hub_address)
    assert network_error_of(caught.value, hub_address).trouble is NetworkTrouble.PROXY


def test_nothing_heavy_is_imported_before_the_first_request() -> None:
    program = (
        "import sys, app.network, models.hub\n"
        "app.network.Network(lambda: False)\n"
        "models.hub.HubClient(app.network.Network(lambda: False), 'https://h.co', lambda: None)\n"
        "print([name for name in ('httpx2', 'asyncio', 'huggingface_hub') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
