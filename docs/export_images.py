"""Writes docs/images/export-html-*.png: the gallery as an exported page, in a browser.

    .venv/bin/python -m docs.export_images

Needs Chromium. Light and dark on the screen, and the pages that it prints, side by side. The last
part of the gallery, which shows fonts of the system, is left out.
"""
# ruff: noqa: INP001 - a script beside the documents, not a package

import tempfile
from pathlib import Path

import pypdfium2
from PySide6.QtGui import QImage, QPainter

from app.export.base import Given
from app.history.entities import AttachedText, AttachedWay, Message, Role
from docs.gallery_images import GALLERY, SYSTEM_FONTS
from docs.make_images import IMAGES
from tests.helpers.exported_pages import given, page_of
from tests.helpers.headless_chromium import Chromium
from tests.unit.history.conftest import DETAILS

WIDTH, HEIGHT = 1000, 1160
PAGE_SCALE = 1.2
"""Pixels per point of a printed page."""
GAP = 16


def main() -> None:
    """Make all of them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gallery.html"
        path.write_text(page_of(gallery(), branches=True), encoding="utf-8")
        browser = Chromium(Path(folder) / "profile")
        session = browser.tab()
        size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        browser.call("Emulation.setDeviceMetricsOverride", session, **size)
        for theme in ("light", "dark"):
            wish = {"name": "prefers-color-scheme", "value": theme}
            browser.call("Emulation.setEmulatedMedia", session, features=[wish])
            browser.open(session, path.as_uri())
            shown = browser.picture(session, whole=True)
            (IMAGES / f"export-html-{theme}.png").write_bytes(shown)
        printed = browser.printed(
            session, preferCSSPageSize=True, paperWidth=8.27, paperHeight=11.7
        )
        browser.close()
    side_by_side(printed).save(str(IMAGES / "export-html-print.png"))


def gallery() -> Given:
    """A question with a file, the gallery as one of two answers, and a follow-up."""
    text = GALLERY.read_text(encoding="utf-8").split(SYSTEM_FONTS)[0].rstrip()
    file = AttachedText(
        "f", "notes.txt", "text", 5, "0" * 64, AttachedWay.PART, "lines 1–2", "First.\nSecond.\n"
    )
    question = Message(
        "q", "c", None, Role.USER, "What can a message hold?", attachments=(file,),
        created_ms=1_800_000_000_000,
    )  # fmt: skip
    answer = Message(
        "a", "c", "q", Role.ASSISTANT, text, reasoning="Everything at once, then.\n\n- $x^2$",
        details=DETAILS, sequence=1, created_ms=1_800_000_060_000,
    )  # fmt: skip
    other = Message(
        "a2", "c", "q", Role.ASSISTANT, "**A great deal.**", details=DETAILS, sequence=2,
        created_ms=1_800_000_120_000,
    )  # fmt: skip
    return given(
        [question, answer, other], ["q", "a"], title="Everything a message can hold",
        system_prompt="Be brief.",
    )  # fmt: skip


def side_by_side(printed: bytes) -> QImage:
    """The pages of a PDF as one picture."""
    document = pypdfium2.PdfDocument(printed)
    pages = []
    for page in document:
        drawn = page.render(scale=PAGE_SCALE).to_numpy()
        high, wide, channels = drawn.shape
        form = QImage.Format.Format_BGR888 if channels == 3 else QImage.Format.Format_RGB32
        pages.append(QImage(drawn.tobytes(), wide, high, wide * channels, form).copy())
    document.close()
    wide = sum(page.width() + GAP for page in pages) + GAP
    made = QImage(wide, pages[0].height() + 2 * GAP, QImage.Format.Format_RGB32)
    made.fill(0xFF8B877D)
    painter = QPainter(made)
    left = GAP
    for page in pages:
        painter.drawImage(left, GAP, page)
        left += page.width() + GAP
    painter.end()
    return made


if __name__ == "__main__":
    main()
