"""Which tokens the KV cache holds, and how a prompt comes to read as few as possible.

What the cache shares with a prompt stays. What another conversation, a title or an earlier
version needs again is kept in main memory, and put back where that takes less time than reading
it: both are measured. State that the engine wrote continues bit for bit as if nothing had been
between (llama_state_seq_get_data and llama_state_seq_set_data).
"""

import logging
import time
from collections.abc import Sequence

import psutil

from app.engine.kept_states import KeptState, KeptStates, shared_beginning
from app.engine.kv_memory import KvMemory
from app.engine.vision import position_of, whole_pictures

log = logging.getLogger("moestro.worker")

_LEAST_TOKENS = 48
"""Fewer are read sooner than anybody notices."""
_COPIED_PER_SECOND = 1e9
"""Bytes, until it was measured: far below what any memory does."""
_SPARE_BYTES = 2**30
"""Of main memory: left to others, whatever would be kept."""


class PromptCache:
    """Belongs to the engine thread, but for ``has_read``."""

    def __init__(self, memory: KvMemory, room_bytes: int) -> None:
        """Other conversations may take ``room_bytes`` of main memory; 0 keeps none."""
        self._memory = memory
        self._kept = KeptStates(room_bytes)
        self.tokens: list[int] = []
        """In the KV cache, in order; whoever computes more appends them."""
        self._oldest = 0
        """The first position that every layer still has, after what was done last."""
        self._prompt_end = 0
        """How many of the tokens were the prompt that was read last; an answer follows them."""
        self._was_thought = False
        self._read_seconds = 0.0
        """Of one token, as measured last."""
        self._copied_per_second = _COPIED_PER_SECOND

    def has_read(self, tokens: Sequence[int]) -> int:
        """How many of ``tokens`` at their beginning need not be read; any thread may ask."""
        here = self._usable(self.tokens[:], self._oldest, tokens)
        return max([here, *(self._usable_of(each, tokens) for each in self._kept.states)])

    def reuse(self, tokens: Sequence[int]) -> int:
        """Make the cache hold what is known of ``tokens``; returns how many that are.

        Never all of them: the last one is computed again, because its logits choose the first word.
        """
        here = self._usable(self.tokens, self._oldest, tokens)
        best = max(self._kept.states, key=lambda each: self._usable_of(each, tokens), default=None)
        if here < self._prompt_end - _LEAST_TOKENS:
            # Not only the last answer goes, which the next prompt often has in other words.
            self._put_away(len(self.tokens) - here)
            here = min(here, len(self.tokens))
        more = self._usable_of(best, tokens) - here if best is not None else 0
        if best is not None and self._pays(best, more) and self._put_back(best):
            here = self._usable(self.tokens, self._oldest, tokens)
        self._prompt_end, self._was_thought = len(tokens), False
        return self.forget_from(here)

    def forget_from(self, count: int) -> int:
        """Cut the cache behind ``count`` tokens; returns how many are left."""
        at = position_of(self.tokens, count)
        kept = count if self._memory.forget_from(at) else 0
        del self.tokens[kept:]
        self.settle()
        return kept

    def answered(self, *, thought: bool) -> None:
        """The answer is over; the model had ``thought`` before or in it."""
        self._was_thought = thought
        self.settle()

    def settle(self) -> None:
        """After computing: see what the layers still have."""
        self._oldest = self._memory.oldest_kept()

    def was_read(self, tokens: int, seconds: float) -> None:
        """So many tokens took so long."""
        if tokens >= _LEAST_TOKENS and seconds > 0:
            self._read_seconds = seconds / tokens

    def forget_all(self) -> None:
        """Erase everything that was read."""
        self._kept.clear()
        self.forget_from(0)

    # --- what is known of a prompt ---------------------------------------------------------

    def _usable(self, held: Sequence[int], oldest: int, tokens: Sequence[int]) -> int:
        """Of ``tokens``, what a cache that holds ``held`` spares."""
        shared = whole_pictures(tokens, shared_beginning(held, tokens, len(tokens) - 1))
        needed = self._memory.first_needed(position_of(tokens, shared))
        # What cannot go back continues from its end or not at all.
        reaches = self._memory.can_go_back or shared == len(held)
        return shared if reaches and oldest <= needed else 0

    def _usable_of(self, state: KeptState, tokens: Sequence[int]) -> int:
        return self._usable(state.tokens, state.oldest, tokens)

    # --- main memory -----------------------------------------------------------------------

    def _pays(self, state: KeptState, more: int) -> bool:
        """Whether putting back is sooner done than reading so many tokens."""
        copying = len(state.data) / self._copied_per_second
        return more >= _LEAST_TOKENS and more * self._read_seconds > copying

    def _put_away(self, lost: int) -> None:
        """Keep what is in the cache before ``lost`` tokens of it go, if that is worth its time."""
        if lost < _LEAST_TOKENS or min(self.tokens) < 0:
            return  # a picture's state is more than its tokens tell
        # Templates leave earlier thinking out, and of layers with a window a state has no more than
        # the window at its end: that must be where the conversation goes on.
        end = min(self._prompt_end, len(self.tokens))
        if self._was_thought and not self.forget_from(end):
            return
        size = self._memory.state_bytes()
        worth = lost * self._read_seconds > size / self._copied_per_second
        free = psutil.virtual_memory().available - _SPARE_BYTES
        if not worth or size > min(self._kept.room_bytes, free):
            return
        began = time.perf_counter()
        data = self._memory.state()
        self._measured(len(data), time.perf_counter() - began)
        if not data:
            return  # the engine refused
        self._kept.add(KeptState(tuple(self.tokens), data, self._memory.oldest_kept()))

    def _put_back(self, state: KeptState) -> bool:
        began = time.perf_counter()
        if not self._memory.put_back(state.data):
            log.warning("a kept state of %d tokens was refused", len(state.tokens))
            self._kept.clear()
            self.tokens.clear()
            self.settle()
            return False
        self._measured(len(state.data), time.perf_counter() - began)
        self.tokens[:] = state.tokens
        self.settle()
        self._kept.used(state)
        return True

    def _measured(self, size: int, seconds: float) -> None:
        if seconds > 0 and size:
            self._copied_per_second = size / seconds
