"""The rehearser's worker: one at a time, replaced when it dies, kept until it is closed."""

import sys
from pathlib import Path

from app.engine.client import Deadlines
from app.engine.entities import Plan, Rehearsal, RehearsalJob
from app.placement.rehearsing import Outcome
from app.wording import sentence
from tests.helpers.rehearsals import RehearsalStage

SCRIPT = Path(__file__).resolve().parents[2] / "helpers" / "scripted_rehearser.py"
COMMAND = [sys.executable, str(SCRIPT)]
QUICK = Deadlines(hello=20.0, rehearsal=1.0, pong=20.0)


def jobs(*wishes: str) -> list[RehearsalJob]:
    return [RehearsalJob(paths=(wish,), plan=Plan()) for wish in wishes]


def told(outcomes: list[Outcome]) -> list[str]:
    """What each job asked for when it was rehearsed, else the code of its error."""
    return [
        outcome.layers[0] if isinstance(outcome, Rehearsal) else outcome.code
        for outcome in outcomes
    ]


def process_of(outcome: Outcome) -> int:
    assert isinstance(outcome, Rehearsal)
    return outcome.context_tokens


def scripted(deadlines: Deadlines | None = None) -> RehearsalStage:
    return RehearsalStage([COMMAND] * 9, deadlines)


def test_every_job_has_its_outcome_in_order() -> None:
    with scripted() as stage:
        assert told(stage.rehearse(*jobs("a", "refused", "b"))) == [
            "a", "placement.rehearsal_model", "b",
        ]  # fmt: skip
        assert stage.rehearse() == []
        assert len(stage.clients) == 1


def test_the_worker_is_kept_for_the_next_call() -> None:
    with scripted() as stage:
        (first,) = stage.rehearse(*jobs("a"))
        (second,) = stage.rehearse(*jobs("b"))
        assert process_of(first) == process_of(second)


def test_a_worker_that_was_started_beforehand_is_the_one_that_is_asked() -> None:
    with scripted() as stage:
        stage.rehearser.warm_up()
        stage.rehearser.warm_up()
        assert len(stage.clients) == 1
        assert told(stage.rehearse(*jobs("a"))) == ["a"]
        assert len(stage.clients) == 1


def test_a_crash_costs_one_job() -> None:
    with scripted() as stage:
        outcomes = stage.rehearse(*jobs("a", "crash", "b", "crash", "crash"))
        assert told(outcomes) == [
            "a", "engine.crashed", "b", "engine.crashed", "engine.crashed",
        ]  # fmt: skip
        assert process_of(outcomes[0]) != process_of(outcomes[2])
        assert told(stage.rehearse(*jobs("c"))) == ["c"]
        assert stage.most_living == 1


def test_a_model_that_ends_its_workers_gets_two_and_the_others_go_on() -> None:
    with scripted() as stage:
        outcomes = stage.rehearse(*jobs(*["crash"] * 6, "a", "crash", "b"))
        assert told(outcomes) == [*["engine.crashed"] * 6, "a", "engine.crashed", "b"]
        assert len(stage.clients) == 4


def test_deaths_of_different_models_are_not_counted_together() -> None:
    with scripted() as stage:
        crashes = [RehearsalJob(paths=("crash", name), plan=Plan()) for name in "aabbb"]
        assert told(stage.rehearse(*crashes)) == ["engine.crashed"] * 5
        assert len(stage.clients) == 4


def test_a_job_that_hangs_is_given_up_and_the_next_has_its_own_time() -> None:
    with scripted(QUICK) as stage:
        outcomes = stage.rehearse(*jobs("a", "hang", "b"))
        assert told(outcomes) == ["a", "engine.no_rehearsal", "b"]
        assert len(stage.clients) == 2
        error = outcomes[1]
        assert not isinstance(error, Rehearsal)
        assert "estimated" in sentence(error.code, error.facts)


def test_an_inner_error_costs_one_job_and_keeps_the_worker() -> None:
    with scripted() as stage:
        outcomes = stage.rehearse(*jobs("a", "fails", "b"))
        assert told(outcomes) == ["a", "engine.internal", "b"]
        assert len(stage.clients) == 1


def test_workers_that_cannot_work_are_not_started_for_each_job() -> None:
    with RehearsalStage([[sys.executable, "-c", "raise SystemExit(1)"]]) as stage:
        assert told(stage.rehearse(*jobs("a", "b", "c"))) == ["engine.exited"] * 3
        assert len(stage.clients) == 1
    with scripted() as stage:
        outcomes = stage.rehearse(*jobs("a", "nonsense", "b"))
        assert told(outcomes) == ["a", "engine.nonsense", "engine.nonsense"]


def test_no_process_can_be_had() -> None:
    with RehearsalStage([[], COMMAND]) as stage:
        assert told(stage.rehearse(*jobs("a", "b"))) == ["engine.no_start"] * 2
        assert told(stage.rehearse(*jobs("c"))) == ["c"]


def test_calls_are_answered_one_after_the_other() -> None:
    with scripted() as stage:
        answers: list[list[str]] = []

        def first_done(outcomes: list[Outcome]) -> None:
            answers.append(told(outcomes))
            stage.rehearser.rehearse(jobs("last"), lambda more: answers.append(told(more)))

        stage.rehearser.rehearse(jobs("a", "b"), first_done)
        stage.rehearser.rehearse(jobs("c"), lambda more: answers.append(told(more)))
        assert stage.queue.run_until(lambda: len(answers) == 3, 20)
        assert answers == [["a", "b"], ["c"], ["last"]]
        assert len(stage.clients) == 1


def test_a_call_from_the_answer_of_the_last_one_is_asked_once() -> None:
    with scripted() as stage:
        answers: list[list[str]] = []
        stage.rehearser.rehearse(
            jobs("a"),
            lambda _: stage.rehearser.rehearse(jobs("b"), lambda it: answers.append(told(it))),
        )
        assert stage.queue.run_until(lambda: bool(answers), 20)
        assert answers == [["b"]]
        assert told(stage.rehearse(*jobs("c"))) == ["c"]


def test_closing_ends_what_waits_and_another_worker_may_follow() -> None:
    with scripted() as stage:
        answers: list[list[str]] = []
        stage.rehearser.rehearse(jobs("a", "hang"), lambda it: answers.append(told(it)))
        stage.rehearser.rehearse(jobs("b"), lambda it: answers.append(told(it)))
        stage.queue.run_until(lambda: False, 0.5)
        stage.rehearser.close()
        assert answers[0][-1] == "engine.closed"
        assert answers[1:] == [["engine.closed"]]
        stage.rehearser.close()
        assert told(stage.rehearse(*jobs("c"))) == ["c"]
        assert len(stage.clients) == 2
        assert stage.most_living == 1


def test_a_worker_that_ended_while_it_waited_is_replaced() -> None:
    with scripted() as stage:
        stage.rehearse(*jobs("a"))
        stage.clients[0].kill()
        assert told(stage.rehearse(*jobs("b"))) == ["b"]
        assert stage.most_living == 1
