"""Downloads: every state has its words and its next step, and figures stand still."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.library.download_states import DownloadState, Status
from models.transfer_entities import StopReason
from tests.helpers import models_samples, ui_checks, ui_stage
from ui.models.download_words import (
    fraction,
    ink,
    more_verbs,
    sentence,
    state_words,
    verb_tooltip,
    verb_words,
    verbs,
)
from ui.models.downloads_tab import DownloadsTab
from ui.models.view import DownloadRow, DownloadsView

S, R = DownloadState, StopReason


@pytest.fixture(autouse=True)
def cleared() -> Iterator[None]:
    """Thousands of widgets that are left would be styled anew by every later test."""
    yield
    ui_stage.clear()


def sample(state: DownloadState, reason: StopReason | None = None) -> DownloadRow:
    return models_samples.download(0, Status(state, reason, models_samples.HUB if reason else {}))


@pytest.fixture
def tab(qtbot: QtBot, qapp: QApplication) -> DownloadsTab:
    made = DownloadsTab(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    ui_stage.show(made, (1016, 744))
    return made


def test_the_samples_have_every_state_and_every_reason() -> None:
    assert {status.state for status in models_samples.STATUSES} == set(S)
    assert {status.reason for status in models_samples.STATUSES} >= set(R)


@pytest.mark.parametrize("status", models_samples.STATUSES, ids=lambda s: f"{s.state}-{s.reason}")
def test_every_state_has_words_and_a_next_step(status: Status) -> None:
    row = models_samples.download(0, status)
    assert state_words(row)
    assert len(state_words(row)) <= 28
    if status.state is not S.CANCELLING:
        assert 1 <= len(verbs(row)) <= 2
        assert not set(verbs(row)) & set(more_verbs(row))
        assert all(verb_words(verb) for verb in (*verbs(row), *more_verbs(row)))
    if status.reason is not None:
        assert sentence(row).endswith("."), "why it stands still, in a sentence"
    ended = status.state in (S.READY, S.CANCELLED, S.CANCELLING)
    every = {*verbs(row), *more_verbs(row)}
    assert ended or every & {"cancel", "remove"}, "it can always be got rid of"


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        (S.DOWNLOADING, None, ("pause", "cancel")),
        (S.QUEUED, None, ("pause", "cancel")),
        (S.WAITING, R.RECONNECT, ("try_now", "pause")),
        (S.PAUSED, R.USER, ("resume", "cancel")),
        (S.PAUSED, R.OFFLINE, ("try_now", "cancel")),
        (S.PAUSED, R.DISK_FULL, ("free_space", "resume")),
        (S.PAUSED, R.VOLUME_GONE, ("resume", "cancel")),
        (S.BLOCKED, R.GATED, ("open_page", "resume")),
        (S.BLOCKED, R.AUTH, ("token", "resume")),
        (S.BLOCKED, R.FS_LIMIT, ("folder", "resume")),
        (S.FAILED, R.STRUCTURE, ("open_page", "remove")),
        (S.FAILED, R.CERTIFICATE, ("try_again", "remove")),
        (S.CORRUPT, R.CORRUPT, ("try_again", "remove")),
        (S.CANCELLED, None, ("resume", "discard")),
        (S.READY, None, ("chat", "remove")),
    ],
)
def test_next_steps(
    state: DownloadState, reason: StopReason | None, expected: tuple[str, ...]
) -> None:
    assert verbs(sample(state, reason)) == expected


def test_what_another_moestro_does_is_not_touched(tab: DownloadsTab) -> None:
    row = replace(sample(S.DOWNLOADING), elsewhere=True)
    assert verbs(row) == more_verbs(row) == ()
    assert state_words(row) == "In another Moestro"
    tab.show_downloads(DownloadsView(rows=(row,)))
    card = tab.cards[0]
    assert card.first.isHidden()
    assert card.more.isHidden()


def test_what_is_lost_is_said_before() -> None:
    gone = sample(S.FAILED, R.NOT_FOUND)
    assert verb_tooltip(gone, "remove") == "Deletes what is here of it, 41.3 GB"
    assert verb_tooltip(sample(S.READY), "remove") == "", "the model stays"
    assert verb_tooltip(sample(S.DOWNLOADING), "pause") == ""


def test_bars_and_inks() -> None:
    assert fraction(sample(S.READY)) == 1.0
    assert fraction(sample(S.QUEUED)) == 0.0
    assert fraction(sample(S.CHECKING)) == pytest.approx(0.8)
    assert fraction(replace(sample(S.DOWNLOADING), total_bytes=0)) == 0.0
    states = (S.READY, S.FAILED, S.BLOCKED, S.PAUSED, S.DOWNLOADING)
    reasons = (None, R.REFUSED, R.GATED, R.USER, None)
    inks = [ink(sample(*each)) for each in zip(states, reasons, strict=True)]
    assert inks == ["good", "bad", "warning", "idle", "accent"]
    assert ink(sample(S.PAUSED, R.DISK_FULL)) == "warning"


def test_going_back_says_why_while_it_goes_on() -> None:
    row = replace(sample(S.DOWNLOADING), went_back="download.went_back_hash")
    assert "fetched once more" in sentence(row)
    assert sentence(replace(row, status=Status(S.READY))) == ""
    assert sentence(replace(row, went_back="download.of_another_version")) == ""


def test_nothing_moves_from_state_to_state(tab: DownloadsTab) -> None:
    first = sample(S.DOWNLOADING)
    tab.show_downloads(DownloadsView(rows=(first,)))
    ui_stage.settle()
    card = tab.cards[0]
    parts = [card, card.first, card.second, card.more, card.bar, card._name, card._amount,
             card._rate, card._left]  # fmt: skip
    before = ui_checks.geometry(parts, tab)
    for status in models_samples.STATUSES:
        tab.show_downloads(DownloadsView(rows=(replace(first, status=status),)))
        ui_stage.settle()
        assert ui_checks.geometry(parts, tab) == before, status
        assert tab.cards[0] is card


def test_figures(tab: DownloadsTab) -> None:
    tab.show_downloads(DownloadsView(rows=(sample(S.DOWNLOADING),)))
    card = tab.cards[0]
    assert card.figures == ("41.3 of 62.0 GB", "23 MB/s", "15\u00a0min left")
    tab.show_downloads(DownloadsView(rows=(replace(sample(S.DOWNLOADING), is_stalled=True),)))
    assert card.figures == ("41.3 of 62.0 GB", "", "")
    assert card.state.text() == "Nothing arrives"


def test_the_longest_figures_fit_their_columns(tab: DownloadsTab) -> None:
    row = replace(
        sample(S.DOWNLOADING), total_bytes=1_999_900_000_000, done_bytes=1_888_800_000_000,
        bytes_per_second=1234e6, seconds_left=359_000.0,
    )  # fmt: skip
    tab.show_downloads(DownloadsView(rows=(row,)))
    ui_stage.settle()
    assert ui_checks.cut_text(tab) == []


def test_buttons_tell_verb_and_download(qtbot: QtBot, tab: DownloadsTab) -> None:
    tab.show_downloads(models_samples.downloads())
    card = next(each for each in tab.cards if each.first.text() == "Add a token")
    for button, verb in ((card.first, "token"), (card.second, "resume")):
        with qtbot.waitSignal(tab.asked) as asked:
            button.click()
        assert asked.args == [verb, card.id]


def test_the_order_of_the_queue_from_the_keyboard(qtbot: QtBot, tab: DownloadsTab) -> None:
    rows = [replace(sample(S.QUEUED), id=name) for name in "abc"]
    done = replace(sample(S.READY), id="done")
    tab.show_downloads(DownloadsView(rows=(*rows, done)))
    ui_stage.settle()
    tab.take_focus()
    assert tab.cards[0].hasFocus()
    alt, cards = Qt.KeyboardModifier.AltModifier, tab.cards
    expected = [(0, Qt.Key.Key_Down, ["a", "c"]), (1, Qt.Key.Key_Down, ["b", None]),
                (2, Qt.Key.Key_Up, ["c", "b"])]  # fmt: skip
    for number, key, told in expected:
        with qtbot.waitSignal(tab.moved) as moved:
            qtbot.keyClick(cards[number], key, alt)
        assert moved.args == told
    for number, key in ((0, Qt.Key.Key_Up), (2, Qt.Key.Key_Down), (3, Qt.Key.Key_Up)):
        with qtbot.assertNotEmitted(tab.moved, wait=0):
            qtbot.keyClick(cards[number], key, alt)


def test_keys_on_a_row(qtbot: QtBot, tab: DownloadsTab) -> None:
    tab.show_downloads(DownloadsView(rows=tuple(
        replace(sample(S.DOWNLOADING), id=name) for name in "ab")))  # fmt: skip
    ui_stage.settle()
    tab.take_focus()
    qtbot.keyClick(tab.cards[0], Qt.Key.Key_Down)
    assert tab.cards[1].hasFocus()
    for key, verb in ((Qt.Key.Key_Return, "pause"), (Qt.Key.Key_Delete, "cancel")):
        with qtbot.waitSignal(tab.asked) as asked:
            qtbot.keyClick(tab.cards[1], key)
        assert asked.args == [verb, "b"]


def test_tab_goes_on_in_the_order_that_is_seen(qtbot: QtBot, tab: DownloadsTab) -> None:
    rows = tuple(replace(sample(S.QUEUED), id=name) for name in "ab")
    tab.show_downloads(DownloadsView(rows=rows))
    tab.show_downloads(DownloadsView(rows=rows[::-1]))
    ui_stage.settle()
    tab.cards[0].setFocus()
    seen = []
    for _ in range(4):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    first, second = tab.cards
    assert seen == [first.first, first.second, first.more, second]
    assert first.y() < second.y()


def test_sums_and_what_is_finished(qtbot: QtBot, tab: DownloadsTab) -> None:
    tab.show_downloads(models_samples.downloads())
    assert tab.summary.text().startswith("8 running · 14 waiting · 13 need you · 560.1 GB")
    with qtbot.waitSignal(tab.remove_finished_requested):
        tab.clear.click()
    tab.show_downloads(DownloadsView())
    assert tab.state.isVisible()
    with qtbot.waitSignal(tab.discover_requested):
        tab.state.buttons[0].click()
