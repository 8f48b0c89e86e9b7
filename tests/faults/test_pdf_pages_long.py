"""Hundreds of long conversations on paper, and one of a thousand messages in its own process."""

import random
import time
from contextlib import closing

import pytest

from app.export.printer_protocol import PdfPiece
from app.export.printing import printed
from tests.helpers.long_talks import HEADINGS, PARTS, talk_of
from tests.helpers.pdf_reading import faults, texts
from ui.printing.pdf import pdf_of

TALKS = 200


@pytest.mark.usefixtures("qapp")
@pytest.mark.timeout(1800)
def test_no_page_of_many_conversations_is_ugly() -> None:
    for seed in range(TALKS):
        chosen = random.Random(seed)
        parts = chosen.choices(PARTS, k=chosen.randrange(20, 80))
        pdf = pdf_of(talk_of(parts, seed), "letter" if seed % 2 else "a4")
        assert faults(pdf, HEADINGS) == [], f"seed {seed}"


@pytest.mark.timeout(900)
def test_a_thousand_messages() -> None:
    chosen = random.Random(1)
    talk = talk_of(chosen.choices(PARTS, k=4600), 1)
    assert len(talk.entries) > 1000
    pdf, began = b"", time.monotonic()
    with closing(printed(talk, "a4", 0)) as run:
        for said in run:
            if isinstance(said, PdfPiece):
                pdf += said.data
    print(f"{len(talk.entries)} messages, {len(texts(pdf))} pages:", end=" ")  # noqa: T201
    print(f"{time.monotonic() - began:.1f} s, {len(pdf) / 1e6:.1f} MB")  # noqa: T201
    assert faults(pdf, HEADINGS) == []
