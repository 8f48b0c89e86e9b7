"""Inside the helper: why a file gives no text. Outside it becomes an AttachmentError."""


class Refusal(Exception):  # noqa: N818 - never leaves the helper as an error
    """``code`` names a sentence; ``detail`` is for the log alone."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
