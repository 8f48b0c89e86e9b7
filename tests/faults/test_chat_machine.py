"""Thousands of steps of everything that can be done to a conversation, in any order."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.helpers.chat_machine import ChatMachine

LONG = settings(
    max_examples=60,
    stateful_step_count=100,
    deadline=None,
    database=None,
    print_blob=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(3000)
def test_thousands_of_steps_in_any_order() -> None:
    run_state_machine_as_test(ChatMachine, settings=LONG)
