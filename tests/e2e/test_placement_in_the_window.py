"""Placement in the window, with real services and an RPC device: seen, changed, and undone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.engine.entities import SamplingParameters
from app.engine.host import HostState
from app.placement.entities import Wishes
from app.wording import sentence
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_QWEN3MOE
from tests.helpers.placing import MIB, Placing, keep_speeds
from tests.helpers.rpc_devices import RpcDevice, rpc_device
from tests.helpers.window import dispose, is_over, open_session, wait_until
from ui.session import Session

CONTEXT = 1024
Open = Callable[..., Session]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(SMALL_QWEN3MOE, tmp_path_factory.mktemp("small") / "small.gguf")


@pytest.fixture(scope="module")
def device() -> Iterator[RpcDevice]:
    """For tests that leave it as it was."""
    with rpc_device(200 * MIB) as served:
        yield served


@pytest.fixture
def begin(tmp_path: Path, small: Path, qapp: object) -> Iterator[Open]:
    """Opens the window on a data folder that knows the model and this computer's speed."""
    opened: list[Session] = []

    def start(*hosts: str, budget: int = 190 * MIB, path: Path = small) -> Session:
        here = Placing(tmp_path / "data")
        here.services.settings.change(
            rpc_hosts=hosts, device_budgets={"RPC0": budget}, context_tokens=CONTEXT,
            sampling=SamplingParameters(max_tokens=20, temperature=0.0),
        )  # fmt: skip
        keep_speeds(here, 2e6)
        here.services.library.add_file(path)
        here.close()
        session = open_session(tmp_path / "data")
        opened.append(session)
        return session

    yield start
    for session in opened:
        dispose(session)


def press(qtbot: QtBot, widget: QWidget, *keys: Qt.Key) -> None:
    """Give a widget the keyboard and press keys; the focus may move meanwhile."""
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    for key in keys:
        qtbot.keyClick(QApplication.focusWidget() or widget, key)


def open_page(qtbot: QtBot, session: Session) -> None:
    """From the words in the status line, by the keyboard."""
    place = session.page.status.place
    wait_until(lambda: bool(place.text()))
    press(qtbot, place, Qt.Key.Key_Space)
    assert session.window.current_page == "placement"
    await_exact(session)


def await_exact(session: Session) -> None:
    wait_until(lambda: session.placement_page.state_text == sentence("placement.simulated"))


def shown(session: Session) -> int:
    """Expert layers on the device, as the page shows them."""
    return session.placement_page.body.experts.slider.value()


def loaded(session: Session) -> int | None:
    """Expert layers on the device, as they really are; None when nothing is loaded."""
    services = session.services
    current = services.loader.current
    is_ready = services.host.status.state is HostState.READY
    return current.placement.expert_layers if current and is_ready else None


def open_menu(qtbot: QtBot, session: Session) -> QMenu:
    press(qtbot, session.placement_page.body.more, Qt.Key.Key_Space)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def test_a_plan_is_seen_changed_applied_and_undone_by_the_keyboard_alone(
    qtbot: QtBot, begin: Open, device: RpcDevice
) -> None:
    session = begin(device.host)
    page, status = session.placement_page, session.page.status.place
    wait_until(lambda: device.host in status.text())
    open_page(qtbot, session)
    assert shown(session) == 6
    header, body = page.header, page.body
    assert header.whose.value == "automatic"
    assert "measured" not in body.figures

    # Fewer expert layers on the device: another speed at once, and it is somebody's own plan.
    before = body.experts.speed_text
    press(qtbot, body.experts.slider, Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert shown(session) == 4
    assert body.experts.speed_text != before
    assert header.whose.value == "mine"
    assert header.apply.isEnabled()
    await_exact(session)
    press(qtbot, header.apply, Qt.Key.Key_Space)
    wait_until(lambda: loaded(session) == 4)
    wait_until(lambda: "measured" in body.figures)
    assert not header.apply.isEnabled(), "it is what is loaded"
    chosen = session.services.loader.current.wishes
    assert (chosen.expert_layers, chosen.context_tokens) == (4, CONTEXT)

    # Questions use it, and it outlives the load: somebody chose it.
    session.chat.send("Hello?")
    wait_until(lambda: is_over(session))
    assert loaded(session) == 4
    assert session.chat.branch[-1].details.plan.overrides
    session.services.loader.unload()
    session.chat.send("Once more")
    wait_until(lambda: is_over(session))
    assert loaded(session) == 4

    # What would do the same elsewhere.
    menu = open_menu(qtbot, session)
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    command = QApplication.clipboard().text()
    assert command.startswith("llama-server")
    assert device.host in command
    assert "exps" in command

    # Back to the automatic plan.
    press(qtbot, header.whose._buttons["mine"], Qt.Key.Key_Left)
    assert header.whose.value == "automatic"
    assert shown(session) == 6
    await_exact(session)
    press(qtbot, header.apply, Qt.Key.Key_Space)
    wait_until(lambda: loaded(session) == 6)

    qtbot.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Escape)
    assert session.window.current_page == "chat"


