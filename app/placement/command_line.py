"""The same plan as a command line of llama-server, to be copied."""

import shlex
from collections.abc import Sequence

from app.engine.entities import Plan


def command_line(paths: Sequence[str], plan: Plan, *, has_windows: bool) -> str:
    """What one would type to run the model at ``paths`` by ``plan`` with llama.cpp's own server."""
    words = ["llama-server", "-m", paths[0] if paths else "MODEL.gguf"]
    words += ["-c", str(plan.context_tokens), "-b", str(plan.batch_tokens)]
    words += ["-ub", str(plan.ubatch_tokens), "-ngl", str(plan.gpu_layers)]
    words += ["-np", "1"]  # a server makes room for four sequences otherwise
    if plan.threads:
        words += ["-t", str(plan.threads)]
    if plan.rpc_hosts:
        words += ["--rpc", ",".join(plan.rpc_hosts)]
    words += ["-dev", ",".join(plan.devices) if plan.devices else "none"]
    if plan.tensor_split:
        words += ["-ts", ",".join(f"{share:g}" for share in plan.tensor_split)]
    for override in plan.overrides:
        words += ["-ot", f"{override.pattern}={override.buffer}"]
    if plan.kv_type != "f16":
        words += ["-ctk", plan.kv_type, "-ctv", plan.kv_type]
    words += ["-fa", plan.flash_attention]
    if plan.load_mode == "read":
        words += ["--load-mode", "none"]
    if not plan.extra_buffer_types:
        words += ["--no-repack"]
    if plan.no_host:
        words += ["--no-host"]
    if not plan.op_offload:
        words += ["--no-op-offload"]
    if has_windows and plan.full_window_cache:
        words += ["--swa-full"]
    return shlex.join(words)
