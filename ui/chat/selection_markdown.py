"""Several messages as one Markdown text."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from ui.chat.message_item import MessageItem


def author_of(item: MessageItem) -> str:
    """Who wrote a message: "You", or the name of the model."""
    if item.is_user:
        return QCoreApplication.translate("MessageItem", "You")
    details = item.message.details
    name = details.model_name if details else ""
    return name or QCoreApplication.translate("MessageItem", "Answer")


def messages_as_markdown(items: Sequence[MessageItem]) -> str:
    """One message is its source exactly; of several, each stands under its author's name."""
    if len(items) == 1:
        return items[0].message.text
    return "\n\n".join(
        "**" + author_of(item) + "**\n\n" + item.message.text for item in items if item.message.text
    )
