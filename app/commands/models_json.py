"""Installed models, found repositories and judged quantizations as objects of plain values."""

from dataclasses import asdict
from typing import Any

from app.library.entities import InstalledModel
from app.library.hub_pages import RepositoryPage
from app.library.judged import JudgedRow
from app.placement.entities import Placement
from app.wording import sentence, sentence_for
from models.hub_entities import FoundRepository, Gate
from models.peers import FoundModel
from models.repository import RepositoryModel


def installed_object(model: InstalledModel) -> dict[str, Any]:
    """A model of the library."""
    origin = model.origin
    return {
        "key": model.key,
        "name": model.name,
        "quantization": model.quantization,
        "architecture": model.architecture,
        "parameters": model.parameters,
        "size": model.size_bytes,
        "demo": model.is_demo,
        "path": str(model.handle.path),
        "files": [str(file.path) for file in model.handle.files],
        "state": model.state,
        "verified": origin.verified,
        "verified_ms": model.verified_ms,
        "last_used_ms": model.last_used_ms,
        "licence": model.license,
        "repository": origin.repository,
        "commit": origin.commit,
        "program": origin.program,
        "owned": origin.is_owned,
    }


def repository_object(found: FoundRepository) -> dict[str, Any]:
    """A result of a search."""
    return {
        "repository": found.id,
        "architecture": found.architecture,
        "parameters": found.parameters,
        "context": found.context_tokens,
        "downloads": found.downloads,
        "likes": found.likes,
        "updated_ms": found.updated_ms,
        "licence": found.licence,
        "gated": found.gate is not Gate.OPEN,
        "base_models": list(found.base_models),
    }


def page_object(page: RepositoryPage, models: list[dict[str, Any]]) -> dict[str, Any]:
    """A repository, with its ``models`` as ``judged_object`` gives them."""
    info = page.info
    return {
        "repository": info.id,
        "commit": info.commit,
        "licence": page.licence,
        "gated": info.gate is not Gate.OPEN,
        "base_models": list(info.base_models),
        "architecture": info.architecture,
        "parameters": info.parameters,
        "context": info.context_tokens,
        "downloads": info.downloads,
        "likes": info.likes,
        "updated_ms": info.updated_ms,
        "companions": [
            {"kind": each.kind, "path": each.file.path, "size": each.file.size}
            for each in page.contents.companions
        ],
        "refused": list(page.contents.refused),
        "models": models,
    }


def judged_object(
    model: RepositoryModel, rows: list[dict[str, Any]], recommended: str | None, why: str | None
) -> dict[str, Any]:
    """A model of a repository with its quantizations."""
    return {"name": model.name, "quantizations": rows, "recommended": recommended, "why": why}


def row_object(row: JudgedRow, free_bytes: int | None) -> dict[str, Any]:
    """A quantization; ``free_bytes`` are those of the library's disk."""
    quantization = row.quantization
    free_after = None if free_bytes is None else free_bytes - quantization.size_bytes
    return {
        "label": row.label,
        "name": quantization.name,
        "size": quantization.size_bytes,
        "files": [file.path for file in quantization.files],
        "bits_per_weight": round(row.bits_per_weight, 3),
        "stage": row.stage,
        "free_after": free_after,
        "reason": None if row.reason is None else sentence(row.reason.code, row.reason.facts),
        "trouble": None if row.trouble is None else sentence_for(row.trouble),
        **_placement(row.placement),
    }


def _placement(placement: Placement | None) -> dict[str, Any]:
    if placement is None:
        return {"verdict": None}
    return {
        "verdict": placement.verdict,
        "missing_bytes": placement.missing_bytes,
        "simulated": placement.simulated,
        "context": placement.plan.context_tokens,
        "longest_context": placement.longest_context,
        "decode": asdict(placement.predicted.decode),
        "devices": [
            {
                "name": share.device.name,
                "kind": share.device.kind,
                "budget_bytes": share.device.budget_bytes,
                "bytes": share.bytes.total,
            }
            for share in placement.shares
        ],
    }


def found_object(found: FoundModel, *, is_known: bool) -> dict[str, Any]:
    """A model of another program; ``is_known`` says that the library has it."""
    return {
        "program": found.program.value,
        "name": found.name,
        "quantization": found.quantization,
        "repository": found.repository,
        "size": found.size_bytes,
        "path": str(found.path),
        "may_not_load": found.may_not_load,
        "in_library": is_known,
    }
