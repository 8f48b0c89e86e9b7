"""HTML: a parser that is not ours finds every code block, formula and table as it was written."""

from dataclasses import replace
from pathlib import Path

import html5lib
import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import app.export.html_code
from app.export.base import ExportOptions
from app.export.html import HtmlFormat
from app.export.html_style import DARK, LIGHT
from app.history.entities import AttachedText, AttachedWay, Message, MessageState, Role
from tests.helpers.exported_pages import (
    Gathered,
    chat,
    code_blocks,
    given,
    having,
    page_of,
    parsed,
    tables,
    text_of,
)
from tests.unit.history.conftest import DETAILS
from ui.theme import tokens

GALLERY = (Path(__file__).resolve().parents[2] / "fixtures" / "gallery.md").read_text("utf-8")
SET = (
    r"ax^2 + bx + c = 0", r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}", r"e^{i\pi} + 1 = 0",
    r"\frac{1}{2}", "n", r"H_n = \sum_{k=1}^{n} \frac{1}{k}", r"\ln n", r"\alpha", r"\beta",
    r"\gamma", r"\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}",
    "\\mathbf{A} = \\begin{pmatrix} a_{11} & a_{12} \\\\ a_{21} & a_{22} \\end{pmatrix}, \\qquad\n"
    "f(x) = \\begin{cases} x^2 & \\text{if } x \\ge 0 \\\\ -x & \\text{otherwise} \\end{cases}",
    r"(a+b)^{12} = a^{12} + 12a^{11}b + 66a^{10}b^2 + 220a^9b^3 + 495a^8b^4 + 792a^7b^5"
    r" + 924a^6b^6 + 792a^5b^7 + 495a^4b^8 + 220a^3b^9 + 66a^2b^{10} + 12ab^{11} + b^{12}",
    r"\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}",
    "E = mc^2", "a^2 + b^2 = c^2", "x^2", r"\sqrt{2}", r"\frac{a}{b}", "x^2", r"\pi",
)  # fmt: skip
MARKS = "#>-*_`~[](){}<>!|:^$\\&\"' \t\n1.axé\u202e\ud800\0"
REFUSED = (r"$\nosuchcommand{x}$", r"$\frac{1}{$", "$$\\text{温度} = \\frac{3}{2}$$")


@pytest.fixture(scope="module")
def gallery():
    return parsed(page_of(chat("What can a message hold?", GALLERY)))


def test_every_block_of_code_is_byte_for_byte(gallery):
    # A parser without footnotes takes their second paragraphs for code.
    tokens = MarkdownIt("commonmark").enable("table").parse(GALLERY.split("[^why]:")[0])
    wanted = [
        (token.info, token.content)
        for token in tokens
        if token.type in ("fence", "code_block") and token.info != "math"
    ]
    assert len(wanted) == 2
    assert list(code_blocks(gallery)) == wanted
    colored = having(gallery, "span", "k")
    assert {"def", "return"} <= {text_of(each) for each in colored}


def test_every_formula_is_a_picture_that_keeps_its_tex(gallery):
    pictures = [
        each for each in gallery.iter() if each.get("role") == "img" and each.get("data-tex")
    ]
    assert [each.get("data-tex") for each in pictures] == list(SET)
    for each in pictures:
        assert [child.tag.rpartition("}")[2] for child in each] == ["svg", "span"]
        assert (each.get("data-tex") or "") in text_of(each[1])
        assert each.get("aria-label")
        assert any(path.get("d") for path in each[0].iter())
    refused = [text_of(each) for each in having(gallery, "code", "tex")]
    refused += [text_of(each) for each in having(gallery, "pre", "tex")]
    assert refused == list(REFUSED)


def test_every_cell_of_a_table_is_there(gallery):
    assert tables(gallery) == [
        [
            ["Left", "Middle", "Right", "Formula"],
            ["a", "b", "1", r"$\sqrt{2}$"],
            ["longer words", "centre", "1,000", r"$\frac{a}{b}$"],
            ["code", "bold", "10.5", "old"],
        ]
    ]
    (table,) = gallery.iter("table")
    assert [each.get("class") for each in table.iter("th")] == ["l", "m", "r", "m"]


def test_lists_quotes_tasks_and_footnotes_keep_their_structure(gallery):
    (text,) = (each for each in having(gallery, "article", "assistant")[0] if each.tag == "div")
    assert [each.tag for each in text.iter() if each.tag in ("h3", "h4", "h5", "h6")] == (
        ["h3", "h4", "h5", "h6"] + ["h4"] * 7
    )
    boxes = [each.get("aria-label") for each in having(text, "span", "box")]
    assert boxes == ["done", "to do", "to do"]
    assert len(text.findall(".//blockquote/blockquote")) == 1
    assert len(text.findall("./ol/li")) == 3
    assert len(text.findall("./ol/li/ul/li/ol/li")) == 2
    notes = having(text, "div", "fn")
    assert [each[0].text for each in notes] == ["1", "2"]
    assert "With a second paragraph." in text_of(notes[1])
    assert text_of(text).count("↩") == 2
    assert {"strong", "em", "s", "code", "hr"} <= {each.tag for each in text.iter()}


