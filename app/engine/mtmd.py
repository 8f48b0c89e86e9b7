"""The only binding to llama.cpp's eyes: opens a projector, and reads pictures into a context.

The projector is opened when the first picture comes, and computes on the processor: who only
writes pays nothing for it. Whatever is wrong with a picture's bytes is met here, in the worker.
"""

import ctypes
import os
from collections import OrderedDict
from pathlib import Path
from typing import Any

import llama_cpp.mtmd_cpp as native

from app.engine.errors import RefusedError
from app.engine.hooks import EngineLog
from app.engine.vision import hash_of, slots_of
from app.pictures import trouble_with
from models.naming import shown_name

_KEPT = 4
"""Pictures that need not be unpacked again when a prompt is counted and then sent."""
_TEXT, _IMAGE = 0, 1
_NO_OPTIONS = native.mtmd_helper_init_opt_default


class Eyes:
    """One projector beside one loaded model. ``picture`` belongs to one thread."""

    def __init__(
        self, path: str, pointers: tuple[Any, Any], threads: int, ubatch_tokens: int, log: EngineLog
    ) -> None:
        """``pointers`` are the native model and its context, and outlive this."""
        self.name = shown_name(Path(path))
        self._path = path
        self._model, self._context = pointers
        self._threads = threads
        self._ubatch_tokens = ubatch_tokens
        self._log = log
        self._opened: Any = None
        self._kept: OrderedDict[str, SeenPicture] = OrderedDict()

    def open(self) -> None:
        """Read the projector, once. Raises RefusedError."""
        if self._opened:
            return
        native.mtmd_helper_log_set(self._log.callback, None)
        parameters = native.mtmd_context_params_default()
        parameters.use_gpu = False
        parameters.warmup = False
        parameters.print_timings = False
        parameters.n_threads = self._threads
        self._log.forget()
        opened = native.mtmd_init_from_file(os.fsencode(self._path), self._model, parameters)
        if not opened:
            raise RefusedError("engine.projector_refused", self._log.errors, name=self.name)
        if not native.mtmd_support_vision(opened):
            native.mtmd_free(opened)
            raise RefusedError("engine.projector_unknown", name=self.name)
        self._opened = opened

    def picture(self, data: bytes) -> "SeenPicture":
        """The picture in these bytes as the model will see it. Raises RefusedError."""
        self.open()
        key = hash_of(data)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._unpacked(data, key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found

    def _unpacked(self, data: bytes, key: str) -> "SeenPicture":
        if trouble := trouble_with(data):
            raise RefusedError("engine.image_damaged", trouble)
        self._log.forget()
        buffer = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
        wrapped = native.mtmd_helper_bitmap_init_from_buf_wrapper(
            self._opened, buffer, len(data), False, _NO_OPTIONS()
        )
        if not wrapped.bitmap:
            raise RefusedError("engine.image_damaged", self._log.errors)
        part = native.mtmd_input_part()
        part.bitmap = wrapped.bitmap
        parts = (ctypes.POINTER(native.mtmd_input_part) * 1)(ctypes.pointer(part))
        chunks = native.mtmd_input_chunks_init()
        status = native.mtmd_tokenize_from_parts(self._opened, chunks, parts, 1, False)
        native.mtmd_bitmap_free(wrapped.bitmap)
        seen = SeenPicture(self._opened, self._context, chunks, key, self._ubatch_tokens)
        if status or not seen.slots:
            raise RefusedError("engine.image_damaged", f"{status} {self._log.errors}")
        if native.mtmd_decode_use_mrope(self._opened) and not seen.ends_in_text:
            raise RefusedError("engine.projector_unknown", name=self.name)
        if seen.longest_at_once > self._ubatch_tokens:
            # The engine would end the worker: such a picture is computed in one go or not at all.
            raise RefusedError(
                "engine.image_at_once", tokens=seen.longest_at_once, longest=self._ubatch_tokens
            )
        return seen


class SeenPicture:
    """A picture, cut up and announced as its model was trained to see it."""

    def __init__(
        self, opened: Any, context: Any, chunks: Any, key: str, ubatch_tokens: int
    ) -> None:
        self._opened = opened
        self._context = context
        self._chunks = chunks
        self._ubatch_tokens = ubatch_tokens
        self._parts = [
            native.mtmd_input_chunks_get(chunks, at)
            for at in range(native.mtmd_input_chunks_size(chunks))
        ]
        self.slots = slots_of(key, [each for part in self._parts for each in _advances(part)])

    @property
    def ends_in_text(self) -> bool:
        """Whether words announce its end, so that what follows goes on from their position."""
        return bool(native.mtmd_input_chunk_get_type(self._parts[-1]) == _TEXT)

    def __del__(self) -> None:
        native.mtmd_input_chunks_free(self._chunks)

    @property
    def longest_at_once(self) -> int:
        """Tokens of its longest part that looks at all of itself."""
        return max(
            (
                int(native.mtmd_input_chunk_get_n_tokens(part))
                for part in self._parts
                if native.mtmd_input_chunk_get_type(part) == _IMAGE
                and native.mtmd_decode_use_non_causal(self._opened, part)
            ),
            default=0,
        )

    def read(self, position: int) -> int:
        """Append it to the context at ``position``; returns what decoding returns."""
        at = ctypes.c_int32(position)
        for part in self._parts:
            status = native.mtmd_helper_eval_chunk_single(
                self._opened, self._context, part, at.value, 0, self._ubatch_tokens, False,
                ctypes.byref(at),
            )  # fmt: skip
            if status:
                return int(status)
        return 0


def _advances(part: Any) -> list[bool]:
    """For each token of a part, whether it takes a position of its own."""
    tokens = int(native.mtmd_input_chunk_get_n_tokens(part))
    positions = int(native.mtmd_input_chunk_get_n_pos(part))
    return [place < positions for place in range(tokens)]
