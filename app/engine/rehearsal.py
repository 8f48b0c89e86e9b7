"""Builds plans in llama.cpp without allocating anything, to learn what they would take.

Devices that are not here are stood in for (``app.engine.stand_ins``). A file that makes the
engine abort ends the worker: the application expects that.
"""

import ctypes
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as native

from app.engine.entities import DeviceAmount, Plan, Rehearsal, RehearsalJob
from app.engine.errors import RefusedError
from app.engine.ggml import buffer_type_of, function
from app.engine.hooks import EngineLog
from app.engine.parameters import context_parameters, model_parameters, named_device
from app.engine.rehearsal_log import read_context, read_layers
from app.engine.rehearsal_plans import model_part, tail_plan
from app.engine.stand_ins import StandIns
from models.entities import ModelFile
from models.errors import KnownError
from models.facts_reading import read_facts
from models.gguf import open_model
from models.naming import shorten, shown_name

_PROCESSOR = "CPU"
_READ = 0
"""The one load mode in which nothing can be allocated; it decides nothing about memory."""
_ERROR = 4
_STATE_BYTES = 4
"""Of each value that a layer hands to the next."""
_UNKNOWN_ARCHITECTURE = re.compile(r"unknown model architecture: '([^']*)'")
_Key = tuple[tuple[ModelFile, ...], tuple[str, ...], Plan]


@dataclass(frozen=True, slots=True)
class _Names:
    """From the engine's names to the plan's; what is not among them lies in main memory."""

    devices: Mapping[str, str]
    buffers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Model:
    """A model that was built without its weights."""

    pointer: Any
    names: _Names
    places: tuple[str, ...]
    """Of every layer, those that predict ahead too, and of the output head."""


@dataclass(frozen=True, slots=True)
class _Sizes:
    """What one context would take, by the plan's devices."""

    kv_cache: tuple[DeviceAmount, ...]
    compute: tuple[DeviceAmount, ...]
    context_tokens: int
    copies: int
    """Of what is handed from device to device, so that they can compute at the same time."""


