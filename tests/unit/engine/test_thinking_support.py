"""What can be told about thinking, the samplers that follow, and an opening message."""

import pytest

from app.engine.entities import ChatMessage, SamplingParameters, ThinkingSupport
from app.engine.errors import RefusedError
from app.engine.sampling import DRY_WINDOW, Step, sampler_steps, thinking_limit, thinking_wish
from app.engine.template import ChatTemplate
from app.engine.thinking import thinking_support_of

STRICT = (
    "{% if messages[0].role != 'user' %}{{ raise_exception('the user begins') }}{% endif %}"
    "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
)


@pytest.mark.parametrize(
    ("template", "support"),
    [
        ("{{ messages }}", ThinkingSupport()),
        ("<think>{{ messages }}", ThinkingSupport(limit=True)),
        ("{% if enable_thinking %}<think>{% endif %}", ThinkingSupport(switch=True, limit=True)),
        ("{%- if not thinking is defined %}</think>", ThinkingSupport(switch=True, limit=True)),
        ("{{ message.thinking }}<|channel|>x<|message|>", ThinkingSupport(limit=True)),
    ],
)
def test_a_template_tells_what_can_be_chosen(template: str, support: ThinkingSupport) -> None:
    assert thinking_support_of(template) == support


def test_a_wish_reaches_template_and_engine() -> None:
    assert thinking_wish(SamplingParameters()) is None
    assert thinking_wish(SamplingParameters(thinking="on")) is True
    assert thinking_limit(SamplingParameters()) is None
    assert thinking_limit(SamplingParameters(thinking_budget=-5)) == 0
    off = SamplingParameters(thinking="off", thinking_budget=100)
    assert (thinking_wish(off), thinking_limit(off)) == (False, 0)


def test_dry_xtc_and_typical_take_their_places() -> None:
    steps = sampler_steps(
        SamplingParameters(
            dry_multiplier=0.8, xtc_probability=0.5, typical_p=0.9, repetition_penalty=1.1
        ),
        7,
    )
    assert [each.name for each in steps] == [
        "penalties", "dry", "top_k", "typical", "top_p", "min_p", "xtc", "temperature", "dist",
    ]  # fmt: skip
    assert Step("dry", (0.8, 1.75, 2, DRY_WINDOW)) in steps
    assert Step("xtc", (0.5, 0.1, 7)) in steps


def test_an_opening_message_before_a_template_that_wants_the_user_first() -> None:
    template = ChatTemplate(STRICT.encode(), {}, "m")
    opening = [ChatMessage("assistant", "Welcome!"), ChatMessage("user", "Hello")]
    assert template.render(opening) == "[user]Please begin.[assistant]Welcome![user]Hello"
    with pytest.raises(RefusedError):
        template.render([ChatMessage("system", "")])


def test_an_ordinary_template_is_given_the_opening_as_it_is() -> None:
    plain = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    template = ChatTemplate(plain.encode(), {}, "m")
    assert template.render([ChatMessage("assistant", "Hi")]) == "[assistant]Hi"
