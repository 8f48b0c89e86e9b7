"""DOCX, read back by an independent library: everything is what it says, and stays text."""

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from docx.enum.section import WD_SECTION
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from app.export.base import ExportOptions
from app.export.docx import DocxFormat
from app.export.docx_formula import displayed_math
from tests.helpers.export_samples import (
    CHAT,
    KeptSink,
    answered,
    asked,
    exported,
    file_of,
    forked,
    given_of,
    picture,
    png,
    texts,
)
from tests.helpers.hostile_gallery import messages

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"


def opened(given, **options):
    return docx.Document(io.BytesIO(exported(DocxFormat(), given, **options)))


def answer(source: str, **options):
    return opened(given_of(answered(source)), **options)


def styled(document, style: str) -> list[str]:
    return [each.text for each in document.paragraphs if each.style.name == style]


def body_of(document):
    """Without the library's own classes, whose text is the text of all inside."""
    return etree.fromstring(etree.tostring(document.element.body))


def text_of(document) -> str:
    return "".join(body_of(document).itertext())


def math_of(document) -> list[str]:
    found = body_of(document).iter(f"{MATH}oMath")
    return ["".join(each.itertext()).replace("\u200b", "") for each in found]


def addresses(document) -> list[str]:
    return [each.target_ref for each in document.part.rels.values() if each.reltype == LINK]


def test_a_chat_has_a_title_and_headings():
    document = opened(given_of(asked("Why?"), answered("# Part\n\nSo.", "Hm.")))
    assert styled(document, "Title") == ["A *title*"]
    assert styled(document, "Heading 1") == ["System prompt", "You", "Tiny 1B"]
    assert styled(document, "Heading 2") == ["Part"]
    assert styled(document, "Quote") == ["Hm."]
    assert "2027-01-15 08:01 UTC" in styled(document, "Message Facts")
    assert any("33.5 tokens/s" in note for note in styled(document, "Message Note"))
    core = document.core_properties
    assert (core.title, core.author, core.language) == ("A *title*", "Moestro", "en-US")
    assert core.created.year == 2027
    section = document.sections[0]
    assert section.start_type is WD_SECTION.NEW_PAGE
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    wide = opened(given_of(asked("Why?")), paper="letter").sections[0]
    assert (round(wide.page_width.mm), round(wide.page_height.mm)) == (216, 279)


def test_what_was_not_asked_for_is_left_out():
    made = given_of(asked("Why?"), answered("So.", "Hm."))
    text = text_of(
        opened(made, system_prompt=False, reasoning=False, statistics=False, dates=False)
    )
    for word in ("Be brief", "Hm.", "tokens", "UTC"):
        assert word not in text
    core = opened(made, dates=False).core_properties
    assert (core.title, core.created, core.modified) == ("A *title*", None, None)


def test_words_have_their_looks():
    document = answer("a **b** *c* ~~d~~ `e` ***f***  \ng")
    (paragraph,) = [each for each in document.paragraphs if each.text.startswith("a b")]
    looks = {each.text: each for each in paragraph.runs}
    assert looks["b"].bold
    assert looks["c"].italic
    assert looks["d"].font.strike
    assert looks["e"].style.name == "Code Text"
    assert looks["f"].bold
    assert looks["f"].italic
    assert paragraph.text == "a b c d e f\ng"


def test_code_is_mono_shaded_and_not_spelled():
    document = answer("```python\nif x:\n\treturn 'ä'  \n\n# end\n```")
    assert styled(document, "Source Code") == ["if x:\n\treturn 'ä'  \n\n# end"]
    assert styled(document, "Code Language") == ["python"]
    style = document.styles["Source Code"]
    assert style.font.name == "Consolas"
    assert style.font.no_proof
    assert style.element.find(f".//{qn('w:shd')}") is not None
    (block,) = [each for each in document.paragraphs if each.style.name == "Source Code"]
    assert len({str(each.font.color.rgb) for each in block.runs}) >= 3


