"""One process that exports a whole history once, and prints what it took."""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any, get_args

from app.export.base import ExportOptions
from app.export.exports import Exports
from app.export.job import Exported
from app.export.scope import Everything
from app.export.targets import Packing, Target
from app.history.schema import history_migrations
from app.posting import CallbackQueue
from app.storage.opening import open_database
from models.errors import KnownError


def main(path: Path, name: str, packing: Packing, target: Path) -> dict[str, Any]:
    """Everything once."""
    assert packing in get_args(Packing)
    callbacks = CallbackQueue()
    database = open_database(path, history_migrations(), None, callbacks.post)
    exports = Exports(database, callbacks.post)
    done: list[Exported] = []
    refused: list[KnownError] = []
    began = time.perf_counter()
    exports.begin(
        Everything(), name, ExportOptions(), Target(target, packing), done.append, refused.append
    )
    callbacks.run_until(lambda: bool(done or refused))
    seconds = time.perf_counter() - began
    exports.close()
    database.close()
    if refused:
        raise refused[0]
    return {
        "seconds": seconds,
        "messages": done[0].messages,
        "conversations": done[0].conversations,
        "bytes": done[0].size_bytes,
        "peak_bytes": _peak_bytes(),
    }


def _peak_bytes() -> int:
    """The most memory that this program itself ever had."""
    status = Path("/proc/self/status")
    if status.is_file():
        # What ``getrusage`` says may be the program's that started us.
        (line,) = (each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    json.dump(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])), sys.stdout)  # type: ignore[arg-type]
