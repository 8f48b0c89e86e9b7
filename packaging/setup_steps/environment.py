"""The checkout's own Python environment: made, repaired, and filled from a lock file."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from setup_steps.console import Console, clean_environment
from setup_steps.places import Places
from setup_steps.problem import SetupProblem

UNFINISHED = ".unfinished"
PIP = ("-m", "pip", "--disable-pip-version-check")


@contextmanager
def being_changed(venv: Path) -> Iterator[None]:
    """Mark the environment while it is changed; a mark that stays means: half done."""
    mark = venv / UNFINISHED
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    yield
    mark.unlink()


def ensure_environment(console: Console, places: Places, lock: Path) -> None:
    """Make the environment if it is absent, broken or half done, and install ``lock``."""
    if not usable(places):
        remove(places.venv)
        with (
            console.step("Making the Python environment", "a few seconds"),
            being_changed(places.venv),
        ):
            make(console, places.venv)
    with (
        console.step("Installing the dependencies", "under a minute"),
        being_changed(places.venv),
    ):
        install_locked(console, places.python, lock)


def usable(places: Places) -> bool:
    """Whether the environment is whole, starts, has pip and is of this Python's version."""
    if (places.venv / UNFINISHED).exists() or not places.python.exists():
        return False
    question = "import sys, pip; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [str(places.python), "-c", question],
            capture_output=True,
            check=False,
            timeout=60,
            env=clean_environment(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    expected = f"{sys.version_info[0]} {sys.version_info[1]}"
    return answer.returncode == 0 and answer.stdout.decode().strip() == expected


def make(console: Console, folder: Path) -> None:
    """Make an environment in ``folder``."""
    # The interpreter below any environment: ours may be the one just removed.
    python = str(getattr(sys, "_base_executable", "") or sys.executable)
    console.run(
        [python, "-m", "venv", folder],
        f"Python could not make the environment {folder}; is the venv module installed?",
    )


def install_locked(console: Console, python: Path, lock: Path) -> None:
    """Install exactly what ``lock`` names, checked by hash, never by compiling it."""
    console.run(
        [python, *PIP, "install", "--require-hashes", "--only-binary=:all:", "-r", lock],
        "The dependencies could not be installed; check the connection, "
        "then run the same command again.",
    )


def remove(folder: Path) -> None:
    """Remove a folder of ours; a link to one loses the link alone."""
    try:
        if folder.is_symlink():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise SetupProblem(
            f"{folder} is damaged and could not be removed ({error.strerror}); "
            "close Moestro, remove that folder, then run the same command again."
        ) from error
