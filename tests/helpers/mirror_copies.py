"""Markdown copies that a test looks at itself, or that keep themselves up to date."""

from collections.abc import Callable
from pathlib import Path

from app.export import mirror_records
from app.export.formats import Formats
from app.export.mirror_pass import MirrorChanges, MirrorPass
from app.export.mirror_records import MirrorRecord
from app.export.mirrors import Mirrors, MirrorState
from app.history.organising import Organiser
from app.notices import Notice
from tests.unit.history.conftest import Kept

_WAIT = 20.0


class Copy:
    """One copy of a history, looked at when the test says so."""

    def __init__(self, kept: Kept, root: Path) -> None:
        self.kept = kept
        self.root = root
        self.root.mkdir(exist_ok=True)
        self.records = kept.path.parent / "mirrors"
        self.organiser = Organiser(kept.database, kept.posted.post)
        self.record = MirrorRecord(id="m", folder_id=None, path=str(root))
        self.saves = 0

    def look(
        self, *, thorough: bool = False, stopped: Callable[[], bool] = lambda: False
    ) -> MirrorChanges:
        # As after a start: from what is on the disk.
        for record in mirror_records.load(self.records)[0]:
            self.record = record

        def save(record: MirrorRecord) -> None:
            self.saves += 1
            mirror_records.save(self.records, record)

        markdown = Formats().get("md")
        return MirrorPass(self.kept.database.reader, self.record, markdown, save, stopped).run(
            thorough=thorough
        )

    def files(self) -> list[str]:
        return sorted(
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if path.is_file()
        )

    def text(self, name: str) -> str:
        return (self.root / name).read_text()


def counts(changes: MirrorChanges) -> tuple[int, int, list[str]]:
    return changes.written, changes.removed, changes.edited


class Keeping:
    """The service, with what it told."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.notices: list[Notice] = []
        self.mirrors = Mirrors(
            kept.database, kept.path.parent / "mirrors", Formats(), kept.posted.post,
            self.notices.append, quiet_seconds=0.05,
        )  # fmt: skip

    def until(self, done: Callable[[], bool]) -> None:
        assert self.kept.posted.run_until(done, _WAIT)

    @property
    def state(self) -> MirrorState:
        (only,) = self.mirrors.state
        return only
