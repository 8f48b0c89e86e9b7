"""The write-ahead log brought into its file and emptied, while the file stays in use."""

import logging
from pathlib import Path

import apsw

from app.storage.connection import checkpoint, open_writer

log = logging.getLogger("moestro.storage")


def empty_log(path: Path) -> None:
    """Leave no earlier state of a page in the log; not at all while somebody reads for seconds.

    The log is emptied in any case when the program ends. Waits; not for the state thread.
    """
    connection = None
    try:
        connection = open_writer(path)
        checkpoint(connection)
    except (apsw.Error, OSError) as error:
        log.warning("%s: its log could not be emptied: %s", path.name, error)
    finally:
        if connection is not None:
            connection.close(force=True)
