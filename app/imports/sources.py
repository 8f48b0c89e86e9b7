"""Which programs' chats can be read: one reader each, in the order in which they are asked."""

from app.imports.chatgpt import ChatGptReader
from app.imports.gpt4all import Gpt4AllReader
from app.imports.jan import JanReader
from app.imports.jsonl import JsonlReader
from app.imports.lmstudio import LmStudioReader
from app.imports.openwebui import OpenWebUiReader
from app.imports.reader import Reader


def foreign_readers() -> tuple[Reader, ...]:
    """All but our own. What is recognised by the least comes last."""
    return (
        ChatGptReader(),
        LmStudioReader(),
        JanReader(),
        Gpt4AllReader(),
        OpenWebUiReader(),
        JsonlReader(),
    )
