"""Writes docs/images/composer-*.png and files-*.png: what goes into a message, in the real window.

    .venv/bin/python -m docs.composer_images

Files are written by other software's libraries, read by the helper process and counted by the
starter model. Each picture is taken in both themes, most at 1280 × 800 and one at 900 × 600.
"""
# ruff: noqa: INP001 - a script beside the documents, not a package

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from app.engine.entities import SamplingParameters
from app.history.entities import AttachedWay, Role
from app.history.presets import LibraryPrompt, Preset
from app.ids import new_id
from docs.make_images import IMAGES, SIZE, ask, take
from tests.helpers.attachment_files import write_docx, write_pdf
from tests.helpers.window import application, open_session, wait_until
from ui.chat.user_view import UserView
from ui.composer.file_view import FileState
from ui.session import Session

SMALL = (900, 600)
QUESTION = "Who painted the crane in the harbour, and when?"
CRANE = (
    "The crane in the harbour was painted green in the spring of 2031 by the brothers Anton and"
    " Emil Maurer, who needed eleven days for it because it rained on six of them."
)
CHAPTERS = (
    "The warehouse on the northern quay was measured again, and its roof was found to be sound.",
    "Grain came in by the river in such amounts that two of the three scales were always in use.",
    "The lighthouse keeper asked for new lamps, which the council allowed after some discussion.",
    "Of the ferries only the smaller one went in winter, and on Sundays none went at all.",
)
PROMPTS = (
    ("Explain simply", "Explain {{topic}} to somebody who has never heard of it."),
    ("Proofread", "Correct spelling and grammar; change nothing else:"),
    ("Letter", "Write a letter to {{name}} about {{topic}}, polite and short."),
    ("Summarise", "Sum this up in five sentences:"),
    ("Translate", "Translate into {{language}}, as a native speaker would say it:"),
)


def main() -> None:
    """Make all of them."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    with tempfile.TemporaryDirectory() as folder:
        session = open_session(Path(folder) / "data")
        session.window.resize(*SIZE)
        fill(session)
        files = written(Path(folder))
        session.page.composer.setFocus()
        ask(session, "What is a harbour?", longest=48)
        take_files(session, files)
        take_sent(session)
        take_prompts(session)
        take_presets(session)
        session.close()


def fill(session: Session) -> None:
    """Prompts and presets, as somebody has them after a while."""
    items = [LibraryPrompt(id=new_id(), name=name, text=text) for name, text in PROMPTS]
    warm = SamplingParameters(temperature=0.9)
    presets = [
        Preset(id=new_id(), name="Patient teacher", system_prompt="Explain step by step."),
        Preset(id=new_id(), name="Story teller", system_prompt="Tell it vividly.", sampling=warm),
    ]
    kept: list[object] = []
    session.services.presets.keep(*items, *presets, done=kept.append)
    wait_until(lambda: bool(kept))


def written(folder: Path) -> list[str]:
    """A long report, a short one, a table, and a picture that cannot be read."""
    pages = [
        [f"{CHAPTERS[(page + n) % 4]} This was noted on page {page + 1}." for n in range(9)]
        for page in range(80)
    ]
    pages[41].insert(4, CRANE)
    table = folder / "tides.csv"
    rows = "".join(f"2031-03-{day:02d},{day % 12}:40,{day % 5 + 1}.2\n" for day in range(1, 29))
    table.write_text("day,high water,metres\n" + rows, encoding="utf-8")
    photo = folder / "crane.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(400))
    return [
        str(write_pdf(folder / "harbour-report-2031.pdf", pages)),
        str(write_docx(folder / "jahresbericht.docx")),
        str(table),
        str(photo),
    ]


def both(session: Session, name: str) -> None:
    """Save the window in both themes."""
    for theme in ("light", "dark"):
        session.services.settings.change(theme=theme)
        take(session, IMAGES / f"{name}-{theme}.png")


def again(session: Session, name: str, open_it: Callable[[], None]) -> None:
    """The same for what floats and goes with a change of theme."""
    for theme in ("light", "dark"):
        session.services.settings.change(theme=theme)
        open_it()
        take(session, IMAGES / f"{name}-{theme}.png")


def take_files(session: Session, paths: list[str]) -> None:
    """Files above the text, counted, one too long and one refused; then the sheet of the first."""
    session.files.attach(paths)
    files = session.files.files
    wait_until(lambda: all(file.state is not FileState.READING for file in files), 60)
    session.page.composer.set_text(QUESTION)
    wait_until(lambda: files[0].way is AttachedWay.PASSAGES and bool(files[0].passages), 60)
    wait_until(lambda: all(file.costs[file.way].exact for file in files if file.attachment), 60)
    both(session, "files-draft")
    session.window.resize(*SMALL)
    both(session, "files-draft-small")
    session.window.resize(*SIZE)
    again(session, "files-passages", session.page.composer.tray.chips[0].name.click)
    session.file_sheets.sheet.close_sheet()
    session.files.remove(files[3].id)


def take_sent(session: Session) -> None:
    """The question with its files in the conversation."""
    composer = session.page.composer
    session.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=60))
    composer.field.send_pressed.emit()
    wait_until(lambda: session.services.turns.active is not None, 60)
    wait_until(lambda: session.services.turns.active is None, 120)
    both(session, "files-sent")
    asked = [each for each in session.chat.branch if each.role is Role.USER][-1]
    view = session.page.transcript.view(asked.id)
    assert isinstance(view, UserView)
    again(session, "files-sent-passages", lambda: session.file_sheets.open_sent(asked.id, 0))
    session.file_sheets.sheet.close_sheet()


def take_prompts(session: Session) -> None:
    """The list while a / begins a line, the fields of a prompt, and the library."""
    field = session.page.composer.field
    session.window.activateWindow()

    def slash() -> None:
        field.clear()
        field.setFocus()
        field.insertPlainText("/")

    again(session, "composer-prompts", slash)
    field.clear()
    letter = next(each for each in session.services.presets.prompts() if each.name == "Letter")
    again(session, "composer-fields", lambda: session.prompts.insert(letter))
    session.prompts.fields.close_sheet()
    again(session, "composer-library", session.prompts.manage)
    session.window.resize(*SMALL)
    again(session, "composer-library-small", session.prompts.manage)
    session.window.resize(*SIZE)
    session.prompts.sheet.close_sheet()


def take_presets(session: Session) -> None:
    """The panel with a preset that holds."""
    session.chat.new_chat()
    session.services.settings.change(panel_shown=True)
    teacher = session.services.presets.presets()[0]
    session.presets.apply(teacher.id)
    both(session, "composer-preset")


if __name__ == "__main__":
    main()
