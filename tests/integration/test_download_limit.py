"""The limit of the settings slows a real download down, and may be taken away under way."""

from pathlib import Path

import pytest

from app.library.download_states import DownloadState
from app.model_rooms import HubWishes
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import open_services
from tests.helpers.download_stage import request_of
from tests.helpers.hub_repositories import repository
from tests.helpers.hub_server import hub
from tests.helpers.transfers import sample_gguf

SIZE, LIMIT = 60_000_000, 1_000_000


def test_a_limited_download_and_the_end_of_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    queue = CallbackQueue()
    with hub() as server:
        large = repository("org/large-GGUF", {"large-Q4_0.gguf": sample_gguf(SIZE)})
        server.add(large)
        wishes = HubWishes(environment={"HF_ENDPOINT": server.endpoint})
        services = open_services(DataPaths(tmp_path / "data"), queue.post, hub=wishes)
        services.settings.change(download_limit_bytes=LIMIT)
        downloads = services.models.downloads
        downloads.start()
        identifier = downloads.add(request_of(large))

        def done() -> int:
            shown = downloads.get(identifier)
            return 0 if shown is None else shown.done

        def is_under_way() -> bool:
            shown = downloads.get(identifier)
            return shown is not None and shown.status.state in (
                DownloadState.QUEUED, DownloadState.RESOLVING, DownloadState.DOWNLOADING,
            )  # fmt: skip

        assert queue.run_until(lambda: done() > 0, 20)
        queue.run_until(lambda: not is_under_way(), 1.5)
        # Without the limit all of it would be here by now; with it a twentieth.
        assert is_under_way()
        assert done() < SIZE / 4
        services.settings.change(download_limit_bytes=0)
        # At the limit the rest would take a minute.
        assert queue.run_until(lambda: not is_under_way(), 25)
        services.close()
