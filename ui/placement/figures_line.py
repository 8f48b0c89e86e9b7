"""What was planned and predicted beside what was measured, in one line."""

from PySide6.QtCore import QCoreApplication

from app.amounts import memory_size, memory_sizes
from app.placement.words import range_words
from ui.placement.view import PlacementView


def figures_line(view: PlacementView) -> str:
    """As "Planned 7.6, measured 7.7 GiB; predicted 9–12, measured 10.4 tokens/s."."""
    translate = QCoreApplication.translate
    placement, measured = view.placement, view.measured_bytes
    compared = [s for s in placement.shares if s.device.name in measured]
    planned = sum(share.bytes.total for share in compared or placement.shares)
    if compared:
        found = sum(measured[share.device.name] for share in compared)
        sizes = memory_sizes(planned, found)
        text = translate("placement", "Planned {planned}, measured {measured}")
        memory = text.format(planned=sizes[0], measured=sizes[1])
    else:
        memory = translate("placement", "Planned {planned}").format(planned=memory_size(planned))
    speed = range_words(placement.predicted.decode)
    if view.measured_speed is not None:
        text = translate("placement", "predicted {speed}, measured {measured} tokens/s")
        decode = text.format(speed=speed, measured=format(view.measured_speed, ".1f"))
    else:
        decode = translate("placement", "predicted {speed} tokens/s").format(speed=speed)
    reading = translate("placement", "reads prompts at {speed} tokens/s").format(
        speed=range_words(placement.predicted.prompt)
    )
    return "; ".join((memory, decode, reading)) + "."