class Rehearsals:
    """Rehearses plans one after the other, on one thread; takes over the engine's log."""

    def __init__(self, log: EngineLog) -> None:
        self._log = log
        self._lines: list[str] = []
        self._stand_ins = StandIns()
        self._family: _Key | None = None
        self._models: dict[Plan, _Model] = {}
        """Built for the family's plan, by those parts of plans that concern a model."""
        self._callback = native.llama_log_callback(self._receive)
        native.llama_log_set(self._callback, None)
        native.llama_backend_init()

    def rehearse(self, job: RehearsalJob) -> Rehearsal:
        """Build the job's model and context, and tell what they would take.

        ``compute`` includes what main memory keeps of a context's output. Models are kept, so
        that a job that differs in its context only costs hundredths of a second. Raises
        RefusedError when the engine does not accept the plan.
        """
        started = time.perf_counter()
        self._begin_family(job)
        model = self._model_of(job, job.plan)
        sizes = self._measure(job, job.plan, model)
        layers = model.places[: native.llama_model_n_layer(model.pointer)]
        return Rehearsal(
            # Layers that predict ahead are placed as well, but take no part.
            layers=(*layers, model.places[-1]),
            kv_cache=sizes.kv_cache,
            compute=self._corrected(job, model, sizes),
            context_tokens=sizes.context_tokens,
            seconds=time.perf_counter() - started,
        )

    def _measure(self, job: RehearsalJob, plan: Plan, model: _Model) -> _Sizes:
        self._begin()
        threads = plan.threads or 1, plan.prompt_threads or 1
        context = native.llama_init_from_model(model.pointer, context_parameters(plan, threads))
        if not context:
            raise self._refused(
                "placement.rehearsal_context", name=_name(job), context=plan.context_tokens
            )
        context_tokens = int(native.llama_n_ctx(context))
        native.llama_free(context)
        sizes = read_context(self._lines, partial(_weights, job))
        names, order = model.names, (*plan.devices, _PROCESSOR)
        cache = [*_named(sizes.cache_by_device, names.devices)]
        cache += _named(sizes.cache_by_buffer, names.buffers)
        compute = [*_named(sizes.compute, names.buffers), *_named(sizes.output, names.buffers)]
        return _Sizes(_summed(cache, order), _summed(compute, order), context_tokens, sizes.copies)

    def _corrected(
        self, job: RehearsalJob, model: _Model, sizes: _Sizes
    ) -> tuple[DeviceAmount, ...]:
        """What is computed with, put right behind the first of several devices.

        When nothing is allocated, the engine forgets where a layer's first norm is computed
        (``ggml_backend_sched_reserve_size`` resets the scheduler): it takes the device before
        and counts the state that is handed on once too often. Where devices work at the same
        time, that is all copies of the state; a device with the output head alone has no such
        norm and needs them. Else the device is rehearsed with everything
        before it on the processor, from which it takes the state over as it would really; what
        is left is less than one state. With layers on the processor nothing is forgotten.
        """
        plan = job.plan
        used = [device for device in plan.devices if device in model.places]
        if len(used) < 2 or 0 <= plan.gpu_layers < len(model.places):
            return sizes.compute
        amounts = {amount.device: amount.bytes for amount in sizes.compute}
        layers = model.places[: native.llama_model_n_layer(model.pointer)]
        for device in used[1:]:
            if sizes.copies > 1 and device not in layers:
                continue
            if sizes.copies > 1:
                tokens = min(sizes.context_tokens, plan.ubatch_tokens, plan.batch_tokens)
                state = tokens * int(native.llama_model_n_embd(model.pointer)) * _STATE_BYTES
                amounts[device] = max(amounts[device] - sizes.copies * state, 0)
            else:
                tail = tail_plan(plan, model.places, device)
                measured = self._measure(job, tail, self._model_of(job, tail))
                amounts |= {each.device: each.bytes for each in measured.compute[:1]}
        return tuple(DeviceAmount(device, amount) for device, amount in amounts.items())

    # --- models ----------------------------------------------------------------------------

    def _begin_family(self, job: RehearsalJob) -> None:
        """Forget models of another file or another placement."""
        try:
            files = tuple(ModelFile.of(Path(path)) for path in job.paths)
        except OSError as error:
            raise RefusedError("placement.rehearsal_file", str(error), name=_name(job)) from error
        family = files, job.stood_in, model_part(job.plan)
        if family == self._family:
            return
        for model in self._models.values():
            native.llama_model_free(model.pointer)
        self._models.clear()
        self._family = family

    def _model_of(self, job: RehearsalJob, plan: Plan) -> _Model:
        key = model_part(plan)
        if key not in self._models:
            self._models[key] = self._build(job, plan)
        return self._models[key]

    def _build(self, job: RehearsalJob, plan: Plan) -> _Model:
        self._begin()
        find = partial(self._find, job.stood_in)
        parameters, kept = model_parameters(plan, find)
        parameters.no_alloc = True
        parameters.load_mode = _READ
        paths = [os.fsencode(path) for path in job.paths]
        array = (ctypes.c_char_p * len(paths))(*paths)
        if len(paths) == 1:
            pointer = native.llama_model_load_from_file(paths[0], parameters)
        else:
            pointer = native.llama_model_load_from_splits(array, len(paths), parameters)
        del kept
        if not pointer:
            raise self._model_refused(job)
        names = _names_of(plan.devices, find)
        places = read_layers(self._lines)
        return _Model(
            pointer, names, tuple(names.devices.get(place, _PROCESSOR) for place in places)
        )

    def _model_refused(self, job: RehearsalJob) -> RefusedError:
        unknown = _UNKNOWN_ARCHITECTURE.search(self._log.errors)
        if unknown is None:
            return self._refused("placement.rehearsal_model", name=_name(job))
        architecture = shorten(unknown[1], 24)
        return self._refused(
            "engine.unknown_architecture", name=_name(job), architecture=architecture
        )

    def _find(self, stood_in: tuple[str, ...], name: str) -> int:
        return self._stand_ins.device(name) if name in stood_in else named_device(name)

    # --- the log ---------------------------------------------------------------------------

    def _begin(self) -> None:
        self._lines.clear()
        self._log.forget()

    def _receive(self, level: int, text: bytes | None, data: Any) -> None:
        """Take a message; only an error is worth a place in the log."""
        if text:
            self._lines += text.decode("utf-8", "replace").splitlines()
        if level >= _ERROR:
            self._log.receive(level, text, data)

    def _refused(self, code: str, **facts: str | int | float) -> RefusedError:
        return RefusedError(code, self._log.errors, **facts)


def _name(job: RehearsalJob) -> str:
    return shown_name(Path(job.paths[0]))


def _names_of(devices: Iterable[str], find: Callable[[str], int]) -> _Names:
    device_name = function("ggml_backend_dev_name", ctypes.c_char_p, ctypes.c_void_p)
    buffer_name = function("ggml_backend_buft_name", ctypes.c_char_p, ctypes.c_void_p)
    pointers = {name: find(name) for name in devices}
    return _Names(
        {device_name(device).decode(): name for name, device in pointers.items()},
        {buffer_name(buffer_type_of(device)).decode(): name for name, device in pointers.items()},
    )


def _named(amounts: Mapping[str, int], names: Mapping[str, str]) -> list[DeviceAmount]:
    return [DeviceAmount(names.get(name, _PROCESSOR), amount) for name, amount in amounts.items()]


def _summed(amounts: Iterable[DeviceAmount], order: Iterable[str]) -> tuple[DeviceAmount, ...]:
    """One amount for each of the devices in ``order``, also when it is nothing."""
    sums = dict.fromkeys(order, 0)
    for amount in amounts:
        sums[amount.device] += amount.bytes
    return tuple(DeviceAmount(device, total) for device, total in sums.items())


def _weights(job: RehearsalJob) -> dict[int, int]:
    """What each layer's cache takes in proportion, where layers differ and devices too."""
    try:
        facts = read_facts(open_model(Path(job.paths[0])).headers)
    except KnownError:
        return {}
    return {layer.index: layer.kv_bytes_per_token(job.plan.kv_type) for layer in facts.layers}
