"""HTML of hostile chats: nothing runs, loads, hides or imitates, wherever the words come from.

The page is read by a parser that is not ours. Each defence, taken away, must be missed.
"""

import ast
import base64
import hashlib
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from xml.etree.ElementTree import Element

import pytest

import app.export.html
import app.export.html_body
import app.export.html_code
import app.export.html_formulas
import app.export.html_inline
import app.export.html_style
from app.export.base import Given
from app.history.entities import AttachedText, AttachedWay, Message, Role
from app.history.organised import Folder
from app.markup.addresses import linkable
from app.markup.formula import Formula
from app.markup.parser import BlockParser
from tests.helpers.exported_pages import (
    DETAILS,
    code_blocks,
    given,
    having,
    page_of,
    parsed,
    text_of,
)
from tests.helpers.hostile_gallery import LOOKALIKES, messages

ELEMENTS = set(
    re.findall(
        r"\w+",
        "html head meta title link style body main article section nav details summary h1 h2 h3 h4"
        " h5 h6 p div span bdi time br hr a strong em s sup code pre blockquote ul ol li table"
        " thead tbody tr th td figure figcaption img svg g path rect line",
    )
)
ATTRIBUTES = set(
    re.findall(
        r"\S+",
        "lang dir id class role href rel src alt datetime start aria-label aria-level aria-hidden"
        " data-tex data-language data-u charset content http-equiv name viewBox width height fill"
        " stroke stroke-width stroke-linecap d x y x1 x2 y1 y2 transform",
    )
)
PLACES = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt; \u202egnp.exe\u202c"
    " </title></style></textarea><!--]]>\x1b[31m \0 \ud800 = "
)
"""For every place that takes a line; it would leave any element and any attribute."""
SAFE = ("http://", "https://", "mailto:", "#")
IN_LINE = "alert(1)"
ADDRESS = "https://example.org/?a=1&copy"
"""Not escaped, it would be another one."""
MORE = (
    PLACES,
    f"```{PLACES}\n{PLACES}\n```",
    'x[^<img>] $\\text{"<script>"}$\n\n[^<img>]: one\n\n[^<b/>]: nothing refers to it',
    "$$\n\\nosuch{<script>alert(1)</script>}\n$$\n\nx $\\nosuch{<script>alert(1)</script>}$",
    f"![<b onmouseover=alert(1)>]({ADDRESS}) [http://bank.example]({ADDRESS}) [x](foo:&amp;lt;)",
    "[" * 5000 + "<script>alert(1)</script>",
)
PICTURE = "data:image/png;base64,iVBORw0KGgo="
PICTURES = (
    'data:image/png;base64,AAAA" onerror="alert(1)',
    "data:image/svg+xml;base64,PHN2Zz4=",
    "data:text/html;base64,PHNjcmlwdD4=",
    "https://evil.example/picture.png",
    "javascript:alert(1)",
)
DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f]")


def attached(**fields: str) -> AttachedText:
    made = AttachedText("f", PLACES, "text", 3, "0" * 64, AttachedWay.PART, PLACES, PLACES)
    return replace(made, **fields)


def hostile_chat(baits: Path = Path("/baits"), port: int = 1) -> Given:
    """The gallery as questions and answers, and the worst line in every other place."""
    details = DETAILS.__class__(model_key=PLACES, model_name=PLACES, quantization=PLACES)
    files = (attached(), *(attached(kind="image", text=each) for each in (PICTURE, *PICTURES)))
    kept: list[Message] = []
    for text in [*messages(baits, port), *MORE]:
        parent = kept[-1].id if kept else None
        asked = Message(
            f"q{len(kept)}", "c1", parent, Role.USER, text, attachments=files if not kept else ()
        )
        kept.append(asked)
        kept.append(
            Message(
                f"a{len(kept)}", "c1", asked.id, Role.ASSISTANT, text, reasoning=text,
                details=details,
            )
        )  # fmt: skip
        kept.append(Message(f"b{len(kept)}", "c1", asked.id, Role.ASSISTANT, text))
    branch = [each.id for each in kept if not each.id.startswith("b")]
    made = given(kept, branch, title=PLACES, system_prompt=PLACES)
    return replace(made, folder=Folder(id="f", name=PLACES, created_ms=0, count=1))


