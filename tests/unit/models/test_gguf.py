"""Header reader: what it reads, what it refuses and with which sentence."""

import hashlib
import os
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.paths import starter_model
from app.wording import sentence_for
from models.errors import ModelFileAbsent, ModelFileDamaged, ModelFileError
from models.gguf import open_model, read_header
from models.gguf_header import SkippedArray
from models.gguf_parser import MAX_HEADER_BYTES, MAX_KEYS
from models.gguf_types import STORAGE_TYPES
from tests.helpers.gguf_bytes import (
    ARRAY,
    BOOL,
    F32,
    I64,
    STRING,
    U8,
    U16,
    U32,
    U64,
    Gguf,
    Tensor,
    array,
    model,
    scalar,
    split_model,
    string,
    strings,
    value,
)


def refusal(path: Path) -> ModelFileError:
    with pytest.raises(ModelFileError) as caught:
        open_model(path)
    return caught.value


# --- what it reads -------------------------------------------------------------------------


def test_reads_the_starter_model() -> None:
    path = starter_model()
    header = read_header(path)
    assert header.architecture == "llama"
    assert header.block_count == 30
    assert header.context_length == 8192
    assert header.vocabulary == 49152
    assert header.expert_count == 0
    assert header.file_type == 3
    assert header.license == "apache-2.0"
    assert header.data_end == path.stat().st_size
    assert header.parameters == 134_515_008
    assert "messages" in (header.chat_template or "")
    with path.open("rb") as stream:
        digest = hashlib.sha256(stream.read(header.header_bytes)).hexdigest()
    assert digest == header.header_sha256


def test_reads_every_kind_of_value(tmp_path: Path) -> None:
    file = model().with_keys(
        x__u8=value(U8, 255),
        x__i64=value(I64, -5),
        x__f32=value(F32, 0.5),
        x__bool=value(BOOL, True),
        x__text=value(STRING, "naïve 日本"),
        x__short=array(U16, [1, 2, 3]),
        x__words=array(STRING, ["a", "b"]),
        x__long=array(U8, [7] * 5000),
        x__empty=array(F32, []),
    )
    metadata = read_header(file.write(tmp_path / "m.gguf")).metadata
    assert metadata["x.u8"] == 255
    assert metadata["x.i64"] == -5
    assert metadata["x.f32"] == 0.5
    assert metadata["x.bool"] is True
    assert metadata["x.text"] == "naïve 日本"
    assert metadata["x.short"] == (1, 2, 3)
    assert metadata["x.words"] == ("a", "b")
    assert metadata["x.long"] == SkippedArray(5000)
    assert metadata["x.empty"] == ()


def test_version_2_and_another_alignment(tmp_path: Path) -> None:
    file = model(version=struct.pack("<I", 2), alignment=64).with_keys(
        general__alignment=value(U32, 64)
    )
    header = read_header(file.write(tmp_path / "m.gguf"))
    assert header.version == 2
    assert header.data_offset % 64 == 0


def test_key_is_header_digest_and_size(tmp_path: Path) -> None:
    path = model().write(tmp_path / "m.gguf")
    checked = open_model(path)
    assert checked.handle.key == f"{checked.header.header_sha256}-{path.stat().st_size}"
    assert checked.handle.is_unchanged()
    path.write_bytes(path.read_bytes() + b"\0")
    assert not checked.handle.is_unchanged()


def test_expert_model_facts(tmp_path: Path) -> None:
    file = model().with_keys(
        llama__expert_count=value(U32, 64), llama__expert_used_count=value(U32, 8)
    )
    header = read_header(file.write(tmp_path / "m.gguf"))
    assert (header.expert_count, header.expert_used_count) == (64, 8)


def test_layers_for_predicting_ahead_may_be_left_out(tmp_path: Path) -> None:
    file = model(layers=2).with_keys(
        llama__block_count=value(U32, 3), llama__nextn_predict_layers=value(U32, 1)
    )
    assert read_header(file.write(tmp_path / "m.gguf")).block_count == 3


