"""One window over one data folder: builds the views and controllers and ends them in order."""

import logging
import threading
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from app.amounts import file_size
from app.history.organised import Deleted
from app.library.catalog import CatalogEntry
from app.markup.code_colors import preload
from app.notices import Notice
from app.placement.remembered import RepairStep
from app.services import Services
from ui.bridge import Bridge
from ui.chat.answer_view import CHOOSE_MODEL
from ui.chat.chat_page import ChatPage
from ui.chat.header import ChatHeader
from ui.chat.model_popover import ModelPopover
from ui.chat.status_line import StatusLine
from ui.context.parts_popover import PartsPopover
from ui.context.prompt_sheet import PromptSheet
from ui.context.summary_sheet import SummarySheet
from ui.controllers.attachments import AttachmentsController
from ui.controllers.away import AwayController
from ui.controllers.best_offer import BestOfferController
from ui.controllers.chat import ChatController
from ui.controllers.chat_branches import ChatBranches
from ui.controllers.chat_context import ChatContext
from ui.controllers.chat_drafted import given_now
from ui.controllers.chat_overflow import ChatOverflow
from ui.controllers.chat_prompt import ChatPrompt
from ui.controllers.chat_queue import ChatQueue
from ui.controllers.conversation_settings import ConversationSettings
from ui.controllers.conversations import ConversationsController
from ui.controllers.drafts import DraftsController
from ui.controllers.file_sheets import FileSheets
from ui.controllers.folders import FoldersController
from ui.controllers.models import ModelsController
from ui.controllers.places import Places
from ui.controllers.preset_files import PresetFiles
from ui.controllers.presets import PresetsController
from ui.controllers.prompts import PromptsController
from ui.controllers.settings import SettingsController
from ui.follow_up import FollowUp
from ui.late_pages import LatePages, import_ahead
from ui.main_window import MainWindow
from ui.sentences import say
from ui.settings.settings_page import SettingsPage
from ui.sidebar.sidebar import Sidebar
from ui.theme.theme import Theme
from ui.ways_out import connect_ways_out

log = logging.getLogger("moestro.window")

HISTORY_DAMAGED = frozenset({"storage.set_aside", "storage.salvaged", "storage.salvaged_all"})
HISTORY_CHANGED = HISTORY_DAMAGED | {"storage.replaced", "storage.was_empty"}
"""Notices of a start after which somebody may look for an earlier state."""

_LONG_SECONDS = 20.0
_LOOK_AFTER_MS = 100
"""The window is painted by then: looking at this computer takes as long as a start may."""


