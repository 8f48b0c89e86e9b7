"""PDF pages read by programs that are not ours: everything is there, whole, and can be found."""

import base64
import io
import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage

from app.export.base import Paper
from app.export.readable import Entry, Readable, ReadableFile, Who
from app.markup.parser import BlockParser
from tests.helpers.hostile_gallery import messages as hostile_messages
from tests.helpers.long_talks import HEADINGS, PARTS, talk_of
from tests.helpers.pdf_reading import faults, headers, sizes, squeezed, texts
from ui.chat.markdown.inline import visible
from ui.printing.pdf import pdf_of

pytestmark = pytest.mark.usefixtures("qapp")

GALLERY = (Path(__file__).resolve().parents[3] / "fixtures" / "gallery.md").read_text("utf-8")
OWN_FONTS = GALLERY.split("## Other writing")[0]
"""What the bundled fonts have: other writing depends on the fonts of a system."""


def entry(text: str, who: Who = "assistant", **options: object) -> Entry:
    heading = "You" if who == "user" else "Small model"
    return Entry(id="1", who=who, heading=heading, text=text, **options)  # type: ignore[arg-type]


def readable(*entries: Entry, title: str = "A talk", **options: object) -> Readable:
    return Readable(
        id="0198c0de-7a1b-7c3d-8e4f-0123456789ab",
        title=title,
        created="2026-01-02T03:04:05Z",
        updated="2026-01-03T03:04:05Z",
        entries=entries,
        **options,  # type: ignore[arg-type]
    )


def printed(*sources: str, paper: Paper = "a4") -> bytes:
    return pdf_of(readable(*map(entry, sources)), paper)


def whole_text(pdf: bytes) -> str:
    return squeezed("".join(texts(pdf)))


# --- what is in it --------------------------------------------------------------------------


def test_every_word_cell_and_line_of_code_of_the_gallery_is_there() -> None:
    pdf = printed(OWN_FONTS)
    text = whole_text(pdf)
    cells = 0
    for block in BlockParser().blocks(OWN_FONTS):
        for token in block.tokens:
            if token.type in ("fence", "code_block") and token.info != "math":
                for line in token.content.split("\n"):
                    assert squeezed(line.split("  # ")[0]) in text
            for child in token.children or ():
                if child.type in ("text", "code_inline"):
                    cells += 1
                    assert squeezed(child.content.removeprefix("[ ] ").removeprefix("[x] ")) in text
    assert cells > 60
    # What cannot be set stands there as TeX, everything else is drawn.
    assert "\\nosuchcommand{x}" in text
    assert "\\sqrt" not in text


def test_formulas_are_drawn_as_vectors() -> None:
    with_formula = PdfReader(io.BytesIO(printed("$$\\sum_{i=1}^n i^2$$"))).pages[0]
    without = PdfReader(io.BytesIO(printed("text"))).pages[0]
    assert not with_formula.images
    curves = [page.get_contents().get_data().count(b" c\n") for page in (with_formula, without)]  # type: ignore[union-attr]
    assert curves[0] > curves[1] + 20


def test_every_letter_of_text_and_code_can_be_copied() -> None:
    letters = "".join(map(chr, range(33, 127)))
    pairs = ["".join(f"{one}{two}" for two in letters[at : at + 16])
             for one in letters for at in range(0, len(letters), 16)]  # fmt: skip
    code = "\n".join(pairs)
    text = whole_text(printed(f"```\n{code}\n```"))
    assert squeezed(code) in text
    words = [
        "2026-01-02 03:04",
        "5 < 6 & 7 > 2",
        "a -> b => c",
        "x -- y",
        "(A) [B] {C}",
        "fi fl ffi",
    ]
    text = whole_text(printed("\n\n".join(words)))
    assert [word for word in words if squeezed(word) not in text] == []


def test_code_is_whole_though_its_lines_are_long() -> None:
    lines = ["x" * 400, "word " * 60, "\tif a:\n\t\tb = 'ü'", "short"]
    for paper in ("a4", "letter"):
        pdf = printed("```\n" + "\n".join(lines) + "\n```", paper=paper)
        assert squeezed("".join(lines)) in whole_text(pdf)
        assert faults(pdf) == []


def test_a_link_leads_to_the_web_or_nowhere() -> None:
    source = (
        "[a](https://example.org/a) [b](mailto:a@b.example) [c](javascript:alert(1)) "
        "[d](file:///etc/passwd) note[^1]\n\n[^1]: The note."
    )
    reader = PdfReader(io.BytesIO(printed(source)))
    annotations = [each.get_object() for each in reader.pages[0].get("/Annots", [])]
    assert [each["/A"]["/URI"] for each in annotations] == ["https://example.org/a"]
    assert "↩" not in reader.pages[0].extract_text()


