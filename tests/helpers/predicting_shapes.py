"""Shapes with layers that only predict ahead (multi-token prediction), as published files have."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from gguf import GGUFValueType

from tests.helpers.moe_shapes import DEEPSEEK_V3, SMALL_DEEPSEEK2, Key, MoeShape, Tensor


@dataclass(frozen=True, kw_only=True)
class PredictingShape(MoeShape):
    """Its last layers predict; ``layers`` counts them too, as files do."""

    predicting: int = 1

    def metadata(self) -> Iterator[Key]:
        yield from super().metadata()
        name = f"{self.architecture}.nextn_predict_layers"
        yield name, self.predicting, GGUFValueType.UINT32

    def tensors(self) -> Iterator[Tensor]:
        yield from super().tensors()
        width = self.embedding
        for layer in range(self.layers - self.predicting, self.layers):
            name = f"blk.{layer}.nextn."
            yield self._weights(f"{name}eh_proj", self.main_type, 2 * width, width)
            for norm in ("enorm", "hnorm", "shared_head_norm"):
                yield Tensor(f"{name}{norm}.weight", (width,), "F32")


def predicting(shape: MoeShape, count: int = 1) -> PredictingShape:
    """The same model with so many more layers, which predict."""
    values: dict[str, Any] = {each.name: getattr(shape, each.name) for each in fields(shape)}
    values["layers"] += count
    values["name"] += " that predicts"
    return PredictingShape(**values, predicting=count)


SMALL_PREDICTING = predicting(SMALL_DEEPSEEK2)
PREDICTING_V3 = predicting(DEEPSEEK_V3)
