"""What a document embeds as one character: code blocks, tables and rules."""

import re
from dataclasses import dataclass

from markdown_it.token import Token

from app.markup.math_rules import closing_delimiter

OBJECT_CHARACTER = "\ufffc"
_BACKTICKS = re.compile("`+")


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A fenced or indented code block."""

    language: str
    text: str
    """Without the final line break."""
    markdown: str
    """The fence that copying across the block writes."""


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table: the inline tokens of its cells, the header first."""

    rows: tuple[tuple[Token, ...], ...]
    alignments: tuple[str, ...]
    """Per column: left, center, right or an empty string."""
    markdown: str


@dataclass(frozen=True, slots=True)
class RuleBlock:
    """A horizontal rule."""

    markdown: str = "---"


@dataclass(frozen=True, slots=True)
class FormulaBlock:
    """A displayed formula that can be set."""

    tex: str
    markdown: str
    """The source with its delimiters."""


EmbeddedBlock = CodeBlock | TableBlock | RuleBlock | FormulaBlock


def code_block(token: Token) -> CodeBlock:
    """The code block of a ``fence`` or ``code_block`` token."""
    words = token.info.split()
    return fenced(words[0][:40] if words else "", token.content)


def fenced(language: str, content: str) -> CodeBlock:
    """A code block; its fence is longer than any run of backticks in it."""
    text = content.removesuffix("\n")
    longest = max(map(len, _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return CodeBlock(language, text, f"{fence}{language}\n{text}\n{fence}")


def formula_block(token: Token) -> FormulaBlock | None:
    """The formula of a ``math_block`` token or a closed fence of ``math``; None for others."""
    if token.type == "math_block":
        opener = token.markup
        gap = "\n" if "\n" in token.content else ""
        markdown = f"{opener}{gap}{token.content}{gap}{closing_delimiter(opener)}"
        return FormulaBlock(token.content, markdown)
    if token.type != "fence" or token.info.strip() != "math" or token.map is None:
        return None
    text = token.content.removesuffix("\n")
    is_open = token.map[1] - token.map[0] < text.count("\n") + (3 if token.content else 2)
    if is_open:
        return None
    return FormulaBlock(text.strip(), fenced("math", token.content).markdown)


def table_block(tokens: tuple[Token, ...] | list[Token]) -> TableBlock:
    """The table of the tokens from ``table_open`` to ``table_close``."""
    rows: list[tuple[Token, ...]] = []
    row: list[Token] = []
    alignments: list[str] = []
    for token in tokens:
        if token.type == "inline":
            row.append(token)
        elif token.type == "th_open":
            style = str(token.attrs.get("style", ""))
            alignments.append(style.removeprefix("text-align:"))
        elif token.type == "tr_close":
            rows.append(tuple(row))
            row = []
    return TableBlock(tuple(rows), tuple(alignments), _table_markdown(rows, alignments))


def _table_markdown(rows: list[tuple[Token, ...]], alignments: list[str]) -> str:
    marks = {"left": ":---", "center": ":---:", "right": "---:"}
    lines = [
        "| " + " | ".join(cell.content.replace("|", "\\|") for cell in row) + " |" for row in rows
    ]
    lines.insert(1, "| " + " | ".join(marks.get(side, "---") for side in alignments) + " |")
    return "\n".join(lines)
