"""Devices of other computers, by real servers on loopback: used, absent, silent and lost."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.engine.client import Deadlines, EngineClient
from app.engine.entities import ChatMessage, Plan, SamplingParameters
from app.engine.errors import RefusedError, WorkerDiedError
from app.engine.protocol import Devices, Failed, Finished, Loaded, Tokens
from app.engine.rpc_greeting import greet
from app.posting import CallbackQueue, Scheduler
from models.gguf import open_model
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_QWEN3MOE
from tests.helpers.rpc_devices import rpc_device, rpc_devices
from tests.helpers.worker_process import ROOT, WorkerProcess, small_plan

MIB = 2**20
WEIGHTS = 18.65 * MIB
"""Of the model below when all of it is on one device; then 1.5 of KV cache, 12 to compute."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(SMALL_QWEN3MOE, tmp_path_factory.mktemp("small") / "small.gguf")


def remote_plan(*hosts: str, **changes: object) -> Plan:
    return small_plan(
        **{
            "context_tokens": 512, "ubatch_tokens": 64, "gpu_layers": 99, "rpc_hosts": hosts,
            "devices": tuple(f"RPC{number}" for number in range(len(hosts))), **changes,
        }
    )  # fmt: skip


class Talk:
    """A client with a real worker, and all that it said."""

    def __init__(self, deadlines: Deadlines | None = None) -> None:
        self.queue = CallbackQueue()
        self.scheduler = Scheduler(self.queue.post)
        self.events: list[object] = []
        self.client = EngineClient(self.queue.post, self.scheduler, lambda _death: None, deadlines)

    def load(self, path: Path, plan: Plan) -> None:
        self.client.load(open_model(path).handle, plan, self.events.append)

    def generate(self, tokens: int) -> int:
        sampling = SamplingParameters(temperature=0.0, max_tokens=tokens)
        return self.client.generate([ChatMessage("user", "Hi")], sampling, self.events.append)

    def until(self, *kinds: type, seconds: float = 60.0) -> object:
        def found() -> list[object]:
            return [event for event in self.events if isinstance(event, kinds)]

        assert self.queue.run_until(lambda: bool(found()), seconds), self.events
        return found()[0]

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Tokens))


@pytest.fixture
def talk() -> Iterator[Callable[..., Talk]]:
    talks: list[Talk] = []

    def begin(deadlines: Deadlines | None = None) -> Talk:
        talks.append(Talk(deadlines))
        return talks[-1]

    yield begin
    for each in talks:
        each.client.close_and_wait()
        each.scheduler.close()


# --- devices ---------------------------------------------------------------------------------


def test_two_hosts_are_rpc0_and_rpc1_in_the_order_that_was_asked(talk) -> None:
    with rpc_devices(100 * MIB, 200 * MIB) as (first, second):
        for hosts in ([first, second], [second, first]):
            asking = talk()
            asking.client.list_devices(asking.events.append, [host.host for host in hosts])
            told = asking.until(Devices, Failed)
            assert isinstance(told, Devices), told
            *remote, processor = told.devices
            assert [(device.name, device.description) for device in remote] == [
                (f"RPC{number}", host.host) for number, host in enumerate(hosts)
            ]
            assert [device.free_bytes for device in remote] == [host.memory_bytes for host in hosts]
            assert processor.kind == "cpu"
            asking.client.close_and_wait()


def test_an_answer_comes_over_rpc_and_says_what_loading_took(talk, small: Path) -> None:
    with rpc_device(100 * MIB) as device:
        chat = talk()
        chat.load(small, remote_plan(device.host))
        loaded = chat.until(Loaded, Failed)
        assert isinstance(loaded, Loaded), loaded
        (memory,) = loaded.facts.devices
        held = sum(line.bytes for line in loaded.facts.buffers if line.device == "RPC0")
        assert memory.free_before == 100 * MIB
        assert memory.free_before - memory.free_after == pytest.approx(held, abs=0.1 * MIB)
        assert held > WEIGHTS
        assert {line.kind for line in loaded.facts.buffers} == {
            "weights", "kv_cache", "compute", "output",
        }  # fmt: skip
        assert loaded.facts.sandbox == ""
        chat.generate(8)
        finished = chat.until(Finished)
        assert finished.timings.generated_tokens == 8
        assert chat.text


