"""The planner: facts of a model, a machine and wishes become a placement. Pure code.

Order of sacrifice when not even attention and KV cache of all layers fit on the devices: a
smaller ubatch costs only prompt speed, a q8_0 cache hardly any quality, and then whole leading
layers go to RAM with their cache; a shorter context comes last, because it is what people notice
and because nobody asked for less. Everything that fits is compared by the expected time of a
turn, plain layer splits, single devices and the processor alone included.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.engine.entities import KvType
from app.placement.arrange import Rates, Room, arrangements
from app.placement.budgets import in_main_memory
from app.placement.engine_plan import engine_plan
from app.placement.entities import (
    PROCESSOR,
    ContextPrice,
    DeviceShare,
    Machine,
    MachineDevice,
    PlacedBytes,
    Placement,
    Verdict,
    Wishes,
)
from app.placement.layout import RAM, Arrangement, Parts, Setup, layer_places, weights_and_kv
from app.placement.speed import Estimate, SpeedModel
from app.placement.workspace import WorkSpace, WorkSpaces
from models.facts import ModelFacts

DEFAULT_CONTEXTS = (8192, 16384, 32768)
CONTEXT_STOPS = (4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288, 1048576)
_CONTEXT_STEP = 256
_KEPT_SPEED = 0.9
"""Of the speed with the shortest default context: what a longer one may cost."""
_UNLIMITED_CONTEXT = 32768
"""For a file that does not say how long a context its model was trained with."""
_UBATCHES = {"chat": (512,), "documents": (512, 2048)}
_SMALL_UBATCH = 256
_SPLIT_PRICE = 1.03
_FULL_CACHE_PRICE = 1.02
"""How much longer a turn may take for keeping the whole context in windowed layers."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One arrangement with all that decides about it."""

    parts: Parts
    arrangement: Arrangement
    bytes: dict[str, PlacedBytes]
    missing_bytes: int
    estimate: Estimate

    @property
    def rank(self) -> tuple[bool, int, float]:
        """Smaller is better: what fits, then what lacks least, then what is fastest.

        Layers split between RAM and devices must be worth their harder explanation.
        """
        split = bool(self.arrangement.devices) and self.arrangement.first_layer > 0
        seconds = self.estimate.turn_seconds * (_SPLIT_PRICE if split else 1)
        return self.missing_bytes > 0, self.missing_bytes, seconds

    @property
    def holds_all_layers(self) -> bool:
        """Whether all attention is on devices."""
        return bool(self.arrangement.devices) and self.arrangement.first_layer == 0


