"""Writes docs/images/turn-*.png: versions and edits of messages, the meter, a full context.

    .venv/bin/python -m docs.turn_images [FOLDER]

The words are made up, the counting is the starter model's. With a FOLDER the pictures go there,
also at 900×600.
"""
# ruff: noqa: INP001 - a script beside the documents, not a package

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.engine.entities import SamplingParameters, Timings
from app.history.entities import (
    AnswerDetails,
    Conversation,
    Message,
    MessageState,
    Overflow,
    QueuedMessage,
    Role,
)
from app.ids import new_id
from docs.make_images import IMAGES, SIZE, take
from tests.helpers.window import application, open_session, wait_until
from ui.chat.editing_view import EditingView
from ui.chat.message_item import Given
from ui.session import Session

LONGEST_WAIT_S = 30.0
SMALL = (900, 600)
CONTEXT = 640
EDITED = 6
TALK = (
    (
        "I want to bake a sourdough bread on Saturday. What do I have to do, and when?",
        "Two days are enough if the starter is awake:\n\n"
        "- **Thursday evening**: feed the starter, one part of it to two parts of flour, water.\n"
        "- **Friday morning**: feed it again. It should double within six hours.\n"
        "- **Friday evening**: mix 500 g flour, 350 g water, 100 g starter, 10 g salt. Fold it "
        "four times, half an hour apart, then put it in the fridge.\n"
        "- **Saturday**: shape it cold, heat the oven with a pot in it to 250 °C, bake 25 minutes "
        "with the lid and 20 without.",
    ),
    (
        "My kitchen has only 17 °C. Does that change anything?",
        "Yes, everything takes longer. At 17 °C a starter needs ten to twelve hours where it "
        "needs six at 24 °C. Two things help:\n\n"
        "1. Use water of 30 °C, so that the dough begins at about 25 °C.\n"
        "2. Leave the dough out overnight and skip the fridge. Look for a dough that has grown "
        "by half and shows bubbles at the side of the bowl, whatever the clock says.",
    ),
    (
        "How do I know that it is baked through?",
        "Knock on its underside: it should sound hollow. Surer is a thermometer, which should "
        "read **96 to 98 °C** in the middle. A pale crust at that temperature only needs five "
        "more minutes without the lid.",
    ),
    (
        "Write me a shopping list.",
        "| what | how much |\n| --- | --- |\n| bread flour | 700 g |\n| salt | 10 g |\n"
        "| rice flour, for the basket | a handful |\n\n"
        "You have the starter and the pot; a basket can be a bowl with a floured cloth.",
    ),
)
NEXT = (
    "My sister eats no wheat. Could I make the same bread from rye and spelt, and what would I "
    "have to change about the water, the times and the oven? Please write it as a table with a "
    "row for each step, and say what I should look for in the dough at the end of each of them."
)


def main() -> None:
    """Make all of them."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    sizes = [SIZE, SMALL] if len(sys.argv) > 1 else [SIZE]
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    with tempfile.TemporaryDirectory() as data:
        session = open_session(Path(data))
        session.services.settings.change(
            context_tokens=CONTEXT, sampling=SamplingParameters(temperature=0.0, max_tokens=256)
        )
        session.window.resize(*SIZE)
        write_talk(session)
        scenes: dict[str, Callable[[Session], None]] = {
            "versions": versions,
            "edit": edit,
            "full": full,
            "context": context,
            "queue": queue,
        }
        for name, prepare in scenes.items():
            prepare(session)
            for size in sizes:
                session.window.resize(*size)
                wide = "" if size == SIZE else "-small"
                for theme in ("light", "dark"):
                    session.services.settings.change(theme=theme)
                    again(session, name)
                    take(session, folder / f"turn-{name}{wide}-{theme}.png")
        session.close()


def again(session: Session, name: str) -> None:
    """What a change of the theme or the size closed."""
    wait_until(lambda: session.page.transcript.count > 0)
    if name == "context":
        QApplication.processEvents()
        session.context.open_parts()
    elif name == "versions":
        for view in session.page.transcript.present():
            view.footer.reveal(True)


def write_talk(session: Session) -> None:
    """Keep the conversation, with a second version of a question, and load the model."""
    history = session.services.history
    kept: list[object] = []
    model = session.chat.model
    assert model is not None
    conversation = Conversation(new_id(), "Sourdough for Saturday", model_key=model.key)
    parent: str | None = None
    for question, answer in TALK:
        asked = Message(new_id(), conversation.id, parent, Role.USER, question)
        parent = keep_answer(session, conversation, asked, answer, asked.id)
    again_asked = keep_answer(session, conversation, None, TALK[3][1], asked.id)
    history.switch(again_asked, done=kept.append)
    wait_until(lambda: bool(kept))
    session.chat.open(conversation.id)
    session.conversations.refresh()
    session.models.load(model.key)
    wait_until(lambda: session.services.host.status.facts is not None, LONGEST_WAIT_S)
    wait_until(lambda: session.context.report is not None, LONGEST_WAIT_S)


def keep_answer(
    session: Session,
    conversation: Conversation,
    asked: Message | None,
    words: str,
    parent: str,
) -> str:
    """Keep an answer, and the question that it is for; returns its id."""
    model = session.chat.model
    assert model is not None
    timings = Timings(prompt_tokens=400, generated_tokens=len(words) // 4, tokens_per_second=38.0)
    details = AnswerDetails(
        model_key=model.key, model_name="OLMoE-1B-7B", stop_reason="stop", timings=timings
    )
    answer = Message(
        new_id(), conversation.id, parent, Role.ASSISTANT, "", state=MessageState.STREAMING,
        details=details,
    )  # fmt: skip
    history = session.services.history
    history.begin_turn(conversation, asked, answer)
    history.finish_answer(answer.id, words, "", MessageState.COMPLETE, details)
    return answer.id


def versions(session: Session) -> None:
    """What stands under messages."""
    session.page.transcript.scroll_to_end()


def edit(session: Session) -> None:
    """A question is being changed, and what that costs is said."""
    session.page.transcript.begin_edit(session.chat.branch[EDITED].id)
    item = session.page.transcript.items[EDITED]
    wait_until(lambda: bool(item.edit_cost), LONGEST_WAIT_S)


def full(session: Session) -> None:
    """The next question does not fit any more."""
    view = session.page.transcript.ready(EDITED)
    assert isinstance(view, EditingView)
    view.given_up.emit()
    session.page.composer.set_text(NEXT)
    wait_until(lambda: bool(session.context.would_go), LONGEST_WAIT_S)
    session.page.transcript.verticalScrollBar().setValue(0)


def context(session: Session) -> None:
    """The oldest are left out; what is sent, part by part."""
    session.overflow.choose(Overflow.OLDEST)
    wait_until(lambda: session.page.transcript.items[0].given is Given.LEFT_OUT, LONGEST_WAIT_S)
    session.page.transcript.scroll_to_end()


def queue(session: Session) -> None:
    """Two messages wait."""
    session.parts.close_popover()
    session.page.composer.set_text("")
    kept: list[object] = []
    for words in ("And what about the oven?", "Please be brief: " + NEXT):
        waiting = QueuedMessage(new_id(), session.chat.conversation.id, words)
        session.services.history.queue(waiting, done=kept.append)
    wait_until(lambda: len(kept) == 2)
    session.queue.refresh()


if __name__ == "__main__":
    main()
