"""TeX delimiters as markdown-it rules: ``$…$``, ``$$…$$``, ``\\(…\\)``, ``\\[…\\]``.

What is open stays text until it closes. A displayed formula that begins a line is a block of its
own; as it contains no empty line, a growing text never changes a block that is finished.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

LONGEST_INLINE = 10_000
"""Characters between two delimiters."""
_OPENERS = {"$$": "$$", "\\[": "\\]"}
_MONEY = re.compile(r"\d[\d.,]*\s+[A-Za-z]{2,}")
_ENDING = re.compile(r"(?:th|st|nd|rd|s|D)?(?![A-Za-z0-9])")
"""What may follow a formula without a space: the $n$th."""


def add_math(markdown: MarkdownIt) -> None:
    """Teach ``markdown`` formulas: tokens ``math_inline`` and ``math_block``."""
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    markdown.block.ruler.before("fence", "math_block", _block, interrupts)
    markdown.inline.ruler.before("escape", "math_inline", _inline)


# --- displayed ------------------------------------------------------------------------------
def _block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    if state.is_code_block(start_line):
        return False
    first = _line(state, start_line)
    opener = first[:2]
    closer = _OPENERS.get(opener)
    if closer is None:
        return False
    if silent:
        return True
    at = first.find(closer, 2)
    if at >= 0 and first[at + 2 :].strip():
        return False  # A paragraph that begins with a formula.
    last, closed = start_line, at >= 0
    lines = [first[2:at] if closed else first[2:]]
    while not closed and last + 1 < end_line and not _ends(state, last + 1):
        last += 1
        line = _line(state, last)
        at = line.find(closer)
        if at >= 0 and not line[at + 2 :].strip():
            closed = True
            line = line[:at]
        elif at >= 0:
            return _as_paragraph(state, start_line, end_line)
        lines.append(line)
    if not closed:
        return _as_paragraph(state, start_line, end_line)
    state.line = last + 1
    token = state.push("math_block", "math", 0)
    token.block = True
    token.markup = opener
    token.content = "\n".join(lines).strip()
    token.map = [start_line, state.line]
    return True


def _as_paragraph(state: StateBlock, start_line: int, end_line: int) -> bool:
    """Everything up to the next empty line: whatever it holds may still become the formula."""
    last = start_line + 1
    while last < end_line and not _ends(state, last):
        last += 1
    state.line = last
    token = state.push("paragraph_open", "p", 1)
    token.map = [start_line, last]
    token = state.push("inline", "", 0)
    token.content = "\n".join(_line(state, line) for line in range(start_line, last))
    token.map = [start_line, last]
    token.children = []
    state.push("paragraph_close", "p", -1)
    return True


def _ends(state: StateBlock, line: int) -> bool:
    return state.isEmpty(line) or state.sCount[line] < state.blkIndent


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()


# --- in a line ------------------------------------------------------------------------------
def _inline(state: StateInline, silent: bool) -> bool:
    source, begin = state.src, state.pos
    two = source[begin : begin + 2]
    if two in ("\\(", "\\["):
        opener, closer = two, "\\)" if two == "\\(" else "\\]"
    elif two == "$$":
        opener = closer = "$$"
    elif two[:1] == "$":
        opener = closer = "$"
    else:
        return False
    inside = begin + len(opener)
    limit = min(state.posMax, inside + LONGEST_INLINE)
    end = _closing(source, closer, inside, limit)
    if end < 0 or not source[inside:end].strip():
        return False
    content = source[inside:end]
    if opener == "$" and not _is_formula(source, begin, end, content):
        return False
    if opener == "\\[" and source[end + 2 : end + 3] == "(":
        return False  # Escaped brackets before an address.
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.markup = opener
        token.content = content.strip()
        token.meta["source"] = source[begin : end + len(closer)]
    state.pos = end + len(closer)
    return True


def _closing(source: str, closer: str, begin: int, limit: int) -> int:
    """Where the formula ends, -1 if it does not; an escaped dollar does not end it."""
    end = source.find(closer, begin, limit)
    while closer[0] == "$" and end > 0 and source[end - 1] == "\\":
        end = source.find(closer, end + 1, limit)
    return end


def _is_formula(source: str, begin: int, end: int, content: str) -> bool:
    """Whether single dollars hold a formula: "$5 and $6" and "$HOME/$USER" do not."""
    if content[0].isspace() or content[-1].isspace() or "`" in content or _MONEY.match(content):
        return False
    if "\\" in content:
        return True
    before = source[begin - 1 : begin]
    if before and before.isascii() and before.isalnum():
        return False
    return _ENDING.match(source, end + 1) is not None


def closing_delimiter(opener: str) -> str:
    """What ends a formula that ``opener`` begins."""
    return {"\\(": "\\)", "\\[": "\\]"}.get(opener, opener)
