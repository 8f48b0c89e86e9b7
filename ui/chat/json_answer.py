"""Answers that a JSON Schema was asked of: shown as code, and said whether they fit."""

import json
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from app.engine.schema_check import Checked, check_answer
from app.history.entities import Message, MessageState
from ui.chat.phases import Notice
from ui.sentences import say

translate = QCoreApplication.translate

_FENCE = "````"
_REMEMBERED = 32
"""Answers: a message is looked at with every change of its footer."""


def is_json(message: Message) -> bool:
    """Whether the answer was made to fit a schema."""
    sampling = message.details.sampling if message.details else None
    return sampling is not None and bool(sampling.json_schema)


def shown_text(message: Message) -> str:
    """The answer as it is laid out: JSON as one block of code, indented when it is complete."""
    if not is_json(message) or not message.text:
        return message.text
    begun = f"{_FENCE}json\n"
    if message.state is MessageState.STREAMING:
        return begun + message.text
    checked = _checked(message)
    text = message.text.strip()
    if checked.verdict != "not_json":
        text = json.dumps(checked.value, indent=2, ensure_ascii=False)
    return f"{begun}{text}\n{_FENCE}"


def verdict_words(message: Message) -> str:
    """Said beside the figures of an answer that fits; empty for others."""
    if not _is_to_check(message) or _checked(message).verdict != "fits":
        return ""
    return translate("answer", "JSON, fits the schema")


def misfit_notice(message: Message) -> Notice | None:
    """What is wrong with an answer that does not fit its schema."""
    if not _is_to_check(message):
        return None
    checked = _checked(message)
    if checked.verdict == "not_json":
        return Notice(say("schema.cut_off"))
    if checked.verdict == "misfit":
        return Notice(say("schema.misfit", {"where": checked.where[-40:]}))
    return None


def _is_to_check(message: Message) -> bool:
    return is_json(message) and message.state is MessageState.COMPLETE and bool(message.text)


def _checked(message: Message) -> Checked:
    assert message.details is not None
    assert message.details.sampling is not None
    return _check(message.details.sampling.json_schema, message.text)


_check = lru_cache(_REMEMBERED)(check_answer)
