"""The placement page: every plan in every appearance, its signals, its states, the keyboard."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.placement.entities import Wishes
from tests.helpers import ui_checks, ui_stage
from tests.helpers.placement_samples import SAMPLES
from ui.placement.page import PlacementPage
from ui.placement.view import PlacementView
from ui.theme.tokens import TEXT_HEADING
from ui.widgets.labels import Label

Views = dict[str, PlacementView]
SIZES = [(1016, 800), (900, 600)]


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, views: Views) -> PlacementPage:
    made = PlacementPage(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    made.show_placement(views["hybrid"])
    ui_stage.show(made, (1016, 800))
    made.activateWindow()
    ui_stage.settle()
    return made


def scroll_to(page: PlacementPage, top: bool) -> None:
    bar = page._area.verticalScrollBar()
    bar.setValue(bar.minimum() if top else bar.maximum())
    ui_stage.settle()


# --- how it looks --------------------------------------------------------------------------


@pytest.mark.parametrize("zoom", [1.0, 2.0])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", [*SAMPLES, "long"])
def test_scripted_checks_hold(
    qtbot: QtBot,
    qapp: QApplication,
    views: Views,
    name: str,
    dark: bool,
    size: tuple[int, int],
    zoom: float,
) -> None:
    page = PlacementPage(ui_stage.dress(qapp, dark=dark, zoom=zoom))
    qtbot.addWidget(page)
    page.show_placement(views[name])
    ui_stage.show(page, size)
    exempt = [page.body.section.picture]
    for top in (True, False):
        scroll_to(page, top)
        assert ui_checks.all_problems(page, zoom, exempt=exempt) == []
    page.body.section.as_table.click()
    scroll_to(page, True)
    assert ui_checks.all_problems(page, zoom) == []


def test_zoomed_while_it_is_open_its_sentence_grows_too(
    qtbot: QtBot, qapp: QApplication, views: Views
) -> None:
    theme = ui_stage.dress(qapp)
    page = PlacementPage(theme)
    qtbot.addWidget(page)
    page.show_placement(views["hybrid"])
    ui_stage.show(page, (900, 600))
    for zoom in (2.0, 1.0):  # into the scrolled part and out of it
        theme.set_zoom(zoom)
        ui_stage.settle()
        problems = ui_checks.all_problems(page, zoom, exempt=[page.body.section.picture])
        assert problems == []
        sentence = next(
            label for label in page.findChildren(Label) if label.text() == page.panel.sentence
        )
        assert sentence.font().pixelSize() == round(TEXT_HEADING * zoom)


def test_long_names_in_the_legend_have_a_line_of_their_own(
    page: PlacementPage, views: Views
) -> None:
    view = views["two-devices"]
    shares = [
        replace(
            share,
            device=replace(
                share.device,
                name=f"RPC{number}",
                description=f"computer-in-the-cellar-{number}.example.org:50052",
                is_here=False,
            ),
        )
        for number, share in enumerate(view.placement.shares[:2])
    ]
    shares.append(view.placement.shares[2])
    page.show_placement(replace(view, placement=replace(view.placement, shares=tuple(shares))))
    section = page.body.section
    assert section.legend.geometry().top() < section.as_table.geometry().bottom()
    page.resize(700, 800)
    ui_stage.settle()
    assert section.legend.geometry().top() >= section.as_table.geometry().bottom()
    assert not section.legend.is_elided
    page.resize(340, 800)
    ui_stage.settle()
    assert section.legend.is_elided
    assert "computer-in-the-cellar-1.example.org:50052" in section.legend.toolTip()
    page.resize(1016, 800)
    ui_stage.settle()
    assert section.legend.geometry().top() < section.as_table.geometry().bottom()


def test_a_screen_reader_meets_everything_from_top_to_bottom(
    page: PlacementPage, views: Views
) -> None:
    page.show_placement(views["two-devices"])
    ui_stage.settle()  # what is gone is deleted
    body = page.body
    wanted = [body.section, *body.device_rows, body.experts, body.context, body.cache, body.more]
    met = [child for child in body.children() if child in wanted]
    assert met == wanted
    choices = [child for child in body.context.children() if isinstance(child, QAbstractButton)]
    assert choices == [*body.context.rows, body.context.longest]


def test_nothing_fits_so_no_context_is_the_longest(page: PlacementPage, views: Views) -> None:
    page.show_placement(views["too-large"])
    assert page.body.context.longest.isHidden()
    page.show_placement(views["hybrid"])
    assert not page.body.context.longest.isHidden()


def test_what_is_going_on_stands_in_place_of_the_source(page: PlacementPage, views: Views) -> None:
    page.show_placement(replace(views["hybrid"], doing="Measuring this computer."))
    assert page.panel.mark == "Measuring this computer."
    page.show_placement(views["hybrid"])
    assert page.panel.mark == "These figures come from llama.cpp itself."


def test_another_model_takes_the_place_of_the_last_one_at_once(page: PlacementPage) -> None:
    page.show_model("gpt-oss-20b", "MXFP4", "Asking the engine where everything fits…")
    assert page.header._name.text() == "gpt-oss-20b"
    assert page.state_text == "Asking the engine where everything fits…"
    assert not page.panel.isVisible()
    assert not page.header.apply.isEnabled()
    page.show_trouble("gpt-oss-20b.gguf is damaged.")
    assert page.state_text == "gpt-oss-20b.gguf is damaged."
    assert page._content.width() <= page._area.viewport().width(), "nothing scrolls sideways"


@pytest.mark.parametrize("size", [(640, 480, 1.0), (640, 480, 2.0), (1600, 1000, 1.0)])
def test_little_and_much_room(
    qtbot: QtBot, qapp: QApplication, views: Views, size: tuple[int, int, float]
) -> None:
    page = PlacementPage(ui_stage.dress(qapp, zoom=size[2]))
    qtbot.addWidget(page)
    page.show_placement(views["two-devices"])
    ui_stage.show(page, size[:2])
    for top in (True, False):
        scroll_to(page, top)
        assert ui_checks.overlaps(page) == []
        assert ui_checks.cut_text(page) == []
    assert page.body.width() <= min(968 * size[2], size[0])


def test_sentence_and_apply_stay_while_the_page_scrolls(
    qtbot: QtBot, qapp: QApplication, views: Views
) -> None:
    page = PlacementPage(ui_stage.dress(qapp))
    qtbot.addWidget(page)
    page.show_placement(views["two-devices"])
    ui_stage.show(page, (900, 600))
    fixed = [page.panel, page.header.apply]
    before = ui_checks.geometry(fixed, page)
    assert page._area.verticalScrollBar().maximum() > 0
    scroll_to(page, False)
    assert ui_checks.geometry(fixed, page) == before
    assert page.panel.isVisibleTo(page)
    # A very low page has no room for that; made higher it has again.
    page.resize(900, 400)
    ui_stage.settle()
    assert page._content.isAncestorOf(page.panel)
    page.resize(900, 600)
    ui_stage.settle()
    assert ui_checks.geometry(fixed, page) == before


def test_nothing_moves_while_the_slider_does(page: PlacementPage, views: Views) -> None:
    parts: list[QWidget] = [page.panel, page.header.apply, page.header.whose, page.body.section]
    parts += [page.body.experts, page.body.context, page.body.cache]
    before = ui_checks.geometry(parts, page)
    view = views["hybrid"]
    page.show_working("Asking the engine…")
    ui_stage.settle()
    assert ui_checks.geometry(parts, page) == before
    page.show_placement(replace(view, is_automatic=False))
    ui_stage.settle()
    assert ui_checks.geometry(parts, page) == before


def test_another_theme_repaints_everything(page: PlacementPage) -> None:
    light = page.grab().toImage()
    page._theme.set_dark(True)
    ui_stage.settle()
    assert page.grab().toImage() != light
    made = page.body.section.legend._entries[0].brush.color().name()
    assert made == page._theme.color("device_1").name()


# --- what it tells -------------------------------------------------------------------------


def wishes_of(page: PlacementPage) -> list[Wishes]:
    told: list[Wishes] = []
    page.wishes_changed.connect(told.append)
    return told


def test_showing_tells_nothing(qtbot: QtBot, page: PlacementPage, views: Views) -> None:
    with (
        qtbot.assertNotEmitted(page.wishes_changed, wait=0),
        qtbot.assertNotEmitted(page.budget_changed, wait=0),
        qtbot.assertNotEmitted(page.automatic_requested, wait=0),
    ):
        for view in views.values():
            page.show_placement(view)


def test_moving_experts_keeps_context_and_cache(page: PlacementPage) -> None:
    told = wishes_of(page)
    page.body.experts.slider.setValue(12)
    page.body.experts.slider.setValue(13)
    assert told == [
        Wishes(context_tokens=16384, kv_type="f16", expert_layers=12),
        Wishes(context_tokens=16384, kv_type="f16", expert_layers=13),
    ]


def test_another_context_leaves_experts_to_the_planner(page: PlacementPage) -> None:
    told = wishes_of(page)
    page.body.context.rows[3].click()
    assert told == [Wishes(context_tokens=32768, kv_type="f16")]


def test_another_context_costs_what_its_price_says(page: PlacementPage, views: Views) -> None:
    view = views["two-devices"]
    page.show_placement(view)
    told = wishes_of(page)
    page.body.context.rows[-1].click()
    assert told == [Wishes(context_tokens=131072, kv_type="q8_0", expert_layers=2)]
    page.show_placement(view)
    page.body.context.rows[0].click()
    assert told[-1].expert_layers == 4, "what the user chose stays when it fits"


def test_longest_context_and_cache(page: PlacementPage) -> None:
    told = wishes_of(page)
    page.body.context.longest.click()
    assert told[-1] == Wishes(context_tokens=41984, kv_type="f16")
    page.body.cache.row("q8_0").click()
    assert told[-1].kv_type == "q8_0"


def test_mine_and_automatic(qtbot: QtBot, page: PlacementPage, views: Views) -> None:
    told = wishes_of(page)
    mine, automatic = (page.header.whose._buttons[each] for each in ("mine", "automatic"))
    mine.click()
    assert told == [Wishes(context_tokens=16384, kv_type="f16", expert_layers=11)]
    page.show_placement(views["two-devices"])
    with qtbot.waitSignal(page.automatic_requested):
        automatic.click()
    page.show_placement(views["hybrid"])
    with qtbot.assertNotEmitted(page.automatic_requested, wait=0):
        automatic.click()


def test_apply_waits_for_a_change(qtbot: QtBot, page: PlacementPage, views: Views) -> None:
    apply = page.header.apply
    assert apply.text() == "Apply and reload (8\u00a0s)"
    assert not apply.isEnabled()
    page.show_placement(replace(views["hybrid"], changed=True, reload_seconds=185.0))
    assert apply.text() == "Apply and reload (3\u00a0min)"
    with qtbot.waitSignal(page.apply_requested):
        apply.click()
    page.show_placement(views["too-large"])
    assert apply.text() == "Apply and load"
    page.show_working("Asking the engine…")
    assert not apply.isEnabled()


def test_limits_are_told_with_their_device(qtbot: QtBot, page: PlacementPage) -> None:
    with qtbot.waitSignal(page.budget_changed) as told:
        qtbot.keyClick(page.body.device_rows[0].bar, Qt.Key.Key_Left)
    assert told.args == ["CUDA0", (8 * 1024 - 800 - 256) * 2**20]


@pytest.mark.parametrize(
    ("words", "signal"),
    [
        ("Copy llama-server command", "copy_command_requested"),
        ("Measure this computer again", "measure_requested"),
        ("Forget this plan", "reset_requested"),
    ],
)
def test_the_menu(qtbot: QtBot, page: PlacementPage, words: str, signal: str) -> None:
    page.body.more.click()
    menu = page.body.findChild(QMenu)
    assert isinstance(menu, QMenu)
    action = next(each for each in menu.actions() if each.text() == words)
    with qtbot.waitSignal(getattr(page, signal)):
        action.trigger()
    menu.close()
    ui_stage.settle()


# --- states --------------------------------------------------------------------------------


def test_without_a_model(page: PlacementPage) -> None:
    page.show_empty()
    ui_stage.settle()
    assert page.state_text == "No model is chosen. Choose one in the chat, then come back."
    assert not page._area.isVisibleTo(page)
    assert not page.header.apply.isEnabled()
    assert ui_checks.all_problems(page, 1.0) == []
    page.show_working("Reading the model…")
    assert page.state_text == "Reading the model…"


def test_trouble_is_said_where_the_figures_come_from(page: PlacementPage, views: Views) -> None:
    told = "The engine did not answer; these figures are older. Try again."
    page.show_placement(replace(views["hybrid"], changed=True))
    page.show_trouble(told)
    assert page.state_text == told
    assert not page.header.apply.isEnabled()
    page.show_placement(replace(views["hybrid"], changed=True))
    assert page.state_text == "These figures come from llama.cpp itself."
    assert page.header.apply.isEnabled()


def test_what_was_not_simulated_says_so(page: PlacementPage, views: Views) -> None:
    page.show_placement(views["too-large"])
    assert page.state_text == "These figures are estimated; llama.cpp could not be asked."
    view = views["hybrid"]
    described = replace(view.placement, is_described=True)
    page.show_placement(replace(view, placement=described))
    assert "Planned for a described machine" in page.state_text


def test_repairs_and_notes_are_shown(page: PlacementPage, views: Views) -> None:
    assert page.body.remarks.isHidden()
    page.show_placement(views["two-devices"])
    assert page.body.remarks.texts == views["two-devices"].repairs
    page.show_placement(views["hybrid"])
    assert page.body.remarks.isHidden()


def test_table_and_picture_take_turns(page: PlacementPage) -> None:
    section = page.body.section
    assert section.table.isHidden()
    section.as_table.click()
    assert section.picture.isHidden()
    assert not section.table.isHidden()
    assert section.as_table.text() == "Show as picture"
    section.as_table.click()
    assert not section.picture.isHidden()


def test_a_layer_under_the_pointer_is_told(qtbot: QtBot, page: PlacementPage) -> None:
    picture, line = page.body.section.picture, page.body.section.line
    assert line.text().startswith("Point at a layer")
    qtbot.mouseMove(picture, picture.column_area(13).center().toPoint())
    qtbot.mouseMove(picture, picture.column_area(13).center().toPoint() + QPoint(1, 0))
    assert line.text().startswith("Layer 12 · RTX 4060: attention 10 MiB")


# --- the keyboard alone --------------------------------------------------------------------


def tab_through(qtbot: QtBot, page: PlacementPage) -> list[QWidget]:
    page.setFocus()
    stops: list[QWidget] = []
    for _ in range(60):
        qtbot.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        if focused in stops:
            break
        stops.append(focused)
    return stops


def named(stop: QWidget) -> str:
    return stop.accessibleName() or str(getattr(stop, "text", str)())


def test_tab_reaches_everything_from_top_to_bottom(
    qtbot: QtBot, page: PlacementPage, views: Views
) -> None:
    page.show_placement(views["hybrid"])
    page.show_placement(replace(views["two-devices"], changed=True))
    ui_stage.settle()
    stops = tab_through(qtbot, page)
    body, header = page.body, page.header
    bars = [row.bar for row in body.device_rows]
    whose = header.whose._buttons
    wanted: list[QWidget] = [
        header.back, whose["automatic"], header.apply, body.section.as_table, body.section.picture,
        bars[0], body.device_rows[1].stops[0], bars[1], bars[2],
        *body.experts.stops, body.context.rows[2], body.context.longest,
        body.cache.row("q8_0"), body.more,
    ]  # fmt: skip
    assert [named(each) for each in stops] == [named(each) for each in wanted]
    assert stops == wanted


def test_tab_leaves_the_table(qtbot: QtBot, page: PlacementPage) -> None:
    section = page.body.section
    section.as_table.click()
    section.table.setFocus()
    qtbot.keyClick(section.table, Qt.Key.Key_Down)
    qtbot.keyClick(section.table, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is page.body.device_rows[0].bar


def test_what_has_the_keyboard_is_scrolled_into_view(
    qtbot: QtBot, qapp: QApplication, views: Views
) -> None:
    page = PlacementPage(ui_stage.dress(qapp))
    qtbot.addWidget(page)
    page.show_placement(views["two-devices"])
    ui_stage.show(page, (900, 600))
    page.activateWindow()
    ui_stage.settle()
    for stop in tab_through(qtbot, page):
        stop.setFocus(Qt.FocusReason.TabFocusReason)
    page.body.cache.row("q8_0").setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(page.body.cache.row("q8_0"), Qt.Key.Key_Tab)
    area = page._area.viewport().rect()
    top = page.body.more.mapTo(page._area.viewport(), QPoint(0, 0))
    assert area.contains(top)


def test_mine_by_an_arrow_key(qtbot: QtBot, page: PlacementPage) -> None:
    told = wishes_of(page)
    whose = page.header.whose._buttons
    whose["automatic"].setFocus()
    qtbot.keyClick(whose["automatic"], Qt.Key.Key_Right)
    assert QApplication.focusWidget() is whose["mine"]
    assert [wishes.expert_layers for wishes in told] == [11]


def test_arrows_choose_a_context(qtbot: QtBot, page: PlacementPage) -> None:
    told = wishes_of(page)
    row = page.body.context.rows[2]
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_Down)
    assert [wishes.context_tokens for wishes in told] == [32768]


def test_escape_and_the_arrow_go_back(qtbot: QtBot, page: PlacementPage) -> None:
    with qtbot.waitSignal(page.back_requested):
        qtbot.keyClick(page.body.experts.slider, Qt.Key.Key_Escape)
    with qtbot.waitSignal(page.back_requested):
        page.header.back.click()
