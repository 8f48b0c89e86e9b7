"""Which files count as pictures."""

import io

import PIL.Image
import pytest

from app.pictures import MOST_BYTES, trouble_with
from tests.helpers.projectors import png, png_of


def jpeg(width: int = 40, height: int = 30) -> bytes:
    file = io.BytesIO()
    PIL.Image.effect_noise((width, height), 60).save(file, "JPEG", comment=b"x" * 300)
    return file.getvalue()


@pytest.mark.parametrize("data", [png((1, 2, 3)), jpeg(), png((1, 2, 3)) + b"behind"])
def test_whole_pictures_are_taken(data: bytes) -> None:
    assert trouble_with(data) == ""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "attachments.image_kind"),
        (b"GIF89a" + b"\0" * 50, "attachments.image_kind"),
        (b"%PDF-1.7\n", "attachments.image_kind"),
        (png((1, 2, 3))[:-12], "attachments.image_damaged"),
        (png((1, 2, 3))[:40], "attachments.image_damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 60, "attachments.image_damaged"),
        (jpeg()[:-2], "attachments.image_damaged"),
        (jpeg()[:30], "attachments.image_damaged"),
        (b"\xff\xd8\xff\xd9", "attachments.image_damaged"),
        (png((1, 2, 3), 1, 1), "attachments.image_tiny"),
        (png_of(100_000, 100_000, b""), "attachments.image_too_big"),
        (png_of(19_999, 19_999, b""), "attachments.image_too_big"),
        (png((1, 2, 3)) + b"\0" * MOST_BYTES, "attachments.image_too_big"),
    ],
)
def test_what_is_no_sound_picture_is_named(data: bytes, code: str) -> None:
    assert trouble_with(data) == code