def test_a_plan_with_hosts_and_no_device_of_theirs_may_reach_them(small: Path) -> None:
    with rpc_device() as device, WorkerProcess() as worker:
        worker.load(small, remote_plan(device.host, devices=(), gpu_layers=0))


@pytest.mark.parametrize(
    ("limit", "changes"),
    [
        (15 * MIB, {}),
        (20 * MIB, {"context_tokens": 4096}),
        (26 * MIB, {}),
    ],
    ids=["weights", "KV cache", "compute"],
)
def test_what_does_not_fit_is_said_and_the_device_is_named(
    small: Path, limit: int, changes: dict[str, object]
) -> None:
    with rpc_device(limit) as device:
        for _ in range(2):  # a server that refused once serves the next one
            with WorkerProcess() as worker:
                worker.begin_load(small, remote_plan(device.host, **changes))
                refused = worker.finish()
                assert isinstance(refused, Failed)
                assert refused.code == "engine.out_of_memory"
                assert refused.facts["device"] == "RPC0"


def test_a_device_that_needs_memory_only_when_it_computes_is_found_out_at_load(
    small: Path,
) -> None:
    with rpc_device() as device:
        order = {
            "path": str(small),
            "plan": {
                "devices": ["RPC0"], "rpc_hosts": [device.host], "gpu_layers": 99,
                "context_tokens": 512,
            },
            "reading_gives": -2,
        }  # fmt: skip
        answer = subprocess.run(
            [sys.executable, "-m", "tests.helpers.logits_process"],
            input=json.dumps(order), capture_output=True, text=True, cwd=ROOT, timeout=60,
        )  # fmt: skip
    assert json.loads(answer.stdout) == {"refused": "engine.out_of_memory"}, answer.stderr


# --- hosts that are not what they should be --------------------------------------------------


@contextmanager
def pretended_host(answer: bytes | None, stays: bool = True) -> Iterator[str]:
    """Something that listens and says ``answer`` (None: nothing) to whoever speaks."""
    listening = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
                connections.append(connection)
                if answer is not None:
                    connection.recv(33)
                    connection.sendall(answer)
                if not stays:
                    connection.close()
            except OSError:
                return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(10)
        for connection in connections:
            connection.close()


GREETING = (28).to_bytes(8, "little") + bytes([7, 0, 0, 0]) + bytes(24)
OLDER = (3).to_bytes(8, "little") + bytes([6, 0, 0])


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as place:
        return f"127.0.0.1:{place.getsockname()[1]}"


def refusal_of(host: str, seconds: float = 1.0) -> str:
    with pytest.raises(RefusedError) as raised:
        greet(host, seconds)
    assert raised.value.facts["host"]
    return raised.value.code


