"""Files that give no text: one sentence each, whatever their name says."""

import io
import os
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import PIL.Image
import pytest

from app.attachments import extraction
from app.attachments.entities import Kind
from app.attachments.errors import AttachmentError
from app.wording import sentence_for
from tests.helpers.attachment_files import write_docx, write_pdf, write_pdf_bomb, write_picture_pdf
from tests.helpers.projectors import png, png_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def locked_pdf(path: Path) -> None:
    write_pdf(path, [["secret"]], password="open sesame")


def cut_pdf(path: Path) -> None:
    write_pdf(path, [["one"]] * 5)
    path.write_bytes(path.read_bytes()[:200])


def picture(path: Path) -> None:
    PIL.Image.new("RGB", (8, 8)).save(path, "GIF")


def cut_picture(path: Path) -> None:
    PIL.Image.effect_noise((64, 64), 50).save(path, "PNG")
    path.write_bytes(path.read_bytes()[:-200])


def cut_photo(path: Path) -> None:
    PIL.Image.effect_noise((64, 64), 50).save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:-200])


def replaced(path: Path, member: str, content: bytes) -> None:
    """A document of Word in which one member is another."""
    write_docx(path)
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, content if name == member else source.read(name))


def entity_bomb(path: Path) -> None:
    lines = ['<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a0 "lol">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    text = "".join(lines) + "]><w>&a11;</w>"
    replaced(path, "word/document.xml", text.encode())


def zip_bomb(path: Path) -> None:
    head = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    replaced(path, "word/document.xml", head + b" " * 300_000_000)


def cut_docx(path: Path) -> None:
    write_docx(path)
    path.write_bytes(path.read_bytes()[:-2000])


def broken_xml(path: Path) -> None:
    replaced(path, "word/document.xml", b"<w:document><oops")


def blank_docx(path: Path) -> None:
    docx.Document().save(str(path))


def tape_archive(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        archive.add(__file__)


CASES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "locked.pdf": ("attachments.encrypted", locked_pdf),
    "locked.docx": (
        "attachments.encrypted",
        lambda p: p.write_bytes(OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")),
    ),
    "old.doc": ("attachments.old_office", lambda p: p.write_bytes(OLE + b"\0" * 5000)),
    "letter.rtf": ("attachments.old_office", lambda p: p.write_bytes(rb"{\rtf1\ansi Hi}")),
    "cut.pdf": ("attachments.damaged", cut_pdf),
    "cut.docx": ("attachments.damaged", cut_docx),
    "broken.docx": ("attachments.damaged", broken_xml),
    "scan.pdf": ("attachments.only_pictures", write_picture_pdf),
    "blank.docx": ("attachments.empty", blank_docx),
    "empty.txt": ("attachments.empty", lambda p: p.write_bytes(b"")),
    "white.txt": ("attachments.empty", lambda p: p.write_bytes(b" \n\t\n")),
    "lol.docx": ("attachments.bomb", entity_bomb),
    "unpacks.pdf": ("attachments.bomb", lambda p: write_pdf_bomb(p, 100)),
    "zeros.docx": ("attachments.bomb", zip_bomb),
    "photo.pdf": ("attachments.image_kind", picture),
    "cut.png": ("attachments.image_damaged", cut_picture),
    "cut.jpg": ("attachments.image_damaged", cut_photo),
    "dot.png": ("attachments.image_tiny", lambda p: p.write_bytes(png((1, 2, 3), 1, 1))),
    "wide.png": (
        "attachments.image_too_big",
        lambda p: p.write_bytes(png_of(100_000, 100_000, b"")),
    ),
    "song.txt": ("attachments.sound", lambda p: p.write_bytes(b"ID3\x04\0\0\0\0" + b"\xff" * 99)),
    "things.zip": ("attachments.archive", lambda p: zipfile.ZipFile(p, "w").close()),
    "book.docx": (
        "attachments.other_office",
        lambda p: zipfile.ZipFile(p, "w").writestr("xl/workbook.xml", "<x/>"),
    ),
    "program.txt": ("attachments.not_text", lambda p: p.write_bytes(b"\x7fELF" + os.urandom(4000))),
    "noise.md": ("attachments.not_text", lambda p: p.write_bytes(b"\x01\x02\x03\x04ab" * 400)),
    "things.txt": ("attachments.archive", tape_archive),
    "model.txt": ("attachments.model", lambda p: p.write_bytes(b"GGUF\x03\0\0\0" + b"\0" * 99)),
    "folder": ("attachments.folder", lambda p: p.mkdir()),
    "pipe": ("attachments.special", os.mkfifo),
    "absent.txt": ("attachments.missing", lambda p: None),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", CASES)
def test_one_sentence_each(name: str, reader, tmp_path: Path) -> None:
    code, make = CASES[name]
    path = tmp_path / name
    make(path)
    error = reader.refused(path)
    assert error.code == code
    assert name in sentence_for(error)


def test_what_only_looks_bad_is_read(reader, tmp_path: Path) -> None:
    about = tmp_path / "about.txt"
    about.write_text("Such a file begins with %PDF-1.7 and ends with %%EOF.\n")
    assert reader.read(about).kind is Kind.TEXT
    comments = tmp_path / "comments.txt"
    comments.write_text("<!-- one -->\n" * 400 + "and words\n")
    assert reader.read(comments).text.endswith("and words\n")
    late = write_pdf(tmp_path / "late.pdf", [["words"]])
    late.write_bytes(b"HTTP headers that a program saved too\n" + late.read_bytes())
    assert reader.read(late).kind is Kind.PDF


@pytest.mark.parametrize("seed", range(4))
def test_files_damaged_anywhere_give_text_or_one_sentence(seed, reader, tmp_path: Path) -> None:
    dice = random.Random(seed)
    for name, make in (
        ("a.pdf", lambda p: write_pdf(p, [["words and more"]] * 6)), ("a.docx", write_docx)
    ):  # fmt: skip
        path = tmp_path / name
        make(path)
        data = bytearray(path.read_bytes())
        for _ in range(dice.choice((1, 20, 200))):
            data[dice.randrange(8, len(data))] = dice.randrange(256)
        path.write_bytes(data[: dice.randrange(len(data) // 2, len(data))] if seed % 2 else data)
        reader.begin(path)
        result = reader.result()
        if isinstance(result, AttachmentError):
            assert result.code in {
                "attachments.damaged", "attachments.empty", "attachments.only_pictures",
                "attachments.encrypted", "attachments.bomb",
            }, (seed, name)  # fmt: skip


def test_a_name_longer_than_any_is_no_file(reader, tmp_path: Path) -> None:
    error = reader.refused(tmp_path / ("n" * 300))
    assert error.code == "attachments.missing"
    assert len(sentence_for(error)) <= 140


def test_a_gigantic_file_is_not_even_read(reader, tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(extraction.MOST_BYTES + 1)
    assert reader.refused(path).code == "attachments.too_big"


def long_word(path: Path) -> None:
    """One paragraph of a document, without a heading that would end a section."""
    head = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    words = b"".join(b"<w:r><w:t>%07d words </w:t></w:r>" % number for number in range(800_000))
    replaced(path, "word/document.xml", head + b"<w:p>" + words + b"</w:p></w:document>")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("log.txt", lambda p: p.write_text("All work and no play. " * 500_000)),
        ("log.htm", lambda p: p.write_text("<p>All work and no play.</p>" * 500_000)),
        # A sign of four bytes makes every letter of it as wide, and memory is bounded.
        ("wide.txt", lambda p: p.write_bytes("🙂".encode() + b"no play\n" * 24_000_000)),
        ("tags.htm", lambda p: p.write_bytes(b"<i></i>\n" * 9_000_000)),
        ("log.docx", long_word),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_more_text_than_any_model_reads(name, make, reader, tmp_path: Path) -> None:
    path = tmp_path / name
    make(path)
    assert reader.refused(path).code == "attachments.too_long"
    if name in ("log.htm", "log.docx"):  # long without a heading, but never silent
        assert len(reader.progress) > 5


def test_what_may_not_be_read_says_so(reader, tmp_path: Path, monkeypatch) -> None:
    # Root may read everything, so the system's answer is given in its place.
    path = tmp_path / "mine.txt"
    path.write_text("x")

    def refuse(*_arguments: object) -> int:
        raise PermissionError(13, "no", str(path))

    monkeypatch.setattr(extraction.os, "open", refuse)
    assert reader.refused(path).code == "attachments.not_readable"
