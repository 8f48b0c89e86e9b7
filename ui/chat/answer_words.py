"""How an answer came about, in words: its end, its figures, and where its model ran."""

import re

from PySide6.QtCore import QCoreApplication

from app.engine.entities import Plan, Timings
from app.history.entities import AnswerDetails, Message, MessageState
from app.placement.engine_plan import EXPERTS
from ui.chat.figures import duration, exact_seconds, grouped, speed
from ui.chat.markdown.inline import printable
from ui.placement.words import tokens_short

_LAYERS = re.compile(r"^blk\\\.\(([\d|]+)\)")
_LENT = re.compile(r"RPC(\d+)")

translate = QCoreApplication.translate

Row = tuple[str, str]
"""A label and what it stands for."""


def end_words(message: Message) -> str:
    """Why the answer ended where it does; "" while it is being written."""
    details = message.details
    if message.state is MessageState.STREAMING:
        return ""
    if message.state is MessageState.FAILED:
        return translate("answer", "There is no answer")
    if message.state is MessageState.INTERRUPTED:
        return translate("answer", "Stopped before it was finished")
    match details.stop_reason if details else None:
        case "stop":
            return translate("answer", "The model had finished")
        case "stop_string":
            return translate("answer", "A stop word came")
        case "cancelled":
            return translate("answer", "Stopped by you")
        case "length":
            return _length_words(details)
        case "loop":
            return translate("answer", "Ended by the loop guard")
        case "error":
            return translate("answer", "Stopped before it was finished")
    return ""


def _length_words(details: AnswerDetails | None) -> str:
    limit = details.sampling.max_tokens if details and details.sampling else None
    timings = details.timings if details else None
    if limit is not None and timings is not None and timings.generated_tokens >= limit:
        return translate("answer", "Your limit of {count} tokens was reached").format(
            count=grouped(limit)
        )
    return translate("answer", "The context window was full")


def plan_words(plan: Plan | None) -> str:
    """Where the model ran: "Experts of 36 layers in RAM, the rest on CUDA0"; "" if not known."""
    if plan is None:
        return ""
    if not plan.devices:
        return translate("answer", "On the processor")
    where = _joined([_device_words(name, plan) for name in plan.devices])
    for override in plan.overrides:
        return _override_words(override.pattern, where)
    return translate("answer", "{count} layers on {where}").format(
        count=grouped(plan.gpu_layers), where=where
    )


def _override_words(pattern: str, where: str) -> str:
    """What the engine was told to keep in main memory."""
    found = _LAYERS.match(pattern)
    is_experts = EXPERTS in pattern
    if found is None:
        text = (
            translate("answer", "Experts in RAM, the rest on {where}")
            if is_experts
            else translate("answer", "Partly on {where}")
        )
        return text.format(where=where)
    count = found.group(1).count("|") + 1
    if is_experts:
        text = translate("answer", "Experts of {count} layers in RAM, the rest on {where}")
    else:
        text = translate(
            "answer", "Feed-forward parts of {count} layers in RAM, the rest on {where}"
        )
    return text.format(count=grouped(count), where=where)


def _device_words(name: str, plan: Plan) -> str:
    lent = _LENT.fullmatch(name)
    if lent is not None and int(lent.group(1)) < len(plan.rpc_hosts):
        host = plan.rpc_hosts[int(lent.group(1))]
        return translate("answer", "computer {host}").format(host=host)
    return name


def _joined(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return translate("answer", "{names} and {last}").format(
        names=", ".join(names[:-1]), last=names[-1]
    )


def detail_rows(message: Message) -> list[Row]:
    """Everything that is known about how an answer came about; what is not known is left out."""
    details = message.details
    if details is None:
        return []
    rows = [
        (translate("answer", "Model"), printable(details.model_name)),
        (translate("answer", "Quantization"), printable(details.quantization)),
        (translate("answer", "Where it ran"), _place_words(details.plan)),
        *_timing_rows(details.timings),
        (translate("answer", "Choice of words"), _sampling_words(details)),
        (translate("answer", "How it ended"), end_words(message)),
        (translate("answer", "Left out"), _left_out_words(details.left_out)),
    ]
    return [(label, words) for label, words in rows if words]


def _place_words(plan: Plan | None) -> str:
    if plan is None:
        return ""
    words = translate("answer", "{place}, context of {count} tokens").format(
        place=plan_words(plan), count=tokens_short(plan.context_tokens)
    )
    if plan.kv_type != "f16":
        words = translate("answer", "{words}, cache in {precision}").format(
            words=words, precision=plan.kv_type
        )
    return words


def _timing_rows(timings: Timings | None) -> list[Row]:
    if timings is None or not timings.generated_tokens:
        return []
    tokens = grouped(timings.generated_tokens)
    if timings.reasoning_tokens:
        tokens = translate("answer", "{count}, of which {thought} in {time} of thinking").format(
            count=tokens,
            thought=grouped(timings.reasoning_tokens),
            time=duration(timings.reasoning_seconds),
        )
    read = timings.prompt_tokens - timings.reused_tokens
    question = translate("answer", "{count} tokens, {read} of them read anew").format(
        count=grouped(timings.prompt_tokens), read=grouped(read)
    )
    if timings.prompt_tokens_per_second:
        question = translate("answer", "{question}, {speed}").format(
            question=question, speed=speed(timings.prompt_tokens_per_second)
        )
    first = timings.seconds_to_first_token
    rate = timings.tokens_per_second
    return [
        (
            translate("answer", "First token"),
            translate("answer", "after {time}").format(time=exact_seconds(first)) if first else "",
        ),
        (translate("answer", "Speed"), speed(rate) if rate else ""),
        (translate("answer", "Tokens"), tokens),
        (translate("answer", "What it read"), question if timings.prompt_tokens else ""),
    ]


def _left_out_words(count: int) -> str:
    if not count:
        return ""
    if count == 1:
        return translate("answer", "1 earlier message, for want of room")
    return translate("answer", "{count} earlier messages, for want of room").format(
        count=grouped(count)
    )


def _sampling_words(details: AnswerDetails) -> str:
    sampling = details.sampling
    if sampling is None:
        return ""
    words = translate("answer", "temperature {number}").format(
        number=format(sampling.temperature, "g")
    )
    if sampling.seed is not None:
        words = translate("answer", "{words}, seed {seed}").format(words=words, seed=sampling.seed)
    return words
