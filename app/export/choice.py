"""How somebody exported last: kept in the settings, so that one key does it again."""

from typing import Annotated, Literal

import msgspec

from app.export.base import ExportOptions
from app.export.targets import Packing


class ExportChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of an export; what was exported is chosen anew each time."""

    format: Literal["md", "html", "pdf", "docx", "txt", "json", "jsonl"] = "md"
    packing: Packing = "folder"
    """For several chats in a format that makes a file of each."""
    folder: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    """Where to; empty for the person's own folder."""
    options: ExportOptions = ExportOptions()
