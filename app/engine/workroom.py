"""The worker's three threads and how requests travel between them.

The first thread of the process reads frames, so a cancellation or a ping is never behind a
computation. The text thread renders and tokenizes; the engine thread loads and decodes.
"""

import contextlib
import logging
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial

import psutil

from app.engine.cores import usable_cores
from app.engine.entities import ModelFacts
from app.engine.errors import RefusedError, SchemaError
from app.engine.generation import Answerer, Order
from app.engine.hooks import CancelFlag, EngineLog
from app.engine.kept_states import room_for_others
from app.engine.kernels import measure_this_computer
from app.engine.llama import LoadedModel, devices, engine_version, install_log
from app.engine.mtmd import Eyes
from app.engine.priorities import be_expendable, lower_thread_priority
from app.engine.prompt import PromptMaker
from app.engine.prompt_cache import PromptCache
from app.engine.protocol import (
    PROTOCOL_VERSION,
    Cancel,
    Counted,
    CountTokens,
    Devices,
    Failed,
    Forget,
    Generate,
    Hello,
    ListDevices,
    Load,
    Loaded,
    LoadProgress,
    Measured,
    MeasureSpeed,
    Measuring,
    Ping,
    Pong,
    ProtocolError,
    Rehearse,
    Rehearsed,
    Rendering,
    read_to_worker,
)
from app.engine.reasoning import ThinkingStyle, find_style, make_splitter, openers_of
from app.engine.rehearsal import Rehearsals
from app.engine.rpc import RpcHosts
from app.engine.sampling import thinking_limit, thinking_wish
from app.engine.sandbox import die_with_parent, lock_down
from app.engine.schema_grammar import grammar_of
from app.engine.template import ChatTemplate
from app.engine.thinking import thinking_support
from app.engine.traffic import Outbox, Requests

_PROGRESS_SECONDS = 0.1
_SWITCH_SECONDS = 0.001
"""How long one thread may keep the interpreter while decoding waits for it."""
_TEXT_NICENESS = 5

log = logging.getLogger("moestro.worker")

Job = Callable[[], None]