def test_storage_types_are_those_of_the_engine() -> None:
    """Every size is what the engine itself says (asked in a process of its own)."""
    import subprocess
    import sys

    program = (
        "import ctypes, llama_cpp.llama_cpp as l; b = l._lib\n"
        "b.ggml_blck_size.restype = ctypes.c_int64; b.ggml_type_size.restype = ctypes.c_size_t\n"
        f"for n in {sorted(STORAGE_TYPES)}: print(n, b.ggml_blck_size(n), b.ggml_type_size(n))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    rows = {tuple(map(int, line.split())) for line in told.splitlines()}
    assert rows == {(n, t.block_size, t.block_bytes) for n, t in STORAGE_TYPES.items()}


def test_a_large_vocabulary_takes_little_time(tmp_path: Path) -> None:
    file = model().with_keys(
        tokenizer__ggml__tokens=strings(260_000),
        tokenizer__ggml__merges=strings(500_000, 9),
        tokenizer__ggml__scores=struct.pack("<IIQ", ARRAY, F32, 260_000) + bytes(4 * 260_000),
    )
    path = file.write(tmp_path / "m.gguf")
    start = time.perf_counter()
    header = read_header(path)
    assert time.perf_counter() - start < 0.5
    assert header.vocabulary == 260_000


# --- what it refuses -----------------------------------------------------------------------

SAFETENSORS = (
    struct.pack("<Q", 60) + b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}      '
)
OTHER_CONTENT = {
    "gguf.empty": b"",
    "gguf.text": "Just some notes, naïve.\n".encode() * 400,
    "gguf.web_page": b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>404</body></html>",
    "gguf.pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
    "gguf.safetensors": SAFETENSORS,
    "gguf.pytorch": b"PK\x03\x04" + bytes(100),
    "gguf.old_ggml": b"tjgg" + bytes(100),
    "gguf.not_gguf": bytes(range(256)),
    "gguf.version_1": b"GGUF" + struct.pack("<I", 1) + bytes(100),
    "gguf.big_endian": b"GGUF" + struct.pack(">I", 3) + bytes(100),
    "gguf.newer_version": b"GGUF" + struct.pack("<I", 4) + bytes(100),
    "gguf.truncated_header": b"GGUF",
}


@pytest.mark.parametrize("code", OTHER_CONTENT)
def test_other_content_is_named(code: str, tmp_path: Path) -> None:
    path = tmp_path / "my model.gguf"
    path.write_bytes(OTHER_CONTENT[code])
    error = refusal(path)
    assert error.code == code
    assert "my model.gguf" in sentence_for(error)


def test_json_is_text_not_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b'{"error": {"code": 404}}')
    assert refusal(path).code == "gguf.text"


def test_a_text_sample_may_end_inside_a_character(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"a" + "日".encode() * 3000)
    assert refusal(path).code == "gguf.text"


Change = Callable[[Gguf], Gguf]


def tensors(*entries: Tensor) -> Change:
    return lambda file: Gguf(file.keys, [*file.tensors, *entries])


def keys(**changes: bytes | None) -> Change:
    return lambda file: file.with_keys(**changes)


def counts(**changes: int) -> Change:
    return lambda file: Gguf(file.keys, file.tensors, **changes)


