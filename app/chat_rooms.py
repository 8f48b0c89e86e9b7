"""Builds what asks, answers and keeps the words of conversations, and wires it together."""

from dataclasses import dataclass

from app.chat.branching import Answering, Branching
from app.chat.budget import ContextBudget
from app.chat.choosing import answering_for
from app.chat.context import shortest_longer
from app.chat.events import TurnEnded, TurnEvent, TurnStarted
from app.chat.send_queue import SendQueue
from app.chat.summarising import Summariser
from app.chat.titling import Titler
from app.chat.turns import Turns
from app.engine.host import ModelHost
from app.history.entities import Conversation
from app.history.repository import History
from app.library.library import Library
from app.placement.entities import ContextPrice
from app.placement.loader import Loader
from app.posting import Scheduler
from app.settings.store import SettingsStore


@dataclass(frozen=True, slots=True)
class ChatRooms:
    """Everything that a conversation needs."""

    turns: Turns
    branching: Branching
    budget: ContextBudget
    summariser: Summariser
    send_queue: SendQueue
    titler: Titler


def open_chat_rooms(
    history: History,
    library: Library,
    scheduler: Scheduler,
    host: ModelHost,
    loader: Loader,
    settings: SettingsStore,
    *,
    temporary: bool,
    follows: bool,
) -> ChatRooms:
    """Build them. ``temporary`` keeps nothing of turns; ``follows`` sends what waits in a window:
    a command ends with its own answer and sends nothing else."""

    def answering(conversation: Conversation) -> Answering | None:
        return answering_for(conversation, library, host.status, settings.current.sampling)

    budget = _budget(host, loader)
    kept = None if temporary else history
    turns = Turns(kept, host, scheduler, library.handle_for, loader.ensure, budget)
    summariser = Summariser(host, lambda: turns.active is not None)

    def heard(event: TurnEvent) -> None:
        match event:
            case TurnStarted():
                # One worker does one thing at a time, and an answer goes before a summary.
                summariser.give_way()
            case TurnEnded(message=message) if message.details is not None:
                # What an answer measured is kept beside the plan that gave it.
                loader.answered(message.details.model_key, message.details.timings)

    turns.subscribe(heard)
    # A command ends with its answer, and what is temporary has no title to keep.
    titler = Titler(
        history, host, turns, lambda: follows and kept is not None
        and settings.current.automatic_titles,
    )  # fmt: skip
    return ChatRooms(
        turns=turns,
        branching=Branching(history, turns),
        budget=budget,
        summariser=summariser,
        send_queue=SendQueue(history, turns, answering, follows=follows),
        titler=titler,
    )


def _budget(host: ModelHost, loader: Loader) -> ContextBudget:
    """Prices and speeds of prompts are those of the plan that is loaded."""

    def price(needed_tokens: int) -> ContextPrice | None:
        current = loader.current
        return shortest_longer(current.placement if current else None, needed_tokens)

    def tokens_read_per_second() -> float | None:
        current = loader.current
        return current.placement.predicted.prompt.expected if current else None

    return ContextBudget(host, price, tokens_read_per_second)
