"""The list of backups without a window: rows, what they say, and what changes in place."""

from dataclasses import replace

from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.qtbot import QtBot

from tests.helpers import backup_samples
from ui.data.backup_list_model import ROW_ROLE, BackupListModel

SPOKEN = Qt.ItemDataRole.AccessibleTextRole


def filled() -> BackupListModel:
    model = BackupListModel()
    model.show_backups(backup_samples.listed())
    return model


def test_each_row_says_when_why_how_much_and_whether_it_is_sound() -> None:
    model = filled()
    assert model.rowCount() == 14
    spoken = [str(model.index(row, 0).data(SPOKEN)) for row in range(5)]
    assert "Sound" in spoken[0]
    assert "Made by you" in " ".join(spoken) or "Before" in " ".join(spoken)
    assert "60 chats, 3,080 messages" in spoken[0]
    assert "Damaged" in spoken[2]
    assert "Cannot be read" in spoken[2]
    assert "Checking…" in spoken[4]
    tip = str(model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole))
    assert model.row_at(0).file.name in tip


def test_what_was_checked_meanwhile_changes_in_its_row(qtbot: QtBot) -> None:
    model = filled()
    rows = list(backup_samples.listed())
    kept = QPersistentModelIndex(model.index(4, 0))
    rows[4] = replace(rows[4], is_sound=True)
    with qtbot.waitSignal(model.dataChanged) as told, qtbot.assertNotEmitted(model.modelReset):
        model.show_backups(rows)
    assert told.args is not None
    assert told.args[0].row() == 4
    assert kept.isValid()
    assert model.index(4, 0).data(ROW_ROLE).is_sound is True


def test_another_backup_is_another_list(qtbot: QtBot) -> None:
    model = filled()
    with qtbot.waitSignal(model.modelReset):
        model.show_backups(backup_samples.listed(15))
    assert model.rowCount() == 15
    name = model.row_at(3).file.name
    assert model.place_of(name) == 3
    assert model.place_of("history.sqlite3") == -1
    assert model.index(20, 0).data() is None


def test_thousands_of_rows_make_no_words() -> None:
    model = BackupListModel()
    model.show_backups(backup_samples.listed(3000))
    assert model.rowCount() == 3000
