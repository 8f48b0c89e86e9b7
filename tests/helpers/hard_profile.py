"""The hard profile: what every screenshot and every scripted check of the window is made from.

60 chats with German and Chinese titles of 90 characters, 14 models, and one long conversation
with a code block of 300 lines and a table of 12 columns.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.engine.entities import Timings
from app.history.entities import AnswerDetails, Conversation, Message, MessageState, Role
from app.history.organised import Deleted, DeletedKind, Folder, Listed
from app.history.repository import History
from app.logged_request import Ending, LoggedRequest
from models.http_clients import Purpose
from ui.item_models.model_list_model import ModelRow

NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
"""Every profile is the same, so that screenshots can be compared."""

LONG_CONVERSATION = "hard-00"

_TITLES = (
    "Why does my sourdough sink?",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen: Herkunft, Länge und Schreibweise",
    "为什么混合专家模型在普通电脑上运行得比同样大小的稠密模型快得多而且还可以把大部分权重放在内存里面"
    "同时只把注意力层和共享专家留在显卡上面从而在有限的显存中得到令人满意的回答速度呢请详细地解释",
    "Refactor the parser",
    "Trip to Lisbon in May",
    "Überblick über die Rechtsschutzversicherungsgesellschaften im deutschsprachigen Raum, kurz",
    "SQL: running totals without window functions",
    "翻译这封邮件",
    "Bedtime story about a lighthouse that was afraid of the dark and the gull who stayed",
    "What is a tied embedding?",
    "Regex for ISO 8601 durations, with weeks",
    "Names for a small bookshop",
)

_DETAILS = (
    "12 of 48 expert layers on RTX 4060, 36 in RAM, 9–12 tok/s, 16k",
    "All of it on RTX 4060, 38–49 tok/s, 32k",
    "",
    "11 of 94 expert layers on computer 192.168.178.201:50052, 83 in RAM, 2.1–2.9 tok/s, 16k",
    "Too large: 359 GiB are missing, 0.03–0.05 tok/s, 32k",
)
"""Of one model nothing is known yet."""


def conversations() -> list[Conversation]:
    """60 chats, newest first, from today to a year ago."""
    chats = []
    for number in range(60):
        hours = number * 3 if number < 12 else 36 + (number - 12) ** 2 * 4
        moment = round((NOW - timedelta(hours=hours)).timestamp() * 1000)
        chats.append(
            Conversation(
                id=f"hard-{number:02}",
                title=_TITLES[number % len(_TITLES)],
                created_ms=moment,
                updated_ms=moment,
                sequence=1000 - number,
                leaf_id=f"hard-message-{number:02}",
            )
        )
    return chats


def listed() -> list[Listed]:
    """The same as a list has them, in no folder."""
    return [
        Listed(
            id=chat.id, title=chat.title, folder_id=None, pinned=False, model_key=chat.model_key,
            created_ms=chat.created_ms, updated_ms=chat.updated_ms, sequence=chat.sequence,
        )
        for chat in conversations()
    ]  # fmt: skip


def organised() -> tuple[list[Listed], list[Folder]]:
    """Two of them pinned, and some in folders with long names; one folder is empty."""
    names = (
        "Kitchen",
        "Rechtsschutzversicherungen im deutschsprachigen Raum",
        "旅行",
        "Nothing yet",
    )
    folders = [Folder(f"folder-{n}", name, created_ms=0, count=0) for n, name in enumerate(names)]
    chats = [
        replace(
            chat,
            pinned=number in (4, 9),
            folder_id=f"folder-{number % 5}" if number % 5 < 3 else None,
        )
        if number < 20
        else chat
        for number, chat in enumerate(listed())
    ]
    return chats, folders


def deleted() -> list[Deleted]:
    """One of every kind in the trash, and more chats."""
    now = round(NOW.timestamp() * 1000)
    day = 86_400_000
    kinds = (
        (DeletedKind.CONVERSATION, _TITLES[1], 1), (DeletedKind.FOLDER, "Kitchen", 12),
        (DeletedKind.MESSAGE, "It depends on how much is read per token. So a large model", 7),
        (DeletedKind.PRESET, "Careful editor", 1), (DeletedKind.PROMPT, "Summarise for a child", 1),
        (DeletedKind.CONVERSATION, _TITLES[2], 1), (DeletedKind.CONVERSATION, "", 1),
    )  # fmt: skip
    return [
        Deleted(
            kind, f"deleted-{number}", name, count, now - number * 4 * day,
            now - number * 4 * day + 30 * day,
        )
        for number, (kind, name, count) in enumerate(kinds)
    ]  # fmt: skip


def trashed() -> list[Conversation]:
    """Three chats in the trash."""
    moment = round(NOW.timestamp() * 1000)
    return [
        Conversation(id=f"gone-{number}", title=_TITLES[number], sequence=number, trashed_ms=moment)
        for number in range(3)
    ]


def models() -> list[ModelRow]:
    """14 models; the second is loaded, the last is the demo."""
    names = (
        ("Qwen3-30B-A3B-Instruct-2507", "Q4_K_M", 18_600_000_000),
        ("gpt-oss-20b", "MXFP4", 12_100_000_000),
        ("DeepSeek-V2-Lite-Chat-with-a-name-that-goes-on-far-beyond-any-column", "IQ4_XS", 8.6e9),
        ("OLMoE-1B-7B-0924-Instruct", "Q4_K_M", 4_200_000_000),
        ("GLM-4.5-Air", "Q2_K", 45_100_000_000),
        ("Mixtral-8x7B-Instruct-v0.1", "Q5_K_M", 32_200_000_000),
    )
    rows = [
        ModelRow(
            key=f"model-{number}",
            name=names[number % len(names)][0],
            quantization=names[number % len(names)][1],
            size=round(names[number % len(names)][2]),
            is_loaded=number == 1,
            detail=_DETAILS[number % len(_DETAILS)],
        )
        for number in range(13)
    ]
    return [*rows, ModelRow("demo", "SmolLM2-135M-Instruct", "Q4_1", 98_000_000, is_demo=True)]


def requests(count: int = 400) -> list[LoggedRequest]:
    """Requests for everything, to hosts with long names, with every end, oldest first."""
    purposes, endings = tuple(Purpose), tuple(Ending)
    hosts = ("huggingface.co", "cas-bridge-with-a-very-long-name.eu-central-1.xethub.hf.co")
    began = round(NOW.timestamp() * 1000) - count * 61_000
    return [
        LoggedRequest(
            id=f"request-{number:04}",
            time_ms=began + number * 61_000,
            purpose=purposes[number % len(purposes)],
            method="GET",
            host=hosts[number % 3 == 0],
            path="/unsloth/DeepSeek-V3-GGUF/resolve/" + "0123456789abcdef" * 2,
            status=(200, 206, 302, 404, 0)[number % 5],
            received_bytes=number**3 * 97,
            ending=endings[number % len(endings)],
        )
        for number in range(count)
    ]


def further_folders() -> tuple[str, ...]:
    """Two folders with models, one of them far down."""
    return "/media/anna/External drive/models", "/mnt/" + "a-folder-in-a-folder/" * 8 + "models"


def code_block(lines: int = 300) -> str:
    """Python of so many lines, some of them long."""
    body = [
        f"    total_{n} = sum(value * {n} for value in values if value % {n + 1} == 0)"
        + ("  # " + "a very long remark that needs the scroll bar " * 3 if n % 50 == 0 else "")
        for n in range(lines - 1)
    ]
    return "\n".join(["def totals(values: list[int]) -> None:", *body])


def table(columns: int = 12, rows: int = 6) -> str:
    """A Markdown table with so many columns."""
    lines = [
        "| " + " | ".join(f"Column number {n}" for n in range(1, columns + 1)) + " |",
        "|" + " --- |" * columns,
    ]
    lines += [
        "| " + " | ".join(f"{row * column:,} MiB" for column in range(1, columns + 1)) + " |"
        for row in range(1, rows + 1)
    ]
    return "\n".join(lines)


def long_conversation(turns: int = 30) -> list[Message]:
    """Questions and answers in one branch; the code block and the table are near the end."""
    messages: list[Message] = []
    moment = round(NOW.timestamp() * 1000)
    for turn in range(turns):
        question = f"Question {turn + 1}: " + _TITLES[turn % len(_TITLES)]
        answer = (
            "It depends on **how much** is read per token.\n\n"
            "- *Attention* is read every time.\n- Of the experts, `8 of 128` are.\n\n"
            "So a large model can be fast, and this paragraph goes on for a while to show "
            "how a longer line of thought is set in the column."
        )
        if turn == turns - 2:
            answer = "Here it is:\n\n```python\n" + code_block() + "\n```\n\nThat is all."
        if turn == turns - 1:
            answer = "As a table:\n\n" + table() + "\n\nThe last column is the largest."
        for role, text in ((Role.USER, question), (Role.ASSISTANT, answer)):
            number = len(messages)
            is_answer = role is Role.ASSISTANT
            messages.append(
                Message(
                    id=f"hard-message-{number:03}",
                    conversation_id=LONG_CONVERSATION,
                    parent_id=messages[-1].id if messages else None,
                    role=role,
                    text=text,
                    state=MessageState.COMPLETE,
                    created_ms=moment + number,
                    sequence=number + 1,
                    details=_details() if is_answer else None,
                )
            )
    return messages


class ProfileClock:
    """The clock of a history that the profile is written through."""

    def __init__(self) -> None:
        self.now_ms = round(NOW.timestamp() * 1000)

    def __call__(self) -> int:
        return self.now_ms


def write(history: History, clock: ProfileClock) -> None:
    """Write everything through a real history that was made with ``clock``, oldest first.

    The writes are on their way when this returns; close the database or wait for a later one.
    """
    for conversation in reversed(conversations()):
        clock.now_ms = conversation.updated_ms
        if conversation.id == LONG_CONVERSATION:
            _write_turns(history, replace(conversation, leaf_id=None))
        else:
            history.create(replace(conversation, leaf_id=None))
    gone = trashed()
    for conversation in gone:
        history.create(replace(conversation, trashed_ms=None))
    history.trash([conversation.id for conversation in gone])


def _write_turns(history: History, conversation: Conversation) -> None:
    messages = long_conversation()
    for user, answer in zip(messages[::2], messages[1::2], strict=True):
        begun = replace(answer, text="", state=MessageState.STREAMING)
        history.begin_turn(conversation, user, begun)
        history.finish_answer(answer.id, answer.text, "", MessageState.COMPLETE, answer.details)


def _details() -> AnswerDetails:
    return AnswerDetails(
        model_key="model-1",
        model_name="gpt-oss-20b",
        quantization="MXFP4",
        stop_reason="stop",
        timings=Timings(
            prompt_tokens=812, generated_tokens=412, tokens_per_second=10.4, prompt_seconds=3.1
        ),
    )
