"""The first measurement of a computer: how fast the engine's own kernels run here.

Of the processor by quantization type and number of threads, with weights where a load without a
GPU puts them (repacked where the processor has kernels for that); of each GPU with the first
type that it computes, and the way to it from main memory (pinned, where its driver pins).
"""

import logging
from collections.abc import Sequence
from contextlib import closing

from app.engine import ggml
from app.engine.caches import cache_bytes
from app.engine.computing import ComputeBackend, UnmeasurableError
from app.engine.cores import usable_cores
from app.engine.devices import list_devices
from app.engine.entities import Device, DeviceSpeed, KernelSpeed, MeasuredSpeeds
from app.engine.measuring_time import MeasuringTime, Report
from app.engine.synthetic_experts import ExpertSet, Link, bytes_of_layer
from app.placement.memory import main_memory

log = logging.getLogger("moestro.worker")

_LEAST_BYTES, _MOST_BYTES = 2**29, 2**30
_CACHES = 4
"""Times the caches that weights must exceed, or decoding would be answered by them."""
_MEMORY_SHARE = 8
"""At most an eighth of what is free is used."""
_LINK_BYTES = 128 * 2**20
_PROCESSOR_EXPERTS = (32, 16)
_GPU_EXPERTS = (128, 32, 16)
"""Experts in a layer: the first of these numbers for which there is memory."""
_PROCESSOR_SHARE = 0.7
"""Of the time, when there are GPUs too."""
_DECODE_SHARE = 0.6


def measure_this_computer(
    type_names: Sequence[str], seconds: float, report: Report
) -> MeasuredSpeeds:
    """Measure the processor and every GPU that is in this computer, in about ``seconds``.

    What does not fit into the time, and what cannot be computed here, is left out.
    """
    return measure_speed(
        type_names,
        MeasuringTime(seconds, report),
        list_devices(ggml.library),
        cores=usable_cores(),
        caches=cache_bytes(),
        available_bytes=main_memory().available_bytes,
    )


def measure_speed(
    type_names: Sequence[str],
    time: MeasuringTime,
    devices: Sequence[Device],
    *,
    cores: int,
    caches: int,
    available_bytes: int,
) -> MeasuredSpeeds:
    """Measure with ``cores`` threads at most.

    ``caches`` are the bytes of the processor's caches, ``available_bytes`` those of free main
    memory.
    """
    names = tuple(dict.fromkeys(type_names))
    gpus = [device for device in devices if is_measurable(device)]
    until = time.slice_end(_PROCESSOR_SHARE if gpus else 1.0)
    room = min(max(_CACHES * caches, _LEAST_BYTES), _MOST_BYTES, available_bytes // _MEMORY_SHARE)
    kernels: list[KernelSpeed] = []
    for number, name in enumerate(names):
        if time.spent >= until:
            log.info("no time was left to measure %s", ", ".join(names[number:]))
            break
        end = time.spent + (until - time.spent) / (len(names) - number)
        kernels += _processor_speeds(time, name, room, cores, end)
    speeds: list[DeviceSpeed] = []
    for number, device in enumerate(gpus):
        if not time.is_over:
            end = time.slice_end(1 / (len(gpus) - number))
            speeds += _gpu_speed(time, device, names, end)
    return MeasuredSpeeds(kernels=tuple(kernels), devices=tuple(speeds), seconds=time.spent)


def is_measurable(device: Device) -> bool:
    """Whether it is a GPU in this computer; what stands elsewhere is as fast as the network."""
    return device.kind in ("gpu", "igpu") and device.backend.upper() != "RPC"


def thread_counts(cores: int) -> list[int]:
    """Numbers of threads to try, the likeliest first: all, three quarters, half, one."""
    wanted = (cores, cores * 3 // 4, cores // 2, 1)
    return list(dict.fromkeys(count for count in wanted if count > 0))


def _processor_speeds(
    time: MeasuringTime, type_name: str, room: int, cores: int, end: float
) -> list[KernelSpeed]:
    """One type with each number of threads for which there is time; nothing if it cannot be."""
    found: list[KernelSpeed] = []
    try:
        with (
            closing(ComputeBackend("CPU")) as backend,
            closing(_experts(backend, type_name, room, _PROCESSOR_EXPERTS)) as experts,
        ):
            counts = thread_counts(cores)
            for number, threads in enumerate(counts):
                if found and time.spent >= end:
                    break
                backend.use_threads(threads)
                share = max(0.0, end - time.spent) / (len(counts) - number)
                decode, prompt = _rates(time, experts, share)
                found.append(
                    KernelSpeed(
                        type_name=type_name,
                        threads=threads,
                        bytes_per_second=decode,
                        operations_per_second=prompt,
                    )
                )
    except UnmeasurableError as error:
        log.warning("%s was not measured: %s", type_name, error)
    return found


def _gpu_speed(
    time: MeasuringTime, device: Device, type_names: Sequence[str], end: float
) -> list[DeviceSpeed]:
    """The first type that it computes; nothing if it computes none."""
    room = min(_MOST_BYTES, device.free_bytes // _MEMORY_SHARE)
    try:
        with closing(ComputeBackend(device.name)) as backend:
            with closing(Link(backend, min(_LINK_BYTES, room))) as link:
                seconds = time.median(link.copy, time.spent + (end - time.spent) / 4)
                link_speed = link.bytes / seconds
            for type_name in type_names:
                try:
                    experts = _experts(backend, type_name, room, _GPU_EXPERTS)
                except UnmeasurableError as error:
                    log.info("%s with %s was not measured: %s", device.name, type_name, error)
                    continue
                with closing(experts):
                    decode, prompt = _rates(time, experts, max(0.0, end - time.spent))
                return [
                    DeviceSpeed(
                        device=device.name,
                        bytes_per_second=decode,
                        operations_per_second=prompt,
                        link_bytes_per_second=link_speed,
                    )
                ]
    except UnmeasurableError as error:
        log.warning("%s was not measured: %s", device.name, error)
    return []


def _experts(
    backend: ComputeBackend, type_name: str, room: int, counts: Sequence[int]
) -> ExpertSet:
    """The most experts in a layer that fit, in as many layers as fit into ``room`` bytes."""
    for count in counts:
        layers = room // bytes_of_layer(type_name, count)
        if layers:
            return ExpertSet(backend, type_name, layers, count)
    raise UnmeasurableError(f"{room} bytes are too few")


def _rates(time: MeasuringTime, experts: ExpertSet, seconds: float) -> tuple[float, float]:
    """Bytes per second of decoding, and operations per second of reading a prompt."""
    begun = time.spent
    decode = time.median(experts.decode, begun + seconds * _DECODE_SHARE)
    prompt = time.median(experts.read_prompt, begun + seconds)
    return experts.bytes / decode, experts.prompt_operations / prompt
