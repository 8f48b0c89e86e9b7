"""The binding's own high-level class, streaming a chat as its users do.

Arguments: model file, threads. Commands: {"question", "tokens", "seed"}.
"""

import sys
import time
from typing import Any

import llama_cpp

from tests.benchmarks.processes import answer_commands
from tests.benchmarks.prompts import CONTEXT_TOKENS


class HighLevel:
    """``llama_cpp.Llama`` with the application's settings."""

    def __init__(self, path: str, threads: int) -> None:
        self._llama = llama_cpp.Llama(
            path,
            n_ctx=CONTEXT_TOKENS,
            n_batch=2048,
            n_ubatch=512,
            n_threads=threads,
            n_threads_batch=threads,
            flash_attn=True,
            verbose=False,
        )

    def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        """Stream so many tokens; times are those of the first and the last piece of text."""
        moments: list[float] = []
        stream: Any = self._llama.create_chat_completion(
            [{"role": "user", "content": command["question"]}],
            temperature=0.7, top_k=40, top_p=0.95, min_p=0.05,
            max_tokens=command["tokens"], seed=command["seed"], stream=True,
        )  # fmt: skip
        reason = ""
        for chunk in stream:
            choice = chunk["choices"][0]
            if choice["delta"].get("content"):
                moments.append(time.perf_counter())
            reason = choice["finish_reason"] or reason
        # A whole answer has one token per piece; pieces that end inside a character are rare.
        tokens = command["tokens"] if reason == "length" else len(moments)
        return {"tokens": tokens, "seconds": moments[-1] - moments[0]}


if __name__ == "__main__":
    answer_commands(HighLevel(sys.argv[1], int(sys.argv[2])).answer)
