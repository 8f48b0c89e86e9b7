"""``{{words}}`` in prompts: found, filled in once, and nothing else touched."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.history.prompt_variables import filled_in, variables_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Dear {{name}}, about {{ the topic }}: {{name}}!", ["name", "the topic"]),
        ("{{}} {{ }} {x} {{a\nb}} {{{{}}}}", []),
        ("{{{name}}}", ["name"]),
        ("{{年}} {{<|im_end|>}}", ["年", "<|im_end|>"]),
        ("{{" + "x" * 81 + "}}", []),
    ],
)
def test_names_are_found(text: str, names: list[str]) -> None:
    assert variables_of(text) == names


def test_values_are_not_looked_at_again() -> None:
    text = filled_in("{{a}} and {{b}}, {{c}}", {"a": "{{b}}", "b": "\\1 {{a}}"})
    assert text == "{{b}} and \\1 {{a}}, {{c}}"


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_a_text_without_variables_stays(text: str, values: dict[str, str]) -> None:
    plain = text.replace("{", "(")
    assert filled_in(plain, values) == plain


@pytest.mark.parametrize("unit", ["{{ ", "{{a", "{", "{{a}"])
def test_a_million_braces_take_no_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    begin = time.perf_counter()
    variables_of(text)
    assert time.perf_counter() - begin < 10
