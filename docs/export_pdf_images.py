"""Writes docs/images/export-pdf-*.png: the gallery's pages as they are printed.

    .venv/bin/python -m docs.export_pdf_images

The last part of ``tests/fixtures/gallery.md``, which shows fonts of the system, is left out.
"""
# ruff: noqa: INP001 - a script beside the documents, not a package

import os

from app.export.readable import Entry, Readable
from docs.gallery_images import GALLERY, SYSTEM_FONTS
from docs.make_images import IMAGES
from tests.helpers.window import application
from ui.printing.preview import page_pictures

PAGES = 3


def main() -> None:
    """Make all of them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    IMAGES.mkdir(parents=True, exist_ok=True)
    for number, png in enumerate(page_pictures(gallery(), "a4", PAGES), 1):
        (IMAGES / f"export-pdf-{number}.png").write_bytes(png)


def gallery() -> Readable:
    """The gallery as an answer."""
    text = GALLERY.read_text(encoding="utf-8").split(SYSTEM_FONTS)[0].rstrip()
    question = Entry(
        id="q", who="user", heading="You", text="What can a message hold?",
        written="2026-01-02T03:04Z",
    )  # fmt: skip
    answer = Entry(
        id="a", who="assistant", heading="Moestro", text=text, written="2026-01-02T03:05Z",
        reasoning="It can hold *text*, formulas, code and tables.",
    )  # fmt: skip
    return Readable(
        id="gallery", title="Everything a message can hold", created="2026-01-02T03:04:05Z",
        updated="2026-01-02T03:05:05Z", folder="Work", entries=(question, answer),
    )  # fmt: skip


if __name__ == "__main__":
    main()