def troubles(page: str) -> list[str]:
    """Everything that must not be in a page, one line each."""
    root = parsed(page)
    found = _policy_troubles(page, root)
    for each in root.iter():
        tag = str(each.tag).rpartition("}")[2]
        if tag not in ELEMENTS:
            found.append(f"element {tag}")
        for name, value in each.items():
            if name not in ATTRIBUTES:
                found.append(f"attribute {name} of {tag}")
            if name in ("href", "src") and not _is_safe(tag, name, value):
                found.append(f"{name} {value}")
            if DIRECTIONS.search(value) and name != "data-tex":
                found.append(f"{name} hides {value!a}")
        if tag != "bdi" or each.get("class") != "u":
            told = [each.text or "", *(child.tail or "" for child in each)]
            found += [f"{tag} hides {text!a}" for text in told if DIRECTIONS.search(text)]
    if len(having(root, "style")) != 1 or "\n@import" in page:
        found.append("style sheets")
    written = text_of(root)
    found += [f"not written: {text}" for text in WRITTEN if text not in written]
    if not any(each.get("href") == ADDRESS for each in root.iter("a")):
        found.append("an address is another one")
    return found


WRITTEN = (
    "<script>fetch(", "<iframe src=", "<style>@import", "<b onmouseover=", "<!-- hidden -->",
    '<meta http-equiv="refresh"', "javascript:alert(1)", "[31mred", "<svg><image", "&lt;b&gt;",
    f"http://bank.example ({ADDRESS})", "x (foo:&lt;)",
)  # fmt: skip


def _policy_troubles(page: str, root: Element) -> list[str]:
    policies = [
        each.get("content", "")
        for each in root.iter("meta")
        if each.get("http-equiv") == "Content-Security-Policy"
    ]
    sheet = "".join(text_of(each) for each in root.iter("style"))
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    wanted = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    found = [] if policies == [wanted] else [f"policy {policies}"]
    if any(each in sheet for each in ("url(", "@import", "expression", "behavior")):
        found.append("the style sheet asks for something")
    head = page[: page.index("<title>")]
    if "Content-Security-Policy" not in head or "<link" in head:
        found.append("something comes before the policy")
    others = {each.get("http-equiv") for each in root.iter("meta") if each.get("http-equiv")}
    return found + [f"meta {each}" for each in others - {"Content-Security-Policy"}]


def _is_safe(tag: str, name: str, value: str) -> bool:
    if name == "src":
        return (
            tag == "img"
            and re.fullmatch(r"data:image/png;base64,[A-Za-z0-9+/=]*", value) is not None
        )
    if tag == "link":
        return value == "data:,"
    return (
        tag == "a" and value.isascii() and value.startswith(("http://", "https://", "mailto:", "#"))
    )


def test_nothing_of_it_is_more_than_words():
    page = page_of(hostile_chat(), branches=True)
    assert troubles(page) == []
    root = parsed(page)
    # It did see what it judges.
    links = {each.get("href") for each in root.iter("a")}
    assert {told for told in LOOKALIKES if not told.startswith("https://e")} <= links
    assert text_of(root).count(IN_LINE) > 50
    assert {each.get("src") for each in root.iter("img")} == {PICTURE}


def test_words_that_look_like_an_address_do_not_hide_another():
    page = page_of(
        given([Message("m", "c1", None, Role.USER, "[http://a.example](http://b.example)")])
    )
    assert "http://a.example (http://b.example)" in text_of(parsed(page))


