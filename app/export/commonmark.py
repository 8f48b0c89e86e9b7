"""Pieces of CommonMark that stay what they are whatever a text holds."""

import json
import re

from markdown_it import MarkdownIt

_PROBE = "moestro-probe"

_HTML_ENDS = ("-->", "?>", "]]>", ">", "</script>", "</style>", "</pre>", "</textarea>")
"""HTML blocks that go on over empty lines, and what ends each."""

_LINES = re.compile(r"(\r\n|\r|\n)")
_FENCES = re.compile(r"`{3,}")
_MAY_OPEN = re.compile(r"[\s>*+\-0-9.)]*<|.*(?:```|~~~)")
"""A line that may begin an HTML block or a fence, whatever list or quote it stands in."""
_OPENS = re.compile(r"(`{3,})[^`]*|(~{3,}).*")
_MARKUP = re.compile(r"""([#$%&*<=>@\[\\\]^_`{|}~]|:(?=//))""")
"""What may be markup inside a line, also in dialects: highlights, comments, tags, addresses."""
_UNLINKABLE = str.maketrans({"[": "(", "]": ")", "#": None, "^": None, "|": "-"})
_YAML_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class Closer:
    """Ends what a text leaves open; one parser for all of a file's texts."""

    def __init__(self) -> None:
        # What stands inside a line opens nothing that reaches beyond its block.
        self._parser = MarkdownIt("commonmark").disable("inline")

    def closing(self, text: str) -> str:
        """Return what to append to ``text``: nothing, or the end of what it leaves open.

        A code fence or an HTML comment without its end would swallow everything after it.
        """
        if _is_surely_closed(text) or self._ends(text):
            return ""
        candidates = [self._fence_end(text), *_HTML_ENDS]
        for candidate in candidates:
            if candidate and self._ends(f"{text}\n{candidate}"):
                return f"\n{candidate}"
        return ""

    def _ends(self, text: str) -> bool:
        """Whether a heading after ``text`` is one."""
        tokens = self._parser.parse(f"{text}\n\n## {_PROBE}\n")
        return len(tokens) >= 3 and tokens[-3].type == "heading_open" and tokens[-3].level == 0

    def _fence_end(self, text: str) -> str:
        tokens = self._parser.parse(text)
        return tokens[-1].markup if tokens and tokens[-1].type == "fence" else ""


def _is_surely_closed(text: str) -> bool:
    """Whether a look at its lines is enough: fences stand at their beginnings and all end."""
    fence = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if fence:
            inside = line.rstrip(" \t")
            mark = inside.lstrip(" ")
            if len(inside) - len(mark) < 4 and mark.startswith(fence) and not mark.strip(fence[0]):
                fence = ""
        elif opens := _OPENS.fullmatch(line):
            fence = opens[1] or opens[2]
        elif _MAY_OPEN.match(line):
            return False
    return not fence


def quoted(text: str) -> str:
    """A block quotation: nothing in it can reach beyond its last line."""
    pieces = _LINES.split(text)
    return "".join(
        piece if number % 2 else ("> " + piece if piece else ">")
        for number, piece in enumerate(pieces)
    )


def fenced(text: str) -> str:
    """Text as a code block whose fence is longer than any in it."""
    longest = max((len(found[0]) for found in _FENCES.finditer(text)), default=2)
    fence = "`" * (longest + 1)
    end = "" if not text or text.endswith(("\n", "\r")) else "\n"
    return f"{fence}\n{text}{end}{fence}"


def inline(text: str) -> str:
    """One line of plain text in Markdown, for a place where no block begins."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return _MARKUP.sub(r"\\\1", " ".join(printable.split()))


def nameable(text: str) -> str:
    """``text`` without what a link of note programs cannot name: ``[ ] # ^ |``."""
    return text.translate(_UNLINKABLE)


def yaml_string(text: str) -> str:
    """A YAML scalar, which is JSON as well, whatever ``text`` holds."""
    # Not JSON's own escapes for what is above U+FFFF: YAML does not join them.
    quoted_text = json.dumps(text, ensure_ascii=False)
    return _YAML_UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted_text)
