"""What ends a set-up: one sentence with the next step, and perhaps a tool's last words."""


class SetupProblem(Exception):  # noqa: N818 - told to a person, not handled by code
    """The set-up cannot go on. ``details`` are the last lines of a tool's output."""

    def __init__(self, sentence: str, details: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details
