"""What must follow a piece of Markdown so that it ends before the next heading."""

from markdown_it import MarkdownIt

_PROBE = "moestro-probe"

_HTML_ENDS = ("-->", "?>", "]]>", ">", "</script>", "</style>", "</pre>", "</textarea>")
"""HTML blocks that go on over empty lines, and what ends each."""


def closing(text: str) -> str:
    """Return what to append to ``text``: nothing, or the end of what it leaves open.

    A code fence or an HTML comment without its end would swallow everything after it.
    """
    parser = MarkdownIt("commonmark")
    if _ends(parser, text):
        return ""
    candidates = [_fence_end(parser, text), *_HTML_ENDS]
    for candidate in candidates:
        if candidate and _ends(parser, f"{text}\n{candidate}"):
            return f"\n{candidate}"
    return ""


def _ends(parser: MarkdownIt, text: str) -> bool:
    """Whether a heading after ``text`` is one."""
    tokens = parser.parse(f"{text}\n\n## {_PROBE}\n")
    return len(tokens) >= 3 and tokens[-3].type == "heading_open" and tokens[-3].level == 0


def _fence_end(parser: MarkdownIt, text: str) -> str:
    tokens = parser.parse(text)
    return tokens[-1].markup if tokens and tokens[-1].type == "fence" else ""
