"""One request for the bytes of a file: from the Hub's address to the body, redirects included."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import httpx2

from models.hub_errors import NetworkError, NetworkTrouble
from models.transfer_answers import (
    REDIRECTS,
    Asked,
    BodyStart,
    TryAgain,
    check_identity,
    facts_of,
    judge,
)
from models.transfer_entities import (
    StopReason,
    TransferEnd,
    TransferOutcome,
    TransferStop,
    WantedFile,
)
from models.transfer_timing import Timing

MOST_REDIRECTS = 8


@dataclass(frozen=True, slots=True)
class HubAccess:
    """Which Hub to ask, and with what right."""

    endpoint: str
    """Such as ``https://host``, without a slash at its end."""
    token: str | None
    redirect_allowed: Callable[[str, str, str], bool]
    """Of endpoint, source and target: whether a redirect may be followed."""


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """An answer whose body has not been read; the caller closes ``response``."""

    response: httpx2.Response
    start: BodyStart
    host: str


async def open_answer(
    client: httpx2.AsyncClient, access: HubAccess, wanted: WantedFile, offset: int, timing: Timing
) -> OpenAnswer:
    """Ask for the bytes from ``offset`` on, always beginning at the Hub's own address.

    The Hub's signed addresses run out, so that none is kept. Raises TryAgain, TransferStop.
    """
    url = httpx2.URL(file_address(access.endpoint, wanted))
    for _hop in range(MOST_REDIRECTS + 1):
        asked, request = _request(client, access, wanted, offset, url, timing)
        response = await _send(client, request, timing, asked)
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            if response.status_code not in REDIRECTS:
                start = judge(response.status_code, headers, asked, timing.unix_time())
                return OpenAnswer(response, start, asked.host)
            check_identity(headers, asked)
            url = _target(access, url, headers.get("location", ""), asked)
        except BaseException:
            await response.aclose()
            raise
        await response.aclose()
    raise TryAgain(StopReason.SERVER, "too many redirects", 0.0, facts_of(wanted, url.host))


def file_address(endpoint: str, wanted: WantedFile) -> str:
    """Where the Hub serves a file of a commit."""
    repository, commit, path = (
        quote(text, safe="/") for text in (wanted.repository, wanted.commit, wanted.path)
    )
    return f"{endpoint.rstrip('/')}/{repository}/resolve/{commit}/{path}"


@contextmanager
def network_trouble(wanted: WantedFile, host: str) -> Iterator[None]:
    """Turn whatever the network does into TryAgain or, where trying cannot help, TransferStop."""
    try:
        yield
    except NetworkError as refused:
        # The offline switch, or another rule of ours: asking again changes nothing.
        raise TransferStop(_end_of_refusal(refused)) from refused
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
        if _is_certificate(error):
            facts = facts_of(wanted, host)
            end = TransferEnd(TransferOutcome.FAILED, StopReason.CERTIFICATE, facts)
            raise TransferStop(end) from error
        raise TryAgain(
            StopReason.OFFLINE, type(error).__name__, 0.0, facts_of(wanted, host)
        ) from error


def _end_of_refusal(refused: NetworkError) -> TransferEnd:
    if refused.trouble is NetworkTrouble.REDIRECT:
        outcome, reason = TransferOutcome.FAILED, StopReason.REDIRECT
    else:
        outcome, reason = TransferOutcome.PAUSED, StopReason.OFFLINE
    return TransferEnd(outcome, reason, refused.facts, refused.code)


def _request(
    client: httpx2.AsyncClient,
    access: HubAccess,
    wanted: WantedFile,
    offset: int,
    url: httpx2.URL,
    timing: Timing,
) -> tuple[Asked, httpx2.Request]:
    from_hub = _origin(url) == _origin(httpx2.URL(access.endpoint))
    headers = {"Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    if from_hub and access.token is not None:
        headers["Authorization"] = f"Bearer {access.token}"
    timeout = httpx2.Timeout(timing.read, connect=timing.connect)
    request = client.build_request("GET", url, headers=headers, timeout=timeout)
    return Asked(wanted, offset, url.host, from_hub, "Authorization" in headers), request


async def _send(
    client: httpx2.AsyncClient, request: httpx2.Request, timing: Timing, asked: Asked
) -> httpx2.Response:
    with network_trouble(asked.wanted, asked.host):
        async with asyncio.timeout(timing.headers):
            return await client.send(request, stream=True, follow_redirects=False)


def _target(access: HubAccess, source: httpx2.URL, location: str, asked: Asked) -> httpx2.URL:
    try:
        target = source.join(location)
    except httpx2.InvalidURL as error:
        raise TryAgain(
            StopReason.SERVER, "no usable location", 0.0, facts_of(asked.wanted, source.host)
        ) from error
    if not access.redirect_allowed(access.endpoint, str(source), str(target)):
        facts = facts_of(asked.wanted, target.host)
        raise TransferStop(TransferEnd(TransferOutcome.FAILED, StopReason.REDIRECT, facts))
    return target


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, port


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
