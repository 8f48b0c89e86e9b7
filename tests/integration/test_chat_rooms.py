"""Turns, budget and what waits as the services wire them, with the starter model."""

from pathlib import Path

import pytest

from app.chat.branching import Answering
from app.chat.budget import Measured, wanted_of
from app.chat.order import question_of
from app.engine.entities import SamplingParameters
from app.history.entities import Conversation, Overflow, QueuedMessage
from app.ids import new_id
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import Services, open_for_command, open_services

pytestmark = pytest.mark.usefixtures("starter_model")

SHORT = SamplingParameters(temperature=0.0, max_tokens=6)


def begun(services: Services, queue: CallbackQueue) -> Conversation:
    """A conversation with one answer."""
    conversation = Conversation(new_id(), "Chat", sampling=SHORT)
    model = services.library.default()
    assert model is not None
    assert services.turns.send(conversation, (), "Say one word.", model, None, SHORT)
    assert queue.run_until(lambda: services.turns.active is None, 60)
    return services.history.conversation(conversation.id)


def test_a_window_sends_what_waits_and_knows_what_a_longer_context_costs(tmp_path: Path) -> None:
    queue = CallbackQueue()
    services = open_services(DataPaths(tmp_path / "data"), queue.post)
    try:
        services.settings.change(context_tokens=512)
        conversation = begun(services, queue)
        services.send_queue.add(conversation.id, "Say two words.")
        history = services.history
        assert queue.run_until(lambda: len(history.branch(conversation.id)) == 4, 60)
        assert queue.run_until(lambda: services.turns.active is None, 60)
        branch = history.branch(conversation.id)
        draft = question_of(conversation, branch, "word " * 600, ())
        heard: list[Measured] = []
        wanted = wanted_of(conversation, branch, SHORT, draft=draft)
        services.budget.measure(wanted, heard.append, heard.append)
        assert queue.run_until(lambda: bool(heard), 60)
        report = heard[0].report
        assert not report.fits
        assert report.growth is not None
        assert report.growth.context_tokens >= report.needed_tokens
        assert report.read_seconds
        # Chosen, it is done, by the same planner.
        history.set_overflow(conversation.id, Overflow.GROW)
        assert services.branching.edit_question(
            conversation, branch[2].id, "word " * 600, answering_of(services)
        )
        assert queue.run_until(lambda: services.turns.active is None, 120)
        assert history.branch(conversation.id)[-1].details.failure == ""
        assert services.host.status.facts.context_tokens >= report.needed_tokens
    finally:
        services.close()


def answering_of(services: Services) -> Answering:
    model = services.library.default()
    assert model is not None
    return Answering(model, None, SHORT)


@pytest.mark.parametrize("temporary", [False, True])
def test_a_command_leaves_what_waits_to_the_window(tmp_path: Path, temporary: bool) -> None:
    queue = CallbackQueue()
    services = open_for_command(DataPaths(tmp_path / "data"), queue.post, temporary=temporary)
    try:
        conversation = Conversation(new_id(), "Chat", sampling=SHORT)
        services.history.create(conversation)
        services.history.queue(QueuedMessage(new_id(), conversation.id, "It waits."))
        model = services.library.default()
        assert services.turns.send(conversation, (), "Say one word.", model, None, SHORT)
        assert queue.run_until(lambda: services.turns.active is None, 60)
        queue.run_until(lambda: False, 0.1)
        assert services.turns.active is None
        waiting = services.send_queue.waiting(conversation.id)
        assert [each.text for each in waiting] == ["It waits."]
        assert len(services.history.branch(conversation.id)) == (0 if temporary else 2)
    finally:
        services.close()
