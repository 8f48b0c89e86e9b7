"""``main.py models …`` and ``plan REPO:QUANT`` as a person runs them, against the test Hub."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.instance import InstanceLock
from tests.helpers.described_machines import DescribedMachine
from tests.helpers.hub_faults import CDN, Slow, Status
from tests.helpers.hub_quantizations import quantization, write_sparse_file
from tests.helpers.hub_repositories import HubRepository, repository
from tests.helpers.hub_server import HubServer, closed_address, hub
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import DEEPSEEK_V3, SMALL_QWEN3MOE
from tests.helpers.plan_command import run_plan
from tests.helpers.transfers import sample_gguf
from tests.helpers.worker_process import ROOT

pytestmark = pytest.mark.usefixtures("starter_model")

REPO = "org/Small-MoE-GGUF"
TOKEN = "hf_secretsecretsecret"
LABELS = ("Q4_0", "Q8_0")
SERVER = DescribedMachine("8", 64)


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)


@dataclass
class Computer:
    """One person's computer: a home, a data folder, and a Hub that it asks."""

    home: Path
    endpoint: str
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True)
        self.data = self.home / "data"

    @property
    def models(self) -> Path:
        return self.data / "models"

    @property
    def parts(self) -> list[Path]:
        return list((self.models / ".downloads").glob("*.part"))

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        kept = {
            name: text
            for name, text in os.environ.items()
            if "proxy" not in name.lower() and not name.startswith(("HF_", "XDG_"))
        }
        env = {**kept, "HOME": str(self.home), "HF_ENDPOINT": self.endpoint, **self.more, **more}
        command = [sys.executable, str(ROOT / "main.py"), "--data-dir", str(self.data)]
        return subprocess.Popen(
            [*command, *arguments], cwd=ROOT, env=env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, **more: str) -> Ended:
        with self.start(*arguments, **more) as process:
            try:
                out, err = process.communicate(timeout=60)
            finally:
                process.kill()
        return Ended(process.returncode, out, err)

    def json(self, *arguments: str, **more: str) -> Any:
        ended = self.run(*arguments, "--json", **more)
        assert ended.code == 0, ended.err
        assert ended.err == ""
        return ended.value

    def refused(self, code: int, *arguments: str, **more: str) -> str:
        """Run what ends with this exit code; returns its sentence's code."""
        ended = self.run(*arguments, "--json", **more)
        assert ended.code == code, ended.err
        assert len(ended.err.strip().splitlines()) == 1
        told = ended.value["error"]
        assert told["message"] == ended.err.strip()
        return str(told["code"])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two quantizations of one model that runs."""
    folder = tmp_path_factory.mktemp("small")
    return {
        f"Small-MoE-{label}.gguf": write_model(
            SMALL_QWEN3MOE.with_types(label), folder / f"{label}.gguf"
        )
        for label in LABELS
    }


@pytest.fixture(scope="module")
def published(files: dict[str, Path]) -> HubRepository:
    card: dict[str, Any] = {"README.md": "# Small\n"}
    return repository(REPO, {**card, **files}, downloads=5000, base_models=("org/Small-MoE",))


@pytest.fixture
def server(published: HubRepository) -> Iterator[HubServer]:
    with hub(published) as running:
        yield running


@pytest.fixture
def computer(tmp_path: Path, server: HubServer) -> Computer:
    return Computer(tmp_path / "person ü", server.endpoint)


def digest(root: Path) -> dict[str, tuple[object, ...]]:
    """Everything about a tree that could be changed."""
    return {
        str(path): (
            path.stat().st_mtime_ns, path.stat().st_ino, path.stat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted((root, *root.rglob("*")))
    }  # fmt: skip


# --- from the search to the answer -----------------------------------------------------------


def test_search_show_pull_list_verify_ask_remove(
    computer: Computer, server: HubServer, files: dict[str, Path], tmp_path: Path
) -> None:
    for number in range(34):
        server.add(repository(f"many/Small-{number:02d}-GGUF", downloads=number))
    found = computer.json("models", "search", "small", "--sort", "downloads", "--limit", "33")
    assert len(found) == 33
    assert found[0]["repository"] == REPO
    assert [each["downloads"] for each in found] == [5000, *range(33, 1, -1)]
    assert len(server.seen("/api/models")) == 2
    assert computer.parts == []

    machine = str(SERVER.write(tmp_path))
    shown = computer.json("models", "show", f"https://hf.co/{REPO}", "--machine", machine)
    (model,) = shown["models"]
    rows = model["quantizations"]
    assert [row["label"] for row in rows] == list(LABELS)
    assert {(row["stage"], row["verdict"], row["simulated"]) for row in rows} == {
        ("exact", "gpu", True)
    }
    assert [row["size"] for row in rows] == [path.stat().st_size for path in files.values()]
    assert (shown["licence"], shown["gated"]) == ("apache-2.0", False)
    assert model["recommended"] == "Q8_0"
    assert "Q8_0" in model["why"]
    assert 0 < shown["fetched_bytes"] < sum(row["size"] for row in rows) / 10

    server.forget()
    pulled = computer.run("models", "pull", REPO)
    assert (pulled.code, pulled.err) == (0, "")
    assert "Q8_0" in pulled.out.splitlines()[0]
    path = computer.models / "org" / "Small-MoE-GGUF" / "Small-MoE-Q8_0.gguf"
    assert path.read_bytes() == files["Small-MoE-Q8_0.gguf"].read_bytes()
    # Headers were known already, so that this is one file and nothing twice.
    assert server.bytes_sent(side=CDN) == path.stat().st_size
    again = computer.json("models", "pull", f"{REPO}:q8_0")
    assert again["downloaded"] is False

    listed = {each["path"]: each for each in computer.json("models", "list")}
    mine = listed[str(path)]
    assert mine["state"] == "ready"
    assert (mine["verified"], mine["repository"], mine["owned"]) == ("sha256", REPO, True)
    assert mine["commit"] == server.answers.repositories[REPO].head
    (verified,) = computer.json("models", "verify", REPO)
    assert (verified["compared"], verified["sound"]) == ("published", True)
    asked = computer.json(
        "ask", "Hello", "--model", f"{REPO}:Q8_0", "--max-tokens", "3", "--temporary"
    )
    assert asked["timings"]["generated_tokens"] == 3
    removed = computer.json("models", "remove", mine["name"])
    assert removed["frees"] == mine["size"]
    assert not path.exists()
    assert not path.parent.exists()
    assert [each.name for each in computer.home.rglob("Trash/files/*")] == [path.name]
    assert [each["demo"] for each in computer.json("models", "list")] == [True]


# --- interruptions ---------------------------------------------------------------------------


def wait_for_bytes(server: HubServer, count: int) -> None:
    deadline = time.monotonic() + 60
    while server.bytes_sent(side=CDN) < count:
        assert time.monotonic() < deadline, "nothing arrives"
        time.sleep(0.05)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill"])
def test_an_interrupted_pull_goes_on_where_it_was(
    computer: Computer, server: HubServer, files: dict[str, Path], ending: signal.Signals
) -> None:
    name = "Small-MoE-Q4_0.gguf"
    size = files[name].stat().st_size
    server.faults.add(Slow(8e6), path="*.gguf", side=CDN, times=1)
    with computer.start("models", "pull", f"{REPO}:Q4_0", "--json") as process:
        try:
            wait_for_bytes(server, 6_000_000)
            process.send_signal(ending)
            _out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert "Traceback" not in err
    if ending is signal.SIGINT:
        assert process.returncode == 130
        assert len(err.strip().splitlines()) == 1
    else:
        assert process.returncode == -signal.SIGKILL
    (part,) = computer.parts
    held = part.stat().st_size
    assert 1_000_000 < held < size
    assert not (computer.models / "org").exists()

    server.forget()
    pulled = computer.json("models", "pull", f"{REPO}:Q4_0")
    assert pulled["downloaded"] is True
    assert Path(pulled["path"]).read_bytes() == files[name].read_bytes()
    assert server.bytes_sent(side=CDN) == size - held
    assert computer.parts == []


# --- what is not to be had -------------------------------------------------------------------


def test_gated_without_and_with_a_token(
    computer: Computer, server: HubServer, files: dict[str, Path]
) -> None:
    content = {name: path for name, path in files.items() if "Q4_0" in name}
    server.know(TOKEN)
    server.add(repository("org/Gated-GGUF", {**content}, gated="manual", granted={TOKEN}))
    assert computer.refused(5, "models", "pull", "org/Gated-GGUF") in (
        "download.auth", "download.gated",
    )  # fmt: skip
    server.forget()
    pulled = computer.json("models", "pull", "org/Gated-GGUF", HF_TOKEN=TOKEN)
    assert Path(pulled["path"]).is_file()
    told = [one for one in server.seen() if "authorization" in one.headers]
    assert {one.side for one in told} == {"hub"}
    assert TOKEN not in "".join(
        path.read_text(errors="replace") for path in (computer.data / "logs").iterdir()
    )


def test_offline_asks_nobody(computer: Computer, server: HubServer) -> None:
    assert computer.refused(5, "--offline", "models", "show", REPO) == "network.offline"
    assert server.seen() == []


def test_addresses_that_answer_nothing_and_names_that_mean_nothing(
    computer: Computer, server: HubServer
) -> None:
    nobody = closed_address()
    assert computer.refused(5, "models", "search", "x", "--endpoint", nobody) == "network.blocked"
    # What stands before the command counts unless the verb has its own.
    ended = computer.json("--endpoint", nobody, "models", "search", "MoE", "--endpoint",
                          server.endpoint)  # fmt: skip
    assert [each["repository"] for each in ended] == [REPO]
    assert computer.refused(5, "models", "pull", "org/Nothing-GGUF") == "hub.not_found"
    assert computer.refused(3, "models", "pull", f"{REPO}:Q6_K") == "repository.no_such"
    assert computer.refused(2, "models", "show", "no repository") == "terminal.not_repository"
    bad = computer.refused(2, "models", "search", "x", HF_ENDPOINT="no address")
    assert bad == "terminal.not_endpoint"


# --- a model that is not here ----------------------------------------------------------------


def test_a_plan_from_headers_has_the_numbers_of_the_local_file(
    computer: Computer, server: HubServer, tmp_path: Path
) -> None:
    made = {label: quantization(DEEPSEEK_V3, label) for label in ("Q2_K", "Q4_K_M")}
    paths = {
        f"DeepSeek-V3-{label}.gguf": write_sparse_file(
            file, tmp_path / "files" / f"V3-{label}.gguf"
        )
        for label, file in made.items()
    }
    server.add(repository("org/DeepSeek-V3-GGUF", {**paths}))
    machine = str(DescribedMachine("2×24", 512).write(tmp_path))
    remote = computer.json("plan", "org/DeepSeek-V3-GGUF:Q4_K_M", "--machine", machine)
    local = run_plan(paths["DeepSeek-V3-Q4_K_M.gguf"], "--machine", machine).value
    header = len(made["Q4_K_M"].header())
    fetched = remote.pop("fetched_bytes")
    assert header <= fetched < header + 100_000
    assert server.bytes_sent(side=CDN) == fetched
    assert remote["simulated"]
    # It names the file, which only one of them has.
    assert remote.pop("command_line") != local.pop("command_line")
    assert remote == local
    known = computer.json("plan", "org/DeepSeek-V3-GGUF:Q4_K_M", "--machine", machine)
    assert known["fetched_bytes"] == 0
    # Without a label the one to recommend is planned; here none is.
    small = str(SERVER.write(tmp_path))
    asked = ("plan", "org/DeepSeek-V3-GGUF", "--machine", small)
    assert computer.refused(4, *asked) == "terminal.nothing_fits"


# --- what is here already --------------------------------------------------------------------


def test_imported_files_are_verified_and_a_flipped_byte_is_found(
    computer: Computer, files: dict[str, Path]
) -> None:
    folder = files["Small-MoE-Q4_0.gguf"].parent
    results = computer.json("models", "import", "--copy", str(folder))
    assert [each["error"] for each in results] == [None, None]
    paths = [Path(each["model"]["path"]) for each in results]
    assert all(path.is_relative_to(computer.models / "imported") for path in paths)
    status = paths[0].stat()
    with paths[0].open("r+b") as stream:
        stream.seek(-100, os.SEEK_END)
        stream.write(bytes(range(100)))
    os.utime(paths[0], ns=(status.st_atime_ns, status.st_mtime_ns))
    ended = computer.run("models", "verify")
    assert ended.code == 3
    assert len(ended.err.splitlines()) == 1
    assert len(ended.out.splitlines()) == 3
    assert ended.err.strip() in ended.out
    listed = {each["path"]: each["state"] for each in computer.json("models", "list")}
    assert [listed[str(path)] for path in paths] == ["damaged", "ready"]


# --- other programs --------------------------------------------------------------------------


def test_a_model_of_lm_studio_is_used_in_place_and_untouched(
    computer: Computer, files: dict[str, Path]
) -> None:
    theirs = computer.home / ".lmstudio"
    path = theirs / "models" / "someone" / "Small-GGUF" / "Small-Q4_0.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(files["Small-MoE-Q4_0.gguf"].read_bytes())
    before = digest(theirs)
    (found,) = computer.json("models", "discover")
    assert (found["program"], found["path"]) == ("LM Studio", str(path))
    assert found["in_library"] is False
    (added,) = computer.json("models", "import", "--from-programs")
    assert added["model"]["path"] == str(path)
    assert (added["model"]["program"], added["model"]["owned"]) == ("LM Studio", False)
    assert computer.refused(1, "models", "import", "--move", str(path)) == "library.of_program"
    asked = computer.json(
        "ask", "Hi", "--model", "someone/Small-GGUF", "--max-tokens", "2", "--temporary"
    )
    assert asked["timings"]["generated_tokens"] == 2
    removed = computer.json("models", "remove", "someone/Small-GGUF")
    assert (removed["trashed"], removed["frees"]) == ([], 0)
    assert digest(theirs) == before


# --- projectors, and another folder ----------------------------------------------------------


@pytest.fixture
def with_projector(server: HubServer, files: dict[str, Path]) -> HubRepository:
    """The same model with what reads pictures for it."""
    projector = {"mmproj-Small-MoE-f16.gguf": sample_gguf(50_000, 7, "Projector")}
    return server.add(repository("org/Seeing-GGUF", {**files, **projector}))


def test_a_projector_is_mentioned_and_not_fetched(
    computer: Computer, server: HubServer, with_projector: HubRepository, tmp_path: Path
) -> None:
    machine = str(SERVER.write(tmp_path))
    shown = computer.run("models", "show", with_projector.id, "--machine", machine)
    assert shown.code == 0, shown.err
    assert sum("mmproj-Small-MoE-f16.gguf" in line for line in shown.out.splitlines()) == 1
    assert "--with-projector" in shown.out.splitlines()[-1]
    computer.json("models", "pull", f"{with_projector.id}:Q4_0")
    assert server.bytes_sent("*mmproj*") == 0
    folder = computer.models / "org" / "Seeing-GGUF"
    assert [path.name for path in folder.iterdir()] == ["Small-MoE-Q4_0.gguf"]
    assert computer.refused(3, "models", "pull", f"{REPO}:Q4_0", "--with-projector") == (
        "repository.no_projector"
    )


def test_a_set_with_a_projector_comes_whole_or_not_at_all_and_goes_whole(
    computer: Computer, server: HubServer, with_projector: HubRepository
) -> None:
    pull = ("models", "pull", f"{with_projector.id}:Q4_0", "--with-projector")
    folder = computer.models / "org" / "Seeing-GGUF"
    server.faults.add(Status(404, "EntryNotFound"), path="*mmproj*", times=None)
    assert computer.refused(5, *pull) == "download.not_found"
    assert not folder.exists()
    assert [each["demo"] for each in computer.json("models", "list")] == [True]
    server.faults.clear()
    pulled = computer.json(*pull)
    names = ["Small-MoE-Q4_0.gguf", "mmproj-Small-MoE-f16.gguf"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert pulled["files"] == [str(folder / names[0])]
    assert computer.json(*pull)["downloaded"] is False
    # What another quantization came with too stays with that one.
    computer.json("models", "pull", f"{with_projector.id}:Q8_0", "--with-projector")
    computer.json("models", "remove", str(folder / names[0]))
    assert sorted(path.name for path in folder.iterdir()) == ["Small-MoE-Q8_0.gguf", names[1]]
    moved = computer.json("models", "move", str(computer.home / "big"))
    folder = computer.home / "big" / "org" / "Seeing-GGUF"
    assert moved["models"] == 1
    assert sorted(path.name for path in folder.iterdir()) == ["Small-MoE-Q8_0.gguf", names[1]]
    removed = computer.json("models", "remove", str(folder / "Small-MoE-Q8_0.gguf"))
    assert len(removed["trashed"]) == 2
    assert not folder.exists()


def test_a_model_that_was_pulled_without_its_projector_gets_it_alone(
    computer: Computer, server: HubServer, with_projector: HubRepository
) -> None:
    computer.json("models", "pull", f"{with_projector.id}:Q4_0")
    server.forget()
    pulled = computer.json("models", "pull", f"{with_projector.id}:Q4_0", "--with-projector")
    assert pulled["downloaded"] is True
    size = with_projector.commits[with_projector.head]["mmproj-Small-MoE-f16.gguf"].content.size
    assert server.bytes_sent(side=CDN) == size


def test_moving_the_library(computer: Computer, files: dict[str, Path]) -> None:
    pulled = computer.json("models", "pull", f"{REPO}:Q4_0")
    target = computer.home / "big drive"
    told = computer.run("models", "move", str(target))
    assert (told.code, told.err) == (0, "")
    assert "big drive" in told.out
    (mine,) = [each for each in computer.json("models", "list") if not each["demo"]]
    assert mine["path"] == str(target / "org" / "Small-MoE-GGUF" / "Small-MoE-Q4_0.gguf")
    assert (mine["state"], mine["verified"], mine["key"]) == ("ready", "sha256", pulled["key"])
    assert not Path(pulled["path"]).exists()
    again = computer.json("models", "pull", f"{REPO}:Q4_0")
    assert again["downloaded"] is False
    computer.json("models", "pull", f"{REPO}:Q8_0")
    assert (target / "org" / "Small-MoE-GGUF" / "Small-MoE-Q8_0.gguf").exists()
    assert computer.refused(1, "models", "move", str(target)) == "library.move_same"
    assert computer.refused(1, "models", "move", str(target / "in")) == "library.move_inside"


def test_the_library_is_not_moved_under_an_open_window(computer: Computer) -> None:
    computer.json("models", "pull", f"{REPO}:Q4_0")
    lock = InstanceLock(computer.data / "instance.lock")
    assert lock.acquire()
    try:
        target = str(computer.home / "big")
        assert computer.refused(1, "models", "move", target) == "library.move_not_alone"
    finally:
        lock.release()
    assert not (computer.home / "big").exists()
