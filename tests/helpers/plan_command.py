"""Runs ``main.py plan`` as a person would, and checks what every answer of it must hold."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.facts import ModelFacts
from tests.helpers.worker_process import ROOT

FIELDS = {
    "devices", "layers", "overrides", "context", "predicted", "longest_context", "verdict",
    "simulated", "command_line",
}  # fmt: skip
"""That everybody may rely on."""
MORE_FIELDS = {
    "missing_bytes", "described", "stood_in", "kv_type", "contexts", "plan", "notices",
}  # fmt: skip
PARTS = ("attention", "shared_experts", "routed_experts", "other_weights", "kv_cache", "compute")
_WEIGHTS = PARTS[:4]
_MIB = 2**20
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Planned:
    """What the command said, and how long it took."""

    value: dict[str, Any]
    seconds: float

    def bytes_of(self, part: str, device: str) -> int:
        """Bytes of one part on one device."""
        (found,) = (each for each in self.value["devices"] if each["name"] == device)
        return int(found["bytes"][part])

    def on_gpus(self, part: str) -> int:
        """Bytes of one part on all devices but the processor."""
        return sum(each["bytes"][part] for each in self.value["devices"][:-1])

    @property
    def expert_layers(self) -> tuple[int, int]:
        """Layers whose experts are on GPUs, and all that have some."""
        places = [each["experts"] for each in self.value["layers"] if each["experts"]]
        return sum(place != "CPU" for place in places), len(places)


def run_plan(file: Path, *options: str, data: Path | None = None) -> Planned:
    """Plan with a data folder of its own, so that nothing is remembered, unless ``data`` is one."""
    with tempfile.TemporaryDirectory(prefix="moestro-plan-") as folder:
        command = [sys.executable, str(ROOT / "main.py"), "--data-dir", str(data or folder)]
        began = time.perf_counter()
        ended = subprocess.run(
            [*command, "plan", str(file), "--json", *options],
            cwd=ROOT,
            env={**os.environ, "MOESTRO_DATA_DIR": folder},
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
        seconds = time.perf_counter() - began
    assert ended.returncode == 0, ended.stderr[-2000:]
    return Planned(json.loads(ended.stdout), seconds)


def wrong_in(planned: Planned, facts: ModelFacts) -> list[str]:
    """What an answer for the model of ``facts`` does not hold; an empty list when it is right."""
    value = planned.value
    wrong = []
    if set(value) != FIELDS | MORE_FIELDS:
        wrong.append(f"fields {sorted(set(value) ^ (FIELDS | MORE_FIELDS))}")
    if not value["simulated"]:
        wrong.append(f"not simulated: {value['notices']}")
    return [*wrong, *_wrong_bytes(value, facts), *_wrong_layers(value, facts)]


def _wrong_bytes(value: dict[str, Any], facts: ModelFacts) -> list[str]:
    wrong = []
    too_large = value["verdict"] == "too_large"
    for device in value["devices"]:
        held = device["bytes"]
        if set(held) != {*PARTS, "total"} or held["total"] != sum(held[part] for part in PARTS):
            wrong.append(f"sum of {device['name']}: {held}")
        may_lack = too_large and device["name"] == "CPU"
        if held["total"] > device["budget_bytes"] and not may_lack:
            wrong.append(f"over budget: {device['name']}")
    processor = value["devices"][-1]
    if processor["name"] != "CPU":
        wrong.append("the processor is not the last device")
    lacking = max(0, processor["bytes"]["total"] - processor["budget_bytes"])
    if value["missing_bytes"] != lacking or (lacking > 0) != too_large:
        wrong.append(f"missing {value['missing_bytes']}, {lacking} over")
    weights = sum(device["bytes"][part] for device in value["devices"] for part in _WEIGHTS)
    predicting = sum(layer.bytes.total for layer in facts.prediction_layers)
    if not facts.tied_embedding and weights != facts.weight_bytes - predicting:
        wrong.append(f"weights {weights}, in the file {facts.weight_bytes - predicting}")
    return [*wrong, *_wrong_caches(value, facts)]


def _wrong_caches(value: dict[str, Any], facts: ModelFacts) -> list[str]:
    """The engine's KV cache against our own arithmetic, on each device."""
    plan = value["plan"]
    expected: dict[str, int] = {}
    for place in value["layers"][:-1]:
        layer = facts.layers[place["layer"]]
        size = layer.kv_bytes(
            plan["kv_type"], value["context"], plan["ubatch_tokens"],
            full=plan["full_window_cache"],
        )  # fmt: skip
        expected[place["device"]] = expected.get(place["device"], 0) + size
    return [
        f"KV cache on {device['name']}: {device['bytes']['kv_cache']}, by arithmetic {size}"
        for device in value["devices"]
        if abs(device["bytes"]["kv_cache"] - (size := expected.get(device["name"], 0))) > _MIB // 8
    ]


def _wrong_layers(value: dict[str, Any], facts: ModelFacts) -> list[str]:
    layers, names = value["layers"], {device["name"] for device in value["devices"]}
    wrong = []
    if [place["layer"] for place in layers] != [*range(len(facts.layers)), "output"]:
        wrong.append("layers are not 0 to n-1 and the output")
    for place, layer in zip(layers, facts.layers, strict=False):
        has_experts = bool(layer.bytes.routed_experts)
        if facts.experts and (place["experts"] is not None) != has_experts:
            wrong.append(f"experts of layer {layer.index}: {place['experts']}")
        if place["experts"] not in (None, place["device"], "CPU"):
            wrong.append(f"layer {layer.index} computes on {place['device']} beside its experts")
    if not {place["device"] for place in layers} <= names:
        wrong.append("a layer on no device")
    return wrong
