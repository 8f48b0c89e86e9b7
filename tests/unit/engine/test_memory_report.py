"""Lines of the engine's log become buffers on devices."""

import pytest

from app.engine.entities import BufferLine
from app.engine.hooks import EngineLog
from app.engine.memory_report import BufferReport, device_of_buffer

MIB = 2**20
DEVICES = ("CUDA0", "CUDA1", "CUDA10", "MTL0", "RPC0", "RPC1")
RPC = {"RPC0[10.0.0.1:50052]": "RPC0", "RPC0[10.0.0.2:50052]": "RPC1"}


@pytest.mark.parametrize(
    ("buffer", "device"),
    [
        ("CPU", "CPU"),
        ("CPU_Mapped", "CPU"),
        ("CPU_REPACK", "CPU"),
        ("AMX", "CPU"),
        ("CUDA_Host", "CPU"),
        ("CUDA1", "CUDA1"),
        ("CUDA10", "CUDA10"),
        ("CUDA1_Split", "CUDA1"),
        ("MTL0_Mapped", "MTL0"),
        # Both hosts call their first device 0.
        ("RPC0[10.0.0.1:50052]", "RPC0"),
        ("RPC0[10.0.0.2:50052]", "RPC1"),
    ],
)
def test_every_buffer_is_somewhere(buffer: str, device: str) -> None:
    assert device_of_buffer(buffer, DEVICES, RPC) == device


def test_what_a_log_says_of_buffers() -> None:
    report = BufferReport()
    log = EngineLog(lambda _line: None)
    log.watch = report.add
    for level, text in [
        (2, b"load_tensors:   CPU_Mapped model buffer size =    67.50 MiB\n"),
        (2, b"load_tensors: RPC0[10.0.0.2:50052] model buffer size =    20.25 MiB\n"),
        (2, b"llama_kv_cache:  RPC0[10.0.0.1:50052] KV buffer size =     4.00 MiB\n"),
        (2, b"llama_kv_cache:  RPC0[10.0.0.1:50052] KV buffer size =     1.00 MiB\n"),
        (2, b"llama_memory_recurrent:      CUDA1 RS buffer size =     0.50 MiB\n"),
        (2, b"llama_context:        CPU  output buffer size =     0.25 MiB\n"),
        (2, b"sched_reserve:      CUDA1 compute buffer size =   100.00 MiB\n"),
        (2, b"sched_reserve:        CPU compute buffer size =     1.50 MiB\n"),
        (2, b"sched_reserve:      CUDA1 compute buffer size =   120.00 MiB\n"),
        (
            1,
            b"~llama_context: CUDA1 compute buffer size is 1.0 MiB, matches expectation of 1 MiB\n",
        ),
        (2, b"llama_kv_cache: size =    4.00 MiB (   512 cells,   6 layers,  1/1 seqs)\n"),
    ]:
        log.receive(level, text, None)
    assert report.lines(DEVICES, RPC) == [
        BufferLine("weights", "CPU_Mapped", "CPU", 67.5 * MIB),
        BufferLine("weights", "RPC0[10.0.0.2:50052]", "RPC1", 20.25 * MIB),
        BufferLine("kv_cache", "RPC0[10.0.0.1:50052]", "RPC0", 4 * MIB),
        BufferLine("kv_cache", "RPC0[10.0.0.1:50052]", "RPC0", 1 * MIB),
        BufferLine("kv_cache", "CUDA1", "CUDA1", MIB // 2),
        BufferLine("output", "CPU", "CPU", MIB // 4),
        BufferLine("compute", "CPU", "CPU", 1.5 * MIB),
        # Reserved a second time: only what was reserved last is there.
        BufferLine("compute", "CUDA1", "CUDA1", 120 * MIB),
    ]


def test_a_file_that_makes_the_engine_talk_fills_no_memory() -> None:
    report = BufferReport()
    for _ in range(20_000):
        report.add("load_tensors: CPU model buffer size = 1.00 MiB")
    assert len(report.lines((), {})) == 10_000


def test_the_log_shows_debugging_lines_to_who_watches_and_writes_none() -> None:
    written: list[bytes] = []
    seen: list[str] = []
    log = EngineLog(written.append)
    log.receive(1, b"unseen\n", None)
    log.watch = seen.append
    log.receive(1, b"layer   0: dev = CPU\n", None)
    log.receive(4, b"wrong\n", None)
    assert seen == ["layer   0: dev = CPU", "wrong"]
    assert written == [b"E wrong\n"]
    assert log.errors == "wrong"
