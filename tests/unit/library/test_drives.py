"""Names of drives, by their paths alone."""

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from app.library.drives import drive_name, is_away


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (PurePosixPath("/home/anna/Models/m.gguf"), ""),
        (PurePosixPath("/media/anna/Backup/m.gguf"), "Backup"),
        (PurePosixPath("/run/media/anna/My Disk/deep/m.gguf"), "My Disk"),
        (PurePosixPath("/media/usb/m.gguf"), "usb"),
        (PurePosixPath("/mnt/models/m.gguf"), "models"),
        (PurePosixPath("/Volumes/T7/llm/m.gguf"), "T7"),
        (PurePosixPath("/media"), ""),
        (PurePosixPath("/mnt/m.gguf"), ""),
        (PureWindowsPath("d:\\Models\\m.gguf"), "D:"),
        (PureWindowsPath("\\\\server\\share\\m.gguf"), "server/share"),
    ],
)
def test_names_of_drives(path: Path, name: str) -> None:
    assert drive_name(path) == name


def test_a_drive_is_away_when_its_folder_is_gone_or_empty() -> None:
    assert is_away(Path("/mnt/a-drive-that-is-not-there/m.gguf"))
    assert not is_away(Path("/home/nobody/Models/m.gguf"))