class Planner:
    """Plans one model on one machine."""

    def __init__(
        self, facts: ModelFacts, machine: Machine, wishes: Wishes, spaces: WorkSpaces
    ) -> None:
        self._facts = facts
        self._machine = machine
        self._wishes = wishes
        self._spaces = spaces
        self._speed = SpeedModel(facts, machine, wishes.priority)
        self._found: dict[int, Choice] = {}

    def plan(self) -> Placement:
        """The best placement, with the prices of other contexts."""
        choice = self.choose(self.context())
        longest = self._longest(choice)
        return self._placement(choice, longest, self._prices(longest))

    def context(self) -> int:
        """The wished context, or the largest default one that costs little speed."""
        limit = self._facts.trained_context_tokens or _UNLIMITED_CONTEXT
        if self._wishes.context_tokens is not None:
            return min(self._wishes.context_tokens, limit)
        sizes = [size for size in DEFAULT_CONTEXTS if size <= limit] or [limit]
        first = self.choose(sizes[0])
        best = sizes[0]
        for size in sizes[1:]:
            choice = self.choose(size)
            slower = first.estimate.token.total / choice.estimate.token.total
            if slower < _KEPT_SPEED or self.verdict(choice) != self.verdict(first):
                break
            best = size
        return best

    def choose(self, context_tokens: int) -> Choice:
        """The best arrangement for a context of so many tokens."""
        if context_tokens not in self._found:
            self._found[context_tokens] = self._search(context_tokens)
        return self._found[context_tokens]

    def verdict(self, choice: Choice) -> Verdict:
        """The class of a choice."""
        arrangement = choice.arrangement
        if choice.missing_bytes:
            return "too_large"
        if not arrangement.devices:
            return "cpu"
        return "gpu" if choice.holds_all_layers and all(arrangement.keeps) else "hybrid"

    # --- searching -------------------------------------------------------------------------

    def _search(self, context: int) -> Choice:
        fallback: Choice | None = None
        for setups in self._sacrifices(context):
            found = [each for setup in setups for each in self._candidates(setup)]
            best = min(found, key=lambda each: each.rank)
            if not self._machine.devices or any(each.holds_all_layers for each in found):
                return best
            if fallback is None or best.missing_bytes < fallback.missing_bytes:
                fallback = best  # what takes quality must bring more than a little speed
        assert fallback is not None
        return fallback

    def _sacrifices(self, context: int) -> Iterable[list[Setup]]:
        """Groups of setups, from what one wants to what one can bear."""
        wishes, kinds = self._wishes, self._facts.kv_types
        kv_type: KvType = wishes.kv_type or "f16"
        usual = (wishes.ubatch_tokens,) if wishes.ubatch_tokens else _UBATCHES[wishes.priority]
        yield [Setup(context, kv_type, ubatch) for ubatch in usual]
        if wishes.ubatch_tokens is None:
            usual = (_SMALL_UBATCH,)
            yield [Setup(context, kv_type, _SMALL_UBATCH)]
        if wishes.kv_type is None and "q8_0" in kinds:
            yield [Setup(context, "q8_0", ubatch) for ubatch in usual]

    def _candidates(self, setup: Setup) -> list[Choice]:
        """All choices for a setup; in windowed layers the whole context if that costs little."""
        full = self._compared(setup)
        if not any(layer.window_tokens for layer in self._facts.layers):
            return full
        windowed = self._compared(replace(setup, full_window_cache=False))
        wide, narrow = (min(each, key=lambda choice: choice.rank) for each in (full, windowed))
        limit = narrow.estimate.turn_seconds * _FULL_CACHE_PRICE
        keeps = wide.missing_bytes == 0 and wide.estimate.turn_seconds <= limit
        return full if keeps and wide.holds_all_layers >= narrow.holds_all_layers else windowed

    def _compared(self, setup: Setup) -> list[Choice]:
        parts = Parts(self._facts, setup)
        space = self._spaces.of(setup)
        fetch = self._fetch_bytes()
        kept = self._wishes.expert_layers
        rates = self._rates()
        rooms = self._rooms(parts, space, fetch)
        found = [
            self._choice(parts, space, arrangement)
            for arrangement in arrangements(parts, rooms, rates, kept)
        ]
        if fetch:
            # With nothing in RAM nothing is fetched, and there is that much more room.
            rooms = self._rooms(parts, space, 0)
            found += [
                self._choice(parts, space, arrangement)
                for arrangement in arrangements(parts, rooms, rates, kept)
                if all(arrangement.keeps) and not arrangement.first_layer
            ]
        if kept is not None:
            most = max(self._kept(each) for each in found)
            found = [each for each in found if self._kept(each) == most]
        return found

    def _kept(self, choice: Choice) -> int:
        places = zip(
            choice.arrangement.homes, choice.arrangement.keeps, choice.parts.movable, strict=True
        )
        return sum(1 for home, keeps, movable in places if home != RAM and keeps and movable)

    def _rooms(self, parts: Parts, space: WorkSpace, fetch: int) -> Sequence[Room]:
        rooms = []
        for device in self._machine.devices:
            if self._wishes.processor_only:
                continue
            left = device.budget_bytes - (fetch if self._borrows(device) else 0)
            rooms.append(
                Room(
                    device.name,
                    left - space.body,
                    left - space.head - parts.output,
                    1 / device.bytes_per_second,
                )
            )
        return rooms

    def _rates(self) -> Rates:
        facts, speed = self._facts, self._speed
        used = facts.experts_used / facts.experts if facts.experts else 1.0
        return Rates(1 / speed.ram_bytes_per_second, speed.crossing_seconds, used)

    def _fetch_bytes(self) -> int:
        """Room that a GPU needs for the experts it fetches from RAM to read a prompt."""
        return max((layer.largest_expert_bytes for layer in self._facts.layers), default=0)

    def _borrows(self, device: MachineDevice) -> bool:
        """Whether room for fetched experts must be added to a device's working memory.

        A rehearsal on the device itself has it already; one on a stand-in has not.
        """
        learned = self._spaces.are_learned and device.is_here
        return device.fetches_experts and not learned

    def _choice(self, parts: Parts, space: WorkSpace, arrangement: Arrangement) -> Choice:
        held = weights_and_kv(parts, arrangement)
        last = len(arrangement.devices) - 1
        fetches = not all(arrangement.keeps)
        for number, name in enumerate(arrangement.devices):
            compute = space.head if number == last else space.body
            if fetches and self._borrows(self._machine.device(name)):
                compute += self._fetch_bytes()
            held[name] = replace(held[name], compute=compute)
        ram = space.ram if arrangement.devices else space.ram_alone
        held[PROCESSOR] = replace(held[PROCESSOR], compute=ram)
        missing = missing_ram(self._machine, held)
        return Choice(
            parts, arrangement, held, missing, self._speed.estimate(parts, arrangement, missing)
        )

    # --- other contexts --------------------------------------------------------------------

    def _longest(self, choice: Choice) -> int:
        """The longest context with the same verdict and as many layers on devices."""
        limit = self._facts.trained_context_tokens or _UNLIMITED_CONTEXT
        low, high = choice.parts.setup.context_tokens, max(limit, choice.parts.setup.context_tokens)
        if self._keeps_place(choice, high):
            return high
        while high - low > _CONTEXT_STEP:
            middle = (low + high) // 2 // _CONTEXT_STEP * _CONTEXT_STEP
            if middle <= low:
                break
            if self._keeps_place(choice, middle):
                low = middle
            else:
                high = middle
        return low

    def _keeps_place(self, choice: Choice, context: int) -> bool:
        other = self.choose(context)
        return (
            self.verdict(other) == self.verdict(choice)
            and other.arrangement.first_layer <= choice.arrangement.first_layer
        )

    def _prices(self, longest: int) -> tuple[ContextPrice, ...]:
        limit = self._facts.trained_context_tokens or _UNLIMITED_CONTEXT
        stops = sorted({stop for stop in CONTEXT_STOPS if stop <= limit} | {longest})
        return tuple(self._price(stop) for stop in stops)

    def _price(self, context: int) -> ContextPrice:
        choice = self.choose(context)
        return ContextPrice(
            context_tokens=context,
            expert_layers=self._kept(choice),
            decode=1 / choice.estimate.token.total,
            verdict=self.verdict(choice),
        )

    # --- the result ------------------------------------------------------------------------

    def _placement(
        self, choice: Choice, longest: int, prices: tuple[ContextPrice, ...]
    ) -> Placement:
        facts, machine, arrangement = self._facts, self._machine, choice.arrangement
        verdict = self.verdict(choice)
        plan = engine_plan(
            facts, machine, arrangement, choice.parts.setup,
            repacked=choice.estimate.repacked, too_large=verdict == "too_large",
        )  # fmt: skip
        return Placement(
            plan=plan,
            shares=_shares(machine, arrangement, choice.bytes),
            layers=layer_places(facts, arrangement),
            verdict=verdict,
            missing_bytes=choice.missing_bytes,
            predicted=self._speed.prediction(choice.estimate),
            longest_context=longest,
            prices=prices,
            simulated=False,
            is_described=machine.is_described,
            stood_in=tuple(
                name for name in arrangement.devices if not machine.device(name).is_here
            ),
        )


def missing_ram(machine: Machine, held: dict[str, PlacedBytes]) -> int:
    """Bytes that main memory lacks; a GPU that computes in main memory takes from it too."""
    inside = [device.name for device in in_main_memory(machine)]
    needed = sum(held[name].total for name in (*inside, PROCESSOR) if name in held)
    return max(0, needed - machine.processor.budget_bytes)


def _shares(
    machine: Machine, arrangement: Arrangement, held: dict[str, PlacedBytes]
) -> tuple[DeviceShare, ...]:
    idle = [each.name for each in machine.devices if each.name not in arrangement.devices]
    names = (*arrangement.devices, *idle, PROCESSOR)
    return tuple(
        DeviceShare(device=machine.device(name), bytes=held.get(name, PlacedBytes()))
        for name in names
    )
