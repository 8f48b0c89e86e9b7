"""Secrets: only trusted keyrings, never a crash, never a file, never a long wait."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import PasswordDeleteError, PasswordSetError

from app.secrets import ALLOWED_BACKENDS, Kept, Secrets, find_backend

REPOSITORY = Path(__file__).resolve().parents[2]


class Working(KeyringBackend):
    """A keyring in memory that follows the real interface."""

    priority: ClassVar[float] = 0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    @property
    def name(self) -> str:
        return "Test keyring"

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError("none there")
        del self.kept[service, username]


class Raising(Working):
    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("hf_secret")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError("hf_secret")


class WrongTypes(Working):
    @property
    def name(self) -> Any:
        return 7

    def get_password(self, service: str, username: str) -> Any:
        return b"bytes"


class Forgetful(Working):
    def set_password(self, service: str, username: str, password: str) -> None:
        return None


class Clinging(Working):
    def delete_password(self, service: str, username: str) -> None:
        return None


class Hanging(Working):
    def __init__(self) -> None:
        super().__init__()
        self.answer = threading.Event()
        self.calls = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.calls += 1
        self.answer.wait(30)
        return super().get_password(service, username)


def allow(*kinds: type) -> frozenset[str]:
    return ALLOWED_BACKENDS | {f"{kind.__module__}.{kind.__qualname__}" for kind in kinds}


def secrets_with(backend: KeyringBackend, deadline: float = 20) -> Secrets:
    return Secrets(lambda: backend, allow(type(backend)), deadline)


def test_kept_in_a_trusted_keyring() -> None:
    backend = Working()
    secrets = secrets_with(backend)
    assert secrets.backend_name() == "Test keyring"
    assert secrets.set("hub", "hf_1") is Kept.KEYRING
    assert backend.kept == {("Moestro", "hub"): "hf_1"}
    assert secrets_with(backend).get("hub") == "hf_1"
    assert secrets.delete("hub") is True
    assert backend.kept == {}
    assert secrets.get("hub") is None
    assert secrets.delete("hub") is True


class OfNobody(Working):
    """Works, but is on no list."""


@pytest.mark.parametrize("backend", [NullKeyring(), FailKeyring(), OfNobody(), object(), None])
def test_other_keyrings_are_not_used(backend: Any) -> None:
    secrets = Secrets(lambda: backend, allow(Working))
    assert secrets.backend_name() == ""
    assert secrets.set("hub", "hf_1") is Kept.SESSION
    assert secrets.get("hub") == "hf_1"
    assert not getattr(backend, "kept", {})
    assert secrets.delete("hub") is True
    assert secrets.get("hub") is None


def test_a_subclass_of_a_trusted_keyring_is_not_trusted() -> None:
    assert Secrets(OfNobody, allow(Working)).backend_name() == ""


def test_the_trusted_one_of_a_chain_is_used() -> None:
    stranger, trusted = OfNobody(), Working()

    class Chain(ChainerBackend):
        backends: ClassVar[list[KeyringBackend]] = [stranger, NullKeyring(), trusted]  # type: ignore[assignment]

    Chain.__module__, Chain.__qualname__ = "keyring.backends.chainer", "ChainerBackend"
    secrets = Secrets(Chain, allow(Working))
    assert secrets.set("hub", "hf_1") is Kept.KEYRING
    assert trusted.kept
    assert not stranger.kept
    Chain.backends = [stranger]  # type: ignore[assignment]
    assert secrets.backend_name() == ""


def test_exceptions_stay_inside_and_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    secrets = secrets_with(Raising())
    assert secrets.get("hub") is None
    assert secrets.set("hub", "hf_1") is Kept.SESSION
    assert secrets.get("hub") == "hf_1"
    assert secrets.delete("hub") is False
    assert "RuntimeError" in caplog.text
    assert "hf_secret" not in caplog.text


def test_a_search_that_fails_stays_inside() -> None:
    def find() -> Any:
        raise ImportError("no keyring library")

    assert Secrets(find).set("hub", "x") is Kept.SESSION


def test_wrong_types_count_as_nothing() -> None:
    secrets = secrets_with(WrongTypes())
    assert secrets.get("hub") is None
    assert secrets.set("hub", "x") is Kept.SESSION
    assert secrets.delete("hub") is False


def test_a_keyring_that_keeps_nothing_is_noticed() -> None:
    assert secrets_with(Forgetful()).set("hub", "x") is Kept.SESSION


def test_a_keyring_that_does_not_delete_is_told() -> None:
    secrets = secrets_with(Clinging())
    assert secrets.set("hub", "x") is Kept.KEYRING
    assert secrets.delete("hub") is False


def test_a_locked_keyring_that_never_answers() -> None:
    backend = Hanging()
    secrets = secrets_with(backend, deadline=0.05)
    start = time.monotonic()
    assert secrets.get("hub") is None
    assert secrets.set("hub", "x") is Kept.SESSION
    assert secrets.get("hub") == "x"
    assert secrets.delete("hub") is False
    assert time.monotonic() - start < 5
    assert backend.calls == 1, "one dialog at a time"

    backend.answer.set()
    end = time.monotonic() + 20
    while secrets.backend_name() == "" and time.monotonic() < end:
        time.sleep(0.01)
    secrets = secrets_with(backend)
    assert secrets.set("hub", "x") is Kept.KEYRING


def test_this_system_is_asked_without_harm() -> None:
    """Whatever keyring this machine has, looking it up gives an answer."""
    assert find_backend() is not None
    assert isinstance(Secrets().backend_name(), str)


def test_the_library_is_not_imported_at_start() -> None:
    program = "import sys, app.secrets\napp.secrets.Secrets()\nassert 'keyring' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=True, timeout=60)


def test_allowed_classes_exist_by_these_names() -> None:
    """A renamed class of the library would silently end all keeping."""
    import importlib

    for name in ALLOWED_BACKENDS:
        module, _dot, kind = name.rpartition(".")
        assert hasattr(importlib.import_module(module), kind), name
