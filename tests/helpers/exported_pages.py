"""Exported HTML pages: made from texts, and read by an HTML parser that is not ours."""

from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

from app.export.base import ExportOptions, Given
from app.export.html import HtmlFormat
from app.history.entities import AnswerDetails, Conversation, Message, Role

DETAILS = AnswerDetails(model_key="k", model_name="Tiny 1B", quantization="Q4_K_M")


class Gathered:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.messages = 0
        self.calls = 0

    def write(self, data: bytes) -> None:
        self.pieces.append(data)

    def step(self, messages: int = 0) -> None:
        self.calls += 1
        self.messages += messages

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces)


def chat(*texts: str, title: str = "A chat", **fields: Any) -> Given:
    """Questions and answers in turn."""
    messages: list[Message] = []
    for number, text in enumerate(texts):
        parent = messages[-1].id if messages else None
        role = Role.ASSISTANT if number % 2 else Role.USER
        details = DETAILS if role is Role.ASSISTANT else None
        messages.append(Message(f"i{number}", "c1", parent, role, text, details=details))
    return given(messages, title=title, **fields)


def given(messages: Sequence[Message], branch: Sequence[str] | None = None, **fields: Any) -> Given:
    """A conversation of these messages; all of them are the branch unless it is told."""
    told = {"title": "A chat", "created_ms": 1_800_000_000_000, **fields}
    conversation = Conversation("c1", **told)
    shown = tuple(each.id for each in messages) if branch is None else tuple(branch)
    return Given(conversation=conversation, messages=tuple(messages), branch=shown)


def page_of(exported: Given, made: HtmlFormat | None = None, **options: Any) -> str:
    """The page as text."""
    sink = Gathered()
    (made or HtmlFormat()).write([exported], ExportOptions(**options), sink)
    return sink.data.decode()


def parsed(page: str) -> Element:
    """The page's elements, as a browser's parser makes them; ``html`` is the first."""
    root: Element = html5lib.parse(page, treebuilder="etree", namespaceHTMLElements=False)
    return root


def text_of(element: Element) -> str:
    """All text in it."""
    return "".join(element.itertext())


def having(root: Element, tag: str, name: str = "") -> list[Element]:
    """Elements of that tag, and of that class where one is told."""
    return [
        each for each in root.iter(tag) if not name or name in (each.get("class") or "").split()
    ]


def code_blocks(root: Element) -> Iterator[tuple[str, str]]:
    """Language and text of every block of code, formulas that were refused aside."""
    for block in root.iter("pre"):
        code = block.find("code")
        if code is not None and "tex" not in (block.get("class") or "").split():
            yield block.get("data-language", ""), text_of(code)


def tables(root: Element) -> list[list[list[str]]]:
    """The text of every cell, row by row."""
    return [
        [[text_of(cell) for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
        for table in root.iter("table")
    ]
