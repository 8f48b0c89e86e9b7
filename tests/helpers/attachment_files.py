"""Real files as other software's libraries write them: PDF by reportlab, DOCX by python-docx."""

import textwrap
import warnings
import zlib
from collections.abc import Sequence
from pathlib import Path

import docx
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


def write_pdf(path: Path, pages: Sequence[Sequence[str]], password: str = "") -> Path:
    """A PDF with paragraphs on each page, its streams compressed."""
    encryption = None
    if password:
        from reportlab.lib.pdfencrypt import StandardEncryption

        encryption = StandardEncryption(password, strength=128)
    canvas = Canvas(str(path), pagesize=A4, pageCompression=1, encrypt=encryption)
    for paragraphs in pages:
        text = canvas.beginText(60, 780)
        text.setFont("Helvetica", 10)
        for paragraph in paragraphs:
            for line in textwrap.wrap(paragraph, 95):
                text.textLine(line)
            text.textLine("")
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return path


def write_picture_pdf(path: Path) -> Path:
    """A page with a drawing and not one letter, like a scan."""
    canvas = Canvas(str(path), pagesize=A4)
    canvas.rect(100, 100, 200, 300, fill=1)
    canvas.showPage()
    canvas.save()
    return path


def write_docx(path: Path) -> Path:
    """Headings, a list, a table, a line break, umlauts and Chinese."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = docx.Document()
        document.add_heading("Jahresbericht", 0)
        document.add_paragraph("Ein Überblick.")
        document.add_heading("Harbour", 1)
        document.add_paragraph("The crane was oiled.\tTwice.")
        document.add_paragraph("first", style="List Bullet")
        document.add_heading("Costs", 2)
        table = document.add_table(rows=2, cols=3)
        for row, words in zip(
            table.rows, (("part", "price", "年"), ("rope", "12 €", "2031")), strict=True
        ):
            for cell, word in zip(row.cells, words, strict=True):
                cell.text = word
        document.add_heading("Thanks", 1)
        closing = document.add_paragraph("To all")
        closing.runs[0].add_break()
        closing.add_run("of you: 谢谢")
        document.save(str(path))
    return path


def write_pdf_bomb(path: Path, megabytes: int) -> Path:
    """A sound PDF of some hundred KB whose one page unpacks to ``megabytes``."""
    packer = zlib.compressobj(9)
    words = b"(a)Tj " * (1024 * 1024 // 6)
    content = b"".join(packer.compress(words) for _ in range(megabytes)) + packer.flush()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>\nstream\n%b\nendstream" % (len(content), content),
    )
    file = b"%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(file)
    path.write_bytes(file + b"xref\n0 5\n0000000000 65535 f \n" + table + end)
    return path
