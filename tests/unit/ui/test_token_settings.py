"""The token in the keyring: asked on threads, kept there or nowhere, never shown or written."""

import threading
from pathlib import Path
from typing import ClassVar

import pytest
from keyring.backend import KeyringBackend
from pytestqt.qtbot import QtBot

from app.model_rooms import HUB_TOKEN
from app.secrets import ALLOWED_BACKENDS, Secrets
from ui.controllers.token import Token, TokenFacts
from ui.settings.facts import TokenState

TOKEN = "hf_abcdefghijklmnopqrst"


class Memory(KeyringBackend):
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
        del self.kept[service, username]


class Locked(Memory):
    """Takes nothing and gives nothing up."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise OSError("locked")

    def delete_password(self, service: str, username: str) -> None:
        raise OSError("locked")


class Slow(Memory):
    """Answers when it is allowed to."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.answer.wait(30)
        return super().get_password(service, username)


def secrets_in(backend: KeyringBackend) -> Secrets:
    kind = type(backend)
    name = f"{kind.__module__}.{kind.__qualname__}"
    return Secrets(lambda: backend, ALLOWED_BACKENDS | {name}, 20)


def facts_after(qtbot: QtBot, token: Token, state: TokenState) -> TokenFacts:
    qtbot.waitUntil(lambda: token.facts.state is state, timeout=10_000)
    return token.facts


def test_kept_and_forgotten(qtbot: QtBot) -> None:
    backend = Memory()
    secrets = secrets_in(backend)
    token = Token(secrets, is_told=False)
    token.look()
    assert facts_after(qtbot, token, TokenState.NONE).keyring == "Test keyring"
    token.keep(TOKEN)
    facts = facts_after(qtbot, token, TokenState.KEPT)
    assert facts.trouble == ""
    assert list(backend.kept.values()) == [TOKEN]
    assert TOKEN not in repr(facts)
    assert secrets.get(HUB_TOKEN) == TOKEN
    token.forget()
    facts_after(qtbot, token, TokenState.NONE)
    assert backend.kept == {}


def test_without_a_keyring_nothing_is_kept(qtbot: QtBot) -> None:
    secrets = Secrets(Memory)  # it works, but is on no list
    token = Token(secrets, is_told=False)
    token.keep(TOKEN)
    facts_after(qtbot, token, TokenState.NO_KEYRING)
    assert secrets.get(HUB_TOKEN) is None


def test_a_locked_keyring_keeps_nothing_and_that_is_said(qtbot: QtBot) -> None:
    secrets = secrets_in(Locked())
    token = Token(secrets, is_told=False)
    token.keep(TOKEN)
    assert facts_after(qtbot, token, TokenState.NONE).trouble == "settings.token_not_kept"
    assert secrets.get(HUB_TOKEN) is None


def test_a_token_that_is_not_given_up_is_said(qtbot: QtBot) -> None:
    backend = Locked()
    backend.kept["Moestro", HUB_TOKEN] = TOKEN
    token = Token(secrets_in(backend), is_told=False)
    token.forget()
    facts = facts_after(qtbot, token, TokenState.KEPT)
    assert facts.trouble == "settings.token_not_forgotten"


@pytest.mark.parametrize("text", ["hf one", "hf_ü", "hf_\n", "x" * 501])
def test_what_is_no_token_goes_nowhere(qtbot: QtBot, text: str) -> None:
    backend = Memory()
    token = Token(secrets_in(backend), is_told=False)
    token.look()
    facts_after(qtbot, token, TokenState.NONE)
    token.keep(text)
    assert token.facts.trouble == "settings.token_form"
    assert (token.facts.state, backend.kept) == (TokenState.NONE, {})


def test_a_token_of_the_environment_goes_first(qtbot: QtBot) -> None:
    token = Token(secrets_in(Memory()), is_told=True)
    token.look()
    facts_after(qtbot, token, TokenState.TOLD)


def test_a_slow_keyring_stops_nobody_and_wishes_keep_their_order(qtbot: QtBot) -> None:
    backend = Slow()
    token = Token(secrets_in(backend), is_told=False)
    token.look()
    token.keep(TOKEN)
    token.forget()
    token.keep("hf_second")
    assert token.facts.state is TokenState.ASKING
    backend.answer.set()
    facts_after(qtbot, token, TokenState.KEPT)
    qtbot.waitUntil(lambda: list(backend.kept.values()) == ["hf_second"], timeout=10_000)
    qtbot.waitUntil(lambda: not token._is_busy, timeout=10_000)


def test_a_window_that_is_gone_hears_no_answer(qtbot: QtBot, tmp_path: Path) -> None:
    backend = Slow()
    token = Token(secrets_in(backend), is_told=False)
    token.look()
    thread = next(each for each in threading.enumerate() if each.name == "keyring-question")
    token.deleteLater()
    qtbot.wait(10)
    backend.answer.set()
    thread.join(10)
    assert not thread.is_alive()
