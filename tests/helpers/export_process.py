"""Exports everything of a data folder, over and over: ``export_process DATA PACKING NAME TARGET``.

Says "begins" when its imports are done, then replaces the target until it is killed.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.export.base import ExportOptions
from app.export.exports import Exports
from app.export.job import Exported
from app.export.scope import Everything
from app.export.targets import Target
from app.history.schema import history_migrations
from app.posting import CallbackQueue
from app.storage.opening import open_database
from models.errors import KnownError


def main(data: Path, packing: str, name: str, target: Path) -> None:
    """Until the kill."""
    callbacks = CallbackQueue()
    database = open_database(
        data / "history.sqlite3", history_migrations(), None, callbacks.post, exclusive=False
    )
    exports = Exports(database, callbacks.post)
    exports.formats.get(name)
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    number = 0
    while True:
        # A folder is made anew each time: one that is there only gets files.
        place = target.with_name(f"{target.name}-{number}") if packing == "folder" else target
        done: list[Exported] = []
        refused: list[KnownError] = []
        exports.begin(
            Everything(), name, ExportOptions(), Target(place, packing, overwrite=True),  # type: ignore[arg-type]
            done.append, refused.append,
        )  # fmt: skip
        callbacks.run_until(lambda done=done, refused=refused: bool(done or refused))  # type: ignore[misc]
        if refused:
            raise refused[0]
        number += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]))
