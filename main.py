"""Where the program starts: the window, a terminal command, or a worker process.

Nothing heavy is imported here: a worker re-imports this file.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.model_rooms import HubWishes


def open_window(
    data_dir: str | None, files: list[str], rpc_hosts: tuple[str, ...], hub: "HubWishes"
) -> int:
    """Open the window; Qt is loaded only here."""
    from ui.application import run

    return run(data_dir, files, rpc_hosts, hub)


def main(arguments: list[str]) -> int:
    """Run what the arguments ask for and return the exit code."""
    if arguments[:1] == ["--worker"]:
        from app.engine.worker import main as run_worker

        return run_worker()
    if arguments[:1] == ["--extract"]:
        from app.attachments.helper import main as run_helper

        return run_helper("".join(arguments[1:2]))
    if arguments[:1] == ["--print"]:
        from ui.printing.process import main as run_printer

        return run_printer()
    if arguments[:1] == ["--import"]:
        from app.imports.helper import main as run_import

        return run_import()
    from app.cli import main as run_command

    return run_command(arguments, open_window)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
