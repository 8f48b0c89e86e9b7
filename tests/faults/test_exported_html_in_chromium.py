"""The exported HTML of the hostile gallery in a real browser: no request, no script.

Needs Chromium. All that it would send goes to a listener of ours. A page that holds the same
words unescaped shows that requests and scripts would have been seen.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from tests.helpers import hostile_gallery
from tests.helpers.exported_pages import chat, page_of
from tests.helpers.headless_chromium import Chromium, Proxy, Visit
from tests.unit.export.test_export_html_hostile import hostile_chat

GALLERY = Path(__file__).resolve().parents[1] / "fixtures" / "gallery.md"
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>\n')
PORT = 8799
"""No one listens there; the browser would ask our listener for it."""


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy()
    yield made
    made.close()


@pytest.fixture
def browser(tmp_path: Path, proxy: Proxy) -> Iterator[Chromium]:
    made = Chromium(tmp_path / "profile", proxy.port)
    yield made
    made.close()


@pytest.fixture
def baits(tmp_path: Path) -> Path:
    folder = tmp_path / "baits"
    folder.mkdir()
    (folder / "page.html").write_text("another page", encoding="utf-8")
    (folder / "style.css").write_text("body {}", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


def visit(browser: Chromium, folder: Path, page: str) -> Visit:
    path = folder / "page under test.html"
    path.write_text(page, encoding="utf-8")
    return browser.visit(path.as_uri())


def hostile_page(baits: Path) -> str:
    return page_of(hostile_chat(baits, PORT), branches=True)


def called(proxy: Proxy) -> list[str]:
    return [line for line in proxy.lines if str(PORT) in line or "example" in line]


def test_the_hostile_gallery_asks_for_nothing_and_runs_nothing(
    browser: Chromium, proxy: Proxy, baits: Path, tmp_path: Path
) -> None:
    seen = visit(browser, tmp_path, hostile_page(baits))
    assert (seen.requests, seen.scripts, seen.dialogs, seen.complaints) == ([], [], [], [])
    assert called(proxy) == []
    assert "<script>fetch(" in seen.text


def test_it_needs_no_policy_for_that(
    browser: Chromium, proxy: Proxy, baits: Path, tmp_path: Path
) -> None:
    page, removed = POLICY.subn("", hostile_page(baits), count=1)
    assert removed == 1
    seen = visit(browser, tmp_path, page)
    assert (seen.requests, seen.scripts, seen.dialogs, seen.complaints) == ([], [], [], [])
    assert called(proxy) == []


def test_the_same_words_unescaped_are_seen_to_ask_and_to_run(
    browser: Chromium, proxy: Proxy, baits: Path, tmp_path: Path
) -> None:
    words = "\n".join(hostile_gallery.messages(baits, PORT)).replace("<meta", "<x")
    seen = visit(browser, tmp_path, f"<!DOCTYPE html><meta charset=utf-8><body>{words}")
    assert len(seen.requests) >= 3
    assert seen.scripts
    assert called(proxy)


def test_the_policy_alone_refuses_what_would_be_asked_and_run(
    browser: Chromium, proxy: Proxy, baits: Path, tmp_path: Path
) -> None:
    policy = POLICY.search(hostile_page(baits))
    assert policy is not None
    words = "\n".join(hostile_gallery.messages(baits, PORT)).replace("<meta", "<x")
    page = f"<!DOCTYPE html><meta charset=utf-8>{policy[0]}<body>{words}"
    seen = visit(browser, tmp_path, page)
    assert seen.dialogs == []
    assert called(proxy) == []
    assert seen.complaints


def test_the_gallery_is_laid_out_by_its_style_sheet(browser: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "gallery.html"
    text = GALLERY.read_text(encoding="utf-8")
    path.write_text(page_of(chat("What?", text)), encoding="utf-8")
    session = browser.tab()
    browser.open(session, path.as_uri())
    for expression, wanted in (
        # The policy's hash is of this very style sheet: else there would be no style at all.
        ("getComputedStyle(document.querySelector('article.user > .text')).borderRadius", "12px"),
        # Nothing is wider than the window but what scrolls by itself.
        ("document.documentElement.scrollWidth <= innerWidth", "True"),
    ):
        answer = browser.call("Runtime.evaluate", session, expression=expression)
        assert str(answer["result"]["value"]) == wanted


def test_printed_no_code_is_cut_and_no_heading_ends_a_page(
    browser: Chromium, tmp_path: Path
) -> None:
    parts = [f"## Heading {n}\n\n" + "Some words of a text. " * (7 * n % 40 + 5) for n in range(60)]
    code = "```python\n" + "\n".join(f"value_{n} = " + "x" * 300 for n in range(40)) + "\n```"
    path = tmp_path / "long.html"
    path.write_text(page_of(chat("?", "\n\n".join(parts), "?", code)), encoding="utf-8")
    session = browser.tab()
    browser.open(session, path.as_uri())
    document = pypdfium2.PdfDocument(browser.printed(session))
    pages = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    assert len(pages) > 4
    assert "".join(pages).count("x") >= 40 * 300
    for text in pages:
        assert not text.split("\n")[-1].startswith("Heading")
