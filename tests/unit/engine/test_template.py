"""Strangers' chat templates: what real ones need works, what hostile ones try does not."""

import json
import sys
import time

import pytest
from jinja2.defaults import DEFAULT_FILTERS

from app.engine.entities import ChatMessage
from app.engine.errors import RefusedError
from app.engine.template import MAX_OUTPUT_CHARACTERS, MAX_SOURCE_BYTES, ChatTemplate

TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
HELLO = [ChatMessage("user", "Hello")]
WITH_SYSTEM = [ChatMessage("system", "Be brief."), *HELLO]


def render(
    source: str, messages: list[ChatMessage] | None = None, thinking: bool | None = None
) -> str:
    return ChatTemplate(source.encode(), TOKENS, "m.gguf").render(messages or HELLO, thinking)


def refusal(source: bytes | None, messages: list[ChatMessage] | None = None) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        ChatTemplate(source, TOKENS, "m.gguf").render(messages or HELLO)
    assert caught.value.facts["name"] == "m.gguf"
    return caught.value


# --- what real templates use -------------------------------------------------------------------


def test_messages_tokens_and_generation_prompt() -> None:
    source = """{{ bos_token }}{% for message in messages %}
    {%- if loop.index0 % 2 == 0 %}[{{ message['role'] }}]{{ message.content | trim }}{% endif %}
{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}{{ eos_token }}"""
    assert render(source, [ChatMessage("user", " hi ")]) == "<s>[user]hi[assistant]</s>"


def test_blocks_are_trimmed() -> None:
    assert render("{% if true %}\n  {% set a = 1 %}\nx\n{% endif %}\n") == "x\n"


def test_loop_controls_namespace_and_generation_block() -> None:
    source = (
        "{% set ns = namespace(n=0) %}{% for i in range(9) %}{% if i == 2 %}{% continue %}"
        "{% endif %}{% if i == 5 %}{% break %}{% endif %}{% set ns.n = ns.n + i %}{% endfor %}"
        "{% generation %}{{ ns.n }}{% endgeneration %}"
    )
    assert render(source) == "8"


def test_tools_are_none_and_not_undefined() -> None:
    assert render("{% if tools is not none %}tools{% endif %}") == ""


def test_json_is_not_escaped_for_html() -> None:
    source = "{{ {'b': '<é>', 'a': [1]} | tojson }}"
    assert json.loads(render(source)) == {"b": "<é>", "a": [1]}
    assert "<é>" in render(source)


def test_date() -> None:
    assert render("{{ strftime_now('%Y') }}") in (
        time.strftime("%Y"),
        str(int(time.strftime("%Y")) - 1),
    )


def test_thinking_is_given_only_when_chosen() -> None:
    source = "{{ enable_thinking if enable_thinking is defined else 'unset' }}"
    assert [render(source, thinking=value) for value in (None, True, False)] == [
        "unset",
        "True",
        "False",
    ]


def test_reasoning_reaches_the_template() -> None:
    messages = [*HELLO, ChatMessage("assistant", "4", "2 and 2"), *HELLO]
    assert render("{{ messages[1].reasoning_content }}", messages) == "2 and 2"


# --- the system role ---------------------------------------------------------------------------

_PLAIN = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"


def test_a_refused_system_role_is_folded_into_the_first_question() -> None:
    source = "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}" + _PLAIN
    assert render(source, WITH_SYSTEM) == "<user>Be brief.\n\nHello"


def test_a_dropped_system_prompt_is_folded_too() -> None:
    source = (
        "{% for m in messages if m.role != 'system' %}<{{ m.role }}>{{ m.content }}{% endfor %}"
    )
    assert render(source, WITH_SYSTEM) == "<user>Be brief.\n\nHello"


def test_an_accepted_system_role_stays() -> None:
    assert render(_PLAIN, WITH_SYSTEM) == "<system>Be brief.<user>Hello"


def test_what_is_refused_without_a_system_role_is_refused() -> None:
    error = refusal(b"{{ raise_exception('roles must alternate') }}", WITH_SYSTEM)
    assert error.code == "engine.template_refused"
    assert "roles must alternate" in error.detail


# --- what hostile templates try ----------------------------------------------------------------


def test_the_reason_of_a_refusal_quotes_nobody() -> None:
    template = ChatTemplate(b"{{ raise_exception('no: ' ~ messages[0].content) }}", {}, "m.gguf")
    with pytest.raises(RefusedError) as caught:
        template.render([ChatMessage("user", "my secret")])
    assert "secret" not in caught.value.detail


@pytest.mark.parametrize("source", [None, b""])
def test_no_template_is_said_and_nothing_is_guessed(source: bytes | None) -> None:
    assert refusal(source).code == "engine.no_template"


def test_too_large_and_unreadable_sources() -> None:
    assert refusal(b" " * (MAX_SOURCE_BYTES + 1)).code == "engine.template_too_large"
    assert refusal(b"{{ '\xff' }}").code == "engine.template_unreadable"


@pytest.mark.parametrize(
    "source",
    [
        "{{ 10**(10**8) }}",
        "{% if 10**(10**8) %}x{% endif %}",
        "{% set a = 9**(9**9) %}",
        "{{ 'a' * 10**10 }}",
        "{{ 3000000000 * 'a' }}",
        "{{ [0] * 3000000000 }}",
        "{% set n = namespace(x=3) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}",
        "{{ messages.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ messages.append(1) }}",
        "{% include '/etc/passwd' %}",
        "{% for",
        "{{ undefined_function() }}",
        "{{ 1 / 0 }}",
        "{{ range(10**9) }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ " + "(" * 5000 + ")" * 5000 + " }}",
    ],
)
def test_bombs_and_escapes_are_refused_at_once(source: str) -> None:
    started = time.monotonic()
    assert refusal(source.encode()).code == "engine.template_refused"
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("use", ["{{ 'x' | spy }}", "{% set a = 'x' | spy %}{{ a }}"])
def test_nothing_is_computed_while_compiling(use: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Filters could make a bomb out of constants as operators can."""
    calls: list[str] = []
    monkeypatch.setitem(DEFAULT_FILTERS, "spy", lambda text: calls.append(text) or text)
    template = ChatTemplate(use.encode(), TOKENS, "m")
    assert calls == []
    assert template.render(HELLO) == "x"
    assert calls == ["x"]


def test_endless_output_is_cut() -> None:
    loop = "{% for a in range(90000) %}{% for b in range(90000) %}" + "x" * 9999
    error = refusal((loop + "{% endfor %}{% endfor %}").encode())
    assert "too long" in error.detail
    assert MAX_OUTPUT_CHARACTERS < 2**30


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory per process")
def test_doubling_text_runs_out_of_room_before_the_computer_does() -> None:
    source = (
        b"{% set n = namespace(x='xxxxxxxx') %}{% for i in range(60) %}"
        b"{% set n.x = n.x ~ n.x %}{% endfor %}"
    )
    assert "MemoryError" in refusal(source).detail
    assert len(bytearray(2**30)) == 2**30  # the limit is gone afterwards
