"""A process with the real application that presses what the test says, across its restarts.

Run as a script: ``restarting_window.py DATA_DIR SCRIPT``. ``SCRIPT`` is "restore" (go back to the
oldest backup, start again, and tell), "erase", "erase-models", or "move" with a third argument, the
folder; ``DATA_DIR`` is empty for the usual place. Each line on stdout is JSON.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from ui import application
from ui.data.ended_page import EndedPage
from ui.session import Session

_STEP_MS = 50


def tell(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def when(condition: Callable[[], bool], then: Callable[[], None]) -> None:
    """Look again and again without holding up the window."""
    if condition():
        then()
    else:
        QTimer.singleShot(_STEP_MS, lambda: when(condition, then))


class Driven(Session):
    """Does what the script says once it has begun."""

    starts = 0
    script = ""
    target = ""

    def begin(self, files: list[str]) -> None:
        super().begin(files)
        Driven.starts += 1
        titles = [each.title for each in self.services.history.conversations()]
        tell(root=str(self.services.paths.root))
        tell(start=Driven.starts, titles=sorted(titles), banner=self.window.banner.text,
             theme=self.services.settings.current.theme)  # fmt: skip
        if Driven.script == "restore":
            QTimer.singleShot(0, self._restore if Driven.starts == 1 else self.window.close)
        elif Driven.script == "move":
            QTimer.singleShot(0, self._move if Driven.starts == 1 else self.window.close)
        else:
            QTimer.singleShot(0, self._erase)

    def _restore(self) -> None:
        self.backups.open()
        page = self.backups_page
        rows = page.rows

        def checked() -> bool:
            count = rows.rowCount()
            return count > 0 and all(rows.row_at(n).is_sound is not None for n in range(count))

        def compared() -> bool:
            return page.detail.view is not None and page.detail.view.difference is not None

        def press_restore() -> None:
            tell(change=page.detail.change.text())
            page.detail.restore.click()
            when(lambda: bool(page.card.buttons), press_start)

        def press_start() -> None:
            tell(card=page.card.text)
            page.card.buttons[0].click()

        def choose_oldest() -> None:
            page.list.choose(rows.rowCount() - 1)
            when(compared, press_restore)

        when(checked, choose_oldest)

    def _move(self) -> None:
        banner = self.window.banner
        self.data_folder.open()
        self.data_folder.take(Path(Driven.target))

        def press() -> None:
            tell(asked=banner.text)
            if banner._buttons:
                banner._buttons[0].click()
            else:
                self.window.close()

        when(banner.isVisible, press)

    def _erase(self) -> None:
        self.data_folder.open()
        page = self.data_page

        def press() -> None:
            page.erase.click()
            page.sheet.models.setChecked(Driven.script == "erase-models")
            page.sheet.field.setText("delete")
            page.sheet.erase.click()
            QTimer.singleShot(0, look)

        def look() -> None:
            ended = [each for each in QApplication.topLevelWidgets() if isinstance(each, EndedPage)]
            if not ended:
                QTimer.singleShot(_STEP_MS, look)
                return
            tell(ended=[label.text() for label in ended[0].sentences])
            ended[0].leave.click()

        when(lambda: bool(page.rows), press)


def main(root: str, script: str, target: str = "") -> int:
    Driven.script, Driven.target = script, target
    application.Session = Driven  # type: ignore[misc]
    return application.run(root or None, [])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
