"""What one context has read: cutting it, and taking it out and putting it back whole."""

import ctypes
from typing import Any

import llama_cpp.llama_cpp as native


class KvMemory:
    """The KV cache (or recurrent state) of a context's only sequence."""

    def __init__(self, model: Any, context: Any) -> None:
        self._context = context
        self._memory = native.llama_get_memory(context)
        self._window_tokens = int(native.llama_model_n_swa(model))
        self.can_go_back = not (
            native.llama_model_is_recurrent(model) or native.llama_model_is_hybrid(model)
        )
        """Whether the end of what was read can be forgotten; a recurrent state cannot."""

    def clear(self) -> None:
        """Forget everything."""
        native.llama_memory_clear(self._memory, True)

    def forget_from(self, position: int) -> bool:
        """Remove positions from ``position`` on; False if that is impossible: then all are gone."""
        lost = self.oldest_kept() > self.first_needed(position)
        if not lost and native.llama_memory_seq_rm(self._memory, 0, position, -1):
            return True
        self.clear()
        return False

    def oldest_kept(self) -> int:
        """The first position that every layer still has; 0 also when nothing was read.

        A cache of the window alone writes over what has left it, and the engine goes back behind
        that without a word: its layers would attend to nothing.
        """
        if not self._window_tokens:
            return 0
        return max(0, int(native.llama_memory_seq_pos_min(self._memory, 0)))

    def first_needed(self, position: int) -> int:
        """The first position that a token at ``position`` attends to in layers with a window."""
        return max(0, position - self._window_tokens + 1)

    def state_bytes(self) -> int:
        """What ``state`` takes."""
        return int(native.llama_state_seq_get_size(self._context, 0))

    def state(self) -> bytearray:
        """Everything that was read, for ``put_back`` into a context made by the same plan."""
        data = bytearray(self.state_bytes())
        place = (ctypes.c_uint8 * len(data)).from_buffer(data)
        written = native.llama_state_seq_get_data(self._context, place, len(data), 0)
        del place
        return data[:written] if written < len(data) else data

    def put_back(self, data: bytearray) -> bool:
        """Put a state in the place of what was read; False if it is refused: then all is gone."""
        self.clear()
        place = (ctypes.c_uint8 * len(data)).from_buffer(data)
        if native.llama_state_seq_set_data(self._context, place, len(data), 0):
            return True
        self.clear()
        return False