def test_lists_are_lists():
    document = answer("3. a\n4. b\n   - c\n\n     more\n5. d\n\n- [x] done\n- [ ] to do")
    numbering = document.part.numbering_part.element
    found = []
    for each in document.paragraphs:
        number = each._p.find(f".//{qn('w:numId')}")
        if number is not None:
            level = each._p.find(f".//{qn('w:ilvl')}").get(qn("w:val"))
            found.append((each.text, number.get(qn("w:val")), level))
    assert found == [("a", "2", "0"), ("b", "2", "0"), ("c", "1", "1"), ("d", "2", "0")]
    begins = numbering.find(f".//{qn('w:num')}[@{qn('w:numId')}='2']//{qn('w:startOverride')}")
    assert begins.get(qn("w:val")) == "3"
    assert styled(document, "List Paragraph")[-2:] == ["☑\tdone", "☐\tto do"]
    assert "more" in styled(document, "List Paragraph")
    assert "99999.\tx" in styled(answer("99999. x"), "List Paragraph")


def test_tables_are_tables_with_a_header_row():
    document = answer("| a | b |\n|:-:|--:|\n| **1** | `x` |\n\n| c |\n|---|\n| 2 |")
    first, second = document.tables
    assert [[cell.text for cell in row.cells] for row in first.rows] == [["a", "b"], ["1", "x"]]
    assert first._tbl.find(f".//{qn('w:tblHeader')}") is not None
    assert first.cell(0, 0).paragraphs[0].runs[0].bold
    assert [cell.paragraphs[0].alignment for cell in first.rows[1].cells] == [1, 2]
    assert second.cell(1, 0).text == "2"
    names = "| " + " | ".join(f"c{n}" for n in range(80)) + " |\n|" + "---|" * 80
    assert styled(answer(names), "Source Code") == [names]


def test_only_addresses_of_the_web_are_links():
    source = (
        "[a](https://example.org/x?y=1&z) <http://e.org> [b](javascript:alert(1)) [c](file:///x)"
        " [d](//host/x) [e](mailto:a@b.c) ![f](https://e.org/p.png) [g](https:///x)"
    )
    document = answer(source)
    assert addresses(document) == [
        "https://example.org/x?y=1&z", "http://e.org", "https://e.org/p.png",
    ]  # fmt: skip
    text = text_of(document)
    assert "b (javascript:alert(1))" in text or "[b](javascript:alert(1))" in text
    assert "d (//host/x)" in text
    assert "e (mailto:a@b.c)" in text
    assert not addresses(answer(f"[x](https://e.org/{'a' * 3000})"))


def test_footnotes_are_readable_and_lead_there():
    document = answer("A claim[^why].\n\n[^why]: Because.\n\n    More.")
    assert styled(document, "footnote text") == ["1\tBecause.", "More."]
    (link,) = document.element.body.iter(qn("w:hyperlink"))
    anchor = link.get(qn("w:anchor"))
    marks = [each.get(qn("w:name")) for each in document.element.body.iter(qn("w:bookmarkStart"))]
    assert marks == [anchor]


def test_no_link_stands_inside_another():
    body = body_of(
        answer("[a ![p](https://e.org/p)](https://e.org) [b[^n]](https://e.org)\n\n[^n]: c")
    )
    for link in body.iter(qn("w:hyperlink")):
        assert not list(link.iterdescendants(qn("w:hyperlink")))
    assert len(list(body.iter(qn("w:hyperlink")))) == 2


def test_pictures_are_embedded_once_and_fit_the_page():
    large = picture("large.png", png(3000, 20))
    document = opened(given_of(asked("Look.", picture("a.png"), picture("b.png"), large)))
    first, second, third = document.inline_shapes
    assert (first.width, first.height) == (20 * 9525, 10 * 9525)
    assert third.width <= document.sections[0].page_width
    assert third.width / third.height == pytest.approx(150, rel=0.01)
    assert first._inline.docPr.get("descr") == "Attached: a.png"
    parts = {each.partname for each in document.part.package.iter_parts()}
    assert sum("media" in name for name in parts) == 2
    blob = document.part.related_parts[second._inline.graphic.graphicData.pic.blipFill.blip.embed]
    assert blob.blob == png()
    tiny = opened(given_of(asked("Look.", picture("tiny.png", png(3, 3)))))
    assert len(tiny.inline_shapes) == 0
    ruined = opened(given_of(asked("Look.", file_of("x.png", "data:image/png;base64,AA", "image"))))
    assert len(ruined.inline_shapes) == 0
    assert styled(ruined, "File Label") == ["Attached: x.png"]


