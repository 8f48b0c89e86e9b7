"""Where everything is kept: one data folder, and the starter model beside the program."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from app.data_place import pointed

STARTER_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


@dataclass(frozen=True, slots=True)
class DataPaths:
    """The files and folders inside one data folder. Nothing is created by asking."""

    root: Path
    home: Path | None = None
    """The system's place, where a note says that the data were moved; None for a folder that was
    chosen by option or environment, which no note concerns."""

    @property
    def history(self) -> Path:
        """Everything a user wrote."""
        return self.root / "history.sqlite3"

    @property
    def library(self) -> Path:
        """Which models there are; can be rebuilt."""
        return self.root / "library.sqlite3"

    @property
    def settings(self) -> Path:
        """Typed settings, readable."""
        return self.root / "settings.json"

    @property
    def logs(self) -> Path:
        """Rotating logs, without content of conversations."""
        return self.root / "logs"

    @property
    def backups(self) -> Path:
        """Verified copies of the history."""
        return self.root / "backups"

    @property
    def models(self) -> Path:
        """Where downloads and imports go, unless the settings name another folder."""
        return self.root / "models"

    @property
    def hub_cache(self) -> Path:
        """Headers of files on the Hub, by commit; can be fetched again."""
        return self.root / "hub-cache"

    @property
    def importing(self) -> Path:
        """Where imports are read aside; worth nothing after the program ended."""
        return self.root / "importing"

    @property
    def mirrors(self) -> Path:
        """What was written into Markdown copies of chats."""
        return self.root / "mirrors"

    @property
    def lock(self) -> Path:
        """Held by the window while it runs."""
        return self.root / "instance.lock"


def data_paths(chosen: str | None = None) -> DataPaths:
    """The data folder: ``--data-dir``, else ``MOESTRO_DATA_DIR``, else the system's place, or
    where its note says that the data were moved.

    Raises DataFolderError when they were, and are not there now.
    """
    root = chosen or os.environ.get("MOESTRO_DATA_DIR")
    if root:
        return DataPaths(_expanded(Path(root)).absolute())
    home = usual_place()
    return DataPaths(pointed(home) or home, home)


def usual_place() -> Path:
    """The system's folder for the data of this program."""
    return Path(platformdirs.user_data_dir("Moestro", appauthor=False)).absolute()


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        # There is no such user, or no home folder: then "~" is taken as it stands.
        return path


def program_folder() -> Path:
    """The folder of the checkout, or of the frozen program."""
    if getattr(sys, "frozen", False):
        return Path(getattr(sys, "_MEIPASS", Path(sys.executable).parent))
    return Path(__file__).resolve().parent.parent


def starter_model() -> Path:
    """The bundled starter model; it may be absent in a checkout that was never set up."""
    folder = "starter" if getattr(sys, "frozen", False) else ".starter"
    return program_folder() / folder / STARTER_FILE
