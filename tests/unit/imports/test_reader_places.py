"""Where chats of other programs are found on three systems, without changing anything there."""

import json
import os
from pathlib import Path

import pytest

from app.imports import places
from app.imports.places import find_chats
from models.peers_walk import Walk
from tests.helpers.foreign_chats import folder, jan_talk, studio_talk
from tests.helpers.foreign_chats_gpt4all import QtChat, QtItem
from tests.helpers.foreign_chats_reading import read, reader_of

CHAT = QtChat([QtItem("Prompt: ", "Hi")]).written()
STUDIO = "conversations/Rivers/1700000000123.conversation.json"
DATA = {
    "linux": (".local/share/Jan/data", ".local/share/nomic.ai/GPT4All"),
    "darwin": (
        "Library/Application Support/Jan/data",
        "Library/Application Support/nomic.ai/GPT4All",
    ),
    "win32": ("AppData/Roaming/Jan/data", "AppData/Local/nomic.ai/GPT4All"),
}


def home_of(tmp_path: Path, system: str) -> Path:
    jan, gpt4all = DATA[system]
    members = {
        f".lmstudio/{STUDIO}": json.dumps(studio_talk()),
        ".lmstudio/models/a/b.gguf": "GGUF",
        f"{gpt4all}/gpt4all-1.chat": CHAT,
        f"{gpt4all}/gpt4all-2.chat.tmp": CHAT,
        f"{gpt4all}/model.gguf": "GGUF",
    } | {f"{jan}/{name}": content for name, content in jan_talk().items()}
    home = folder(tmp_path / "home", members)
    for number, path in enumerate(sorted(home.rglob("*.json*"))):
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    return home


@pytest.mark.parametrize("system", DATA)
def test_every_program(tmp_path: Path, system: str) -> None:
    home = home_of(tmp_path, system)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    found = find_chats(home, {}, system=system)
    assert [(each.source, each.count) for each in found] == [
        ("lmstudio", 1), ("jan", 1), ("gpt4all", 1),
    ]  # fmt: skip
    for each in found:
        newest = max(
            path.stat().st_mtime_ns // 1_000_000
            for path in each.path.rglob("*")
            if path.name.endswith((".conversation.json", ".chat", "messages.jsonl", "thread.json"))
        )
        assert each.newest_ms == newest
        reader = reader_of(each.path)
        assert reader is not None
        assert reader.name == each.source
        assert len(read(reader, each.path)[0]) == each.count
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


def test_what_the_programs_were_told(tmp_path: Path) -> None:
    elsewhere = folder(tmp_path / "studio", {STUDIO: json.dumps(studio_talk())})
    jan = folder(tmp_path / "jan", jan_talk())
    home = folder(
        tmp_path / "home",
        {
            ".lmstudio-home-pointer": f"{elsewhere}\n",
            ".config/Jan/settings.json": json.dumps({"data_folder": str(jan)}),
            f".lmstudio/{STUDIO}": json.dumps(studio_talk()),
        },
    )
    found = {each.path for each in find_chats(home, {}, system="linux")}
    assert found == {elsewhere, jan / "threads", home / ".lmstudio"}


@pytest.mark.parametrize(
    "pointer", ["\\\\server\\share", "//server/share", "/a\0b", "relative", ""]
)
def test_no_other_computer_is_asked(tmp_path: Path, pointer: str) -> None:
    home = folder(tmp_path / "home", {".lmstudio-home-pointer": pointer})
    assert find_chats(home, {}, system="linux") == []
    asked = list(places._lm_studio_homes(home, Walk(float("inf"))))
    assert asked == [home / ".lmstudio", home / ".cache" / "lm-studio"]


def test_time_is_bounded(tmp_path: Path) -> None:
    home = home_of(tmp_path, "linux")
    ticks = iter(range(10_000))
    assert find_chats(home, {}, system="linux", seconds=3, clock=lambda: next(ticks)) == []


def test_a_link_to_the_same_place_counts_once(tmp_path: Path) -> None:
    home = home_of(tmp_path, "linux")
    (home / ".cache").mkdir()
    (home / ".cache" / "lm-studio").symlink_to(home / ".lmstudio")
    assert [each.source for each in find_chats(home, {}, system="linux")] == [
        "lmstudio", "jan", "gpt4all",
    ]  # fmt: skip
