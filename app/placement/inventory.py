"""Takes this computer's inventory: a worker of its own is asked, and then ended."""

import contextlib
import importlib.util
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from app.engine.client import EngineClient
from app.engine.cores import usable_cores
from app.engine.entities import Device
from app.engine.errors import WorkerDiedError
from app.engine.outcomes import error_of
from app.engine.protocol import Devices, Failed, FromWorker
from app.placement.entities import Inventory
from app.placement.memory import main_memory
from models.errors import KnownError

_BACKEND = re.compile(r"ggml-([a-z0-9]+)")
_WITHOUT_DEVICES = frozenset({"base", "cpu", "rpc"})
"""The engine's libraries that bring no device besides the processor; RPC brings hosts' alone."""
_WINDOWS_NAME = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"

StartClient = Callable[[Callable[[WorkerDiedError | None], None]], EngineClient]


def take_inventory(
    start_client: StartClient,
    done: Callable[[Inventory], None],
    failed: Callable[[KnownError], None],
    rpc_hosts: Sequence[str] = (),
) -> None:
    """Ask a fresh worker for its devices; exactly one of the two callbacks follows.

    ``rpc_hosts`` are asked too. Each takes one client at a time, so none of them may be in use
    by a loaded model of ours.

    A driver that hangs or crashes takes only that worker with it, and what a GPU has free is
    not lessened by anything that this program has loaded there before.
    """

    def answered(event: FromWorker | WorkerDiedError) -> None:
        match event:
            case Devices(devices=devices):
                done(inventory_of(devices))
            case WorkerDiedError():
                failed(event)
            case Failed():
                failed(error_of(event))
        client.close()

    try:
        client = start_client(lambda _death: None)
    except OSError:
        failed(WorkerDiedError("engine.no_start"))
        return
    client.list_devices(answered, rpc_hosts)


def inventory_of(devices: tuple[Device, ...]) -> Inventory:
    """Put main memory's real figures beside what the engine says."""
    memory = main_memory()
    corrected = tuple(
        msgspec.structs.replace(
            device, memory_bytes=memory.total_bytes, free_bytes=memory.available_bytes
        )
        if device.kind == "cpu"
        else device
        for device in devices
    )
    return Inventory(
        devices=corrected,
        memory=memory,
        physical_cores=usable_cores(),
        unified_memory=any(device.kind == "igpu" for device in devices),
    )


def inventory_without_engine(engine: Path | None = None) -> Inventory | None:
    """The inventory when the engine cannot have any device but the processor; None if it may.

    It saves starting a worker: an engine without a library for other devices sees none.
    ``engine`` is the folder of another build than the environment's own.
    """
    if engine is not None or sys.platform == "darwin":
        return None
    found = importlib.util.find_spec("llama_cpp")
    if found is None or found.origin is None:
        return None
    libraries = [path.name for path in (Path(found.origin).parent / "lib").glob("*")]
    if not libraries or not all(map(_brings_no_device, libraries)):
        return None
    processor = Device(
        name="CPU",
        description=processor_name(),
        kind="cpu",
        backend="CPU",
        memory_bytes=0,
        free_bytes=0,
    )
    return inventory_of((processor,))


def _brings_no_device(library: str) -> bool:
    backend = _BACKEND.search(library)
    return backend is None or backend[1] in _WITHOUT_DEVICES


def processor_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name exactly as the engine has it: speeds are kept under it.

    Source: ggml_backend_cpu_device_context in ggml-cpu.cpp (llama.cpp 0c1e57098).
    """
    if sys.platform == "win32":
        import winreg

        place = winreg.HKEY_LOCAL_MACHINE
        with contextlib.suppress(OSError), winreg.OpenKey(place, _WINDOWS_NAME) as key:
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0])
    with contextlib.suppress(OSError):
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            name, colon, value = line.partition(":")
            if name.startswith("model name") and colon:
                return value.strip()
    return "CPU"
