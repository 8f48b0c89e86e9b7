"""The conversations and answers that the transcript's figures are taken with."""

_MIXED = """\
## Part {number}: what is kept

A paragraph of *ordinary* length with **bold words**, `inline_code({number})` and a
[link](https://example.org/{number}), long enough to wrap a few times over a column of
seven hundred and twenty pixels, as most paragraphs of most answers do.

- first point about number {number}
- second point, with `code` in it
  - a point inside a point
- third point

| Quantity | Before | After |
|---|---:|---:|
| tokens | {number} | 412 |
| seconds | 12.5 | 9.75 |

```python
def part_{number}(values: list[int]) -> int:
    \"\"\"Add what is even.\"\"\"
    total = 0
    for value in values:
        if value % 2 == 0:
            total += value
    return total
```

> A quotation of one line.

1. One follows the other.
2. And another one.

The rest is text again. It says nothing of any weight, but it says it in sentences, and they
are about as long as sentences are; so this part has the size that a part has on average.

"""
_PROSE = (
    "The river begins as a thread of cold water between two stones, and nobody who sees it there "
    "would believe that ships go upon it further down. It takes in what comes from both sides, "
    "the *brown* water of the moor and the `clear` water of the chalk, and grows slow and wide. "
)
_MATHS_AND_CODE = """\
The sum is $\\sum_{{i=1}}^{{{number}}} i^2 = \\frac{{n(n+1)(2n+1)}}{{6}}$, and so

$$\\int_0^{{\\infty}} e^{{-x^2}}\\,dx = \\frac{{\\sqrt{{\\pi}}}}{{2}} + {number}$$

```rust
fn part_{number}(values: &[u64]) -> u64 {{
    values.iter().filter(|value| *value % 2 == 0).map(|value| value * {number}).sum()
}}
```

Then **{number}** follows from the above, with $a_{{{number}}} \\le b_{{{number}}}$ as its limit.

"""


def mixed(number: int) -> str:
    """About 1.5 kB with every common construct."""
    text = _MIXED.format(number=number)
    return text + _PROSE[: 1500 - len(text)] if len(text) < 1500 else text


def prose(characters: int) -> str:
    """Paragraphs with little in them."""
    return _repeated(_PROSE * 2 + "\n\n", characters)


def maths_and_code(characters: int) -> str:
    """Formulas, code, and text between them."""
    parts = [_MATHS_AND_CODE.format(number=number) for number in range(characters // 300 + 2)]
    return "".join(parts)[:characters]


def open_code(characters: int) -> str:
    """The beginning of a code block that is not closed."""
    lines = "".join(
        f"def function_{number}(value: int) -> int:\n"
        f'    """Return {number} more."""\n    return value + {number}\n\n'
        for number in range(characters // 60)
    )
    return "```python\n" + lines[:characters]


def long_answer(characters: int) -> str:
    """Mixed parts one after the other."""
    parts = [mixed(number) for number in range(characters // 1400 + 1)]
    return "".join(parts)[:characters]


def _repeated(text: str, characters: int) -> str:
    return (text * (characters // len(text) + 1))[:characters]
