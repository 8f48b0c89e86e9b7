"""A plan in the window's words: the sentences of ``app.placement.words``, prices, short counts."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from app.placement import words
from app.placement.entities import ContextPrice, DeviceShare, Placement, Prediction
from ui.chat.figures import percent
from ui.placement.view import PlacementView
from ui.sentences import say

_K = 1024
_NOTICED = 0.005
"""Changes of speed below this share are none."""


def device_names(shares: Sequence[DeviceShare]) -> dict[str, str]:
    """By device, a name of its own: two cards of one kind get numbers."""
    return words.device_names(shares, say)


def place_sentence(view: PlacementView) -> str:
    """Where the model is, as one sentence."""
    return words.place_sentence(view.placement, view.name, say, unified=view.unified_memory)


def speed_sentence(prediction: Prediction) -> str:
    """How fast it is and why not faster, as one sentence."""
    return words.speed_sentence(prediction, say)


def place_words(placement: Placement) -> str:
    """Where the model is, for one narrow line: "12 of 48 expert layers on RTX 4060, 36 in RAM"."""
    return words.place_words(placement, say)


def speed_words(prediction: Prediction) -> str:
    """How fast it is, for one narrow line: "9–12 tok/s"."""
    return words.speed_words(prediction, say)


def tokens_short(tokens: int) -> str:
    """16384 as "16k", 512 as "512"."""
    if tokens < _K:
        return str(tokens)
    return QCoreApplication.translate("placement", "{count}k").format(count=tokens // _K)


def price_words(price: ContextPrice, view: PlacementView, *, short: bool = False) -> str:
    """What another context window would cost; "" for the plan's own.

    As "3 expert layers to RAM, about 6 % slower", or ``short`` "3 layers to RAM, 6 % slower".
    """
    own = view.placement
    if price.context_tokens == own.plan.context_tokens:
        return ""
    if price.verdict == "too_large" and own.verdict != "too_large":
        return QCoreApplication.translate("placement", "does not fit")
    moved = own.expert_layers - price.expert_layers
    expected = own.predicted.decode.expected
    slower = 1 - price.decode / expected if expected else 0.0
    parts = [_moved_words(moved, dense=view.is_dense, short=short)] if moved else []
    share = percent(abs(slower))
    if not short and abs(slower) >= _NOTICED:
        share = QCoreApplication.translate("placement", "about {share}").format(share=share)
    if slower >= _NOTICED:
        text = QCoreApplication.translate("placement", "{share} slower")
        parts.append(text.format(share=share))
    elif slower <= -_NOTICED:
        text = QCoreApplication.translate("placement", "{share} faster")
        parts.append(text.format(share=share))
    return ", ".join(parts) or QCoreApplication.translate("placement", "costs no speed")


def _moved_words(moved: int, *, dense: bool, short: bool) -> str:
    """So many parts move to RAM, or back to GPUs when ``moved`` is negative."""
    translate = QCoreApplication.translate
    count = abs(moved)
    if short:
        unit = (
            translate("placement", "1 layer")
            if count == 1
            else translate("placement", "{count} layers")
        )
    elif dense:
        unit = (
            translate("placement", "1 feed-forward part")
            if count == 1
            else translate("placement", "{count} feed-forward parts")
        )
    else:
        unit = (
            translate("placement", "1 expert layer")
            if count == 1
            else translate("placement", "{count} expert layers")
        )
    if moved > 0:
        where = translate("placement", "{what} to RAM")
    else:
        where = translate("placement", "{what} to GPU")
    return where.format(what=unit.format(count=count))
