"""Which model a conversation is answered by, and what to offer when it was another one."""

from dataclasses import dataclass

from app.chat.branching import Answering
from app.engine.entities import SamplingParameters
from app.engine.host import HostState, HostStatus
from app.history.entities import Conversation
from app.library.entities import InstalledModel
from app.library.library import Library


@dataclass(frozen=True, slots=True)
class Offer:
    """A conversation was made with ``made_with`` while ``loaded`` is in memory."""

    made_with: InstalledModel
    loaded: InstalledModel


def model_for(
    conversation: Conversation, library: Library, status: HostStatus
) -> InstalledModel | None:
    """The model that the next message goes to.

    The loaded one answers a new conversation. An existing one is answered by the model it was
    made with, if that is still here; else by the loaded one; else by the default. The demo is
    never chosen by itself once there is a real model.
    """
    loaded = _loaded(library, status)
    made_with = library.by_key(conversation.model_key) if conversation.model_key else None
    if made_with is not None and not made_with.absent and not made_with.is_demo:
        return made_with
    default = library.default()
    if loaded is not None and loaded.is_demo and default is not None:
        # Real models come before the demo in the library; without one this is the demo.
        return default
    return loaded or default


def answering_for(
    conversation: Conversation,
    library: Library,
    status: HostStatus,
    sampling: SamplingParameters,
) -> Answering | None:
    """How the next message is answered; ``sampling`` is for conversations without their own.

    None when there is no model at all.
    """
    model = model_for(conversation, library, status)
    if model is None:
        return None
    return Answering(model, None, conversation.sampling or sampling)


def offer_for(conversation: Conversation, library: Library, status: HostStatus) -> Offer | None:
    """What to ask before the next message when another model is loaded; None: nothing."""
    loaded = _loaded(library, status)
    made_with = library.by_key(conversation.model_key) if conversation.model_key else None
    if loaded is None or made_with is None or made_with.absent:
        return None
    return None if loaded.key == made_with.key else Offer(made_with, loaded)


def _loaded(library: Library, status: HostStatus) -> InstalledModel | None:
    if status.state not in (HostState.READY, HostState.LOADING):
        return None
    return library.by_key(status.model_key)
