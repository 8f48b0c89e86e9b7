"""Plans derived for rehearsing: which models are alike, and the end of a plan alone."""

import msgspec

from app.engine.entities import BufferOverride, Plan
from app.engine.rehearsal_plans import model_part, tail_plan

PLAN = Plan(
    devices=("A", "B", "C"),
    gpu_layers=99,
    tensor_split=(10.0, 20.0, 11.0),
    overrides=(BufferOverride("1", "A"), BufferOverride("2", "C"), BufferOverride("x", "CPU")),
)
PLACES = ("A",) * 2 + ("B",) * 3 + ("C",) * 2


def test_a_tail_begins_with_its_device_and_keeps_the_rest_in_place() -> None:
    tail = tail_plan(PLAN, PLACES, "B")
    assert (tail.devices, tail.gpu_layers, tail.tensor_split) == (("B", "C"), 5, (3.0, 2.0))
    assert [override.buffer for override in tail.overrides] == ["CPU", "C", "CPU"]
    last = tail_plan(PLAN, PLACES, "C")
    assert (last.devices, last.gpu_layers, last.tensor_split) == (("C",), 2, (2.0,))
    assert last.context_tokens == PLAN.context_tokens


def test_only_what_concerns_a_model_makes_models_different() -> None:
    context = {
        "context_tokens": 1, "batch_tokens": 2, "ubatch_tokens": 3, "threads": 4,
        "prompt_threads": 5, "kv_type": "q4_0", "flash_attention": "on", "load_mode": "read",
        "op_offload": False, "full_window_cache": False,
    }  # fmt: skip
    model = {
        "devices": ("A",), "gpu_layers": 1, "tensor_split": (1.0,), "overrides": (),
        "extra_buffer_types": False, "no_host": True, "rpc_hosts": ("h:1",),
    }  # fmt: skip
    assert {*context, *model} == set(Plan.__struct_fields__)
    assert model_part(msgspec.structs.replace(PLAN, **context)) == model_part(PLAN)
    for name, content in model.items():
        assert model_part(msgspec.structs.replace(PLAN, **{name: content})) != model_part(PLAN)