HUGE_TEXT = struct.pack("<IQ", STRING, 2**40)
DAMAGED: dict[str, Change] = {
    "absurd count of keys": counts(key_count=2**63),
    "absurd count of tensors": counts(tensor_count=2**63),
    "text of a terabyte": keys(x=HUGE_TEXT),
    "text past 2^64": keys(x=struct.pack("<IQ", STRING, 2**64 - 1)),
    "absurd array": keys(x=struct.pack("<IIQ", ARRAY, U8, 2**62)),
    "absurd array of texts": keys(x=struct.pack("<IIQ", ARRAY, STRING, 2**62)),
    "vocabulary whose texts are absurd": keys(
        x=struct.pack("<IIQ", ARRAY, STRING, 5000) + struct.pack("<Q", MAX_HEADER_BYTES) * 5000
    ),
    "array of arrays": keys(x=struct.pack("<IIQ", ARRAY, ARRAY, 1) + array(U8, [1])),
    "unknown type of value": keys(x=struct.pack("<IQ", 13, 0)),
    "unknown type in an array": keys(x=struct.pack("<IIQ", ARRAY, 77, 2) + bytes(16)),
    "key twice": lambda file: Gguf(
        file.keys, file.tensors, more_keys=[string("general.name") + value(STRING, "b")]
    ),
    "key without name": lambda file: Gguf(
        file.keys, file.tensors, more_keys=[string("") + value(U8, 1)]
    ),
    "key that is no text": lambda file: Gguf(
        file.keys, file.tensors, more_keys=[string(b"\xff\xfe") + value(U8, 1)]
    ),
    "tensor twice": tensors(Tensor("token_embd.weight")),
    "tensor name of 64 bytes": tensors(Tensor("x" * 64)),
    "tensor name that is no text": tensors(Tensor(b"\xff")),
    "no dimensions": tensors(Tensor("x", ())),
    "five dimensions": tensors(Tensor("x", (32, 1, 1, 1, 1))),
    "dimension of zero": tensors(Tensor("x", (32, 0))),
    "negative dimension": tensors(Tensor("x", (32, -1))),
    "two negative dimensions": tensors(Tensor("x", (-32, -1))),
    "absurd shape": tensors(Tensor("x", (2**40, 2**40))),
    "row that is no whole block": tensors(Tensor("x", (33,), type_number=2)),
    "absurd type": tensors(Tensor("x", type_number=2**31)),
    "offset off the grid": tensors(Tensor("x", offset=13)),
    "offset past the end": tensors(Tensor("x", offset=2**40)),
    "overlapping tensors": tensors(Tensor("x", offset=0)),
    "alignment of zero": keys(general__alignment=value(U32, 0)),
    "alignment of three": keys(general__alignment=value(U32, 3)),
    "alignment of 2^31": keys(general__alignment=value(U32, 2**31)),
    "alignment as text": keys(general__alignment=value(STRING, "32")),
    "no architecture": keys(general__architecture=None),
    "architecture that is no text": keys(general__architecture=value(STRING, b"\xff\xfe")),
    "empty vocabulary": keys(tokenizer__ggml__tokens=array(STRING, [])),
    "more experts used than there are": keys(
        llama__expert_count=value(U32, 4), llama__expert_used_count=value(U32, 5)
    ),
    "experts of which none is used": keys(llama__expert_count=value(U32, 4)),
    "version 0": lambda file: Gguf(file.keys, file.tensors, version=bytes(4)),
}  # fmt: skip


def test_counts_beyond_the_caps_are_refused_although_all_is_there(tmp_path: Path) -> None:
    many_keys = [string(f"k{number}") + value(U8, 1) for number in range(MAX_KEYS)]
    file = model()
    for content, what in (
        (Gguf(file.keys, file.tensors, more_keys=many_keys), "keys"),
        (file.with_keys(x=struct.pack("<IIQ", ARRAY, U8, 4_000_001) + bytes(4_000_001)), "items"),
    ):
        error = refusal(content.write(tmp_path / "m.gguf"))
        assert error.code == "gguf.damaged"
        assert what in str(error.facts["detail"])


def test_an_alignment_must_be_a_power_of_two(tmp_path: Path) -> None:
    file = model(alignment=96).with_keys(general__alignment=value(U32, 96))
    assert refusal(file.write(tmp_path / "m.gguf")).facts["detail"] == "alignment 96"


