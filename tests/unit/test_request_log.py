"""The list of requests: kept over restarts, bounded, shared by processes, free of secrets."""

import asyncio
import contextlib
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx2
import pytest

from app.logged_request import Ending, LoggedRequest
from app.model_rooms import HUB_TOKEN, HubWishes
from app.network import Network
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.request_file import RequestFile
from app.request_log import RequestLog
from app.services import Services, open_services
from models.http_clients import Deadlines, Purpose
from models.hub_errors import NetworkError, NetworkTrouble
from tests.helpers import hub_faults as faults
from tests.helpers.hub_repositories import repository, some_bytes
from tests.helpers.hub_server import HubServer, closed_address, deaf_server, hub

ROOT = Path(__file__).resolve().parents[2]
MODEL = "/org/m-GGUF/resolve/main/model-Q4_K_M.gguf"
TOKEN = "hf_abcdefghijklmnopqrst"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def requests(tmp_path: Path) -> RequestLog:
    return RequestLog(file=RequestFile(tmp_path))


def paths_of(log: RequestLog) -> list[str]:
    return [one.path for one in log.history()]


def made(log: RequestLog, path: str) -> None:
    log.begin(Purpose.SEARCH, "GET", "hub.example", path).end(Ending.COMPLETE)


# --- kept ----------------------------------------------------------------------------------


def test_a_later_start_knows_the_earlier_requests(requests: RequestLog, tmp_path: Path) -> None:
    one = requests.begin(Purpose.HEADER, "GET", "hub.example", "/a/b")
    one.status, one.received_bytes = 206, 4096
    one.end(Ending.COMPLETE)
    requests.begin(Purpose.DOWNLOAD, "GET", "hub.example", "/c")
    again = RequestLog(file=RequestFile(tmp_path))
    first, second = again.history()
    assert (first.purpose, first.host, first.path) == (Purpose.HEADER, "hub.example", "/a/b")
    assert (first.status, first.received_bytes, first.ending) == (206, 4096, Ending.COMPLETE)
    # Nobody noted its end: the program was killed, or is another one.
    assert second.ending is Ending.UNKNOWN
    assert requests.history()[1].ending is Ending.UNDER_WAY
    assert again.entries() == ()


def test_a_request_is_on_the_disk_before_it_is_sent(requests: RequestLog, tmp_path: Path) -> None:
    requests.begin(Purpose.SEARCH, "GET", "hub.example", "/x")
    assert "/x" in (tmp_path / "requests.jsonl").read_text(encoding="utf-8")


def test_only_the_first_end_counts(requests: RequestLog) -> None:
    one = requests.begin(Purpose.SEARCH, "GET", "hub.example", "/x")
    one.end(Ending.BROKEN)
    one.end(Ending.STOPPED)
    assert requests.history()[0].ending is Ending.BROKEN


def test_what_is_silent_longer_than_all_deadlines_got_no_answer(tmp_path: Path) -> None:
    now = [1_000_000_000_000]
    log = RequestLog(file=RequestFile(tmp_path), clock_ms=lambda: now[0])
    log.begin(Purpose.SEARCH, "GET", "hub.example", "/silent")
    answered = log.begin(Purpose.DOWNLOAD, "GET", "hub.example", "/long")
    answered.status = 200
    assert {one.ending for one in log.history()} == {Ending.UNDER_WAY}
    now[0] += 61_000
    assert [one.ending for one in log.history()] == [Ending.BROKEN, Ending.UNDER_WAY]


def test_new_requests_appear_in_a_list_that_is_read_already(
    requests: RequestLog, tmp_path: Path
) -> None:
    other = RequestLog(file=RequestFile(tmp_path))
    for number in range(3):
        made(other, f"/{number}")
        assert paths_of(requests) == [f"/{n}" for n in range(number + 1)]


