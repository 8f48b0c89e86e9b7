"""Messages for tests of the transcript, and a page that shows them."""

from collections.abc import Sequence

from PySide6.QtWidgets import QApplication

from app.history.entities import AnswerDetails, Message, MessageState, Role
from tests.helpers import ui_stage
from ui.chat.answer_view import AnswerView
from ui.chat.chat_page import ChatPage
from ui.chat.header import ChatHeader
from ui.chat.status_line import StatusLine
from ui.chat.transcript import Transcript

NOON = 1_763_900_000_000
RICH = """# Sorting

Use **sorted** or `list.sort()` to *sort*, in $O(n)$.

- one
- two

```python
def sort(words):
    return sorted(words)
```

| call | result |
|---|---|
| sorted | a list |

See [the manual](https://example.org/sorting).
"""


def question(number: int, text: str = "A question?") -> Message:
    """Number ``number`` of what the user asks; its id is "u" and that."""
    return Message(f"u{number}", "c", None, Role.USER, text, created_ms=NOON)


def answer(number: int, text: str = RICH, state: MessageState = MessageState.COMPLETE) -> Message:
    """An answer of Qwen3; its id is "a" and the number."""
    details = AnswerDetails(model_key="k", model_name="Qwen3", stop_reason="stop")
    return Message(
        f"a{number}", "c", None, Role.ASSISTANT, text, state=state, created_ms=NOON,
        details=details,
    )  # fmt: skip


def live(number: int) -> Message:
    """An answer that has no text yet."""
    return answer(number, "", MessageState.STREAMING)


def pairs(count: int, text: str = RICH) -> list[Message]:
    """So many questions with their answers."""
    return [each for at in range(count) for each in (question(at), answer(at, text))]


def page_of(
    application: QApplication,
    messages: Sequence[Message],
    *,
    dark: bool = False,
    size: tuple[int, int] = (1016, 752),
) -> ChatPage:
    """A shown chat page."""
    theme = ui_stage.dress(application, dark=dark)
    page = ChatPage(theme, ChatHeader(theme), StatusLine(theme))
    page.header.set_title("A title", has_chat=True)
    ui_stage.show(page, size)
    page.activateWindow()
    page.transcript.set_messages(messages)
    ui_stage.settle()
    return page


def answer_view(transcript: Transcript, number: int) -> AnswerView:
    """The widget of an answer."""
    view = transcript.view(f"a{number}")
    assert isinstance(view, AnswerView)
    return view


def render(transcript: Transcript, number: int) -> None:
    """Render what streamed in without waiting for the tick."""
    body = answer_view(transcript, number).body
    assert body is not None
    body._render_pending()
