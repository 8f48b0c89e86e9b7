"""Some hundreds of steps of everything that can be done to a conversation, in any order."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.helpers.chat_machine import ChatMachine

SHORT = settings(
    max_examples=8,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(240)
def test_any_order_keeps_what_was_acknowledged_once_and_in_order() -> None:
    run_state_machine_as_test(ChatMachine, settings=SHORT)
