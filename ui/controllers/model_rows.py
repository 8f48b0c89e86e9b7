"""A repository's page as it is shown, made of what was looked up and judged so far."""

from collections.abc import Mapping

from app.library.errors import LibraryError
from app.library.hub_pages import RepositoryPage
from app.library.judged import JudgedRow, Judgement
from models.hub_entities import Gate
from models.hub_reference import HubReference
from models.naming import shorten
from models.repository import Quantization, RepositoryModel
from ui.controllers.fetches import Fetches
from ui.models.places import place_view
from ui.models.view import ModelView, Publisher, QuantizationRow
from ui.placement.words import speed_words
from ui.sentences import say

_BETWEEN = "|"


def row_key(number: int, quantization: Quantization) -> str:
    """Names a row among all models of a repository, of which this is the one with a number."""
    return f"{number}{_BETWEEN}{quantization.name}"


def chosen_by(key: str, page: RepositoryPage) -> tuple[RepositoryModel, Quantization] | None:
    """What a key names; None when the repository has it no longer."""
    number, _between, name = key.partition(_BETWEEN)
    for place, model in enumerate(page.contents.models):
        for quantization in model.quantizations:
            if (str(place), quantization.name) == (number, name):
                return model, quantization
    return None


def model_view(
    page: RepositoryPage,
    judgements: Mapping[int, Judgement],
    publishers: tuple[Publisher, ...],
    fetches: Fetches,
    *,
    asked_for: HubReference,
    free: int | None,
    card: str | None,
    trouble: str,
) -> ModelView:
    """What is known; ``free`` is what will be left on the library's disk, in bytes."""
    info = page.info
    rows: list[QuantizationRow] = []
    for number, model in enumerate(page.contents.models):
        rows += _rows(page, number, model, judgements.get(number), fetches, free)
    recommended, advice = _named(page, asked_for) or _recommended(page, judgements)
    parameters = _parameters(judgements) or info.parameters
    return ModelView(
        repository=info.id,
        name=_name(page),
        publishers=publishers or (Publisher(info.id, info.id.partition("/")[0], info.downloads),),
        licence=page.licence,
        is_gated=info.gate is not Gate.OPEN,
        architecture=info.architecture,
        base_model=info.base_models[0] if info.base_models else "",
        total_parameters=parameters,
        context_tokens=info.context_tokens,
        downloads=info.downloads,
        rows=tuple(rows),
        recommended=recommended,
        advice=advice,
        trouble=trouble,
        card=card,
    )


def _name(page: RepositoryPage) -> str:
    models = page.contents.models
    name = models[0].name if len(models) == 1 else ""
    return name or page.info.id.rpartition("/")[2]


def _rows(
    page: RepositoryPage, number: int, model: RepositoryModel, judgement: Judgement | None,
    fetches: Fetches, free: int | None,
) -> list[QuantizationRow]:  # fmt: skip
    judged = judgement.rows if judgement is not None else _unjudged(model)
    before = f"{model.name} " if len(page.contents.models) > 1 and model.name else ""
    return [_row(number, before, each, fetches, free) for each in judged]


def _unjudged(model: RepositoryModel) -> tuple[JudgedRow, ...]:
    """In the order in which they will be judged, so that nothing moves then."""
    ordered = sorted(model.quantizations, key=lambda each: (each.size_bytes, each.label, each.name))
    return tuple(JudgedRow(quantization=each, label=each.label) for each in ordered)


def _row(
    number: int, before: str, judged: JudgedRow, fetches: Fetches, free: int | None
) -> QuantizationRow:
    quantization, placement = judged.quantization, judged.placement
    state = fetches.of_files(frozenset(file.sha256 or "" for file in quantization.files))
    reason = judged.reason
    is_exact = judged.stage == "exact"
    size = quantization.size_bytes
    if quantization.projector is not None:
        size += quantization.projector.size  # comes with it
    left = None if free is None else free - size
    return QuantizationRow(
        key=row_key(number, quantization),
        label=f"{before}{judged.label or quantization.name}",
        size_bytes=size,
        bits=judged.bits_per_weight,
        stage=judged.stage,
        place=place_view(placement, is_exact=is_exact) if placement is not None else None,
        free_after_bytes=left if state.fetch == "absent" else None,
        reason=say(reason.code, reason.facts) if reason is not None else "",
        can_download=quantization.problem is None,
        sees_pictures=quantization.projector is not None,
        fetch=state.fetch,
        progress=state.progress,
    )


def _recommended(page: RepositoryPage, judgements: Mapping[int, Judgement]) -> tuple[str, str]:
    """The row to take and why: of the model with most quantizations, where there are several."""
    models = page.contents.models
    if not models:
        return "", ""
    number = max(range(len(models)), key=lambda each: len(models[each].quantizations))
    judgement = judgements.get(number)
    if judgement is None or judgement.recommended is None or judgement.why is None:
        return "", ""
    row = judgement.rows[judgement.recommended]
    advice = say(judgement.why.code, judgement.why.facts)
    if row.placement is not None and not row.is_folded:
        speed = speed_words(row.placement.predicted)
        advice = f"{advice} {say('models.advice', {'rate': speed})}"
    return row_key(number, row.quantization), advice


def _named(page: RepositoryPage, asked_for: HubReference) -> tuple[str, str] | None:
    """The row that a link named, if it is there."""
    try:
        meant = page.meant(asked_for)
    except LibraryError:
        return None
    if meant is None:
        return None
    number = page.contents.models.index(meant[0])
    label = meant[1].label or meant[1].name
    return row_key(number, meant[1]), say("models.asked_for", {"name": shorten(label)})


def _parameters(judgements: Mapping[int, Judgement]) -> int:
    return max((row.parameters for each in judgements.values() for row in each.rows), default=0)