def test_links_lead_where_they_are_written_and_ids_are_there_once(gallery):
    ids = [each.get("id") for each in gallery.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    addresses = [each.get("href", "") for each in gallery.iter("a")]
    assert "https://example.org/a?b=c" in addresses
    assert {each[1:] for each in addresses if each.startswith("#")} <= set(ids)
    for link in gallery.iter("a"):
        assert link.get("href", "").startswith("#") or "noreferrer" in link.get("rel", "")


def test_a_strict_parser_finds_nothing_to_mend():
    parser = html5lib.HTMLParser()
    parser.parse(page_of(chat(*["What?", GALLERY] * 4)))
    assert parser.errors == []


@settings(max_examples=150, deadline=None)
@given_any(
    st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=200),
    st.sampled_from(["", "python", "html", "diff", "c++", "console", "nothing-known"]),
)
def test_any_code_can_be_had_back(code, language):
    ticks = "`" * 201
    page = page_of(chat("?", f"{ticks}{language}\n{code}\n{ticks}\n"))
    assert list(code_blocks(parsed(page))) == [(language, f"{code}\n")]


def attached(**fields):
    made = AttachedText("f", "notes.txt", "text", 3, "0" * 64, AttachedWay.WHOLE, "", "words")
    return replace(made, **fields)


