"""Markdown blocks as paragraphs, lists, code, tables and formulas of a Word document."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from app.export.docx_code import code_runs
from app.export.docx_formula import displayed_math
from app.export.docx_inline import InlineWriter
from app.export.docx_paragraph import Place, paragraph
from app.export.docx_story import Story
from app.export.docx_tables import MOST_COLUMNS, table
from app.export.docx_xml import Look, run
from app.markup.math_rules import closing_delimiter
from app.markup.parser import BlockParser

_DEEPEST_HEADING = 6
_TASKS = {"[ ] ": "☐", "[x] ": "☑", "[X] ": "☑"}


@dataclass(slots=True)
class _List:
    """One open list."""

    number: int | None
    """Of Word's list; None where each item's number is written as text."""
    next: int
    """The number of the next item, where it is written."""


class BlockWriter:
    """Writes one text after the other; footnotes belong to the text they stand in."""

    def __init__(self, story: Story, parser: BlockParser) -> None:
        self._story = story
        self._parser = parser
        self._inline = InlineWriter(story)
        self._source: list[str] = []
        self._heading_offset = 1
        self._lists: list[_List] = []
        self._quotes = 0
        self._note: int | None = None
        """The number of the footnote that is open."""
        self._mark: str | None = None
        """What begins the next paragraph of an item: "list", or its number as text."""
        self._heading = 0

    def blocks(self, source: str, *, heading_offset: int, quotes: int = 0) -> Iterator[str]:
        """The XML of ``source``, block by block; headings begin below ``heading_offset``."""
        text = source.replace("\r\n", "\n").replace("\r", "\n")
        self._source = text.split("\n")
        self._heading_offset = heading_offset
        self._inline.place += 1
        for block in self._parser.blocks(text):
            self._lists, self._quotes, self._note, self._mark = [], quotes, None, None
            if block.plain is not None:
                yield self._code(block.plain, "")
                continue
            yield from self._tokens(block.tokens)

    def _tokens(self, tokens: Sequence[Token]) -> Iterator[str]:
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.type == "table_open":
                begin = index
                while tokens[index].type != "table_close":
                    index += 1
                yield self._table(tokens[begin : index + 1])
            else:
                yield self._token(token)
            index += 1

    def _token(self, token: Token) -> str:
        match token.type:
            case "inline":
                return self._words(token.children or ())
            case "heading_open":
                level = int(token.tag[1:]) + self._heading_offset
                self._heading = min(level, _DEEPEST_HEADING)
            case "fence":
                return self._fence(token)
            case "code_block":
                return self._code(token.content.removesuffix("\n"), "")
            case "math_block":
                source = token.markup + token.content + closing_delimiter(token.markup)
                return self._formula(token.content, source)
            case "hr":
                return self._marked() + paragraph("", "Rule", self._place())
            case _:
                return self._container(token)
        return ""

    def _container(self, token: Token) -> str:
        """What opens and closes changes where the next paragraphs stand."""
        match token.type:
            case "bullet_list_open":
                self._lists.append(_List(1, 0))
            case "ordered_list_open":
                begin = int(token.attrs.get("start", 1))
                number = self._story.numbered_list(len(self._lists), begin)
                self._lists.append(_List(number, begin))
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                made = self._marked()
                self._mark = self._item_mark()
                return made
            case "list_item_close":
                return self._marked()
            case "blockquote_open":
                made = self._marked()
                self._quotes += 1
                return made
            case "blockquote_close":
                self._quotes -= 1
            case "footnote_open":
                self._note = int(token.meta["number"])
                self._mark = str(self._note or token.meta["name"])
            case "footnote_close":
                made = self._marked()
                self._note = None
                return made
        return ""

    # --- paragraphs -------------------------------------------------------------------------
    def _words(self, children: Sequence[Token]) -> str:
        heading, self._heading = self._heading, 0
        children, task = self._without_task(children)
        begin, place = self._begin(task)
        return paragraph(begin + self._inline.inline(children), self._style(heading), place)

    def _begin(self, task: str = "") -> tuple[str, Place]:
        """What stands before an item's words, and where the paragraph stands."""
        mark, self._mark = self._mark, None
        place = self._place()
        if mark is None:
            return "", place
        if task:
            return run(f"{task}\t"), place.hanging()
        if mark == "list" and self._lists[-1].number is not None:
            return "", place.listed(self._lists[-1].number, len(self._lists) - 1)
        begin = run(f"{mark}\t", Look(raised=self._note is not None))
        if self._note:
            name, number = self._inline.footnote_place(self._note), self._story.next_id()
            anchor = f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>'
            begin = f'{anchor}{begin}<w:bookmarkEnd w:id="{number}"/>'
        return begin, place.hanging()

    def _marked(self) -> str:
        """An item's mark as a paragraph, if what comes cannot stand beside it."""
        if self._mark is None:
            return ""
        begin, place = self._begin()
        return paragraph(begin, self._style(0), place)

    def _item_mark(self) -> str:
        level = self._lists[-1]
        if level.number is not None:
            return "list"
        level.next += 1
        return f"{level.next - 1}."

    def _without_task(self, children: Sequence[Token]) -> tuple[Sequence[Token], str]:
        first = children[0] if children else None
        if self._mark is None or self._note is not None or first is None:
            return children, ""
        task = _TASKS.get(first.content[:4], "") if first.type == "text" else ""
        if not task:
            return children, ""
        return [first.copy(content=first.content[4:]), *children[1:]], task

    def _style(self, heading: int) -> str:
        if heading:
            return f"Heading{heading}"
        if self._note is not None:
            return "FootnoteText"
        if self._quotes:
            return "Quote"
        return "ListParagraph" if self._lists else ""

    def _place(self) -> Place:
        depth = len(self._lists) + (self._note is not None)
        return Place(quotes=self._quotes, depth=depth)

    # --- what stands by itself --------------------------------------------------------------
    def _fence(self, token: Token) -> str:
        language = token.info.strip().split(maxsplit=1)
        text = token.content.removesuffix("\n")
        if language[:1] == ["math"]:
            made = displayed_math(text)
            if made is not None:
                return self._displayed(made)
        return self._code(text, language[0] if language else "")

    def _code(self, text: str, language: str) -> str:
        made = self._marked()
        if language:
            made += paragraph(run(language), "CodeLanguage", self._place())
        return made + paragraph(code_runs(text, language), "SourceCode", self._place())

    def _formula(self, tex: str, source: str) -> str:
        made = displayed_math(tex)
        if made is not None:
            return self._displayed(made)
        begin, place = self._begin()
        return paragraph(begin + run(source, Look(code=True)), self._style(0), place)

    def _displayed(self, formula: str) -> str:
        return self._marked() + paragraph(formula, self._style(0), self._place())

    def _table(self, tokens: Sequence[Token]) -> str:
        columns = sum(token.type == "th_open" for token in tokens)
        if columns > MOST_COLUMNS:
            begin, end = tokens[0].map or (0, 0)
            return self._code("\n".join(self._source[begin:end]), "")
        return self._marked() + table(tokens, self._inline, self._place())
