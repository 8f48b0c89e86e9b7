"""Headers in pieces: the right bytes, few of them, and nothing wrong accepted."""

import hashlib
import os
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from models.errors import KnownError, ModelFileDamaged, ModelFileError, ModelFileNewer
from models.gguf_header import SkippedArray
from models.header_cache import HeaderCache
from models.remote_header import (
    FIRST_BYTES,
    Beginning,
    ReadingCancelled,
    RemoteHeader,
    RemoteHeaders,
)
from tests.helpers.gguf_bytes import ARRAY, STRING, Gguf, model, strings, value
from tests.helpers.hub_quantizations import quantization, size_of
from tests.helpers.moe_shapes import QWEN3_30B

VOCABULARY = 30_000
LABELS = ("Q2_K", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0")


@dataclass
class Files:
    """A repository: headers in memory, weights all zero."""

    headers: dict[str, bytes]
    sizes: dict[str, int]
    asked: list[tuple[str, int, int]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def fetch(self, path: str, start: int, stop: int) -> bytes:
        self.before()
        self.asked.append((path, start, stop))
        content = self.headers[path]
        stop = min(stop, self.sizes[path])
        return content[start:stop] + bytes(max(0, stop - max(start, len(content))))

    def reader(self, cache: HeaderCache | None = None) -> RemoteHeaders:
        return RemoteHeaders("org/model", "c0ffee", self.fetch, cache)

    def read(self, headers: RemoteHeaders, path: str) -> RemoteHeader:
        return headers.read(path, self.sizes[path])


def repository(**files: Gguf) -> Files:
    return Files(
        {name: file.header() for name, file in files.items()},
        {name: size_of(file) for name, file in files.items()},
    )


@pytest.fixture(scope="module")
def _five() -> Files:
    return repository(**{
        label: quantization(QWEN3_30B, label, vocabulary=VOCABULARY) for label in LABELS
    })  # fmt: skip


@pytest.fixture
def five(_five: Files) -> Files:
    return replace(_five, asked=[])


def test_one_header_is_read_in_growing_pieces(five: Files) -> None:
    found = five.read(five.reader(), "Q4_K_M")
    whole = five.headers["Q4_K_M"]
    assert found.data == whole
    assert found.header.header_sha256 == hashlib.sha256(whole).hexdigest()
    assert found.header.data_end <= five.sizes["Q4_K_M"]
    assert not found.is_stitched
    assert five.asked[0] == ("Q4_K_M", 0, FIRST_BYTES)
    assert [start for _path, start, _stop in five.asked[1:]] == [
        stop for _path, _start, stop in five.asked[:-1]
    ]
    assert found.requests == len(five.asked) <= 4
    assert found.fetched_bytes < 1.5 * len(whole)


def test_further_quantizations_need_two_requests_and_no_vocabulary(five: Files) -> None:
    headers = five.reader()
    for label in LABELS:
        found = five.read(headers, label)
        assert found.data == five.headers[label]
        if label != LABELS[0]:
            assert found.is_stitched
            assert found.requests == 2
            assert found.fetched_bytes < 100_000 < len(found.data)
    assert headers.requests == len(five.asked)
    assert headers.fetched_bytes == sum(stop - start for _path, start, stop in five.asked)


def test_names_and_closing_keys_of_another_length_move_the_table() -> None:
    longer = {"general.name": value(STRING, "A rather long name " * 9)}
    more = {"quantize.imatrix.file": value(STRING, "/imatrix/of/somebody/" + "x" * 3000)}
    much = {"general.description": value(STRING, "y" * 9000)}
    files = repository(
        a=quantization(QWEN3_30B, "Q2_K", vocabulary=VOCABULARY),
        b=quantization(QWEN3_30B, "Q4_K_M", vocabulary=VOCABULARY, before=longer, after=more),
        c=quantization(QWEN3_30B, "Q8_0", vocabulary=VOCABULARY, after=much),
        d=quantization(QWEN3_30B, "Q6_K", vocabulary=VOCABULARY, before=much),
    )
    headers = files.reader()
    for name in "abcd":
        found = files.read(headers, name)
        assert found.data == files.headers[name]
        assert found.requests <= 4
    assert headers.fetched_bytes < 2 * len(files.headers["a"])


def test_another_vocabulary_is_not_taken_for_the_known_one() -> None:
    other = quantization(QWEN3_30B, "Q4_K_M", vocabulary=VOCABULARY + 1)
    swapped = quantization(QWEN3_30B, "Q4_K_M", vocabulary=VOCABULARY)
    # The same beginning and another length, which only shows where the table should be.
    longer = dict(swapped.keys)
    longer["tokenizer.ggml.merges"] = strings(VOCABULARY, 9)
    files = repository(
        a=quantization(QWEN3_30B, "Q2_K", vocabulary=VOCABULARY),
        b=other, c=replace(swapped, keys=longer), d=model(40),
    )  # fmt: skip
    headers = files.reader()
    for name in "abcd":
        found = files.read(headers, name)
        assert found.data == files.headers[name]
        assert not found.is_stitched


def test_other_tokens_of_the_same_length_are_not_the_known_ones() -> None:
    one = quantization(QWEN3_30B, "Q2_K", vocabulary=VOCABULARY)
    tokens = one.keys["tokenizer.ggml.tokens"].replace(b"tok7919", b"TOK7919")
    other = quantization(QWEN3_30B, "Q4_K_M", vocabulary=VOCABULARY)
    files = repository(
        a=one, b=replace(other, keys={**other.keys, "tokenizer.ggml.tokens": tokens})
    )
    headers = files.reader()
    files.read(headers, "a")
    found = files.read(headers, "b")
    assert found.data == files.headers["b"]
    assert not found.is_stitched


def test_a_table_that_does_not_fill_the_file_is_read_whole(five: Files) -> None:
    headers = five.reader()
    five.read(headers, "Q2_K")
    longer = replace(five, sizes={**five.sizes, "Q8_0": five.sizes["Q8_0"] + 4096})
    headers._fetch = longer.fetch  # the repository changes under the reader
    found = longer.read(headers, "Q8_0")
    assert found.data == five.headers["Q8_0"]
    assert not found.is_stitched


def test_small_headers_take_one_request(tmp_path: Path) -> None:
    small = model(3)
    files = Files({"s": small.build()}, {"s": len(small.build())})
    found = files.read(files.reader(), "s")
    assert (found.requests, found.data) == (1, small.header())


def test_the_beginning_is_told_once_and_early(five: Files) -> None:
    told: list[Beginning] = []
    headers = five.reader()
    headers.read("Q4_K_M", five.sizes["Q4_K_M"], lambda each: told.append(each))
    assert len(told) == 1
    assert told[0].metadata["qwen3moe.block_count"] == 48
    assert told[0].vocabulary == VOCABULARY
    assert "tokenizer.ggml.tokens" not in told[0].metadata
    headers.read("Q8_0", five.sizes["Q8_0"], lambda each: told.append(each))
    assert len(told) == 1


# --- what is not usable ----------------------------------------------------------------------


def wrong(content: bytes, size: int | None = None) -> type[KnownError]:
    files = Files({"x": content}, {"x": len(content) if size is None else size})
    with pytest.raises(KnownError) as caught:
        files.read(files.reader(), "x")
    return caught.type


def test_not_gguf_newer_damaged_and_cut_off() -> None:
    whole = model(3).build()
    assert wrong(b"<!DOCTYPE html><html>" + b" " * 5000) is ModelFileDamaged
    assert wrong(b"PK\x03\x04" + bytes(5000)) is ModelFileError
    assert wrong(b"") is ModelFileDamaged
    assert wrong(replace(model(3), version=b"\x09\0\0\0").build()) is ModelFileNewer
    assert wrong(whole[:200]) is ModelFileDamaged
    assert wrong(whole[:-300]) is ModelFileDamaged  # weights end before the file should
    newer = replace(model(1).tensors[1], type_number=99)
    assert wrong(replace(model(1), tensors=[newer]).build()) is ModelFileNewer


def test_a_damaged_quantization_beside_a_sound_one(five: Files) -> None:
    headers = five.reader()
    five.read(headers, "Q2_K")
    content = bytearray(five.headers["Q8_0"])
    place = content.rfind(b"blk.47.ffn_down_exps.weight")
    content[place : place + 3] = b"\xff\xff\xff"
    five.headers = {**five.headers, "bad": bytes(content)}
    five.sizes = {**five.sizes, "bad": five.sizes["Q8_0"]}
    with pytest.raises(ModelFileDamaged):
        five.read(headers, "bad")


def test_a_header_without_end_is_given_up_at_the_cap() -> None:
    endless = Gguf({"general.architecture": value(STRING, "llama")}, [], key_count=60_000)
    content = endless.header() + b"".join(value_of(number) for number in range(60_000))
    files = Files({"x": content}, {"x": 10**12})
    with pytest.raises(ModelFileError):
        files.read(files.reader(), "x")
    assert sum(stop - start for _path, start, stop in files.asked) <= 64 * 2**20


def test_a_vocabulary_that_promises_to_be_huge_is_fetched_in_bearable_pieces() -> None:
    tokens = struct.pack("<IIQ", ARRAY, STRING, 3_999_999)
    long = {"general.architecture": value(STRING, "llama"),
            "tokenizer.ggml.tokens": tokens + (b"\x50" + bytes(7) + b"x" * 80) * 3000}  # fmt: skip
    files = Files({"x": Gguf(long, []).header()}, {"x": 10**12})
    files.read(files.reader(), "x")  # what is missing of them is zeros: empty texts
    assert max(stop - start for _path, start, stop in files.asked) <= 16 * 2**20
    assert sum(stop - start for _path, start, stop in files.asked) <= 64 * 2**20


def value_of(number: int) -> bytes:
    key = f"key.{number}".encode()
    return len(key).to_bytes(8, "little") + key + value(STRING, "z" * 1200)


def test_cancel_ends_before_the_next_piece(five: Files) -> None:
    headers = five.reader()
    five.before = headers.cancel
    with pytest.raises(ReadingCancelled):
        five.read(headers, "Q4_K_M")
    assert len(five.asked) == 1


def test_what_fetch_raises_comes_through(five: Files) -> None:
    def fail() -> None:
        raise KnownError("network.broken", host="h")

    five.before = fail
    with pytest.raises(KnownError, match=r"network\.broken"):
        five.read(five.reader(), "Q4_K_M")


def test_several_threads_at_once(five: Files) -> None:
    headers = five.reader()
    five.read(headers, "Q2_K")
    found: dict[str, bytes] = {}

    def work(label: str) -> None:
        found[label] = five.read(headers, label).data

    threads = [threading.Thread(target=work, args=(label,)) for label in LABELS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == five.headers


# --- the cache -------------------------------------------------------------------------------


def test_kept_headers_need_no_request_and_share_the_vocabulary(five: Files, tmp_path: Path) -> None:
    cache = HeaderCache(tmp_path / "headers")
    headers = five.reader(cache)
    for label in LABELS:
        five.read(headers, label)
    five.asked.clear()
    again = five.reader(cache)
    for label in LABELS:
        found = five.read(again, label)
        assert found.data == five.headers[label]
        assert isinstance(found.header.metadata["tokenizer.ggml.tokens"], SkippedArray)
    assert five.asked == []
    on_disk = sum(path.stat().st_size for path in (tmp_path / "headers").iterdir())
    assert on_disk < 1.5 * len(five.headers["Q2_K"])


def test_another_commit_path_or_size_is_another_header(tmp_path: Path) -> None:
    cache = HeaderCache(tmp_path)
    cache.put("org/m", "c1", "a.gguf", 10, b"header")
    assert cache.get("org/m", "c1", "a.gguf", 10) == b"header"
    for key in (("org/n", "c1", "a.gguf", 10), ("org/m", "c2", "a.gguf", 10),
                ("org/m", "c1", "b.gguf", 10), ("org/m", "c1", "a.gguf", 11)):  # fmt: skip
        assert cache.get(*key) is None


def test_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    cache = HeaderCache(tmp_path)
    shared = bytes(range(256)) * 300
    cache.put("org/m", "c1", "a.gguf", 10, b"before" + shared + b"after", (6, 6 + len(shared)))
    files = sorted(tmp_path.iterdir())
    assert len(files) == 2
    for path in files:
        sound = path.read_bytes()
        for place in range(0, len(sound), max(1, len(sound) // 97)):
            broken = bytearray(sound)
            broken[place] ^= 0x41
            path.write_bytes(broken)
            assert cache.get("org/m", "c1", "a.gguf", 10) is None, place
        path.write_bytes(sound[: len(sound) // 2])
        assert cache.get("org/m", "c1", "a.gguf", 10) is None
        path.write_bytes(sound)
    assert cache.get("org/m", "c1", "a.gguf", 10) == b"before" + shared + b"after"


def test_a_damaged_entry_is_fetched_again(five: Files, tmp_path: Path) -> None:
    cache = HeaderCache(tmp_path)
    five.read(five.reader(cache), "Q4_K_M")
    for path in tmp_path.iterdir():
        path.write_bytes(b"\x00" * 10)
    found = five.read(five.reader(cache), "Q4_K_M")
    assert found.data == five.headers["Q4_K_M"]
    assert found.requests > 0


def test_room_is_made_for_what_is_used(tmp_path: Path) -> None:
    cache = HeaderCache(tmp_path, most_bytes=5000)
    for number in range(10):
        cache.put("org/m", "c", f"{number}.gguf", 1, bytes([number]) * 1000)
        for old, path in enumerate(sorted(tmp_path.iterdir(), key=lambda p: p.stat().st_mtime_ns)):
            os.utime(path, (1000 + old, 1000 + old))
        cache.get("org/m", "c", "0.gguf", 1)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 5000
    assert cache.get("org/m", "c", "0.gguf", 1) is not None
    assert cache.get("org/m", "c", "9.gguf", 1) is not None
    assert cache.get("org/m", "c", "1.gguf", 1) is None


def test_a_folder_that_cannot_be_written_costs_only_requests(five: Files, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    found = five.read(five.reader(HeaderCache(tmp_path / "file")), "Q2_K")
    assert found.data == five.headers["Q2_K"]


def test_hostile_names_stay_inside_the_folder(tmp_path: Path) -> None:
    cache = HeaderCache(tmp_path / "cache")
    cache.put("../../x", "..", "/etc/passwd\0", 1, b"data")
    assert cache.get("../../x", "..", "/etc/passwd\0", 1) == b"data"
    cache.put("x", "y", "no text \ud800", 1, b"data")
    assert cache.get("x", "y", "no text \ud800", 1) is None
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert len(list((tmp_path / "cache").iterdir())) == 1