@pytest.mark.parametrize("stated", [0, 1001])
def test_layers_of_a_file_without_layer_names(stated: int, tmp_path: Path) -> None:
    file = model(layers=0).with_keys(llama__block_count=value(U32, stated))
    assert refusal(file.write(tmp_path / "m.gguf")).code == "gguf.layers"


def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = model().write(tmp_path / "m.gguf")
    # The last check before the handle is made: a good moment for another program to write.
    monkeypatch.setattr("models.gguf.check_model", lambda *_: os.utime(path, ns=(1, 1)))
    assert refusal(path).code == "gguf.changing"


@pytest.mark.parametrize("what", DAMAGED)
def test_damage_is_refused(what: str, tmp_path: Path) -> None:
    start = time.perf_counter()
    error = refusal(DAMAGED[what](model()).write(tmp_path / "m.gguf"))
    assert time.perf_counter() - start < 1
    assert isinstance(error, ModelFileDamaged)
    assert error.code == "gguf.damaged", error
    assert error.facts["detail"]


@pytest.mark.parametrize(
    "stated", [value(U32, 0), value(U32, 1), value(U32, 3), value(U32, 600),
               value(U32, 2**32 - 1), value(U64, 2**63), value(STRING, "2"), None]
)  # fmt: skip
def test_layers_that_contradict_the_weights(stated: bytes | None, tmp_path: Path) -> None:
    error = refusal(model(layers=2).with_keys(llama__block_count=stated).write(tmp_path / "m.gguf"))
    assert error.code == "gguf.layers"
    assert error.facts["found"] == 2


def test_layers_left_out_are_few(tmp_path: Path) -> None:
    file = model(layers=2).with_keys(
        llama__block_count=value(U32, 600), llama__nextn_predict_layers=value(U32, 1)
    )
    assert refusal(file.write(tmp_path / "m.gguf")).code == "gguf.layers"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (tensors(Tensor("x", type_number=43)), "gguf.newer_type"),
        (tensors(Tensor("x", type_number=4)), "gguf.retired_type"),
        (tensors(Tensor("x", type_number=31)), "gguf.retired_type"),
        (keys(general__architecture=value(STRING, "clip")), "gguf.projector"),
        (lambda file: Gguf(file.keys, []), "gguf.no_weights"),
        (keys(tokenizer__chat_template=value(STRING, b"{{ \xff }}")), "gguf.template_text"),
    ],
)
def test_other_refusals(change: Change, code: str, tmp_path: Path) -> None:
    assert refusal(change(model()).write(tmp_path / "m.gguf")).code == code


def test_truncated_by_one_byte_and_by_half(tmp_path: Path) -> None:
    content = model().build()
    path = tmp_path / "m.gguf"
    path.write_bytes(content[:-1])
    error = refusal(path)
    assert (error.code, error.facts["missing"]) == ("gguf.truncated", 1)
    assert "1 bytes are missing" in sentence_for(error)


def test_every_length_of_a_truncated_file_is_refused(tmp_path: Path) -> None:
    content = model().build()
    path = tmp_path / "m.gguf"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        assert refusal(path).code in {
            "gguf.empty", "gguf.text", "gguf.truncated_header", "gguf.truncated",
        }  # fmt: skip


def test_longer_than_needed_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(model().build() + bytes(100))
    assert open_model(path).header.block_count == 2


# --- what is no file -----------------------------------------------------------------------


def test_missing(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path / "m.gguf"), ModelFileAbsent)
    assert refusal(tmp_path / "m.gguf").code == "gguf.missing"
    (tmp_path / "file").write_text("x")
    assert refusal(tmp_path / "file" / "m.gguf").code == "gguf.missing"
    assert refusal(tmp_path / "nul\0nul.gguf").code == "gguf.missing"
    assert refusal(tmp_path / "half\ud800.gguf").code == "gguf.missing"


