"""Column by column: nothing is lost, nothing counts twice, everything is where the plan puts it."""

import pytest

from app.placement.entities import PROCESSOR
from ui.placement.columns import PART_KINDS, columns_of
from ui.placement.layer_words import column_title, column_words
from ui.placement.view import PlacementView
from ui.placement.words import device_names

Views = dict[str, PlacementView]


@pytest.mark.parametrize("name", ["hybrid", "two-devices", "too-large", "processor", "dense"])
def test_columns_hold_all_bytes_of_each_device(views: Views, name: str) -> None:
    placement = views[name].placement
    columns = columns_of(placement, views[name].facts)
    for share in placement.shares:
        held = sum(
            part.bytes
            for column in columns
            for part in column.parts.values()
            if part.device == share.device.name
        )
        assert held == share.bytes.total - share.bytes.compute, share.device.name


def test_the_ends_stand_at_the_ends(views: Views) -> None:
    columns = columns_of(views["hybrid"].placement, views["hybrid"].facts)
    assert [column.kind for column in columns] == ["input", *["layer"] * 48, "output"]
    assert (columns[0].device, columns[-1].device) == (PROCESSOR, "CUDA0")


def test_leading_dense_layers_have_feed_forward_where_experts_are(views: Views) -> None:
    columns = columns_of(views["two-devices"].placement, views["two-devices"].facts)
    assert [column.has_experts for column in columns[1:6]] == [False, False, False, True, True]
    assert columns[1].bytes_of("experts") == views["two-devices"].facts.layers[0].bytes.feed_forward
    assert columns[1].bytes_of("shared") == 0
    assert list(columns[4].parts) == list(PART_KINDS)


def test_a_column_in_words(views: Views) -> None:
    view = views["hybrid"]
    columns = columns_of(view.placement, view.facts)
    names = device_names(view.placement.shares)
    told = column_words(columns[13], names)
    assert told.startswith("Layer 12 · RTX 4060: attention ")
    assert told.endswith(" · RAM: experts 324 MiB")
    assert "KV cache 32 MiB" in told
    assert column_title(columns[0]) == "Token embedding"
    assert column_words(columns[-1], names).startswith("Output head · RTX 4060: other weights ")
