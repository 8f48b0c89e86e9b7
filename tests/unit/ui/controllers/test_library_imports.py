"""Adding models from the Library tab: the sheet, the four ways, other programs, and troubles."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from models.gguf import open_model
from tests.helpers.gguf_bytes import split_model
from tests.helpers.library_stage import tree
from tests.helpers.library_window import LibraryWindow
from tests.helpers.peer_layouts import PROGRAMS, fill_home
from ui.models.import_sheet import ImportSheet
from ui.models.import_view import ImportRow
from ui.widgets.menu import Menu


@pytest.fixture
def stage(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LibraryWindow]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    made = LibraryWindow(tmp_path)
    yield made
    made.close()


def shown(sheet: ImportSheet) -> dict[str, ImportRow]:
    return {row.name: row for row in sheet.rows._shown if isinstance(row, ImportRow)}


def look(stage: LibraryWindow, *paths: Path) -> ImportSheet:
    """Drop these on the page, and wait until the sheet knows all of them."""
    stage.tab.dropped.emit([str(path) for path in paths])
    sheet = stage.tab.sheet
    assert sheet.isVisible()
    stage.wait(lambda: not sheet._view.is_looking)
    return sheet


# --- the sheet ---------------------------------------------------------------------------------


def test_the_sheet_tells_what_was_found_and_what_cannot_be_used(stage: LibraryWindow) -> None:
    known = stage.file("Known-Q4_0.gguf")
    stage.left(known)
    stage.file("deep/deeper/New-Q8_0.gguf", seed=2)
    folder = stage.elsewhere / "parts"
    folder.mkdir()
    split_model(folder)
    page = stage.elsewhere / "page.gguf"
    page.write_text("<html>not a model</html>")
    stage.show()
    sheet = look(stage, stage.elsewhere, page)
    rows = shown(sheet)
    assert set(rows) == {"Known-Q4_0", "New-Q8_0", "Tiny Test", "page.gguf"}
    assert (rows["Known-Q4_0"].is_known, rows["Known-Q4_0"].can_choose) == (True, False)
    assert rows["New-Q8_0"].detail == str(stage.elsewhere / "deep" / "deeper")
    assert "page.gguf" in rows["page.gguf"].trouble
    assert {row.name for row in sheet.rows.chosen} == {"New-Q8_0", "Tiny Test"}
    assert sheet.add.text().startswith("Add 2 models")


def test_the_default_leaves_files_where_they_are(stage: LibraryWindow) -> None:
    path = stage.file("New-Q8_0.gguf")
    before = tree(stage.elsewhere)
    stage.show()
    sheet = look(stage, path)
    assert sheet.ways.value == "leave"
    sheet.add.click()
    assert not sheet.isVisible()
    stage.wait(lambda: "New-Q8_0" in stage.rows and stage.rows["New-Q8_0"].state == "ready")
    assert stage.rows["New-Q8_0"].folder == str(stage.elsewhere)
    assert "is in your library now" in stage.toast
    assert tree(stage.elsewhere) == before
    assert not stage.models.exists()


@pytest.mark.parametrize("way", ["move", "copy", "link"])
def test_the_other_ways_bring_files_into_the_library(stage: LibraryWindow, way: str) -> None:
    path = stage.file("New-Q8_0.gguf")
    stage.show()
    sheet = look(stage, path)
    sheet.ways._buttons[way].click()
    assert str(stage.models)[-12:] in sheet.way_words.text()
    sheet.add.click()
    stage.wait(lambda: bool(stage.rows) and all(r.is_usable for r in stage.rows.values()))
    row = stage.rows["New-Q8_0"]
    assert Path(row.folder).is_relative_to(stage.models)
    assert row.can_delete
    assert path.exists() == (way != "move")
    assert bool(row.frees_bytes) == (way != "link")


def test_what_is_left_out_is_not_added(stage: LibraryWindow, qtbot: QtBot) -> None:
    for number in range(3):
        stage.file(f"Model-{number}-Q4_0.gguf", seed=number)
    stage.show()
    sheet = look(stage, stage.elsewhere)
    assert sheet.list.hasFocus()
    qtbot.keyClick(sheet.list, Qt.Key.Key_Down)
    qtbot.keyClick(sheet.list, Qt.Key.Key_Space)
    left_out = sheet.list.currentIndex().data(Qt.ItemDataRole.DisplayRole)
    assert len(sheet.rows.chosen) == 2
    sheet.all.click()
    assert not sheet.rows.chosen
    assert not sheet.add.isEnabled()
    sheet.all.click()
    assert len(sheet.rows.chosen) == 3
    qtbot.keyClick(sheet.list, Qt.Key.Key_Space)
    sheet.add.click()
    stage.wait(lambda: len(stage.services.library.entries()) == 2)
    stage.wait(lambda: len(stage.rows) == 2)
    assert not any(name in left_out for name in stage.rows)


def test_escape_and_the_close_button_add_nothing(stage: LibraryWindow, qtbot: QtBot) -> None:
    stage.file("New-Q8_0.gguf")
    stage.show()
    sheet = look(stage, stage.elsewhere)
    qtbot.keyClick(sheet.list, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    sheet = look(stage, stage.elsewhere)
    sheet.close_button.click()
    sheet = look(stage, stage.elsewhere)
    sheet._scrim.pressed.emit()
    assert not sheet.isVisible()
    assert stage.services.library.entries() == []


def test_the_tab_key_stays_in_the_sheet(stage: LibraryWindow, qtbot: QtBot) -> None:
    stage.file("New-Q8_0.gguf")
    stage.show()
    stage.window.activateWindow()
    sheet = look(stage, stage.elsewhere)
    seen = set()
    for _ in range(20):
        focused = QApplication.focusWidget()
        assert focused is not None
        assert sheet.isAncestorOf(focused)
        seen.add(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert {sheet.list, sheet.add, sheet.cancel, sheet.close_button} <= seen


def test_a_look_that_nobody_waits_for_changes_nothing(stage: LibraryWindow, qtbot: QtBot) -> None:
    stage.file("one/First-Q8_0.gguf")
    second = stage.file("two/Second-Q8_0.gguf", seed=2)
    stage.show()
    stage.tab.dropped.emit([str(stage.elsewhere / "one")])
    sheet = look(stage, second)
    qtbot.wait(200)
    assert set(shown(sheet)) == {"Second-Q8_0"}


# --- troubles ----------------------------------------------------------------------------------


def test_a_file_that_went_away_meanwhile_has_its_sentence(stage: LibraryWindow) -> None:
    path = stage.file("New-Q8_0.gguf")
    stage.show()
    sheet = look(stage, path)
    path.unlink()
    sheet.add.click()
    stage.wait(lambda: bool(stage.troubles))
    assert "New-Q8_0.gguf" in stage.troubles[0]


def test_several_troubles_are_told_one_by_one(stage: LibraryWindow) -> None:
    paths = [stage.file(f"Model-{number}-Q4_0.gguf", seed=number) for number in range(3)]
    stage.show()
    sheet = look(stage, stage.elsewhere)
    for path in paths[:2]:
        path.unlink()
    sheet.add.click()
    stage.wait(lambda: sheet.isVisible())
    assert sheet._view.title == "2 of 3 could not be added"
    assert [bool(row.trouble) for row in shown(sheet).values()] == [True, True]
    assert not sheet.add.isVisible()
    assert "Model-2-Q4_0 is in your library now" in sheet.note.text()
    assert list(stage.rows) == ["Model-2-Q4_0"]
    sheet.cancel.click()
    assert not sheet.isVisible()


def test_a_copy_can_be_stopped(stage: LibraryWindow) -> None:
    path = stage.file("Huge-Q4_0.gguf")
    with path.open("r+b") as file:
        file.truncate(3_000_000_000)
    stage.show()
    sheet = look(stage, path)
    sheet.ways._buttons["copy"].click()
    sheet.add.click()
    row = next(iter(stage.tab.view.rows), None)
    stage.wait(lambda: any(each.state == "adding" for each in stage.tab.view.rows))
    row = next(each for each in stage.tab.view.rows if each.state == "adding")
    stage.tab.asked.emit("stop_adding", row.key)
    stage.wait(lambda: not stage.tab.view.rows)
    assert stage.services.library.entries() == []
    assert not [each for each in stage.models.rglob("*") if each.is_file()]


def test_what_the_library_has_is_said_so(stage: LibraryWindow) -> None:
    path = stage.file("New-Q8_0.gguf")
    stage.show()
    sheet = look(stage, path)
    stage.left(path)
    sheet.add.click()
    stage.wait(lambda: "already" in stage.toast)


# --- from where --------------------------------------------------------------------------------


def test_the_button_offers_files_a_folder_and_other_programs(stage: LibraryWindow) -> None:
    stage.show()
    stage.tab.toolbar.add_files.click()
    menu = next(
        each for each in QApplication.topLevelWidgets()
        if isinstance(each, Menu) and each.isVisible()
    )  # fmt: skip
    words = [action.text() for action in menu.actions()]
    assert words == ["Files…", "A folder…", "From other programs"]
    menu.close()


def test_files_are_chosen_with_the_system_s_dialog(
    stage: LibraryWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stage.file("New-Q8_0.gguf")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path)], ""))
    stage.show()
    stage.tab.import_requested.emit()
    stage.wait(lambda: set(shown(stage.tab.sheet)) == {"New-Q8_0"})
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    stage.tab.sheet.close_sheet()
    stage.controller.imports.choose_folder()
    assert not stage.tab.sheet.isVisible(), "the dialog was left without a folder"


def test_other_programs_models_are_used_in_place(stage: LibraryWindow, tmp_path: Path) -> None:
    home = tmp_path / "home"
    files = fill_home(home)
    before = tree(home)
    stage.show()
    stage.tab.look_requested.emit()
    sheet = stage.tab.sheet
    stage.wait(lambda: len(shown(sheet)) == 5)
    assert [each for each in sheet.rows._shown if isinstance(each, str)] == list(PROGRAMS)
    assert not sheet.ways.isVisible(), "their files stay where they are"
    left_out = next(row for row in sheet.rows.chosen if row.group == "GPT4All")
    index = sheet.rows._shown.index(left_out)
    sheet.rows.toggle(sheet.rows.index(index))
    sheet.add.click()
    stage.wait(lambda: sum(row.is_usable for row in stage.rows.values()) == 4)
    programs = {row.program for row in stage.rows.values()}
    assert programs == set(PROGRAMS) - {"GPT4All"}
    places = {model.handle.path for model in stage.services.library.entries()}
    assert places == {path for program, path in files.items() if program != "GPT4All"}
    assert not stage.models.exists()
    for row in stage.tab.view.rows:
        assert not row.can_delete
        stage.tab.asked.emit("verify", row.key)
    stage.wait(lambda: not stage.controller.checks.shares)
    for model in stage.services.library.entries():
        assert open_model(model.handle.path).handle.key == model.key
        stage.tab.asked.emit("forget", model.key)
    assert tree(home) == before
    stage.tab.look_requested.emit()
    stage.wait(lambda: len(shown(sheet)) == 5)


def test_models_of_programs_that_are_known_cannot_be_added_twice(
    stage: LibraryWindow, tmp_path: Path
) -> None:
    files = fill_home(tmp_path / "home")
    stage.left(files["Jan"], program="Jan")
    stage.show()
    stage.tab.look_requested.emit()
    stage.wait(lambda: len(shown(stage.tab.sheet)) == 5)
    rows = {row.group: row for row in shown(stage.tab.sheet).values()}
    assert rows["Jan"].is_known
    assert not rows["LM Studio"].is_known


def test_without_other_programs_the_sheet_says_so(stage: LibraryWindow) -> None:
    stage.show()
    stage.tab.look_requested.emit()
    sheet = stage.tab.sheet
    stage.wait(lambda: not sheet._view.is_looking)
    assert "No other program has models here" in sheet.state.text