def test_files_and_branches():
    document = opened(given_of(asked("Look.", file_of("a.txt", "one\n\ttwo"))))
    assert styled(document, "Source Code") == ["one\n\ttwo"]
    document = opened(forked(), branches=True)
    assert styled(document, "Heading 1")[-1] == "Another branch (1)"
    assert styled(document, "Heading 2") == ["Tiny 1B", "You", "Tiny 1B"]
    assert "Because." not in text_of(opened(forked()))


def test_writing_from_the_right_is_marked():
    document = answer("مرحبا `code` بالعالم\n\nhello עברית\n\n```\nעברית\n```")
    marked = [
        each.text for each in document.paragraphs if each._p.find(f".//{qn('w:bidi')}") is not None
    ]
    assert marked == ["مرحبا code بالعالم"]


@pytest.mark.parametrize(
    ("tex", "wanted", "element"),
    [
        (r"\frac{a}{b}", "ab", "f"),
        (r"\frac12", "12", "f"),
        (r"\sqrt[3]{x}", "3x", "rad"),
        (r"x_1^2", "x12", "sSubSup"),
        (r"f''", "f′′", "sSup"),
        (r"\sum_{i=1}^n i^2 + 1", "i=1ni2+1", "nary"),
        (r"\left( \frac{a}{b} \right]", "ab", "d"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "abcd", "m"),
        (r"\begin{cases} 1 & \text{if } x \\ 0 \end{cases}", "1if x0", "d"),
        (r"\begin{aligned} a &= b \\[2pt] c &= d \end{aligned}", "a=bc=d", "m"),
        (r"\lim_{x \to 0} f", "limx→0\u2009f", "limLow"),
        (r"\hat{x} + \overline{y}", "x+y", "acc"),
        (r"\mathbb{R} \mathcal{L} \mathfrak{g} \mathbf{v}", "ℝℒ𝔤v", "r"),
        (r"\underbrace{a}_{n}", "an", "groupChr"),
        (r"3.14 \cdot 10^{-2}", "3.14⋅10−2", "sSup"),
        (r"a \not\in B \ne c", "a∉B≠c", "r"),
        (r"\boxed{x}", "x", "borderBox"),
        (r"\operatorname*{arg\,max}_\theta", "arg\u2009maxθ", "limLow"),
    ],
)
def test_formulas_are_office_math(tex, wanted, element):
    document = answer(f"$$\n{tex}\n$$")
    assert math_of(document) == [wanted]
    assert document.element.body.find(f".//{MATH}{element}") is not None


def test_a_script_stands_at_the_whole_of_its_brackets():
    body = body_of(answer("$$ (a + b)^2 $$"))
    (power,) = body.iter(f"{MATH}sSup")
    assert [each.tag for each in power.find(f"{MATH}e")] == [f"{MATH}d"]
    assert math_of(answer(r"$$ ]0, 1[ = \{x\} \ne f(x $$")) == ["]0,1[=x≠f(x"]


@pytest.mark.parametrize("tex", ["|x|", r"\#", r"50\%", r"a \& b", r"\$5"])
def test_what_other_programs_read_as_markup_is_text_in_a_formula(tex):
    body = body_of(answer(f"$$ {tex} $$"))
    assert list(body.iter(f"{MATH}nor"))
    assert [each.text for each in body.iter(f"{MATH}oMath")] == [None]


def test_a_long_formula_has_several_lines():
    terms = " + ".join(f"a_{{{number}}} x^{{{number}}}" for number in range(40))
    document = answer(f"$$ f(x) = {terms} $$")
    lines = math_of(document)
    assert len(lines) > 2
    assert all(line.startswith("+") and len(line) < 100 for line in lines[1:])
    assert "".join(lines) == "fx=" + "+".join(f"a{n}x{n}" for n in range(40))
    assert len(list(body_of(document).iter(f"{MATH}oMathPara"))) == 1
    assert len(math_of(answer(f"${terms}$"))) == 1


def test_nothing_in_a_formula_is_left_without_its_other_half():
    # Word shows dotted boxes there, other programs refuse the whole formula.
    source = r"\begin{aligned} a &:= b + \\ &= c \end{aligned} \frac{}{2} {}^3 \sqrt{}"
    body = body_of(answer(f"$$ {source} $$"))
    for name in ("e", "num", "den"):
        assert all(len(each) for each in body.iter(f"{MATH}{name}"))
    texts_in_order = [each.text for each in body.iter(f"{MATH}t")]
    for number, text in enumerate(texts_in_order):
        if text == "=":
            assert texts_in_order[number - 1] == "\u200b"


