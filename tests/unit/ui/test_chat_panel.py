"""The panel: instructions and sampling, shown without echo and told once."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.engine.entities import SamplingParameters
from tests.helpers import ui_stage
from ui.chat.panel import ChatPanel
from ui.theme.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(autouse=True)
def cleared() -> Iterator[None]:
    """Thousands of widgets that are left would be styled anew by every later test."""
    yield
    ui_stage.clear()


@pytest.fixture
def panel(qtbot: object) -> ChatPanel:
    made = ChatPanel(Theme())
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.resize(320, 700)
    made.show()
    made.activateWindow()
    return made


@pytest.fixture
def chosen(panel: ChatPanel) -> list[SamplingParameters | None]:
    told: list[SamplingParameters | None] = []
    panel.sampling_changed.connect(told.append)
    return told


def test_showing_tells_nothing(panel: ChatPanel, chosen: list[SamplingParameters | None]) -> None:
    texts: list[str] = []
    panel.instructions_changed.connect(texts.append)
    panel.set_instructions("Be brief.")
    panel.set_sampling(SamplingParameters(temperature=1.2, max_tokens=300, seed=5))
    panel.instructions.clearFocus()
    QTest.qWait(0)
    assert texts == []
    assert chosen == []
    assert panel.form.temperature.value == pytest.approx(1.2)
    assert panel.form.length.currentText() == "300 tokens"
    assert panel.form.seed.text() == "5"


def test_instructions_are_told_after_a_pause(panel: ChatPanel, qtbot: object) -> None:
    texts: list[str] = []
    panel.instructions_changed.connect(texts.append)
    panel.instructions.setFocus()
    QTest.keyClicks(panel.instructions, "Be kind")
    assert texts == []
    qtbot.waitUntil(lambda: texts == ["Be kind"], timeout=5000)  # type: ignore[attr-defined]


def test_leaving_the_instructions_tells_at_once(panel: ChatPanel) -> None:
    texts: list[str] = []
    panel.instructions_changed.connect(texts.append)
    panel.instructions.setFocus()
    QTest.keyClicks(panel.instructions, "Be kind")
    panel.form.seed.setFocus()
    panel.instructions.clearFocus()
    assert texts == ["Be kind"]


def test_opening_another_chat_does_not_tell_the_last_one_s_text(panel: ChatPanel) -> None:
    texts: list[str] = []
    panel.instructions_changed.connect(texts.append)
    QTest.keyClicks(panel.instructions, "half")
    panel.set_instructions("of another chat")
    panel._tell()
    assert texts == []


def test_changes_keep_everything_else(
    panel: ChatPanel, chosen: list[SamplingParameters | None]
) -> None:
    start = SamplingParameters(temperature=0.3, top_k=7, stop=("END",))
    panel.set_sampling(start)
    panel.form.temperature.edited.emit(0.9)
    panel.form.length.chosen.emit(1024)
    panel.form.stop.setText(" END | ### ")
    panel.form.stop.editingFinished.emit()
    assert chosen[-1] == SamplingParameters(
        temperature=0.9, top_k=7, max_tokens=1024, stop=("END", "###")
    )
    assert len(chosen) == 3


@pytest.mark.parametrize(
    ("typed", "seed"),
    [("42", 42), ("", None), ("x", None), ("-1", None), ("99999999999", None), ("４", None)],
)
def test_a_seed_is_a_number_or_nothing(
    panel: ChatPanel, chosen: list[SamplingParameters | None], typed: str, seed: int | None
) -> None:
    panel.set_sampling(SamplingParameters(seed=7))
    panel.form.seed.setText(typed)
    panel.form.seed.editingFinished.emit()
    assert chosen == [SamplingParameters(seed=seed)]
    assert panel.form.seed.text() == ("" if seed is None else str(seed))


def test_reset_asks_to_follow_the_settings(
    panel: ChatPanel, chosen: list[SamplingParameters | None]
) -> None:
    panel.form._reset.click()
    assert chosen == [None]


def test_more_is_folded_until_wanted(panel: ChatPanel) -> None:
    assert panel.form.more.isHidden()
    panel.form._more_button.click()
    assert panel.form.more.isVisible()


def test_every_number_under_more_is_told(
    panel: ChatPanel, chosen: list[SamplingParameters | None]
) -> None:
    panel.form._more_button.click()
    from ui.widgets.number_field import NumberField

    fields = panel.form.more.findChildren(NumberField)
    for field in fields:
        field.edited.emit(1.5)
    assert chosen[-1] == SamplingParameters(
        top_k=2,
        top_p=1.5,
        min_p=1.5,
        repetition_penalty=1.5,
        frequency_penalty=1.5,
        presence_penalty=1.5,
        typical_p=1.5,
        dry_multiplier=1.5,
        dry_base=1.5,
        dry_allowed_length=2,
        xtc_probability=1.5,
        xtc_threshold=1.5,
    )
    assert isinstance(chosen[-1].top_k, int)


def test_the_text_is_at_least_160_high_and_fits(panel: ChatPanel) -> None:
    panel.form._more_button.click()
    assert panel.instructions.height() >= 160
    assert panel.width() == 320
    assert panel._area.horizontalScrollBar().maximum() == 0
    assert panel._content.minimumSizeHint().width() <= panel._area.viewport().width()


def test_tab_leaves_the_instructions(panel: ChatPanel) -> None:
    panel.instructions.setFocus()
    QTest.keyClick(panel.instructions, Qt.Key.Key_Tab)
    assert not panel.instructions.hasFocus()
    assert panel.instructions.toPlainText() == ""


def test_each_field_goes_back_by_itself(
    panel: ChatPanel, chosen: list[SamplingParameters | None]
) -> None:
    changed = SamplingParameters(
        temperature=1.2, max_tokens=256, seed=5, stop=("END",), loop_guard=False
    )
    usual, form = SamplingParameters(), panel.form
    form._more_button.click()
    panel.set_sampling(usual)
    assert all(reset.isHidden() for reset in form.resets.values())
    panel.set_sampling(changed)
    assert set(form.resets) == {"temperature", "max_tokens", "seed", "stop", "loop_guard"}
    for count, (field, reset) in enumerate(form.resets.items(), 1):
        assert not reset.isHidden()
        reset.click()
        assert reset.isHidden()
        assert getattr(chosen[-1], field) == getattr(usual, field)
        assert len(chosen) == count
    assert form.seed.text() == ""
    assert form.guard.isChecked()
