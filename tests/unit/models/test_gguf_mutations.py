"""Whatever the bytes are: a header or a ModelFileError, soon, and never anything else."""

import io
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import ModelFileError
from models.facts_reading import read_facts
from models.gguf_check import check_extent, check_model
from models.gguf_header import GgufHeader
from models.gguf_parser import NeedMore, StreamSource, parse_header
from models.gguf_sniff import check_beginning
from tests.helpers.gguf_bytes import STRING, U32, array, model, strings, value

BASE = (
    model(layers=3)
    .with_keys(
        general__tags=array(STRING, ["a", "b"]),
        tokenizer__ggml__merges=strings(1500, 3),
        llama__expert_count=value(U32, 8),
        llama__expert_used_count=value(U32, 2),
    )
    .build()
)
HEADER = parse_header(StreamSource(io.BytesIO(BASE)), "base").header_bytes


def judge(content: bytes) -> GgufHeader | None:
    """What opening a file with this content comes to; anything else raised is a fault."""
    try:
        check_beginning(content[:4096], "m.gguf")
        header = parse_header(StreamSource(io.BytesIO(content)), "m.gguf")
        check_extent(header, len(content))
        check_model(header, header.tensors)
        read_facts([header])
    except (ModelFileError, NeedMore):
        return None
    return header


def test_the_base_is_accepted() -> None:
    assert judge(BASE) is not None


EXTREMES = [0, 1, 2, 7, 8, 31, 255, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63,
            2**64 - 1]  # fmt: skip


def mutated(generator: random.Random) -> bytes:
    content = bytearray(BASE)
    # The names and counts at the beginning decide more than the vocabulary.
    place = generator.randrange(600 if generator.random() < 0.5 else HEADER)
    match generator.randrange(6):
        case 0:
            content[place] ^= 1 << generator.randrange(8)
        case 1:
            content[place : place + 8] = generator.choice(EXTREMES).to_bytes(8, "little")
        case 2:
            number = generator.choice(EXTREMES) & 0xFFFFFFFF
            content[place : place + 4] = number.to_bytes(4, "little")
        case 3:
            del content[place:]
        case 4:
            end = place + generator.randrange(200)
            content[place:place] = content[place:end]
        case _:
            content[place : place + 16] = bytes(16)
    return bytes(content)


@pytest.mark.parametrize("seed", range(10))
def test_mutations_end_in_a_result(seed: int) -> None:
    generator = random.Random(seed)
    for _ in range(300):
        content = mutated(generator)
        start = time.perf_counter()
        judge(content)
        assert time.perf_counter() - start < 1


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_edits_anywhere(data: st.DataObject) -> None:
    content = bytearray(BASE)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, HEADER - 1))
        piece = data.draw(st.binary(max_size=12))
        content[place : place + data.draw(st.integers(0, 12))] = piece
    judge(bytes(content))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_behind_the_magic(tail: bytes) -> None:
    judge(b"GGUF\x03\0\0\0" + tail)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_at_all(content: bytes) -> None:
    judge(content)


def test_bytes_that_arrive_say_how_many_more_are_needed() -> None:
    """Bytes may come in pieces: each NeedMore is true, and the last piece ends it."""
    needed = [8]
    while needed[-1] < HEADER:
        with pytest.raises(NeedMore) as more:
            parse_header(StreamSource(io.BytesIO(BASE[: needed[-1]])), "m.gguf")
        needed.append(more.value.end)
        assert needed[-2] < needed[-1] <= HEADER
    assert parse_header(StreamSource(io.BytesIO(BASE[:HEADER])), "m.gguf").header_bytes == HEADER
