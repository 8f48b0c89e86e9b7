"""Takes the folded blocks out of an answer of Open WebUI: reasoning, tools, code that was run."""

import html
import re
from typing import Final

from app.imports.pieces import Draft

_BEGIN = re.compile(
    r'^<details type="(reasoning|tool_calls|code_interpreter)"((?:\s+[\w-]{1,40}="[^"]*")*)\s*>\n?',
    re.M,
)
_END: Final = "</details>"
_SUMMARY = re.compile(r"\A\s*<summary>[^<]*</summary>\n?")
_ATTRIBUTE = re.compile(r'([\w-]{1,40})="([^"]*)"')
_QUOTED = re.compile(r"^(?:>|&gt;) ?", re.M)


def split_details(words: str, draft: Draft) -> str:
    """The answer without its folded blocks, which are added to the draft's reasoning."""
    kept: list[str] = []
    at = 0
    while match := _BEGIN.search(words, at):
        end = words.find(_END, match.end())
        if end < 0:
            # It was cut off in here, or these are words about such blocks.
            break
        kept.append(words[at : match.start()])
        attributes = dict(_ATTRIBUTE.findall(match[2]))
        _take(match[1], attributes, words[match.end() : end], draft)
        at = end + len(_END)
    if not kept:
        return words
    kept.append(words[at:])
    return "\n\n".join(each.strip("\n") for each in kept if each.strip())


def _take(kind: str, attributes: dict[str, str], inside: str, draft: Draft) -> None:
    body = _SUMMARY.sub("", inside).strip("\n")
    if kind == "reasoning":
        draft.reasoning.append(_unquoted(body))
    elif kind == "tool_calls":
        called = html.unescape(attributes.get("name", ""))
        draft.tool_call(called, html.unescape(attributes.get("arguments", "")))
        if answer := attributes.get("result", ""):
            draft.tool_answer(called, html.unescape(answer))
    else:
        draft.reasoning.append(body)
        if output := attributes.get("output", ""):
            draft.tool_answer("code_interpreter", html.unescape(output))


def _unquoted(body: str) -> str:
    """Reasoning without the marks of a quotation, if every line has one."""
    lines = [line for line in body.splitlines() if line]
    if not lines or not all(_QUOTED.match(line) for line in lines):
        return body
    escaped = all(line.startswith("&gt;") for line in lines)
    words = _QUOTED.sub("", body)
    return html.unescape(words) if escaped else words
