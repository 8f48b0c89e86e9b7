"""The set-up of a second engine: what it builds, keeps and refuses, and what it says."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.engine.trial import SHOWN_NAMES
from tests.helpers.gpu_checkout import (
    BASE,
    COMPUTES,
    NO_CARD,
    NO_DRIVER,
    OPTIONS,
    READY,
    ROOT,
    Checkout,
    SetupProblem,
    engine,
    gpu,
    load,
)

procedure = load("setup_steps.procedure")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


# --- a build that works ------------------------------------------------------------------------


def test_an_engine_that_computed_is_recorded_and_the_application_finds_it(
    checkout: Checkout,
) -> None:
    name = checkout.keep_wheel()
    assert not checkout.made().ready()
    checkout.made().ensure()
    assert checkout.made().ready()
    chosen = checkout.builds().chosen("auto")
    assert (chosen.backend, chosen.folder) == ("cuda", checkout.places.engines / name)
    assert chosen.devices == ("RTX 4060",)
    assert sorted(it.name for it in (checkout.places.engines / name).iterdir()) == [
        "engine-1.dist-info", "llama_cpp",
    ]  # fmt: skip
    assert [it["phase"] for it in checkout.told()] == ["examine", "install", "try"]
    asked = Path(f"{checkout.python}.asked").read_text(encoding="utf-8").splitlines()
    assert asked[-1] == f"-m app.engine.trial cuda {checkout.places.engines / name}"


def test_another_ordinary_engine_makes_it_unready(checkout: Checkout) -> None:
    checkout.keep_wheel()
    checkout.made().ensure()
    (checkout.places.venv / engine.INSTALLED).write_text("another", encoding="utf-8")
    assert not checkout.made().ready()
    shutil.rmtree(checkout.places.engines / checkout.builds().usable()[0].folder.name)  # type: ignore[union-attr]
    (checkout.places.venv / engine.INSTALLED).write_text(BASE, encoding="utf-8")
    assert not checkout.made().ready()


def test_new_tools_make_another_build_and_the_earlier_one_goes(checkout: Checkout) -> None:
    first = checkout.keep_wheel()
    checkout.made().ensure()
    second = checkout.keep_wheel("nvcc 13.0")
    assert first != second
    checkout.answers({**READY, "tools": "nvcc 13.0"}, COMPUTES)
    checkout.made().ensure()
    assert [it.name for it in checkout.places.engines.glob("cuda-*")] == [second]
    assert checkout.builds().chosen("auto").folder == checkout.places.engines / second


def test_every_option_and_tool_changes_the_key(checkout: Checkout) -> None:
    chips = [
        None,
        engine.Chip("cuda", "CUDA", tuple(OPTIONS), "12.4", ""),
        engine.Chip("cuda", "CUDA", tuple(OPTIONS), "13.0", ""),
        engine.Chip("cuda", "CUDA", tuple(OPTIONS[:1]), "12.4", ""),
    ]
    keys = {engine.Engine(checkout.console, checkout.places, chip).key for chip in chips}
    assert len(keys) == len(chips)


def test_the_toolkit_s_libraries_are_linked_beside_the_engine(tmp_path: Path) -> None:
    source, target = tmp_path / "lib64", tmp_path / "lib"
    for folder in (source, target):
        folder.mkdir()
    names = ["libcudart.so.12", "libcublas.so.12", "libcublasLt.so.12"]
    for name in [*names, "libcudart.so", "libcublas.so.12.4.5.8", "libnvrtc.so.12"]:
        (source / name).write_text(name, encoding="utf-8")
    gpu.link_libraries(source, target)
    gpu.link_libraries(source, target)
    gpu.link_libraries(Path(), target)
    assert sorted(it.name for it in target.iterdir()) == sorted(names)
    assert (target / names[0]).read_text(encoding="utf-8") == names[0]


def test_backends_have_the_same_names_everywhere() -> None:
    assert {"cpu": "CPU", **gpu.BACKENDS} == SHOWN_NAMES


# --- what does not work changes nothing --------------------------------------------------------


def left(checkout: Checkout) -> list[str]:
    folder = checkout.places.engines
    return sorted(it.name for it in folder.iterdir()) if folder.exists() else []


def test_what_is_missing_is_said_before_anything_is_done(checkout: Checkout) -> None:
    checkout.answers(NO_DRIVER, COMPUTES)
    with pytest.raises(SetupProblem, match=r"^No NVIDIA driver"):
        checkout.made().ensure()
    assert left(checkout) == []


def test_an_engine_that_finds_no_card_leaves_nothing(checkout: Checkout) -> None:
    checkout.keep_wheel()
    checkout.answers(READY, NO_CARD)
    with pytest.raises(SetupProblem, match="found no graphics card"):
        checkout.made().ensure()
    assert left(checkout) == []
    assert checkout.builds().chosen("auto").backend == "cpu"


def test_a_later_build_that_does_not_work_leaves_the_earlier_one(checkout: Checkout) -> None:
    first = checkout.keep_wheel()
    checkout.made().ensure()
    checkout.keep_wheel("nvcc 13.0")
    checkout.answers({**READY, "tools": "nvcc 13.0"}, NO_CARD)
    with pytest.raises(SetupProblem):
        checkout.made().ensure()
    assert left(checkout) == [first, "cuda.json"]
    # Trying the one in use again does not remove it either: its driver may come back.
    checkout.answers(READY, NO_CARD)
    with pytest.raises(SetupProblem):
        checkout.made().ensure()
    assert left(checkout) == [first, "cuda.json"]


def test_an_environment_that_cannot_answer_is_named(checkout: Checkout) -> None:
    checkout.python.write_text("#!/bin/sh\necho why >&2; exit 3\n", encoding="utf-8")
    with pytest.raises(SetupProblem, match="run the set-up without --backend") as caught:
        checkout.made().ensure()
    assert caught.value.details == "why"


def test_without_a_compiler_nothing_is_begun(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "have_compiler", lambda: False)
    monkeypatch.setattr(gpu, "NEEDED_BYTES", 1)
    with pytest.raises(SetupProblem, match="compiler is missing"):
        checkout.made().ensure()
    assert left(checkout) == []


def test_a_half_unpacked_engine_is_unpacked_again(checkout: Checkout) -> None:
    name = checkout.keep_wheel()
    part = checkout.places.engines / f"{name}.part" / "llama_cpp"
    part.mkdir(parents=True)
    (part / "left").touch()
    checkout.made().ensure()
    assert not (checkout.places.engines / name / "llama_cpp" / "left").exists()
    assert left(checkout) == [name, "cuda.json"]


# --- the commands ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "backend", "rest"),
    [
        ([], "", []),
        (["ask", "--backend", "cuda"], "", ["ask", "--backend", "cuda"]),
        (["--backend", "cuda", "ask"], "cuda", ["ask"]),
        (["--backend=vulkan", "ask"], "vulkan", ["ask"]),
        (["--backend"], "…", []),
        (["--backend="], "…", []),
    ],
)
def test_the_backend_stands_before_the_program_s_arguments(
    arguments: list[str], backend: str, rest: list[str]
) -> None:
    assert procedure.split_backend(arguments) == (backend, rest)


def bootstrap(checkout: Checkout, *arguments: str) -> "subprocess.CompletedProcess[str]":
    script = str(checkout.places.packaging / "bootstrap.py")
    return subprocess.run(
        [sys.executable, script, *arguments],
        env={**os.environ, "XDG_CACHE_HOME": str(checkout.places.cache)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_unknown_backend_is_a_usage_error_and_does_nothing(checkout: Checkout) -> None:
    for arguments in (["run", "--backend", "opencl"], ["engine", "--backend", "opencl"]):
        ended = bootstrap(checkout, *arguments)
        assert ended.returncode == 2
        assert "“opencl” is no backend" in ended.stderr
    assert bootstrap(checkout, "engine").returncode == 2
    assert left(checkout) == []


def test_the_engine_command_tells_its_reader_why_it_ended(checkout: Checkout) -> None:
    checkout.answers(NO_DRIVER, COMPUTES)
    python = ["--python", str(checkout.python)]
    ended = bootstrap(checkout, "engine", "--backend", "cuda", *python, "--progress")
    assert ended.returncode == 1
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert lines == [{"phase": "examine", "fraction": 0.0}, NO_DRIVER]
    assert ended.stderr.splitlines()[-1] == NO_DRIVER["problem"]


def ready_to_run(checkout: Checkout) -> None:
    """Make it look set up, with a main.py that the fake Python would start."""
    starter = load("setup_steps.starter")
    places = checkout.places
    for name in ("requirements.lock", "requirements-test.lock"):
        shutil.copy(ROOT / name, places.root / name)
    places.starter.mkdir()
    with (places.starter / starter.MODEL).open("wb") as file:
        file.truncate(starter.SIZE)
    cache = places.cache / "moestro"
    stamp = procedure.Procedure(places.root, cache).stamp_of("run")
    (places.venv / "ready-to-run").write_text(stamp, encoding="utf-8")


def test_moestro_opens_although_the_gpu_engine_is_not_to_be_had(checkout: Checkout) -> None:
    ready_to_run(checkout)
    checkout.answers(NO_DRIVER, "Moestro is open")
    ended = bootstrap(checkout, "run", "--backend", "cuda", "ask", "Hello")
    assert ended.returncode == 0
    assert "Moestro is open" in ended.stdout
    assert "No NVIDIA driver" in ended.stderr
    assert "opens with the ordinary engine" in ended.stderr
    asked = Path(f"{checkout.python}.asked").read_text(encoding="utf-8").splitlines()
    assert asked[-1].endswith("main.py ask Hello")


def test_an_engine_that_is_there_is_not_tried_again(checkout: Checkout) -> None:
    ready_to_run(checkout)
    checkout.keep_wheel()
    checkout.made().ensure()
    asked = Path(f"{checkout.python}.asked")
    asked.unlink()
    ended = bootstrap(checkout, "run", "--backend", "cuda", "ask", "Hello")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(asked.read_text(encoding="utf-8").splitlines()) == 1


# --- progress ----------------------------------------------------------------------------------


def test_a_build_s_own_counting_is_its_progress(checkout: Checkout) -> None:
    code = "import time; print('  [1/4] a\\n  [3/4] b', flush=True); time.sleep(1.5)"
    with checkout.console.step("Building", phase="build"):
        checkout.console.run([sys.executable, "-c", code], "no")
    assert {"phase": "build", "fraction": 0.75} in checkout.told()


def test_counting_of_an_earlier_tool_does_not_count(checkout: Checkout) -> None:
    with checkout.console.step("Building", phase="build"):
        checkout.console.run([sys.executable, "-c", "print('[4/4] old', flush=True)"], "no")
        checkout.console.run([sys.executable, "-c", "import time; time.sleep(1.5)"], "no")
    assert {it["fraction"] for it in checkout.told()} == {0.0}


def test_a_reader_that_is_gone_ends_the_set_up(checkout: Checkout) -> None:
    script = str(checkout.places.packaging / "bootstrap.py")
    # It would go on for ten minutes: the first line that nobody reads ends it.
    checkout.python.write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    arguments = ["engine", "--backend", "cuda", "--python", str(checkout.python), "--progress"]
    process = subprocess.Popen(
        [sys.executable, script, *arguments],
        env={**os.environ, "XDG_CACHE_HOME": str(checkout.places.cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 1
