"""Renders a model's own chat template, which is a program written by a stranger.

Jinja's sandbox keeps it from Python's insides. Beyond that nothing is computed while the
template is compiled (a folded ``10**(10**8)`` would hang the load), operators that can make
huge values are bounded, and the output, the source and (on Linux) the memory are capped.
A template that never ends is ended from outside: the application owns that deadline.
"""

import contextlib
import datetime
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from jinja2 import TemplateError, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, LoopControlExtension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.engine.entities import ChatMessage
from app.engine.errors import RefusedError

MAX_SOURCE_BYTES = 256 * 1024
MAX_OUTPUT_CHARACTERS = 64 * 1024 * 1024
_MAX_REPEATED = 1024 * 1024
_MAX_NUMBER_BITS = 4096
_BEGIN = "Please begin."
_MEMORY_FOR_RENDERING = 1024 * 1024 * 1024


class _RaisedByTemplateError(TemplateError):
    """The template itself called ``raise_exception``."""


class _WithoutFolding(CodeGenerator):
    """Compiles without evaluating anything, so that compiling takes no longer than reading."""

    def _output_child_to_const(
        self, node: nodes.Expr, frame: Any, finalize: Any
    ) -> str:  # the signature of jinja2
        if isinstance(node, nodes.TemplateData):
            return super()._output_child_to_const(node, frame, finalize)
        raise nodes.Impossible()


