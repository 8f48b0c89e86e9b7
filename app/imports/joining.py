"""Folders of the files and folders here: the same one, or one of the same name."""

from app.imports.cells import text_cell, whole_cell
from app.storage.connection import Connection


class JoinedFolders:
    """Which folder here stands for one of the staging file; new ones are made when needed."""

    def __init__(self, staging: Connection, connection: Connection) -> None:
        self._staging = staging
        self._connection = connection
        self._by_name: dict[str, tuple[str, str]] = {}
        """With the source of one that was made now."""
        self._known: dict[str, str | None] = {}
        rows = connection.execute("SELECT id, name, trashed_ms IS NOT NULL FROM folders")
        for own, name, is_trashed in rows.fetchall():
            self._known[str(own)] = None if is_trashed else str(own)
            if not is_trashed:
                self._by_name[str(name)] = (str(own), "")

    def here(self, folder_id: str, source: str) -> str | None:
        """Where a new conversation goes; None when its folder lies in the trash here.

        Two folders of one name in one source were two, and stay so. Raises ImportingError.
        """
        row = self._staging.execute(
            "SELECT name, created_ms FROM folders WHERE id = ?", (folder_id,)
        ).fetchone()
        if row is None:
            return None
        name = text_cell(row[0])
        same_name, made_for = self._by_name.get(name, ("", source))
        if self._known.get(folder_id) is None and made_for != source:
            return same_name
        if folder_id not in self._known:
            self._connection.execute(
                "INSERT INTO folders (id, name, created_ms) VALUES (?, ?, ?)",
                (folder_id, name, whole_cell(row[1])),
            )
            self._known[folder_id] = folder_id
            self._by_name.setdefault(name, (folder_id, source))
        return self._known[folder_id]
