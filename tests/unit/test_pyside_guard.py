"""PySide6 6.12.0 loses a reference to ``None`` in every void call on Python 3.11.

After some thousand calls the process aborts: seconds of streaming, but longer than most tests.
"""

import sys

import PySide6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

CALLS = 1000
TOLERATED = 100


def test_void_calls_keep_their_reference_to_none(qtbot: QtBot) -> None:
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        thing.setObjectName("x")
    assert sys.getrefcount(None) - before > -TOLERATED, (
        f"PySide6 {PySide6.__version__} loses references to None; see ARCHITECTURE.md"
    )
