"""The text of a web page as a person sees it: no scripts, no styles, nothing hidden."""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

_DROPPED = frozenset(
    ("script", "style", "template", "noscript", "svg", "math", "iframe", "object", "canvas",
     "select", "title")
)  # fmt: skip
_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "dd", "details", "dialog", "div", "dl",
     "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "html", "li",
     "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "thead", "tr",
     "ul", "h1", "h2", "h3", "h4", "h5", "h6")
)  # fmt: skip
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
     "track", "wbr")
)  # fmt: skip
_ENDED_BY: Mapping[str, frozenset[str]] = {
    "p": _BLOCKS,
    "li": frozenset(("li",)),
    "dt": frozenset(("dt", "dd")),
    "dd": frozenset(("dt", "dd")),
    "td": frozenset(("td", "th", "tr")),
    "th": frozenset(("td", "th", "tr")),
    "tr": frozenset(("tr", "tbody")),
}
"""Elements whose end may be left out, and what begins instead of it."""

_PARAGRAPHS = frozenset(("p", "pre", "blockquote", "table", "ul", "ol", "figure"))
_HEADINGS: Mapping[str, int] = {f"h{level}": level for level in range(1, 7)}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:-]{2,30})", re.I)
_SPACE = re.compile(r"[ \t\r\n\f]+")


def told_charset(head: bytes) -> str:
    """The encoding that a page names in its head; empty without one."""
    found = _CHARSET.search(head[:4096])
    return found[1].decode("ascii") if found else ""


class HtmlText(HTMLParser):
    """Feed it a page; ``sections`` then gives its text by headings."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._done: list[tuple[str, str]] = []
        self._title = ""
        self._parts: list[str] = []
        self._heading: int | None = None
        """Where in ``_parts`` an open heading began."""
        self._pre = 0
        self._hidden: list[str] = []
        """Open elements from the first hidden one on; nothing is read until it is empty."""
        self._links: list[tuple[int, str]] = []

    def sections(self) -> Iterator[tuple[str, str]]:
        """(heading, text beneath it with the heading) in order; the first may have none."""
        self._finish_section()
        yield from self._done

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        if len(self._hidden) == 1 and tag in _ENDED_BY.get(self._hidden[0], ()):
            self._hidden.clear()
        if self._hidden:
            if tag not in _VOID:
                self._hidden.append(tag)
            return
        attributes = {name: value or "" for name, value in attrs}
        if tag not in _VOID and (tag in _DROPPED or _is_hidden(attributes)):
            self._hidden.append(tag)
            return
        if tag in _BLOCKS:
            self._break(2 if tag in _PARAGRAPHS or tag in _HEADINGS else 1)
        self._begin(tag, attributes)

    def _begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _HEADINGS:
            self._finish_section()
            self._parts.append("#" * _HEADINGS[tag] + " ")
            self._heading = len(self._parts)
        elif tag == "li":
            self._parts.append("- ")
        elif tag == "br":
            self._parts.append("\n")
        elif tag in ("td", "th"):
            self._cell()
        elif tag == "pre":
            self._pre += 1
        elif tag == "a":
            self._links.append((len(self._parts), attributes.get("href", "")))
        elif tag == "img" and attributes.get("alt", "").strip():
            self._parts.append(f"[{_SPACE.sub(' ', attributes['alt']).strip()}]")

    def handle_endtag(self, tag: str) -> None:
        """End an element, also one that was left open inside it."""
        if self._hidden:
            if tag in self._hidden:
                while self._hidden.pop() != tag:
                    pass
                return
            if self._hidden[0] not in _ENDED_BY or tag not in _BLOCKS:
                return
            self._hidden.clear()  # what is around it ends, so it does
        if tag == "a" and self._links:
            self._end_link(*self._links.pop())
        elif tag == "pre":
            self._pre = max(0, self._pre - 1)
        elif tag in _HEADINGS and self._heading is not None:
            self._title = _SPACE.sub(" ", "".join(self._parts[self._heading :])).strip()
            self._heading = None
        if tag in _BLOCKS:
            self._break(2 if tag in _PARAGRAPHS or tag in _HEADINGS else 1)

    def handle_data(self, data: str) -> None:
        """Take in words."""
        if self._hidden:
            return
        if self._pre:
            self._parts.append(data)
            return
        text = _SPACE.sub(" ", data)
        if not self._parts or self._parts[-1][-1:] in ("\n", " "):
            text = text.lstrip(" ")
        if text:
            self._parts.append(text)

    def _end_link(self, begun: int, address: str) -> None:
        words = "".join(self._parts[begun:]).strip()
        # Where it leads is part of what the page says; places in the page itself are not.
        if address.startswith(("http://", "https://", "mailto:")) and address != words:
            self._parts.append(f" ({address})")

    def _cell(self) -> None:
        if self._parts and not self._parts[-1].endswith("\n"):
            self._parts.append(" | ")

    def _break(self, lines: int) -> None:
        if self._pre and lines == 1:
            return
        ending = "".join(self._parts[-4:])
        missing = lines - (len(ending) - len(ending.rstrip("\n")))
        if self._parts and missing > 0:
            self._parts[-1] = self._parts[-1].rstrip(" ")
            self._parts.append("\n" * missing)

    def _finish_section(self) -> None:
        text = "".join(self._parts).strip("\n ")
        if text:
            self._done.append((self._title, text))
        self._parts, self._links, self._title, self._heading = [], [], "", None


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    # Words that the author's readers cannot see are no part of the page, and a known way to
    # slip orders to a model.
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden", "").casefold() == "true"
        or bool(_HIDDEN.search(attributes.get("style", "")))
    )
