"""The Hub's search, descriptions and cards; the only module that imports huggingface_hub.

The library gives the session, the rules of its errors and the limits' headers. The requests
are our own: the library's search neither ends on a silent server nor can be given up, asks six
times, and its descriptions raise when a mirror leaves a key out.
"""

import json
import os
import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

from models.http_clients import HttpClients, Purpose
from models.hub_entities import RepositoryFile, RepositoryInfo, SearchPage, SearchQuery
from models.hub_errors import CallCancelledError, HubError, HubTrouble, host_of
from models.hub_query import cursor_of, parameters_of, parameters_of_cursor
from models.hub_reading import (
    MAX_FILES,
    is_commit,
    names_without_size,
    read_found,
    read_repository,
    read_tree,
)
from models.hub_reference import is_repository_id
from models.naming import shorten

if TYPE_CHECKING:
    import httpx2

    from models.hub_calls import Call, CallHandle, HubCalls, Reply

MAX_ANSWER_BYTES = 32 * 1024 * 1024
MAX_CARD_BYTES = 1024 * 1024
SEARCH_SECONDS = 15.0
REPOSITORY_SECONDS = 20.0
LONGEST_WAIT_SECONDS = 3600
"""What a rate limit may ask for; the Hub's own are of five minutes."""

_MAX_TREE_PAGES = 100
_KEPT_HEADERS = ("X-Error-Code", "X-Error-Message", "RateLimit", "RateLimit-Policy", "Retry-After")


class HubClient:
    """Asks one Hub. Its methods wait, so call them on a thread that may; any thread will do.

    ``token_for`` gives the user's token or None; it is asked only after the Hub refused a
    request without one or asked to wait, and the token goes nowhere but to ``endpoint``.

    All methods raise NetworkError, HubError and, when ``handle`` was cancelled or the client
    closed, CallCancelledError.
    """

    def __init__(
        self, clients: HttpClients, endpoint: str, token_for: Callable[[], str | None]
    ) -> None:
        self._clients = clients
        self.endpoint = endpoint.rstrip("/")
        self._token_for = token_for
        self._lock = threading.Lock()
        self._calls: HubCalls | None = None
        self._closed = False

    def search(
        self, query: SearchQuery, cursor: str | None = None, handle: "CallHandle | None" = None
    ) -> SearchPage:
        """One page of GGUF repositories; ``cursor`` is the ``next`` of the page before."""
        parameters = parameters_of(query) if cursor is None else parameters_of_cursor(cursor)
        reply = self._ask(
            Purpose.SEARCH, "/api/models", "", handle, parameters=parameters,
            seconds=SEARCH_SECONDS,
        )  # fmt: skip
        found = self._json(reply)
        if not isinstance(found, list):
            raise self._nonsense()
        models = tuple(one for one in map(read_found, found) if one is not None)
        return SearchPage(models, cursor_of(reply.next_url) if models else None)

    def repository(
        self, name: str, revision: str | None = None, handle: "CallHandle | None" = None
    ) -> RepositoryInfo:
        """A repository with its files at ``revision``, or at the newest commit."""
        self._check_name(name)
        path = f"/api/models/{name}"
        if revision is not None:
            path += f"/revision/{urllib.parse.quote(revision, safe='')}"
        reply = self._ask(Purpose.REPOSITORY, path, name, handle, parameters=(("blobs", "true"),))
        told = self._json(reply)
        info = read_repository(told, name, revision)
        if info is None:
            raise self._nonsense()
        if info.disabled:
            raise HubError(HubTrouble.DISABLED, host=self._host, name=shorten(name))
        if names_without_size(told):
            return replace(info, files=self._tree(info, handle))
        return info

    def card(self, name: str, commit: str, handle: "CallHandle | None" = None) -> str:
        """The text of a repository's card, at most 1 MiB; empty when it has none.

        A stranger wrote it. The block of settings at its beginning is left out.
        """
        self._check_name(name)
        path = f"/{name}/resolve/{urllib.parse.quote(commit, safe='')}/README.md"
        try:
            reply = self._ask(Purpose.CARD, path, name, handle, most_bytes=MAX_CARD_BYTES, cut=True)
        except HubError as error:
            if error.trouble is HubTrouble.REVISION and is_commit(commit):
                return ""
            raise
        return _without_settings(reply.body.decode("utf-8", "replace"))

    def close(self) -> None:
        """Give up what is under way; further calls are cancelled at once."""
        with self._lock:
            self._closed = True
            if self._calls is not None:
                self._calls.close()

    # --- asking ----------------------------------------------------------------------------

    def _ask(
        self,
        purpose: Purpose,
        path: str,
        name: str,
        handle: "CallHandle | None",
        *,
        parameters: tuple[tuple[str, str], ...] = (),
        most_bytes: int = MAX_ANSWER_BYTES,
        cut: bool = False,
        seconds: float = REPOSITORY_SECONDS,
    ) -> "Reply":
        """Ask without a token first, so that the Hub learns who asks only when it must."""
        from models.hub_calls import Call

        call = Call(
            purpose=purpose, url=self.endpoint + path, parameters=parameters,
            most_bytes=most_bytes, cut=cut, seconds=seconds,
        )  # fmt: skip
        reply = self._run(call, handle)
        token = None
        if reply.status in (401, 403, 429) or (reply.status == 404 and name):
            token = self._token_for()
            if token is not None:
                reply = self._run(replace(call, token=self._checked(token)), handle)
        if reply.status >= 400:
            raise self._refusal(reply, name, has_token=token is not None)
        return reply

    def _run(self, call: "Call", handle: "CallHandle | None") -> "Reply":
        from models.hub_calls import HubCalls

        with self._lock:
            if self._closed:
                raise CallCancelledError
            if self._calls is None:
                self._calls = HubCalls(self._session)
            calls = self._calls
        return calls.run(call, handle)

    def _session(self) -> "httpx2.AsyncClient":
        """The library's session, made by our own factory; on the thread of the requests."""
        library = _library()

        kind, endpoint = Purpose.REPOSITORY, self.endpoint
        # Whatever the library asks by itself goes through the same door.
        library.set_client_factory(lambda: self._clients.client(kind, endpoint))
        library.set_async_client_factory(lambda: self._clients.async_client(kind, endpoint))
        session: httpx2.AsyncClient = library.get_async_session()
        return session

    def _tree(
        self, info: RepositoryInfo, handle: "CallHandle | None"
    ) -> tuple[RepositoryFile, ...]:
        """All files with their sizes, for mirrors whose description does not tell them."""
        files: list[RepositoryFile] = []
        parameters: tuple[tuple[str, str], ...] = (("recursive", "true"),)
        for _page in range(_MAX_TREE_PAGES):
            reply = self._ask(
                Purpose.REPOSITORY, f"/api/models/{info.id}/tree/{info.commit}", info.id, handle,
                parameters=parameters,
            )  # fmt: skip
            files += read_tree(self._json(reply))
            cursor = cursor_of(reply.next_url)
            if cursor is None or len(files) > MAX_FILES:
                break
            parameters = parameters_of_cursor(cursor)
        return tuple(files)

    # --- judging ---------------------------------------------------------------------------

    @property
    def _host(self) -> str:
        return host_of(self.endpoint)

    def _check_name(self, name: str) -> None:
        """What is no id must not become part of an address."""
        if not is_repository_id(name):
            raise HubError(HubTrouble.NOT_FOUND, host=self._host, name=shorten(name))

    def _checked(self, token: str) -> str:
        token = token.strip()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise HubError(HubTrouble.TOKEN, host=self._host)
        return token

    def _json(self, reply: "Reply") -> Any:
        try:
            return json.loads(reply.body)
        except (ValueError, RecursionError) as error:
            raise self._nonsense() from error

    def _nonsense(self) -> HubError:
        return HubError(HubTrouble.NONSENSE, host=self._host)

    def _refusal(self, reply: "Reply", name: str, *, has_token: bool) -> HubError:
        """The error that a status of 400 or more stands for, by the library's own rules."""
        import httpx2

        library = _library()
        kept = {key: reply.headers[key][:500] for key in _KEPT_HEADERS if key in reply.headers}
        # Without its body and other headers, which the library would quote, log and trust.
        request = httpx2.Request("GET", reply.url)
        bare = httpx2.Response(reply.status, headers=kept, request=request)
        trouble = HubTrouble.REFUSED
        try:
            library.hf_raise_for_status(bare)
        except library.GatedRepoError:
            trouble = HubTrouble.REQUEST if has_token else HubTrouble.LOGIN
        except library.DisabledRepoError:
            trouble = HubTrouble.DISABLED
        except (library.RevisionNotFoundError, library.EntryNotFoundError):
            trouble = HubTrouble.REVISION
        except library.RepositoryNotFoundError:
            trouble = HubTrouble.NOT_FOUND
        except library.HfHubHTTPError:
            trouble = _by_status(reply.status, has_token=has_token)
        if not name and trouble in _OF_A_REPOSITORY:
            # A company's Hub may want a token for everything; one without the search is none.
            if reply.status not in (401, 403):
                return self._nonsense()
            trouble = HubTrouble.REFUSED
        facts: dict[str, str | int] = {"host": self._host, "name": shorten(name)}
        if trouble is HubTrouble.RATE_LIMITED:
            facts["seconds"] = _wait(library, kept)
        return HubError(trouble, number=reply.status, **facts)


