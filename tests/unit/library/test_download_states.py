"""The state machine of downloads: legal transitions, the worst of a set, and random walks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.library.download_states import (
    ACTIVE,
    ENDED,
    STOPPED,
    TRANSITIONS,
    DownloadState,
    IllegalTransition,
    Status,
    after_death,
    status_of_end,
    worst_of,
)
from app.wording import SENTENCES
from models.transfer_entities import StopReason, TransferEnd, TransferOutcome

S = DownloadState
WALKS = st.lists(st.integers(0, 1000), max_size=40)


def walk(choices: list[int]) -> list[Status]:
    """From QUEUED along legal transitions."""
    path = [Status(S.QUEUED)]
    for choice in choices:
        possible = sorted(TRANSITIONS[path[-1].state])
        if not possible:
            break
        path.append(path[-1].to(Status(possible[choice % len(possible)])))
    return path


def test_every_state_has_transitions_and_can_be_reached() -> None:
    assert set(TRANSITIONS) == set(S)
    reached = {S.QUEUED}
    while more := {after for state in reached for after in TRANSITIONS[state]} - reached:
        reached |= more
    assert reached == set(S)


def test_what_is_ready_stays_ready_and_the_rest_can_be_cancelled() -> None:
    assert TRANSITIONS[S.READY] == frozenset()
    for state in set(S) - {S.READY, S.CANCELLING, S.CANCELLED}:
        assert S.CANCELLING in TRANSITIONS[state]
    assert TRANSITIONS[S.CANCELLING] == {S.CANCELLED}


def test_ready_is_reached_only_through_verified_and_promoting() -> None:
    assert {state for state in S if S.READY in TRANSITIONS[state]} == {S.PROMOTING}
    assert {state for state in S if S.PROMOTING in TRANSITIONS[state]} == {S.VERIFIED}
    assert {state for state in S if S.VERIFIED in TRANSITIONS[state]} == {
        S.RESOLVING, S.CHECKING, S.VERIFYING, S.PROMOTING,
    }  # fmt: skip


@pytest.mark.parametrize("state", sorted(STOPPED))
def test_what_stands_still_moves_only_when_asked(state: DownloadState) -> None:
    assert TRANSITIONS[state] == {S.QUEUED, S.CANCELLING}


@given(WALKS)
def test_a_random_walk_is_never_lost(choices: list[int]) -> None:
    for status in walk(choices):
        for resume in (True, False):
            revived = after_death(status, resume=resume)
            assert revived.state not in ACTIVE
            assert revived.state is not S.CANCELLING
            # Nothing that a user decided is undone by a restart.
            if status.state in STOPPED | ENDED:
                assert revived == status
            if resume and status.state in ACTIVE | {S.QUEUED, S.VERIFIED}:
                assert revived.state is S.QUEUED


@given(st.lists(WALKS, min_size=1, max_size=5))
def test_a_set_is_ready_only_when_all_are(walks: list[list[int]]) -> None:
    files = [walk(choices)[-1] for choices in walks]
    worst = worst_of(files)
    assert worst in files
    assert (worst.state is S.READY) == all(file.state is S.READY for file in files)
    for state in (S.FAILED, S.CORRUPT, S.BLOCKED):
        if any(file.state is state for file in files):
            assert worst.state in (S.FAILED, S.CORRUPT, S.BLOCKED)


@given(st.sampled_from(sorted(S)), st.sampled_from(sorted(S)))
def test_an_illegal_transition_is_loud(before: DownloadState, after: DownloadState) -> None:
    if after in TRANSITIONS[before]:
        assert Status(before).to(Status(after)).state is after
    else:
        with pytest.raises(IllegalTransition):
            Status(before).to(Status(after))


def test_a_user_s_pause_outlives_a_restart_and_the_program_s_own_does_not() -> None:
    mine = Status(S.PAUSED, StopReason.USER)
    quit_ = Status(S.PAUSED, StopReason.APP_QUIT)
    assert after_death(mine, resume=True) == mine
    assert after_death(quit_, resume=True) == Status(S.QUEUED)
    assert after_death(quit_, resume=False) == quit_
    # The network may be back: waiting for it is nobody's decision.
    offline = Status(S.PAUSED, StopReason.OFFLINE)
    assert after_death(offline, resume=True) == Status(S.QUEUED)
    assert after_death(offline, resume=False) == offline
    assert after_death(Status(S.CANCELLING), resume=True) == Status(S.CANCELLED)


@pytest.mark.parametrize("reason", list(StopReason))
def test_every_reason_has_a_sentence(reason: StopReason) -> None:
    assert Status(S.PAUSED, reason).sentence_code in SENTENCES
    assert Status(S.FAILED, reason, code="gguf.truncated").sentence_code == "gguf.truncated"


@pytest.mark.parametrize("outcome", list(TransferOutcome))
def test_every_end_of_a_transfer_is_a_state(outcome: TransferOutcome) -> None:
    status = status_of_end(TransferEnd(outcome, StopReason.SERVER, {"host": "x"}, "a.b"))
    assert status.state.value == outcome.value
    assert (status.facts, status.code) == ({"host": "x"}, "a.b")
