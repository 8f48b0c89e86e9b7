"""What the test Hub and its CDN answer when nothing goes wrong: routes of the Hub's protocol."""

import itertools
import json
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.helpers.hub_content import Content
from tests.helpers.hub_faults import CDN, Side
from tests.helpers.hub_repositories import HubFile, HubRepository

API = "/api/models"
_SORTS: dict[str, Callable[[HubRepository], Any]] = {
    "trendingScore": lambda found: found.trending,
    "downloads": lambda found: found.downloads,
    "likes": lambda found: found.likes,
    "lastModified": lambda found: found.updated,
    "createdAt": lambda found: found.id,
}
_MOST_PER_PAGE = 100


@dataclass(frozen=True)
class Question:
    """One request as far as routes look at it."""

    side: Side
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = b""

    def all(self, key: str) -> list[str]:
        """Every value of a parameter of the address."""
        return self.query.get(key, [])

    def one(self, key: str, default: str = "") -> str:
        """The first value of a parameter of the address."""
        return (self.all(key) or [default])[0]

    @property
    def token(self) -> str:
        """What stands behind ``Bearer``."""
        return self.headers.get("authorization", "").removeprefix("Bearer ").strip()


@dataclass(frozen=True)
class Answer:
    """A status, headers and content, of which a range is sent when it is a file."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    content: Content = field(default_factory=lambda: Content.of(b""))
    is_file: bool = False


def told(value: Any, status: int = 200, **headers: str) -> Answer:
    """JSON."""
    made = {"Content-Type": "application/json; charset=utf-8"}
    made |= {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, made, Content.of(json.dumps(value).encode()))


def refused(status: int, code: str, message: str) -> Answer:
    """An error as the Hub tells it."""
    headers = {"X-Error-Message": message}
    if code:
        headers["X-Error-Code"] = code
    return replace(told({"error": message}, status), headers=headers)


class HubAnswers:
    """Answers for both sides. ``origins`` are set as soon as the ports are known."""

    def __init__(self) -> None:
        self.repositories: dict[str, HubRepository] = {}
        self.tokens: dict[str, str] = {}
        """Known tokens and whose they are."""
        self.hub_origin = self.cdn_origin = ""
        self.expired: set[str] = set()
        self._signatures = itertools.count(1)

    def answer(self, question: Question) -> Answer:
        """The answer of one side."""
        if question.side == CDN:
            return self._from_cdn(question)
        path = question.path
        if question.token and question.token not in self.tokens:
            return refused(401, "", "Invalid credentials in Authorization header")
        if path == API:
            return self._search(question)
        if path == "/api/whoami-v2":
            return self._whoami(question)
        if path.startswith(API + "/"):
            return self._about(question, path.removeprefix(API + "/"))
        if path.startswith("/api/resolve-cache/models/"):
            return self._small_file(question, path.removeprefix("/api/resolve-cache/models/"))
        parts = path.strip("/").split("/", 4)
        if len(parts) == 5 and parts[2] == "resolve":
            return self._resolve(question, "/".join(parts[:2]), parts[3], parts[4])
        return refused(404, "", "Not found")

    # --- search ----------------------------------------------------------------------------

    def _search(self, question: Question) -> Answer:
        words = question.one("search").casefold().split()
        filters = [part for text in question.all("filter") for part in text.split(",")]
        author = question.one("author")
        found = [
            repository
            for repository in self.repositories.values()
            if not repository.private
            and all(word in repository.id.casefold() for word in words)
            and (not author or repository.id.startswith(author + "/"))
            and set(filters) <= set(repository.described(repository.head, blobs=False)["tags"])
            and _has_size(repository, question.one("num_parameters"))
        ]
        found.sort(key=_SORTS[question.one("sort", "trendingScore")], reverse=True)
        start = int(question.one("cursor", "0"))
        end = start + min(int(question.one("limit", str(_MOST_PER_PAGE))), _MOST_PER_PAGE)
        page = [repository.listed(question.all("expand")) for repository in found[start:end]]
        if end >= len(found):
            return told(page)
        more = urllib.parse.urlencode(question.query | {"cursor": [str(end)]}, doseq=True)
        return told(page, Link=f'<{self.hub_origin}{API}?{more}>; rel="next"')

    def _whoami(self, question: Question) -> Answer:
        if not question.token:
            return refused(401, "", "Invalid username or password.")
        return told({"type": "user", "name": self.tokens[question.token], "orgs": []})

    # --- one repository --------------------------------------------------------------------

    def _about(self, question: Question, path: str) -> Answer:
        owner, name, *rest = path.split("/", 4)
        repository = self.repositories.get(f"{owner}/{name}")
        refusal = self._refusal(question, repository)
        if repository is None or refusal is not None:
            return refusal or refused(404, "RepoNotFound", "Repository not found")
        verb = rest[0] if rest else "revision"
        if verb == "refs":
            branches = [
                {"name": branch, "ref": f"refs/heads/{branch}", "targetCommit": sha}
                for branch, sha in repository.branches.items()
            ]
            return told({"branches": branches, "tags": [], "converts": []})
        if verb == "auth-check":
            return self._gate(question, repository) or told({})
        revision = rest[1] if len(rest) > 1 else "main"
        sha = repository.resolve(urllib.parse.unquote(revision))
        if sha is None:
            return refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        files = repository.commits[sha]
        if verb == "tree":
            return self._tree(question, files)
        if verb == "paths-info":
            wanted = urllib.parse.parse_qs(question.body.decode()).get("paths", [])
            return told([files[path].entry() for path in wanted if path in files])
        return self._described(question, repository, sha)

    def _described(self, question: Question, repository: HubRepository, sha: str) -> Answer:
        everything = repository.described(sha, blobs=question.one("blobs").lower() == "true")
        expand = question.all("expand")
        if expand:
            everything = {"_id": everything["_id"], "id": repository.id} | {
                key: everything[key] for key in expand if key in everything
            }
        return told(everything)

    def _tree(self, question: Question, files: dict[str, HubFile]) -> Answer:
        entries = [file.entry() for _path, file in sorted(files.items())]
        start, limit = int(question.one("cursor", "0")), int(question.one("limit", "1000"))
        page = entries[start : start + limit]
        if start + limit >= len(entries):
            return told(page)
        more = urllib.parse.urlencode(question.query | {"cursor": [str(start + limit)]}, doseq=True)
        return told(page, Link=f'<{self.hub_origin}{question.path}?{more}>; rel="next"')

    # --- files -----------------------------------------------------------------------------

    def _resolve(self, question: Question, name: str, revision: str, path: str) -> Answer:
        repository = self.repositories.get(name)
        refusal = self._refusal(question, repository)
        if repository is None or refusal is not None:
            return refusal or refused(404, "RepoNotFound", "Repository not found")
        if (gate := self._gate(question, repository)) is not None:
            return gate
        sha = repository.resolve(revision)
        if sha is None:
            return refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        file = repository.commits[sha].get(path)
        if file is None:
            answer = refused(404, "EntryNotFound", "Entry not found")
            return replace(answer, headers=answer.headers | {"X-Repo-Commit": sha})
        quoted = urllib.parse.quote(path)
        headers = {"X-Repo-Commit": sha, "Accept-Ranges": "bytes"}
        if not file.is_lfs:
            headers["Location"] = f"/api/resolve-cache/models/{name}/{sha}/{quoted}"
            return Answer(307, headers)
        signature = f"signature-{next(self._signatures)}"
        headers |= {
            "X-Linked-Size": str(file.content.size),
            "X-Linked-Etag": f'"{file.content.sha256}"',
            "Location": f"{self.cdn_origin}/{name}/{sha}/{quoted}?X-Signature={signature}",
        }
        return Answer(302, headers)

    def _small_file(self, question: Question, path: str) -> Answer:
        owner, name, sha, inner = path.split("/", 3)
        repository = self.repositories[f"{owner}/{name}"]
        file = repository.commits[sha][inner]
        headers = {"ETag": f'"{file.content.git_id()}"', "X-Repo-Commit": sha}
        headers["Content-Type"] = "text/plain; charset=utf-8"
        gate = self._gate(question, repository)
        return gate or Answer(200, headers, file.content, is_file=True)

    def _from_cdn(self, question: Question) -> Answer:
        signature = question.one("X-Signature")
        if not signature or signature in self.expired:
            return Answer(403, {"Content-Type": "application/xml"}, Content.of("<Error/>"))
        owner, name, sha, path = question.path.strip("/").split("/", 3)
        file = self.repositories[f"{owner}/{name}"].commits[sha][path]
        headers = {"ETag": f'"{file.content.sha256}"', "Content-Type": "binary/octet-stream"}
        return Answer(200, headers, file.content, is_file=True)

    def _refusal(self, question: Question, repository: HubRepository | None) -> Answer | None:
        """Repositories that are absent, private or disabled. The Hub tells nobody which."""
        hidden = repository is None or (
            repository.private and question.token not in repository.granted
        )
        if hidden:
            status = 404 if question.token else 401
            message = "Repository not found" if question.token else "Invalid username or password."
            return refused(status, "RepoNotFound", message)
        if repository is not None and repository.disabled:
            return refused(403, "", "Access to this resource is disabled.")
        return None

    def _gate(self, question: Question, repository: HubRepository) -> Answer | None:
        if not repository.gated or question.token in repository.granted:
            return None
        if not question.token:
            message = f"Access to model {repository.id} is restricted. Please log in."
            return refused(401, "GatedRepo", message)
        message = f"Access to model {repository.id} is restricted and you are not authorized."
        return refused(403, "GatedRepo", message)


def _has_size(repository: HubRepository, wanted: str) -> bool:
    """``num_parameters=min:6B,max:128B``."""
    total = repository.gguf.get("total", 0)
    for part in filter(None, wanted.split(",")):
        bound, _colon, text = part.partition(":")
        scale = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}[text[-1]]
        value = float(text[:-1]) * scale
        if (bound == "min" and total < value) or (bound == "max" and total > value):
            return False
    return True
