"""After sleep: notices that a GPU did not come back, says so, and loads the model once more."""

import logging
from collections.abc import Callable

from app.awake_gap import SleepWatch, slept_seconds
from app.chat.events import TurnEvent, TurnReading, TurnText
from app.chat.turns import Turns
from app.engine.errors import HostLostError, WorkerDiedError, WorkerKilledError
from app.engine.host import HostState, HostStatus, ModelHost
from app.notices import Notice
from app.placement.entities import MachineDevice
from app.placement.loader import Loader
from app.placement.survey import Survey, Surveyed
from app.placement.words import short_name
from app.posting import Scheduler
from app.wording import sentence
from models.entities import ModelHandle
from models.errors import KnownError

log = logging.getLogger("moestro.awake")

_DRIVER_SECONDS = 1.0
"""A driver that was reset is given this long before it is asked again."""


class DevicesAfterSleep:
    """A device is in doubt from a sleep until it has computed something.

    What dies meanwhile is loaded again, once: what does not fit any more without the device goes
    the loader's own way of repairs. Whoever was killed for lack of memory, and another computer
    that went away, have sentences of their own and are left alone.
    """

    def __init__(
        self,
        host: ModelHost,
        loader: Loader,
        survey: Survey,
        turns: Turns,
        scheduler: Scheduler,
        handle_for: Callable[[str], ModelHandle],
        tell: Callable[[Notice], None],
        slept: Callable[[], float] = slept_seconds,
    ) -> None:
        """``handle_for`` finds a model by its key; ``slept`` counts the seconds of all sleeps."""
        self._host, self._loader, self._survey, self._turns = host, loader, survey, turns
        self._scheduler, self._handle_for, self._tell = scheduler, handle_for, tell
        self._doubted = ""
        """Key of the model whose devices have computed nothing since the last sleep."""
        self.watch = SleepWatch(scheduler, self._woke, slept)
        host.subscribe(self._host_changed)
        turns.subscribe(self._heard)

    def _woke(self, _seconds: float) -> None:
        current = self._loader.current
        if current is None or not self._devices():
            return
        self._doubted = current.model_key
        if self._host.status.state is HostState.READY and self._turns.active is None:
            # While an answer is written the worker itself finds out sooner.
            self._survey.look(self._surveyed, lambda _error: None)

    def _surveyed(self, surveyed: Surveyed) -> None:
        here = {device.name for device in surveyed.inventory.devices}
        gone = [device for device in self._devices() if device.name not in here]
        if gone and self._host.is_ready(self._doubted):
            self._load_again(self._doubted, gone[0])

    def _host_changed(self, status: HostStatus) -> None:
        if status.state is HostState.READY:
            self._doubted = ""  # it was loaded after the sleep
        if status.state is not HostState.EMPTY:
            return
        death = status.failure
        if not isinstance(death, WorkerDiedError):
            return
        self.watch.look()  # it may have died before anybody noticed the sleep
        doubted, self._doubted = self._doubted, ""
        devices = self._devices()
        if doubted and devices and not isinstance(death, HostLostError | WorkerKilledError):
            self._load_again(doubted, devices[0])

    def _heard(self, event: TurnEvent) -> None:
        if isinstance(event, TurnReading | TurnText):
            self._doubted = ""

    def _load_again(self, key: str, device: MachineDevice) -> None:
        self._doubted = ""
        try:
            handle = self._handle_for(key)
        except KnownError as error:
            self._tell(Notice(error.code, error.facts))  # its file went away meanwhile
            return
        name = short_name(device, sentence)
        log.warning("%s did not come back after sleep; the model is loaded again", device.name)
        self._tell(Notice("placement.lost_in_sleep", {"device": name}))

        def begin() -> None:
            if self._host.status.state is not HostState.LOADING:
                self._loader.reload(handle, lambda: None, self._not_loaded)

        # Not at once: others are still being told what died.
        self._scheduler.call_later(_DRIVER_SECONDS, begin)

    def _not_loaded(self, error: KnownError) -> None:
        if error.code != "engine.load_given_up":
            self._tell(Notice(error.code, error.facts))

    def _devices(self) -> list[MachineDevice]:
        """What the model that is or was loaded last computes on besides the processor."""
        current = self._loader.current
        if current is None:
            return []
        used = set(current.placement.plan.devices)
        return [each.device for each in current.placement.shares if each.device.name in used]
