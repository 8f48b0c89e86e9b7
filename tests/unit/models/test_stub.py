"""Stubs: what is dropped, what is kept byte for byte, and how little they take."""

import time
from pathlib import Path

import pytest

from models.errors import ModelFileDamaged, ModelFileError
from models.facts_reading import read_facts
from models.gguf import open_model
from models.stub import stub_of, write_stub
from tests.helpers.gguf_bytes import STRING, U32, Gguf, Tensor, array, model, split_model, value
from tests.helpers.gguf_edit import read_header
from tests.helpers.moe_models import write_model, write_sparse
from tests.helpers.moe_shapes import DEEPSEEK_V3, SMALL_DEEPSEEK2


def test_everything_but_the_tokenizer_is_kept(tmp_path: Path) -> None:
    original = write_model(SMALL_DEEPSEEK2, tmp_path / "small Model.gguf")
    (stub,) = stub_of(open_model(original), tmp_path)
    assert stub.name == "small-Model.gguf"
    before, after = read_header(original), read_header(stub)
    assert (after.tensor_count, after.tensors) == (before.tensor_count, before.tensors)
    kept = {key: raw for key, raw in before.keys.items() if not key.startswith("tokenizer.")}
    assert after.keys.pop("tokenizer.ggml.model") == value(STRING, "no_vocab")
    assert after.keys == kept
    assert after.data_size == before.data_size
    assert stub.stat().st_blocks * 512 < 64 * 1024 < 2**20 < stub.stat().st_size
    facts, known = read_facts(open_model(original).headers), read_facts(open_model(stub).headers)
    assert facts == known


def test_the_vocabulary_keeps_its_size(tmp_path: Path) -> None:
    listed = model().with_keys(llama__vocab_size=value(U32, 999))
    unlisted = listed.with_keys(tokenizer__ggml__tokens=None)
    for number, (source, size) in enumerate(((model(), 3), (listed, 3), (unlisted, 999))):
        (stub,) = write_stub([source.header()], tmp_path, f"m{number}")
        assert read_header(stub).keys["llama.vocab_size"] == value(U32, size)


def test_a_split_model_gets_a_stub_for_each_part(tmp_path: Path) -> None:
    paths = split_model(tmp_path)
    folder = tmp_path / "stubs"
    folder.mkdir()
    stubs = stub_of(open_model(paths[1]), folder)
    assert [stub.name for stub in stubs] == [path.name.replace("\\", "") for path in paths]
    opened = open_model(stubs[0])
    assert len(opened.headers) == 3
    assert opened.parameters == open_model(paths[0]).parameters
    assert [header.vocabulary for header in opened.headers] == [None] * 3
    assert "tokenizer.ggml.model" in read_header(stubs[0]).keys
    assert "tokenizer.ggml.model" not in read_header(stubs[1]).keys


def test_a_part_without_weights_is_its_header(tmp_path: Path) -> None:
    (stub,) = write_stub([Gguf(model().keys, []).header()], tmp_path)
    assert read_header(stub).tensor_count == 0
    assert stub.stat().st_size % 32 == 0


def test_alignment_is_kept(tmp_path: Path) -> None:
    tensors = [Tensor("token_embd.weight", size=256), Tensor("blk.0.attn_q.weight", size=256)]
    source = Gguf(model(1).keys, tensors, alignment=4096)
    source = source.with_keys(general__alignment=value(U32, 4096))
    (stub,) = write_stub([source.header()], tmp_path)
    assert stub.stat().st_size == 4096 + 4096 + 256


def test_more_bytes_than_the_header_do_not_matter_and_fewer_are_named(tmp_path: Path) -> None:
    header = model().header()
    (stub,) = write_stub([header + b"weights that arrived" * 99], tmp_path, "more")
    assert read_header(stub).tensors == header[-len(read_header(stub).tensors) :]
    with pytest.raises(ModelFileDamaged) as caught:
        write_stub([header[:-5]], tmp_path, "fewer")
    assert caught.value.code == "gguf.truncated_header"
    assert not (tmp_path / "fewer.gguf").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    write_stub([model().header()], tmp_path)
    with pytest.raises(FileExistsError):
        write_stub([model().header()], tmp_path)


def test_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    (stub,) = write_stub([model().header()], tmp_path, "../../owner/repo: Q4\0")
    assert stub.parent == tmp_path
    assert stub.is_file()


def test_a_file_that_changed_is_refused(tmp_path: Path) -> None:
    path = model().write(tmp_path / "a.gguf")
    checked = open_model(path)
    model(name="Another One").write(path)
    with pytest.raises(ModelFileError) as caught:
        stub_of(checked, tmp_path)
    assert caught.value.code == "gguf.changing"


def test_a_large_vocabulary_and_full_size_are_quick(tmp_path: Path) -> None:
    (sparse,) = write_sparse(DEEPSEEK_V3, tmp_path)
    edited = read_header(sparse)
    words = array(STRING, [f"word{number}" for number in range(260_000)])
    changes = {"tokenizer.ggml.tokens": words, "tokenizer.ggml.merges": words}
    large = edited.with_keys(changes).write(tmp_path / "large.gguf")
    checked = open_model(large)
    folder = tmp_path / "stubs"
    folder.mkdir()
    began = time.perf_counter()
    (stub,) = stub_of(checked, folder)
    assert time.perf_counter() - began < 2.0  # about 0.1 s
    assert stub.stat().st_blocks * 512 < 256 * 1024
    assert stub.stat().st_size > 400e9
    assert read_header(stub).keys["deepseek2.vocab_size"] == value(U32, 260_000)
