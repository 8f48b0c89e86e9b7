"""A model's page: what becomes exact moves nothing, one recommendation, an untrusted card."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers import models_samples, ui_checks, ui_stage
from ui.models.model_tab import ModelTab
from ui.models.quantization_view import WIDTHS

VIEW = models_samples.model()


@pytest.fixture
def tab(qtbot: QtBot, qapp: QApplication) -> ModelTab:
    made = ModelTab(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    ui_stage.show(made, (1016, 744))
    made.show_model(VIEW)
    ui_stage.settle()
    return made


def test_columns_are_968_together() -> None:
    assert sum(WIDTHS) == 968


def test_eight_rows_are_visible_at_the_usual_size(tab: ModelTab) -> None:
    seen = [
        row for row in tab.table.rows
        if row.mapTo(tab, row.rect().bottomLeft()).y() <= tab.height()
    ]  # fmt: skip
    assert len(seen) >= 8
    assert all(row.height() == 44 for row in tab.table.rows)


def test_cells_in_words(tab: ModelTab) -> None:
    recommended = next(row for row in tab.table.rows if row.key == "Q4_K_M")
    assert recommended.texts() == (
        "Q4_K_M", "18.6 GB", "12 of 48 expert layers on RTX 4060, 36 in RAM", "9–12 tok/s", "41k",
        "321.4 GB",
    )  # fmt: skip
    assert recommended._bits.text() == "Recommended"
    short = next(row for row in tab.table.rows if row.key == "Q8_0")
    assert short.texts()[-1] == "21.4 GB short"


def test_nothing_moves_while_headers_arrive(tab: ModelTab) -> None:
    """Sizes only, then estimates, then exact: the same rows in the same cells."""

    def parts() -> list[QWidget]:
        cells = [
            cell for row in tab.table.rows[:8] for cell in (row, *row.findChildren(QWidget))
            if not cell.isHidden()
        ]  # fmt: skip
        return [tab.head, tab.advice, tab.table.fold, *cells]

    unread = models_samples.unread_model()
    unread = replace(
        unread,
        rows=tuple(
            replace(row, reason=known.reason)
            for row, known in zip(unread.rows, VIEW.rows, strict=True)
        ),
    )
    tab.show_model(unread)
    ui_stage.settle()
    before = ui_checks.geometry(parts(), tab)
    keys = [row.key for row in tab.table.rows]
    assert tab.table.rows[0].texts()[2:5] == ("being read…", "–", "–")
    for view in (models_samples.model(exact=False), VIEW):
        tab.show_model(view)
        ui_stage.settle()
        assert ui_checks.geometry(parts(), tab) == before
        assert [row.key for row in tab.table.rows] == keys


def test_an_estimate_is_marked_and_becomes_exact(tab: ModelTab) -> None:
    tab.show_model(models_samples.model(exact=False))
    row = tab.table.rows[5]
    assert row.texts()[3:5] == ("≈ 9–12 tok/s", "≈ 41k")
    tab.show_model(VIEW)
    assert tab.table.rows[5] is row
    assert row.texts()[3:5] == ("9–12 tok/s", "41k")


def test_one_is_recommended_in_a_sentence_with_the_one_filled_button(
    qtbot: QtBot, tab: ModelTab
) -> None:
    assert tab.advice.text.startswith("Q4_K_M: the largest of 4 bits")
    assert ui_checks.accent_buttons(tab) == [tab.advice.button]
    assert tab.advice.height() == 48
    with qtbot.waitSignal(tab.fetch_requested) as fetched:
        tab.advice.button.click()
    assert fetched.args == ["Q4_K_M"]


@pytest.mark.parametrize(
    ("fetch", "words", "signal"),
    [
        ("absent", "Download", "fetch_requested"),
        ("coming", "Downloading 43\u00a0%", "progress_requested"),
        ("here", "Chat", "chat_requested"),
    ],
)
def test_what_a_row_s_button_does(
    qtbot: QtBot, tab: ModelTab, fetch: str, words: str, signal: str
) -> None:
    row = replace(VIEW.rows[6], fetch=fetch, progress=0.43)
    tab.show_model(replace(VIEW, rows=(row,), recommended=row.key))
    button = tab.table.rows[0].button
    assert button.text() == words
    for pressed in (button, tab.advice.button):
        with qtbot.waitSignal(getattr(tab, signal)):
            pressed.click()


def test_what_does_not_run_here_is_folded_with_its_reason(qtbot: QtBot, tab: ModelTab) -> None:
    assert {row.key for row in tab.table.rows}.isdisjoint({"MXFP4", "BF16"})
    assert tab.table.fold.text() == "2 more do not run here"
    assert not tab.table.folded[0].isVisible()
    tab.table.fold.click()
    ui_stage.settle()
    new_engine, large = tab.table.folded
    assert new_engine.isVisible()
    assert new_engine.reason.text().endswith("update Moestro.")
    assert new_engine.button.isHidden(), "what no engine here reads is not offered"
    with qtbot.waitSignal(tab.fetch_requested) as fetched:
        large.button.click()
    assert fetched.args == ["BF16"]


@pytest.mark.parametrize(("width", "height"), [(900, 72), (640, 112), (450, 112)])
def test_narrow_pages_have_higher_rows(tab: ModelTab, width: int, height: int) -> None:
    tab.resize(width, 544)
    ui_stage.settle()
    row = tab.table.rows[0]
    expected = height if width != 640 else row.height()
    assert row.height() == expected
    assert row.texts()[-2:] == ("Context 32k", "330.9 GB of the disk free after")
    assert row.width() <= width - 32


def test_publishers(qtbot: QtBot, tab: ModelTab) -> None:
    picker = tab.head.picker
    assert picker.currentText() == "unsloth, 412k downloads"
    with qtbot.waitSignal(tab.publisher_chosen) as chosen:
        picker.activated.emit(1)
    assert chosen.args == ["bartowski/Qwen3-30B-A3B-Instruct-2507-GGUF"]
    tab.show_model(replace(VIEW, publishers=VIEW.publishers[:1]))
    assert picker.isHidden()


def test_gated_says_so_and_opens_the_page(qtbot: QtBot, tab: ModelTab) -> None:
    assert tab.gate.isHidden()
    tab.show_model(replace(VIEW, is_gated=True))
    assert "Gated" in tab.head.facts.text()
    with qtbot.waitSignal(tab.page_requested) as asked:
        tab.gate.button.click()
    assert asked.args == [VIEW.repository]


def test_no_licence_is_said(tab: ModelTab) -> None:
    tab.show_model(replace(VIEW, licence=""))
    assert tab.head.facts.text().startswith("licence not stated")


def test_trouble_offline_and_nothing(qtbot: QtBot, tab: ModelTab) -> None:
    tab.show_model(replace(VIEW, rows=(), recommended="", trouble="It is gone; go back."))
    assert (tab.trouble.text, tab.advice.isHidden()) == ("It is gone; go back.", True)
    with qtbot.waitSignal(tab.try_again_requested):
        tab.trouble.button.click()
    tab.show_model(replace(VIEW, is_offline=True))
    with qtbot.waitSignal(tab.online_requested):
        tab.trouble.button.click()
    assert tab.table.isVisible(), "what is known is still shown"
    tab.show_model(replace(VIEW, rows=(), recommended=""))
    assert "holds no GGUF files" in tab.advice.text
    assert tab.trouble.isHidden()


def test_nothing_fits(tab: ModelTab) -> None:
    rows = tuple(replace(row, reason="Too large.") for row in VIEW.rows)
    tab.show_model(
        replace(VIEW, rows=rows, advice="None of them fits here; IQ2_XS is the smallest.")
    )
    assert tab.table.rows == []
    assert tab.table.fold.text() == "12 more do not run here"
    assert tab.advice.text.startswith("None of them fits")


def test_the_card_is_bounded_and_opens_on_request(tab: ModelTab) -> None:
    assert "<img" not in tab.card.text.markdown
    short = tab.card.height()
    assert len(tab.card.text.markdown) < 5_000
    assert tab.card.text.width() == 720
    tab.card.all.click()
    ui_stage.settle()
    assert tab.card.height() > short
    assert tab.card.all.isHidden()
    assert "Part 59" in tab.card.text.markdown


def test_a_link_of_the_card_asks_first(qtbot: QtBot, tab: ModelTab) -> None:
    tab.card.text.link_activated.emit("https://example.org/report")
    assert tab.link_prompt.isVisible()
    with qtbot.waitSignal(tab.link_requested) as opened:
        tab.link_prompt.open_button.click()
    assert opened.args == ["https://example.org/report"]
    assert tab.link_prompt.isHidden()


def test_a_card_on_its_way_and_none(tab: ModelTab) -> None:
    tab.show_model(replace(VIEW, card=None))
    assert tab.card._state.text() == "What its publisher wrote is being fetched…"
    tab.show_model(replace(VIEW, card="<!-- nothing -->"))
    assert tab.card._state.text() == "Its publisher wrote nothing about it."


def test_keys_scroll_and_esc_goes_back(qtbot: QtBot, tab: ModelTab) -> None:
    bar = tab.area.verticalScrollBar()
    for key, place in ((Qt.Key.Key_End, bar.maximum()), (Qt.Key.Key_Home, 0),
                       (Qt.Key.Key_Down, 40)):  # fmt: skip
        qtbot.keyClick(tab, key)
        assert bar.value() == place
    with qtbot.waitSignal(tab.back_requested):
        qtbot.keyClick(tab, Qt.Key.Key_Escape)


def test_another_model_begins_at_its_top(tab: ModelTab) -> None:
    tab.area.verticalScrollBar().setValue(200)
    tab.show_model(replace(VIEW, advice="Something else."))
    assert tab.area.verticalScrollBar().value() == 200
    tab.show_model(replace(VIEW, repository="a/b"))
    assert tab.area.verticalScrollBar().value() == 0
