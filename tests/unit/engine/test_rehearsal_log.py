"""What is read from llama.cpp's words about a rehearsed model; the words are its own."""

import pytest

from app.engine.errors import RefusedError
from app.engine.rehearsal_log import read_context, read_layers

MIB = 2**20
SERVER = "RPC0[127.0.0.1:5000]"
COMPUTE = f"sched_reserve: {SERVER} compute buffer size =    97.00 MiB"


def cache(layers: dict[int, str], mebibytes: float, name: str = "llama_kv_cache") -> list[str]:
    return [
        *(f"{name}: layer {layer:3d}: dev = {device}" for layer, device in layers.items()),
        f"{name}: {SERVER} KV buffer size =     0.00 MiB",
        f"{name}: size = {mebibytes:7.2f} MiB (  8192 cells,  61 layers,  1/1 seqs), "
        "K (f16):  549.00 MiB, V (f16):    0.00 MiB",
    ]


def test_every_layer_and_the_output_head_last() -> None:
    lines = [
        "load_tensors: layer   0 assigned to device CPU, is_swa = 0",
        "create_tensor: loading tensor output.weight",
        "load_tensors: layer   2 assigned to device RPC1, is_swa = 0",
        "load_tensors: layer   1 assigned to device RPC0, is_swa = 1",
    ]
    assert read_layers(lines) == ("CPU", "RPC0", "RPC1")
    for incomplete in (lines[:3], []):
        with pytest.raises(RefusedError) as caught:
            read_layers(incomplete)
        assert caught.value.code == "placement.rehearsal_unread"


def test_a_cache_is_divided_by_layers() -> None:
    lines = [*cache({0: "CPU", 1: "RPC0", 2: "RPC0"}, 300.0), COMPUTE]
    sizes = read_context(lines, dict)
    assert sizes.cache_by_device == {"CPU": 100 * MIB, "RPC0": 200 * MIB}
    assert sizes.compute == {SERVER: 97 * MIB}


def test_layers_count_by_what_they_take_and_nothing_is_lost() -> None:
    lines = [*cache({0: "CPU", 1: "RPC0", 2: "RPC1"}, 700.01), COMPUTE]
    sizes = read_context(lines, lambda: {0: 512, 1: 1024, 2: 2048})
    assert sizes.cache_by_device["CPU"] == pytest.approx(100 * MIB, abs=9999)
    assert sizes.cache_by_device["RPC1"] == pytest.approx(400 * MIB, abs=9999)
    assert sum(sizes.cache_by_device.values()) == round(700.01 * MIB)


def test_on_one_device_nobody_is_asked_what_layers_take() -> None:
    def weigh() -> dict[int, int]:
        raise AssertionError

    assert read_context([*cache({0: "CPU", 1: "CPU"}, 1.5), COMPUTE], weigh).cache_by_device == {
        "CPU": 1.5 * MIB
    }


def test_a_window_cache_comes_besides() -> None:
    lines = [
        "llama_kv_cache_iswa: creating non-SWA KV cache, size = 8192 cells",
        *cache({1: "RPC0", 3: "CPU"}, 288.0),
        "llama_kv_cache_iswa: creating     SWA KV cache, size = 768 cells",
        "llama_kv_cache: layer   1: filtered",
        *cache({0: "RPC0", 2: "RPC0"}, 27.0),
        COMPUTE,
    ]
    assert read_context(lines, dict).cache_by_device == {"RPC0": 171 * MIB, "CPU": 144 * MIB}


def test_a_cache_that_is_allocated_is_told_by_buffer() -> None:
    lines = [
        "llama_memory_recurrent, layer   0: dev = RPC0",
        "llama_memory_recurrent, layer   1: dev = CPU",
        f"llama_memory_recurrent: {SERVER} RS buffer size =     3.00 MiB",
        "llama_memory_recurrent:        CPU RS buffer size =     1.00 MiB",
        "llama_memory_recurrent: size =    4.00 MiB (     1 cells,   2 layers,  1 seqs  0 rs_seq), "
        "R (f32):    2.00 MiB, S (f32):    2.00 MiB, P (f32):    0.00 MiB",
        COMPUTE,
    ]
    sizes = read_context(lines, dict)
    assert sizes.cache_by_buffer == {SERVER: 3 * MIB, "CPU": MIB}
    assert sizes.cache_by_device == {}


def test_only_the_last_reservation_counts() -> None:
    lines = [
        "llama_context:        CPU  output buffer size =     0.49 MiB",
        "sched_reserve: reserving ...",
        "sched_reserve:        CPU compute buffer size =     8.00 MiB",
        f"sched_reserve: {SERVER} compute buffer size =    10.00 MiB",
        "sched_reserve: reserving ...",
        "sched_reserve:        CPU compute buffer size =     9.00 MiB",
        "sched_reserve:        CPU compute buffer size =     1.00 MiB",
    ]
    sizes = read_context(lines, dict)
    assert sizes.compute == {"CPU": 10 * MIB}
    assert sizes.output == {"CPU": round(0.49 * MIB)}


@pytest.mark.parametrize(
    "lines",
    [[], cache({0: "CPU"}, 1.0), [*cache({}, 1.0), COMPUTE]],
    ids=["nothing", "no compute", "a cache of nobody"],
)
def test_what_makes_no_sense_is_refused(lines: list[str]) -> None:
    with pytest.raises(RefusedError) as caught:
        read_context(lines, dict)
    assert caught.value.code == "placement.rehearsal_unread"
