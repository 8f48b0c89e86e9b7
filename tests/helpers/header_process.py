"""The process of ``header_run``: an application that takes its share of the headers that lie.

Run as ``python -m tests.helpers.header_process COUNT LOAD_EVERY NUMBER OF``: of the hand-made
headers and ``COUNT`` mutations, every ``OF``-th from ``NUMBER`` on. It says on stdout, a JSON
object a line, where it is, what became of each header, and at the end what it took.
"""

import json
import logging
import resource
import sys
from itertools import islice

from tests.helpers.header_cases import CASES
from tests.helpers.header_mutations import mutation
from tests.helpers.header_trials import HeaderStage, Trial, most_memory

_CHUNK = 25
BY_HAND = "by hand"


def trials_of(count: int, load_every: int, number: int = 0, of: int = 1) -> list[Trial]:
    """This process's share, without the drafts that were not asked for."""
    share = [Trial(name, BY_HAND, make()) for name, make in islice(CASES.items(), number, None, of)]
    for seed in range(number, count, of):
        kind, draft = mutation(seed)
        share.append(Trial(str(seed), kind, draft, loads=seed // of % load_every == 0))
    return share


def main(arguments: list[str]) -> int:
    """Run the share and tell it."""
    count, load_every, number, of = map(int, arguments)
    logging.disable(logging.CRITICAL)  # the engine's words on thousands of bad files

    def tell(**facts: object) -> None:
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()

    with HeaderStage(lambda where: tell(at=where)) as stage:
        share = trials_of(count, load_every, number, of)
        while share:
            chunk, share = share[:_CHUNK], share[_CHUNK:]
            stage.run(chunk)
            for trial in chunk:
                tell(trial=trial.result())
    tell(
        end={
            "workers": stage.workers, "grown": stage.most_grown, "most": most_memory(),
            "largest": most_memory(resource.RUSAGE_CHILDREN),
        }
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