class Session(LatePages):
    """Everything that lives while the window is open."""

    def __init__(self, services: Services, bridge: Bridge, theme: Theme, version: str) -> None:
        super().__init__()
        self.services = services
        self._bridge = bridge
        self._closed = False
        self.follow_up = FollowUp()
        """What whoever opened this session is to do when it is closed."""
        self._history_notice = ""
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
        composer = self.page.composer
        self.files = AttachmentsController(services, self.window, composer, self.chat, self)
        self.file_sheets = FileSheets(services, theme, self.page, self.chat, self.files, self)
        self.drafts = DraftsController(services, composer, self.chat, self.files, self)
        self.conversation_settings = ConversationSettings(services, self.page, self.chat, self)
        self._make_presets()
        self._make_chat_parts()
        self.conversations = ConversationsController(services, self.window, self)
        self.folders = FoldersController(services, self.window, self.conversations, self)
        self.places = Places(services, self)
        self.models = ModelsController(
            services, self.window, self.page, self.popover, self.chat, self.places, self
        )
        self.best_offer = BestOfferController(services, self.page, self.places, self)
        self.settings = SettingsController(
            services, self.window, self.settings_page, self.page, theme, version, self
        )
        self.away = AwayController(
            services, self.window, self.notifier, self.conversations,
            lambda: self.chat.conversation.id, self.open_chat, self,
        )  # fmt: skip
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_LOOK_AFTER_MS)
        self._connect()
        self._connect_settings()
        self.window.resize(settings.window_width, settings.window_height)

    def _make_presets(self) -> None:
        """What a person set up once: presets of conversations, and the prompt library."""
        services, theme, window, page = self.services, self._theme, self.window, self.page
        self.preset_files = PresetFiles(services, window, self)
        self.prompts = PromptsController(services, theme, window, page, self.preset_files, self)
        self.presets = PresetsController(
            services, theme, window, page, self.chat, self.preset_files, self
        )
        for each in (self.preset_files, self.prompts, self.presets):
            each.trouble.connect(self.show_trouble)

    def _make_chat_parts(self) -> None:
        """The tree, the queue and the context of the open conversation."""
        services, page, chat = self.services, self.page, self.chat
        self.parts = PartsPopover(self._theme, self.window)
        self.summary = SummarySheet(self._theme, page)
        self.branches = ChatBranches(services, page, chat, self)
        self.queue = ChatQueue(services, page, chat, self)
        self.files.queue = self.queue.add
        self.queue.files_returned.connect(self.files.take_back)
        self.context = ChatContext(
            services, page, chat, self.parts, lambda: given_now(self.files.files), self
        )
        self.files.changed.connect(lambda _key: self.context.count_soon())
        self.overflow = ChatOverflow(
            services, page, chat, self.branches, self.context, self.parts, self.summary, self
        )
        self.prompt = ChatPrompt(
            services, page, chat, self.context, self.parts, PromptSheet(self._theme, page), self
        )
        chat.holds_back = lambda text: self.context.holds_back(text) or self.queue.takes(text)
        self.branches.undo_offered.connect(self.window.toast.offer)
        for each in (self.branches, self.queue, self.context, self.overflow):
            each.trouble.connect(self.show_trouble)

    # --- beginning and end -----------------------------------------------------------------

    def begin(self, files: list[str]) -> None:
        """After the window is shown: notices, files to open, and what a start does."""
        self.services.notices.read_with(self._notice)
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
        if "desk" in self.__dict__:
            self.desk.close()
        self.close_exports()
        self.drafts.save()
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

    def end_with(self, follow_up: FollowUp) -> None:
        """Close the window, and leave word what is to be done then."""
        self.follow_up = follow_up
        self.window.close()

    def _notice(self, notice: Notice) -> None:
        """What happened to the history stays to be seen; anything else goes below it."""
        words, shown = say(notice.code, notice.facts), self.window.banner
        if notice.code in HISTORY_CHANGED:
            if shown.isVisible():
                self.window.toast.offer(shown.text, None, _LONG_SECONDS)
            self._history_notice = words
            if notice.code in HISTORY_DAMAGED:
                self.backups.note_damage(notice)
            verbs = [(self.tr("See backups"), lambda: self.backups.open())]
            shown.show_message("warning", words, verbs)
        elif shown.isVisible() and shown.text == self._history_notice:
            self.window.toast.offer(words, None, _LONG_SECONDS)
        else:
            shown.show_message("warning", words)

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
        for controller in (
            chat, conversations, self.models, self.settings, self.files, self.drafts,
        ):  # fmt: skip
            controller.trouble.connect(self.show_trouble)
        conversation_settings = self.conversation_settings
        conversation_settings.trouble.connect(self.show_trouble)
        conversation_settings.stored.connect(lambda _id: conversations.refresh())
        conversation_settings.titled.connect(lambda _id: conversations.refresh())
        conversation_settings.titled.connect(chat.title_changed)
        sidebar.temporary_chat_requested.connect(self._new_temporary_chat)
        for signal in (sidebar.new_chat_requested, window.new_chat_requested):
            signal.connect(self._new_chat)
        sidebar.chat_chosen.connect(self.open_chat)
        sidebar.search_requested.connect(lambda: self.search.open())
        sidebar.trash_requested.connect(lambda: self.trash.open())
        self.page.header.sidebar_toggled.connect(window.toggle_sidebar)
        self.page.header.title_edited.connect(
            lambda title: conversations.rename(chat.conversation.id, title)
        )
        self.page.open_file_requested.connect(self.models.choose_file)
        self.page.transcript.action_requested.connect(self._message_action)
        self.page.link_requested.connect(lambda url: QDesktopServices.openUrl(QUrl(url)))
        for signal in (self.page.status.place_pressed, self.page.panel.placement_requested):
            signal.connect(lambda: self.placement.open(chat.model))
        self.popover.placement_requested.connect(
            lambda key: self.placement.open(self.services.library.by_key(key))
        )
        sidebar.models_requested.connect(lambda: self.manager.open())
        window.models_dropped.connect(
            lambda paths: self.manager.import_paths([Path(each) for each in paths])
        )
        window.palette_requested.connect(lambda: self.palette.toggle())
        window.shortcuts_requested.connect(lambda: self.shortcuts.open_sheet())
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
        conversations.refreshed.connect(self._history_changed)
        conversations.renamed.connect(chat.title_changed)

    def _connect_settings(self) -> None:
        page = self.settings_page
        for source in (self.window.sidebar, page):
            source.requests_requested.connect(lambda: self.requests.open())
        page.backups_requested.connect(lambda: self.backups.open())
        page.data_requested.connect(lambda: self.data_folder.open())
        page.downloads.library_folder_requested.connect(lambda: self.library_move.choose())
        connect_ways_out(self)

    def _look_around(self) -> None:
        """What this computer offers, and for the badge whether a GPU is used by nobody."""
        self.places.look()
        self.services.builds.look_for_missing(
            lambda missing: self.window.sidebar.set_unused_gpus(len(missing))
        )
        for call in (preload, import_ahead):
            threading.Thread(target=call, name="imports", daemon=True).start()
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

    def _new_temporary_chat(self) -> None:
        self.window.show_page("chat")
        self.chat.new_chat(temporary=True)
        self.page.composer.setFocus()

    def open_chat(self, conversation_id: str) -> None:
        """Show a conversation, whatever page is shown now."""
        chats = self.window.sidebar.list
        is_walking = chats.is_walking
        self.window.show_page("chat")
        if conversation_id != self.chat.conversation.id:
            self.chat.open(conversation_id)
        if is_walking and chats.isVisible():
            chats.setFocus()

    def _message_action(self, _message_id: str, action: str) -> None:
        if action == CHOOSE_MODEL:
            self.models.open_popover()

    def _conversations_gone(self, ids: list[str]) -> None:
        if self.chat.conversation.id in ids:
            self.chat.new_chat()

    # --- search and trash ------------------------------------------------------------------

    def show_message(self, number: int) -> QWidget:
        """Scroll a message of the open chat into view; its widget."""
        return self.page.transcript.show_message(number)

    def things_restored(self, items: list[object]) -> None:
        """List them; a message may belong into the open chat."""
        self.conversations.refresh()
        shown = self.chat.conversation.id
        found = [each.conversation_id for each in items if isinstance(each, Deleted)]
        if self.chat.is_stored and shown in found:
            self.chat.reload()

    def chats_imported(self, ids: list[str]) -> None:
        """List them; the open chat may have grown."""
        self.conversations.refresh()
        if self.chat.is_stored and self.chat.conversation.id in ids:
            self.chat.reload()

    def show_chats(self, ids: list[str]) -> None:
        """Select them in the list, and open the one that was used last."""
        there = set(ids)
        shown = [each.id for each in self.window.sidebar.chats.chats if each.id in there]
        if shown:
            self.open_chat(shown[0])
            self.window.sidebar.list.select_again(shown)

    def _history_changed(self) -> None:
        for name in ("search", "trash"):
            if name in self.__dict__:
                self.__dict__[name].refresh()
