"""Deletes everything after the window was closed, and shows in a small one what became of it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from app.backups.erasing import erase_everything
from app.model_rooms import HUB_TOKEN
from app.paths import DataPaths
from app.secrets import Secrets
from models.errors import KnownError
from models.naming import shorten
from ui.data.ended_page import EndedPage
from ui.data.words import size_words
from ui.sentences import say, say_error
from ui.theme.theme import Theme

log = logging.getLogger("moestro.application")

_SHOWN_NAMES = 12


@dataclass(frozen=True, slots=True)
class ErasedAll:
    """What to tell."""

    is_whole: bool
    sentences: tuple[str, ...]
    left: tuple[str, ...]
    """Names of what is in the folder still."""


def erase_all(
    paths: DataPaths, *, with_models: bool, secrets: Callable[[], Secrets] = Secrets
) -> ErasedAll:
    """Delete it, and the token in the keyring; the caller has the instance lock, all is closed."""
    told = []
    is_whole = True
    left: tuple[str, ...] = ()
    if not secrets().delete(HUB_TOKEN):
        is_whole = False
        told.append(say("data.token_left"))
    try:
        erased = erase_everything(paths, models=with_models)
        left = tuple(each.name for each in erased.left[:_SHOWN_NAMES])
        facts = {"folder": shorten(str(paths.root)), "size": size_words(erased.freed_bytes)}
        told.insert(0, say("data.erased", facts))
    except KnownError as error:
        is_whole = False
        told.insert(0, say_error(error))
    return ErasedAll(is_whole, tuple(told), left)


def show_erased(application: QApplication, theme: Theme, erased: ErasedAll) -> None:
    """Show it until it is closed."""
    translate = QCoreApplication.translate
    heading = (
        translate("data", "Everything was deleted")
        if erased.is_whole
        else translate("data", "Not everything was deleted")
    )
    page = EndedPage(theme, heading, erased.sentences, erased.left)
    page.show()
    application.exec()