def test_forgetting_a_plan_makes_it_automatic_again(
    qtbot: QtBot, begin: Open, device: RpcDevice
) -> None:
    session = begin(device.host)
    services = session.services
    open_page(qtbot, session)
    press(qtbot, session.placement_page.body.experts.slider, Qt.Key.Key_Left)
    press(qtbot, session.placement_page.header.apply, Qt.Key.Key_Space)
    wait_until(lambda: loaded(session) == 5)
    key, fingerprint = session.chat.model.key, session.places.surveyed.fingerprint
    assert services.records.wishes(key, fingerprint) is not None
    assert services.records.working_plan(key, fingerprint, CONTEXT) is not None
    menu = open_menu(qtbot, session)
    qtbot.keyClick(menu, Qt.Key.Key_Up)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert services.records.wishes(key, fingerprint) is None
    assert services.records.working_plan(key, fingerprint, CONTEXT) is None
    assert session.placement_page.header.whose.value == "automatic"
    assert shown(session) == 6
    assert session.window.toast.isVisible()
    assert loaded(session) == 5, "what is loaded stays until it is applied"
    assert session.placement_page.header.apply.isEnabled()


def test_the_popover_tells_where_each_model_would_be(begin: Open, device: RpcDevice) -> None:
    session = begin(device.host)
    popover = session.popover
    wait_until(lambda: session.places.surveyed is not None)
    session.models.open_popover()
    wait_until(lambda: all(row.detail for row in rows(session)))
    details = {row.name: row.detail for row in rows(session)}
    assert len(details) == 2
    for detail in details.values():
        assert "tok/s" in detail
    assert device.host in details[SMALL_QWEN3MOE.name]
    session.popover.placement_requested.emit(session.chat.model.key)
    popover.close()
    assert session.window.current_page == "placement"


def rows(session: Session) -> list:
    models = session.popover._models
    return [models.row_at(number) for number in range(models.rowCount())]


def test_a_repair_is_told_and_leads_to_where_it_can_be_seen(begin: Open) -> None:
    with rpc_device(116 * MIB, told_bytes=1000 * MIB) as liar:
        session = begin(liar.host, budget=500 * MIB)
        banner = session.window.banner
        session.chat.send("Hello?")
        wait_until(banner.isVisible)
        step = session.services.loader.current.steps[-1]
        assert step.code == "placement.repair_experts"
        assert step.facts["count"] == 2
        told = sentence(step.code, step.facts)
        assert liar.host in told
        assert banner.text == told
        wait_until(lambda: is_over(session), 60)
        assert loaded(session) == 4
        banner._buttons[0].click()
        assert session.window.current_page == "placement"
        page = session.placement_page
        wait_until(lambda: bool(page.body.remarks.texts))
        assert page.body.remarks.texts[0] == told
        # The page shows the plan that works, and nothing to apply.
        await_exact(session)
        assert shown(session) == 4
        assert not page.header.apply.isEnabled()
        assert session.window.banner.isHidden()


# --- when there is nothing to show -----------------------------------------------------------


def test_without_a_model_the_page_says_what_to_do(
    qtbot: QtBot, tmp_path: Path, qapp: object
) -> None:
    session = open_session(tmp_path / "empty", starter=tmp_path / "absent.gguf")
    try:
        assert session.chat.model is None
        session.page.status.place_pressed.emit()
        assert session.placement_page.state_text == sentence("placement.no_model")
        press(qtbot, session.placement_page, Qt.Key.Key_Escape)
        assert session.window.current_page == "chat"
    finally:
        dispose(session)


def test_a_damaged_file_is_one_sentence_on_the_page(
    begin: Open, small: Path, tmp_path: Path
) -> None:
    path = tmp_path / "damaged.gguf"
    path.write_bytes(small.read_bytes())
    session = begin(path=path)
    wait_until(lambda: bool(session.page.status.place.text()))
    model, page = session.chat.model, session.placement_page
    path.write_bytes(b"GGUF" + bytes(200))
    session.placement.open(model)
    assert "damaged.gguf" in page.state_text
    assert len(page.state_text) <= 140
    assert not page.header.apply.isEnabled()


def test_a_host_that_died_is_one_sentence_on_the_page_and_the_rest_goes_on(
    qtbot: QtBot, begin: Open
) -> None:
    with rpc_device(200 * MIB) as device:
        host = device.host
        session = begin(host)
        open_page(qtbot, session)
        press(qtbot, session.placement_page.header.back, Qt.Key.Key_Space)
    page = session.placement_page
    session.placement.open(session.chat.model)
    wait_until(lambda: host in page.state_text)
    assert page.state_text == sentence("engine.rpc_unreachable", {"host": host})
    assert not page.header.apply.isEnabled()
    session.chat.send("Hello?")
    wait_until(lambda: is_over(session))
    assert session.chat.branch[-1].details.failure == "engine.rpc_unreachable"
    # Left out, the model runs here.
    session.services.settings.change(rpc_hosts=())
    session.chat.send("And now?")
    wait_until(lambda: is_over(session))
    assert session.chat.branch[-1].text
    assert session.services.loader.current.placement.verdict == "cpu"
    session.placement.open(session.chat.model)
    wait_until(lambda: "measured" in page.body.figures)
    assert session.placement._wishes == Wishes(context_tokens=CONTEXT)
