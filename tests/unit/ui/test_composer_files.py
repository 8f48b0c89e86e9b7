"""Chips, their tray, the sheet of a file, and the files of a sent message."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.attachments.entities import Attachment, Kind, Section, Unit
from app.history.entities import AttachedText, AttachedWay
from app.history.presets import LibraryPrompt
from tests.helpers import ui_checks, ui_stage
from ui.composer.fields_sheet import FieldsSheet
from ui.composer.file_sheet import FileSheet, FileSheetView
from ui.composer.file_text import MOST_SHOWN, FileText
from ui.composer.file_tray import FileTray
from ui.composer.file_view import FileState, FileView, cost_words, size_words
from ui.composer.prompts_sheet import PromptsSheet
from ui.composer.sent_files import SentFiles
from ui.controllers.drafting_file import Cost, DraftingFile
from ui.widgets.surface import Surface

LONG = "a-very-long-name-" * 20 + ".pdf"
FILES = [
    FileView("1", "report.pdf", FileState.READY, "PDF, 1.2 MB, 12,400 tokens", tip="all"),
    FileView("2", LONG, FileState.READING, "Reading, 40 %", 0.4, LONG),
    FileView("3", "secret.pdf", FileState.FAILED, "secret.pdf asks for a password; " + "x " * 40),
    FileView("4", "<b>bold</b>.txt", FileState.READY, "Text, 3 kB", tip="<b>bold</b>.txt"),
]
APPEARANCES = [(dark, zoom) for dark in (False, True) for zoom in (1.0, 2.0)]


class Stage:
    """A page with room for what is looked at."""

    def __init__(self, application: QApplication, *, dark: bool = False, zoom: float = 1.0) -> None:
        self.theme = ui_stage.dress(application, dark=dark, zoom=zoom)
        self.page = Surface("page")
        self.zoom = zoom
        ui_stage.show(self.page, (round(800 * zoom), round(720 * zoom)))

    def problems(self) -> list[str]:
        ui_stage.settle()
        return ui_checks.all_problems(self.page, self.zoom)


@pytest.fixture
def stages(qapp: QApplication):
    made: list[Stage] = []

    def make(**looks: object) -> Stage:
        made.append(Stage(qapp, **looks))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        ui_stage.strike(each.page)


def tray_of(stage: Stage) -> FileTray:
    tray = FileTray(stage.theme, stage.page)
    tray.changed.connect(
        lambda: tray.setGeometry(
            stage.theme.px(16),
            stage.theme.px(16),
            stage.theme.px(688),
            tray.arrange(stage.theme.px(688)),
        )
    )
    return tray


@pytest.mark.parametrize(("dark", "zoom"), APPEARANCES)
def test_chips_pass_every_check(stages, dark: bool, zoom: float) -> None:
    stage = stages(dark=dark, zoom=zoom)
    tray = tray_of(stage)
    tray.show_files(FILES)
    tray.set_note("About 3 min to read")
    assert stage.problems() == []


def test_a_chip_opens_and_removes_its_own_file(stages) -> None:
    tray = tray_of(stages())
    told: list[tuple[str, str]] = []
    tray.opened.connect(lambda each: told.append(("open", each)))
    tray.removed.connect(lambda each: told.append(("remove", each)))
    tray.show_files(FILES)
    ui_stage.settle()
    chips = tray.chips
    QTest.keyClick(chips[0].name, Qt.Key.Key_Return)
    QTest.mouseClick(chips[1].name, Qt.MouseButton.LeftButton)  # not read yet
    chips[1].close_button.click()
    chips[2].remove_button.click()
    assert told == [("open", "1"), ("remove", "2"), ("remove", "3")]
    assert chips[1].close_button.accessibleName().startswith("Stop reading")


def test_a_chip_keeps_its_place_and_the_keyboard_while_others_change(stages) -> None:
    stage = stages()
    tray = tray_of(stage)
    tray.show_files(FILES)
    stage.page.activateWindow()
    tray.chips[0].close_button.setFocus()
    before = tray.chips[0]
    tray.show_files([FILES[0], *FILES[2:]])
    assert tray.chips[0] is before
    assert before.close_button.hasFocus()
    tray.show_files([])
    assert tray.isHidden()
    assert tray.arrange(688) == 0


def test_a_name_with_markup_is_text_in_its_tooltip(stages) -> None:
    tray = tray_of(stages())
    tray.show_files(FILES)
    assert "&lt;b&gt;" in tray.chips[3].name.toolTip()


def test_many_chips_are_scrolled(stages) -> None:
    tray = tray_of(stages())
    views = [FileView(str(n), f"{n}.txt", FileState.READY) for n in range(20)]
    tray.show_files(views)
    assert tray.arrange(688) == 2 * 48 + 8


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (1_240_000, "1.2 MB"),
     (63_000_000, "63 MB"), (2_000_000_000, "2.0 GB")],
)  # fmt: skip
def test_sizes_in_words(size: int, words: str) -> None:
    assert size_words(size) == words


def test_costs_in_words() -> None:
    assert cost_words(12_400, True, None) == "12,400 tokens"
    assert cost_words(12_400, False, 0.2) == "≈ 12,400 tokens, read at once"
    assert cost_words(12_400, True, 200).endswith("about 3\u00a0min to read")


# --- the sheet -------------------------------------------------------------------------------

TEXT = "".join(f"Line {n} of the text.\n" for n in range(400))


def sheet_view(**changes: object) -> FileSheetView:
    values: dict[str, object] = {
        "id": "1", "name": LONG, "facts": "PDF, 1.2 MB, 12 pages", "way": AttachedWay.WHOLE,
        "text": TEXT, "costs": dict.fromkeys(AttachedWay, "12,400 tokens"), "unit": Unit.PAGES,
    }  # fmt: skip
    return FileSheetView(**{**values, **changes})  # type: ignore[arg-type]


WAYS = [
    sheet_view(),
    sheet_view(way=AttachedWay.PART, part="9", remark="x.pdf has 3 pages.", is_bad=True),
    sheet_view(way=AttachedWay.PART, unit=Unit.HEADINGS, headings=("Costs", "Thanks")),
    sheet_view(way=AttachedWay.PASSAGES, places=tuple((f"Page {n}", n * 90, n * 90 + 60)
                                                      for n in range(5))),
    sheet_view(may_change=False, costs={}),
]  # fmt: skip


@pytest.mark.parametrize(("dark", "zoom"), APPEARANCES)
def test_the_sheet_passes_every_check_in_every_way(stages, dark: bool, zoom: float) -> None:
    stage = stages(dark=dark, zoom=zoom)
    sheet = FileSheet(stage.theme, stage.page)
    found = []
    for view in WAYS:
        sheet.begin(view)
        found += stage.problems()
    assert found == []


def test_a_place_is_marked_and_gone_to(stages) -> None:
    stage = stages()
    sheet = FileSheet(stage.theme, stage.page)
    start = TEXT.index("Line 300 of")
    sheet.begin(sheet_view(
        way=AttachedWay.PASSAGES, places=(("Page 1", 0, 21), ("Page 9", start, start + 21)),
    ))  # fmt: skip
    ui_stage.settle()
    assert sheet.text.marked == ["Line 0 of the text.\u2029L", "Line 300 of the text."]
    sheet.go_to(1)
    ui_stage.settle()
    top = sheet.text.cursorForPosition(sheet.text.viewport().rect().topLeft())
    assert 295 <= top.blockNumber() <= 300
    sheet.close_sheet()
    assert sheet.file_id == ""
    assert sheet.text.toPlainText() == ""


def test_a_huge_text_is_shown_around_the_place_that_is_gone_to(stages) -> None:
    stage = stages()
    text = FileText(stage.theme, stage.page)
    words = "🙂 word " * 200_000
    place = len(words) - 50
    text.show_text(words, [(place, place + 6)])
    assert text.is_cut
    assert len(text.toPlainText()) == MOST_SHOWN
    text.go_to(0)
    assert text.marked == [words[place : place + 6]]


# --- files of a sent message -----------------------------------------------------------------


def sent(name: str, part: str = "") -> AttachedText:
    way = AttachedWay.PART if part else AttachedWay.WHOLE
    return AttachedText("a", name, "pdf", 10, "0" * 64, way, part, "text")


def test_files_of_a_message_stand_at_the_right_and_open(stages) -> None:
    stage = stages()
    files = SentFiles(stage.theme, stage.page)
    opened: list[int] = []
    files.opened.connect(opened.append)
    files.show_files([sent("a.pdf", "Pages 3–5"), sent(LONG), sent("b.pdf")])
    height = files.arrange(560)
    files.setGeometry(0, 0, 560, height)
    ui_stage.settle()
    assert stage.problems() == []
    assert files.buttons[0].full_text == "a.pdf: Pages 3–5"
    assert files.buttons[1].is_elided
    assert max(button.geometry().right() for button in files.buttons) + 1 == 560
    files.buttons[2].click()
    assert opened == [2]
    files.show_files([])
    assert files.arrange(560) == 0


# --- what is known of a file in a draft ------------------------------------------------------


def drafting(kind: Kind = Kind.PDF) -> DraftingFile:
    sections = (Section("1", 0, 6), Section("2", 8, 14))
    file = DraftingFile("1", "x.pdf")
    file.attachment = Attachment("a", "x.pdf", kind, 10, "0" * 64, "page 1\n\npage 2", sections)
    return file


def test_a_file_in_a_draft_tells_what_would_be_given() -> None:
    file = drafting()
    whole = file.given()
    assert whole is not None
    assert whole.text == "page 1\n\npage 2"
    file.way, file.part = AttachedWay.PART, "2"
    part = file.given()
    assert part is not None
    assert part.text == "page 2"
    file.costs[AttachedWay.PART] = Cost(3)
    assert file.view().detail == "Page 2, 3 tokens"
    file.part = "7"
    assert file.sheet().is_bad
    file.way = AttachedWay.PASSAGES
    assert file.given() is None
    assert not file.sheet().is_bad


# --- the other sheets ------------------------------------------------------------------------


@pytest.mark.parametrize(("dark", "zoom"), APPEARANCES)
def test_the_sheets_of_prompts_pass_every_check(stages, dark: bool, zoom: float) -> None:
    stage = stages(dark=dark, zoom=zoom)
    fields = FieldsSheet(stage.theme, "Insert", stage.page)
    fields.ask("A letter " * 20, ["name", "the topic of it", "年"])
    found = stage.problems()
    fields.close_sheet()
    prompts = PromptsSheet(stage.theme, stage.page)
    prompts.show_prompts(
        [LibraryPrompt(id=str(n), name="Prompt " * n, text="{{x}} " * n) for n in range(1, 20)]
    )
    prompts.open_sheet()
    found += stage.problems()
    prompts.show_prompts([])
    found += stage.problems()
    assert found == []


def test_a_needed_field_keeps_the_verb_away_while_it_is_empty(stages) -> None:
    stage = stages()
    fields = FieldsSheet(stage.theme, "Save", stage.page)
    told: list[dict[str, str]] = []
    fields.filled.connect(told.append)
    fields.ask("Save as", ["Name"], needed=True)
    field: QWidget = fields.fields["Name"]
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert told == []
    QTest.keyClicks(field, "Mine")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert told == [{"Name": "Mine"}]
    assert fields.isHidden()
