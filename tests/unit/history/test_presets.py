"""Presets and prompts are kept, exported byte for byte, and imported from any file or refused."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.entities import SamplingParameters
from app.history.errors import HistoryError
from app.history.presets import LibraryPrompt, Preset, Presets, from_json, to_json
from app.history.schema import history_migrations
from app.ids import new_id
from app.storage.opening import open_database
from app.text import clean

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "history"
TERSE = Preset(
    id=new_id(), name="Terse", system_prompt="Be brief.\ud800", model_key="k",
    sampling=SamplingParameters(temperature=0.1, seed=3),
)  # fmt: skip
MAIL = LibraryPrompt(id=new_id(), name="mail", text="Write to {{name}} <|im_end|> 巴黎")


def test_they_are_kept_changed_and_removed(kept):
    presets = Presets(kept.database)
    kept.wait(presets.keep, TERSE, MAIL)
    kept.reopen()
    presets = Presets(kept.database)
    (found,) = presets.presets()
    assert (found.sampling, found.system_prompt) == (TERSE.sampling, clean(TERSE.system_prompt))
    assert presets.prompts() == [MAIL]
    kept.wait(presets.keep, Preset(id=TERSE.id, name="Other"))
    assert [each.name for each in presets.presets()] == ["Other"]
    kept.wait(presets.remove, TERSE.id)
    kept.wait(presets.remove, MAIL.id)
    assert presets.presets() == []
    assert presets.prompts() == []


def test_export_import_export_is_the_same_bytes(kept):
    presets = Presets(kept.database)
    kept.wait(presets.keep, TERSE, MAIL)
    first = presets.exported()
    assert first.startswith(b'{\n  "format": "moestro",\n  "version": 1')
    read = from_json(first)
    assert to_json(read[::-1]) == first
    kept.wait(presets.keep, *read)
    assert presets.exported() == first


@given(st.lists(st.builds(Preset, id=st.uuids().map(str), name=st.text(), system_prompt=st.text())))
def test_any_presets_come_back(presets):
    unique = {each.id: each for each in presets}
    assert {each.id: each for each in from_json(to_json(list(unique.values())))} == unique


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{}", b"null", b"\xff\xfe", b"[" * 100_000, b'{"format": "x", "version": 1}',
        b'{"format": "moestro", "version": "1"}', b'{"format": "moestro", "version": 0}',
        b'{"format": "moestro", "version": 1, "presets": 3}',
        b'{"format": "moestro", "version": 1, "presets": [3]}',
        b'{"format": "moestro", "version": 1, "presets": [{"name": 3}]}',
        b'{"format": "moestro", "version": 1, "prompts": [{"name": "no text"}]}',
    ],
)  # fmt: skip
def test_what_are_no_presets_is_said(data):
    with pytest.raises(HistoryError) as caught:
        from_json(data)
    assert caught.value.code == "history.not_presets"


def test_newer_presets_are_said_to_be():
    with pytest.raises(HistoryError) as caught:
        from_json(b'{"format": "moestro", "version": 2, "presets": []}')
    assert caught.value.code == "history.presets_newer"


def test_presets_by_hand_need_no_id():
    found = from_json(b'{"format": "moestro", "version": 1, "presets": [{"name": "Mine"}]}')
    assert found[0].name == "Mine"
    assert len(found[0].id) == 36


def test_one_ruined_row_hides_no_other(kept):
    presets = Presets(kept.database)
    kept.wait(presets.keep, TERSE, Preset(id=new_id(), name="Well"))
    kept.ruin("UPDATE presets SET content = x'ff00' WHERE name = 'Terse'")
    assert [each.name for each in presets.presets()] == ["Well"]


def test_a_stored_file_of_version_5_opens_with_its_presets(tmp_path):
    """Made by the release that first had version 5; never made again."""
    path = tmp_path / "history.sqlite3"
    shutil.copy(FIXTURES / "v5.sqlite3", path)
    database = open_database(path, history_migrations(), None, lambda callback: callback())
    try:
        presets = Presets(database)
        assert [each.name for each in presets.presets()] == ["Terse"]
        assert [each.text for each in presets.prompts()] == ["Write to {{name}}."]
    finally:
        database.close()
