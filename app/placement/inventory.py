"""Takes this computer's inventory: a worker of its own is asked, and then ended."""

from collections.abc import Callable

import msgspec

from app.engine.client import EngineClient
from app.engine.cores import usable_cores
from app.engine.entities import Device
from app.engine.errors import EngineError, WorkerDiedError
from app.engine.protocol import Devices, Failed, FromWorker
from app.placement.entities import Inventory
from app.placement.memory import main_memory
from models.errors import KnownError

StartClient = Callable[[Callable[[WorkerDiedError | None], None]], EngineClient]


def take_inventory(
    start_client: StartClient,
    done: Callable[[Inventory], None],
    failed: Callable[[KnownError], None],
) -> None:
    """Ask a fresh worker for its devices; exactly one of the two callbacks follows.

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
                failed(EngineError(event.code, **event.facts))
        client.close()

    try:
        client = start_client(lambda _death: None)
    except OSError:
        failed(WorkerDiedError("engine.no_start"))
        return
    client.list_devices(answered)


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