def test_two_processes_write_into_one_list(requests: RequestLog, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from app.logged_request import Ending\n"
        "from app.request_file import RequestFile\n"
        "from app.request_log import RequestLog\n"
        "from models.http_clients import Purpose\n"
        "log = RequestLog(file=RequestFile(Path(sys.argv[1]), 20_000))\n"
        "for n in range(30):\n"
        "    log.begin(Purpose.SEARCH, 'GET', 'other', f'/{n}').end(Ending.COMPLETE)\n"
    )
    other = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT)
    threads = [
        threading.Thread(target=lambda: [made(requests, f"/{n}") for n in range(10)])
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert other.wait(60) == 0
    kept = RequestLog(file=RequestFile(tmp_path)).history()
    assert len(kept) == 50
    assert {one.ending for one in kept} == {Ending.COMPLETE}


# --- bounded -------------------------------------------------------------------------------


def test_the_oldest_make_room(tmp_path: Path) -> None:
    log = RequestLog(kept=2, file=RequestFile(tmp_path, 10_000))
    for number in range(200):
        made(log, f"/{number}")
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert size <= 20_000
    paths = paths_of(log)
    assert paths == [f"/{n}" for n in range(200 - len(paths), 200)]
    assert len(paths) > 20
    assert paths_of(RequestLog(file=RequestFile(tmp_path, 10_000))) == paths


def test_a_full_list_is_read_quickly(tmp_path: Path) -> None:
    log = RequestLog(file=RequestFile(tmp_path))
    made(log, "/x" * 60)
    line = (tmp_path / "requests.jsonl").read_bytes().splitlines()[0]
    many = b"".join(
        line.replace(b'"id":"', b'"id":"%06d' % number) + b"\n" for number in range(10_000)
    )
    (tmp_path / "requests.jsonl").write_bytes(many)
    began = time.monotonic()
    assert len(RequestLog(file=RequestFile(tmp_path)).history()) == 10_000
    assert time.monotonic() - began < 2


# --- cleared, damaged, not writable --------------------------------------------------------


def test_clearing_keeps_only_what_is_under_way(requests: RequestLog, tmp_path: Path) -> None:
    made(requests, "/old")
    running = requests.begin(Purpose.DOWNLOAD, "GET", "hub.example", "/now")
    assert requests.clear()
    assert paths_of(requests) == ["/now"]
    running.end(Ending.COMPLETE)
    text = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("requests*.jsonl"))
    assert "/old" not in text
    (last,) = RequestLog(file=RequestFile(tmp_path)).history()
    assert (last.path, last.ending) == ("/now", Ending.COMPLETE)


def test_another_process_sees_that_the_list_was_cleared(
    requests: RequestLog, tmp_path: Path
) -> None:
    made(requests, "/old")
    other = RequestLog(file=RequestFile(tmp_path))
    assert paths_of(other) == ["/old"]
    requests.clear()
    assert paths_of(other) == []
    made(requests, "/new")
    made(requests, "/newer")
    assert paths_of(other) == ["/new", "/newer"]


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"\xff\xfe", b"[]", b'{"id":"x"}', b"null", b"0" * 10_000],
)
def test_damaged_lines_are_passed_over(requests: RequestLog, tmp_path: Path, line: bytes) -> None:
    made(requests, "/a")
    with (tmp_path / "requests.jsonl").open("ab") as stream:
        stream.write(line + b"\n")
    made(requests, "/b")
    assert paths_of(RequestLog(file=RequestFile(tmp_path))) == ["/a", "/b"]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'"time_ms":1', b'"time_ms":-1'),
        (b'"time_ms":1', b'"time_ms":99999999'),
        (b'"purpose":"search"', b'"purpose":"spying"'),
        (b'"status":0', b'"status":"0"'),
    ],
)
def test_values_that_make_no_sense_are_passed_over(
    tmp_path: Path, was: bytes, becomes: bytes
) -> None:
    log = RequestLog(file=RequestFile(tmp_path))
    log.begin(Purpose.SEARCH, "GET", "hub.example", "/a")
    file = tmp_path / "requests.jsonl"
    content = file.read_bytes()
    assert was in content
    file.write_bytes(content.replace(was, becomes))
    assert RequestLog(file=RequestFile(tmp_path)).history() == ()


