"""Local paths from hostile remote names: refused, or made safe the same way every time."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import KnownError
from models.transfer_paths import MOST_BYTES, UnsafeName, beside, folder_of, local_paths

LONG = "x" * 300


@pytest.mark.parametrize(
    "remote",
    [
        "", ".", "..", "../x.gguf", "a/../x.gguf", "a/..", "./x.gguf", "a//x.gguf", "/x.gguf",
        "a/", "//server/share/x.gguf", "\\\\server\\share\\x.gguf", "..\\x.gguf", "a\\x.gguf",
        "C:\\x.gguf", "C:/x.gguf", "C:x.gguf", "x.gguf:stream", "x\0.gguf", "x\n.gguf",
        "x\x7f.gguf", "x\u202egguf.exe", "x\u200b.gguf", "x\u2066.gguf", "x\ud800.gguf",
        "x\ufeff.gguf", "x\ue000.gguf", "a?.gguf", "a*.gguf", 'a".gguf', "a<b.gguf", "a|b.gguf",
        "...", "a/ . /x.gguf", "1/2/3/4/5/6/7/8/9.gguf",
    ],
)  # fmt: skip
def test_refused(remote: str) -> None:
    with pytest.raises(UnsafeName) as caught:
        local_paths([remote])
    assert caught.value.code == "download.name"


@pytest.mark.parametrize(
    ("remote", "local"),
    [
        ("model-Q4_K_M.gguf", "model-Q4_K_M.gguf"),
        ("Q4_K_M/model-00001-of-00003.gguf", "Q4_K_M/model-00001-of-00003.gguf"),
        ("my model (1).gguf", "my model (1).gguf"),
        ("模型.gguf", "模型.gguf"),
        ("CON", "_CON"),
        ("con.gguf", "_con.gguf"),
        ("com1.x.gguf", "_com1.x.gguf"),
        ("com¹.gguf", "_com¹.gguf"),
        ("NUL /x.gguf", "NUL_/x.gguf"),
        ("nul .gguf", "_nul .gguf"),
        ("conga.gguf", "conga.gguf"),
        ("model.gguf.", "model.gguf_"),
        ("model.gguf  ", "model.gguf__"),
        ("folder./x.gguf", "folder_/x.gguf"),
        (".downloads/x.part", "_downloads/x.part"),
        ("e\u0301.gguf", "\u00e9.gguf"),
    ],
)
def test_kept_or_made_safe(remote: str, local: str) -> None:
    assert local_paths([remote]) == (PurePosixPath(local),)


def test_long_names_are_cut_and_stay_apart() -> None:
    one, other = local_paths([f"{LONG}a.gguf", f"{LONG}b.gguf"])
    assert one != other
    assert one.suffix == ".gguf"
    assert len(str(one).encode()) <= MOST_BYTES
    assert len(str(local_paths(["模" * 300])[0]).encode()) <= MOST_BYTES


def test_the_parts_of_a_split_model_keep_one_name() -> None:
    parts = local_paths([f"{LONG}-{n:05d}-of-00002.gguf" for n in (1, 2)])
    assert parts[0].name.endswith("-00001-of-00002.gguf")
    assert (
        parts[0].name[: -len("-00001-of-00002.gguf")]
        == parts[1].name[: -len("-00002-of-00002.gguf")]
    )


@pytest.mark.parametrize(
    "names",
    [
        ("a.gguf", "A.gguf"),
        ("x/a.gguf", "X/a.gguf"),
        ("a.gguf", "a.gguf"),
        ("_con.gguf", "con.gguf"),
        ("\u00e9.gguf", "e\u0301.gguf"),
        ("straße.gguf", "STRASSE.gguf"),
        ("a", "a/b.gguf"),
    ],
)
def test_files_of_a_set_that_would_meet(names: tuple[str, ...]) -> None:
    with pytest.raises(UnsafeName) as caught:
        local_paths(names)
    assert caught.value.code == "download.name_clash"


@pytest.mark.parametrize("repository", ["../..", "a/../../b", "/etc", "a\\b", "", "a/\u202eb"])
def test_a_hostile_repository(repository: str) -> None:
    with pytest.raises(KnownError):
        folder_of(repository)


def test_the_folder_beside() -> None:
    folder = folder_of("unsloth/Qwen3-30B-A3B-GGUF")
    assert folder == PurePosixPath("unsloth/Qwen3-30B-A3B-GGUF")
    assert beside(folder, "0123456789abcdef").name == "Qwen3-30B-A3B-GGUF@01234567"
    assert beside(folder, "../../..").name == "Qwen3-30B-A3B-GGUF@"


@given(st.text(max_size=40))
def test_nothing_ever_leads_out(remote: str) -> None:
    try:
        (path,) = local_paths([remote])
    except UnsafeName:
        return
    windows = PureWindowsPath(str(path))
    assert not path.is_absolute()
    assert not windows.is_absolute()
    assert not windows.drive
    assert ".." not in (*path.parts, *windows.parts)
    assert not windows.is_reserved()
    assert path.parts == windows.parts
    # Done once more, nothing changes.
    assert local_paths([str(path)]) == (path,)
