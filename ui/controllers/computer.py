"""The page about this computer: devices, speeds, engines for GPUs, and the badge beside it."""

import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import QObject, Signal

from app.engine.builds import EngineBuild
from app.engine.missing import Missing
from app.engine.toolkits import GPU_BACKENDS, GpuBackend
from app.placement.survey import Surveyed
from app.services import Services
from models.errors import KnownError
from ui.computer.computer_page import ComputerPage
from ui.computer.view import (
    BackendView,
    BuildView,
    ComputerView,
    HostView,
    devices_of,
    is_lent,
)
from ui.computer.words import lent_words, unseen_device
from ui.controllers.placement import PlacementController
from ui.controllers.places import Places
from ui.main_window import MainWindow
from ui.sentences import say, say_error


class ComputerController(QObject):
    """Asks when somebody looks.

    Signals:
        trouble: a sentence to show.
    """

    trouble = Signal(str)

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        page: ComputerPage,
        places: Places,
        placement: PlacementController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._window = window
        self._page = page
        self._places = places
        self._surveyed: Surveyed | None = None
        self._missing: tuple[Missing, ...] = ()
        self._building: tuple[GpuBackend, BuildView] | None = None
        self._stop_build: Callable[[], None] = _nothing
        self._silent = ""
        self._measuring: float | None = None
        self._seconds: float | None = None
        page.back_requested.connect(lambda: window.show_page("chat"))
        page.refresh_requested.connect(self.look)
        page.measure_requested.connect(placement.measure)
        page.stop_measuring_requested.connect(placement.stop_measuring)
        page.get_engine_requested.connect(self._get_engine)
        page.stop_build_requested.connect(lambda: self._stop_build())
        placement.measuring.connect(self._measured)
        places.changed.connect(self._places_changed)

    def open(self) -> None:
        """Show the page and look."""
        self._window.show_page("computer")
        self.look()

    def look(self) -> None:
        """Ask the engine what it sees, and look for GPUs that it does not."""
        self._page.show_waiting()
        began = time.monotonic()

        def looked(surveyed: Surveyed) -> None:
            self._seconds = time.monotonic() - began
            self._surveyed = surveyed
            self._places.note(surveyed)

        self._silent = ""
        self._services.survey.look(looked, self._not_looked)
        self._services.builds.look_for_missing(self._missing_found)

    # --- what is shown ---------------------------------------------------------------------

    def _not_looked(self, error: KnownError) -> None:
        self._silent = str(error.facts.get("host", ""))
        self._show()
        self._page.show_trouble(say_error(error))

    def _missing_found(self, missing: tuple[Missing, ...]) -> None:
        self._missing = missing
        self._window.sidebar.set_unused_gpus(len(missing))
        self._show()

    def _places_changed(self) -> None:
        self._surveyed = self._places.surveyed
        self._show()

    def _measured(self, fraction: object) -> None:
        assert fraction is None or isinstance(fraction, float)
        was, self._measuring = self._measuring, fraction
        if was is not None and fraction is not None:
            self._page.set_measuring(fraction)
        else:
            self._show()

    def _show(self) -> None:
        surveyed = self._surveyed
        if surveyed is None or self._window.current_page != "computer":
            return
        view = self._view(surveyed)
        self._window.sidebar.set_unused_gpus(view.unused_gpus)
        self._page.show_computer(view)

    def _view(self, surveyed: Surveyed) -> ComputerView:
        services = self._services
        held = services.loader.held()
        planned = {device.name for device in surveyed.machine.everything}
        reasons = {
            device.name: say("computer.not_needed")
            for device in surveyed.inventory.devices
            if device.name not in planned and device.kind != "cpu"
        }
        purposes = {name: say("computer.holds_model") for name, size in held.items() if size}
        building = self._building
        unseen = [
            unseen_device(each, building[1] if building and building[0] == each.backend else None)
            for each in self._missing
        ]
        return ComputerView(
            devices=devices_of(
                surveyed.inventory,
                held=held,
                purposes=purposes,
                reasons=reasons,
                drivers={},
                unseen=unseen,
            ),
            backends=self._backends(),
            hosts=self._hosts(surveyed),
            speeds=surveyed.speeds,
            measured_ms=services.survey.measured_ms(surveyed) or 0,
            measuring=self._measuring,
            engine_version=_engine_version(),
            answered_seconds=self._seconds,
        )

    def _backends(self) -> tuple[BackendView, ...]:
        usable = {build.backend for build in self._services.builds.usable()}
        found = [
            BackendView(name="cpu", state="built_in"),
            BackendView(name="rpc", state="built_in"),
        ]
        for backend in GPU_BACKENDS:
            reasons = [
                say(each.code, each.facts) for each in self._missing if each.backend == backend
            ]
            if backend in usable:
                found.append(BackendView(name=backend, state="added"))
            elif reasons:
                found.append(BackendView(name=backend, state="absent", words=reasons[0]))
        return tuple(found)

    def _hosts(self, surveyed: Surveyed) -> tuple[HostView, ...]:
        lent = [each for each in surveyed.inventory.devices if is_lent(each)]
        return tuple(
            HostView(
                address=host,
                words=lent_words([each for each in lent if each.description == host]),
                answers=host != self._silent,
            )
            for host in surveyed.machine.rpc_hosts
        )

    # --- engines for GPUs ------------------------------------------------------------------

    def _get_engine(self, backend: str) -> None:
        known = next((each for each in GPU_BACKENDS if each == backend), None)
        if known is None or self._building is not None:
            return

        def progress(phase: str, fraction: float) -> None:
            words = say(f"builds.phase_{phase}")
            self._building = known, BuildView(words=words, fraction=fraction)
            self._show()

        def done(_build: EngineBuild) -> None:
            self._building = None
            self._window.toast.offer(say("builds.done"), None)
            self.look()

        def failed(error: KnownError) -> None:
            self._building = None
            self.trouble.emit(say_error(error))
            self._show()

        self._building = known, BuildView(words=say("builds.phase_examine"))
        self._show()
        self._stop_build = self._services.builds.start_build(known, progress, done, failed)


def _nothing() -> None:
    pass


def _engine_version() -> str:
    try:
        return version("llama-cpp-python")
    except PackageNotFoundError:
        return ""
