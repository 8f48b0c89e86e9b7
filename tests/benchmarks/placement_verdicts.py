"""The planner's speeds beside the bands that were written down before it existed."""

from collections.abc import Iterator

from app.placement.marking import marked
from tests.helpers.verdict_plans import TABLE, judged, placed

HEADER = (
    "|  | Model | Machine | Verdict | Marked | Expected band | Predicted | Range |\n"
    "| --- | --- | --- | --- | --- | ---: | ---: | ---: |"
)


def verdict_table() -> Iterator[str]:
    """A row for each pair, and the sums."""
    yield HEADER
    verdicts = marks = speeds = 0
    for number, pair in enumerate(TABLE["pairs"], 1):
        placement = placed(pair, pair["marked"])
        label = marked(list(judged(pair))).label
        decode = placement.predicted.decode
        low, high = pair["tokens_per_second"]
        is_right = low <= decode.expected <= high
        verdicts += placement.verdict == pair["verdict"]
        marks += label == pair["marked"]
        speeds += is_right
        shown = f"{decode.expected:.3g}" if is_right else f"**{decode.expected:.3g}**"
        yield (
            f"| {number} | {pair['model']} | {pair['machine']} | `{placement.verdict}` | {label} "
            f"| {low:g}–{high:g} | {shown} | {decode.low:.3g}–{decode.high:.3g} |"
        )
    count = len(TABLE["pairs"])
    yield ""
    yield (
        f"Right: {verdicts} of {count} verdicts, {marks} of {count} marked quantizations; "
        f"{speeds} of {count} expected speeds are in their bands."
    )