class _GenerationBlock(Extension):
    """``{% generation %}…{% endgeneration %}`` marks answers for training; the body stays."""

    tags = {"generation"}  # noqa: RUF012 - the type that jinja2 declares

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return the body alone."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Environment(ImmutableSandboxedEnvironment):
    code_generator_class = _WithoutFolding
    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Compute ``left operator right`` unless the result would be enormous."""
        if operator == "**":
            _check_power(left, right)
        else:
            _check_product(left, right)
        return super().call_binop(context, operator, left, right)


def _check_power(base: Any, exponent: Any) -> None:
    if isinstance(base, int) and isinstance(exponent, int):
        if base.bit_length() * max(exponent, 0) > _MAX_NUMBER_BITS:
            raise SecurityError("the power is too large")
    elif not isinstance(base, int | float) or not isinstance(exponent, int | float):
        raise SecurityError("only numbers have powers")


def _check_product(left: Any, right: Any) -> None:
    for one, other in ((left, right), (right, left)):
        if (
            isinstance(one, str | bytes | list | tuple)
            and isinstance(other, int)
            and len(one) * other > _MAX_REPEATED
        ):
            raise SecurityError("the repetition is too long")
    if (
        isinstance(left, int)
        and isinstance(right, int)
        and left.bit_length() + right.bit_length() > _MAX_NUMBER_BITS
    ):
        raise SecurityError("the product is too large")


class ChatTemplate:
    """A compiled chat template. Raises RefusedError where the template cannot be used."""

    def __init__(self, source: bytes | None, tokens: Mapping[str, str], model_name: str) -> None:
        """``tokens`` are template variables such as ``bos_token``."""
        self._name = model_name
        self._tokens = dict(tokens)
        self.source = ""
        self.source = self._decode(source)
        environment = _Environment(
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,
            extensions=[LoopControlExtension, _GenerationBlock],
        )
        environment.filters["tojson"] = _to_json
        environment.globals["raise_exception"] = _raise_exception
        environment.globals["strftime_now"] = _strftime_now
        try:
            with _limited_memory():
                self._template = environment.from_string(self.source)
        except (TemplateError, RecursionError, MemoryError, ValueError, SyntaxError) as error:
            raise self._refusal("engine.template_refused", error) from error

    def render(
        self,
        messages: Sequence[ChatMessage],
        thinking: bool | None = None,
        *,
        asks: bool = True,
    ) -> str:
        """Return the prompt that asks for the next answer, or with ``asks`` False ends before it.

        A template that refuses the system role, or drops it silently, gets the system prompt
        at the head of the first user message instead, with an empty line between them; when
        that is refused too, the first refusal is raised. One that wants the user to speak
        first is given a word of theirs before an opening message.
        """
        try:
            return self._render_whole(messages, thinking, asks)
        except RefusedError:
            begun = _begun_by_user(messages)
            if begun is None:
                raise
            with contextlib.suppress(RefusedError):
                return self._render_whole(begun, thinking, asks)
            raise

    def _render_whole(
        self, messages: Sequence[ChatMessage], thinking: bool | None, asks: bool
    ) -> str:
        system = messages[0].content.strip() if messages and messages[0].role == "system" else ""
        try:
            prompt = self._render(messages, thinking, asks)
        except RefusedError:
            if not system:
                raise
            with contextlib.suppress(RefusedError):
                return self._render(_fold_system(messages), thinking, asks)
            raise
        if system and system not in prompt and _json_text(system) not in prompt:
            return self._render(_fold_system(messages), thinking, asks)
        return prompt

    def _render(self, messages: Sequence[ChatMessage], thinking: bool | None, asks: bool) -> str:
        variables: dict[str, Any] = {
            **self._tokens,
            "messages": [_as_mapping(message) for message in messages],
            "add_generation_prompt": asks,
            "tools": None,
            "documents": None,
        }
        if thinking is not None:
            variables["enable_thinking"] = variables["thinking"] = thinking
        pieces: list[str] = []
        length = 0
        try:
            with _limited_memory():
                for piece in self._template.generate(variables):
                    length += len(piece)
                    if length > MAX_OUTPUT_CHARACTERS:
                        raise SecurityError("the prompt is too long")
                    pieces.append(piece)
                return "".join(pieces)
        # A template can raise whatever Python's operators and methods raise.
        except Exception as error:
            raise self._refusal("engine.template_refused", error) from error

    def _decode(self, source: bytes | None) -> str:
        if not source:
            raise RefusedError("engine.no_template", name=self._name)
        if len(source) > MAX_SOURCE_BYTES:
            raise RefusedError("engine.template_too_large", name=self._name)
        try:
            return source.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._refusal("engine.template_unreadable", error) from error

    def _refusal(self, code: str, error: BaseException) -> RefusedError:
        # The detail goes to a log: words that are not the template's or ours may quote the chat.
        words = str(error)
        is_safe = isinstance(error, SecurityError | TemplateSyntaxError) or words in self.source
        told = f": {words[:500]}" if is_safe else ""
        return RefusedError(code, f"{type(error).__name__}{told}", name=self._name)


def _as_mapping(message: ChatMessage) -> dict[str, str]:
    mapping: dict[str, str] = {"role": message.role, "content": message.content}
    if message.reasoning:
        # Families disagree about the name; each reads its own.
        mapping["reasoning_content"] = mapping["thinking"] = message.reasoning
    return mapping


def _fold_system(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    system, *rest = messages
    if rest and rest[0].role == "user":
        rest[0] = ChatMessage("user", f"{system.content}\n\n{rest[0].content}")
    else:
        rest.insert(0, ChatMessage("user", system.content))
    return rest


def _begun_by_user(messages: Sequence[ChatMessage]) -> list[ChatMessage] | None:
    """The same with a word of the user before an opening message; None without such a message."""
    at = next((n for n, each in enumerate(messages) if each.role != "system"), 0)
    if not messages or messages[at].role != "assistant":
        return None
    return [*messages[:at], ChatMessage("user", _BEGIN), *messages[at:]]


def _json_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _to_json(
    value: Any,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
    ensure_ascii: bool = False,
) -> str:
    """As in Hugging Face's templates: jinja's own filter would escape HTML."""
    return json.dumps(
        value,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
        ensure_ascii=ensure_ascii,
    )


def _raise_exception(message: str) -> NoReturn:
    raise _RaisedByTemplateError(str(message))


def _strftime_now(form: str) -> str:
    return datetime.datetime.now().strftime(form)


@contextlib.contextmanager
def _limited_memory() -> Iterator[None]:
    """Let a template that doubles text for ever run out of room before the computer does."""
    if sys.platform != "linux":
        yield
        return
    import resource
    from pathlib import Path

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + _MEMORY_FOR_RENDERING
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    if soft != resource.RLIM_INFINITY:
        limit = min(limit, soft)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
