"""Values out of JSON of any length: each within its budget, whatever surrounds it."""

import io
import json
import tracemalloc
from collections.abc import Callable
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports import streaming
from app.imports.entities import Unread
from app.imports.json_texts import too_deep
from app.imports.streaming import MIB, Budget, TooLarge, items, lines


class Endless(io.RawIOBase):
    """A long file that lies nowhere: ``begin``, so many times ``middle``, ``end``."""

    def __init__(self, begin: bytes, middle: bytes, times: int, end: bytes) -> None:
        self._parts = self._pieces(begin, middle, times, end)
        self._rest = b""

    @staticmethod
    def _pieces(begin: bytes, middle: bytes, times: int, end: bytes):
        yield begin
        many = middle * max(1, MIB // len(middle))
        left = times * len(middle)
        while left > 0:
            yield many[:left] if left < len(many) else many
            left -= len(many)
        yield end

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (piece := next(self._parts, None)) is not None:
            self._rest += piece
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


def read(data: bytes | BinaryIO, path: str = "item", budget: Budget | None = None) -> list[object]:
    return list(items(io.BytesIO(data) if isinstance(data, bytes) else data, path, budget))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)


@pytest.fixture(params=[1, 2, 3, 7, MIB])
def at_once(request, monkeypatch):
    """Also with pieces so small that everything is cut off somewhere."""
    monkeypatch.setattr(streaming, "_AT_ONCE", request.param)


@given(values=st.lists(VALUES, max_size=5), ascii_only=st.booleans(), indent=st.none() | st.just(1))
def test_every_value_is_what_json_says(values, ascii_only, indent):
    data = json.dumps(values, ensure_ascii=ascii_only, indent=indent).encode()
    assert read(data) == values
    assert read(b'{"x":[1,{"y":2}],"chats":' + data + b',"z":"}]"}', "chats.item") == values
    assert read(data, "") == [values]


def test_cut_anywhere_it_reads_the_same(at_once):
    values = [{"a\\": '"]}', "b": ["\\", 'x"', {"c": []}]}, -1.5e3, "é\U0001f9d1", True, None, []]
    assert read(json.dumps(values, ensure_ascii=False).encode()) == values
    assert read(json.dumps({"k": values, "": [1]}).encode(), "k.item") == values
    data = b'{"a": 1}\r\n\n[2, "\xc3\xa9"]\n"x"'
    assert list(lines(io.BytesIO(data))) == [{"a": 1}, [2, "é"], "x"]


def test_what_is_not_at_the_path_is_passed_over():
    assert read(b'{"chats":{"a":1}}', "chats.item") == []
    assert read(b'[{"m":[1,2]},{"m":[3]},{"n":[4]},5]', "item.m.item") == [1, 2, 3]
    assert read(b'{"chats":[1]}') == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_other_encodings(encoding):
    values = [{"a": "é\U0001f9d1"}, 2]
    assert read(json.dumps(values, ensure_ascii=False).encode(encoding)) == values


def test_text_that_is_none_becomes_marks_and_odd_json_is_read():
    assert read(b'["a\xffb", "\\ud800", NaN, "raw\x01tab\t"]')[0] == "a\ufffdb"
    assert read(b'["\\ud800"]') == ["\ud800"]
    assert read(b'["raw\x01"]') == ["raw\x01"]
    assert str(read(b"[NaN]")[0]) == "nan"
    assert read(b"[" + b"9" * 300 + b"]") == [int("9" * 300)]


@pytest.mark.parametrize(
    ("data", "good"),
    [
        (b'[1, {"a": 2}, {"b"', [1, {"a": 2}]),
        (b'[1, {"a": 2]}, 3]', [1]),
        (b"[1, 2", [1, 2]),
        (b"[1, 2]]", [1, 2]),
        (b"[1 2]", [1]),
        (b'[1, "cut off', [1]),
        (b'[1, "back\\', [1]),
        (b"[,]", []),
        (b"", []),
        (b"[" * 50, []),
    ],
)
def test_a_break_ends_it_and_is_told(data, good):
    *values, last = read(data)
    assert values == good
    assert isinstance(last, Unread)
    assert last.code == "import.broken_json"


