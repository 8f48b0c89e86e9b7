"""Tries an engine before it is used: a real worker lists its devices and computes on one.

``python -m app.engine.trial BACKEND [FOLDER]`` prints the outcome as JSON for the set-up. This
process never imports the engine itself: a broken one ends its worker only.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.engine.client import EngineClient
from app.engine.entities import ChatMessage, Device, Plan, SamplingParameters
from app.engine.errors import EngineError, WorkerDiedError
from app.engine.pipes import worker_command
from app.engine.protocol import Devices, Failed, Finished, FromWorker, Loaded
from app.paths import starter_model
from app.posting import CallbackQueue, Scheduler
from app.wording import sentence_for
from models.errors import KnownError
from models.gguf import open_model

BACKEND_NAMES = {"cuda": "CUDA", "vulkan": "Vulkan", "metal": "MTL"}
"""What ggml calls the backends."""

SHOWN_NAMES = {"cpu": "CPU", "cuda": "CUDA", "vulkan": "Vulkan", "metal": "Metal"}
"""What people call them."""

_TOKENS = 4
_PATIENCE_SECONDS = 600.0
"""A driver may compile its kernels first; the client's own deadlines are shorter."""

_ALL_LAYERS = 999
_SHORT_CONTEXT = 512

Accepts = Callable[[Device], bool]
Event = FromWorker | WorkerDiedError


@dataclass(frozen=True, slots=True)
class Trial:
    """What an engine proved to be able to do."""

    devices: tuple[Device, ...]
    """Those it was tried for, the first of which has computed."""
    computed: bool
    """Whether a model was at hand and answered."""


def accepts_backend(backend: str) -> Accepts:
    """Devices that an engine for ``backend`` is built for."""
    name = BACKEND_NAMES[backend]
    return lambda device: device.kind != "cpu" and device.backend == name


def try_engine(
    backend: str,
    folder: Path | None,
    accepts: Accepts,
    model: Path | None = None,
    on_start: Callable[[EngineClient], None] = lambda _client: None,
) -> Trial:
    """Start a worker with the engine in ``folder`` (None: this environment's) and use it.

    Raises EngineError when no accepted device is there or it does not compute.
    """
    callbacks = CallbackQueue()
    scheduler = Scheduler(callbacks.post)
    heard: list[Event] = []
    name = SHOWN_NAMES[backend]

    def ask(begin: Callable[[Callable[[Event], None]], object]) -> Event:
        heard.clear()
        begin(heard.append)
        callbacks.run_until(lambda: any(map(_ends, heard)), _PATIENCE_SECONDS)
        return heard[-1] if heard else WorkerDiedError("engine.no_reply")

    try:
        client = EngineClient(
            callbacks.post, scheduler, lambda _death: None, command=worker_command(folder)
        )
        try:
            on_start(client)
            answer = ask(client.list_devices)
            listed = answer.devices if isinstance(answer, Devices) else ()
            _check(answer, Devices, name)
            devices = tuple(filter(accepts, listed))
            if not devices:
                raise EngineError("builds.no_device", backend=name)
            if model is not None:
                _compute(client, ask, model, devices[0], name)
            return Trial(devices, computed=model is not None)
        finally:
            client.close_and_wait()
    finally:
        scheduler.close()


def _compute(
    client: EngineClient,
    ask: Callable[[Callable[[Callable[[Event], None]], object]], Event],
    model: Path,
    device: Device,
    name: str,
) -> None:
    """Load a small model wholly on ``device`` and let it say something."""
    handle = open_model(model).handle
    plan = Plan(context_tokens=_SHORT_CONTEXT, batch_tokens=_SHORT_CONTEXT)
    if device.kind != "cpu":
        plan = msgspec.structs.replace(plan, devices=(device.name,), gpu_layers=_ALL_LAYERS)
    _check(ask(lambda heard: client.load(handle, plan, heard)), Loaded, name)
    sampling = SamplingParameters(temperature=0.0, max_tokens=_TOKENS)
    messages = [ChatMessage("user", "Hello")]
    _check(ask(lambda heard: client.generate(messages, sampling, heard)), Finished, name)


def _ends(event: Event) -> bool:
    return isinstance(event, WorkerDiedError | Devices | Loaded | Finished | Failed)


def _check(event: Event, wanted: type, name: str) -> None:
    if not isinstance(event, wanted):
        raise EngineError("builds.trial_ended", backend=name)


def main(arguments: list[str]) -> int:
    """Try the engine for backend ``arguments[0]`` in folder ``arguments[1]``."""
    backend, folder = arguments[0], Path(arguments[1]) if len(arguments) > 1 else None
    model = starter_model()
    try:
        trial = try_engine(
            backend, folder, accepts_backend(backend), model if model.exists() else None
        )
    except KnownError as error:
        sys.stdout.write(json.dumps({"problem": sentence_for(error)}))
        return 1
    sys.stdout.write(json.dumps({"devices": [device.description for device in trial.devices]}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
