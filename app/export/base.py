"""What an exporter is: one format, one function from a conversation to text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.history.entities import Conversation, Message, Summary


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What goes into the file besides the messages themselves."""

    system_prompt: bool = True
    reasoning: bool = True
    details: bool = True
    """Model, sampling, token counts and timings of every answer."""


class Exporter(Protocol):
    """One format. Give it the whole tree when ``whole_tree``, else the branch that is shown."""

    @property
    def name(self) -> str:
        """As the terminal calls it, and the file's ending without its dot."""

    @property
    def whole_tree(self) -> bool:
        """Whether other branches than the shown one are kept too."""

    def export(
        self,
        conversation: Conversation,
        messages: Sequence[Message],
        options: ExportOptions,
        summaries: Sequence[Summary] = (),
    ) -> str:
        """The text of the file; the same input gives the same text at any time.

        ``summaries`` stand for beginnings of branches where the context is full.
        """
