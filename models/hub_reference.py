"""Reads what people paste to name a model of the Hub: ids, addresses, ``ollama run`` lines."""

import re
import urllib.parse
from dataclasses import dataclass

DEFAULT_ENDPOINT = "https://huggingface.co"
MAX_CHARACTERS = 2000

_HUB_HOSTS = frozenset(("huggingface.co", "www.huggingface.co", "hf.co", "www.hf.co"))
_NAME = re.compile(r"(?!.*(?:--|\.\.))[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")
_QUANTIZATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_REVISION = re.compile(r"(?!.*\.\.)[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,198}[A-Za-z0-9])?")
_VERBS = frozenset(("blob", "resolve", "raw", "tree", "commit", "commits", "discussions"))
_NO_OWNERS = frozenset(
    ("api", "datasets", "spaces", "models", "docs", "blog", "papers", "collections", "settings",
     "organizations", "join", "login", "pricing", "tasks", "chat", "new", "posts", "learn")
)  # fmt: skip
_COMMANDS = re.compile(
    r"(?:ollama\s+(?:run|pull)|(?:\./)?llama-(?:cli|server)\s+-hf|-hf|(?:hf|huggingface-cli)\s+download)\s+",
    re.I,
)


@dataclass(frozen=True, slots=True)
class HubReference:
    """A repository, and what of it was meant."""

    repo: str
    """``owner/name``."""
    quantization: str | None = None
    """As it was written behind a colon."""
    path: str | None = None
    """A file's or folder's path in the repository: hostile until it is found there."""
    revision: str | None = None
    """A branch or commit; None for the newest."""


def is_repository_id(text: str) -> bool:
    """Whether ``text`` has the form ``owner/name`` of the Hub's ids."""
    owner, slash, name = text.partition("/")
    return bool(
        slash
        and _NAME.fullmatch(owner)
        and _NAME.fullmatch(name)
        and owner.casefold() not in _NO_OWNERS
        and not name.casefold().endswith((".git", ".ipynb"))
    )


def parse_endpoint(text: str) -> str | None:
    """A Hub's address in its plain form, without a slash at the end; None when it is none."""
    try:
        parts = urllib.parse.urlsplit(text.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    if parts.query or parts.fragment or not text.strip().isprintable():
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def parse_reference(text: str, endpoint: str = DEFAULT_ENDPOINT) -> HubReference | None:
    """Read a pasted line; None when it names no repository of the Hub.

    Understands ``owner/name[:QUANT]``, addresses of the Hub, of ``hf.co`` and of ``endpoint``
    (also of a file in them), with or without scheme, and lines such as ``ollama run hf.co/…``.
    Never raises, and never gives a name that is not one of the Hub's.
    """
    if len(text) > MAX_CHARACTERS:
        return None
    line = " ".join(text.split()).strip("\"'`<>")
    line = _COMMANDS.sub("", line, count=1) if _COMMANDS.match(line) else line
    line = line.split(" ", 1)[0].strip("\"'`<>")
    path = _path_of_address(line, endpoint)
    return None if path is None else _parsed(path)


def _path_of_address(line: str, endpoint: str) -> str | None:
    """What stands behind the Hub's host, still quoted; the line itself when there is no host."""
    if "://" not in line:
        host = line.partition("/")[0].casefold()
        own = (urllib.parse.urlsplit(endpoint).netloc or "").casefold()
        if host not in _HUB_HOSTS and host != own:
            return line.partition("?")[0].partition("#")[0]
        line = f"{'https' if host != own else endpoint.partition(':')[0]}://{line}"
    try:
        parts, own_parts = urllib.parse.urlsplit(line), urllib.parse.urlsplit(endpoint)
        is_own = (parts.hostname, parts.port) == (own_parts.hostname, own_parts.port)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return None
    if is_own:
        prefix = own_parts.path.rstrip("/")
        return parts.path.removeprefix(prefix)
    is_hub = parts.hostname in _HUB_HOSTS and parts.port in (None, 443)
    return parts.path if is_hub else None


def _parsed(path: str) -> HubReference | None:
    """Read ``owner/name[:QUANT]`` or ``owner/name/verb/revision/path``."""
    parts = [urllib.parse.unquote(part) for part in path.strip("/").split("/")]
    if len(parts) < 2:
        return None
    name, colon, quantization = parts[1].partition(":")
    repo = f"{parts[0]}/{name}"
    if not is_repository_id(repo) or (colon and not _QUANTIZATION.fullmatch(quantization)):
        return None
    rest = parts[2:]
    if quantization:
        return None if rest else HubReference(repo, _no_latest(quantization))
    if len(rest) < 2 or rest[0] not in _VERBS:
        return HubReference(repo) if not rest or rest[0] in _VERBS else None
    if not _REVISION.fullmatch(rest[1]):
        return None
    revision = None if rest[1] == "main" else rest[1]
    inner = "/".join(rest[2:])
    if rest[0] in ("commits", "discussions"):
        return HubReference(repo)
    return HubReference(repo, path=inner or None, revision=revision)


def _no_latest(quantization: str) -> str | None:
    """``:latest`` is what other programs write for "whichever"."""
    return None if quantization.casefold() == "latest" else quantization
