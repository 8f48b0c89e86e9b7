"""What a person can want with chats and folders: one place where list, menus and bar tell it."""

from PySide6.QtCore import QObject, Signal


class ChatActions(QObject):
    """Signals alone.

    Signals:
        delete_requested, export_requested: list of ids of chats.
        folder_export_requested, mirror_requested: id of a folder that is to be exported, or kept
            as a Markdown copy.
        import_requested: take chats of another program in.
        files_dropped: paths of files with chats.
        move_requested: list of ids, and the folder; "" for out of any.
        pin_requested: list of ids, and whether they are to be kept at the top.
        rename_requested: id of a chat, new title.
        new_folder_requested: list of ids that are to be in it; may be empty.
        folder_rename_requested: id of a folder, new name.
        folder_delete_requested: id of a folder, and whether its chats go with it.
        sort_requested: value of a ``Sort``.
        folded_changed: ids of the folders that are closed.
    """

    delete_requested = Signal(list)
    export_requested = Signal(list)
    folder_export_requested = Signal(str)
    mirror_requested = Signal(str)
    import_requested = Signal()
    files_dropped = Signal(list)
    move_requested = Signal(list, str)
    pin_requested = Signal(list, bool)
    rename_requested = Signal(str, str)
    new_folder_requested = Signal(list)
    folder_rename_requested = Signal(str, str)
    folder_delete_requested = Signal(str, bool)
    sort_requested = Signal(str)
    folded_changed = Signal(list)
