"""Headers whose bytes arrive in pieces: wherever they are cut, the same header comes of them."""

import contextlib
import io
import struct
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pytest

from models.errors import ModelFileDamaged, ModelFileError, ModelFileNewer
from models.gguf_arrival import ArrivingHeader
from models.gguf_header import GgufHeader
from models.gguf_parser import StreamSource, Texts, parse_header
from models.gguf_sniff import SNIFFED_BYTES
from tests.helpers.gguf_bytes import (
    F32,
    I32,
    STRING,
    U32,
    Gguf,
    Tensor,
    array,
    model,
    strings,
    value,
)

FILE = model(layers=3).with_keys(
    general__tags=array(STRING, ["a", "b"]),
    tokenizer__ggml__merges=strings(1030, 1),
    llama__expert_count=value(U32, 8),
    llama__expert_used_count=value(U32, 2),
)
CONTENT = FILE.build()
HEADER = parse_header(StreamSource(io.BytesIO(CONTENT)), "m.gguf")


def fed(pieces: Iterable[bytes]) -> GgufHeader | None:
    arriving = ArrivingHeader("m.gguf")
    header = None
    for piece in pieces:
        header = arriving.feed(piece)
    return header


def places() -> Iterator[int]:
    """Every place; in the long array of equal texts every seventh, which meets each part."""
    array_end = CONTENT.rindex(b"merges") + 1030 * 9
    for place in range(HEADER.header_bytes + 1):
        if place % 7 == 0 or not CONTENT.index(b"merges") + 50 < place < array_end - 50:
            yield place


def test_cut_in_two_at_every_place() -> None:
    for place in places():
        arriving = ArrivingHeader("m.gguf")
        first = arriving.feed(CONTENT[:place])
        if place < HEADER.header_bytes:
            assert first is None
            assert place < arriving.needed <= HEADER.header_bytes
        assert arriving.feed(CONTENT[place:]) == HEADER


@pytest.mark.parametrize("length", [1, 7, 64, 1000])
def test_cut_into_many(length: int) -> None:
    starts = range(0, len(CONTENT), length)
    assert fed(CONTENT[start : start + length] for start in starts) == HEADER


def test_the_header_is_known_with_its_last_byte_and_stays() -> None:
    arriving = ArrivingHeader("m.gguf")
    assert arriving.feed(CONTENT[: HEADER.header_bytes - 1]) is None
    assert arriving.feed(CONTENT[HEADER.header_bytes - 1 : HEADER.header_bytes]) == HEADER
    held = arriving.held
    assert arriving.feed(b"weights") == HEADER
    assert arriving.finish() == HEADER
    assert arriving.held == held


def test_fetching_what_is_needed_ends_exactly_at_the_header() -> None:
    """Who asks a server for just the bytes up to ``needed`` never asks for a weight."""
    arriving = ArrivingHeader("m.gguf")
    header = None
    while header is None:
        header = arriving.feed(CONTENT[arriving.held : arriving.needed])
    assert arriving.held == HEADER.header_bytes


SMALL = model(layers=1)
DAMAGED = Gguf(SMALL.keys, [*SMALL.tensors, Tensor("x", offset=13)])
NEWER_TYPE = Gguf(SMALL.keys, [*SMALL.tensors, Tensor("x", type_number=43)])
NEWER_VERSION = Gguf(SMALL.keys, SMALL.tensors, version=struct.pack("<I", 4))


@pytest.mark.parametrize(
    ("file", "kind", "code"),
    [
        (DAMAGED, ModelFileDamaged, "gguf.damaged"),
        (NEWER_TYPE, ModelFileNewer, "gguf.newer_type"),
        (NEWER_VERSION, ModelFileNewer, "gguf.newer_version"),
    ],
)
def test_the_answers_stay_apart_at_every_cut(
    file: Gguf, kind: type[ModelFileError], code: str
) -> None:
    """Never damaged for want of bytes, never waiting for bytes when it is damaged."""
    content = file.build()
    for place in range(0, len(content), 3):
        with pytest.raises(kind) as caught:
            fed((content[:place], content[place:]))
        assert type(caught.value) is kind
        assert caught.value.code == code
        cut_short = ArrivingHeader("m.gguf")
        with contextlib.suppress(kind):
            cut_short.feed(content[:place])
            with pytest.raises(ModelFileError) as ended:
                cut_short.finish()
            assert ended.value.code in ("gguf.empty", "gguf.text", "gguf.truncated_header")


