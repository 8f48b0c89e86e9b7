"""The user's token in the system's keyring, which may hang: asked on threads, never waited for."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.model_rooms import HUB_TOKEN
from app.secrets import Kept, Secrets
from ui.settings.facts import TokenState

_MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What is known of the keyring and of the token in it; never the token itself."""

    state: TokenState = TokenState.ASKING
    keyring: str = ""
    """Its name for people; "" when there is none that is safe to use."""
    trouble: str = ""
    """Code of a sentence about what did not work."""


class Token(QObject):
    """One question to the keyring at a time; what is asked meanwhile is done afterwards.

    Signals:
        changed: ``facts`` are new.
    """

    changed = Signal()
    _answered = Signal(object)

    def __init__(self, secrets: Secrets, *, is_told: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._secrets = secrets
        self._is_told = is_told
        self._waiting: list[Callable[[], TokenFacts]] = []
        self._is_busy = False
        self.facts = TokenFacts()
        self._answered.connect(self._take)

    def look(self) -> None:
        """Ask whether there is a token."""
        self._ask(self._found)

    def keep(self, token: str) -> None:
        """Give the keyring a token; nowhere else is it kept."""
        is_plain = token.isascii() and token.isprintable() and " " not in token
        if len(token) > _MOST_CHARACTERS or not is_plain:
            self._tell(TokenFacts(self.facts.state, self.facts.keyring, "settings.token_form"))
        else:
            self._ask(lambda: self._kept(token))

    def forget(self) -> None:
        """Take the token out of the keyring."""
        self._ask(self._forgotten)

    # --- on the thread of one question -----------------------------------------------------

    def _found(self, trouble: str = "") -> TokenFacts:
        name = self._secrets.backend_name()
        if self._is_told:
            return TokenFacts(TokenState.TOLD, name, trouble)
        if not name:
            return TokenFacts(TokenState.NO_KEYRING, name, trouble)
        has_one = bool(self._secrets.get(HUB_TOKEN))
        return TokenFacts(TokenState.KEPT if has_one else TokenState.NONE, name, trouble)

    def _kept(self, token: str) -> TokenFacts:
        if not self._secrets.backend_name():
            return self._found()
        if self._secrets.set(HUB_TOKEN, token) is Kept.KEYRING:
            return self._found()
        # It was put into this session only, and nobody was told that.
        self._secrets.delete(HUB_TOKEN)
        return self._found("settings.token_not_kept")

    def _forgotten(self) -> TokenFacts:
        is_gone = self._secrets.delete(HUB_TOKEN)
        return self._found("" if is_gone else "settings.token_not_forgotten")

    # --- on the window's thread ------------------------------------------------------------

    def _ask(self, question: Callable[[], TokenFacts]) -> None:
        if self._is_busy:
            self._waiting.append(question)
            return
        self._is_busy = True
        answered = self._answered.emit

        def ask() -> None:
            facts = question()
            # The window may be gone when the keyring answers at last.
            with contextlib.suppress(RuntimeError):
                answered(facts)

        threading.Thread(target=ask, name="keyring-question", daemon=True).start()

    def _take(self, facts: object) -> None:
        assert isinstance(facts, TokenFacts)
        self._is_busy = False
        self._tell(facts)
        if self._waiting:
            self._ask(self._waiting.pop(0))

    def _tell(self, facts: TokenFacts) -> None:
        self.facts = facts
        self.changed.emit()
