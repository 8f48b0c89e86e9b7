"""The export sheet: what it offers, by mouse and keyboard, its preview and its foot."""

import pytest
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.export.base import ExportOptions
from app.export.formats import Formats
from tests.helpers import ui_checks, ui_stage
from ui.export.sheet import ExportSheet
from ui.export.view import PICTURED, TOGETHER, Branch, ExportView, Offer, Wanted, What
from ui.export.words import format_choices, progress_words
from ui.theme.theme import Theme

OFFERS = (
    Offer(What.MESSAGE, "This message", "1 message"),
    Offer(What.BRANCH, "One branch of this chat", "1 of 2 branches"),
    Offer(What.CHAT, "This chat", "12 messages"),
    Offer(What.FOLDER, "Folder “Kitchen”", "5 chats"),
    Offer(What.EVERYTHING, "All chats", "60 chats"),
)
BRANCHES = (Branch("leaf-1", "12 messages, to “yes”"), Branch("leaf-2", "8 messages, to “no”"))
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen, Herkunft und Länge.md"


def view(what: What = What.CHAT, name: str = "md", **options: bool) -> ExportView:
    return ExportView(
        offers=OFFERS, what=what, format=name, options=ExportOptions(**options),
        branches=BRANCHES, leaf_id="leaf-1",
    )  # fmt: skip


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return ui_stage.dress(qapp)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def made(window: QWidget, theme: Theme, size: tuple[int, int] = (1280, 800)) -> ExportSheet:
    sheet = ExportSheet(theme, window)
    ui_stage.show(window, size)
    window.activateWindow()
    sheet.begin(view())
    sheet.foot.set_target("Why does my sourdough sink.md", "Documents")
    sheet.preview.show_text("# Why does my sourdough sink?\n" * 40, is_cut=True)
    ui_stage.settle()
    return sheet


@pytest.fixture
def sheet(window: QWidget, theme: Theme) -> ExportSheet:
    return made(window, theme)


