"""The test Hub itself: what it sends is on the wire what its faults say."""

import http.client
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import hub_faults as faults
from tests.helpers.hub_content import Content, is_sparse
from tests.helpers.hub_repositories import repository, some_bytes
from tests.helpers.hub_server import HubServer, hub

NAME = "org/m-GGUF"
WHOLE = some_bytes(3000)
ADDRESS = f"/{NAME}/resolve/main/model-Q4_K_M.gguf"


@pytest.fixture(scope="module")
def _served() -> Iterator[HubServer]:
    with hub(repository(NAME)) as server:
        yield server


@pytest.fixture
def server(_served: HubServer) -> HubServer:
    _served.faults.clear()
    _served.forget()
    return _served


def get(
    server: HubServer, path: str = ADDRESS, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request to the Hub and, behind a redirect, to the CDN; the body as far as it came."""
    address = server.endpoint.removeprefix("http://")
    while True:
        connection = http.client.HTTPConnection(address, timeout=5)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            told = {name.lower(): text for name, text in answer.getheaders()}
            if answer.status == 302 and told["location"].startswith(server.cdn):
                address = server.cdn.removeprefix("http://")
                path = told["location"].removeprefix(server.cdn)
                continue
            try:
                return answer.status, told, answer.read()
            except http.client.IncompleteRead as error:
                return answer.status, told, error.partial
        finally:
            connection.close()


def cdn(server: HubServer, fault: faults.Fault, **more: object) -> None:
    server.faults.add(fault, side=faults.CDN, path="*.gguf", **more)  # type: ignore[arg-type]


def test_whole_and_in_part(server: HubServer) -> None:
    assert get(server)[::2] == (200, WHOLE)
    status, told, body = get(server, Range="bytes=1000-1999")
    assert (status, told["content-range"], body) == (206, "bytes 1000-1999/3000", WHOLE[1000:2000])
    assert get(server, Range="bytes=2990-")[2] == WHOLE[2990:]
    status, told, _body = get(server, Range="bytes=3000-")
    assert (status, told["content-range"]) == (416, "bytes */3000")
    assert server.bytes_sent(".gguf", side=faults.CDN) == 3000 + 1000 + 10


def test_cuts_count_and_end(server: HubServer) -> None:
    cdn(server, faults.Cut(1000), after=1, times=2)
    assert [len(get(server)[2]) for _time in range(4)] == [3000, 1000, 1000, 3000]
    cdn(server, faults.Cut(0))
    assert get(server)[2] == b""
    cdn(server, faults.Cut(100, reset=True))
    with pytest.raises(ConnectionResetError):
        get(server)


def test_bodies_that_lie(server: HubServer) -> None:
    cdn(server, faults.WrongBody(at=10))
    body = get(server)[2]
    assert (len(body), body[:10], body[10:] == WHOLE[10:]) == (3000, WHOLE[:10], False)
    cdn(server, faults.OtherLength(5))
    assert len(get(server)[2]) == 3005
    cdn(server, faults.OtherLength(-5))
    assert get(server)[2] == WHOLE[:-5]
    cdn(server, faults.IgnoreRange())
    assert get(server, Range="bytes=5-")[::2] == (200, WHOLE)
    cdn(server, faults.WrongContentRange(start=-1, total=7))
    assert get(server, Range="bytes=5-9")[1]["content-range"] == "bytes 4-8/3007"


def test_signatures_end(server: HubServer) -> None:
    cdn(server, faults.ExpiredSignature())
    assert [get(server)[0] for _time in range(2)] == [403, 200]
    address = server.cdn.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=5)
    connection.request("GET", f"/{NAME}/x")
    assert connection.getresponse().status == 403
    connection.close()


def test_slowness_and_stalls(server: HubServer) -> None:
    cdn(server, faults.Slow(10_000))
    started = time.monotonic()
    assert get(server)[2] == WHOLE
    assert time.monotonic() - started > 0.2
    cdn(server, faults.Stall(500, seconds=0.2))
    assert get(server)[2] == WHOLE


def test_a_commit_in_the_middle(server: HubServer) -> None:
    made = server.add(repository("org/moves"))
    before = made.head
    server.faults.add(faults.Before(lambda: made.commit({"b.gguf": b"new"})), path="*/moves/*")
    assert get(server, "/org/moves/resolve/main/b.gguf")[2] == b"new"
    assert get(server, f"/org/moves/resolve/{before}/model-Q4_K_M.gguf")[2] == WHOLE


def test_holes_are_served(server: HubServer, tmp_path: Path) -> None:
    path = tmp_path / "large.gguf"
    with path.open("wb") as file:
        file.write(b"GGUF")
        file.truncate(3 * 2**40)
    assert is_sparse(path)
    server.add(repository("org/large", {"large.gguf": path}))
    status, told, body = get(server, "/org/large/resolve/main/large.gguf", Range="bytes=0-9")
    assert (status, body) == (206, b"GGUF" + bytes(6))
    assert told["content-range"] == f"bytes 0-9/{3 * 2**40}"
    asked = f"bytes={3 * 2**40 - 5}-"
    assert get(server, "/org/large/resolve/main/large.gguf", Range=asked)[2] == bytes(5)


def test_content_may_state_another_hash() -> None:
    assert Content.of(b"a", sha256="f" * 64).sha256 == "f" * 64


def test_tls_with_its_own_authority() -> None:
    with hub(repository(NAME), tls=True) as server:
        trusting = ssl.create_default_context(cafile=str(server.authority))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
        )
        assert opener.open(server.endpoint + ADDRESS, timeout=5).read() == WHOLE


def test_nothing_is_left_behind() -> None:
    before = set(threading.enumerate())
    with hub(repository(NAME)) as server:
        server.faults.add(faults.Stall(10), side=faults.CDN)
        kept = http.client.HTTPConnection(server.endpoint.removeprefix("http://"), timeout=5)
        kept.request("GET", "/api/models")
        kept.getresponse().read()
        stalled = threading.Thread(target=lambda: get(server))
        stalled.start()
        while not server.seen(side=faults.CDN):
            time.sleep(0.01)
        started = time.monotonic()
    assert time.monotonic() - started < 5
    stalled.join(5)
    assert set(threading.enumerate()) <= before
    # What is left to read of the kept-alive connection is its end.
    assert kept.sock.recv(1) == b""
    kept.close()
