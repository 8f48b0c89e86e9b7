"""Folders, pins and the order of the list: does what the sidebar asks for, and undoes it."""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from app.history.organised import Deleted, Folder, Listed
from app.services import Services
from ui.controllers.conversations import ConversationsController
from ui.main_window import MainWindow


class FoldersController(QObject):
    """Tells its troubles through the controller of the conversations."""

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        conversations: ConversationsController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._organiser, self._settings = services.organiser, services.settings
        self._window, self._list = window, conversations
        actions = window.sidebar.chat_actions
        actions.new_folder_requested.connect(self.create)
        actions.folder_rename_requested.connect(self.rename)
        actions.folder_delete_requested.connect(self.delete)
        actions.move_requested.connect(self.move)
        actions.pin_requested.connect(self.pin)
        actions.sort_requested.connect(self.sort)
        actions.folded_changed.connect(lambda ids: self._settings.change(folded_folders=tuple(ids)))

    def create(self, chats: Sequence[str]) -> None:
        """Make a folder, put ``chats`` into it, and let a person name it."""
        chosen = list(chats)

        def made(folder: Folder) -> None:
            if chosen:
                self._organiser.move(
                    chosen, folder.id, done=lambda _count: self._name(folder),
                    failed=self._list.failed,
                )  # fmt: skip
            else:
                self._name(folder)

        self._organiser.create_folder(self.tr("New folder"), done=made, failed=self._list.failed)

    def rename(self, folder_id: str, name: str) -> None:
        """Give a folder another name."""
        self._organiser.rename_folder(
            folder_id, name, done=lambda _folder: self._list.refresh(), failed=self._list.failed
        )

    def delete(self, folder_id: str, with_conversations: bool) -> None:
        """Move a folder to the trash, its chats with it or not, and offer to undo it."""
        inside = [each.id for each in self._chats() if each.folder_id == folder_id]
        chosen = inside if with_conversations else []
        self._list.stop_answer_in(chosen)

        def done(deleted: list[Deleted]) -> None:
            self._list.deleted(chosen, deleted, self._deleted_words(len(chosen)))

        self._organiser.delete_folder(
            folder_id, done=done, failed=self._list.failed, with_conversations=with_conversations
        )

    def move(self, chats: Sequence[str], folder_id: str) -> None:
        """Put chats into a folder, or with "" out of any, and offer to undo it."""
        chosen = list(chats)
        before = {each.id: each.folder_id for each in self._chats() if each.id in set(chosen)}

        def done(_count: int) -> None:
            self._list.refresh()
            self._window.toast.offer(
                self._moved_words(len(chosen), folder_id), lambda: self._put_back(before)
            )

        self._organiser.move(chosen, folder_id or None, done=done, failed=self._list.failed)

    def pin(self, chats: Sequence[str], pinned: bool) -> None:
        """Keep chats at the top, or no longer."""
        self._organiser.pin(
            list(chats), pinned, done=lambda _count: self._list.refresh(), failed=self._list.failed
        )

    def sort(self, value: str) -> None:
        """List the chats in another order."""
        self._settings.change(chat_sort=value)
        self._list.refresh()

    def _name(self, folder: Folder) -> None:
        self._list.refresh()
        if not self._window.is_sidebar_visible:
            self._window.toggle_sidebar()
        self._window.sidebar.rename(folder.id)

    def _put_back(self, before: dict[str, str | None]) -> None:
        for folder_id in dict.fromkeys(before.values()):
            chats = [chat for chat, place in before.items() if place == folder_id]
            self._organiser.move(
                chats, folder_id, done=lambda _count: self._list.refresh(),
                failed=self._list.failed,
            )  # fmt: skip

    def _chats(self) -> Sequence[Listed]:
        return self._window.sidebar.chats.chats

    def _deleted_words(self, count: int) -> str:
        if count == 0:
            return self.tr("Folder moved to the trash; its chats stay")
        if count == 1:
            return self.tr("Folder moved to the trash with its chat")
        return self.tr("Folder moved to the trash with its {count} chats").format(count=count)

    def _moved_words(self, count: int, folder_id: str) -> str:
        folders = self._window.sidebar.chats.folders
        name = next((each.name for each in folders if each.id == folder_id), "")
        short = name if len(name) <= 40 else name[:39] + "…"
        if not short:
            return (
                self.tr("Chat moved out of its folder")
                if count == 1
                else self.tr("{count} chats moved out of their folder").format(count=count)
            )
        return (
            self.tr("Chat moved to “{folder}”").format(folder=short)
            if count == 1
            else self.tr("{count} chats moved to “{folder}”").format(count=count, folder=short)
        )
