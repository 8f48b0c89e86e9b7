"""Files: whole or not at all, never replacing unless told, names that every system takes."""

import os
import resource
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.export.errors import ExportError
from app.export.exports import Exports
from app.export.files import safe_file_name, write_whole
from app.history.entities import Conversation
from app.history.errors import HistoryError
from app.ids import new_id
from tests.unit.history.conftest import Kept


def code_of(path, data="x", **options) -> str:
    with pytest.raises(ExportError) as error:
        write_whole(path, data, **options)
    assert error.value.facts["file"] == path.name
    return error.value.code


def test_a_file_is_written_whole_and_for_its_owner(tmp_path):
    path = tmp_path / "ä 日本 👩‍👩‍👧.md"
    before = os.umask(0)
    try:
        write_whole(path, "grüß\0 dich\r\n")
    finally:
        os.umask(before)
    assert path.read_bytes() == "grüß\0 dich\r\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_there_is_kept_unless_told(tmp_path):
    path = tmp_path / "chat.md"
    write_whole(path, "old")
    assert code_of(path, "new") == "export.exists"
    assert path.read_text() == "old"
    write_whole(path, "new", overwrite=True)
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_places_where_no_file_can_be(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    assert code_of(tmp_path / "absent" / "chat.md") == "export.no_folder"
    assert code_of(tmp_path / "file" / "chat.md") == "export.no_folder"
    assert code_of(tmp_path / "folder", overwrite=True) == "export.not_allowed"
    assert code_of(tmp_path / "folder") == "export.exists"
    assert code_of(tmp_path / ("x" * 300)) == "export.io"
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "folder"]


@pytest.mark.parametrize("there", [False, True])
def test_a_full_disk_leaves_all_as_it_was(tmp_path, there):
    path = tmp_path / "chat.md"
    if there:
        path.write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        assert code_of(path, "x" * 100_000, overwrite=there) == "export.disk_full"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == (
        [("chat.md", "old")] if there else []
    )


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Capitals of Europe", "Capitals of Europe.md"),
        ("", "chat.md"),
        ("   ", "chat.md"),
        ("../../etc/passwd", "etc-passwd.md"),
        ("..\\..\\x", "x.md"),
        ("C:\\x", "C-x.md"),
        ("a:b", "a-b.md"),
        ("CON", "chat CON.md"),
        ("nul.txt", "chat nul.txt.md"),
        ("COM¹", "chat COM¹.md"),
        ("lpt9 .x", "chat lpt9 .x.md"),
        ("Console", "Console.md"),
        (".hidden", "hidden.md"),
        ("end. . ", "end.md"),
        ("-rf", "rf.md"),
        ("a\u202egnp.exe", "agnp.exe.md"),
        ("a\u200b\ufeffb", "ab.md"),
        ("two\nlines\t\0x", "two lines x.md"),
        ("\ud800x", "x.md"),
        ("e\u0301", "é.md"),
        ("???", "chat.md"),
        ("日本語のタイトル", "日本語のタイトル.md"),
    ],
)
def test_names_are_safe_and_readable(title, name):
    assert safe_file_name(title, "md") == name


@settings(max_examples=300, deadline=None)
@given(title=st.text(max_size=300))
def test_any_title_gives_one_short_name_in_the_folder(tmp_path_factory, title):
    name = safe_file_name(title, "json")
    assert len(name.encode()) <= 130
    assert name.endswith(".json")
    assert name.isprintable()
    assert not set(name) & set('<>:"/\\|?*')
    assert name[0] not in ". -"
    assert safe_file_name(name.removesuffix(".json"), "json") == name


def test_long_titles_are_cut_between_characters():
    name = safe_file_name("日" * 300, "md")
    assert name == "日" * 39 + ".md"


def test_exports_find_what_a_format_needs(tmp_path):
    kept = Kept(tmp_path / "data")
    try:
        conversation, user, _first = kept.turn(Conversation(new_id(), "A/B"), "Why?", "One.")
        kept.turn(conversation, None, "Two.", user.id)
        exports = Exports(kept.history)
        assert exports.names == ("md", "json")
        markdown = exports.text(conversation.id, "md")
        assert "Two." in markdown
        assert "One." not in markdown
        assert "One." in exports.text(conversation.id, "json")
        assert exports.file_name(conversation.id, "md") == "A-B.md"
        exports.write(tmp_path / "chat.md", markdown)
        assert (tmp_path / "chat.md").read_text() == markdown
        with pytest.raises(HistoryError):
            exports.text("nothing", "md")
    finally:
        kept.database.close()