def test_nothing_in_a_hostile_message_runs_or_loads(tmp_path: Path) -> None:
    bait = tmp_path / "picture.png"
    QImage(20, 20, QImage.Format.Format_RGB32).save(str(bait))
    for message in hostile_messages(tmp_path, 9):
        pdf = printed(message)
        assert faults(pdf) == []
        reader = PdfReader(io.BytesIO(pdf))
        for page in reader.pages:
            assert not page.images
            for each in page.get("/Annots", []):
                assert str(each.get_object()["/A"]["/URI"]).startswith(("http://", "https://"))
        for name in (b"/JavaScript", b"/Launch", b"/OpenAction", b"/EmbeddedFile", b"/GoToR"):
            assert name not in pdf


def png_url(picture: QImage) -> str:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]
    return "data:image/png;base64," + base64.b64encode(buffer.data().data()).decode()


def test_a_picture_of_a_message_is_printed_and_a_ruined_one_is_told_by_name() -> None:
    picture = QImage(900, 3000, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.darkGreen)
    url = png_url(picture)
    bomb = QImage(8000, 8000, QImage.Format.Format_Mono)
    bomb.fill(0)
    files = (
        ReadableFile(label="Attached: tall.png", picture=url),
        ReadableFile(label="Attached: ruined.png", picture=url[:200]),
        ReadableFile(label="Attached: bomb.png", picture=png_url(bomb)),
        ReadableFile(label="Attached: notes.txt", text="kept line\n" * 200),
    )
    pdf = pdf_of(readable(entry("See?", "user", files=files)), "a4")
    reader = PdfReader(io.BytesIO(pdf))
    assert sum(len(page.images) for page in reader.pages) == 1
    text = whole_text(pdf)
    assert text.count("keptline") == 200
    assert "ruined.png" in text
    assert "bomb.png" in text
    assert faults(pdf) == []


def test_who_wrote_what_when_and_what_became_of_it() -> None:
    pdf = pdf_of(
        readable(
            entry("You are brief.", "system"),
            entry("Why?", "user", written="2026-01-02T03:04Z"),
            entry(
                "So.", reasoning="Because *it* is.", version="version 2 of 3", notes=("Stopped.",)
            ),
            title="Why  so",
            folder="Work",
            branches=((entry("Other."),), (entry("Third."),)),
        ),
        "a4",
    )
    text = " ".join(texts(pdf)[0].split())
    for part in (
        "Why so", "2026-01-02 · Work", "2026-01-02 03:04 UTC", "Reasoning", "Because it is.",
        "version 2 of 3", "Stopped.", "Another branch (1)", "Other.", "Another branch (2)",
        "Third.",
    ):  # fmt: skip
        assert part in text
    assert text.index("Because it is.") < text.index("So.") < text.index("Stopped.")


# --- the document -----------------------------------------------------------------------------


def test_bookmarks_lead_to_every_message() -> None:
    answer = "word " * 700
    entries = [entry(f"**Question** {n}?", "user") if n % 2 else entry(answer) for n in range(6)]
    pdf = pdf_of(readable(*entries), "a4")
    reader = PdfReader(io.BytesIO(pdf))
    titles = [each.title for each in reader.outline]  # type: ignore[union-attr]
    assert len(titles) == 6
    assert titles[1] == "You: Question 1?"
    assert titles[0].startswith("Small model: word word")
    assert len(titles[0]) <= 60
    for number, each in enumerate(reader.outline):
        page = reader.get_destination_page_number(each)  # type: ignore[arg-type]
        assert page is not None
        words = f"Question {number}?" if number % 2 else "word"
        assert squeezed(words) in squeezed(texts(pdf)[page])
        assert 0 < float(each["/Top"]) < 842  # type: ignore[call-overload,index]


def test_pages_have_numbers_and_from_the_second_on_the_title() -> None:
    title = "A very long title of a talk " * 8
    pdf = pdf_of(readable(entry("word " * 2000), title=title), "a4")
    lines = headers(pdf)
    assert len(lines) == 3
    for number, line in enumerate(lines, 1):
        assert f"{number} / 3" in line
        assert line.startswith("A very long title") == (number > 1)
    assert faults(pdf) == []


def test_title_language_and_dates_are_told_and_two_files_are_equal() -> None:
    one, two = (printed(OWN_FONTS) for _ in range(2))
    assert one == two
    reader = PdfReader(io.BytesIO(one))
    assert reader.metadata is not None
    assert reader.metadata.title == "A talk"
    assert reader.metadata["/CreationDate"] == "D:20260102030405Z"
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True


