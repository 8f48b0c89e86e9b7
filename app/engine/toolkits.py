"""What building an engine for a GPU needs on this computer, and how it is then configured.

``python -m app.engine.toolkits BACKEND`` prints the answer as JSON for the set-up.
"""

import json
import os.path
import re
import sys
from dataclasses import dataclass
from typing import Literal, cast, get_args

from app.engine.computer import Computer
from app.engine.errors import EngineError
from app.wording import sentence_for

GpuBackend = Literal["cuda", "vulkan", "metal"]
GPU_BACKENDS: tuple[GpuBackend, ...] = get_args(GpuBackend)

OLDEST_VULKAN = (1, 3, 272)
"""Of the headers: the first that have all the structures that the engine names."""

_VULKAN_VERSION = re.compile(
    r"VK_HEADER_VERSION_COMPLETE\s+VK_MAKE_API_VERSION\(\s*0,\s*(\d+),\s*(\d+)"
)
_VULKAN_PATCH = re.compile(r"#define\s+VK_HEADER_VERSION\s+(\d+)")
_NVCC_VERSION = re.compile(r"release (\d+\.\d+)")
_NVCC_TOP = re.compile(r"^#\$ TOP=(.+?)\s*$", re.M)
_PREFIXES = ("/usr", "/usr/local")


@dataclass(frozen=True, slots=True)
class Chip:
    """For what, and with what, an engine can be built here."""

    backend: GpuBackend
    options: tuple[str, ...] = ()
    """Options of CMake, as ``NAME=VALUE``."""
    tools: str = ""
    """What the build depends on besides its source: other tools make another build."""
    libraries: str = ""
    """Folder of shared libraries that the finished engine needs; empty for the system's own."""


def examine(backend: GpuBackend, computer: Computer) -> Chip:
    """Find what a build needs. Raises EngineError that names what is missing and the next step."""
    if backend == "metal":
        if computer.system != "darwin" or computer.machine != "arm64":
            raise EngineError("builds.not_apple")
        return Chip(backend)
    return _examine_cuda(computer) if backend == "cuda" else _examine_vulkan(computer)


def driver_tool(computer: Computer) -> str:
    """The path of ``nvidia-smi``, also where Windows lends it to Linux; empty without one."""
    return computer.program("nvidia-smi", "/usr/lib/wsl/lib")


# --- CUDA ------------------------------------------------------------------------------------


def _examine_cuda(computer: Computer) -> Chip:
    smi = driver_tool(computer)
    query = [smi, "--query-gpu=compute_cap,name", "--format=csv,noheader"]
    cards = _cards(computer.ask(query)) if smi else []
    if not cards:
        raise EngineError("builds.no_nvidia_driver")
    home = computer.environment.get("CUDA_PATH") or computer.environment.get("CUDA_HOME") or ""
    folder = f"{home}/bin" if home else ""
    nvcc = computer.program("nvcc", folder, "/usr/local/cuda/bin", "/opt/cuda/bin")
    said = computer.ask([nvcc, "--version"]) if nvcc else ""
    if not said:
        raise EngineError("builds.no_nvcc")
    release = _NVCC_VERSION.search(said)
    version = release[1] if release else "?"
    known = set(re.findall(r"compute_(\d+)", computer.ask([nvcc, "--list-gpu-arch"])))
    for capability, name in cards:
        if known and capability not in known:
            raise EngineError("builds.wrong_nvcc", version=version, description=name[:52])
    top = _toolkit_folder(computer, nvcc)
    if not _has_cublas(computer, top):
        raise EngineError("builds.no_cublas", version=version)
    chips = sorted({capability for capability, _name in cards})
    # Machine code for these cards alone: other cards' would make the build many times longer.
    architectures = ";".join(f"{chip}-real" for chip in chips)
    return Chip(
        "cuda",
        (
            "GGML_CUDA=ON",
            f"CMAKE_CUDA_COMPILER={nvcc}",
            f"CMAKE_CUDA_ARCHITECTURES={architectures}",
        ),
        tools=said,
        libraries=_library_folder(computer, top),
    )


def _cards(listing: str) -> list[tuple[str, str]]:
    """Compute capability without its point, and name, of each card that ``nvidia-smi`` lists."""
    cards = []
    for line in listing.splitlines():
        capability, _, name = line.partition(",")
        if re.fullmatch(r"\d+\.\d", capability.strip()):
            cards.append((capability.strip().replace(".", ""), name.strip()))
    return cards


def _toolkit_folder(computer: Computer, nvcc: str) -> str:
    """Where the toolkit lies: ``nvcc`` may be a script or a link that leads elsewhere."""
    found = _NVCC_TOP.search(computer.ask([nvcc, "--dryrun", "-x", "cu", "/dev/null"]))
    return os.path.normpath(found[1]) if found else ""


def _has_cublas(computer: Computer, top: str) -> bool:
    patterns = ["/usr/include/cublas_v2.h"]
    if top:
        patterns += [f"{top}/include/cublas_v2.h", f"{top}/targets/*/include/cublas_v2.h"]
    return any(computer.files(pattern) for pattern in patterns)


def _library_folder(computer: Computer, top: str) -> str:
    """Where the toolkit keeps its libraries; the system's own folder needs no naming."""
    for pattern in (f"{top}/lib64", f"{top}/targets/*/lib") if top else ():
        for folder in computer.files(pattern):
            if any(folder.glob("libcudart.so.*")):
                return str(folder.resolve())
    return ""


# --- Vulkan ----------------------------------------------------------------------------------


def _examine_vulkan(computer: Computer) -> Chip:
    sdk = computer.environment.get("VULKAN_SDK", "")
    prefixes = (*((sdk,) if sdk else ()), *_PREFIXES)
    headers = next(
        (
            text
            for prefix in prefixes
            if (text := computer.text(f"{prefix}/include/vulkan/vulkan_core.h"))
        ),
        "",
    )
    glslc = computer.program("glslc", *(f"{prefix}/bin" for prefix in prefixes))
    spirv = any(
        computer.files(f"{prefix}/{place}/SPIRV-Headers/SPIRV-HeadersConfig.cmake")
        for prefix in prefixes
        for place in ("share/cmake", "lib/cmake", "lib/*/cmake")
    )
    present = {"libvulkan-dev": bool(headers), "glslc": bool(glslc), "spirv-headers": spirv}
    missing = [name for name, found in present.items() if not found]
    version = _vulkan_version(headers)
    if headers and version < OLDEST_VULKAN:
        raise EngineError("builds.old_vulkan", version=".".join(map(str, version)))
    if missing:
        raise EngineError("builds.no_vulkan_tools", part=" ".join(missing))
    return Chip(
        "vulkan", ("GGML_VULKAN=ON",), tools=f"{version} {computer.ask([glslc, '--version'])}"
    )


def _vulkan_version(headers: str) -> tuple[int, int, int]:
    complete = _VULKAN_VERSION.search(headers)
    patch = _VULKAN_PATCH.search(headers)
    if not complete or not patch:
        return (0, 0, 0)
    return int(complete[1]), int(complete[2]), int(patch[1])


# --- for the set-up --------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Print what building for ``arguments[0]`` needs; 1 with a sentence when it is not there."""
    try:
        chip = examine(cast(GpuBackend, arguments[0]), Computer())
    except EngineError as error:
        sys.stdout.write(json.dumps({"problem": sentence_for(error)}))
        return 1
    sys.stdout.write(
        json.dumps({"options": chip.options, "tools": chip.tools, "libraries": chip.libraries})
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
