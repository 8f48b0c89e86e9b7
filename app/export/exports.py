"""Exports a conversation of the history: finds what the format needs, writes the file."""

from pathlib import Path

from app.export.base import Exporter, ExportOptions
from app.export.files import safe_file_name, write_whole
from app.export.json_format import JsonExporter
from app.export.markdown import MarkdownExporter
from app.history.repository import History


class Exports:
    """The formats there are, over one history."""

    def __init__(self, history: History) -> None:
        self._history = history
        exporters: tuple[Exporter, ...] = (MarkdownExporter(), JsonExporter())
        self._exporters = {exporter.name: exporter for exporter in exporters}

    @property
    def names(self) -> tuple[str, ...]:
        """Of the formats: "md" and "json"."""
        return tuple(self._exporters)

    def text(self, conversation_id: str, name: str, options: ExportOptions | None = None) -> str:
        """The exported text. Raises HistoryError, StorageError; KeyError for another format."""
        exporter = self._exporters[name]
        conversation = self._history.conversation(conversation_id)
        if exporter.whole_tree:
            messages = self._history.messages(conversation_id)
            summaries = self._history.summaries(conversation_id)
        else:
            messages, summaries = self._history.branch(conversation_id), []
        return exporter.export(conversation, messages, options or ExportOptions(), summaries)

    def file_name(self, conversation_id: str, name: str) -> str:
        """What the file could be called. Raises HistoryError."""
        return safe_file_name(self._history.conversation(conversation_id).title, name)

    def write(self, path: Path, text: str, *, overwrite: bool = False) -> None:
        """Write the text, whole or not at all. Raises ExportError."""
        write_whole(path, text, overwrite=overwrite)
