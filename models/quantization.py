"""What quantizations are called in file and folder names, and what a label says."""

import re
from dataclasses import dataclass
from typing import Final

from models.gguf_types import STORAGE_TYPES

_LABEL: Final = re.compile(
    r"(?<![A-Z0-9])"
    r"(?P<label>(?:UD-)?(?:"
    r"IQ[1-6]_(?:XXS|XS|NL|S|M|KSS|KS|KL|KT|K)|TQ[12]_0|MXFP4|NVFP4"
    r"|Q[1-8]_K(?:_(?:XXL|XL|XXS|XS|L|M|S))?|Q4_0_[48]_[48]|Q[1-8]_[01]"
    r"|BF16|FP16|F16|FP32|F32)(?:_MOE)?)"
    r"(?![A-Z0-9])"
)
_BITS: Final = re.compile(r"(?:I?Q|TQ|FP|BF|F)(\d+)")
_STORAGE_NAMES: Final = frozenset(storage.name for storage in STORAGE_TYPES.values())
_MIXED: Final = {"IQ2_M": "IQ2_S", "IQ3_M": "IQ3_S", "IQ3_XS": "IQ3_S"}
"""Labels of mixtures whose name no type has."""


@dataclass(frozen=True, slots=True)
class FoundLabel:
    """A label in a text: as it is shown, and where it begins and ends."""

    label: str
    start: int
    end: int


def last_label(text: str) -> FoundLabel | None:
    """The last quantization that ``text`` names, in capitals; None when it names none."""
    # Letters that take more room in capitals would shift what is found.
    capitals = "".join(up if len(up := letter.upper()) == 1 else letter for letter in text)
    last: FoundLabel | None = None
    for match in _LABEL.finditer(capitals):
        label = match["label"].replace("FP16", "F16").replace("FP32", "F32")
        last = FoundLabel(label.removesuffix("_MOE"), match.start(), match.end())
    return last


def bits_of(label: str) -> int:
    """Bits of most weights, 0 when the label does not say; "UD-Q4_K_XL" has 4, "BF16" 16."""
    found = _BITS.search(label)
    return int(found[1]) if found else 0


def main_type_of(label: str) -> str:
    """The storage type of most weights, "Q4_K" for "UD-Q4_K_XL"; empty when none is known."""
    name = label.removeprefix("UD-")
    name = _MIXED.get(name, name)
    while name and name not in _STORAGE_NAMES:
        name = name.rpartition("_")[0]
    return name
