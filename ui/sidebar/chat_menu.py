"""The menus of the sidebar: of chats, of a folder, where to move, and in which order."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QWidget

from app.history.organised import Folder, Sort
from ui.item_models.chat_rows import Row
from ui.item_models.conversation_list_model import ConversationListModel
from ui.sidebar.chat_actions import ChatActions
from ui.widgets.menu import Menu

translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""

_NAME_CHARACTERS = 40


def order_menu(parent: QWidget, model: ConversationListModel, actions: ChatActions) -> Menu:
    """In which order chats are listed, and a folder to put some into."""
    menu = Menu(parent)
    _add_orders(menu, model, actions)
    menu.addSeparator()
    folder = menu.entry(translate("sidebar", "New folder"))
    folder.triggered.connect(lambda: actions.new_folder_requested.emit([]))
    incoming = menu.entry(translate("sidebar", "Import chats…"))
    incoming.triggered.connect(actions.import_requested)
    return menu


def _add_orders(menu: Menu, model: ConversationListModel, actions: ChatActions) -> None:
    group = QActionGroup(menu)
    orders = {
        Sort.RECENT: translate("sidebar", "Latest first: when they were used"),
        Sort.CREATED: translate("sidebar", "Newest first: when they were begun"),
        Sort.TITLE: translate("sidebar", "By title"),
    }
    for sort, words in orders.items():
        entry = menu.entry(words)
        entry.setCheckable(True)
        entry.setChecked(sort is model.order)
        group.addAction(entry)
        entry.triggered.connect(lambda _=False, sort=sort: actions.sort_requested.emit(sort.value))


def _add_below(menu: Menu, title: str, below: Menu) -> None:
    # It stays while the menu does: a person may come back to it.
    below.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    below.setTitle(title)
    menu.addMenu(below)


def move_menu(
    parent: QWidget, model: ConversationListModel, actions: ChatActions, chats: Sequence[str]
) -> Menu:
    """Where chats can be moved to."""
    menu = Menu(parent)
    ids = list(chats)
    found = [each for each in (model.chat(chat) for chat in ids) if each is not None]
    now = {each.folder_id for each in found}
    if now != {None}:
        entry = menu.entry(translate("sidebar", "Out of its folder"))
        entry.triggered.connect(lambda: actions.move_requested.emit(ids, ""))
        menu.addSeparator()
    for folder in model.folders:
        entry = menu.entry(_name(folder))
        entry.setEnabled(now != {folder.id})
        entry.triggered.connect(
            lambda _=False, folder=folder: actions.move_requested.emit(ids, folder.id)
        )
    if model.folders:
        menu.addSeparator()
    entry = menu.entry(translate("sidebar", "New folder"))
    entry.triggered.connect(lambda: actions.new_folder_requested.emit(ids))
    return menu


def chat_menu(
    parent: QWidget,
    model: ConversationListModel,
    actions: ChatActions,
    chats: Sequence[str],
    rename: Callable[[str], None],
) -> Menu:
    """What can be done with one chat, or with all that are selected."""
    menu = Menu(parent)
    ids = list(chats)
    if len(ids) == 1:
        renaming = menu.entry(translate("sidebar", "Rename"), "F2")
        renaming.triggered.connect(lambda: rename(ids[0]))
    found = [each for each in (model.chat(chat) for chat in ids) if each is not None]
    is_pinned = all(each.pinned for each in found)
    words = translate("sidebar", "Unpin") if is_pinned else translate("sidebar", "Pin")
    pin = menu.entry(words)
    pin.triggered.connect(lambda: actions.pin_requested.emit(ids, not is_pinned))
    _add_below(menu, translate("sidebar", "Move to"), move_menu(menu, model, actions, ids))
    export = menu.entry(translate("sidebar", "Export…"))
    export.triggered.connect(lambda: actions.export_requested.emit(ids))
    menu.addSeparator()
    delete = menu.entry(translate("sidebar", "Delete"), "Del")
    delete.triggered.connect(lambda: actions.delete_requested.emit(ids))
    menu.addSeparator()
    _add_below(menu, translate("sidebar", "Order of the chats"), order_menu(menu, model, actions))
    return menu


def folder_menu(
    parent: QWidget,
    model: ConversationListModel,
    actions: ChatActions,
    row: Row,
    rename: Callable[[str], None],
) -> Menu:
    """What can be done with a folder."""
    menu = Menu(parent)
    words = translate("sidebar", "Close") if row.is_open else translate("sidebar", "Open")
    menu.entry(words).triggered.connect(lambda: model.toggle_folder(row.id))
    renaming = menu.entry(translate("sidebar", "Rename"), "F2")
    renaming.triggered.connect(lambda: rename(row.id))
    chats = [chat.id for chat in model.chats if chat.folder_id == row.id]
    if chats:
        export = menu.entry(translate("sidebar", "Export its chats…"))
        export.triggered.connect(lambda: actions.folder_export_requested.emit(row.id))
    mirror = menu.entry(translate("sidebar", "Keep a Markdown copy up to date…"))
    mirror.triggered.connect(lambda: actions.mirror_requested.emit(row.id))
    menu.addSeparator()
    keeping = (
        translate("sidebar", "Delete the folder, keep its chats")
        if chats
        else translate("sidebar", "Delete")
    )
    keep = menu.entry(keeping, "Del")
    keep.triggered.connect(lambda: actions.folder_delete_requested.emit(row.id, False))
    if chats:
        all_of_it = (
            translate("sidebar", "Delete it with its chat")
            if len(chats) == 1
            else translate("sidebar", "Delete it with its {count} chats").format(count=len(chats))
        )
        delete = menu.entry(all_of_it)
        delete.triggered.connect(lambda: actions.folder_delete_requested.emit(row.id, True))
    return menu


def _name(folder: Folder) -> str:
    """Short, and no part of it taken for a key or a shortcut."""
    name = " ".join(folder.name.split())
    if len(name) > _NAME_CHARACTERS:
        name = name[: _NAME_CHARACTERS - 1] + "…"
    return name.replace("&", "&&")
