"""What the Hub tells about repositories of models, as far as this program uses it."""

from dataclasses import dataclass
from enum import StrEnum


class Gate(StrEnum):
    """Whether a repository's files are open to everyone."""

    OPEN = "open"
    AUTOMATIC = "auto"
    """To who accepts its terms."""
    MANUAL = "manual"
    """To whom its owner lets in."""


class SearchSort(StrEnum):
    """Orders of a search; the values are the Hub's."""

    TRENDING = "trendingScore"
    DOWNLOADS = "downloads"
    LIKES = "likes"
    UPDATED = "lastModified"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """One search for GGUF models. The Hub looks for ``text`` in names only."""

    text: str = ""
    sort: SearchSort = SearchSort.TRENDING
    licence: str = ""
    """As the Hub tags it, such as ``apache-2.0``; empty for any."""
    author: str = ""
    tags: tuple[str, ...] = ()
    """More tags that all must be there, such as ``base_model:Qwen/Qwen3-8B``."""
    least_parameters: int = 0
    most_parameters: int = 0
    """0 for no bound."""
    page_size: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRepository:
    """One result of a search. What the Hub left out is empty, 0 or None."""

    id: str
    downloads: int
    likes: int
    trending: int
    updated_ms: int
    """Unix milliseconds."""
    gate: Gate
    licence: str
    base_models: tuple[str, ...]
    tags: tuple[str, ...]
    architecture: str
    parameters: int
    """Of one of its files; the others may differ."""
    context_tokens: int

    @property
    def publisher(self) -> str:
        """Who uploaded it."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Results in the Hub's order."""

    models: tuple[FoundRepository, ...]
    next: str | None
    """Hand it to the next search of the same query; None when there is no more."""


@dataclass(frozen=True, slots=True)
class RepositoryFile:
    """One file of a commit."""

    path: str
    """As the Hub says it: hostile until made safe."""
    size: int
    """Bytes."""
    sha256: str | None
    """None for small files, which git keeps."""
    git_sha1: str | None = None
    """The blob's id in git; of large files it names only a pointer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryInfo:
    """A repository at one commit. What the Hub left out is empty, 0 or None."""

    id: str
    """As the Hub writes it now, which differs from what was asked for after a renaming."""
    commit: str
    gate: Gate
    disabled: bool
    licence: str
    licence_name: str
    """What the owner calls a licence that is ``other``."""
    licence_link: str
    base_models: tuple[str, ...]
    tags: tuple[str, ...]
    downloads: int
    likes: int
    updated_ms: int
    architecture: str
    parameters: int
    context_tokens: int
    files: tuple[RepositoryFile, ...]
