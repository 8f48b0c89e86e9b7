"""Pieces of files over the wire, from the test Hub with its faults."""

import threading
import time
from collections.abc import Iterator

import pytest

from app.network import Network
from app.wording import sentence_for
from models.http_clients import Deadlines
from models.hub_errors import HubTrouble, NetworkError, NetworkTrouble
from models.remote_header import ReadingCancelled, RemoteHeaders
from models.remote_ranges import HubRanges
from tests.helpers import hub_faults as faults
from tests.helpers.hub_faults import CDN, HUB
from tests.helpers.hub_quantizations import quantization, size_of, write_sparse_file
from tests.helpers.hub_repositories import HubRepository, repository, some_bytes
from tests.helpers.hub_server import HubServer, closed_address, hub
from tests.helpers.moe_shapes import DEEPSEEK_V3

NAME = "org/m-GGUF"
PATH = "Q4_K_M/m-Q4_K_M.gguf"
CONTENT = some_bytes(200_000)


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
    _served.add(repository(NAME, {PATH: CONTENT}))
    return _served


class Reader:
    """What the application builds."""

    def __init__(self, server: HubServer, token: str | None = None, endpoint: str = "") -> None:
        published: HubRepository = server.answers.repositories[NAME]
        self.stopped = threading.Event()
        self.ranges = HubRanges(
            Network(lambda: False, deadlines=Deadlines(connect=2, read=1)),
            endpoint or server.endpoint,
            NAME,
            published.head,
            lambda: token,
            self.stopped,
        )

    def __enter__(self) -> HubRanges:
        return self.ranges

    def __exit__(self, *_error: object) -> None:
        self.ranges.close()


def trouble(server: HubServer, token: str | None = None) -> NetworkError:
    with Reader(server, token) as ranges, pytest.raises(NetworkError) as caught:
        ranges(PATH, 0, 1000)
    assert sentence_for(caught.value)
    return caught.value


def test_pieces_and_the_end_of_the_file(server: HubServer) -> None:
    with Reader(server) as ranges:
        assert ranges(PATH, 0, 1000) == CONTENT[:1000]
        assert ranges(PATH, 70_000, 170_000) == CONTENT[70_000:170_000]
        assert ranges(PATH, 199_000, 300_000) == CONTENT[199_000:]
        assert ranges(PATH, 200_000, 300_000) == b""
    # Only what was asked for was sent.
    assert server.bytes_sent(side=CDN) < 110_000


def test_the_token_goes_to_the_hub_alone(server: HubServer) -> None:
    with Reader(server, server.know("hf_secret")) as ranges:
        ranges(PATH, 5, 10)
    assert [each.headers.get("authorization") for each in server.seen(side=HUB)] == [
        "Bearer hf_secret"
    ]
    assert [each.headers.get("authorization") for each in server.seen(side=CDN)] == [None]


def test_a_server_that_ignores_ranges_is_read_as_far_as_needed(server: HubServer) -> None:
    server.faults.add(faults.IgnoreRange(), side=CDN, times=None)
    with Reader(server) as ranges:
        assert ranges(PATH, 50_000, 50_100) == CONTENT[50_000:50_100]


@pytest.mark.parametrize(
    "fault",
    [faults.Cut(100), faults.Cut(100, reset=True), faults.Status(503), faults.ExpiredSignature()],
    ids=lambda fault: type(fault).__name__,
)
def test_one_bad_answer_is_asked_again(server: HubServer, fault: faults.Fault) -> None:
    server.faults.add(fault, side=CDN)
    with Reader(server) as ranges:
        assert ranges(PATH, 1000, 60_000) == CONTENT[1000:60_000]
    assert len(server.seen(side=HUB)) == 2


@pytest.mark.parametrize(
    ("fault", "side", "expected"),
    [
        (faults.Cut(100), CDN, NetworkTrouble.BROKEN),
        (faults.Status(500), HUB, HubTrouble.SERVER),
        (faults.Status(403), HUB, HubTrouble.REFUSED),
        (faults.Status(401), HUB, HubTrouble.NOT_FOUND),
        (faults.Status(404, "EntryNotFound"), HUB, HubTrouble.REVISION),
        (faults.Status(404, "RepoNotFound"), HUB, HubTrouble.NOT_FOUND),
        (faults.Status(418), HUB, HubTrouble.NONSENSE),
        (faults.WrongContentRange(start=7, total=200_000), CDN, HubTrouble.NONSENSE),
        (faults.DropHeaders(("Content-Range",)), CDN, HubTrouble.NONSENSE),
        (faults.RedirectTo(), HUB, NetworkTrouble.LOOP),
        (faults.Silent(), HUB, NetworkTrouble.TIMEOUT),
        (faults.Stall(100), CDN, NetworkTrouble.TIMEOUT),
    ],
    ids=str,
)
def test_lasting_trouble_has_a_name(
    server: HubServer, fault: faults.Fault, side: faults.Side, expected: object
) -> None:
    server.faults.add(fault, side=side, times=None)
    assert trouble(server).trouble is expected


def test_gated_and_rate_limited(server: HubServer) -> None:
    server.add(repository(NAME, {PATH: CONTENT}, gated="manual"))
    assert trouble(server).trouble is HubTrouble.LOGIN
    assert trouble(server, server.know("hf_other")).trouble is HubTrouble.REQUEST
    server.add(repository(NAME, {PATH: CONTENT}))
    server.faults.add(faults.rate_limited(7), times=None)
    error = trouble(server)
    assert error.trouble is HubTrouble.RATE_LIMITED
    assert error.facts["seconds"] == 7


def test_nobody_listens_and_offline(server: HubServer) -> None:
    with Reader(server, endpoint=closed_address()) as ranges, pytest.raises(NetworkError):
        ranges(PATH, 0, 10)
    offline = HubRanges(Network(lambda: True), server.endpoint, NAME, "main")
    with pytest.raises(NetworkError) as caught:
        offline(PATH, 0, 10)
    assert caught.value.trouble is NetworkTrouble.OFFLINE
    offline.close()
    assert server.seen() == []


def test_cancelled_while_bytes_trickle(server: HubServer) -> None:
    server.faults.add(faults.Slow(100_000), side=CDN)
    reader = Reader(server)
    timer = threading.Timer(0.2, reader.stopped.set)
    timer.start()
    started = time.monotonic()
    with reader as ranges, pytest.raises(ReadingCancelled):
        ranges(PATH, 0, 190_000)
    timer.join()
    assert time.monotonic() - started < 1.5


def test_a_full_shape_model_is_judged_by_its_header_alone(
    server: HubServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("shape")
    files = {
        label: quantization(DEEPSEEK_V3, label, vocabulary=20_000) for label in ("Q4_K_M", "Q8_0")
    }
    paths = {f"m-{label}.gguf": write_sparse_file(file, folder / label)
             for label, file in files.items()}  # fmt: skip
    published = server.add(repository(NAME, {**paths}))
    with Reader(server) as ranges:
        headers = RemoteHeaders(NAME, published.head, ranges)
        for label, file in files.items():
            found = headers.read(f"m-{label}.gguf", size_of(file))
            assert found.data == file.header()
    assert size_of(files["Q8_0"]) > 700e9
    total = len(files["Q4_K_M"].header()) + 130_000
    assert server.bytes_sent(side=CDN) == headers.fetched_bytes < total
