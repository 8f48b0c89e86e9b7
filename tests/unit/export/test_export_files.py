"""Files: whole or not at all, never replacing unless told, names that every system takes."""

import errno
import os
import resource
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.export.errors import ExportError
from app.export.exports import Exports
from app.export.files import TEMPORARY, NewFile, safe_file_name, write_whole
from app.export.scope import one_conversation
from app.export.targets import Target, open_target
from app.history.entities import Conversation
from app.history.errors import HistoryError
from app.ids import new_id
from models.naming import shorten
from tests.unit.history.conftest import Kept


def code_of(path, data="x", **options) -> str:
    with pytest.raises(ExportError) as error:
        write_whole(path, data, **options)
    assert error.value.facts["file"] == shorten(path.name)
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


def test_what_a_killed_program_left_is_removed_and_nothing_else(tmp_path):
    left = tmp_path / f"{TEMPORARY}0123.part"
    left.write_text("half")
    (tmp_path / f"{TEMPORARY}4567.part").mkdir()
    (tmp_path / f"{TEMPORARY}4567.part" / "a.md").write_text("half")
    (tmp_path / ".moestro.md").write_text("mine")
    write_whole(tmp_path / "chat.md", "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".moestro.md", "chat.md"]


def test_what_another_program_is_writing_stays(tmp_path):
    target = Target(tmp_path / "two", "folder")
    with NewFile(tmp_path / "one.md") as one, open_target(target) as two:
        write_whole(tmp_path / "three.md", "new")
        one.stream.write(b"1")
        one.keep()
        with two.file("", "a.md") as stream:
            stream.write(b"2")
        two.keep()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.md", "three.md", "two"]
    assert (tmp_path / "two" / "a.md").read_text() == "2"


def test_a_disk_without_second_names(tmp_path, monkeypatch):
    def refuse(*_names):
        raise PermissionError(errno.EPERM, "no links")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "chat.md"
    write_whole(path, "old")
    assert code_of(path, "new") == "export.exists"
    with NewFile(tmp_path / "late.md") as new:
        (tmp_path / "late.md").write_text("mine")
        with pytest.raises(ExportError) as error:
            new.keep()
    assert error.value.code == "export.exists"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["chat.md", "late.md"]
    assert (tmp_path / "late.md").read_text() == "mine"


def test_nothing_but_a_file_is_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "leads nowhere").symlink_to("absent")
    assert code_of(tmp_path / "pipe", overwrite=True) == "export.not_allowed"
    assert code_of(tmp_path / "leads nowhere") == "export.exists"
    assert code_of(Path("/dev/null"), overwrite=True) == "export.not_allowed"
    assert (tmp_path / "pipe").is_fifo()


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
        exports = Exports(kept.database, kept.posted.post)
        assert exports.formats.names == ("md", "html", "pdf", "docx", "txt", "json", "jsonl")
        markdown = exports.text(conversation.id, "md")
        assert "Two." in markdown
        assert "One." not in markdown
        assert "One." in exports.text(conversation.id, "json")
        assert exports.suggested_name(one_conversation(conversation.id), "md") == "A-B.md"
        exports.write(tmp_path / "chat.md", markdown)
        assert (tmp_path / "chat.md").read_text() == markdown
        with pytest.raises(HistoryError):
            exports.text("nothing", "md")
    finally:
        kept.database.close()
