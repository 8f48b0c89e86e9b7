"""Keeps secrets in the system's keyring, or for this session only; never in a file.

Only keyrings on the allow-list are used: the library also offers plain-text files and
keyrings that keep nothing. A keyring may hang on a dialog that nobody sees, so every call
has its own thread and a deadline. Nothing here raises.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SERVICE = "Moestro"
DEADLINE_SECONDS = 5.0

ALLOWED_BACKENDS = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
    }
)
_CHAINER = "keyring.backends.chainer.ChainerBackend"

log = logging.getLogger("moestro.secrets")


class Kept(StrEnum):
    """Where a secret went."""

    KEYRING = "keyring"
    SESSION = "session"
    """Kept for this session only."""


@dataclass(slots=True)
class _Call:
    """One call into a keyring, on its own thread."""

    done: threading.Event
    value: Any = None
    no_keyring: bool = False
    """There is none to trust, so it holds nothing either."""


def find_backend() -> Any:
    """The keyring that the system offers. Imported here because it costs start-up time."""
    import keyring

    return keyring.get_keyring()


class Secrets:
    """Named secrets. Calls wait for at most ``deadline`` seconds, usually for milliseconds."""

    def __init__(
        self,
        find: Callable[[], Any] = find_backend,
        allowed: frozenset[str] = ALLOWED_BACKENDS,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self._find = find
        self._allowed = allowed
        self._deadline = deadline
        self._session: dict[str, str] = {}
        self._hanging: _Call | None = None

    def get(self, name: str) -> str | None:
        """The secret, or None when there is none or the keyring does not give it."""
        if name in self._session:
            return self._session[name]
        value = self._call(lambda backend: backend.get_password(SERVICE, name)).value
        return value if isinstance(value, str) else None

    def set(self, name: str, value: str) -> Kept:
        """Keep a secret; the result says whether it outlives this session."""

        def store(backend: Any) -> bool:
            backend.set_password(SERVICE, name, value)
            # Some keyrings accept and keep nothing: only what comes back is kept.
            return bool(backend.get_password(SERVICE, name) == value)

        if self._call(store).value is True:
            self._session.pop(name, None)
            return Kept.KEYRING
        self._session[name] = value
        return Kept.SESSION

    def delete(self, name: str) -> bool:
        """Forget a secret; False when the keyring may still hold it."""
        self._session.pop(name, None)

        def remove(backend: Any) -> bool:
            if backend.get_password(SERVICE, name) is not None:
                backend.delete_password(SERVICE, name)
            return backend.get_password(SERVICE, name) is None

        call = self._call(remove)
        return call.no_keyring or call.value is True

    def backend_name(self) -> str:
        """The keyring in use, for people; an empty string when there is none to trust."""
        name = self._call(lambda backend: backend.name).value
        return name if isinstance(name, str) else ""

    # --- the keyring ---------------------------------------------------------------------

    def _call(self, work: Callable[[Any], Any]) -> _Call:
        """Do ``work`` with a trusted keyring; ``value`` stays None where that was not possible."""
        if self._hanging is not None and not self._hanging.done.is_set():
            # One dialog at a time: the first call still waits for an answer.
            return _Call(threading.Event())
        call = _Call(threading.Event())
        thread = threading.Thread(target=self._run, args=(call, work), name="keyring", daemon=True)
        thread.start()
        if not call.done.wait(self._deadline):
            log.warning("the keyring did not answer in time")
            self._hanging = call
            # Not ``call`` itself: an answer that comes now must not change this result.
            return _Call(threading.Event())
        return call

    def _run(self, call: _Call, work: Callable[[Any], Any]) -> None:
        try:
            backend = self._trusted(self._find())
            if backend is None:
                call.no_keyring = True
            else:
                call.value = work(backend)
        except Exception as error:  # the edge of a thread; backends raise anything
            # Not the message: it may hold the secret.
            log.warning("the keyring answered with %s", type(error).__name__)
        finally:
            call.done.set()

    def _trusted(self, backend: Any) -> Any:
        """``backend``, or the first of its chain, that is on the allow-list; None otherwise."""
        if _type_name(backend) == _CHAINER:
            chain = [one for one in backend.backends if _type_name(one) in self._allowed]
            return chain[0] if chain else None
        return backend if _type_name(backend) in self._allowed else None


def _type_name(backend: object) -> str:
    """The exact class: a subclass may do anything."""
    kind = type(backend)
    return f"{kind.__module__}.{kind.__qualname__}"
