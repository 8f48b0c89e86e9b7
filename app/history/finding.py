"""Finds conversations by the words of their titles, messages, reasoning and files."""

from collections.abc import Callable

from app.history import search_index
from app.history.found import Filters, Found
from app.history.looking import look
from app.history.ranking import Ranking
from app.posting import Post
from app.storage.connection import Connection
from app.storage.errors import StorageError
from app.storage.opening import Database
from app.storage.questions import QuestionThread
from models.errors import KnownError

_CATCH_UP_SECONDS = 0.15
"""At most, before a search: what was written just now is found."""

_WORK_SECONDS = 0.03
"""Of indexing at once, in the background."""

_DAMAGED = "storage.damaged"

Failed = Callable[[KnownError], None] | None


class Finder:
    """Searches one history on a thread of its own. Used on the state thread."""

    def __init__(self, database: Database, post: Post) -> None:
        self._database = database
        self._ranking: Ranking | None = None
        self._questions = QuestionThread(database.path, post, self._prepare, self._work)
        self._rebuilding = False

    def search(
        self,
        text: str,
        done: Callable[[Found], None],
        failed: Failed = None,
        *,
        filters: Filters | None = None,
        limit: int = 30,
    ) -> None:
        """Post what is found to ``done``, unless a newer search or ``cancel`` comes before.

        Any text may be searched for. ``limit`` counts conversations. ``failed`` hears
        StorageError; a damaged index is made anew meanwhile.
        """

        def fail(error: KnownError) -> None:
            self._mend(error)
            if failed is not None:
                failed(error)

        self._questions.ask(
            lambda connection: self._find(connection, text, filters or Filters(), limit),
            done,
            fail,
        )

    def find(self, text: str, *, filters: Filters | None = None, limit: int = 30) -> Found:
        """The same, waited for, when everything is indexed. Raises StorageError."""

        def query(connection: Connection) -> Found:
            while search_index.index_for(connection, self._database.writer, _CATCH_UP_SECONDS):
                pass
            return self._find(connection, text, filters or Filters(), limit)

        try:
            return self._questions.wait_for(query)
        except StorageError as error:
            if error.code != _DAMAGED:
                raise
            self._database.writer.run(search_index.begin_again)
            return self._questions.wait_for(query)

    def cancel(self) -> None:
        """The search under way is not wanted any more."""
        self._questions.cancel()

    def catch_up(self) -> None:
        """Index in the background what was written. Returns at once."""
        self._questions.wake()

    @property
    def waiting(self) -> int:
        """How many texts are not in the index yet. Raises StorageError."""
        return self._database.read(search_index.waiting)

    def rebuild(self, done: Callable[[None], None] | None = None, failed: Failed = None) -> None:
        """Make the index anew, in the background; ``done`` is posted when that begins."""

        def begun(nothing: None) -> None:
            self._rebuilding = False
            self.catch_up()
            if done is not None:
                done(nothing)

        def refused(error: KnownError) -> None:
            self._rebuilding = False
            if failed is not None:
                failed(error)

        self._rebuilding = True
        self._database.writer.submit(search_index.begin_again, begun, refused)

    def close(self) -> None:
        """Give up what is under way; before the database is closed."""
        self._questions.close()

    def _mend(self, error: KnownError) -> None:
        if error.code == _DAMAGED and not self._rebuilding:
            self.rebuild()

    def _prepare(self, connection: Connection) -> None:
        self._ranking = Ranking(connection)

    def _work(self, connection: Connection) -> bool:
        return search_index.index_for(connection, self._database.writer, _WORK_SECONDS)

    def _find(self, connection: Connection, text: str, filters: Filters, limit: int) -> Found:
        assert self._ranking is not None
        more = search_index.index_for(connection, self._database.writer, _CATCH_UP_SECONDS)
        waiting = search_index.waiting(connection) if more else 0
        return look(connection, self._ranking, text, filters, limit, waiting)
