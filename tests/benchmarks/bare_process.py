"""The yardstick: a plain loop over the low-level binding that prints nothing and keeps nothing.

Arguments: model file, threads. Commands: {"question", "tokens", "seed"}.
"""

import ctypes
import sys
import time
from typing import Any

import llama_cpp.llama_cpp as native

from tests.benchmarks.processes import answer_commands
from tests.benchmarks.prompts import CONTEXT_TOKENS, rendered


def _quiet(_level: int, _text: bytes, _data: Any) -> None:
    """Say nothing."""


_QUIET = native.llama_log_callback(_quiet)
"""Lives as long as the engine, which keeps a pointer to it."""


class BareLoop:
    """One model, one context, one sequence."""

    def __init__(self, path: str, threads: int) -> None:
        native.llama_log_set(_QUIET, None)
        native.llama_backend_init()
        parameters = native.llama_model_default_params()
        parameters.n_gpu_layers = 0
        self._model = native.llama_model_load_from_file(path.encode(), parameters)
        self._vocab = native.llama_model_get_vocab(self._model)
        context = native.llama_context_default_params()
        context.n_ctx = CONTEXT_TOKENS
        context.n_batch, context.n_ubatch = 2048, 512
        context.n_threads = context.n_threads_batch = threads
        context.no_perf = True
        self._context = native.llama_init_from_model(self._model, context)

    def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        """Decode so many tokens; times are those of the first and the last sampled token."""
        prompt = self._tokens(rendered(command["question"]))
        native.llama_memory_clear(native.llama_get_memory(self._context), True)
        array = (native.llama_token * len(prompt))(*prompt)
        native.llama_decode(self._context, native.llama_batch_get_one(array, len(prompt)))
        chain = _chain(command["seed"])
        count, seconds = self._decode(chain, command["tokens"])
        native.llama_sampler_free(chain)
        return {"tokens": count, "seconds": seconds, "prompt_tokens": len(prompt)}

    def _decode(self, chain: Any, limit: int) -> tuple[int, float]:
        one = (native.llama_token * 1)()
        batch = native.llama_batch_get_one(one, 1)
        piece = ctypes.create_string_buffer(64)
        text = bytearray()
        first = last = 0.0
        for count in range(limit):
            token = native.llama_sampler_sample(chain, self._context, -1)
            last = time.perf_counter()
            first = first or last
            if native.llama_vocab_is_eog(self._vocab, token):
                return count, last - first
            length = native.llama_token_to_piece(self._vocab, token, piece, 64, 0, False)
            text += piece.raw[:length]
            one[0] = token
            if count + 1 < limit:
                native.llama_decode(self._context, batch)
        return limit, last - first

    def _tokens(self, text: str) -> list[int]:
        data = text.encode()
        tokens = (native.llama_token * len(data))()
        count = native.llama_tokenize(self._vocab, data, len(data), tokens, len(data), False, True)
        return list(tokens[:count])


def _chain(seed: int) -> Any:
    """The application's default chain."""
    chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
    for sampler in (
        native.llama_sampler_init_top_k(40),
        native.llama_sampler_init_top_p(0.95, 1),
        native.llama_sampler_init_min_p(0.05, 1),
        native.llama_sampler_init_temp(0.7),
        native.llama_sampler_init_dist(seed),
    ):
        native.llama_sampler_chain_add(chain, sampler)
    return chain


if __name__ == "__main__":
    answer_commands(BareLoop(sys.argv[1], int(sys.argv[2])).answer)