_OF_A_REPOSITORY = frozenset(
    (HubTrouble.LOGIN, HubTrouble.REQUEST, HubTrouble.DISABLED, HubTrouble.NOT_FOUND,
     HubTrouble.REVISION)
)  # fmt: skip


def _by_status(status: int, *, has_token: bool) -> HubTrouble:
    if status == 429:
        return HubTrouble.RATE_LIMITED
    if status >= 500 or status == 408:
        return HubTrouble.SERVER
    if status == 401 and has_token:
        return HubTrouble.TOKEN
    return HubTrouble.NOT_FOUND if status in (401, 404, 410) else HubTrouble.REFUSED


def _wait(library: ModuleType, headers: dict[str, str]) -> int:
    """How many seconds a rate limit asks for; a minute when it does not say."""
    told = library.parse_ratelimit_headers(headers)
    if told is not None and told.remaining == 0:
        wait = int(told.reset_in_seconds)
    else:
        text = headers.get("Retry-After", "").strip()
        wait = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 60
    return min(max(1, wait), LONGEST_WAIT_SECONDS)


def _library() -> ModuleType:
    """The utilities of huggingface_hub, which reads its settings once, while it is imported."""
    os.environ.update(
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HUB_DISABLE_XET="1",
        HF_HUB_DISABLE_IMPLICIT_TOKEN="1",
        HF_HUB_DISABLE_PROGRESS_BARS="1",
    )
    import huggingface_hub.utils

    return huggingface_hub.utils


def _without_settings(text: str) -> str:
    """A card without the YAML block at its beginning."""
    text = text.removeprefix("\N{BYTE ORDER MARK}").replace("\r\n", "\n")
    if not text.startswith("---\n"):
        return text
    _block, end, rest = text[4:].partition("\n---")
    return rest.partition("\n")[2].lstrip("\n") if end else text
