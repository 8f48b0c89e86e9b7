"""What happens to an answer before its first token, shown at its place."""

from app.chat.events import (
    TurnLoading,
    TurnReading,
    TurnStopping,
    TurnSummarised,
    TurnSummarising,
)
from ui.chat.transcript import Transcript

TurnProgress = TurnLoading | TurnSummarising | TurnSummarised | TurnReading | TurnStopping


def show_progress(transcript: Transcript, event: TurnProgress) -> None:
    """Say what happens now under the question."""
    match event:
        case TurnLoading():
            transcript.set_loading(event.answer_id, event.model_name, event.fraction)
        case TurnSummarising():
            transcript.set_summarising(event.answer_id, event.text)
        case TurnSummarised():
            transcript.set_phase(event.answer_id, None)
        case TurnReading():
            transcript.set_reading(event.answer_id, event.done, event.total, event.seconds)
        case TurnStopping():
            transcript.set_stopping(event.answer_id)
