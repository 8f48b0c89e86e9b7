"""Views of what services know: a plan as a bar with words, a download as a row."""

from app.library.download_entities import Download
from app.placement.entities import PROCESSOR, Placement
from ui.models.view import DownloadRow, PlaceView, Stretch
from ui.placement.words import device_names, place_words, speed_words

_GPU_INKS = 4


def place_view(placement: Placement, *, is_exact: bool = True) -> PlaceView:
    """A plan in little room. Devices have the same colour in every row: by their names."""
    names = device_names(placement.shares)
    gpus = sorted(
        (share.device.name for share in placement.shares if share.device.name != PROCESSOR),
        key=lambda name: (len(name), name),
    )
    inks = {name: f"device_{number % _GPU_INKS + 1}" for number, name in enumerate(gpus)}
    return PlaceView(
        stretches=tuple(
            Stretch(
                inks.get(share.device.name, "device_ram"),
                names[share.device.name],
                share.bytes.total,
            )
            for share in placement.shares
            if share.bytes.total
        ),
        verdict=placement.verdict,
        words=place_words(placement),
        speed=speed_words(placement.predicted),
        longest_context=placement.longest_context,
        is_exact=is_exact,
    )


def download_row(download: Download, kept_days: int = 0) -> DownloadRow:
    """A download as it is shown; what is left of a cancelled one is kept for ``kept_days``."""
    return DownloadRow(
        id=download.id,
        name=download.request.name,
        quantization=download.request.quantization,
        status=download.status,
        done_bytes=download.done,
        total_bytes=download.total,
        checked_bytes=download.checked,
        bytes_per_second=download.bytes_per_second,
        seconds_left=download.seconds_left,
        is_stalled=download.is_stalled,
        went_back=download.went_back,
        elsewhere=download.elsewhere,
        kept_days=kept_days,
    )
