"""The table says the same as the picture, and the keyboard gets out of it."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers import ui_stage
from ui.placement.columns import columns_of
from ui.placement.layer_table import LayerTable
from ui.placement.view import PlacementView
from ui.placement.words import device_names

Views = dict[str, PlacementView]


def table(qtbot: QtBot, qapp: QApplication, view: PlacementView) -> LayerTable:
    made = LayerTable(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    made.rows.show_columns(
        columns_of(view.placement, view.facts),
        view.placement.shares,
        device_names(view.placement.shares),
        is_dense=view.is_dense,
    )
    ui_stage.show(made, (968, 360))
    return made


def texts(made: LayerTable, row: int) -> list[Any]:
    return [made.rows.index(row, column).data() for column in range(made.rows.columnCount())]


def test_a_row_for_every_column_and_a_total_for_every_device(
    qtbot: QtBot, qapp: QApplication, views: Views
) -> None:
    made = table(qtbot, qapp, views["hybrid"])
    assert made.rows.rowCount() == 1 + 48 + 1 + 2
    assert texts(made, 0)[:3] == ["Token embedding", "RAM", "–"]
    assert texts(made, 13) == [
        "Layer 12", "RTX 4060", "RAM", "10 MiB", "–", "324 MiB", "1 MiB", "32 MiB", "–", "367 MiB",
    ]  # fmt: skip
    assert texts(made, 50) == [
        "Total: RTX 4060", "RTX 4060", "–", "493 MiB", "–", "3.8 GiB", "292 MiB", "1.5 GiB",
        "310 MiB", "6.4 GiB",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["dense", "two-devices"])
def test_totals_are_the_sums_of_the_rows(
    qtbot: QtBot, qapp: QApplication, views: Views, name: str
) -> None:
    made = table(qtbot, qapp, views[name]).rows
    totals = [row.amounts for row in made._rows if row.is_total]
    rows = [row.amounts for row in made._rows if not row.is_total]
    for kind in range(5):
        assert sum(row[kind] for row in rows) == sum(total[kind] for total in totals), kind
    compute = sum(total[5] for total in totals)
    assert sum(row[6] for row in rows) + compute == sum(total[6] for total in totals)


def test_headings_say_what_moves(qtbot: QtBot, qapp: QApplication, views: Views) -> None:
    across = Qt.Orientation.Horizontal
    assert table(qtbot, qapp, views["hybrid"]).rows.headerData(2, across) == "Experts on"
    assert table(qtbot, qapp, views["dense"]).rows.headerData(2, across) == "Feed-forward on"


def test_screen_readers_find_a_table(qtbot: QtBot, qapp: QApplication, views: Views) -> None:
    made = table(qtbot, qapp, views["hybrid"])
    interface = QAccessible.queryAccessibleInterface(made)
    assert interface.role() == QAccessible.Role.Table
    cells = [interface.child(i).text(QAccessible.Text.Name) for i in range(interface.childCount())]
    begin = cells.index("Layer 12")
    assert cells[begin : begin + 4] == ["Layer 12", "RTX 4060", "RAM", "10 MiB"]
    assert cells.count("Total: RTX 4060") == 1
