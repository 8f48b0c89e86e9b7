"""The command line to be copied says what the plan says."""

import shlex

from app.engine.entities import BufferOverride, Plan
from app.placement.command_line import command_line


def words(plan: Plan, paths: tuple[str, ...] = ("m.gguf",), *, windows: bool = False) -> list[str]:
    return shlex.split(command_line(paths, plan, has_windows=windows))


def after(said: list[str], option: str) -> str:
    return said[said.index(option) + 1]


def test_the_processor_alone() -> None:
    said = words(Plan(context_tokens=8192))
    assert said[:3] == ["llama-server", "-m", "m.gguf"]
    assert (after(said, "-c"), after(said, "-ub"), after(said, "-b")) == ("8192", "512", "2048")
    assert (after(said, "-ngl"), after(said, "-dev")) == ("0", "none")
    assert after(said, "-fa") == "auto"
    assert not {"-t", "--rpc", "-ts", "-ot", "-ctk", "--load-mode", "--no-repack", "--no-host",
                "--no-op-offload", "--swa-full"} & set(said)  # fmt: skip


def test_one_sequence_as_the_plan_has_it() -> None:
    """The server makes room for four otherwise."""
    assert after(words(Plan()), "-np") == "1"


def test_everything_that_a_plan_can_say() -> None:
    plan = Plan(
        context_tokens=65536, batch_tokens=4096, ubatch_tokens=4096, threads=7,
        devices=("RPC0", "CUDA0"), gpu_layers=62, tensor_split=(30.0, 32.0),
        overrides=(BufferOverride(r"blk\.(3|4)\.ffn_(up|down|gate|gate_up)_(ch|)exps", "CPU"),),
        kv_type="q8_0", flash_attention="on", load_mode="read", extra_buffer_types=False,
        no_host=True, op_offload=False, rpc_hosts=("10.0.0.2:50052", "10.0.0.3:50052"),
    )  # fmt: skip
    said = words(plan, windows=True)
    assert after(said, "-t") == "7"
    assert after(said, "--rpc") == "10.0.0.2:50052,10.0.0.3:50052"
    assert after(said, "-dev") == "RPC0,CUDA0"
    assert after(said, "-ts") == "30,32"
    assert after(said, "-ot") == r"blk\.(3|4)\.ffn_(up|down|gate|gate_up)_(ch|)exps=CPU"
    assert (after(said, "-ctk"), after(said, "-ctv")) == ("q8_0", "q8_0")
    assert after(said, "--load-mode") == "none"
    assert {"--no-repack", "--no-host", "--no-op-offload", "--swa-full"} <= set(said)


def test_the_whole_window_cache_is_said_only_of_models_with_windows() -> None:
    assert "--swa-full" not in words(Plan(), windows=False)
    assert "--swa-full" not in words(Plan(full_window_cache=False), windows=True)


def test_names_cannot_leave_their_place() -> None:
    """What is copied into a shell is one command, whatever files and patterns are called."""
    plan = Plan(overrides=(BufferOverride("a b;c", "CPU"),))
    said = words(plan, ("/models/my model; rm -rf $HOME `x` 'y'.gguf",))
    assert after(said, "-m") == "/models/my model; rm -rf $HOME `x` 'y'.gguf"
    assert after(said, "-ot") == "a b;c=CPU"


def test_of_a_split_model_the_first_file() -> None:
    said = words(Plan(), ("m-00001-of-00002.gguf", "m-00002-of-00002.gguf"))
    assert "m-00002-of-00002.gguf" not in said
    assert after(said, "-m") == "m-00001-of-00002.gguf"