def test_one_value_that_is_no_json_does_not_end_it():
    found = read(b'[1, {"a" 2}, 3, {x}, nope, 4]')
    assert [each for each in found if not isinstance(each, Unread)] == [1, 3, 4]
    assert [each.where for each in found if isinstance(each, Unread)] == ["2", "4", "5"]


def test_a_broken_line_does_not_end_it():
    found = list(lines(io.BytesIO(b'{"a":1}\nnope\n\n{"b":2\n{"c":3}')))
    assert found[0] == {"a": 1}
    assert found[-1] == {"c": 3}
    assert [each.where for each in found if isinstance(each, Unread)] == ["2", "4"]


def test_what_is_too_large_is_passed_over_and_counted():
    data = json.dumps(["a", "x" * 500, {"k": "y" * 500}, 7]).encode()
    assert read(data, budget=Budget(100)) == ["a", TooLarge(502), TooLarge(509), 7]
    text = b'"' + b"z" * 500 + b'"\n1\n'
    assert list(lines(io.BytesIO(text), Budget(100))) == [TooLarge(502), 1]
    assert read(b"[" + b"1" * 500 + b",2]", budget=Budget(100)) == [TooLarge(500), 2]


def test_what_is_too_deep_is_passed_over():
    deep = b"[" * 100_000 + b"]" * 100_000
    assert read(b"[1," + deep + b",2]") == [1, TooLarge(200_000, deep=True), 2]
    objects = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    assert read(b"[" + objects + b",2]")[1] == 2
    assert list(lines(io.BytesIO(deep + b"\n3"))) == [TooLarge(200_000, deep=True), 3]
    assert too_deep(b'{"[[[[":[1]}', 1)
    assert not too_deep(b'{"[[[[":[1]}', 2)


def test_what_has_too_many_parts_is_passed_over():
    budget = Budget(parts=100)
    many = b"[" + b"[]," * 50 + b"1]"
    assert read(b"[1," + many + b",2]", budget=budget) == [1, TooLarge(len(many)), 2]
    assert list(lines(io.BytesIO(many + b"\n3"), budget)) == [TooLarge(len(many)), 3]
    words = json.dumps(["a, [b], " * 500, '\\"{,}' * 50]).encode()
    assert read(words, "", budget) == [json.loads(words)]


def test_memory_that_one_value_needs_is_told_and_the_next_is_read(monkeypatch):
    def scarce(data: bytes) -> object:
        if data == b"1":
            raise MemoryError
        return json.loads(data)

    monkeypatch.setattr(streaming, "loads", scarce)
    assert read(b"[1,2]") == [TooLarge(1), 2]
    assert list(lines(io.BytesIO(b"1\n2"))) == [TooLarge(1), 2]


@pytest.mark.parametrize(
    ("begin", "end", "reading"),
    [
        (b'["', b'", 7]', lambda file: items(file, "item")),
        (b'[{"a":["', b'"]}, 7]', lambda file: items(file, "item")),
        (b'{"skipped":"', b'","k":[7]}', lambda file: items(file, "k.item")),
        (b'"', b'"\n7\n', lines),
    ],
)
def test_a_long_line_costs_no_memory(begin, end, reading: Callable[[BinaryIO], object]):
    times = 200 * MIB // 8
    tracemalloc.start()
    try:
        found = list(reading(Endless(begin, b"aaaaaa\\n", times, end)))  # type: ignore[call-overload]
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found[-1] == 7
    assert peak < 120 * MIB  # what one value may have, and what is read at once


def test_a_long_key_is_nobodys():
    assert read(b'{"' + b"k" * 100_000 + b'": [1], "a": [2]}', "a.item") == [2]