def test_what_is_missing_at_the_end_is_told() -> None:
    arriving = ArrivingHeader("m.gguf")
    arriving.feed(CONTENT[:100])
    with pytest.raises(ModelFileDamaged) as ended:
        arriving.finish()
    assert ended.value.code == "gguf.truncated_header"
    assert ended.value.facts["missing"] == arriving.needed - 100


PAGE = b"<!DOCTYPE html><title>Not found</title>"


@pytest.mark.parametrize("length", [1, 5000])
def test_a_web_page_instead_of_a_model(length: int) -> None:
    page = PAGE + b" " * SNIFFED_BYTES
    with pytest.raises(ModelFileDamaged) as caught:
        fed(page[place : place + length] for place in range(0, len(page), length))
    assert caught.value.code == "gguf.web_page"


def test_a_short_web_page_is_known_at_its_end() -> None:
    arriving = ArrivingHeader("m.gguf")
    assert arriving.feed(PAGE) is None
    assert arriving.needed == SNIFFED_BYTES
    with pytest.raises(ModelFileDamaged) as caught:
        arriving.finish()
    assert caught.value.code == "gguf.web_page"


def test_nothing_at_all() -> None:
    with pytest.raises(ModelFileDamaged) as caught:
        ArrivingHeader("m.gguf").finish()
    assert caught.value.code == "gguf.empty"


def test_texts_that_are_known_give_the_same_header_wherever_it_is_cut() -> None:
    known = _arrived(CONTENT).long_texts
    assert [texts.count for texts in known] == [1030]
    for place in places():
        arriving = ArrivingHeader("m.gguf", known)
        arriving.feed(CONTENT[:place])
        assert arriving.feed(CONTENT[place:]) == HEADER


@pytest.mark.parametrize(
    "other", [strings(1030, 2), strings(1029, 1), strings(1031, 1), strings(1030, 1)[:-1] + b"y"]
)
def test_texts_that_only_resemble_the_known_ones_are_read_themselves(other: bytes) -> None:
    known = _arrived(CONTENT).long_texts
    content = FILE.with_keys(tokenizer__ggml__merges=other).build()
    arriving = ArrivingHeader("m.gguf", known)
    assert arriving.feed(content) == parse_header(StreamSource(io.BytesIO(content)), "m.gguf")


def test_texts_that_are_known_cost_next_to_nothing() -> None:
    content = model().with_keys(tokenizer__ggml__merges=strings(400_000, 6)).build()

    def seconds(known: Sequence[Texts]) -> float:
        began = time.process_time()
        assert ArrivingHeader("m.gguf", known).feed(content) is not None
        return time.process_time() - began

    known = _arrived(content).long_texts
    assert min(seconds(known) for _time in range(3)) < seconds(()) / 3


def _arrived(content: bytes) -> ArrivingHeader:
    arriving = ArrivingHeader("m.gguf")
    assert arriving.feed(content) is not None
    return arriving


def test_many_pieces_cost_hardly_more_than_one() -> None:
    """A vocabulary of 260,000 in pieces of 16 KiB; read anew for each it would take minutes."""
    content = model().with_keys(tokenizer__ggml__tokens=strings(260_000, 12)).build()
    start = time.perf_counter()
    step = 16 * 1024
    header = fed(content[place : place + step] for place in range(0, len(content), step))
    seconds = time.perf_counter() - start
    assert header
    assert header.vocabulary == 260_000
    # 0.1 s is the aim; the machine may be busy.
    assert seconds < 0.5


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_the_end_is_expected_near_where_it_is(kind: str) -> None:
    count = 40_000
    scores = {"tokenizer.ggml.scores": array(F32, [0.0] * count)} if kind == "llama" else {}
    merges = {"tokenizer.ggml.merges": strings(count, 8)} if kind == "gpt2" else {}
    file = model(60)
    file = replace(file, keys={
        **{key: value for key, value in file.keys.items() if not key.startswith("tokenizer")},
        "tokenizer.ggml.model": value(STRING, kind), "tokenizer.ggml.tokens": strings(count, 7),
        **scores, "tokenizer.ggml.token_type": array(I32, [1] * count), **merges,
    })  # fmt: skip
    content = file.header()
    arriving = ArrivingHeader("x.gguf")
    assert arriving.expected_end == 0
    assert arriving.feed(content[:65_536]) is None
    assert arriving.expected_end == pytest.approx(len(content), rel=0.15)
    rest = len(content) - 2000
    assert arriving.feed(content[arriving.held : rest]) is None
    assert len(content) - 1000 < arriving.expected_end < len(content) + 40_000
    assert arriving.feed(content[arriving.held :]) is not None
    assert len(arriving.metadata) == len(arriving.key_spans)
