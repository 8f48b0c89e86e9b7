"""One window over one data folder: builds the views and controllers and ends them in order."""

import logging
import threading
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices

from app.amounts import file_size
from app.library.catalog import CatalogEntry
from app.placement.remembered import RepairStep
from app.services import Services
from ui.bridge import Bridge
from ui.chat.answer_view import CHOOSE_MODEL
from ui.chat.chat_page import ChatPage
from ui.chat.header import ChatHeader
from ui.chat.markdown.highlight import preload
from ui.chat.model_popover import ModelPopover
from ui.chat.status_line import StatusLine
from ui.controllers.best_offer import BestOfferController
from ui.controllers.chat import ChatController
from ui.controllers.conversations import ConversationsController
from ui.controllers.exports import ExportsController
from ui.controllers.models import ModelsController
from ui.controllers.places import Places
from ui.controllers.settings import SettingsController
from ui.late_pages import LatePages
from ui.main_window import MainWindow
from ui.sentences import say
from ui.settings.settings_page import SettingsPage
from ui.sidebar.sidebar import Sidebar
from ui.theme.theme import Theme

log = logging.getLogger("moestro.window")

_LOOK_AFTER_MS = 100
"""The window is painted by then: looking at this computer takes as long as a start may."""


class Session(LatePages):
    """Everything that lives while the window is open."""

    def __init__(self, services: Services, bridge: Bridge, theme: Theme, version: str) -> None:
        super().__init__()
        self.services = services
        self._bridge = bridge
        self._closed = False
        self._theme = theme
        settings = services.settings.current
        theme.set_mode(settings.theme)
        theme.set_zoom(settings.zoom)
        self.window = MainWindow(theme, Sidebar(theme))
        self.page = ChatPage(theme, ChatHeader(theme), StatusLine(theme))
        self.settings_page = SettingsPage(theme)
        self.window.add_page("chat", self.page)
        self.window.add_page("settings", self.settings_page)
        self.popover = ModelPopover(theme, self.window)
        self.chat = ChatController(services, self.page, self)
        self.conversations = ConversationsController(services, self.window, self)
        self.places = Places(services, self)
        self.models = ModelsController(
            services, self.window, self.page, self.popover, self.chat, self.places, self
        )
        self.best_offer = BestOfferController(services, self.page, self.places, self)
        self.exports = ExportsController(services, self.window, self)
        self.settings = SettingsController(
            services, self.window, self.settings_page, self.page, theme, version, self
        )
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_LOOK_AFTER_MS)
        self._connect()
        self.window.resize(settings.window_width, settings.window_height)

    # --- beginning and end -----------------------------------------------------------------

    def begin(self, files: list[str]) -> None:
        """After the window is shown: notices, files to open, and what a start does."""
        self.services.notices.read_with(
            lambda notice: self.window.banner.show_message(
                "warning", say(notice.code, notice.facts)
            )
        )
        self._look.start()
        last = self.services.settings.current.last_conversation
        if last and self.conversations.has(last):
            self.chat.open(last)
        if files:
            self.models.open_file(Path(files[0]))
        else:
            self.models.load_at_start()
        self.page.composer.setFocus()

    def close(self) -> None:
        """Save, end the worker, close the databases. Harmless when done twice."""
        if self._closed:
            return
        self._closed = True
        log.info("the window closes")
        if "manager" in self.__dict__:
            self.manager.close()
        for timer in self.findChildren(QTimer):
            timer.stop()  # what they look at is about to be closed
        shown = self.chat.conversation.id if self.chat.is_stored else ""
        self.settings.change(last_conversation=shown)
        self.window.hide()
        self.services.close()
        self._bridge.close()

    def show_trouble(self, text: str) -> None:
        """One sentence about something that did not work."""
        self.window.banner.show_message("bad", text)

    def raise_window(self, files: list[str]) -> None:
        """Somebody started the program again."""
        self.window.showNormal() if self.window.isMinimized() else self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        if files:
            self.models.open_file(Path(files[0]))

    def _connect(self) -> None:
        window, chat, conversations = self.window, self.chat, self.conversations
        sidebar = window.sidebar
        for controller in (chat, conversations, self.models, self.exports, self.settings):
            controller.trouble.connect(self.show_trouble)
        for signal in (sidebar.new_chat_requested, window.new_chat_requested):
            signal.connect(self._new_chat)
        sidebar.chat_chosen.connect(self._open_chat)
        sidebar.export_requested.connect(self.exports.export_many)
        window.export_requested.connect(self.page.header.open_export_menu)
        self.page.header.sidebar_toggled.connect(window.toggle_sidebar)
        self.page.header.title_edited.connect(
            lambda title: conversations.rename(chat.conversation.id, title)
        )
        self.page.header.export_requested.connect(
            lambda kind: self.exports.export(chat.conversation.id, kind)
        )
        self.page.save_requested.connect(self.exports.save_code)
        self.page.open_file_requested.connect(self.models.choose_file)
        self.page.transcript.action_requested.connect(self._message_action)
        self.page.link_requested.connect(lambda url: QDesktopServices.openUrl(QUrl(url)))
        for signal in (self.page.status.place_pressed, self.page.panel.placement_requested):
            signal.connect(lambda: self.placement.open(chat.model))
        self.popover.placement_requested.connect(
            lambda key: self.placement.open(self.services.library.by_key(key))
        )
        sidebar.models_requested.connect(lambda: self.manager.open())
        for source in (sidebar, self.settings_page):
            source.requests_requested.connect(lambda: self.requests.open())
        self.settings_page.downloads.library_folder_requested.connect(
            lambda: self.library_move.choose()
        )
        window.models_dropped.connect(
            lambda paths: self.manager.import_paths([Path(each) for each in paths])
        )
        self.models.demo_only.connect(self._demo_only)
        offer = self.best_offer
        offer.fetch_requested.connect(lambda entry: self.manager.fetch_entry(entry))
        offer.progress_requested.connect(lambda: self.manager.open("downloads"))
        offer.others_requested.connect(lambda: self.manager.open("discover"))
        offer.own_requested.connect(lambda: self.manager.open("library"))
        sidebar.computer_requested.connect(lambda: self.computer.open())
        self.places.repaired.connect(self._repaired)
        self._look.timeout.connect(self._look_around)
        chat.opened.connect(conversations.show)
        chat.stored.connect(lambda _id: conversations.refresh())
        chat.answering.connect(conversations.answering)
        chat.ended_unseen.connect(conversations.ended_unseen)
        conversations.show(chat.conversation.id)
        conversations.gone.connect(self._conversations_gone)
        conversations.renamed.connect(chat.title_changed)

    def _look_around(self) -> None:
        """What this computer offers, and for the badge whether a GPU is used by nobody."""
        self.places.look()
        self.services.builds.look_for_missing(
            lambda missing: self.window.sidebar.set_unused_gpus(len(missing))
        )
        threading.Thread(target=preload, name="lexers", daemon=True).start()
        if self.services.models.has_downloads:
            self.downloads.refresh()

    # --- models ----------------------------------------------------------------------------

    def chat_with(self, key: str) -> None:
        """Chat with a model that was downloaded, or chosen in the library."""
        self.window.show_page("chat")
        if not self.services.host.is_ready(key):
            self.models.load(key)
        else:
            self.chat.choose_model(key)
        self.page.composer.setFocus()

    def fetches_changed(self) -> None:
        """Something began or ended: the first real model may be here."""
        self.models.refresh()
        self.fetches_progressed()

    def _demo_only(self, only: bool) -> None:
        self.best_offer.set_wanted(only)

    def fetches_progressed(self) -> None:
        """The recommended model may be further on."""
        state = self.fetches.of_repositories(self.best_offer.repositories)
        self.best_offer.set_fetch(state)

    def download_begun(self, entry: object) -> None:
        """Say that it is on its way."""
        assert isinstance(entry, CatalogEntry)
        size = file_size(entry.typical_bytes)
        self.window.toast.offer(say("models.begun", {"name": entry.name, "size": size}), None)

    def _repaired(self, step: object) -> None:
        """A load had to give something up: say what, and lead to where it can be seen."""
        assert isinstance(step, RepairStep)
        self.window.banner.show_message(
            "warning",
            say(step.code, step.facts),
            [(self.tr("See placement"), lambda: self.placement.open(self.chat.model))],
        )

    def _new_chat(self) -> None:
        self.window.show_page("chat")
        self.chat.new_chat()
        self.page.composer.setFocus()

    def _open_chat(self, conversation_id: str) -> None:
        self.window.show_page("chat")
        if conversation_id != self.chat.conversation.id:
            self.chat.open(conversation_id)

    def _message_action(self, _message_id: str, action: str) -> None:
        if action == CHOOSE_MODEL:
            self.models.open_popover()

    def _conversations_gone(self, ids: list[str]) -> None:
        if self.chat.conversation.id in ids:
            self.chat.new_chat()