@pytest.mark.parametrize("mark", ["- ", "1. "])
def test_lists_are_never_deeper_than_word_allows(mark):
    deepest = []
    for depth in range(1, 14):
        source = "\n".join(" " * len(mark) * level + f"{mark}x" for level in range(depth))
        document = answer(source)
        levels = [int(each.get(qn("w:val"))) for each in document.element.body.iter(qn("w:ilvl"))]
        deepest.append(max(levels, default=-1))
        assert text_of(document).count("x") == depth
    assert 6 <= max(deepest) <= 8


@pytest.mark.parametrize(
    "tex",
    [r"\nosuchcommand{x}", r"\frac{1}{", "x^2^3", r"\color{red}{x}",
     r"\begin{array}{c|c} a & b \end{array}", "a & b", r"a \\ b", r"\text{if $x$}", r"\left( x",
     "}", r"\begin{pmatrix} a \end{cases}", "{" * 60 + "x" + "}" * 60,
     r"\begin{matrix}" + "&" * 1500 + r"\end{matrix}", "{" * 200 + "}" * 200, "x" * 4000, "\\"],
)  # fmt: skip
def test_what_cannot_be_made_stays_tex(tex):
    assert displayed_math(tex) is None
    if "\n" not in tex:
        assert tex in text_of(answer(f"$$\n{tex}\n$$"))


TEX = st.lists(
    st.sampled_from(
        [r"\frac", r"\sqrt", "{", "}", "^", "_", "a", "2", "+", r"\sum", r"\left(", r"\right)", "&",
         r"\\", r"\begin{matrix}", r"\end{matrix}", "'", r"\text", "[", "]", r"\hat", r"\mathbf",
         " ", r"\int", "=", r"\limits", r"\sin", r"\middle|", r"\not", "\x00", "<", "ä"]
    ),
    max_size=16,
).map("".join)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(tex=TEX)
def test_any_tex_is_made_whole_or_refused(tex):
    made = displayed_math(tex)
    if made is not None:
        element = etree.fromstring(f'<x xmlns:m="m" xmlns:w="w">{made}</x>')
        shown = "".join(element.itertext())
        tex = re.sub(r"\\(begin|end)\{matrix\}|\\[A-Za-z]+", "", tex)
        for letter in ("a", "2", "ä"):
            assert shown.count(letter) == tex.count(letter)


@settings(max_examples=60, deadline=None)
@given(made=texts())
def test_an_independent_reader_finds_code_tables_and_formulas(made):
    known, source = made
    document = opened(given_of(asked("Q"), answered(source)))
    code = [inside for kind, inside in known if kind == "code"]
    assert styled(document, "Source Code") == code
    tables = [[list(row) for row in inside] for kind, inside in known if kind == "table"]
    assert [
        [[cell.text for cell in row.cells] for row in table.rows] for table in document.tables
    ] == [[[re.sub(r"\s+", " ", cell) for cell in row] for row in table] for table in tables]
    formulas = [inside for kind, inside in known if kind == "formula"]
    settable = [tex for tex in formulas if "nosuch" not in tex]
    assert len(math_of(document)) == len(settable)
    assert text_of(document).count("nosuchcommand") == len(formulas) - len(settable)


def test_the_gallery_is_there():
    document = answer((FIXTURES / "gallery.md").read_text(encoding="utf-8"))
    assert len(document.tables) == 1
    assert document.tables[0].cell(2, 2).text == "1,000"
    assert len(math_of(document)) >= 18
    assert styled(document, "Source Code") == [
        'def reverse(text: str) -> str:\n    """Return ``text`` backwards."""\n'
        "    return text[::-1]  # מ a comment with another direction",
        "indented code",
    ]
    assert "\\nosuchcommand{x}" in text_of(document)


