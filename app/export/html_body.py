"""The Markdown of one message as HTML, block by block, from the blocks that all formats share."""

from collections.abc import Callable, Iterator

from markdown_it.token import Token

from app.export.html_code import code_html
from app.export.html_formulas import FormulaHtml, displayed_formula
from app.export.html_inline import InlineHtml
from app.export.html_text import text_html
from app.markup.parser import Block, BlockParser
from app.wording import sentence

_LONGEST, _MOST_LINES = 400_000, 20_000
"""Characters and lines of one message; more are shown as they are, as in the window."""
_HEADINGS_ABOVE = 2
"""Levels that the page itself uses."""
_DEEPEST = 6
_TASKS = {"[ ] ": ("☐", "export.task_open"), "[x] ": ("☑", "export.task_done")}
_PARAGRAPH_END = "</p>\n"
_ALIGNMENTS = {"text-align:left": "l", "text-align:center": "m", "text-align:right": "r"}
_PLAIN = {
    "thead_open": "<thead>\n",
    "thead_close": "</thead>\n",
    "tbody_open": "<tbody>\n",
    "tbody_close": "</tbody>\n",
    "tr_open": "<tr>",
    "tr_close": "</tr>\n",
    "th_close": "</th>",
    "td_close": "</td>",
    "table_close": "</table></div>\n",
    "blockquote_close": "</blockquote>\n",
    "bullet_list_close": "</ul>\n",
    "ordered_list_close": "</ol>\n",
    "list_item_open": "<li>",
    "list_item_close": "</li>\n",
    "hr": "<hr>\n",
}


class MarkdownHtml:
    """Share one: its parser and the formulas that it has set serve every message."""

    def __init__(self) -> None:
        self._parser = BlockParser()
        self._formulas = FormulaHtml()

    def blocks(self, source: str, anchor: str) -> Iterator[str]:
        """One piece per top-level block. ``anchor`` begins every id that a message needs."""
        if len(source) > _LONGEST or source.count("\n") > _MOST_LINES:
            yield _as_it_is(source, "markdown.plain_message")
            return
        writer = _BlockWriter(self._formulas, anchor)
        for block in self._parser.blocks(source):
            yield writer.html(block)


def _as_it_is(text: str, reason: str) -> str:
    return (
        f'<p class="note">{text_html(sentence(reason))}</p>\n'
        f'<pre class="plain" dir="auto">{text_html(text)}</pre>\n'
    )


class _BlockWriter:
    """Writes the blocks of one message in their order."""

    def __init__(self, formulas: FormulaHtml, anchor: str) -> None:
        self._formulas = formulas
        self._anchor = anchor
        self._inline = InlineHtml(formulas, anchor)
        self._begins_item = False
        self._noted: set[int] = set()
        self._notes: list[int] = []
        """Numbers of the footnotes that are open."""
        self._special: dict[str, Callable[[Token], str]] = {
            "inline": self._words,
            "paragraph_open": self._paragraph,
            "paragraph_close": self._paragraph,
            "heading_open": self._heading,
            "heading_close": self._heading,
            "bullet_list_open": lambda token: f"<ul{_direction(token)}>\n",
            "ordered_list_open": self._ordered,
            "blockquote_open": lambda token: f"<blockquote{_direction(token)}>\n",
            "table_open": lambda token: f'<div class="w"><table{_direction(token)}>\n',
            "th_open": self._cell,
            "td_open": self._cell,
            "fence": self._fence,
            "math_block": self._fence,
            "code_block": lambda token: code_html("", token.content),
            "footnote_open": self._open_note,
        }

    def html(self, block: Block) -> str:
        """One top-level block."""
        if block.plain is not None:
            return _as_it_is(block.plain, "markdown.plain_part")
        pieces: list[str] = []
        for token in block.tokens:
            piece = _PLAIN.get(token.type)
            if token.type == "footnote_close":
                piece = self._close_note(pieces)
            elif piece is None:
                piece = self._special[token.type](token)
            pieces.append(piece)
            self._begins_item = token.type == "list_item_open" or (
                self._begins_item and token.type == "paragraph_open"
            )
        return "".join(pieces)

    def _words(self, token: Token) -> str:
        children = token.children or []
        mark = ""
        if self._begins_item and children and children[0].type == "text":
            first = children[0]
            task = _TASKS.get(first.content[:4].lower())
            if task is not None:
                sign, told = task
                name = text_html(sentence(told))
                mark = f'<span class="box" role="img" aria-label="{name}">{sign}</span> '
                children = [first.copy(content=first.content[4:]), *children[1:]]
        return mark + self._inline.html(children)

    def _paragraph(self, token: Token) -> str:
        if token.hidden:
            return ""
        return f"<p{_direction(token)}>" if token.nesting > 0 else _PARAGRAPH_END

    def _heading(self, token: Token) -> str:
        level = int(token.tag[1:]) + _HEADINGS_ABOVE
        tag = f"h{min(level, _DEEPEST)}"
        if token.nesting < 0:
            return f"</{tag}>\n"
        told = f' aria-level="{level}"' if level > _DEEPEST else ""
        return f"<{tag}{_direction(token)}{told}>"

    def _ordered(self, token: Token) -> str:
        start = int(token.attrs.get("start", 1))
        told = "" if start == 1 else f' start="{start}"'
        return f"<ol{_direction(token)}{told}>\n"

    def _cell(self, token: Token) -> str:
        side = _ALIGNMENTS.get(str(token.attrs.get("style", "")))
        tag = token.type[:2]
        return f'<{tag} class="{side}">' if side else f"<{tag}>"

    def _fence(self, token: Token) -> str:
        formula = displayed_formula(token)
        if formula is not None:
            return self._formulas.block(*formula)
        words = token.info.split(maxsplit=1)
        return code_html(words[0] if words else "", token.content)

    def _open_note(self, token: Token) -> str:
        number = int(token.meta["number"])
        self._notes.append(number)
        if not number:
            # Nothing refers to it.
            return f'<div class="fn" dir="auto"><span>{text_html(token.meta["name"])}</span><div>\n'
        name = "" if number in self._noted else f' id="{self._anchor}-f{number}"'
        self._noted.add(number)
        return f'<div class="fn" role="note"{name} dir="auto"><span>{number}</span><div>\n'

    def _close_note(self, pieces: list[str]) -> str:
        """The end of a note; the way back stands behind its last word."""
        number = self._notes.pop()
        if not number:
            return "</div></div>\n"
        end = pieces.pop() if pieces[-1] == _PARAGRAPH_END else ""
        back = f' <a href="#{self._anchor}-r{number}" aria-label="{number}">↩</a>'
        return f"{back}{end}</div></div>\n"


def _direction(token: Token) -> str:
    """Each top-level block runs as its own words do; what is in it follows it."""
    return ' dir="auto"' if token.level == 0 else ""
