"""A process with the real window that sends messages to itself and tells what it showed.

Run as a script: ``driven_window.py DATA_DIR SEED``. Every line on stdout is JSON:
{"ready": true}, {"acknowledged": id} when a question is on disk and shown,
{"shown": answer id, "length": characters of answer and reasoning on the screen},
{"ended": answer id}. It runs until it is killed.
"""

import json
import os
import random
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QTimer

from app.chat.events import TurnEnded, TurnEvent, TurnStarted, TurnText
from app.engine.entities import SamplingParameters
from tests.helpers.window import application, open_session

WORDS = [
    "river",
    "stone",
    "light",
    "winter",
    "garden",
    "engine",
    "letter",
    "window",
    "orange",
    "silent",
]


def main(root: Path, seed: int) -> None:
    chance = random.Random(seed)
    qt = application()
    session = open_session(root)
    session.services.settings.change(sampling=SamplingParameters(temperature=1.0, max_tokens=400))
    lengths: dict[str, int] = {}

    def tell(**facts: object) -> None:
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()

    def send() -> None:
        if chance.random() < 0.3:
            session.chat.new_chat()
        session.chat.send("Tell me about the " + " ".join(chance.sample(WORDS, 4)))

    def heard(event: TurnEvent) -> None:
        match event:
            case TurnStarted(user=user, answer=answer):
                if user is not None:
                    tell(acknowledged=user.id, text=user.text)
                lengths[answer.id] = 0
            case TurnText():
                lengths[event.answer_id] += len(event.text) + len(event.reasoning)
                tell(shown=event.answer_id, length=lengths[event.answer_id])
            case TurnEnded(message=message):
                tell(ended=message.id, length=len(message.text) + len(message.reasoning))
                QTimer.singleShot(0, send)

    session.services.turns.subscribe(heard)
    tell(ready=True)
    QTimer.singleShot(0, send)
    qt.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
