"""The words of the export sheet: formats with what each is for, and how far an export is."""

from PySide6.QtCore import QCoreApplication

from ui.chat.figures import duration, grouped

translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""


def format_choices() -> list[tuple[str, str, str]]:
    """Each format's name for the terminal, its name for people, and what it is for."""
    return [
        ("md", translate("export", "Markdown"), translate("export", "for notes and editors")),
        ("html", translate("export", "Web page"), translate("export", "one file, any browser")),
        ("pdf", translate("export", "PDF"), translate("export", "to print and to pass on")),
        ("docx", translate("export", "Word"), translate("export", "to go on writing in it")),
        ("txt", translate("export", "Plain text"), translate("export", "words without marks")),
        ("json", translate("export", "JSON"), translate("export", "everything, to come back")),
        ("jsonl", translate("export", "JSONL"), translate("export", "to train a model with")),
    ]


def progress_words(done: int, total: int, seconds_left: float | None) -> str:
    """How many conversations are written, and how long it still takes."""
    if total > 1:
        words = translate("export", "{done} of {total} chats").format(
            done=grouped(done), total=grouped(total)
        )
    else:
        words = translate("export", "Writing the file")
    if seconds_left is None or seconds_left < 2:
        return words
    return translate("export", "{what}, about {time} left").format(
        what=words, time=duration(seconds_left)
    )