def test_without_a_place_to_write_the_program_goes_on(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    log = RequestLog(file=RequestFile(blocked / "logs"))
    made(log, "/a")
    assert [one.path for one in log.entries()] == ["/a"]
    assert paths_of(log) == ["/a"]


@pytest.mark.skipif(sys.platform == "win32", reason="other systems have no such bits")
def test_nobody_else_may_read_it(requests: RequestLog, tmp_path: Path) -> None:
    made(requests, "/a")
    assert stat.S_IMODE((tmp_path / "requests.jsonl").stat().st_mode) == 0o600


# --- through the door ----------------------------------------------------------------------


def endings(network: Network) -> list[tuple[int, Ending]]:
    return [(one.status, one.ending) for one in network.requests.history()]


def test_how_requests_end(tmp_path: Path) -> None:
    network = Network(lambda: False, RequestLog(file=RequestFile(tmp_path)))
    content = {"model-Q4_K_M.gguf": some_bytes(300_000)}
    with hub(repository("org/m-GGUF", content)) as server:
        address = server.endpoint + MODEL
        with network.client(Purpose.DOWNLOAD, server.endpoint) as client:
            client.get(address)
            client.get(server.endpoint + "/nothing")
            with client.stream("GET", address):
                pass
            with client.stream("GET", address, follow_redirects=False):
                pass
    assert endings(network) == [
        (302, Ending.COMPLETE), (200, Ending.COMPLETE), (404, Ending.COMPLETE),
        (302, Ending.COMPLETE), (200, Ending.STOPPED), (302, Ending.COMPLETE),
    ]  # fmt: skip


def test_a_redirect_that_is_not_followed(requests: RequestLog) -> None:
    with hub(tls=True) as secure:
        network = Network(lambda: False, requests, lambda: secure.authority)
        secure.faults.add(faults.RedirectTo("http://127.0.0.1:1/y"))
        with network.client(Purpose.DOWNLOAD, secure.endpoint) as client:
            with pytest.raises(NetworkError) as caught:
                client.get(secure.endpoint + MODEL)
            assert caught.value.trouble is NetworkTrouble.REDIRECT
    assert endings(network) == [(302, Ending.REFUSED)]


def test_a_request_that_is_cancelled_was_stopped_here(requests: RequestLog) -> None:
    network = Network(lambda: False, requests)

    async def run(address: str, endpoint: str) -> None:
        async with network.async_client(Purpose.DOWNLOAD, endpoint) as client:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await client.get(address)

    content = {"model-Q4_K_M.gguf": some_bytes(300_000)}
    with hub(repository("org/m-GGUF", content)) as server:
        server.faults.add(faults.Slow(50_000), side=faults.CDN)
        asyncio.run(run(server.endpoint + MODEL, server.endpoint))
    assert endings(network) == [(302, Ending.COMPLETE), (200, Ending.STOPPED)]


def test_requests_without_an_answer(tmp_path: Path) -> None:
    network = Network(
        lambda: False, RequestLog(file=RequestFile(tmp_path)), deadlines=Deadlines(read=0.2)
    )
    nobody = closed_address()
    with network.client(Purpose.SEARCH, nobody) as client, pytest.raises(httpx2.ConnectError):
        client.get(nobody)
    with (
        deaf_server() as deaf,
        network.client(Purpose.SEARCH, deaf) as client,
        pytest.raises(httpx2.ReadTimeout),
    ):
        client.get(deaf)
    assert endings(network) == [(0, Ending.BROKEN), (0, Ending.BROKEN)]


# --- the whole program ---------------------------------------------------------------------


def opened(root: Path, server: HubServer, **told: object) -> tuple[Services, CallbackQueue]:
    queue = CallbackQueue()
    wishes = HubWishes(environment={"HF_ENDPOINT": server.endpoint}, **told)  # type: ignore[arg-type]
    return open_services(DataPaths(root), queue.post, hub=wishes), queue


def test_with_offline_on_no_request_leaves(tmp_path: Path) -> None:
    with hub(repository("org/m-GGUF")) as server:
        services, _queue = opened(tmp_path, server)
        network = services.models.network
        services.settings.change(offline=True)
        with network.client(Purpose.SEARCH, server.endpoint) as client:
            with pytest.raises(NetworkError) as caught:
                client.get(server.endpoint + MODEL)
            assert caught.value.trouble is NetworkTrouble.OFFLINE
            assert server.seen() == []
            assert network.requests.history() == ()
            # The same client may go out as soon as it is allowed again.
            services.settings.change(offline=False)
            assert client.get(server.endpoint + MODEL).status_code == 200
        services.close()


def test_the_token_is_in_no_file(tmp_path: Path) -> None:
    with hub(repository("org/m-GGUF")) as server:
        server.know(TOKEN)
        services, _queue = opened(tmp_path, server)
        services.secrets.set(HUB_TOKEN, TOKEN)
        token = services.models.token()
        assert token == TOKEN
        with services.models.network.client(Purpose.DOWNLOAD, server.endpoint) as client:
            client.get(
                f"{server.endpoint}{MODEL}?token={TOKEN}",
                headers={"Authorization": f"Bearer {token}"},
            )
            client.get(f"{server.endpoint}/api/{TOKEN}/x")
        services.settings.change(hub_endpoint="https://mirror.example")
        assert "Bearer " + TOKEN in {one.headers.get("authorization") for one in server.seen()}
        assert len(services.models.network.requests.history()) == 3
        services.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"settings.json", "moestro.log", "requests.jsonl"} <= {path.name for path in files}
    assert [path.name for path in files if TOKEN.encode() in path.read_bytes()] == []


def test_the_list_is_there_after_a_restart(tmp_path: Path) -> None:
    with hub(repository("org/m-GGUF")) as server:
        services, _queue = opened(tmp_path, server)
        with services.models.network.client(Purpose.CARD, server.endpoint) as client:
            client.get(server.endpoint + MODEL)
        services.close()
        services, _queue = opened(tmp_path, server, offline=True)
        kept = services.models.network.requests.history()
        services.close()
    assert [one.purpose for one in kept] == [Purpose.CARD, Purpose.CARD]
    assert isinstance(kept[0], LoggedRequest)
