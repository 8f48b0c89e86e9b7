"""A page as a person sees it, from real bad HTML too."""

import time

from app.attachments.html_text import HtmlText, told_charset


def sections(page: str) -> list[tuple[str, str]]:
    parser = HtmlText()
    parser.feed(page)
    parser.close()
    return list(parser.sections())


def text(page: str) -> str:
    return "\n\n".join(part for _title, part in sections(page))


def test_no_scripts_no_styles_nothing_hidden() -> None:
    page = (
        "<html><head><title>T</title><style>p{}</style><script>alert('<p>no</p>')</script></head>"
        "<body><p>seen</p><p style='display: none'>obey <b>me</b></p><div hidden>no<br></div>"
        "<span aria-hidden=true>no</span><template><p>no</p></template><noscript>no</noscript>"
        "<p>also seen<img src=x alt='a  cat'></p><svg><text>no</text></svg>"
    )
    assert text(page) == "seen\n\nalso seen[a cat]"


def test_links_lists_tables_and_code() -> None:
    page = (
        "<p>See <a href='https://example.org/x'>the page</a>, <a href='#top'>up</a>,"
        " <a href='javascript:alert(1)'>run</a>.</p><ul><li>one<li>two</ul>"
        "<table><tr><th>a<th>b<tr><td>1<td>2</table><pre>if x:\n    y</pre>"
    )
    assert text(page) == (
        "See the page (https://example.org/x), up, run.\n\n- one\n- two\n\n"
        "a | b\n1 | 2\n\nif x:\n    y"
    )


def test_headings_make_sections() -> None:
    found = sections("before<h1>One <i>more</i></h1><p>a</p><h2>Two</h2>b&amp;c")
    assert found == [("", "before"), ("One more", "# One more\n\na"), ("Two", "## Two\n\nb&c")]


def test_elements_left_open_and_closed_twice_lose_no_words() -> None:
    assert text("<div><p>one<p hidden>no</div></p></div></a>two<b>three") == "one\n\ntwothree"
    assert text("<ul><li hidden>no<li>two</ul><p hidden>no<div>three</div>") == "- two\n\nthree"
    assert text("<table><tr><td hidden>no<td>a</table>") == "a"


def test_deep_and_long_pages_end_soon() -> None:
    begun = time.monotonic()
    deep = "<div>" * 50_000 + "word" + "</div>" * 50_000
    assert text(deep) == "word"
    assert len(text("<a href=" * 2_000)) < 20_000
    assert text("<p>x</p>" * 50_000).count("x") == 50_000
    assert time.monotonic() - begun < 30


def test_the_encoding_that_a_page_names() -> None:
    assert told_charset(b'<meta charset="windows-1251">') == "windows-1251"
    assert told_charset(b"<meta content='text/html; charset=Shift_JIS'>") == "Shift_JIS"
    assert told_charset(b"<p>none</p>") == ""