def test_folder_pipe_device_socket(tmp_path: Path) -> None:
    (tmp_path / "d.gguf").mkdir()
    assert refusal(tmp_path / "d.gguf").code == "gguf.folder"
    os.mkfifo(tmp_path / "p.gguf")
    assert refusal(tmp_path / "p.gguf").code == "gguf.special"
    assert refusal(Path("/dev/zero")).code == "gguf.special"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.gguf"))
        assert refusal(tmp_path / "s.gguf").code == "gguf.special"


def test_links(tmp_path: Path) -> None:
    (tmp_path / "loop.gguf").symlink_to(tmp_path / "loop.gguf")
    assert refusal(tmp_path / "loop.gguf").code == "gguf.not_readable"
    (tmp_path / "gone.gguf").symlink_to(tmp_path / "nothing")
    assert refusal(tmp_path / "gone.gguf").code == "gguf.missing"
    link = tmp_path / "link.gguf"
    link.symlink_to(model().write(tmp_path / "blob"))
    # Caches keep blobs behind links with the right names: the engine needs those names.
    assert open_model(link).handle.path == link


def test_not_readable() -> None:
    # Even root gets an input/output error from the first page of its own memory.
    assert refusal(Path("/proc/self/mem")).code == "gguf.not_readable"


def test_too_long_a_name_is_not_readable(tmp_path: Path) -> None:
    error = refusal(tmp_path / ("x" * 300 + ".gguf"))
    assert error.code == "gguf.not_readable"
    assert len(sentence_for(error)) <= 140


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model().write(tmp_path / "m.gguf")
    monkeypatch.chdir(tmp_path)
    assert open_model(Path("m.gguf")).handle.path == tmp_path / "m.gguf"


# --- split models --------------------------------------------------------------------------


def test_a_split_model_is_opened_by_any_part(tmp_path: Path) -> None:
    paths = split_model(tmp_path)
    for path in paths:
        checked = open_model(path)
        assert [file.path for file in checked.handle.files] == paths
        assert checked.handle.size == sum(path.stat().st_size for path in paths)
        assert checked.header.name == "Tiny Test"
        assert checked.parameters == 4 * 64


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    paths = split_model(tmp_path)
    paths[1].unlink()
    error = refusal(paths[0])
    assert error.code == "gguf.part_missing"
    assert "00002-of-00003" in sentence_for(error)


def test_a_renamed_part_is_told(tmp_path: Path) -> None:
    paths = split_model(tmp_path)
    assert refusal(paths[0].rename(tmp_path / "other.gguf")).code == "gguf.part_name"


def test_a_truncated_part(tmp_path: Path) -> None:
    paths = split_model(tmp_path)
    paths[2].write_bytes(paths[2].read_bytes()[:-5])
    error = refusal(paths[0])
    assert error.code == "gguf.truncated"
    assert "00003" in str(error.facts["name"])


def test_a_part_of_another_model(tmp_path: Path) -> None:
    paths = split_model(tmp_path)
    paths[1].write_bytes(paths[2].read_bytes())
    assert refusal(paths[0]).code == "gguf.part_stranger"


def test_parts_whose_weights_do_not_add_up(tmp_path: Path) -> None:
    paths = split_model(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    paths[1].write_bytes(split_model(other, layers=8)[1].read_bytes())
    assert refusal(paths[0]).code == "gguf.parts_mixed"


def test_layers_are_counted_over_all_parts(tmp_path: Path) -> None:
    paths = split_model(tmp_path)
    whole = model(3)
    first = {**whole.keys, "llama.block_count": b"\x04\0\0\0" + scalar(U32, 600)}
    first |= {
        "split.no": value(U16, 0),
        "split.count": value(U16, 3),
        "split.tensors.count": value(U32, 4),
    }
    Gguf(first, whole.tensors[0::3]).write(paths[0])
    assert refusal(paths[0]).code == "gguf.layers"
