"""A second engine in a folder of its own, used and tried by real workers.

There is no GPU here: the second engine is a copy of this environment's, and its processor
stands in for the card where a test needs one that computes.
"""

import importlib.util
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.engine.builds import EngineBuilds
from app.engine.entities import Device
from app.engine.errors import EngineError
from app.engine.trial import accepts_backend, try_engine
from tests.helpers.gpu_checkout import Checkout, SetupProblem, file_digest
from tests.helpers.worker_process import ROOT, STARTER


def package() -> Path:
    """This environment's engine, found without importing it."""
    spec = importlib.util.find_spec("llama_cpp")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the engine."""
    folder = tmp_path_factory.mktemp("second engine")
    shutil.copytree(
        package(), folder / "llama_cpp", ignore=shutil.ignore_patterns("__pycache__", "server")
    )
    return folder


def is_processor(device: Device) -> bool:
    return device.kind == "cpu"


def test_the_worker_runs_from_the_second_engine_s_folder(second: Path) -> None:
    libraries: list[str] = []
    pids: list[int] = []

    def accepts(device: Device) -> bool:
        # The worker has answered and still lives.
        maps = psutil.Process(pids[0]).memory_maps()
        libraries.extend(each.path for each in maps if "ggml" in Path(each.path).name)
        return is_processor(device)

    trial = try_engine("cuda", second, accepts, STARTER, lambda client: pids.append(client.pid))
    assert trial.computed
    assert [device.name for device in trial.devices] == ["CPU"]
    assert libraries
    assert all(path.startswith(str(second)) for path in libraries), libraries


@pytest.mark.parametrize("backend", ["cuda", "vulkan", "metal"])
def test_an_engine_without_a_card_is_refused_in_words(backend: str) -> None:
    with pytest.raises(EngineError, match="no_device"):
        try_engine(backend, None, accepts_backend(backend))


def broken(folder: Path, code: str) -> Path:
    (folder / "llama_cpp").mkdir(parents=True)
    (folder / "llama_cpp" / "__init__.py").write_text(code, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "code",
    ["raise OSError('libcuda.so.1: cannot open shared object file')", "import os; os.abort()"],
    ids=["a library is missing", "it aborts"],
)
def test_an_engine_that_cannot_start_is_refused_in_words(tmp_path: Path, code: str) -> None:
    with pytest.raises(EngineError, match="trial_ended"):
        try_engine("cuda", broken(tmp_path, code), is_processor)


def test_an_engine_that_lists_a_card_but_does_not_compute_is_refused(tmp_path: Path) -> None:
    # It cannot load: as when a driver is too old for the engine's kernels.
    model = tmp_path / "model.gguf"
    model.write_bytes(STARTER.read_bytes().replace(b"\x00gpt2", b"\x00gpt?", 1))
    with pytest.raises(EngineError, match="trial_ended"):
        try_engine("cuda", None, is_processor, model)


# --- the set-up with real trials ---------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path, second: Path) -> Checkout:
    """A checkout with a kept build that is a real engine, and a Python that only examines."""
    made = Checkout(tmp_path)
    name = made.keep_wheel().removeprefix("cuda-")
    wheel = made.places.cache / "engine" / name / "engine.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path in sorted(second.rglob("*")):
            archive.write(path, path.relative_to(second))
    manifest = wheel.parent / "wheel.json"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace(
            manifest.read_text(encoding="utf-8").split('"sha256": "')[1][:64],
            file_digest(wheel),
        ),
        encoding="utf-8",
    )
    for room in ("app", "models", "main.py"):
        (made.places.root / room).symlink_to(ROOT / room)
    return made


def tries_for_real(checkout: Checkout, pretend: Callable[[str], str]) -> None:
    """Let the environment's Python really run the trial; ``pretend`` may change its code."""
    text = checkout.python.read_text(encoding="utf-8")
    real = pretend(f"""exec '{sys.executable}' "$@" """)
    begin, _, _ = text.partition("*) ")
    checkout.python.write_text(f"{begin}*) {real};; esac\n", encoding="utf-8")


def test_a_processor_s_engine_is_refused_for_lack_of_a_card(checkout: Checkout) -> None:
    tries_for_real(checkout, lambda command: command)
    with pytest.raises(SetupProblem, match="found no graphics card; check the driver"):
        checkout.made().ensure()
    assert not any(checkout.places.engines.iterdir())


def test_an_engine_that_computes_is_kept_and_used(checkout: Checkout) -> None:
    # The one thing that is pretended: that a processor is the card that was looked for.
    code = (
        "import sys, app.engine.trial as t; "
        't.accepts_backend = lambda b: lambda d: d.kind == \\"cpu\\"; '
        "sys.exit(t.main(sys.argv[1:]))"
    )
    tries_for_real(checkout, lambda _: f"""exec '{sys.executable}' -c "{code}" "$3" "$4" """)
    checkout.made().ensure()
    builds: Any = EngineBuilds(
        checkout.places.engines, checkout.made()._base(), lambda callback: callback()
    )
    chosen = builds.chosen("auto")
    assert chosen.backend == "cuda"
    assert chosen.folder.parent == checkout.places.engines
    trial = try_engine("cuda", chosen.folder, is_processor, STARTER)
    assert trial.computed
