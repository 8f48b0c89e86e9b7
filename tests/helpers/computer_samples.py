"""Computers as the page about them is shown: without a GPU, with one idle, two used, over RPC."""

from app.engine.entities import DeviceSpeed, KernelSpeed, MeasuredSpeeds
from ui.computer.view import BackendView, BuildView, ComputerView, DeviceView, HostView

GIB = 1 << 30
MEASURED_MS = 1_773_835_200_000

KERNELS = (
    KernelSpeed(type_name="Q4_K", threads=1, bytes_per_second=23e9, operations_per_second=4e10),
    KernelSpeed(type_name="Q4_K", threads=8, bytes_per_second=61.4e9, operations_per_second=3e11),
    KernelSpeed(type_name="Q8_0", threads=8, bytes_per_second=64.9e9, operations_per_second=3e11),
)

NVIDIA = DeviceView(
    name="NVIDIA GeForce RTX 4060",
    kind="gpu",
    memory_bytes=8 * GIB,
    free_bytes=round(7.1 * GIB),
    driver="550.54.14",
    unused_reason="The engine here has no CUDA; a second one, made for this GPU, has it.",
    get_engine="cuda",
)


def processor(*, model: float = 0.0, cores: int = 8, total: int = 32) -> DeviceView:
    return DeviceView(
        name="AMD Ryzen 7 7700 8-Core Processor",
        engine_name="CPU",
        kind="cpu",
        backend="CPU",
        memory_bytes=total * GIB,
        free_bytes=round((total * 0.7 - model) * GIB),
        model_bytes=round(model * GIB),
        cores=cores,
        purpose="Experts of 62 layers of Qwen3-235B-A22B, and its embeddings" if model else "",
    )


def gpu(number: int, name: str, total: float, model: float, purpose: str) -> DeviceView:
    return DeviceView(
        name=name,
        engine_name=f"CUDA{number}",
        backend="CUDA",
        driver="550.54.14",
        memory_bytes=round(total * GIB),
        free_bytes=round((total - model - 0.8) * GIB),
        model_bytes=round(model * GIB),
        purpose=purpose,
    )


def backends(*added: str, nvidia: bool = False) -> tuple[BackendView, ...]:
    absent = {
        "cuda": "Get the engine for the NVIDIA GeForce RTX 4060 above; it takes about 20 min."
        if nvidia
        else "There is no NVIDIA GPU in this computer.",
        "vulkan": "Its headers here are too old; install libvulkan-dev 1.3.272 or newer first.",
        "metal": "Only Apple computers have it.",
    }
    return (
        BackendView(name="cpu", state="built_in"),
        BackendView(name="rpc", state="built_in", words="Off until you name a computer."),
        *(
            BackendView(name=name, state="added")
            if name in added
            else BackendView(name=name, state="absent", words=words)
            for name, words in absent.items()
        ),
    )


def without_gpu() -> ComputerView:
    """Two cores, measured."""
    kernels = (
        KernelSpeed(type_name="Q4_K", threads=2, bytes_per_second=9.4e9, operations_per_second=1e1),
    )
    return ComputerView(
        devices=(processor(cores=2, total=24),),
        backends=backends(),
        speeds=MeasuredSpeeds(kernels=kernels, devices=(), seconds=9.8),
        measured_ms=MEASURED_MS,
        engine_version="llama-cpp-python 0.3.36 (llama.cpp 0c1e57098)",
        answered_seconds=0.6,
    )


def idle_gpu(*, building: float | None = None) -> ComputerView:
    """An NVIDIA GPU that waits for its engine; nothing measured."""
    device = NVIDIA
    if building is not None:
        device = DeviceView(
            name=NVIDIA.name,
            memory_bytes=NVIDIA.memory_bytes,
            free_bytes=NVIDIA.free_bytes,
            driver=NVIDIA.driver,
            unused_reason="Its engine is being made; you can go on chatting meanwhile.",
            get_engine="cuda",
            build=BuildView(words="Compiling", fraction=building),
        )
    return ComputerView(
        devices=(device, processor()),
        backends=backends(nvidia=True),
        engine_version="llama-cpp-python 0.3.36 (llama.cpp 0c1e57098)",
        answered_seconds=0.6,
    )


def two_gpus(*, measuring: float | None = None) -> ComputerView:
    """Two unequal GPUs with a model on them, an idle graphics chip, and another computer."""
    chip = DeviceView(
        name="AMD Radeon Graphics (RADV RAPHAEL_MENDOCINO)",
        engine_name="Vulkan0",
        kind="igpu",
        backend="Vulkan",
        memory_bytes=16 * GIB,
        free_bytes=12 * GIB,
        shares_memory=True,
        unused_reason="It shares main memory, so it would not be faster than the processor.",
    )
    speeds = MeasuredSpeeds(
        kernels=KERNELS,
        devices=(
            DeviceSpeed(
                device="CUDA0",
                bytes_per_second=912e9,
                operations_per_second=4e13,
                link_bytes_per_second=24.8e9,
            ),
            DeviceSpeed(
                device="CUDA1",
                bytes_per_second=241e9,
                operations_per_second=1e13,
                link_bytes_per_second=11.9e9,
            ),
        ),
        seconds=10.1,
    )
    attention = "Attention and 20 of 94 expert layers of Qwen3-235B-A22B"
    return ComputerView(
        devices=(
            gpu(0, "NVIDIA GeForce RTX 4090", 24, 21.6, attention),
            gpu(1, "NVIDIA GeForce RTX 4060 Ti", 16, 13.9, "12 expert layers of Qwen3-235B-A22B"),
            chip,
            processor(model=96.4, total=192),
        ),
        backends=backends("cuda"),
        hosts=(
            HostView(address="192.168.1.20:50052", words="RPC0, 23.4 GiB free"),
            HostView(address="10.0.0.7:50052", words="Refused the connection.", answers=False),
        ),
        speeds=speeds,
        measured_ms=MEASURED_MS,
        measuring=measuring,
        engine_version="llama-cpp-python 0.3.36 (llama.cpp 0c1e57098), CUDA 12.4",
        answered_seconds=1.2,
    )