def test_every_font_is_embedded() -> None:
    for page in PdfReader(io.BytesIO(printed(OWN_FONTS))).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            described = inner["/FontDescriptor"].get_object()
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(described)


@pytest.mark.parametrize(("paper", "points"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_the_paper_is_the_one_that_was_chosen(paper: Paper, points: tuple[int, int]) -> None:
    assert sizes(printed("text", paper=paper)) == {points}


# --- its pages --------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_the_gallery_has_no_ugly_page(paper: Paper) -> None:
    headings = [line.lstrip("# ") for line in GALLERY.split("\n") if line.startswith("#")]
    for before in range(0, 40, 9):
        # Everything stands somewhere else on its page.
        pdf = printed("line\n\n" * before + GALLERY, paper=paper)
        assert faults(pdf, [*headings, "Small model", "python"]) == []


def test_a_long_table_has_its_head_on_every_page_and_whole_rows() -> None:
    rows = [f"| {n} | {'words ' * (n % 9)} | `c{n}` |" for n in range(200)]
    pdf = printed("| Number | Text | Code |\n|--:|:--|---|\n" + "\n".join(rows))
    pages = texts(pdf)
    assert len(pages) > 4
    for text in pages:
        assert "Number Text Code" in " ".join(text.split())
    text = " ".join(itertools.chain.from_iterable(page.split() for page in pages))
    assert all(f"c{n}" in text for n in range(200))
    assert faults(pdf) == []


@pytest.mark.parametrize(
    "table",
    [
        "| " + " | ".join(f"column{n}" for n in range(12)) + " |\n" + "|---" * 12 + "|\n"
        + "| " + " | ".join("some longer words here" for _ in range(12)) + " |",
        "| a | b |\n|---|---|\n| " + "x" * 900 + " | " + "words and more " * 500 + " |",
        "| " + " | ".join(map(str, range(60))) + " |\n" + "|---" * 60 + "|\n",
        "| $" + "a+" * 60 + "b$ | b |\n|---|---|\n| $\\frac{1}{2}$ | " + "y" * 200 + " |",
    ],
    ids=["twelve columns", "a row higher than a page", "sixty columns", "a wide formula"],
)  # fmt: skip
def test_no_table_is_too_large_for_the_paper(table: str) -> None:
    pdf = printed("Before.\n\n" + table + "\n\nAfter.")
    assert faults(pdf) == []
    text = whole_text(pdf)
    assert text.index("Before.") < text.index("After.")
    for word in ("somelongerwordshere", "x" * 50, "wordsandmore", "59", "y" * 30):
        assert text.count(word) >= (word in squeezed(table))


@pytest.mark.parametrize(
    "source",
    [
        "$" + "+".join(f"x_{{{n}}}" for n in range(300)) + "$ inside a line",
        "$$" + "+".join(f"x_{{{n}}}" for n in range(300)) + "$$",
        "$$\\begin{matrix}" + "a\\\\" * 150 + "\\end{matrix}$$",
        "".join("  " * depth + f"- item {depth}\n" for depth in range(18)),
        "> " * 12 + "deep words\n\n" + "> " * 12 + "```\n" + "> " * 12 + "code " * 40,
        "w" * 5000,
        "# " + "heading " * 80,
        "\n\n".join("# heading" for _ in range(120)),
        "a\\\n" * 400,
        "1000000000. one\n1000000001. two",
    ],
    ids=["wide formula", "wide display", "high display", "deep list", "deep quote", "long word",
         "long heading", "only headings", "only breaks", "large numbers"],
)  # fmt: skip
def test_nothing_reaches_into_the_margins(source: str) -> None:
    pdf = printed("Before.\n\n" + source + "\n\nAfter.")
    assert faults(pdf) == []
    assert "After." in whole_text(pdf)


def test_a_long_list_is_numbered_to_its_end() -> None:
    pdf = printed("\n".join(f"{n}. item of {n}" for n in range(3, 600)))
    text = whole_text(pdf)
    assert [n for n in range(3, 600) if f"{n}.itemof{n}" not in text] == []
    assert faults(pdf) == []


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PARTS), min_size=20, max_size=60), st.integers(0, 2**32))
def test_no_conversation_has_an_ugly_page(parts: list[str], seed: int) -> None:
    pdf = pdf_of(talk_of(parts, seed), "letter" if seed % 2 else "a4")
    assert faults(pdf, HEADINGS) == []


def test_characters_that_hide_are_seen_in_code() -> None:
    assert squeezed(visible("a\u202eb")) in whole_text(printed("```\na\u202eb\n```"))


def test_an_empty_conversation_is_a_page() -> None:
    pdf = pdf_of(readable(title=""), "a4")
    assert len(texts(pdf)) == 1