def test_what_hides_in_code_is_named_there():
    code = "access = 'user\u202e\u2066// admins\u2069' \x1b[2J"
    root = parsed(page_of(given([Message("m", "c1", None, Role.USER, f"```py\n{code}\n```")])))
    assert list(code_blocks(root)) == [("py", f"{code}\n")]
    assert [each.get("data-u") for each in having(root, "bdi", "u")] == [
        "U+202E", "U+2066", "U+2069", "U+001B",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "is_link"),
    [
        ("https://example.org/a?b=c#d", True),
        ("HTTP://example.org:80", True),
        ("mailto:a@example.org", True),
        ("https://xn--pple-43d.com", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("//example.org/x", False),
        ("#top", False),
        ("https://", False),
        ("https://[::1", False),
        ("http://host:99999/", False),
        ("https:\\\\example.org", False),
        ("https://good.example\\@evil.example", False),
        ("https://\u0430pple.com", False),
        ("https://example.org/\u202e", False),
        ('https://example.org/"onclick=', False),
        (" https://example.org", False),
        ("https://example.org/\n", False),
        ("https://example.org/" + "a" * 2000, False),
    ],
)
def test_which_addresses_are_links(address, is_link):
    assert linkable(address) == (address if is_link else None)


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        '<image href="x"/>',
        '<a href="javascript:alert(1)"><path d="M0 0"/></a>',
        '<path d="M0 0" onclick="alert(1)"/>',
        '<path d="M0 0" style="background:url(x)"/>',
        '<path d="M0 0" fill="url(https://evil.example/x)"/>',
        '<use href="#nothing"/>',
        '<use href="https://evil.example/x#y"/>',
        '<defs><path id="g1" d="M0 0"/></defs><use href="#g1" x="1" y="1" onload="alert(1)"/>',
        '<path d="M0 0"/>text',
        "<foreignObject></foreignObject>",
    ],
)
def test_a_picture_that_is_more_than_a_drawing_is_not_taken(monkeypatch, inner):
    """What draws formulas is given strangers' words; were it deceived, nothing would come of it."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -700 500 900">{inner}</svg>'
    drawn = Formula(0.5, 0.7, 0.2, "x", svg)
    monkeypatch.setattr("app.export.html_formulas.set_formula", lambda _tex, display: drawn)
    texts = "$a$\n\n$$\nb\n$$"
    root = parsed(page_of(given([Message("m", "c1", None, Role.USER, texts)])))
    assert not [each for each in root.iter() if str(each.tag).endswith("svg")]
    refused = [*having(root, "code", "tex"), *having(root, "pre", "tex")]
    assert [text_of(each) for each in refused] == ["$a$", "$$b$$"]


def _changed(module: ModuleType, name: str, value: object) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(module, name, value)


def _html_is_read(patch: pytest.MonkeyPatch) -> None:
    begin = BlockParser.__init__

    def changed(self: BlockParser) -> None:
        begin(self)
        self._markdown.options["html"] = True

    patch.setattr(BlockParser, "__init__", changed)
    patch.setitem(app.export.html_body._PLAIN, "html_block", "")


def _every_scheme_is_a_link(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(app.export.html_inline, "linkable", lambda address: address)


DEFENCES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "HTML is text": _html_is_read,
    "only safe schemes are links": _every_scheme_is_a_link,
    "only pictures are pictures": _changed(app.export.html, "_PICTURE", re.compile(".*")),
    "the policy is there": _changed(app.export.html, "policy", lambda _style: ""),
    "the policy knows one style sheet": _changed(
        app.export.html, "policy", lambda _style: "style-src 'unsafe-inline'"
    ),
}


@pytest.mark.parametrize("name", DEFENCES)
def test_a_defence_that_is_taken_away_is_missed(monkeypatch, name):
    DEFENCES[name](monkeypatch)
    try:
        page = page_of(hostile_chat(), branches=True)
    except KeyError:
        return  # There is no rule for what must not come.
    assert troubles(page)


MODULES = (
    "html_text",
    "html_code",
    "html_formulas",
    "html_inline",
    "html_body",
    "html_style",
    "html",
)
"""Each after those that it imports."""
ESCAPES = ("text_html", "label_html", "value_html")
OURS = ("sentence", "branch_heading", "entry.version")
"""What gives words that nobody else wrote."""


def _source(module: str) -> str:
    return Path(f"{app.export.__path__[0]}/{module}.py").read_text(encoding="utf-8")


def _escapes(tree: ast.AST) -> list[ast.Call]:
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    named = [each for each in calls if isinstance(each.func, ast.Name)]
    return [each for each in named if each.func.id in ESCAPES and not _is_ours(each.args[0])]


def _is_ours(argument: ast.expr) -> bool:
    return ast.unparse(argument).startswith(OURS)


SITES = [
    pytest.param(module, number, id=f"{module} {call.lineno} {ast.unparse(call)}")
    for module in MODULES
    for number, call in enumerate(_escapes(ast.parse(_source(module))))
]


@pytest.mark.parametrize(("module", "number"), SITES)
def test_each_escape_that_is_taken_away_is_missed(monkeypatch, module, number):
    """The modules are loaded anew, one of them without this one call."""
    for name in MODULES:
        tree = ast.parse(_source(name))
        if name == module:
            call = _escapes(tree)[number]
            call.func = ast.Name("str", ast.Load())
            call.args, call.keywords = call.args[:1], []
        made = ModuleType(f"app.export.{name}")
        monkeypatch.setitem(sys.modules, made.__name__, made)
        exec(compile(ast.fix_missing_locations(tree), name, "exec"), made.__dict__)
    try:
        page = page_of(hostile_chat(), made.HtmlFormat(), branches=True)
    except UnicodeEncodeError:
        return  # A lone surrogate came through.
    assert troubles(page)