def test_a_greeting_tells_what_is_wrong_with_a_host() -> None:
    assert refusal_of(free_port()) == "engine.rpc_unreachable"
    assert refusal_of("no-such-computer.invalid:50052") == "engine.rpc_unreachable"
    with pretended_host(None) as host:
        assert refusal_of(host) == "engine.rpc_mute"
    with pretended_host(GREETING[:20]) as host:
        assert refusal_of(host) == "engine.rpc_mute"
    for answer in (OLDER, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", GREETING[:8] + b"\x07\x01"):
        with pretended_host(answer + bytes(40) if answer[8:] else answer, stays=False) as host:
            assert refusal_of(host) == "engine.rpc_foreign", answer
    with rpc_device() as device:
        greet(device.host)
        greet(device.host)


def test_a_host_that_another_program_uses_is_not_waited_for_for_ever() -> None:
    with rpc_device() as device:
        name, port = device.host.split(":")
        with socket.create_connection((name, int(port))):
            assert refusal_of(device.host) == "engine.rpc_mute"
        greet(device.host)


@pytest.mark.parametrize("way", ["load", "list"])
def test_a_dead_host_is_one_sentence_and_the_worker_lives(talk, small: Path, way: str) -> None:
    host = free_port()
    asking = talk()
    if way == "load":
        asking.load(small, remote_plan(host))
    else:
        asking.client.list_devices(asking.events.append, [host])
    failed = asking.until(Failed, WorkerDiedError)
    assert isinstance(failed, Failed), failed
    assert (failed.code, failed.facts["host"]) == ("engine.rpc_unreachable", host)
    assert asking.client.is_alive


def test_the_same_host_twice_is_refused(talk) -> None:
    with rpc_device() as device:
        asking = talk()
        asking.client.list_devices(asking.events.append, [device.host, device.host])
        assert asking.until(Failed, Devices).code == "engine.rpc_twice"


@pytest.mark.parametrize("way", ["load", "list"])
def test_a_host_that_greets_and_then_hangs_is_named(talk, small: Path, way: str) -> None:
    with pretended_host(GREETING) as host:
        # A load may take as long as a worker's start on top of its own time.
        asking = talk(Deadlines(load=0.5, hello=6.0, devices=2.0, pong=6.0))
        assert asking.queue.run_until(lambda: asking.client.has_greeted, 20)
        if way == "load":
            asking.load(small, remote_plan(host))
        else:
            asking.client.list_devices(asking.events.append, [host])
        death = asking.until(WorkerDiedError, seconds=60)
        assert (death.code, death.facts["host"]) == ("engine.rpc_silent", host)


@pytest.mark.parametrize(
    ("end", "code"), [("kill", "engine.rpc_lost"), ("hang", "engine.rpc_silent")]
)
def test_a_host_that_goes_away_in_an_answer_is_named_and_what_came_is_kept(
    talk, small: Path, end: str, code: str
) -> None:
    with rpc_device() as device:
        chat = talk(Deadlines(token=3.0, reading=30.0))
        chat.load(small, remote_plan(device.host))
        assert isinstance(chat.until(Loaded, Failed), Loaded)
        chat.generate(400)
        chat.until(Tokens)
        device.kill() if end == "kill" else device.hang()
        death = chat.until(WorkerDiedError, Finished)
        assert isinstance(death, WorkerDiedError), "the answer was too short to be interrupted"
        assert (death.code, death.facts["host"]) == (code, device.host)
        assert chat.text
    # The application goes on.
    again = talk()
    again.load(small, small_plan())
    assert isinstance(again.until(Loaded, Failed), Loaded)


# --- the command -----------------------------------------------------------------------------


def rpc_worker(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "rpc-worker", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -15)])
def test_it_warns_says_where_it_listens_and_ends_when_asked(number: int, code: int) -> None:
    server = rpc_worker("--bind", "localhost:0")
    assert server.stdout is not None
    line = server.stdout.readline()
    assert "insecure" in line
    assert "CPU" in line
    host = next(word for word in line.split() if word.startswith("127.0.0.1:")).rstrip(".,;")
    greet(host)
    server.send_signal(number)
    out, err = server.communicate(timeout=30)
    assert server.returncode == code
    assert out == ""
    assert err == ("Stopped serving.\n" if number == signal.SIGINT else "")


def test_places_where_it_must_not_or_cannot_listen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        cases = [
            ((f"127.0.0.1:{port}",), 1),
            (("0.0.0.0:0",), 2),
            (("192.0.2.1:50052", "--allow-network"), 1),
            (("127.0.0.1",), 2),
            (("127.0.0.1:70000",), 2),
            (("::1:50052",), 2),
        ]
        running = [(rpc_worker("--bind", *arguments), code) for arguments, code in cases]
        for (server, code), case in zip(running, cases, strict=True):
            out, err = server.communicate(timeout=60)
            assert (server.returncode, out) == (code, ""), (case, err)
            assert len(err.splitlines()) == 1


def test_it_serves_all_addresses_when_the_network_is_allowed() -> None:
    server = rpc_worker("--bind", "0.0.0.0:0", "--allow-network", "--json")
    try:
        assert server.stdout is not None
        lines = iter(server.stdout.readline, "}\n")
        told = json.loads("".join(lines) + "}")
        assert told["devices"][0]["name"] == "CPU"
        greet("127.0.0.1:" + told["host"].split(":")[1])
    finally:
        server.kill()
        server.communicate()
