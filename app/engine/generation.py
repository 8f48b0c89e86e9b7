"""Answers one prompt: reads what is new of it, then decodes, samples and streams."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.engine.entities import SamplingParameters, StopReason, Timings
from app.engine.errors import RefusedError
from app.engine.hooks import CancelFlag
from app.engine.llama import ABORTED, LoadedModel
from app.engine.loop_guard import LoopGuard
from app.engine.prompt_cache import PromptCache
from app.engine.protocol import Finished, FromWorker, Reading, Tokens
from app.engine.reasoning import Splitter, ThinkingStyle, closer_of
from app.engine.samplers import Sampler
from app.engine.sampling import choose_seed, sampler_steps
from app.engine.textstream import StopStrings, Utf8Assembler
from app.engine.vision import Picture, pieces_of, position_of

FLUSH_SECONDS = 0.02
_READING_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Order:
    """A prompt that is ready to be answered."""

    request: int
    tokens: list[int]
    sampling: SamplingParameters
    splitter: Splitter
    arrived: float
    """``time.perf_counter()`` when the request reached the worker."""
    grammar: str = ""
    """What the answer is made to fit (GBNF); its thinking is free."""
    thinking_limit: int | None = None
    """Tokens after which thinking is ended; None sets no limit."""
    pictures: dict[int, Picture] = field(default_factory=dict)
    """By the place of their first slot among the tokens."""


class AnswerStream:
    """Turns tokens into text and reasoning; keeps what has not been sent yet."""

    def __init__(self, pieces: Callable[[int], bytes], order: Order) -> None:
        self._pieces = pieces
        self._bytes = Utf8Assembler()
        self._splitter = order.splitter
        self._stops = StopStrings(order.sampling.stop)
        self.text = ""
        self.reasoning = ""
        self.reasoning_tokens = 0
        self._characters = 0

    @property
    def stopped(self) -> bool:
        """Whether a stop string has come."""
        return self._stops.found

    @property
    def is_reasoning(self) -> bool:
        """Whether the stream is inside a thinking block."""
        return self._splitter.is_reasoning

    @property
    def is_answering(self) -> bool:
        """Whether the next token is part of the answer."""
        return self._splitter.is_answering

    @property
    def has_begun(self) -> bool:
        """Whether anything was thought or said yet."""
        return bool(self._characters)

    @property
    def is_whole(self) -> bool:
        """Whether no character is cut in two after the last token."""
        return not self._bytes.is_waiting

    def add(self, token: int) -> None:
        """Take the next token."""
        text = self._bytes.feed(self._pieces(token))
        if text:
            self._characters += len(text)
            part = self._splitter.feed(text)
            self.text += self._stops.feed(part.text)
            self.reasoning += part.reasoning
        if self._splitter.is_reasoning:
            self.reasoning_tokens += 1

    def finish(self) -> None:
        """Release what was held back: the answer is over."""
        part = self._splitter.flush()
        self.text += self._stops.feed(part.text) + self._stops.flush()
        self.reasoning += part.reasoning


class Answerer:
    """Answers orders one after another; what they share in ``cache`` is read once."""

    def __init__(
        self,
        model: LoadedModel,
        cache: PromptCache,
        style: ThinkingStyle | None,
        flag: CancelFlag,
        emit: Callable[[FromWorker], None],
    ) -> None:
        self._model = model
        self._flag = flag
        self._emit = emit
        self.cache = cache
        self._pieces: dict[int, bytes] = {}
        markers = style.markers if style else ()
        self._shown_specials = {
            token for text in markers if (token := model.vocabulary.special_token(text)) is not None
        }
        self._opener = model.vocabulary.special_token(style.first_marker) if style else None
        self._closer = model.vocabulary.tokenize(closer_of(style)) if style else []

    def answer(self, order: Order) -> None:
        """Answer with Reading, Tokens and Finished. Raises RefusedError."""
        total = len(order.tokens)
        if total >= self._model.context_tokens:
            raise RefusedError(
                "engine.prompt_too_long", tokens=total, context=self._model.context_tokens
            )
        if order.tokens[-1] < 0:  # the first word is chosen after text only
            raise RefusedError("engine.image_dropped", name=self._model.name)
        reused = self.cache.reuse(order.tokens)
        started = time.perf_counter()
        seed = choose_seed(order.sampling)
        if not self._read(order, reused, started):
            self._finish(order, _Progress(reused, started), "cancelled", seed)
            return
        progress = _Progress(reused, started, prompt_seconds=time.perf_counter() - started)
        self.cache.was_read(len(order.tokens) - reused, progress.prompt_seconds)
        sampler = self._model.sampler(sampler_steps(order.sampling, seed))
        try:
            if order.grammar:
                sampler.set_grammar(order.grammar)
            reason = self._decode(order, sampler, progress)
        finally:
            sampler.free()
        self._finish(order, progress, reason, seed)

    # --- prompt ----------------------------------------------------------------------------

    def _read(self, order: Order, reused: int, started: float) -> bool:
        """Read the rest of the prompt in pieces; False when it was cancelled."""
        total = len(order.tokens) - reused

        def tell(done: int, seconds: float) -> None:
            self._emit(
                Reading(
                    request=order.request, done=done, total=total, reused=reused, seconds=seconds
                )
            )

        tell(0, 0.0)
        said = started
        longest = self._model.ubatch_tokens
        for at, end, picture in pieces_of(order.tokens, order.pictures, reused, longest):
            piece = order.tokens[at:end]
            if self._flag.is_set():
                return False
            if picture is None:
                status = self._model.read(piece)
            else:
                status = picture.read(position_of(order.tokens, at))
            if not self._computed(status):
                return False
            self.cache.tokens += piece
            now = time.perf_counter()
            done = end - reused
            if now - said >= _READING_SECONDS or done == total:
                said = now
                tell(done, now - started)
        return True

    def _computed(self, status: int) -> bool:
        """Whether decoding went well; cancelled or not, the KV cache holds what is known."""
        if status == 0:
            return True
        self.cache.forget_from(len(self.cache.tokens))
        if status == ABORTED:
            return False
        detail = f"decoding gave {status}: {self._model.log_errors}"
        raise RefusedError("engine.decode_failed", detail, name=self._model.name)

    # --- answer ----------------------------------------------------------------------------

    def _decode(self, order: Order, sampler: Sampler, progress: "_Progress") -> StopReason:
        """The loop. What it calls for every token is bound to names before it begins."""
        clock, step = time.perf_counter, self._model.step
        is_cancelled, cached = self._flag.is_set, self.cache.tokens
        ends = self._model.vocabulary.end_tokens
        room = self._model.context_tokens - len(order.tokens)
        limit = room if order.sampling.max_tokens is None else order.sampling.max_tokens
        limit = min(limit, room)
        stream = AnswerStream(self._piece_of, order)
        sample = self._chooser(order, sampler, stream)
        guard = LoopGuard(self._piece_of) if order.sampling.loop_guard else None
        reason: StopReason = "length"
        count = 0
        flushed = last = 0.0
        while count < limit:
            token = sample()
            now = clock()
            if not count:
                progress.first_token = now
            if token in ends:
                reason = "stop"
                break
            count += 1
            last = now
            stream.add(token)
            if now - flushed >= FLUSH_SECONDS and self._send(order, stream, count):
                flushed = now
            if stream.stopped:
                reason = "stop_string"
                break
            progress.note(now, stream.is_reasoning)
            if guard is not None and guard.repeats(token):
                reason = "loop"
                break
            if count == limit:
                break
            if is_cancelled() or not self._computed(step(token)):
                reason = "cancelled"
                break
            cached.append(token)
        progress.generated, progress.last_token = count, last
        progress.reasoning_tokens = stream.reasoning_tokens
        stream.finish()
        self._send(order, stream, count)
        return reason

    def _chooser(self, order: Order, sampler: Sampler, stream: AnswerStream) -> Callable[[], int]:
        """What gives the next token: the plain sampler, unless something stands in its way."""
        if not order.grammar and (order.thinking_limit is None or not self._closer):
            return sampler.sample
        limit, forced = order.thinking_limit, list[int]()

        def choose() -> int:
            is_over = limit is not None and stream.reasoning_tokens >= limit
            if is_over and stream.is_reasoning and stream.is_whole and not forced:
                forced.extend(reversed(self._closer))
            if forced:
                token = forced.pop()
                sampler.accept(token)
                return token
            if order.grammar and stream.is_answering:
                return sampler.sample_constrained(None if stream.has_begun else self._opener)
            return sampler.sample()

        return choose

    def _piece_of(self, token: int) -> bytes:
        piece = self._pieces.get(token)
        if piece is None:
            special = token in self._shown_specials
            piece = self._pieces[token] = self._model.vocabulary.piece(token, special)
        return piece

    def _send(self, order: Order, stream: AnswerStream, count: int) -> bool:
        if not stream.text and not stream.reasoning:
            return False
        self._emit(
            Tokens(
                request=order.request, text=stream.text, reasoning=stream.reasoning, tokens=count
            )
        )
        stream.text = stream.reasoning = ""
        return True

    def _finish(self, order: Order, progress: "_Progress", reason: StopReason, seed: int) -> None:
        self.cache.answered(thought=progress.reasoning_tokens > 0)
        self._emit(
            Finished(
                request=order.request,
                stop_reason=reason,
                timings=progress.timings(order),
                seed=seed,
                context_used=len(self.cache.tokens),
            )
        )


@dataclass(slots=True)
class _Progress:
    """Moments of one answer, in seconds of ``time.perf_counter()``."""

    reused: int
    started: float
    prompt_seconds: float = 0.0
    first_token: float = 0.0
    last_token: float = 0.0
    reasoning_until: float = 0.0
    generated: int = 0
    reasoning_tokens: int = 0

    def note(self, now: float, is_reasoning: bool) -> None:
        """Remember when thinking was last seen."""
        if is_reasoning:
            self.reasoning_until = now

    def timings(self, order: Order) -> Timings:
        """The figures as the application stores them."""
        read = len(order.tokens) - self.reused
        decoding = self.last_token - self.first_token
        first = self.first_token
        return Timings(
            prompt_tokens=len(order.tokens),
            reused_tokens=self.reused,
            prompt_seconds=self.prompt_seconds,
            prompt_tokens_per_second=read / self.prompt_seconds if self.prompt_seconds else 0.0,
            seconds_to_first_token=first - order.arrived if first else 0.0,
            generated_tokens=self.generated,
            reasoning_tokens=self.reasoning_tokens,
            reasoning_seconds=max(0.0, self.reasoning_until - first),
            tokens_per_second=(
                (self.generated - 1) / decoding if self.generated > 1 and decoding > 0 else 0.0
            ),
        )
