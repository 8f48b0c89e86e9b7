"""Folders of chats as a command names them."""

from app.errors import UsageError
from app.services import Services
from models.naming import shorten


def folder_named(services: Services, name: str) -> str:
    """The id of the folder with this name or id; an empty name is no folder. Raises UsageError."""
    if not name:
        return ""
    for folder in services.organiser.folders():
        if name in (folder.id, folder.name):
            return folder.id
    raise UsageError("terminal.no_folder", name=shorten(name))
