"""What a repository of GGUF files offers: its models, each with its quantizations.

File names are read leniently, since many repositories follow no grammar: the last label in a
name counts, else one of its folders'. What only accompanies a model is set aside.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, Protocol

from models.errors import KnownError, ModelFileAbsent, ModelFileError
from models.naming import ShardName, parse_shard, shorten
from models.quantization import bits_of, last_label

CompanionKind = Literal["projector", "imatrix", "draft", "adapter"]

_MAX_PATH = 1024
_MAX_NAME_BYTES = 255
_RAW_SPLIT = re.compile(r"(?P<whole>.+\.gguf)(?:\.part\d+of\d+|-split-[a-z])", re.I)
_DRIVE = re.compile(r"[A-Za-z]:")
_PROJECTOR = re.compile(r"mm-?proj", re.I)
_IMATRIX = re.compile(r"imatrix", re.I)
_ADAPTER = re.compile(r"(?:ggml-)?adapter[-_.]", re.I)
_DRAFT_FIRST = re.compile(r"(?:mtp|eagle3|dflash|dspark|draft)[-_.]", re.I)
_DRAFT_INSIDE = re.compile(r"(?<![a-z0-9])(?:eagle3|dflash|dspark|draft)(?![a-z0-9])", re.I)
_TRIMMED = re.compile(r"(?:[-_. ]+(?:i1|imat|imatrix|gguf))+$", re.I)
_SEPARATORS = re.compile(r"[-_. ]+")
_SAY_NOTHING = frozenset(("gguf", "ggml", "model", "models", "quants", "quant", "files", "i1"))


class RemoteFile(Protocol):
    """A file as the Hub lists it."""

    @property
    def path(self) -> str:
        """Inside the repository, with slashes."""
        ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    @property
    def sha256(self) -> str | None:
        """Of the content; None for a small file that is kept without."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantization:
    """One choice of a model: the files that make it up."""

    label: str
    """As shown, "UD-Q4_K_XL"; empty when no name tells."""
    name: str
    """The file's name without ending and part number: what tells apart two of one label."""
    files: tuple[RemoteFile, ...]
    """In the order of their parts."""
    projector: RemoteFile | None = None
    """What lets it see pictures, where the repository has it."""
    problem: KnownError | None = None
    """Why it cannot be used as it lies there."""

    @property
    def size_bytes(self) -> int:
        """Of all its files together, without the projector."""
        return sum(file.size for file in self.files)

    def bits_per_weight(self, parameters: int) -> float:
        """Bits that a weight takes on average, when there are so many; 0.0 when unknown."""
        return 8 * self.size_bytes / parameters if parameters > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryModel:
    """A model with its quantizations, the smallest first."""

    name: str
    """As the files have it; empty when they have nothing but a label."""
    quantizations: tuple[Quantization, ...]


@dataclass(frozen=True, slots=True)
class CompanionFile:
    """A file that accompanies a model and cannot chat alone."""

    kind: CompanionKind
    file: RemoteFile


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryContents:
    """What a repository offers."""

    models: tuple[RepositoryModel, ...]
    """By name."""
    companions: tuple[CompanionFile, ...]
    """By path."""
    refused: tuple[str, ...] = ()
    """Names that could lead out of a folder or deceive, made fit to be shown."""


@dataclass(slots=True)
class _Set:
    """Files that belong together."""

    folder: tuple[str, ...]
    stem: str
    parts: dict[int, RemoteFile]
    count: int = 1
    is_raw: bool = False

    @property
    def label(self) -> str:
        """From the name, else from the nearest folder that has one."""
        for text in (self.stem, *reversed(self.folder)):
            if found := last_label(text):
                return found.label
        return ""

    @property
    def base(self) -> str:
        """The model's name in the file's name."""
        return _without_label(self.stem)

    @property
    def place(self) -> tuple[str, ...]:
        """The folders that tell models apart: those without a label that say something."""
        return tuple(
            part
            for part in self.folder
            if last_label(part) is None and part.casefold() not in _SAY_NOTHING
        )

    @property
    def path(self) -> str:
        """Of the first file that there is."""
        return self.parts[min(self.parts)].path

    @property
    def problem(self) -> KnownError | None:
        if self.is_raw:
            return ModelFileError("repository.raw_split", name=shorten(self.stem))
        missing = self.count - len(self.parts)
        if missing <= 0:
            return None
        # As many as there are parts lie before the first gap at most.
        first = next(number for number in range(1, self.count + 1) if number not in self.parts)
        return ModelFileAbsent(
            "repository.part_missing", name=shorten(self.stem), count=missing, number=first
        )


def read_repository(files: Iterable[RemoteFile]) -> RepositoryContents:
    """Group a repository's files; what is no GGUF file is passed over.

    The result does not depend on the order of ``files``.
    """
    safe, refused = _safe_files(files)
    companions: list[CompanionFile] = []
    drafts: list[RemoteFile] = []
    rest: list[RemoteFile] = []
    for file in safe:
        kind, is_sure = _companion(file.path)
        if kind is not None and is_sure:
            companions.append(CompanionFile(kind, file))
        else:
            (drafts if kind else rest).append(file)
    if rest:
        companions += [CompanionFile("draft", file) for file in drafts]
    else:
        rest = drafts  # alone in a repository they are models like any other
    companions.sort(key=lambda each: each.file.path)
    projectors = [each.file for each in companions if each.kind == "projector"]
    models = _models(_sets(rest), projectors)
    return RepositoryContents(
        models=models, companions=tuple(companions), refused=tuple(sorted(refused))
    )


# --- files -----------------------------------------------------------------------------------


