"""Whatever stands in any field, what is found is sound and the same at every reading."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.imports.chatgpt import ChatGptReader
from app.imports.errors import ImportingError
from app.imports.jan import JanReader
from app.imports.jsonl import JsonlReader
from app.imports.lmstudio import LmStudioReader
from app.imports.openwebui import OpenWebUiReader
from tests.helpers.foreign_chats import (
    gpt_talk,
    jan_talk,
    openai_record,
    sharegpt_record,
    studio_talk,
    webui_chat,
)
from tests.helpers.foreign_chats_reading import read, reader_of

SAMPLES: dict[str, tuple[Any, Any, str]] = {
    "chatgpt": (ChatGptReader(), [gpt_talk()], "conversations.json"),
    "openwebui": (OpenWebUiReader(), [webui_chat()], "export.json"),
    "lmstudio": (LmStudioReader(), studio_talk(), "1700000000123.conversation.json"),
    "openai": (JsonlReader(), openai_record(), "train.jsonl"),
    "sharegpt": (JsonlReader(), [sharegpt_record()], "share.json"),
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 1e308, -1e308, 10**30, 1e19, float("nan"), float("inf"), 2**63]),
    st.sampled_from(["", "\0", "\ud800", "../../x", "a1", "q1", "user", "2024-01-01T00:00:00Z"]),
    st.text(max_size=20),
    st.just([]),
    st.just({}),
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda inside: (
            st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3)
        ),
        max_leaves=5,
    ),
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container and key or index in a value of JSON."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        keys = list(each) if isinstance(each, dict) else list(range(len(each)))
        for key in keys:
            found.append((each, key))
            if isinstance(each[key], dict | list):
                waiting.append(each[key])
    return found


def mutated(data: st.DataObject, value: Any) -> Any:
    """The value with some of its fields replaced, removed or swapped."""
    whole = [copy.deepcopy(value)]
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(places(whole)))
        action = data.draw(st.sampled_from(["replace", "replace", "replace", "remove", "copy"]))
        if action == "copy":
            other, from_key = data.draw(st.sampled_from(places(whole)))
            container[key] = copy.deepcopy(other[from_key])
        elif action == "remove" and isinstance(container, dict):
            del container[key]
        else:
            container[key] = data.draw(ODD)
    return whole[0]


def read_twice(reader: Any, path: Path) -> None:
    try:
        first = read(reader, path)
    except ImportingError:
        return
    assert repr(read(reader, path)) == repr(first)


@pytest.mark.parametrize("name", SAMPLES)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_field_may_be_anything(tmp_path: Path, name: str, data: st.DataObject) -> None:
    reader, sample, file = SAMPLES[name]
    path = tmp_path / file
    path.write_text(json.dumps(mutated(data, sample)))
    read_twice(reader, path)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_field_of_jan(tmp_path: Path, data: st.DataObject) -> None:
    files = jan_talk()
    folder = tmp_path / "threads" / "thread-1"
    folder.mkdir(parents=True, exist_ok=True)
    thread = json.loads(files["threads/thread-1/thread.json"])
    lines = files["threads/thread-1/messages.jsonl"].splitlines()
    messages = [json.loads(line) for line in lines]
    (folder / "thread.json").write_text(json.dumps(mutated(data, thread)))
    changed = mutated(data, messages)
    lines = [json.dumps(each) for each in changed] if isinstance(changed, list) else ["7"]
    (folder / "messages.jsonl").write_text("\n".join(lines))
    read_twice(JanReader(), tmp_path)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_bytes(tmp_path: Path, data: st.DataObject) -> None:
    """Files cut, broken or put together anywhere, through recognition too."""
    samples = [json.dumps(sample).encode() for _reader, sample, _file in SAMPLES.values()]
    content = bytearray(data.draw(st.sampled_from(samples)))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    path = tmp_path / "some.json"
    path.write_bytes(content)
    if reader := reader_of(path):
        read_twice(reader, path)