HOSTILE = (
    '</w:t></w:r></w:p><w:altChunk r:id="rId1"/>',
    ']]>&amp;&#x3c;<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>&y;',
    "=cmd|'/C calc'!A0",
    '{ INCLUDEPICTURE "http://x/" } \x13 DDEAUTO c:\\\\x \x14\x15',
    '<w:fldSimple w:instr="DDE"/> "quoted\' \x00\x01\x0b\x0c\x1f\ufffe\uffff',
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text(hostile):
    sources = (
        hostile,
        f"`{hostile}`",
        f"```{hostile}\n{hostile}\n```",
        f"| {hostile} |\n|---|\n| {hostile} |",
        f"[{hostile}](https://e.org/{hostile})",
        f"$\\text{{{hostile}}}$",
        f"![{hostile}](x)",
    )
    chat = replace(CHAT, title=hostile, system_prompt=hostile)
    made = given_of(
        asked(hostile, file_of(hostile, hostile), picture(hostile)),
        *(answered(source, source) for source in sources),
        conversation=chat,
    )
    data = exported(DocxFormat(), made)
    whole = zipfile.ZipFile(io.BytesIO(data))
    for name in whole.namelist():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(whole.read(name), etree.XMLParser(resolve_entities=False))
            assert b"<!DOCTYPE" not in whole.read(name)
    document = docx.Document(io.BytesIO(data))
    body = document.element.body
    for element in ("altChunk", "fldSimple", "instrText", "fldChar", "object", "subDoc"):
        assert not list(body.iter(qn(f"w:{element}")))
    assert all(each.startswith("https://e.org/") for each in addresses(document))
    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", hostile)
    assert kept in styled(document, "Source Code")
    assert (
        " ".join(hostile.split())[:6].translate({0: "\ufffd"})[:3] in styled(document, "Title")[0]
    )


def test_the_hostile_gallery_reaches_nothing(tmp_path):
    gallery = messages(tmp_path, 9)
    data = exported(DocxFormat(), given_of(*(answered(each, each) for each in gallery)))
    document = docx.Document(io.BytesIO(data))
    outside = [each for each in document.part.rels.values() if each.is_external]
    assert outside
    assert all(each.reltype == LINK for each in outside)
    assert all(re.match(r"https?://\w", each.target_ref) for each in outside)
    assert len(document.inline_shapes) == 0
    text = text_of(document)
    for bait in ("<script>", "<iframe", "javascript:alert(1)", "\u202egnp.exe"):
        assert bait in text
    assert "\x1b" not in text


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(), max_size=60))
def test_any_character_can_be_written(text):
    data = exported(
        DocxFormat(), given_of(asked(text, file_of(text, text)), answered(f"```\n{text}\n```"))
    )
    docx.Document(io.BytesIO(data))


def test_the_same_conversation_gives_the_same_bytes():
    made = given_of(asked("Look.", picture()), answered("[a](https://e.org) $x^2$\n\n1. a"))
    first, second = exported(DocxFormat(), made), exported(DocxFormat(), made)
    assert first == second
    for info in zipfile.ZipFile(io.BytesIO(first)).infolist():
        assert info.date_time == (1980, 1, 1, 0, 0, 0)


def test_every_message_is_counted_and_a_cancel_stops_at_once():
    sink = KeptSink()
    DocxFormat().write([forked()], ExportOptions(branches=True), sink)
    assert sink.steps == 5
    stopped = KeptSink(stop_at=2)
    with pytest.raises(InterruptedError):
        DocxFormat().write([forked()], ExportOptions(branches=True), stopped)
    assert stopped.after_stop == 0


def test_a_cancel_need_not_wait_for_the_end_of_a_message():
    class Impatient(KeptSink):
        calls = 0

        def step(self, messages: int = 0) -> None:
            self.calls += 1
            if self.calls > 50:
                raise InterruptedError

    with pytest.raises(InterruptedError):
        DocxFormat().write([given_of(answered("word\n\n" * 1000))], ExportOptions(), Impatient())


def test_a_long_conversation_goes_to_the_sink_by_and_by():
    class Pieces(KeptSink):
        largest = 0

        def write(self, data: bytes) -> None:
            self.largest = max(self.largest, len(data))

    sink = Pieces()
    noise = [answered(f"{number * 7919 % 100_003} " * 2000) for number in range(40)]
    DocxFormat().write([given_of(*noise)], ExportOptions(), sink)
    assert sink.steps == 40
    assert 0 < sink.largest < 200_000
