"""The only binding to llama.cpp: load a model by a plan, tokenize, decode, sample.

Everything goes through the low-level module; the high-level class can place no tensors and
its loop is slower. ggml's own functions are resolved through the library that is loaded
already: opening it by name would make a second, empty list of devices.
"""

import ctypes
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as native
from llama_cpp import __version__ as _binding_version

from app.engine import ggml
from app.engine.devices import list_devices
from app.engine.entities import BufferLine, Device, DeviceMemory, Plan
from app.engine.errors import RefusedError
from app.engine.hooks import CancelFlag, EngineLog
from app.engine.kv_memory import KvMemory
from app.engine.memory_report import BufferReport, device_of_buffer
from app.engine.parameters import context_parameters, model_parameters, named_device
from app.engine.rpc import RpcHosts
from app.engine.samplers import Sampler
from app.engine.sampling import Step
from models.naming import shorten, shown_name

ABORTED = 2
"""What decoding returns when the cancel flag was set meanwhile."""

_GIB = 2**30
_ATTRIBUTE_CONTROL = native.LLAMA_TOKEN_ATTR_CONTROL | native.LLAMA_TOKEN_ATTR_UNKNOWN
_ATTRIBUTE_USER_DEFINED = native.LLAMA_TOKEN_ATTR_USER_DEFINED
_CROSSES_WORDS = re.compile(rb"[a-z]\xe2\x96\x81")
"""The end of a word before what stands for a space in vocabularies of the SPM kind."""
_LOOKS_LIKE_CONTROL = re.compile(rb"<[|\xef].*>|\[/?[A-Z_]+\]", re.S)
_NO_MEMORY = re.compile(
    r"(?:failed|unable) to allocate|out of memory|cannot allocate|bad_alloc", re.I
)
_NOT_ALLOCATED = re.compile(r"allocate (?:(\S+) )?buffer of size (\d{4,})")
_UNKNOWN_ARCHITECTURE = re.compile(r"unknown model architecture: '([^']*)'")


def engine_version() -> str:
    """Versions of the binding and of llama.cpp."""
    return f"llama-cpp-python {_binding_version}, llama.cpp {native.llama_version().decode()}"


def devices() -> tuple[Device, ...]:
    """What the engine can compute on; the processor is the last."""
    return list_devices(ggml.library)


def install_log(log: EngineLog) -> None:
    """Send llama.cpp's messages to ``log``, which must live as long as the process."""
    log.callback = native.llama_log_callback(log.receive)
    native.llama_log_set(log.callback, None)


