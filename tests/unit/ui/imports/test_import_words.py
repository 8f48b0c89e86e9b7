"""The words of a chat that would come."""

from datetime import date

import pytest

from app.imports.report import FoundRow, Preview, Standing
from ui.imports.view import ChatRow
from ui.imports.words import preview_rows


@pytest.mark.parametrize(
    ("messages", "files", "note"),
    [(1, 0, "1 new message"), (2, 5, "2 new messages"), (0, 3, "3 attached files")],
)
def test_what_a_grown_chat_gets(qapp: object, messages: int, files: int, note: str) -> None:
    row = FoundRow("id", "T", "jan", "f", "", 4, messages, 1, 1, Standing.GROWN, files)
    (shown,) = preview_rows(Preview((row,), 0, (), 0, ("jan",)), date(2026, 1, 2))
    assert isinstance(shown, ChatRow)
    assert shown.note.startswith(note)
    assert shown.can_choose
