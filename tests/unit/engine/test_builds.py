"""Engine builds: which count, which is chosen, what a GPU lacks, and how building is followed."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.engine.build_process import bootstrap_command
from app.engine.builds import CPU_BUILD, EngineBuild, EngineBuilds, installed_key
from app.engine.computer import Computer, answer_of
from app.engine.errors import EngineError
from app.engine.hardware import Hardware, find_hardware
from app.engine.missing import Missing, missing_for
from app.engine.pipes import worker_command, worker_environment
from app.engine.toolkits import examine
from app.engine.worker import _prefer_engine
from app.posting import CallbackQueue
from app.wording import sentence_for
from models.errors import KnownError

BASE = "0123456789abcdef0123"


def put(place: Path, kind: str = "cuda", **changes: Any) -> Path:
    """An engine as the set-up leaves it behind."""
    name = f"{kind}-0a1b2c"
    package = place / name / "llama_cpp"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    record = {
        "format": 1, "backend": kind, "folder": name, "base": BASE, "devices": ["A card"],
        **changes,
    }  # fmt: skip
    (place / f"{kind}.json").write_text(json.dumps(record), encoding="utf-8")
    return place / name


def builds_in(
    folder: Path,
    post: Callable[[Callable[[], None]], None] = lambda callback: callback(),
    command: Callable[[str], Sequence[str]] | None = None,
    computer: Computer | None = None,
) -> EngineBuilds:
    return EngineBuilds(folder, BASE, post, command, computer or described())


# --- which there are ---------------------------------------------------------------------------


def test_without_any_the_ordinary_engine_is_used(tmp_path: Path) -> None:
    builds = builds_in(tmp_path / "none")
    assert builds.usable() == (CPU_BUILD,)
    assert [builds.chosen(it) for it in ("auto", "cpu", "cuda", "nonsense")] == [CPU_BUILD] * 4


def test_a_tried_engine_is_chosen_unless_the_setting_says_otherwise(tmp_path: Path) -> None:
    folder = put(tmp_path)
    builds = builds_in(tmp_path)
    cuda = EngineBuild("cuda", folder, ("A card",))
    assert builds.usable() == (cuda, CPU_BUILD)
    assert builds.chosen("auto") == builds.chosen("cuda") == cuda
    assert builds.chosen("cpu") == builds.chosen("vulkan") == CPU_BUILD


def test_metal_is_part_of_the_ordinary_engine(tmp_path: Path) -> None:
    put(tmp_path, "metal", folder="")
    assert builds_in(tmp_path).chosen("auto") == EngineBuild("metal", None, ("A card",))


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2}, {"backend": "vulkan"}, {"base": "another"}, {"folder": "cuda-fff"},
        {"folder": "../cuda-0a1b2c"}, {"folder": ""}, {"folder": 3}, {"devices": "A card"},
    ],
)  # fmt: skip
def test_a_record_that_does_not_fit_counts_as_none(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    # A folder outside exists, so that only the check of its name can refuse it.
    put(tmp_path)
    put(tmp_path / "engines", **changes)
    assert builds_in(tmp_path / "engines").usable() == (CPU_BUILD,)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_damaged_record_counts_as_none(tmp_path: Path, content: bytes) -> None:
    put(tmp_path)
    (tmp_path / "cuda.json").write_bytes(content)
    assert builds_in(tmp_path).usable() == (CPU_BUILD,)


def test_an_engine_beside_another_ordinary_one_is_out_of_date(tmp_path: Path) -> None:
    put(tmp_path, base="earlier")
    assert builds_in(tmp_path).outdated() == ("cuda",)
    put(tmp_path)
    assert builds_in(tmp_path).outdated() == ()


def test_an_engine_that_cannot_start_is_set_aside_and_said_once(tmp_path: Path) -> None:
    put(tmp_path)
    builds = builds_in(tmp_path)
    cuda = builds.chosen("auto")
    told = builds.set_aside(cuda)
    assert told is not None
    assert "CUDA engine could not start" in sentence_for(told)
    assert builds.chosen("auto") == builds.chosen("cuda") == CPU_BUILD
    assert builds.set_aside(cuda) is None
    assert builds.set_aside(CPU_BUILD) is None
    assert builds_in(tmp_path).chosen("auto") == cuda


def test_the_installed_key_is_read_or_empty(tmp_path: Path) -> None:
    assert installed_key(tmp_path) == ""
    (tmp_path / "moestro-engine").write_text(BASE, encoding="utf-8")
    assert installed_key(tmp_path) == BASE


# --- the worker's command ----------------------------------------------------------------------


def test_the_worker_takes_the_engine_of_the_folder_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--engine" not in worker_command()
    command = worker_command(tmp_path)
    assert command[-2:] == ["--engine", str(tmp_path)]
    monkeypatch.setattr(sys, "path", ["elsewhere"])
    _prefer_engine(worker_command())
    assert sys.path == ["elsewhere"]
    _prefer_engine(command)
    assert sys.path == [str(tmp_path), "elsewhere"]


def test_the_worker_s_environment_shows_the_cards_and_no_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    monkeypatch.setenv("HF_TOKEN", "secret")
    kept = worker_environment()
    assert kept["CUDA_VISIBLE_DEVICES"] == "1"
    assert "HF_TOKEN" not in kept


# --- which hardware there is -------------------------------------------------------------------


def described(
    root: Path = Path("/nowhere"),
    answers: dict[str, str] | None = None,
    system: str = "linux",
    machine: str = "x86_64",
    **environment: str,
) -> Computer:
    """A computer with these files and programs; ``answers`` go by program and first argument."""
    answers = answers or {}
    programs = {key.split()[0] for key in answers}
    return Computer(
        system=system,
        machine=machine,
        root=root,
        environment=environment,
        find=lambda name: name if name in programs else None,
        ask=lambda command: answers.get(" ".join(command[:2]), ""),
    )


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def card(number: int, vendor: str, kind: str = "0x030000") -> dict[str, str]:
    folder = f"sys/bus/pci/devices/0000:0{number}:00.0"
    return {f"{folder}/vendor": f"{vendor}\n", f"{folder}/class": f"{kind}\n"}


NVIDIA_DRIVER = {
    "proc/driver/nvidia/version": "NVRM version: 580\n",
    "proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t RTX 4060\nIRQ: 9\n",
}


def test_nvidia_s_driver_names_its_cards_and_each_card_counts_once(tmp_path: Path) -> None:
    write(tmp_path, NVIDIA_DRIVER | card(1, "0x10de") | card(2, "0x8086"))
    expected = (Hardware("nvidia", "RTX 4060"), Hardware("intel", "Intel GPU"))
    assert find_hardware(described(tmp_path)) == expected


def test_a_card_without_its_driver_is_seen(tmp_path: Path) -> None:
    # A 3D controller: how a second card of a laptop and a server's card show themselves.
    write(tmp_path, card(1, "0x10de", "0x030200"))
    found = find_hardware(described(tmp_path))
    assert found == (Hardware("nvidia", "NVIDIA GPU", has_driver=False),)


def test_other_devices_and_virtual_displays_are_no_gpus(tmp_path: Path) -> None:
    write(tmp_path, card(1, "0x1234") | card(2, "0x8086", "0x020000"))
    assert find_hardware(described(tmp_path)) == ()
    assert find_hardware(described(tmp_path / "empty")) == ()


def test_macs_and_windows(tmp_path: Path) -> None:
    apple = (Hardware("apple", "Apple GPU"),)
    assert find_hardware(described(system="darwin", machine="arm64")) == apple
    assert find_hardware(described(system="darwin")) == ()
    windows = described(tmp_path, {"nvidia-smi": ""}, system="win32")
    assert find_hardware(windows) == (Hardware("nvidia", "NVIDIA GPU"),)


def test_this_computer_can_be_looked_at() -> None:
    find_hardware(Computer())


# --- what building needs -----------------------------------------------------------------------

SMI, VERSION, KNOWN, TOP = (
    "nvidia-smi --query-gpu=compute_cap,name", "nvcc --version", "nvcc --list-gpu-arch",
    "nvcc --dryrun",
)  # fmt: skip
CUDA = {
    SMI: "8.9, RTX 4060\n8.6, RTX 3090\n8.6, RTX 3090\n",
    VERSION: "Cuda compilation tools, release 12.4, V12.4.131",
    KNOWN: "compute_80\ncompute_86\ncompute_89\n",
    TOP: "#$ _HERE_=/x\n#$ TOP=/opt/toolkit/bin/..\n",
}
CUBLAS = {"opt/toolkit/include/cublas_v2.h": "", "opt/toolkit/lib64/libcudart.so.12": ""}


def code_of(backend: Any, computer: Computer) -> str:
    with pytest.raises(EngineError) as caught:
        examine(backend, computer)
    sentence_for(caught.value)
    return caught.value.code


def test_cuda_is_built_for_the_cards_that_are_here(tmp_path: Path) -> None:
    write(tmp_path, CUBLAS)
    (tmp_path / "opt/toolkit/bin").mkdir()
    chip = examine("cuda", described(tmp_path, CUDA))
    assert "CMAKE_CUDA_ARCHITECTURES=86-real;89-real" in chip.options
    assert {"GGML_CUDA=ON", "CMAKE_CUDA_COMPILER=nvcc"} <= set(chip.options)
    assert "12.4" in chip.tools
    assert chip.libraries == str(tmp_path / "opt/toolkit/lib64")


@pytest.mark.parametrize(
    ("without", "code"),
    [
        ({SMI}, "builds.no_nvidia_driver"),
        ({VERSION, KNOWN, TOP}, "builds.no_nvcc"),
        ({"cublas"}, "builds.no_cublas"),
    ],
)
def test_what_cuda_lacks_is_named(tmp_path: Path, without: set[str], code: str) -> None:
    write(tmp_path, {} if "cublas" in without else CUBLAS)
    answers = {key: value for key, value in CUDA.items() if key not in without}
    assert code_of("cuda", described(tmp_path, answers)) == code


def test_a_driver_that_answers_with_a_complaint_is_no_driver(tmp_path: Path) -> None:
    answers = CUDA | {SMI: "NVIDIA-SMI has failed because it couldn't communicate\n"}
    assert code_of("cuda", described(write(tmp_path, CUBLAS), answers)) == "builds.no_nvidia_driver"


def test_a_toolkit_that_does_not_know_the_card_is_named(tmp_path: Path) -> None:
    answers = CUDA | {SMI: "12.0, RTX 5090\n"}
    assert code_of("cuda", described(write(tmp_path, CUBLAS), answers)) == "builds.wrong_nvcc"


def vulkan_headers(patch: int, minor: int = 3) -> dict[str, str]:
    version = f"VK_MAKE_API_VERSION(0, 1, {minor}, VK_HEADER_VERSION)"
    return {
        "usr/include/vulkan/vulkan_core.h": f"#define VK_HEADER_VERSION {patch}\n"
        f"#define VK_HEADER_VERSION_COMPLETE {version}\n",
        "usr/share/cmake/SPIRV-Headers/SPIRV-HeadersConfig.cmake": "",
    }


GLSLC = {"glslc --version": "shaderc 2023.8"}


@pytest.mark.parametrize(("patch", "minor"), [(272, 3), (309, 4), (10, 4)])
def test_vulkan_is_built_with_new_headers(tmp_path: Path, patch: int, minor: int) -> None:
    write(tmp_path, vulkan_headers(patch, minor))
    chip = examine("vulkan", described(tmp_path, GLSLC))
    assert chip.options == ("GGML_VULKAN=ON",)
    assert "2023.8" in chip.tools


def test_debian_12_s_headers_are_too_old(tmp_path: Path) -> None:
    write(tmp_path, vulkan_headers(239))
    assert code_of("vulkan", described(tmp_path, GLSLC)) == "builds.old_vulkan"


def test_the_sdk_goes_before_the_system(tmp_path: Path) -> None:
    write(tmp_path, vulkan_headers(239))
    newer = {name.replace("usr", "sdk", 1): text for name, text in vulkan_headers(309).items()}
    write(tmp_path, newer)
    assert examine("vulkan", described(tmp_path, GLSLC, VULKAN_SDK="/sdk"))


def test_what_vulkan_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no_vulkan_tools") as caught:
        examine("vulkan", described(tmp_path))
    assert caught.value.facts["part"] == "libvulkan-dev glslc spirv-headers"
    write(tmp_path, vulkan_headers(309))
    with pytest.raises(EngineError) as caught:
        examine("vulkan", described(tmp_path))
    assert caught.value.facts["part"] == "glslc"


def test_metal_needs_apple_s_chip() -> None:
    assert code_of("metal", described()) == "builds.not_apple"
    assert examine("metal", described(system="darwin", machine="arm64")).options == ()


def test_a_program_that_is_absent_or_fails_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer_of(["/no/such/program"]) == ""
    assert answer_of([sys.executable, "-c", "print('x'); exit(1)"]) == ""
    assert answer_of([sys.executable, "-c", "print('x')"]).strip() == "x"
    monkeypatch.setattr("app.engine.computer._PATIENCE_SECONDS", 0.2)
    assert answer_of([sys.executable, "-c", "import time; time.sleep(60)"]) == ""


# --- what could be used and is not -------------------------------------------------------------

CARD = Hardware("nvidia", "RTX 4060")


def codes(found: tuple[Missing, ...]) -> list[tuple[str, str, bool]]:
    for each in found:
        sentence_for(KnownError(each.code, **each.facts))
    return [(each.backend, each.code, each.can_build) for each in found]


def test_an_unused_card_gets_its_next_step(tmp_path: Path) -> None:
    ready = described(write(tmp_path, CUBLAS), CUDA)
    assert codes(missing_for([CARD], ready, {"cpu"})) == [("cuda", "builds.unused", True)]
    bare = missing_for([CARD], described(), {"cpu"})
    assert codes(bare) == [("cuda", "builds.no_nvidia_driver", False)]
    packaged = missing_for([CARD], ready, {"cpu"}, can_build=False)
    assert codes(packaged) == [("cuda", "builds.not_here", False)]
    earlier = missing_for([CARD], ready, {"cpu"}, {"cuda"})
    assert codes(earlier) == [("cuda", "builds.outdated", True)]
    undriven = missing_for([Hardware("nvidia", "x", has_driver=False)], ready, {"cpu"})
    assert codes(undriven) == [("cuda", "builds.no_nvidia_driver", False)]


def test_a_used_card_is_not_missing() -> None:
    intel, apple = Hardware("intel", "Intel GPU"), Hardware("apple", "Apple GPU")
    assert missing_for([CARD, intel], described(), {"cuda", "cpu"}) == ()
    assert missing_for([CARD, intel], described(), {"vulkan", "cpu"}) == ()
    assert missing_for([intel], described(), {"vulkan", "cpu"}) == ()
    assert missing_for([apple], described(), {"cpu"}) == ()
    assert codes(missing_for([intel], described(), {"cuda", "cpu"})) == [
        ("vulkan", "builds.no_vulkan_tools", False)
    ]


def test_looking_answers_on_the_state_thread(tmp_path: Path) -> None:
    callbacks = CallbackQueue()
    write(tmp_path, NVIDIA_DRIVER | CUBLAS)
    computer = described(tmp_path, CUDA)
    found: list[tuple[Missing, ...]] = []
    builds_in(tmp_path, callbacks.post, lambda _: [], computer).look_for_missing(found.append)
    assert found == []
    assert callbacks.run_until(lambda: bool(found), 30)
    assert codes(found[0]) == [("cuda", "builds.unused", True)]


# --- building ----------------------------------------------------------------------------------


class Build:
    """A build by a child process that runs ``code``, with what it told."""

    def __init__(self, folder: Path, code: str) -> None:
        self.callbacks = CallbackQueue()
        self.progress: list[tuple[str, float]] = []
        self.done: list[EngineBuild] = []
        self.errors: list[KnownError] = []
        self.builds = builds_in(
            folder, self.callbacks.post, lambda _backend: [sys.executable, "-c", code]
        )
        self.cancel = self.start()

    def start(self) -> Callable[[], None]:
        return self.builds.start_build(
            "cuda", lambda *at: self.progress.append(at), self.done.append, self.errors.append
        )

    def wait(self) -> None:
        assert self.callbacks.run_until(lambda: bool(self.done or self.errors), 60)


def test_a_build_is_followed_to_its_engine(tmp_path: Path) -> None:
    put(tmp_path)
    build = Build(
        tmp_path,
        "print('noise'); print('{\"phase\": \"build\", \"fraction\": 0.5}'); print('[1]')",
    )
    assert build.builds.is_building
    build.wait()
    assert build.progress == [("build", 0.5)]
    assert [it.backend for it in build.done] == ["cuda"]
    assert build.errors == []
    assert not build.builds.is_building


def test_a_build_that_was_set_aside_before_is_used_again(tmp_path: Path) -> None:
    put(tmp_path)
    build = Build(tmp_path, "input()")
    build.builds.set_aside(build.builds.chosen("auto"))
    build.wait()  # this one ends badly: nothing is there to be read
    assert build.builds.chosen("auto") == CPU_BUILD
    build.builds._command = lambda _backend: [sys.executable, "-c", ""]
    build.errors.clear()
    build.start()
    build.wait()
    assert build.builds.chosen("auto").backend == "cuda"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('print(\'{"problem": "No driver."}\'); exit(1)', "No driver."),
        ("exit(7)", "ended unexpectedly"),
        ("", "ended unexpectedly"),  # it says that all is well, and no engine is there
    ],
)
def test_a_build_that_ends_badly_is_one_sentence(tmp_path: Path, code: str, expected: str) -> None:
    build = Build(tmp_path, code)
    build.wait()
    assert len(build.errors) == 1
    assert expected in sentence_for(build.errors[0])
    assert not build.builds.is_building


def test_a_build_can_be_stopped_and_a_second_one_waits(tmp_path: Path) -> None:
    build = Build(tmp_path, "import time; time.sleep(600)")
    build.start()
    assert [error.code for error in build.errors] == ["builds.busy"]
    build.errors.clear()
    build.cancel()
    build.wait()
    assert [error.code for error in build.errors] == ["builds.stopped"]


def test_closing_ends_the_build_and_says_nothing_more(tmp_path: Path) -> None:
    build = Build(tmp_path, "import time; time.sleep(600)")
    running = build.builds._running
    assert running is not None
    build.builds.shut_down()
    assert running._process.poll() is not None
    build.callbacks.run_until(lambda: False, 1)
    assert not build.errors


def test_where_nothing_can_be_built_or_started_it_says_so(tmp_path: Path) -> None:
    errors: list[KnownError] = []
    builds_in(tmp_path).start_build("cuda", lambda *_: None, lambda _: None, errors.append)
    builds = builds_in(tmp_path, command=lambda _: [str(tmp_path / "no-such-program")])
    builds.start_build("cuda", lambda *_: None, lambda _: None, errors.append)
    assert [error.code for error in errors] == ["builds.not_here", "builds.ended"]


def test_the_set_up_itself_answers_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real command, for what no computer but a Mac can have."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    callbacks = CallbackQueue()
    root = Path(__file__).resolve().parents[3]
    errors: list[KnownError] = []
    phases: list[str] = []
    began = time.monotonic()
    builds = builds_in(tmp_path, callbacks.post, lambda backend: bootstrap_command(root, backend))
    builds.start_build(
        "metal", lambda phase, _: phases.append(phase), lambda _: None, errors.append
    )
    assert callbacks.run_until(lambda: bool(errors), 60)
    assert sentence_for(errors[0]) == (
        "Metal is for Macs with Apple silicon; choose CUDA or Vulkan on this computer."
    )
    assert phases[:1] == ["examine"]
    assert time.monotonic() - began < 60
