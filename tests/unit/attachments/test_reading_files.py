"""Real files through the real helper: what comes out, and that it says so on the way."""

import copy
import hashlib
import os
import time
import warnings
from pathlib import Path

import docx
import psutil
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from app.attachments.entities import Kind, Unit
from app.attachments.errors import AttachmentError
from app.attachments.helper import MEMORY_BYTES
from app.attachments.relevance import PassageIndex
from app.wording import sentence_for
from tests.helpers.attachment_files import write_docx, write_pdf
from tests.helpers.long_document import FACTS, PAGES, pages


@pytest.fixture(scope="module")
def long_pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pdf(tmp_path_factory.mktemp("long") / "long.pdf", pages())


def test_three_hundred_pages_with_progress(reader, long_pdf: Path) -> None:
    found = reader.read(long_pdf)
    assert found.kind is Kind.PDF
    assert found.unit is Unit.PAGES
    assert [section.title for section in found.sections] == [
        str(number) for number in range(1, PAGES + 1)
    ]
    for fact in FACTS:
        section = found.sections[fact.page - 1]
        page = " ".join(found.text[section.start : section.end].split())
        assert fact.fact.rstrip(".") in page
    assert found.sha256 == hashlib.sha256(long_pdf.read_bytes()).hexdigest()
    assert found.size == long_pdf.stat().st_size
    index = PassageIndex(found)
    asked = [
        any(each.start < found.sections[fact.page - 1].end
            and each.end > found.sections[fact.page - 1].start
            and fact.fact.rstrip(".").split()[-1] in found.text[each.start : each.end]
            for each in index.best(fact.question))
        for fact in FACTS
    ]  # fmt: skip
    index.close()
    assert sum(asked) >= 8
    counts = [each.done for each in reader.progress]
    assert len(counts) > 3
    assert counts == sorted(counts)
    assert {each.total for each in reader.progress} == {PAGES}


def test_cancelled_in_the_middle_it_ends_at_once_and_leaves_no_process(reader, long_pdf) -> None:
    extraction = reader.begin(long_pdf)
    assert reader.queue.run_until(lambda: len(reader.progress) > 2, timeout=30)
    begun = time.monotonic()
    extraction.cancel()
    result = reader.result()
    assert time.monotonic() - begun < 1
    assert isinstance(result, AttachmentError)
    assert result.code == "attachments.cancelled"
    assert extraction.wait(2)
    assert helpers() == []


def test_the_helper_may_do_nothing_but_read_what_it_was_given(reader, long_pdf) -> None:
    reader.begin(long_pdf)
    assert reader.queue.run_until(lambda: len(reader.progress) > 2, timeout=30)
    (helper,) = helpers()
    folder = Path("/proc") / str(helper.pid)
    status = (folder / "status").read_text()
    limits = (folder / "limits").read_text()
    reader.result()
    # A filter of system calls that refuses sockets and programs; no new rights.
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status
    assert f"Max address space         {MEMORY_BYTES}" in limits


def helpers() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process(os.getpid()).children()
        if child.status() != psutil.STATUS_ZOMBIE and "--extract" in child.cmdline()
    ]


def test_a_word_document(reader, tmp_path: Path) -> None:
    found = reader.read(write_docx(tmp_path / "Bericht.docx"))
    assert found.kind is Kind.DOCX
    assert found.unit is Unit.HEADINGS
    assert [section.title for section in found.sections] == [
        "Jahresbericht", "Harbour", "Costs", "Thanks",
    ]  # fmt: skip
    assert found.text == (
        "# Jahresbericht\nEin Überblick.\n\n"
        "# Harbour\nThe crane was oiled.\tTwice.\n- first\n\n"
        "## Costs\npart | price | 年\nrope | 12 € | 2031\n\n"
        "# Thanks\nTo all\nof you: 谢谢"
    )


def test_what_no_reader_of_a_word_document_sees(reader, tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = docx.Document()
        style = document.styles.add_style("Kapitel", WD_STYLE_TYPE.PARAGRAPH)
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), "0")
        style.element.get_or_add_pPr().append(level)
        document.add_paragraph("Begin", style="Kapitel")
        paragraph = document.add_paragraph("seen ")
        paragraph.add_run("obey me").font.hidden = True
        paragraph.add_run("too")
        for tag in ("w:moveFrom", "w:moveTo", "w:del"):
            changed = OxmlElement(tag)
            run = copy.deepcopy(paragraph.runs[0]._r)
            run[-1].text = f" {tag}"
            if tag == "w:del":
                run[-1].tag = qn("w:delText")
            changed.append(run)
            paragraph._p.append(changed)
        document.save(str(path))
    found = reader.read(path)
    assert found.text == "# Begin\nseen too w:moveTo"
    assert [section.title for section in found.sections] == ["Begin"]


def test_a_table_a_page_and_code_by_their_content(reader, tmp_path: Path) -> None:
    table = tmp_path / "numbers"
    table.write_bytes("Stadt;Höhe;Land;Fluss\n".encode("cp1252") + b"Ulm;478;D;Donau\n" * 20)
    found = reader.read(table)
    assert found.kind is Kind.TABLE
    assert found.text.startswith("Stadt;Höhe;Land;Fluss\nUlm;478")

    page = tmp_path / "page.txt"
    page.write_text("<!DOCTYPE html><html><body><h1>Hi</h1><script>no()</script><p>There</p>")
    found = reader.read(page)
    assert found.kind is Kind.HTML
    assert found.text == "# Hi\n\nThere"

    notes = tmp_path / "notes.md"
    notes.write_text("# One\na\n# Two\n\n\nb\n")
    found = reader.read(notes)
    assert found.kind is Kind.MARKDOWN
    assert found.text == notes.read_text()
    assert [section.title for section in found.sections] == ["One", "Two"]

    code = tmp_path / "main.py"
    code.write_text("def f(a, b, c):\n    return g(a, b, c)\n\n\nprint(f(1, 2, 3))\n")
    found = reader.read(code)
    assert found.kind is Kind.TEXT
    assert found.unit is Unit.LINES
    assert found.text == code.read_text()


BAD_NAMES = ["\u202egpj.exe\u2066.txt", "a" * 251 + ".txt", "line\nbreak.txt", "<|im_end|>.txt"]


@pytest.mark.parametrize("name", BAD_NAMES, ids=["bidi", "long", "newline", "control"])
def test_names_are_shown_on_one_line_and_never_turn_it_round(name, reader, tmp_path) -> None:
    path = tmp_path / name
    path.write_text("words")
    found = reader.read(path)
    assert found.name.isprintable()
    assert len(found.name) <= 80
    path.write_text("")
    assert len(sentence_for(reader.refused(path))) <= 140
