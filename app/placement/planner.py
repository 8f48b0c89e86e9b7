"""The planner: facts of a model, a machine and wishes become a placement. Pure code.

Order of sacrifice when not even attention and KV cache of all layers fit on the devices: a
smaller ubatch costs only prompt speed, a q8_0 cache hardly any quality, and then whole leading
layers go to RAM with their cache; a shorter context comes last, because it is what people notice
and because nobody asked for less. Everything that fits is compared by the expected time of a
turn, plain layer splits, single devices and the processor alone included.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

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
from app.placement.layout import (
    RAM,
    Arrangement,
    Parts,
    Setup,
    layer_places,
    total_bytes,
    weights_and_kv,
)
from app.placement.speed import Estimate, SpeedModel
from app.placement.workspace import WorkSpace, WorkSpaces
from models.facts import ModelFacts

DEFAULT_CONTEXTS = (8192, 16384, 32768)
SHORT_CONTEXTS = (4096, 2048)
"""Where nothing longer fits."""
CONTEXT_STOPS = (4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288, 1048576)
_CONTEXT_STEP = 256
_CONTEXT_PARTS = 128
"""Of a context: a smaller part makes no difference to anybody."""
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
    compute: Mapping[str, int]
    """Working memory by device, in bytes."""
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

    @property
    def bytes(self) -> dict[str, PlacedBytes]:
        """What every device that is used holds, the processor among them."""
        held = weights_and_kv(self.parts, self.arrangement)
        return {
            name: replace(amount, compute=self.compute.get(name, 0))
            for name, amount in held.items()
        }


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
        limit = self._limit
        if self._wishes.context_tokens is not None:
            return min(self._wishes.context_tokens, limit)
        sizes = [size for size in DEFAULT_CONTEXTS if size <= limit] or [limit]
        first = self.choose(sizes[0])
        best = sizes[0]
        if first.missing_bytes:
            # Nobody wished for so much: a short window is better than none.
            return next((size for size in SHORT_CONTEXTS if self._fits(size, limit)), best)
        for size in sizes[1:]:
            choice = self.choose(size)
            slower = first.estimate.token.total / choice.estimate.token.total
            if slower < _KEPT_SPEED or self.verdict(choice) != self.verdict(first):
                break
            best = size
        return best

    def _fits(self, context_tokens: int, limit: int) -> bool:
        return context_tokens <= limit and not self.choose(context_tokens).missing_bytes

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
        """The best choice of the first group that keeps all attention on devices.

        If none does, of the first group that fits at all: what takes quality must bring more
        than a little speed.
        """
        fallback: Choice | None = None
        for setups in self._sacrifices(context):
            found = [
                each
                for setup in setups
                if fallback is None or fallback.missing_bytes or self._may_hold_all(setup)
                for each in self._candidates(setup)
            ]
            if not found:
                continue
            best = min(found, key=lambda each: each.rank)
            can_hold_all = any(each.holds_all_layers for each in found)
            nothing_given_up = fallback is None and (can_hold_all or not self._machine.devices)
            if not best.missing_bytes and (best.holds_all_layers or nothing_given_up):
                return best
            if fallback is None or (fallback.missing_bytes and not best.missing_bytes):
                fallback = best
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
        fetch = self._fetch_bytes
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
                for arrangement in arrangements(parts, rooms, rates, kept, whole=True)
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

    def _may_hold_all(self, setup: Setup) -> bool:
        """Whether the attention of all layers may fit on devices; False when it cannot."""
        least = replace(setup, full_window_cache=False)
        parts = Parts(self._facts, least)
        rooms = self._rooms(parts, self._spaces.of(least), 0)
        return parts.fixed_sums[-1] <= sum(max(0, room.bytes) for room in rooms)

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
        speed = self._speed
        return Rates(1 / speed.ram_bytes_per_second, speed.crossing_seconds, speed.used_share)

    @cached_property
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
        last = len(arrangement.devices) - 1
        fetches = arrangement.first_layer > 0 or not all(arrangement.keeps)
        compute = {PROCESSOR: space.ram if arrangement.devices else space.ram_alone}
        for number, name in enumerate(arrangement.devices):
            compute[name] = space.head if number == last else space.body
            if fetches and self._borrows(self._machine.device(name)):
                compute[name] += self._fetch_bytes
        totals = total_bytes(parts, arrangement)
        missing = _missing(
            self._machine, {name: total + compute[name] for name, total in totals.items()}
        )
        estimate = self._speed.estimate(parts, arrangement, missing)
        return Choice(parts, arrangement, compute, missing, estimate)

    # --- other contexts --------------------------------------------------------------------

    def _longest(self, choice: Choice) -> int:
        """The longest context with the same verdict and as many layers on devices.

        Found to 256 tokens, or to less than a hundredth.
        """
        low = choice.parts.setup.context_tokens
        if choice.missing_bytes:
            return low
        # Prices are wanted at these anyway.
        stops = [stop for stop in self._stops() if stop > low]
        high = 0
        for stop in reversed(stops):
            if self._keeps_place(choice, stop):
                low = stop
                break
            high = stop
        while high - low > max(_CONTEXT_STEP, low // _CONTEXT_PARTS):
            middle = (low + high) // 2 // _CONTEXT_STEP * _CONTEXT_STEP
            if middle <= low:
                break
            if self._keeps_place(choice, middle):
                low = middle
            else:
                high = middle
        return low

    def _stops(self) -> list[int]:
        """Contexts that a person chooses among, and the longest of the model, shortest first."""
        limit = self._limit
        return sorted({stop for stop in CONTEXT_STOPS if stop < limit} | {limit})

    @property
    def _limit(self) -> int:
        return self._facts.trained_context_tokens or _UNLIMITED_CONTEXT

    def _keeps_place(self, choice: Choice, context: int) -> bool:
        other = self.choose(context)
        return (
            self.verdict(other) == self.verdict(choice)
            and other.arrangement.first_layer <= choice.arrangement.first_layer
        )

    def _prices(self, longest: int) -> tuple[ContextPrice, ...]:
        stops = {stop for stop in CONTEXT_STOPS if stop <= self._limit} | {longest}
        return tuple(self._price(stop) for stop in sorted(stops))

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
    return _missing(machine, {name: amount.total for name, amount in held.items()})


def _missing(machine: Machine, totals: Mapping[str, int]) -> int:
    inside = [device.name for device in in_main_memory(machine)]
    needed = sum(totals[name] for name in (*inside, PROCESSOR) if name in totals)
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