class Workroom:
    """Everything a worker is made of."""

    def __init__(self, outbox: Outbox, engine_log: EngineLog) -> None:
        self._outbox = outbox
        self._engine_log = engine_log
        self._flag = CancelFlag()
        self._requests = Requests(self._flag)
        self._rpc = RpcHosts()
        self._text_jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._engine_jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._load_asked = False
        self._rehearsals: Rehearsals | None = None
        self._model: LoadedModel | None = None
        self._answerer: Answerer | None = None
        self._style: ThinkingStyle | None = None
        self._prompts: PromptMaker | None = None
        self._eyes: Eyes | None = None

    def receive(self, incoming: int) -> None:
        """Read frames until the pipe closes. Raises ProtocolError."""
        with os.fdopen(incoming, "rb") as stream:
            for message in read_to_worker(stream):
                arrived = time.perf_counter()
                match message:
                    case Ping():
                        self._outbox.send(Pong())
                    case Cancel(request=number):
                        self._requests.cancel(number)
                    case Load():
                        self._begin_load(message)
                    case Generate(request=number):
                        self._begin(number, partial(self._prepare, message, arrived))
                    case ListDevices():
                        self._begin_listing(message)
                    case Rehearse():
                        self._begin_rehearsal(message)
                    case MeasureSpeed():
                        self._begin_measuring(message)
                    case CountTokens(request=number):
                        self._begin(number, partial(self._count, message))
                    case Forget():
                        self._engine_jobs.put(self._forget)

    # --- on the pipe's thread --------------------------------------------------------------

    def _begin_load(self, load: Load) -> None:
        if self._load_asked or self._rehearsals is not None or not load.paths:
            raise ProtocolError("a worker loads one model, once")
        self._load_asked = True
        # Threads inherit the lock, so it comes before they start.
        lock = load.sandbox and not load.plan.devices and not load.plan.rpc_hosts
        beside = (load.projector,) if load.projector else ()
        sandbox = ", ".join(lock_down((*load.paths, *beside))) if lock else ""
        self._requests.begin(0)
        self._start(self._engine_jobs, "engine", niceness=0)
        self._start(self._text_jobs, "text", niceness=_TEXT_NICENESS)
        self._engine_jobs.put(lambda: self._guarded(0, lambda: self._load(load, sandbox)))

    def _begin_listing(self, message: ListDevices) -> None:
        """On a thread that ends with it: a driver or a host may hang, and the pipe must not."""
        self._requests.begin(message.request)
        job = partial(self._guarded, message.request, partial(self._list_devices, message))
        threading.Thread(target=job, name="devices", daemon=True).start()

    def _begin_measuring(self, message: MeasureSpeed) -> None:
        self._requests.begin(message.request)
        job = partial(self._guarded, message.request, partial(self._measure, message))
        threading.Thread(target=job, name="measuring", daemon=True).start()

    def _begin_rehearsal(self, message: Rehearse) -> None:
        if self._load_asked or not message.jobs or not all(job.paths for job in message.jobs):
            raise ProtocolError("a worker rehearses something, or loads a model")
        if self._rehearsals is None:
            self._rehearsals = Rehearsals(self._engine_log)
            self._start(self._engine_jobs, "engine", niceness=0)
        self._requests.begin(message.request)
        job = partial(self._guarded, message.request, partial(self._rehearse, message))
        self._engine_jobs.put(job)

    def _begin(self, request: int, job: Job) -> None:
        if not self._load_asked:
            self._fail(request, RefusedError("engine.not_loaded"))
            return
        self._requests.begin(request)
        self._text_jobs.put(lambda: self._guarded(request, job))

    def _start(self, jobs: "queue.SimpleQueue[Job]", name: str, niceness: int) -> None:
        def work() -> None:
            lower_thread_priority(niceness)
            while True:
                jobs.get()()

        threading.Thread(target=work, name=name, daemon=True).start()

    # --- on either of the other threads ----------------------------------------------------

    def _guarded(self, request: int, job: Job) -> None:
        """Run a job; whatever it raises ends its request and not the worker."""
        try:
            job()
        except RefusedError as error:
            self._fail(request, error)
        except Exception as error:
            # Not its text, which may quote the conversation.
            kind = type(error).__name__
            places = "".join(traceback.format_tb(error.__traceback__))
            log.error("request %d: %s\n%s", request, kind, places)
            self._fail(request, RefusedError("engine.internal", kind))

    def _fail(self, request: int, error: RefusedError) -> None:
        self._requests.end(request)
        self._outbox.send(
            Failed(request=request, code=error.code, facts=error.facts, detail=error.detail)
        )

    # --- on a thread of its own ------------------------------------------------------------

    def _list_devices(self, message: ListDevices) -> None:
        self._rpc.connect(message.rpc_hosts)
        found = devices()
        self._requests.end(message.request)
        self._outbox.send(Devices(request=message.request, devices=found))

    def _measure(self, message: MeasureSpeed) -> None:
        def report(fraction: float) -> None:
            self._outbox.send(Measuring(request=message.request, fraction=fraction))

        speeds = measure_this_computer(message.type_names, message.seconds, report)
        self._requests.end(message.request)
        self._outbox.send(Measured(request=message.request, speeds=speeds))

    # --- on the text thread ----------------------------------------------------------------

    def _count(self, message: CountTokens) -> None:
        prompts = self._rendering(message)
        count = prompts.count(
            message.messages, message.thinking, resume=message.resume, pieces=message.pieces
        )
        assert self._answerer is not None  # made before the model could be rendered for
        counted = Counted(
            request=message.request,
            tokens=len(count.tokens),
            pieces=count.pieces,
            reused=self._answerer.cache.has_read(count.tokens),
            text=prompts.text_of(count.tokens) if message.shows else "",
        )
        self._requests.end(message.request)
        self._outbox.send(counted)

    def _prepare(self, message: Generate, arrived: float) -> None:
        prompts = self._rendering(message)
        thinking = message.thinking
        if thinking is None:
            thinking = thinking_wish(message.sampling)
        grammar = _grammar(message.sampling.json_schema)
        prompt = prompts.make(message.messages, thinking, resume=message.resume)
        order = Order(
            request=message.request,
            tokens=prompt.tokens,
            pictures=prompt.pictures,
            sampling=message.sampling,
            splitter=make_splitter(self._style, prompt.ending),
            arrived=arrived,
            grammar=grammar,
            thinking_limit=0 if thinking is False else thinking_limit(message.sampling),
        )
        self._engine_jobs.put(lambda: self._guarded(order.request, lambda: self._answer(order)))

    def _rendering(self, message: CountTokens | Generate) -> PromptMaker:
        """Announce that strangers' code is about to run, and compile it when it is new."""
        model = self._model
        if model is None:
            raise RefusedError("engine.not_loaded")
        if self._eyes is not None and any(each.images for each in message.messages):
            self._eyes.open()  # may take seconds the first time
        self._outbox.send(Rendering(request=message.request))
        if self._prompts is None:
            vocabulary = model.vocabulary
            tokens = {
                "bos_token": vocabulary.text_of(vocabulary.bos),
                "eos_token": vocabulary.text_of(vocabulary.eos),
            }
            template = ChatTemplate(model.chat_template, tokens, model.name)
            self._prompts = PromptMaker(
                template, vocabulary, model.context_tokens, model.name,
                splits_words=vocabulary.splits_words, openers=openers_of(self._style),
                look=self._eyes.picture if self._eyes is not None else None,
            )  # fmt: skip
        return self._prompts

    # --- on the engine thread --------------------------------------------------------------

    def _forget(self) -> None:
        if self._answerer is not None:
            self._answerer.cache.forget_all()

    def _load(self, load: Load, sandbox: str) -> None:
        started = time.perf_counter()
        before = psutil.Process().memory_info().rss
        cores = usable_cores()
        threads = load.plan.threads or cores, load.plan.prompt_threads or cores
        self._requests.run(0)
        model = LoadedModel(
            load.paths,
            load.plan,
            threads,
            self._engine_log,
            self._flag,
            self._progress(),
            self._rpc,
        )
        template = model.chat_template or b""
        vocabulary = model.vocabulary
        style = find_style(
            template.decode("utf-8", "replace"),
            lambda text: vocabulary.special_token(text) is not None,
        )
        if load.projector:
            self._eyes = Eyes(
                load.projector, model.pointers, threads[1], model.ubatch_tokens, self._engine_log
            )
        cache = PromptCache(model.memory, room_for_others())
        self._answerer = Answerer(model, cache, style, self._flag, self._outbox.send)
        self._style = style
        self._model = model
        facts = ModelFacts(
            architecture=model.architecture,
            parameters=model.parameters,
            layers=model.layers,
            trained_context_tokens=model.trained_context_tokens,
            context_tokens=model.context_tokens,
            vocabulary=vocabulary.size,
            has_chat_template=bool(template),
            supports_thinking=style is not None,
            thinking=thinking_support(template.decode("utf-8", "replace"), style),
            sees_images=self._eyes is not None,
            can_go_back=model.memory.can_go_back,
            memory_bytes=max(0, psutil.Process().memory_info().rss - before),
            sandbox=sandbox,
            threads=threads[0],
            load_seconds=time.perf_counter() - started,
            buffers=model.buffers,
            devices=model.device_memory,
        )
        self._requests.end(0)
        self._outbox.send(Loaded(facts=facts))

    def _rehearse(self, message: Rehearse) -> None:
        assert self._rehearsals is not None  # made before the message was put here
        for place, job in enumerate(message.jobs):
            answer = partial(Rehearsed, request=message.request, job=place)
            try:
                rehearsed = answer(result=self._rehearsals.rehearse(job))
            except RefusedError as error:
                rehearsed = answer(code=error.code, facts=error.facts, detail=error.detail)
            self._outbox.send(rehearsed)
        self._requests.end(message.request)

    def _progress(self) -> Callable[[float], None]:
        said = 0.0

        def report(fraction: float) -> None:
            nonlocal said
            now = time.perf_counter()
            if now - said >= _PROGRESS_SECONDS or fraction >= 1:
                said = now
                self._outbox.send(LoadProgress(fraction=min(max(fraction, 0.0), 1.0)))

        return report

    def _answer(self, order: Order) -> None:
        assert self._answerer is not None  # orders are made of a loaded model's template
        self._requests.run(order.request)
        self._answerer.answer(order)
        self._requests.end(order.request)


def run(incoming: int, outgoing: int) -> int:
    """Work until the pipe closes, then end at once, whatever is being computed."""
    die_with_parent()
    be_expendable()
    logging.basicConfig(stream=sys.stderr, format="%(levelname).1s %(message)s")
    sys.setswitchinterval(_SWITCH_SECONDS)
    engine_log = EngineLog(_write_log)
    install_log(engine_log)
    time.localtime()  # reads the time zone while its file may still be opened
    outbox = Outbox(outgoing)
    outbox.send(Hello(protocol=PROTOCOL_VERSION, engine=engine_version()))
    code = 0
    try:
        Workroom(outbox, engine_log).receive(incoming)
    except ProtocolError as error:
        log.error("the application spoke nonsense: %s", error)
        code = 2
    # The other threads may be inside native code: only leaving without a farewell is prompt.
    os._exit(code)


def _grammar(json_schema: str) -> str:
    """The grammar of a schema, empty without one."""
    try:
        return grammar_of(json_schema) if json_schema.strip() else ""
    except SchemaError as error:
        raise RefusedError(error.code, "", **error.facts) from error


def _write_log(line: bytes) -> None:
    with contextlib.suppress(OSError):
        os.write(2, line)
