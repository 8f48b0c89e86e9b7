"""One column of the picture in words, for its line of text, screen readers and the table."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from app.amounts import memory_size
from ui.placement.columns import Column, PartKind


def column_title(column: Column) -> str:
    """What the column is: "Layer 12", "Token embedding", "Output head"."""
    translate = QCoreApplication.translate
    if column.kind == "input":
        return translate("placement", "Token embedding")
    if column.kind == "output":
        return translate("placement", "Output head")
    return translate("placement", "Layer {number}").format(number=column.index)


def part_title(kind: PartKind, *, has_experts: bool) -> str:
    """What a part is called in the middle of a line."""
    translate = QCoreApplication.translate
    experts = (
        translate("placement", "experts") if has_experts else translate("placement", "feed-forward")
    )
    return {
        "attention": translate("placement", "attention"),
        "shared": translate("placement", "shared experts"),
        "experts": experts,
        "other": translate("placement", "other weights"),
        "kv": translate("placement", "KV cache"),
    }[kind]


def column_words(column: Column, names: Mapping[str, str]) -> str:
    """All of a column in one line: "Layer 12: on RTX 4060: attention 18 MiB, …; in RAM: …"."""
    translate = QCoreApplication.translate
    by_device: dict[str, list[str]] = {}
    for kind, part in column.parts.items():
        words = translate("placement", "{part} {size}").format(
            part=part_title(kind, has_experts=column.has_experts), size=memory_size(part.bytes)
        )
        by_device.setdefault(part.device, []).append(words)
    groups = [
        translate("placement", "{device}: {parts}").format(
            device=names.get(device, device), parts=", ".join(parts)
        )
        for device, parts in by_device.items()
    ]
    return " · ".join([column_title(column), *groups])
