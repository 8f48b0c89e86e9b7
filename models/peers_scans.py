"""Reads the folders of each program that keeps models, in the form that it gives them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from models.naming import shorten
from models.peers_walk import LocalModel, Walk, is_hollow
from models.quantization import last_label

_MODEL_LAYER = "application/vnd.ollama.image.model"
_DIGEST = re.compile(r"sha256[:-]([0-9a-f]{64})")
_OWN_REGISTRY = "registry.ollama.ai"
_OWN_NAMES = "library"
_HUBS = frozenset(("hf.co", "huggingface.co"))
_NAME_CHARACTERS = 80
_YAML_LINE = re.compile(r"(?P<key>[a-z_]+):[ \t]*(?P<value>\S.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A model as a program's folders describe it."""

    path: Path
    name: str
    size_bytes: int
    repository: str | None = None
    quantization: str | None = None
    may_not_load: bool = False


def scan_hub_cache(root: Path, walk: Walk) -> Iterator[Scanned]:
    """``models--owner--name/snapshots/<commit>/…``, the commit that is current first.

    The paths are those of the snapshots: only there do files have their names.
    """
    for folder in walk.folders(root):
        kind, *parts = folder.name.split("--")
        if kind != "models" or not parts:
            continue
        current = walk.text(folder / "refs" / "main").strip()
        snapshots = walk.folders(folder / "snapshots")
        snapshots.sort(key=lambda place: (place.name != current, place.name))
        for snapshot in snapshots:
            for model in walk.models(snapshot):
                yield _scanned(model, "/".join(parts))


def scan_publishers(root: Path, walk: Walk) -> Iterator[Scanned]:
    """``publisher/repository/file.gguf``; loose files are not that program's models."""
    for publisher in walk.folders(root):
        for repository in walk.folders(publisher):
            for model in walk.models(repository):
                yield _scanned(model, f"{publisher.name}/{repository.name}")


def scan_flat(root: Path, walk: Walk) -> Iterator[Scanned]:
    """Files side by side."""
    for model in walk.models(root, depth=0):
        yield _scanned(model, None)


def scan_jan(data: Path, walk: Walk) -> Iterator[Scanned]:
    """``llamacpp/models/<id…>/model.yml``, which says where the model is; ids have slashes."""
    models = data / "llamacpp" / "models"
    for description in walk.files(models):
        if description.name != "model.yml":
            continue
        told = _yaml(walk.text(description))
        inside = description.parent.relative_to(models)
        path = data / told["model_path"] if "model_path" in told else description.with_name(
            "model.gguf"
        )  # fmt: skip
        if "\0" in str(path) or not walk.is_whole(path):
            continue
        # The file has lost its name: what is left of it stands in the id.
        label = last_label(path.name) or last_label(inside.as_posix())
        size = path.stat().st_size
        yield Scanned(
            path=path,
            name=shorten(told.get("name") or inside.name, _NAME_CHARACTERS),
            size_bytes=size,
            quantization=label.label if label else None,
            may_not_load=is_hollow(path) or str(size) != told.get("size_bytes", str(size)),
        )


class _Layer(msgspec.Struct):
    mediaType: str = ""  # noqa: N815 - the manifest's own spelling
    digest: str = ""
    size: int = 0


class _Manifest(msgspec.Struct):
    layers: list[_Layer] = []


def scan_ollama(root: Path, walk: Walk) -> Iterator[Scanned]:
    """``manifests/<host>/<owner…>/<model>/<tag>``, which names blobs by their hash.

    Only a manifest proves that a blob is whole: an unfinished one has its full size already.
    """
    manifests = root / "manifests"
    for file in walk.files(manifests):
        names = file.relative_to(manifests).parts
        if len(names) < 4:
            continue
        host, *owner, model, tag = names
        blob = _blob(root, walk.text(file), walk)
        if blob is None:
            continue
        label = last_label(tag)
        is_own = host == _OWN_REGISTRY
        shown = [model] if is_own and owner == [_OWN_NAMES] else [*owner, model]
        yield Scanned(
            path=blob,
            name=shorten(f"{'/'.join(shown)}:{tag}", _NAME_CHARACTERS),
            size_bytes=blob.stat().st_size,
            repository=f"{owner[-1]}/{model}" if host in _HUBS else None,
            quantization=label.label if label else None,
            # What that program converted by itself can be in a form that only it reads.
            may_not_load=is_own,
        )


def _blob(root: Path, text: str, walk: Walk) -> Path | None:
    """The one model file of a manifest, if it is there and has its full size."""
    try:
        manifest = msgspec.json.decode(text, type=_Manifest)
    except (msgspec.DecodeError, RecursionError):
        return None
    layers = [layer for layer in manifest.layers if layer.mediaType == _MODEL_LAYER]
    digest = _DIGEST.fullmatch(layers[0].digest) if len(layers) == 1 else None
    if digest is None:
        return None
    for separator in ("-", ":"):
        path = root / "blobs" / f"sha256{separator}{digest[1]}"
        if walk.is_whole(path) and path.stat().st_size == layers[0].size:
            return path
    return None


def _scanned(model: LocalModel, repository: str | None) -> Scanned:
    name = model.name or model.quantization.name
    return Scanned(
        path=model.path,
        name=shorten(name, _NAME_CHARACTERS),
        size_bytes=model.quantization.size_bytes,
        repository=shorten(repository, 200) if repository else None,
        quantization=model.quantization.label or None,
        may_not_load=model.has_holes,
    )


def _yaml(text: str) -> dict[str, str]:
    """The plain top-level entries of a YAML file, quotes taken off."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = _YAML_LINE.fullmatch(line)
        if match:
            found.setdefault(match["key"], match["value"].strip().strip("'\""))
    return found