def _safe_files(files: Iterable[RemoteFile]) -> tuple[list[RemoteFile], list[str]]:
    """The GGUF files with usable names, by path and each once; and the names of the others."""
    safe: dict[str, RemoteFile] = {}
    refused = []
    for file in sorted(files, key=lambda each: (each.path, each.size)):
        name = file.path.rpartition("/")[2]
        if not name.casefold().endswith(".gguf") and not _RAW_SPLIT.fullmatch(name):
            continue
        if _is_safe(file.path) and file.size >= 0:
            safe.setdefault(file.path, file)
        else:
            refused.append(shorten(name or file.path))
    return list(safe.values()), refused


def _is_safe(path: str) -> bool:
    if len(path) > _MAX_PATH or not path.isprintable() or "\\" in path or _DRIVE.match(path):
        return False
    parts = path.split("/")
    return all(
        part not in ("", ".", "..") and len(part.encode()) <= _MAX_NAME_BYTES for part in parts
    )


def is_projector(path: str) -> bool:
    """Whether a file's name says that it lets a model see."""
    return _PROJECTOR.search(path.rpartition("/")[2]) is not None


def _companion(path: str) -> tuple[CompanionKind | None, bool]:
    """What a file accompanies a model as, and whether that is sure from its name alone."""
    name = path.rpartition("/")[2]
    if _PROJECTOR.search(name):
        return "projector", True
    if _IMATRIX.match(name) or (_IMATRIX.search(name) and last_label(name) is None):
        return "imatrix", True
    if _ADAPTER.match(name):
        return "adapter", True
    if _DRAFT_FIRST.match(name) or _DRAFT_INSIDE.search(name):
        return "draft", False
    return None, False


def _sets(files: Iterable[RemoteFile]) -> list[_Set]:
    """Parts of one split model together, every other file alone."""
    sets: dict[tuple[tuple[str, ...], str, int, bool], _Set] = {}
    for file in files:
        *folder, name = file.path.split("/")
        raw = _RAW_SPLIT.fullmatch(name)
        shard = parse_shard(name) or ShardName(re.sub(r"\.gguf$", "", name, flags=re.I), 1, 1)
        stem = re.sub(r"\.gguf$", "", raw["whole"], flags=re.I) if raw else shard.prefix
        key = tuple(folder), stem, shard.count, raw is not None
        found = sets.setdefault(key, _Set(tuple(folder), stem, {}, shard.count, raw is not None))
        number = len(found.parts) + 1 if raw else shard.number
        # "a.gguf" and "a.GGUF" are two files; a part that is there twice is not.
        if number in found.parts:
            sets[tuple(folder), name, shard.count, False] = _Set(
                tuple(folder), stem, {shard.number: file}, shard.count
            )
        else:
            found.parts[number] = file
    return list(sets.values())


# --- models ----------------------------------------------------------------------------------


def _models(sets: Sequence[_Set], projectors: Sequence[RemoteFile]) -> tuple[RepositoryModel, ...]:
    by_model: dict[tuple[str, ...], list[_Set]] = defaultdict(list)
    for each in sets:
        by_model[*map(_plain, each.place), _plain(each.base)].append(each)
    models = []
    for key in sorted(by_model):
        members = sorted(by_model[key], key=lambda each: each.path)
        first = members[0]
        choices = [_quantization(each, projectors) for each in members]
        choices.sort(key=lambda each: (each.size_bytes, each.label, each.files[0].path))
        name = "/".join((*first.place, first.base)) if first.base else "/".join(first.place)
        models.append(RepositoryModel(name=shorten(name, 80), quantizations=tuple(choices)))
    return tuple(models)


def _quantization(files: _Set, projectors: Sequence[RemoteFile]) -> Quantization:
    return Quantization(
        label=files.label,
        name=shorten(files.stem, 80),
        files=tuple(file for _number, file in sorted(files.parts.items())),
        projector=_projector_for(files, projectors),
        problem=files.problem,
    )


def _projector_for(files: _Set, projectors: Sequence[RemoteFile]) -> RemoteFile | None:
    """The projector in the deepest folder around the model, then the nearest in bits.

    Where several models lie side by side, one that has the model's name in its own comes first.
    """
    bits, base = bits_of(files.label), _plain(files.base)

    def rank(file: RemoteFile) -> tuple[bool, int, int, int, str]:
        *folder, name = file.path.split("/")
        found = last_label(name)
        distance = abs(bits_of(found.label if found else "") - bits)
        named = bool(base) and base in _plain(name)
        return not named, -len(folder), distance, file.size, file.path

    around = [
        file for file in projectors
        if _is_around(tuple(file.path.split("/")[:-1]), files.folder)
    ]  # fmt: skip
    return min(around, key=rank, default=None)


def _is_around(outer: tuple[str, ...], inner: tuple[str, ...]) -> bool:
    same = takewhile(lambda pair: pair[0] == pair[1], zip(outer, inner, strict=False))
    return sum(1 for _pair in same) == len(outer)


def _without_label(stem: str) -> str:
    """A file's stem without its label and what only goes with one."""
    found = last_label(stem)
    if found is None:
        return _TRIMMED.sub("", stem).strip("-_. ")
    before = _TRIMMED.sub("", stem[: found.start].rstrip("-_. "))
    after = stem[found.end :].strip("-_. ")
    after = "" if _TRIMMED.fullmatch(f"-{after}") else after
    return "-".join(part for part in (before.strip("-_. "), after) if part)


def _plain(text: str) -> str:
    """A name without its case and its kind of separators."""
    return _SEPARATORS.sub("-", text.casefold()).strip("-")
