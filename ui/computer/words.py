"""Figures and sentences of the page about this computer."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from app.amounts import memory_size, memory_sizes
from app.engine.entities import Device, KernelSpeed
from app.engine.missing import Missing
from ui.chat.figures import grouped, percent
from ui.computer.view import BuildView, ComputerView, DeviceView
from ui.sentences import say

_WORTH_SAYING_S = 0.1
"""Below, nobody wants to know how long the engine took."""

_DAY = "d MMMM yyyy, HH:mm"
translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""


def bandwidth(bytes_per_second: float) -> str:
    """Bytes per second as "9.4 GB/s" or "1,008 GB/s"."""
    number = bytes_per_second / 1e9
    words = format(number, ".1f") if number < 9.95 else grouped(round(number))
    return translate("computer", "{number} GB/s").format(number=words)


def moment(milliseconds: int) -> str:
    """Unix milliseconds as local day and time."""
    return QLocale().toString(QDateTime.fromMSecsSinceEpoch(milliseconds), _DAY)


def unseen_device(missing: Missing, build: BuildView | None = None) -> DeviceView:
    """The card of a GPU that no engine here can use; ``build`` while its engine is made."""
    return DeviceView(
        name=missing.name,
        unused_reason=say(missing.code, missing.facts),
        get_engine=missing.backend if missing.can_build else "",
        build=build,
    )


def memory_words(device: DeviceView) -> str:
    """Who holds the memory of a device."""
    if device.model_bytes:
        text = translate("computer", "Model {model}, others {other}, free {free}")
        model, other, free = memory_sizes(device.model_bytes, device.other_bytes, device.free_bytes)
        return text.format(model=model, other=other, free=free)
    other, free = memory_sizes(device.other_bytes, device.free_bytes)
    return translate("computer", "Other programs {other}, free {free}").format(
        other=other, free=free
    )


def origin_words(device: DeviceView) -> str:
    """What drives a device, in the card's second line."""
    if device.kind == "cpu":
        return translate("computer", "{cores}, main memory").format(cores=_cores(device.cores))
    if device.is_lent:
        return translate("computer", "Lent by RPC")
    if device.shares_memory:
        return translate("computer", "{backend}, shares main memory").format(backend=device.backend)
    if device.backend and device.driver:
        text = translate("computer", "{backend}, driver {version}")
        return text.format(backend=device.backend, version=device.driver)
    if device.driver:
        return translate("computer", "Driver {version}").format(version=device.driver)
    return device.backend or translate("computer", "Not seen by the engine")


def state_words(device: DeviceView) -> str:
    """What a device is used for, or why it is not."""
    if device.unused_reason:
        return device.unused_reason
    return device.purpose or translate("computer", "Ready for the next model")


def summary(view: ComputerView) -> str:
    """The sentence above the cards."""
    wasted = [device for device in view.devices if device.is_wasted]
    if len(wasted) == 1:
        return say("computer.gpu_unused", {"description": wasted[0].name})
    if wasted:
        return say("computer.gpus_unused", {"count": len(wasted)})
    used = [each for each in view.devices if each.kind != "cpu" and not each.unused_reason]
    if any(each.is_lent for each in used):
        code = "computer.one_lent" if len(used) == 1 else "computer.many_devices"
        return say(code, {"count": len(used)})
    if len(used) == 1:
        return say("computer.one_gpu", {"description": used[0].name})
    if used:
        return say("computer.many_gpus", {"count": len(used)})
    return say("computer.no_gpu")


def answer_words(view: ComputerView) -> str:
    """The self-test in one line."""
    if view.answered_seconds is None:
        return translate("computer", "Not asked yet.")
    names = [device.engine_name for device in view.devices if device.engine_name]
    processor = view.devices[-1] if view.devices else None
    if processor is not None and processor.kind == "cpu":
        names.append(_cores(processor.cores))
        names.append(memory_size(processor.memory_bytes))
    if view.answered_seconds < _WORTH_SAYING_S:
        return translate("computer", "The engine answers: {list}.").format(list=", ".join(names))
    return translate("computer", "The engine answers: {list}; it took {seconds} s.").format(
        list=", ".join(names), seconds=format(view.answered_seconds, ".1f")
    )


def lent_words(devices: Sequence[Device]) -> str:
    """What another computer brings: "RPC0, 23.4 of 24.0 GiB free"."""
    return "; ".join(
        translate("computer", "{name}, {free} of {total} free").format(
            name=device.name, free=free, total=total
        )
        for device in devices
        for free, total in [memory_sizes(device.free_bytes, device.memory_bytes)]
    )


def kernel_words(kernel: KernelSpeed) -> str:
    """With what the processor was measured."""
    if kernel.threads == 1:
        return translate("computer", "Experts in {type}, 1 thread").format(type=kernel.type_name)
    return translate("computer", "Experts in {type}, {count} threads").format(
        type=kernel.type_name, count=kernel.threads
    )


def backend_title(name: str) -> str:
    """A backend and what it is for."""
    return {
        "cpu": translate("computer", "Processor"),
        "rpc": translate("computer", "RPC, for other computers"),
        "cuda": translate("computer", "CUDA, for NVIDIA GPUs"),
        "vulkan": translate("computer", "Vulkan, for GPUs of every maker"),
        "metal": translate("computer", "Metal, for Apple GPUs"),
    }.get(name, name)


def progress_words(words: str, fraction: float | None) -> str:
    """ "Building: 43 %", or the words alone."""
    if fraction is None:
        return words
    return translate("computer", "{what}: {share}").format(what=words, share=percent(fraction))


def _cores(count: int) -> str:
    if count == 1:
        return translate("computer", "1 core")
    return translate("computer", "{count} cores").format(count=count)
