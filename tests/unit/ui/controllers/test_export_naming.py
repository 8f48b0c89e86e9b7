"""Names of exports as somebody types them."""

from pathlib import Path

import pytest

from ui.controllers.export_naming import (
    code_ending,
    free_path,
    is_folder,
    safe_path,
    without_ending,
)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("notes", "notes.md"),
        ("notes.md", "notes.md"),
        ("NOTES.MD ", "NOTES.md"),
        ("v1.2", "v1.2.md"),
        ("../../etc/passwd", "etc-passwd.md"),
        ("CON", "chat CON.md"),
        ("a:b?.md", "a-b.md"),
        ("", "chat.md"),
        ("‮gpj.exe", "gpj.exe.md"),
    ],
)
def test_what_is_typed_stays_in_its_folder(tmp_path: Path, typed: str, name: str) -> None:
    path = safe_path(tmp_path, typed, "md", "file")
    assert path.parent == tmp_path
    assert path.name == name


def test_a_folder_has_no_ending(tmp_path: Path) -> None:
    assert safe_path(tmp_path, "Kitchen", "md", "folder") == tmp_path / "Kitchen"
    assert safe_path(tmp_path, "..", "md", "folder").parent == tmp_path
    assert safe_path(tmp_path, "..", "md", "folder") != tmp_path.parent


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    path = tmp_path / "a.b.md"
    assert free_path(path) == path
    path.touch()
    assert free_path(path).name == "a.b 2.md"
    (tmp_path / "a.b 2.md").symlink_to(tmp_path / "nowhere")
    assert free_path(path).name == "a.b 3.md", "a link that leads nowhere is something, too"


def test_an_ending_comes_once() -> None:
    assert without_ending(" My title.md ", "md") == "My title"
    assert without_ending("My title.MD", "md") == "My title"
    assert without_ending("v1.2", "md") == "v1.2"
    assert without_ending(".md", "md") == ""
    assert without_ending("notes.", "") == "notes.", "a folder has none"


def test_a_place_that_nobody_may_look_at_is_not_there(tmp_path: Path) -> None:
    unreachable = tmp_path / ("x" * 300)
    with pytest.raises(OSError, match="too long"):  # as a share that does not answer
        unreachable.is_dir()
    assert not is_folder(unreachable)
    assert is_folder(tmp_path)
    assert free_path(unreachable / "a.md") == unreachable / "a.md"


def test_endings_of_code() -> None:
    assert (code_ending("Python"), code_ending("brainf"), code_ending("")) == ("py", "txt", "txt")
