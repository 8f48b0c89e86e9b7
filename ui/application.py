"""Starts Qt, takes the instance lock, opens the services and the window, and ends them all."""

import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from types import TracebackType

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

from app.data_move import begin_anew, finish_move
from app.errors import DataFolderError, ExitCode
from app.instance import InstanceLock
from app.model_rooms import HubWishes
from app.notices import Notice
from app.paths import DataPaths, data_paths, usual_place
from app.services import Services, open_services
from app.wording import sentence
from models.errors import KnownError
from ui.bridge import Bridge
from ui.data.away_page import ANEW, LEAVE, AwayPage
from ui.follow_up import FollowUp
from ui.sentences import say
from ui.session import Session
from ui.single_instance import InstanceServer, raise_first
from ui.startup_page import StartupPage
from ui.theme.install import install_theme
from ui.theme.theme import Theme

log = logging.getLogger("moestro.application")

_SWITCH_SECONDS = 0.001


def run(
    data_dir: str | None,
    files: list[str],
    rpc_hosts: tuple[str, ...] = (),
    hub: HubWishes | None = None,
) -> int:
    """Open the window on a data folder and return the exit code when it is closed.

    ``rpc_hosts`` (``HOST:PORT``) lend their devices besides those of the settings.
    Raises KnownError when not even a window can say what is wrong.
    """
    be_responsive()
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Moestro")
    application.setDesktopFileName("moestro")
    theme = Theme()
    install_theme(application, theme)
    told: Notice | None = None
    with _quit_on_signals(application):
        while True:
            paths = _find_data(application, theme, data_dir)
            if paths is None:
                return ExitCode.FAILED
            lock = InstanceLock(paths.lock)
            if not lock.acquire():
                if raise_first(paths.root, files):
                    return ExitCode.OK
                words = sentence("data.in_use", {"path": str(paths.root)})
                print(words, file=sys.stderr)  # noqa: T201
                return ExitCode.FAILED
            try:
                finish_move(paths)
                code, told = _run_window(application, theme, paths, files, rpc_hosts, hub, told)
            finally:
                lock.release()
            if told is None:
                return code
            files = []


def be_responsive() -> None:
    """Let threads that export, search or index give way to the window within a millisecond.

    Drawing takes the interpreter's lock many times a frame, and waited 5 ms for it each time.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)


def _find_data(application: QApplication, theme: Theme, data_dir: str | None) -> DataPaths | None:
    """The data folder; None when it is not there and a person leaves it at that."""
    begins_anew = False
    while True:
        try:
            if begins_anew:
                begin_anew(usual_place())
            return data_paths(data_dir)
        except DataFolderError as error:
            page = AwayPage(theme, error)
            page.show()
            application.exec()
            page.deleteLater()
            if page.chosen == LEAVE:
                return None
            begins_anew = page.chosen == ANEW


def _run_window(
    application: QApplication,
    theme: Theme,
    paths: DataPaths,
    files: list[str],
    rpc_hosts: tuple[str, ...],
    hub: HubWishes | None,
    told: Notice | None,
) -> tuple[int, Notice | None]:
    """The exit code; what the next window tells when the data were moved, or could not be."""
    while True:
        code, follow_up = _run_session(application, theme, paths, files, rpc_hosts, hub, told)
        if follow_up.moves_to is not None:
            # Here, since no other start needs what it imports.
            from ui.data.moving_page import move_all

            return code, move_all(application, theme, paths, follow_up.moves_to)
        if follow_up.erases:
            _erase(application, theme, paths, follow_up)
        if not follow_up.restarts:
            return code, None
        files, told = [], None


def _run_session(
    application: QApplication,
    theme: Theme,
    paths: DataPaths,
    files: list[str],
    rpc_hosts: tuple[str, ...],
    hub: HubWishes | None,
    told: Notice | None,
) -> tuple[int, FollowUp]:
    """From opening the data to closing it again; the exit code, and what is to follow."""
    bridge = Bridge()
    try:
        services = open_services(paths, bridge.post, rpc_hosts=rpc_hosts, hub=hub)
    except KnownError as error:
        log.error("the start ended: %s", error)
        page = StartupPage(theme, paths, error)
        page.show()
        application.exec()
        return int(error.exit_code), FollowUp()
    _mark_interrupted(services)
    if told is not None:
        services.notices.post(told)
    session = Session(services, bridge, theme, program_version())
    server = InstanceServer(paths.root)
    server.raised.connect(session.raise_window)
    application.aboutToQuit.connect(session.close)
    application.commitDataRequest.connect(lambda _manager: _end_now(application, session))
    before = sys.excepthook
    _say_unexpected_errors(session)
    try:
        session.window.show()
        session.begin(files)
        return application.exec(), session.follow_up
    finally:
        server.close()
        session.close()
        sys.excepthook = before
        # A next session has a window of its own, and this one would be dressed with it.
        application.aboutToQuit.disconnect(session.close)
        session.window.deleteLater()


def _erase(application: QApplication, theme: Theme, paths: DataPaths, follow_up: FollowUp) -> None:
    # Here, since no other start needs what they import.
    from ui.data.erasing import erase_all, show_erased

    show_erased(application, theme, erase_all(paths, with_models=follow_up.with_models))


def _mark_interrupted(services: Services) -> None:
    """A disk that takes nothing now does not keep anybody from reading."""
    try:
        services.history.mark_interrupted()
        services.history.purge()
    except KnownError as error:
        log.error("interrupted answers could not be marked: %s", error)
        services.notices.post(Notice(error.code, error.facts))


def _end_now(application: QApplication, session: Session) -> None:
    """The desktop is ending. Should it not end after all, no process without window stays."""
    session.close()
    application.quit()


def program_version() -> str:
    """Of the installed program, or of the checkout."""
    try:
        return version_of("moestro")
    except PackageNotFoundError:
        return "0.1.0"


def _say_unexpected_errors(session: Session) -> None:
    """A fault in a slot is logged with its traceback; the window shows one sentence."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)
        with contextlib.suppress(RuntimeError):
            session.show_trouble(say("general.unexpected"))

    sys.excepthook = hook


@contextlib.contextmanager
def _quit_on_signals(application: QApplication) -> Iterator[None]:
    """Close properly on SIGTERM and SIGINT: Python's handlers need the loop to wake up."""
    reading, writing = socket.socketpair()
    for end in (reading, writing):
        end.setblocking(False)
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: reading.recv(64))
    old_descriptor = signal.set_wakeup_fd(writing.fileno())
    wanted = [signal.SIGINT, signal.SIGTERM]
    old = {each: signal.signal(each, lambda *_: application.quit()) for each in wanted}
    try:
        yield
    finally:
        for each, handler in old.items():
            signal.signal(each, handler)
        signal.set_wakeup_fd(old_descriptor)
        notifier.setEnabled(False)
        reading.close()
        writing.close()
