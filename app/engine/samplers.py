"""Native samplers: a chain that chooses the next token, and a grammar that may forbid it.

A grammar is asked only about the token that the chain chose, and about all tokens only when it
forbids that one: asking about a whole vocabulary for every token would cost more than decoding.
"""

import ctypes
import math
from array import array
from collections.abc import Sequence
from typing import Any

import llama_cpp.llama_cpp as native

from app.engine.errors import RefusedError
from app.engine.sampling import Step

_ROW = 3
"""A candidate is three words of four bytes: token, logit, probability."""
_DRY_BREAKERS = (b"\n", b":", b'"', b"*")
"""Sequences are not followed over these: they begin something new."""


class Sampler:
    """Chooses tokens by the last token's logits. Free it after the answer."""

    def __init__(self, context: Any, vocab: Any, steps: Sequence[Step], *, size: int) -> None:
        """``size`` is the vocabulary's."""
        self._context = context
        self._vocab = vocab
        self._size = size
        self._chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
        for step in steps:
            sampler = _sampler_of(step, vocab, size)
            native.llama_sampler_chain_add(self._chain, sampler)
        self._grammar: Any = None
        self._candidates: _Candidates | None = None

    def set_grammar(self, grammar: str) -> None:
        """Let ``sample_constrained`` choose only what ``grammar`` (GBNF) allows.

        Raises RefusedError when the engine cannot use it.
        """
        self._grammar = native.llama_sampler_init_grammar(
            self._vocab, grammar.encode("utf-8"), b"root"
        )
        if not self._grammar:
            self._grammar = None
            raise RefusedError("engine.schema_refused")
        self._candidates = _Candidates(self._size)

    def sample(self) -> int:
        """Choose the next token."""
        return native.llama_sampler_sample(self._chain, self._context, -1)  # type: ignore[no-any-return]

    def sample_constrained(self, free: int | None = None) -> int:
        """Choose the next token that the grammar allows; ``free`` is allowed in any case.

        Raises RefusedError when no token is allowed.
        """
        candidates = self._candidates
        assert candidates is not None  # made with the grammar
        logits = native.llama_get_logits_ith(self._context, -1)
        candidates.fill(logits)
        token = self._chosen(candidates)
        if token == free:
            self.accept(token)
            return token
        if not self._allows(token):
            candidates.fill(logits)
            native.llama_sampler_apply(self._grammar, candidates.pointer)
            token = self._chosen(candidates)
            if not math.isfinite(candidates.chosen_logit):
                raise RefusedError("engine.schema_stuck")
        native.llama_sampler_accept(self._grammar, token)
        self.accept(token)
        return token

    def accept(self, token: int) -> None:
        """Take note of a token that was not sampled."""
        native.llama_sampler_accept(self._chain, token)

    def free(self) -> None:
        """Give the memory back."""
        native.llama_sampler_free(self._chain)
        if self._grammar is not None:
            native.llama_sampler_free(self._grammar)

    def _chosen(self, candidates: "_Candidates") -> int:
        native.llama_sampler_apply(self._chain, candidates.pointer)
        return candidates.chosen

    def _allows(self, token: int) -> bool:
        one = native.llama_token_data(token, 1.0, 0.0)
        alone = native.llama_token_data_array(ctypes.pointer(one), 1, -1, False)
        native.llama_sampler_apply(self._grammar, ctypes.byref(alone))
        return math.isfinite(one.logit)


class _Candidates:
    """All tokens with their logits, as native samplers take them and leave them."""

    def __init__(self, size: int) -> None:
        self._size = size
        fresh = array("i", bytes(size * _ROW * 4))
        fresh[::_ROW] = array("i", range(size))
        self._fresh = fresh.tobytes()
        self._rows = (native.llama_token_data * size)()
        self._logits = memoryview(self._rows).cast("B").cast("f")[1::_ROW]
        self._data: Any = ctypes.cast(self._rows, native.llama_token_data_p)
        self._array = native.llama_token_data_array(self._data, size, -1, False)
        self.pointer = ctypes.byref(self._array)

    def fill(self, logits: Any) -> None:
        """Begin anew: the samplers before have sorted and cut the rows."""
        ctypes.memmove(self._rows, self._fresh, len(self._fresh))
        given = ctypes.cast(logits, ctypes.POINTER(ctypes.c_float * self._size)).contents
        self._logits[:] = memoryview(given).cast("B").cast("f")
        self._array.data = self._data
        self._array.size = self._size
        self._array.selected = -1
        self._array.sorted = False

    @property
    def chosen(self) -> int:
        """The token that the chain chose."""
        return int(self._array.data[self._array.selected].id)

    @property
    def chosen_logit(self) -> float:
        """Its logit; minus infinity when it was forbidden."""
        return float(self._array.data[self._array.selected].logit)


def _sampler_of(step: Step, vocab: Any, size: int) -> Any:
    match step.name, step.numbers:
        case "penalties", (window, repetition, frequency, presence):
            return native.llama_sampler_init_penalties(
                size, int(window), repetition, frequency, presence
            )
        case "dry", (multiplier, base, length, window):
            breakers = (ctypes.c_char_p * len(_DRY_BREAKERS))(*_DRY_BREAKERS)
            return native.llama_sampler_init_dry(
                vocab, multiplier, base, int(length), int(window),
                breakers, len(_DRY_BREAKERS),
            )  # fmt: skip
        case "top_k", (count,):
            return native.llama_sampler_init_top_k(int(min(count, 2**31 - 1)))
        case "typical", (share,):
            return native.llama_sampler_init_typical(share, 1)
        case "top_p", (share,):
            return native.llama_sampler_init_top_p(share, 1)
        case "min_p", (share,):
            return native.llama_sampler_init_min_p(share, 1)
        case "xtc", (probability, threshold, seed):
            return native.llama_sampler_init_xtc(probability, threshold, 1, int(seed))
        case "temperature", (temperature,):
            return native.llama_sampler_init_temp(temperature)
        case "dist", (seed,):
            return native.llama_sampler_init_dist(int(seed))
        case "greedy", ():
            return native.llama_sampler_init_greedy()
    raise ValueError(f"no sampler for {step}")
