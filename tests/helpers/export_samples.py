"""Conversations to be exported, and a sink that keeps what is written."""

import struct
import zlib
from collections.abc import Iterable

from hypothesis import strategies as st

from app.attachments.pictures import data_url
from app.engine.entities import SamplingParameters, Timings
from app.export.base import ExportOptions, Format, Given
from app.history.entities import (
    AnswerDetails,
    AttachedText,
    AttachedWay,
    Conversation,
    Message,
    MessageState,
    Role,
)

TIME = 1_800_000_000_000
DETAILS = AnswerDetails(
    model_key="k",
    model_name="Tiny 1B",
    quantization="Q4_K_M",
    is_demo=True,
    sampling=SamplingParameters(temperature=0.25, seed=7),
    timings=Timings(prompt_tokens=30, generated_tokens=12, tokens_per_second=33.5),
)
CHAT = Conversation("c1", "A *title*", "Be brief.", created_ms=TIME, updated_ms=TIME)


class KeptSink:
    """Keeps the bytes; ``stop_at`` raises at that many messages, as a cancel does."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.data = b""
        self.steps = 0
        self.after_stop = 0
        self._stop_at = stop_at
        self._stopped = False

    def write(self, data: bytes) -> None:
        self.after_stop += self._stopped
        self.data += data

    def step(self, messages: int = 0) -> None:
        self.steps += messages
        if self._stop_at is not None and self.steps >= self._stop_at:
            self._stopped = True
            raise InterruptedError


def chain(*messages: Message) -> tuple[Message, ...]:
    """Messages one below the other, with ids and order of their own."""
    made: list[Message] = []
    for number, message in enumerate(messages):
        parent = made[-1].id if made else None
        made.append(placed(message, f"m{number}", parent, number))
    return tuple(made)


def placed(message: Message, name: str, parent: str | None, sequence: int) -> Message:
    return Message(
        name, "c1", parent, message.role, message.text, message.reasoning, message.state,
        TIME + sequence * 60_000, sequence, message.details, attachments=message.attachments,
    )  # fmt: skip


def asked(text: str, *attachments: AttachedText) -> Message:
    return Message("", "c1", None, Role.USER, text, attachments=attachments)


def answered(
    text: str,
    reasoning: str = "",
    details: AnswerDetails | None = DETAILS,
    state: MessageState = MessageState.COMPLETE,
) -> Message:
    return Message("", "c1", None, Role.ASSISTANT, text, reasoning, state, details=details)


def file_of(name: str, text: str, kind: str = "text") -> AttachedText:
    return AttachedText(f"id-{name}", name, kind, len(text), "0" * 64, AttachedWay.WHOLE, "", text)


def png(width: int = 20, height: int = 10) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x20\x60\xa0" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def picture(name: str = "photo.png", data: bytes | None = None) -> AttachedText:
    return file_of(name, data_url(png() if data is None else data), "image")


def given_of(*messages: Message, conversation: Conversation = CHAT) -> Given:
    """A conversation with one branch."""
    made = chain(*messages)
    return Given(conversation, made, tuple(message.id for message in made))


def forked() -> Given:
    """A question with two answers, the second of which goes on."""
    made = (
        placed(asked("Why is the sky blue?"), "q", None, 1),
        placed(answered("Scattering."), "a", "q", 2),
        placed(answered("Because."), "b", "q", 3),
        placed(asked("Really?"), "r", "b", 4),
        placed(answered("Yes."), "y", "r", 5),
    )
    return Given(CHAT, made, ("q", "a"))


def exported(made: Format, given: Given | Iterable[Given], **options: object) -> bytes:
    sink = KeptSink()
    several = [given] if isinstance(given, Given) else given
    made.write(several, ExportOptions(**options), sink)  # type: ignore[arg-type]
    return sink.data


CODES = (
    "def f():\n\treturn 'ä'  \n\n# no heading\n    x",
    "| no | table |\n|---|---|\n$no formula$ <b>&amp;</b>",
    "```\nnested\n```",
    "=cmd|'/C calc'!A0\n{ HYPERLINK \"x\" }",
    "a\n\n\n  b",
)
TABLES = (
    (("a", "b"), ("1", "2"), ("3", "4")),
    (("Name", "Äpfel", "x"), ("<b>", "=1+1", "c & d")),
)
FORMULAS = (
    r"\frac{a}{b} + \sqrt{x}",
    r"\sum_{i=1}^{n} x_i = \int_0^1 f(t)\,dt",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
    r"\nosuchcommand{q}",
)
WORDS = (
    "Plain words.",
    "More *words* with `code` and **bold**.",
    "# A heading",
    "> quoted\n> more",
)


def _fence(code: str) -> str:
    marks = "`" * 4 if "```" in code else "```"
    return f"{marks}python\n{code}\n{marks}"


def _table(rows: tuple[tuple[str, ...], ...]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


PARTS = st.one_of(
    st.sampled_from(CODES).map(lambda code: ("code", code, _fence(code))),
    st.sampled_from(TABLES).map(lambda rows: ("table", rows, _table(rows))),
    st.sampled_from(FORMULAS).map(lambda tex: ("formula", tex, f"$$\n{tex}\n$$")),
    st.sampled_from(WORDS).map(lambda words: ("words", words, words)),
    st.text(st.characters(codec="utf-8", exclude_characters="|$`<>"), max_size=30).map(
        lambda text: ("free", text, text)
    ),
)
"""What it is, what is inside, and its Markdown."""


@st.composite
def texts(draw: st.DrawFn) -> tuple[list[tuple[str, object]], str]:
    """The code, tables and formulas of a text, and the text."""
    parts = draw(st.lists(PARTS, max_size=5))
    known = [(kind, inside) for kind, inside, _source in parts if kind not in ("words", "free")]
    # Nothing that was drawn freely can open or indent what comes after it.
    sources = [
        source.strip().replace("\\", "").replace("~~~", "") if kind == "free" else source
        for kind, _inside, source in parts
    ]
    return known, "\n\n.\n\n".join(sources)
