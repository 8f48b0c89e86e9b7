"""Repositories of the test Hub: files in commits, and what the Hub tells about them as JSON."""

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.helpers.hub_content import Content

Json = dict[str, Any]
_POINTER_BYTES = 134
_LFS_ENDINGS = (".gguf", ".safetensors", ".bin", ".part")
LFS_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class HubFile:
    """One file of a commit."""

    path: str
    content: Content

    @property
    def is_lfs(self) -> bool:
        """Whether it is kept in large file storage and served by the CDN."""
        return self.path.endswith(_LFS_ENDINGS) or self.content.size > LFS_BYTES

    def sibling(self, *, blobs: bool) -> Json:
        """As ``siblings`` of the model's description holds it."""
        told: Json = {"rfilename": self.path}
        if blobs:
            told |= {"size": self.content.size, "blobId": self._blob_id()}
            if self.is_lfs:
                told["lfs"] = {"sha256": self.content.sha256, **self._sizes()}
        return told

    def entry(self) -> Json:
        """As the tree and ``paths-info`` hold it."""
        told: Json = {
            "type": "file", "path": self.path, "size": self.content.size, "oid": self._blob_id(),
        }  # fmt: skip
        if self.is_lfs:
            told["lfs"] = {"oid": self.content.sha256, **self._sizes()}
        return told

    def _sizes(self) -> Json:
        return {"size": self.content.size, "pointerSize": _POINTER_BYTES}

    def _blob_id(self) -> str:
        if self.is_lfs:
            return hashlib.sha1(self.content.sha256.encode(), usedforsecurity=False).hexdigest()
        return self.content.git_id()


@dataclass
class HubRepository:
    """A model's repository. ``commit`` gives it files; earlier commits stay reachable."""

    id: str
    licence: str | None = "apache-2.0"
    base_models: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    gated: Literal[False, "auto", "manual"] = False
    private: bool = False
    disabled: bool = False
    granted: set[str] = field(default_factory=set)
    """Tokens that may read a gated or private repository."""
    downloads: int = 0
    likes: int = 0
    trending: int = 0
    updated: str = "2025-11-01T12:00:00.000Z"
    gguf: Json = field(default_factory=dict)
    """``total``, ``architecture``, ``context_length``."""
    commits: dict[str, dict[str, HubFile]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)

    def commit(self, files: dict[str, bytes | str | Path | Content], branch: str = "main") -> str:
        """Make ``files`` the branch's whole content; returns the commit's id."""
        made = {
            path: HubFile(path, source if isinstance(source, Content) else Content.of(source))
            for path, source in files.items()
        }
        told = repr([(path, file.content.sha256) for path, file in sorted(made.items())])
        name = f"{self.id} {len(self.commits)} {told}".encode()
        sha = hashlib.sha1(name, usedforsecurity=False).hexdigest()
        self.commits[sha] = made
        self.branches[branch] = sha
        return sha

    @property
    def head(self) -> str:
        """The newest commit of ``main``."""
        return self.branches["main"]

    def resolve(self, revision: str) -> str | None:
        """The commit that a branch or a commit's id names."""
        return revision if revision in self.commits else self.branches.get(revision)

    def sha256(self, path: str) -> str:
        """Of a file of ``main``."""
        return self.commits[self.head][path].content.sha256

    def listed(self, expand: list[str]) -> Json:
        """As a search's result holds it: with ``expand`` only what was asked for."""
        everything = self.described(self.head, blobs=False)
        if expand:
            return {"_id": everything["_id"], "id": self.id} | {
                key: everything[key] for key in expand if key in everything
            }
        return {
            key: everything[key]
            for key in (
                "_id", "id", "modelId", "likes", "downloads", "private", "tags", "pipeline_tag",
                "library_name", "createdAt", "trendingScore",
            )
        }  # fmt: skip

    def described(self, sha: str, *, blobs: bool) -> Json:
        """The whole description of a commit."""
        card: Json = {"tags": list(self.tags)}
        tags = ["gguf", *self.tags, *(f"base_model:{name}" for name in self.base_models)]
        tags += [f"base_model:quantized:{name}" for name in self.base_models]
        if self.licence is not None:
            card["license"] = self.licence
            tags.append(f"license:{self.licence}")
        if self.base_models:
            card["base_model"] = list(self.base_models)
        files = self.commits[sha].values()
        return {
            "_id": hashlib.md5(self.id.encode(), usedforsecurity=False).hexdigest()[:24],
            "id": self.id,
            "modelId": self.id,
            "author": self.id.partition("/")[0],
            "sha": sha,
            "lastModified": self.updated,
            "createdAt": "2025-10-01T12:00:00.000Z",
            "private": self.private,
            "disabled": self.disabled,
            "gated": self.gated,
            "downloads": self.downloads,
            "likes": self.likes,
            "trendingScore": self.trending,
            "tags": tags,
            "pipeline_tag": "text-generation",
            "library_name": "gguf",
            "cardData": card,
            "gguf": self.gguf,
            "usedStorage": sum(file.content.size for file in files),
            "siblings": [file.sibling(blobs=blobs) for file in files],
        }


def repository(
    name: str, files: dict[str, bytes | str | Path | Content] | None = None, **told: Any
) -> HubRepository:
    """A repository with one commit; without ``files`` it holds a card and a tiny GGUF-like file."""
    made = HubRepository(name, **told)
    made.commit(files or {"README.md": f"# {name}\n", "model-Q4_K_M.gguf": some_bytes(3000)})
    return made


def some_bytes(size: int, seed: int = 0) -> bytes:
    """Bytes without pattern, the same ones for the same seed."""
    return hashlib.shake_128(b"%d" % seed).digest(size)


def now_stamp() -> str:
    """This moment as the Hub writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