def press(key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


def test_the_formats_are_those_that_there_are(qapp: QApplication) -> None:
    formats = Formats()
    names = tuple(name for name, _words, _use in format_choices())
    assert names == formats.names
    assert {each for each in names if formats.get(each).together} == TOGETHER
    assert set(names) >= PICTURED


def test_enter_exports_as_it_stands(qtbot: QtBot, sheet: ExportSheet) -> None:
    with qtbot.waitSignal(sheet.export_requested):
        press(Qt.Key.Key_Return)


def test_it_begins_with_the_last_choice(sheet: ExportSheet) -> None:
    options = ExportOptions(reasoning=False, branches=True, dates=False, paper="letter")
    sheet.begin(ExportView(
        offers=OFFERS, what=What.EVERYTHING, format="pdf", options=options, in_zip=True,
    ))  # fmt: skip
    assert sheet.wanted == Wanted(What.EVERYTHING, "pdf", options, in_zip=True)


def test_everything_can_be_chosen_by_the_keyboard_alone(qtbot: QtBot, sheet: ExportSheet) -> None:
    told: list[Wanted] = []
    sheet.wanted_changed.connect(told.append)
    sheet.choices.what.setFocus()
    press(Qt.Key.Key_Down)
    assert told[-1].what is What.FOLDER
    press(Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is sheet.choices.packing._buttons["folder"]
    press(Qt.Key.Key_Right)
    assert told[-1].in_zip
    press(Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is sheet.choices.formats["md"]
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down)
    assert told[-1].format == "pdf"
    press(Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is sheet.choices.options["reasoning"].switch
    press(Qt.Key.Key_Space)
    assert not told[-1].options.reasoning
    with qtbot.waitSignal(sheet.closed):
        press(Qt.Key.Key_Escape)


def test_tab_stays_inside_and_reaches_every_control(sheet: ExportSheet) -> None:
    seen: list[QWidget] = []
    for _ in range(40):
        press(Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        assert sheet.isAncestorOf(focused)
        if focused in seen:
            break
        seen.append(focused)
    foot = sheet.foot
    for control in (
        sheet.choices.what, sheet.preview.text, foot.name, foot.folder, foot.copy, foot.printing,
        foot.export, sheet.close_button,
    ):  # fmt: skip
        assert control in seen


def test_only_what_applies_is_shown(sheet: ExportSheet) -> None:
    choices = sheet.choices
    shown = {name for name, row in choices.options.items() if not row.isHidden()}
    assert shown == set(choices.options)
    assert choices.paper.isHidden()
    assert choices.packing.isHidden()
    assert choices.branch.isHidden()
    sheet.begin(view(What.BRANCH, "pdf"))
    assert not choices.branch.isHidden()
    assert not choices.paper.isHidden()
    assert choices.options["branches"].isHidden()
    assert sheet.wanted.leaf_id == "leaf-1"
    choices.branch.setCurrentIndex(1)
    assert sheet.wanted.leaf_id == "leaf-2"
    sheet.begin(view(What.EVERYTHING, "jsonl"))
    assert choices.packing.isHidden(), "many chats are one file"
    assert choices.options["dates"].isHidden()
    assert not sheet.foot.copy.isEnabled()
    assert not sheet.foot.printing.isEnabled()


def test_an_option_that_is_not_shown_does_not_count(sheet: ExportSheet) -> None:
    sheet.begin(view(What.CHAT, "json", dates=False, branches=True))
    assert sheet.choices.options["dates"].isHidden()
    assert sheet.wanted.options == ExportOptions()
    sheet.choices.formats["md"].click()
    assert sheet.wanted.options == ExportOptions(dates=False, branches=True)
    sheet.begin(view(What.BRANCH, "md", branches=True))
    assert not sheet.wanted.options.branches, "one branch is one branch"


def test_enter_exports_nothing_that_was_not_meant(sheet: ExportSheet) -> None:
    told: list[bool] = []
    sheet.export_requested.connect(lambda: told.append(True))
    sheet.begin(ExportView(
        offers=OFFERS[-1:], what=What.EVERYTHING, format="md", remark="It is kept nowhere.",
    ))  # fmt: skip
    sheet.set_busy(False)
    assert sheet.said == "It is kept nowhere."
    assert QApplication.focusWidget() is sheet.choices.what
    press(Qt.Key.Key_Return)
    assert told == []


def test_a_click_on_the_words_of_an_option_counts(qtbot: QtBot, sheet: ExportSheet) -> None:
    row = sheet.choices.options["statistics"]
    with qtbot.waitSignal(sheet.wanted_changed) as told:
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.rect().center())
    assert not told.args[0].options.statistics


def test_three_ways_to_copy(qtbot: QtBot, sheet: ExportSheet) -> None:
    for steps, kind in enumerate(("md", "txt", "rich")):
        sheet.foot.copy.click()
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        for _ in range(steps):
            qtbot.keyClick(menu, Qt.Key.Key_Down)
        with qtbot.waitSignal(sheet.copy_requested) as told:
            qtbot.keyClick(menu, Qt.Key.Key_Return)
        assert told.args == [kind]
    before = sheet.foot.printing.geometry()
    sheet.foot.show_copied()
    assert sheet.foot.copy.text() == "Copied"
    assert sheet.foot.printing.geometry() == before


def test_while_it_exports_it_tells_how_far_and_can_be_cancelled(
    qtbot: QtBot, sheet: ExportSheet
) -> None:
    sheet.set_busy(True)
    sheet.foot.show_progress(0.4, progress_words(400, 1000, 12.0))
    assert not sheet.choices.isEnabled()
    assert sheet.foot.export.isHidden()
    assert sheet.foot.name.isHidden()
    assert sheet.foot.words.text().startswith("400 of 1,000 chats")
    assert QApplication.focusWidget() is sheet.foot.cancel
    with qtbot.waitSignal(sheet.cancel_requested):
        press(Qt.Key.Key_Return)
    sheet.set_busy(False)
    assert QApplication.focusWidget() is sheet.foot.export
    assert sheet.choices.isEnabled()
    assert not sheet.foot.name.isHidden()


def test_trouble_is_told_in_place_with_what_can_be_done(qtbot: QtBot, sheet: ExportSheet) -> None:
    did: list[str] = []
    sheet.tell("a.md is there already.", [("Replace it", lambda: did.append("replaced"))])
    assert sheet.said == "a.md is there already."
    assert QApplication.focusWidget() is sheet.remark_verbs[0]
    press(Qt.Key.Key_Return)
    assert did == ["replaced"]
    sheet.choices.formats["txt"].click()
    assert sheet.said == "", "another choice, another try"


def test_pages_are_shown_as_pictures(qtbot: QtBot, sheet: ExportSheet) -> None:
    sheet.preview.show_pages([png(), b"no picture", png()], is_cut=True)
    qtbot.waitUntil(lambda: sheet.preview.pages.count == 2)
    assert sheet.preview.text.isHidden()
    assert sheet.preview.note.text() == "The first pages"
    sheet.preview.say("The PDF could not be made.")
    assert sheet.preview.pages.isHidden()


@pytest.mark.parametrize(("dark", "size", "zoom"), ui_stage.APPEARANCES)
def test_it_looks_right(
    window: QWidget, qapp: QApplication, dark: bool, size: tuple[int, int], zoom: float
) -> None:
    theme = ui_stage.dress(qapp, dark=dark, zoom=zoom)
    room = (round(size[0] * zoom), round(size[1] * zoom))
    sheet = made(window, theme, room)
    sheet.foot.set_target(LONG, "Ein Ordner mit einem sehr langen Namen für alle Ausfuhren")
    states = (
        lambda: None,
        lambda: sheet.begin(view(What.FOLDER, "docx")),
        lambda: sheet.tell(LONG * 2, [("Replace it", lambda: None), ("Keep both", lambda: None)]),
        lambda: sheet.set_busy(True),
    )
    for change in states:
        change()
        ui_stage.settle()
        assert ui_checks.all_problems(window, zoom) == []


def png() -> bytes:
    image = QImage(420, 594, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
