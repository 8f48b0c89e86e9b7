"""Footnotes as markdown-it rules: ``[^name]`` in the text, ``[^name]: …`` where they stand.

They are numbered in the order in which the text refers to them. A name that nothing defines
stays text.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

_DEFINITION = re.compile(r"\[\^([^\s\]\[^]{1,40})\]:")
_REFERENCE = re.compile(r"\[\^([^\s\]\[^]{1,40})\]")
_NUMBERS = "footnotes"
"""Key of the environment of one parsing: name -> number, 0 while nothing refers to it.

The empty name, which no footnote has, counts them.
"""
_INDENT = 4


def add_footnotes(markdown: MarkdownIt) -> None:
    """Teach ``markdown`` footnotes: ``footnote_ref``, ``footnote_open``, ``footnote_close``."""
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference"]}
    markdown.block.ruler.before("reference", "footnote", _definition, interrupts)
    markdown.inline.ruler.before("link", "footnote_ref", _reference)


def footnote_number(environment: dict[str, dict[str, int]], name: str) -> int:
    """The number of a footnote after parsing, 0 if nothing refers to it."""
    return environment.get(_NUMBERS, {}).get(name, 0)


def _definition(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    if state.is_code_block(start_line):
        return False
    begin = state.bMarks[start_line] + state.tShift[start_line]
    found = _DEFINITION.match(state.src, begin, state.eMarks[start_line])
    if found is None:
        return False
    if silent:
        return True
    state.env.setdefault(_NUMBERS, {"": 0}).setdefault(found[1], 0)
    token = state.push("footnote_open", "", 1)
    token.meta = {"name": found[1]}
    token.map = lines = [start_line, start_line + 1]
    text = found.end()
    while text < state.eMarks[start_line] and state.src[text] in " \t":
        text += 1
    kept = (
        state.bMarks[start_line],
        state.tShift[start_line],
        state.sCount[start_line],
        state.blkIndent,
        state.parentType,
    )
    # As if the line began with the text, and at the indent that the note's other lines have.
    state.bMarks[start_line] = text
    state.tShift[start_line] = 0
    state.sCount[start_line] = state.blkIndent + _INDENT
    state.blkIndent += _INDENT
    state.parentType = "footnote"
    if text < state.eMarks[start_line]:
        state.md.block.tokenize(state, start_line, end_line)
    else:
        state.line = start_line + 1
    (
        state.bMarks[start_line],
        state.tShift[start_line],
        state.sCount[start_line],
        state.blkIndent,
        state.parentType,
    ) = kept
    lines[1] = state.line
    state.push("footnote_close", "", -1)
    return True


def _reference(state: StateInline, silent: bool) -> bool:
    found = _REFERENCE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    numbers: dict[str, int] = state.env.get(_NUMBERS, {})
    number = numbers.get(found[1])
    if number is None:
        return False
    if not silent:
        first = number == 0
        if first:
            number = numbers[found[1]] = numbers[""] = numbers[""] + 1
        token = state.push("footnote_ref", "", 0)
        token.meta = {"number": number, "first": first}
        token.content = found[0]
    state.pos = found.end()
    return True
