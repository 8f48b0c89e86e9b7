"""What takes chats out of the history and into it, built together."""

from app.backups.keeper import BackupKeeper
from app.export.exports import Exports
from app.export.mirrors import Mirrors
from app.history.finding import Finder
from app.imports.imports import Imports
from app.notices import NoticeBoard
from app.paths import DataPaths
from app.posting import Post, Scheduler
from app.storage.backup_files import Reason
from app.storage.opening import Database

_MIRRORS_AFTER_SECONDS = 5.0
"""Not before the window is there: every file may have to be written."""


def open_exchange(
    paths: DataPaths,
    history: Database,
    post: Post,
    scheduler: Scheduler,
    notices: NoticeBoard,
    backups: BackupKeeper,
    finder: Finder,
    *,
    follows: bool,
) -> tuple[Exports, Mirrors, Imports]:
    """``follows`` for a window: Markdown copies are kept up to date."""
    exports = Exports(history, post)
    mirrors = Mirrors(history, paths.mirrors, exports.formats, post, notices.post)
    if follows:
        scheduler.call_later(_MIRRORS_AFTER_SECONDS, mirrors.start)
    imports = Imports(
        history, paths.importing, post, scheduler,
        lambda done, failed: backups.keep(Reason.IMPORT, done, failed), finder.catch_up,
    )  # fmt: skip
    return exports, mirrors, imports
