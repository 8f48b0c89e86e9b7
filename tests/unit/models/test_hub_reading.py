"""The Hub's JSON with keys that are absent, strange or hostile."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.hub_entities import Gate, RepositoryFile
from models.hub_reading import names_without_size, read_found, read_repository, read_tree

SHA, OID = "a" * 40, "b" * 64
ASKED = "owner/name"


def test_a_description_with_nothing_but_a_commit() -> None:
    info = read_repository({"sha": SHA}, ASKED, None)
    assert info is not None
    assert (info.id, info.commit, info.gate, info.files) == (ASKED, SHA, Gate.OPEN, ())
    assert (info.licence, info.downloads, info.updated_ms, info.disabled) == ("", 0, 0, False)


@pytest.mark.parametrize("told", [{}, [], None, "x", 3, {"sha": "main"}, {"sha": 7}])
def test_without_a_commit_there_is_nothing_to_pin(told: Any) -> None:
    assert read_repository(told, ASKED, "main") is None


def test_the_commit_that_was_asked_for_stands_in() -> None:
    info = read_repository({}, ASKED, SHA)
    assert info is not None
    assert info.commit == SHA


def test_licence_base_and_gate_from_wherever_they_are_told() -> None:
    info = read_repository(
        {
            "sha": SHA, "gated": "manual", "disabled": True,
            "tags": ["license:mit", "base_model:quantized:Qwen/Qwen3-8B", "base_model:a/b", 3],
            "cardData": {"license": ["other"], "license_name": "x-1", "base_model": "a/b"},
        },
        ASKED,
        None,
    )  # fmt: skip
    assert info is not None
    assert (info.licence, info.licence_name, info.gate) == ("other", "x-1", Gate.MANUAL)
    assert info.base_models == ("a/b", "Qwen/Qwen3-8B")
    assert info.disabled
    found = read_found({"id": ASKED, "gated": "auto", "tags": ["license:mit"]})
    assert found is not None
    assert (found.licence, found.gate, found.publisher) == ("mit", Gate.AUTOMATIC, "owner")


def test_files_of_both_kinds() -> None:
    info = read_repository(
        {
            "sha": SHA,
            "siblings": [
                {"rfilename": "README.md", "size": 5, "blobId": SHA},
                {"rfilename": "m.gguf", "size": 130, "lfs": {"sha256": OID.upper(), "size": 99}},
                {"rfilename": "half.gguf", "size": 7, "lfs": {"sha256": "short"}},
            ],
        },
        ASKED,
        None,
    )
    assert info is not None
    assert info.files == (
        RepositoryFile("README.md", 5, None, SHA),
        RepositoryFile("m.gguf", 99, OID, None),
        RepositoryFile("half.gguf", 7, None, None),
    )


@pytest.mark.parametrize(
    "sibling",
    [
        None, [], "m.gguf", {}, {"rfilename": 3, "size": 1}, {"rfilename": "", "size": 1},
        {"rfilename": "m.gguf"}, {"rfilename": "m.gguf", "size": -1},
        {"rfilename": "m.gguf", "size": True}, {"rfilename": "m.gguf", "size": "9"},
        {"rfilename": "m" * 2000, "size": 1}, {"rfilename": "\ud800.gguf", "size": 1},
        {"rfilename": "m.gguf", "size": 1, "lfs": {"size": None}},
    ],
)  # fmt: skip
def test_what_is_no_file_is_left_out(sibling: Any) -> None:
    info = read_repository({"sha": SHA, "siblings": [sibling]}, ASKED, None)
    assert info is not None
    assert info.files == ()


def test_when_sizes_must_be_asked_for() -> None:
    assert names_without_size({})
    assert names_without_size({"siblings": [{"rfilename": "a"}]})
    assert not names_without_size({"siblings": [{"rfilename": "a", "size": 3}]})
    assert not names_without_size({"siblings": []})


def test_a_tree_with_folders() -> None:
    entries = [
        {"type": "directory", "path": "Q4", "size": 0},
        {"path": "Q4/m.gguf", "size": 9, "oid": SHA, "lfs": {"oid": f"sha256:{OID}"}},
    ]
    assert read_tree(entries) == (RepositoryFile("Q4/m.gguf", 9, OID, SHA),)


@pytest.mark.parametrize("told", [None, {}, {"id": "x"}, {"id": "../x"}, {"id": 3}])
def test_results_without_a_name(told: Any) -> None:
    assert read_found(told) is None


def test_numbers_and_times_that_are_none() -> None:
    found = read_found(
        {
            "id": ASKED, "downloads": -5, "likes": float("nan"), "trendingScore": 1e400,
            "lastModified": "yesterday", "gguf": {"total": "many", "architecture": "a\u202eb"},
            "tags": ["x" * 400, 3, "gguf"],
        }
    )  # fmt: skip
    assert found is not None
    assert (found.downloads, found.likes, found.trending, found.updated_ms) == (0, 0, 0, 0)
    assert (found.parameters, found.architecture, found.tags) == (0, "", ("gguf",))


_KEYS = st.sampled_from(
    ["id", "sha", "siblings", "rfilename", "size", "lfs", "sha256", "oid", "tags", "cardData",
     "gguf", "gated", "license", "base_model", "lastModified", "downloads", "path", "type"]
)  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(_JSON)
def test_no_json_is_too_strange(told: Any) -> None:
    read_found(told)
    read_repository(told, ASKED, SHA)
    read_tree(told)
    names_without_size(told)