@settings(max_examples=150, deadline=None)
@given_any(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_what_a_file_gave_can_be_had_back(words):
    message = Message("m", "c1", None, Role.USER, "?", attachments=(attached(text=words),))
    assert list(code_blocks(parsed(page_of(given([message]))))) == [("", words)]


@settings(max_examples=150, deadline=None)
@given_any(
    st.text(st.sampled_from("#>-*_`~[](){}<>!|:$\\&\"' \t\n1.axé\u202e\ud800\0"), max_size=300)
)
def test_any_text_gives_a_page_that_parses(text):
    page = page_of(chat(text, text, title=text, system_prompt=text))
    assert page.endswith("</main>\n</body>\n</html>\n")
    root = parsed(page)
    # Nothing that a message holds closes what the page itself has open.
    (main,) = root.iter("main")
    assert {each.tag for each in main} <= {"h1", "p", "article"}
    wanted = bool(text.strip()) + 2
    assert len(main.findall("article")) == wanted


def test_a_lexer_that_tells_another_text_loses_its_colours_alone(monkeypatch):
    monkeypatch.setattr(
        app.export.html_code, "lex", lambda _language, text: [(0, None, text.strip())]
    )
    monkeypatch.setattr(app.export.html_code, "color_of", lambda _kind: "code_keyword")
    page = page_of(chat("?", "```python\n x \n```"))
    assert list(code_blocks(parsed(page))) == [("python", " x \n")]
    assert not having(parsed(page), "span", "k")


def answered(**fields):
    question = Message("q", "c1", None, Role.USER, "Why?", attachments=(attached(),))
    answer = Message("a", "c1", "q", Role.ASSISTANT, "Because.", details=DETAILS, **fields)
    return [question, answer]


def test_what_is_wanted_is_there_and_what_is_not_is_left_out():
    exported = given(
        answered(reasoning="Hmm, *so*.", state=MessageState.INTERRUPTED),
        title="A title",
        system_prompt="Be brief.",
    )
    root = parsed(page_of(exported))
    text = text_of(root)
    for word in (
        "A title", "Be brief.", "Why?", "Because.", "Hmm, so.", "Attached: notes.txt", "words",
        "12 tokens", "Tiny 1B", "This answer was interrupted.", "1970-01-01 00:00 UTC",
    ):  # fmt: skip
        assert word in text
    assert text_of(next(root.iter("title"))) == "A title"
    assert [text_of(each).split("1970")[0].strip() for each in root.iter("h2")] == [
        "System prompt", "You", "Tiny 1B",
    ]  # fmt: skip
    bare = text_of(
        parsed(
            page_of(
                exported, system_prompt=False, reasoning=False, attachments=False,
                statistics=False, dates=False,
            )
        )
    )  # fmt: skip
    for word in ("Be brief", "Hmm", "words", "12 tokens", "UTC"):
        assert word not in bare
    assert "Attached: notes.txt" in bare
    assert "This answer was interrupted." in bare


def test_pictures_lie_in_the_page():
    url = "data:image/png;base64,iVBORw0KGgo="
    picture = attached(kind="image", name="cat.png", text=url)
    message = Message("m", "c1", None, Role.USER, "Look.", attachments=(picture,))
    (image,) = parsed(page_of(given([message]))).iter("img")
    assert (image.get("src"), image.get("alt")) == (url, "Attached: cat.png")


def test_other_branches_stand_at_the_end_and_lead_back():
    question, answer = answered()
    second = replace(answer, id="a2", text="For another reason.", sequence=2)
    follow = Message("q2", "c1", "a2", Role.USER, "Really?", sequence=3)
    tree = given([question, replace(answer, sequence=1), second, follow], ["q", "a"])
    root = parsed(page_of(tree, branches=True))
    (section,) = root.iter("section")
    assert section.get("id") == "b1"
    assert [text_of(each) for each in having(section, "div", "text")] == [
        "\nFor another reason.\n", "\nReally?\n",
    ]  # fmt: skip
    (origin,) = having(section, "p", "origin")
    assert origin[0].get("href") == "#m1"
    first = root.find(".//article[@id='m1']")
    assert first is not None
    (fork,) = having(first, "p", "fork")
    assert fork[0].get("href") == "#b1"
    assert "version 1 of 2" in text_of(root)
    assert "For another reason" not in page_of(replace(tree, messages=tree.messages[:2]))


def test_many_messages_have_a_table_of_contents():
    root = parsed(page_of(chat(*(f"# Question {number}\nmore" for number in range(8)))))
    (contents,) = root.iter("nav")
    links = [(text_of(each), each.get("href")) for each in contents.iter("a")]
    assert links == [(f"Question {n} more", f"#m{n + 1}") for n in range(0, 8, 2)]
    assert not list(parsed(page_of(chat("a", "b"))).iter("nav"))


def test_footnotes_of_several_messages_do_not_meet():
    note = "See[^1], again[^1].\n\n[^1]: One.\n[^1]: Another.\n[^2]: Never.\n"
    exported = chat(note, note)
    messages = [replace(each, reasoning=note) for each in exported.messages]
    root = parsed(page_of(replace(exported, messages=tuple(messages))))
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    targets = {each.get("href", "")[1:] for each in root.iter("a")}
    assert targets <= set(ids)
    assert len(having(root, "div", "fn")) == 12


def test_what_is_too_much_to_lay_out_is_there_as_it_is():
    text = "[" * 5000
    root = parsed(page_of(chat("?", f"before\n\n{text}\n\nafter")))
    (plain,) = having(root, "pre", "plain")
    assert text_of(plain) == text
    huge = "x *y*\n" * 70_000
    (plain,) = having(parsed(page_of(chat("?", huge))), "pre", "plain")
    assert text_of(plain) == huge


def test_each_block_runs_as_its_own_words_do():
    root = parsed(page_of(chat("?", "مرحبا `code`\n\n- עברית\n\nlatin\n\n> quote\n\n`x` مرحبا")))
    (text,) = having(having(root, "article", "assistant")[0], "div", "text")
    assert [(each.tag, each.get("dir")) for each in text] == [
        ("p", "auto"), ("ul", "auto"), ("p", "auto"), ("blockquote", "auto"), ("p", "auto"),
    ]  # fmt: skip
    assert {each.get("dir") for each in text.iter("code")} == {"ltr"}


def test_the_same_input_gives_the_same_bytes():
    exported = chat("What?", GALLERY, "And?", GALLERY)
    used = HtmlFormat()
    first = page_of(exported, used)
    assert page_of(exported, used) == first == page_of(exported)


def test_it_is_written_in_small_pieces_and_tells_each_message():
    sink = Gathered()
    exported = chat(*["Words *and* words. " * 200 + "\n\n```py\nx = 1\n```\n"] * 200)
    HtmlFormat().write([exported], ExportOptions(), sink)
    assert sink.messages == 200
    assert sink.calls > 600
    assert max(map(len, sink.pieces)) < 100_000
    assert len(sink.data) > 700_000


class _CancelledError(Exception):
    pass


def test_a_cancel_arrives_within_a_message():
    class Cancelling(Gathered):
        def step(self, messages: int = 0) -> None:
            super().step(messages)
            if self.calls > 10:
                raise _CancelledError

    sink = Cancelling()
    with pytest.raises(_CancelledError):
        HtmlFormat().write([chat("x\n\n" * 100)], ExportOptions(), sink)
    assert sink.messages == 0


@pytest.mark.parametrize(("ours", "theirs"), [(LIGHT, tokens.LIGHT), (DARK, tokens.DARK)])
def test_the_colours_are_those_of_the_window(ours, theirs):
    assert ours == {name: getattr(theirs, name) for name in ours}