class Vocabulary:
    """A model's tokens. Safe to use from two threads at once."""

    def __init__(self, model: Any) -> None:
        self._vocab = native.llama_model_get_vocab(model)
        self.size = int(native.llama_vocab_n_tokens(self._vocab))
        self.bos = int(native.llama_vocab_bos(self._vocab))
        self.eos = int(native.llama_vocab_eos(self._vocab))
        self.adds_bos = bool(native.llama_vocab_get_add_bos(self._vocab)) and self.bos >= 0
        self._special: dict[bytes, int] = {}
        control = []
        ends = []
        crosses = False
        for token in range(self.size):
            text = native.llama_vocab_get_text(self._vocab, token) or b""
            crosses = crosses or _CROSSES_WORDS.search(text) is not None
            attribute = native.llama_vocab_get_attr(self._vocab, token)
            if attribute & (_ATTRIBUTE_CONTROL | _ATTRIBUTE_USER_DEFINED):
                self._special[text] = token
                if attribute & _ATTRIBUTE_CONTROL or _LOOKS_LIKE_CONTROL.fullmatch(text):
                    control.append(text.decode("utf-8", "replace"))
            if native.llama_vocab_is_eog(self._vocab, token):
                ends.append(token)
        self.control_strings = tuple(control)
        self.end_tokens = frozenset(ends)
        self._crosses_words = crosses

    @property
    def pointer(self) -> Any:
        """As the engine's own functions take it."""
        return self._vocab

    @property
    def is_empty(self) -> bool:
        """Whether the model has no tokens of its own, so that it cannot speak."""
        return (
            self.size == 0 or native.llama_vocab_type(self._vocab) == native.LLAMA_VOCAB_TYPE_NONE
        )

    @property
    def splits_words(self) -> bool:
        """Whether no token goes from one word into the next.

        The BPE kind looks at words before it makes tokens. The SPM kind joins whatever its
        vocabulary has, so none there may hold the end of a word and the space after it.
        """
        kind = native.llama_vocab_type(self._vocab)
        joins = kind == native.LLAMA_VOCAB_TYPE_SPM and not self._crosses_words
        return bool(kind == native.LLAMA_VOCAB_TYPE_BPE or joins)

    def special_token(self, text: str) -> int | None:
        """The control or added token that is written ``text``."""
        return self._special.get(text.encode("utf-8", "replace"))

    def text_of(self, token: int) -> str:
        """How a special token is written in templates; empty for none."""
        if token < 0:
            return ""
        text: bytes | None = native.llama_vocab_get_text(self._vocab, token)
        return (text or b"").decode("utf-8", "replace")

    def tokenize(self, text: str) -> list[int]:
        """Tokens of ``text`` with control tokens recognized and nothing added."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        for _attempt in range(2):
            tokens = (native.llama_token * room)()
            count = native.llama_tokenize(self._vocab, data, len(data), tokens, room, False, True)
            if not -8 * room <= count < 0:
                break
            # A space is three bytes to some vocabularies, and one without it says them singly.
            room = -count
        if count < 0:
            raise RefusedError("engine.internal", f"tokenizing gave {count}")
        return list(tokens[:count])

    def piece(self, token: int, special: bool) -> bytes:
        """Bytes that a token adds to a text; control tokens add none unless ``special``."""
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = native.llama_token_to_piece(self._vocab, token, buffer, size, 0, special)
            if length >= 0:
                return buffer.raw[:length]
            size = -length


class LoadedModel:
    """A model with one context. Decoding belongs to one thread."""

    def __init__(
        self,
        paths: Sequence[str],
        plan: Plan,
        threads: tuple[int, int],
        log: EngineLog,
        flag: CancelFlag,
        on_progress: Callable[[float], None],
        rpc: RpcHosts,
    ) -> None:
        """Load by ``plan`` with ``threads`` for decoding and for prompts. Raises RefusedError."""
        self._log = log
        self._rpc = rpc
        self._devices = plan.devices
        self.name = shown_name(Path(paths[0]))
        """The file's name, short enough for a sentence."""
        rpc.connect(plan.rpc_hosts)
        free_before = self._free_bytes()
        report = BufferReport()
        log.watch = report.add
        log.forget()
        self._model = self._load(paths, plan, flag, on_progress)
        self.vocabulary = Vocabulary(self._model)
        if self.vocabulary.is_empty or not self._is_generative():
            raise self._refused("engine.not_chat_model")
        log.forget()
        self._context = self._make_context(plan, threads)
        abort = ctypes.cast(flag.reader, native.ggml_abort_callback)
        native.llama_set_abort_callback(self._context, abort, flag.address)
        # Native code reads the flag's byte as long as the context lives.
        self._abort = abort, flag
        self.memory = KvMemory(self._model, self._context)
        self.context_tokens = int(native.llama_n_ctx(self._context))
        self.ubatch_tokens = int(native.llama_n_ubatch(self._context))
        self._one = (native.llama_token * 1)()
        self._one_batch = native.llama_batch_get_one(self._one, 1)
        if plan.devices:
            self._warm_up(flag, on_progress)
        log.watch = None
        self.buffers: tuple[BufferLine, ...] = tuple(report.lines(plan.devices, rpc.buffers))
        """Every buffer that loading made."""
        self.device_memory = tuple(
            DeviceMemory(name, before, after)
            for name, before, after in zip(
                plan.devices, free_before, self._free_bytes(), strict=True
            )
        )
        """What the plan's devices had free before and after."""

    # --- facts -----------------------------------------------------------------------------

    @property
    def architecture(self) -> str:
        """As the file names it, "llama" or "deepseek2"."""
        return self._metadata("general.architecture")

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return int(native.llama_model_n_params(self._model))

    @property
    def layers(self) -> int:
        """Number of blocks."""
        return int(native.llama_model_n_layer(self._model))

    @property
    def trained_context_tokens(self) -> int:
        """The context window that the model was trained on."""
        return int(native.llama_model_n_ctx_train(self._model))

    @property
    def chat_template(self) -> bytes | None:
        """The template's source as it stands in the file."""
        template: bytes | None = native.llama_model_chat_template(self._model, None)
        return template

    @property
    def pointers(self) -> tuple[Any, Any]:
        """The model and its context as the engine's own functions take them."""
        return self._model, self._context

    @property
    def log_errors(self) -> str:
        """The engine's last errors."""
        return self._log.errors

    def _metadata(self, key: str) -> str:
        buffer = ctypes.create_string_buffer(256)
        length = native.llama_model_meta_val_str(self._model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if length >= 0 else ""

    def _is_generative(self) -> bool:
        return bool(
            native.llama_model_has_decoder(self._model)
            and not native.llama_model_has_encoder(self._model)
            and not native.llama_model_is_diffusion(self._model)
        )

    # --- computing -------------------------------------------------------------------------

    def sampler(self, steps: Sequence[Step]) -> Sampler:
        """A chain for one answer."""
        vocabulary = self.vocabulary
        return Sampler(self._context, vocabulary.pointer, steps, size=vocabulary.size)

    def read(self, tokens: Sequence[int]) -> int:
        """Append tokens to the context and compute them; 0 is well, else ``ABORTED`` or worse."""
        self._log.forget()
        array = (native.llama_token * len(tokens))(*tokens)
        batch = native.llama_batch_get_one(array, len(tokens))
        status = int(native.llama_decode(self._context, batch))
        # Devices besides the processor are still computing: progress and speed must be true.
        native.llama_synchronize(self._context)
        return status

    def step(self, token: int) -> int:
        """Append one token and compute it; as ``read``, without its cost."""
        self._one[0] = token
        return native.llama_decode(self._context, self._one_batch)  # type: ignore[no-any-return]

    # --- loading ---------------------------------------------------------------------------

    def _load(
        self,
        paths: Sequence[str],
        plan: Plan,
        flag: CancelFlag,
        on_progress: Callable[[float], None],
    ) -> Any:
        def report(fraction: float, _data: Any) -> bool:
            on_progress(fraction)
            return not flag.is_set()

        callback = native.llama_progress_callback(report)
        parameters, kept = model_parameters(plan)
        parameters.progress_callback = callback
        native.llama_backend_init()
        encoded = [os.fsencode(path) for path in paths]
        if len(encoded) == 1:
            model = native.llama_model_load_from_file(encoded[0], parameters)
        else:
            array = (ctypes.c_char_p * len(encoded))(*encoded)
            model = native.llama_model_load_from_splits(array, len(encoded), parameters)
        del kept
        if model:
            return model
        if flag.is_set():
            raise self._refused("engine.load_given_up")
        unknown = _UNKNOWN_ARCHITECTURE.search(self._log.errors)
        if unknown:
            raise self._refused("engine.unknown_architecture", architecture=shorten(unknown[1], 24))
        if _NO_MEMORY.search(self._log.errors):
            raise self._out_of_memory(sum(os.path.getsize(path) for path in paths))  # noqa: PTH202
        raise self._refused("engine.file_refused")

    def _make_context(self, plan: Plan, threads: tuple[int, int]) -> Any:
        parameters = context_parameters(plan, threads)
        context = native.llama_init_from_model(self._model, parameters)
        if context:
            return context
        if _NO_MEMORY.search(self._log.errors):
            raise self._out_of_memory(0)
        raise self._refused("engine.context_refused", context=plan.context_tokens)

    def _warm_up(self, flag: CancelFlag, on_progress: Callable[[float], None]) -> None:
        """Compute one full ubatch and forget it: a device's driver takes memory only then."""
        on_progress(1.0)
        count = min(self.ubatch_tokens, self.context_tokens)
        status = self.read([max(self.vocabulary.bos, 0)] * count)
        if status == ABORTED and flag.is_set():
            raise self._refused("engine.load_given_up")
        if status:
            # Drivers do not tell which device it was: most likely the one with the least left.
            free, device = min(zip(self._free_bytes(), self._devices, strict=True))
            raise self._lacking(0, free, device)
        self.memory.clear()

    def _free_bytes(self) -> list[int]:
        return [ggml.free_bytes_of(named_device(name)) for name in self._devices]

    def _out_of_memory(self, known_bytes: int) -> RefusedError:
        """``known_bytes`` are needed in main memory, if no device is named in the log."""
        asked = _NOT_ALLOCATED.findall(self._log.errors)
        for buffer, size in reversed(asked):
            device = device_of_buffer(buffer, self._devices, self._rpc.buffers)
            if device in self._devices:
                return self._lacking(int(size), ggml.free_bytes_of(named_device(device)), device)
        needed = max([known_bytes, *(int(size) for _, size in asked)])
        return self._lacking(needed, _available_memory(), "CPU")

    def _lacking(self, needed: int, free: int, device: str) -> RefusedError:
        gib = max(0.1, round(needed / _GIB, 1)), round(free / _GIB, 1)
        return self._refused("engine.out_of_memory", needed=gib[0], free=gib[1], device=device)

    def _refused(self, code: str, **facts: str | int | float) -> RefusedError:
        return RefusedError(code, self._log.errors, name=self.name, **facts)


def _available_memory() -> int:
    import psutil

    return int(psutil.virtual_memory().available)
