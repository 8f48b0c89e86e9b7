"""A repository on the test Hub, judged by the engine itself from headers alone."""

import json
from pathlib import Path

import pytest

from app.library.judged import Judgement
from app.library.judging import Judge
from app.network import Network
from app.paths import DataPaths
from app.placement.described import machine_of
from app.placement.entities import Wishes
from app.placement.placements import subject_of
from app.placement.simulation import Outcome
from app.posting import CallbackQueue
from app.services import open_services
from models.gguf import open_model
from models.header_cache import HeaderCache
from models.hub_entities import RepositoryFile
from models.remote_header import RemoteHeaders
from models.remote_ranges import HubRanges
from models.repository import read_repository
from tests.helpers.hub_faults import CDN
from tests.helpers.hub_quantizations import quantization, write_sparse_file
from tests.helpers.hub_repositories import repository
from tests.helpers.hub_server import hub
from tests.helpers.moe_shapes import DEEPSEEK_V3
from tests.helpers.verdict_table import read_table

LABELS = ("Q2_K", "Q4_K_M")
NAME = "org/DeepSeek-V3-GGUF"


def test_the_numbers_are_those_of_the_local_file_and_only_headers_are_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    files = {label: quantization(DEEPSEEK_V3, label) for label in LABELS}
    paths = {
        f"DeepSeek-V3-{label}.gguf": write_sparse_file(file, tmp_path / "files" / f"{label}.gguf")
        for label, file in files.items()
    }
    described = read_table()["machines"]["server-48-512"]["machine"]
    machine = machine_of(json.dumps(described).encode(), "server")
    queue, told = CallbackQueue(), list[Judgement]()
    local: list[Outcome] = []
    published = repository(NAME, {**paths})
    services = open_services(DataPaths(tmp_path / "data"), queue.post)
    try:
        with hub(published) as server:
            listed = [RepositoryFile(path, file.stat().st_size, None)
                      for path, file in paths.items()]  # fmt: skip
            (model,) = read_repository(listed).models
            ranges = HubRanges(Network(lambda: False), server.endpoint, NAME, published.head)
            headers = RemoteHeaders(
                NAME, published.head, ranges, HeaderCache(tmp_path / "hub-cache")
            )
            judge = Judge(
                model.quantizations, headers, services.placements, machine, Wishes(), queue.post,
                tmp_path, told.append,
            )  # fmt: skip
            judge.begin()
            assert queue.run_until(lambda: told[-1].is_done, 100)
            ranges.close()
            sent = server.bytes_sent(side=CDN)
        judge.close()
        # The engine was asked about the second row with the working memory of the first.
        for label in LABELS:
            subject = subject_of(open_model(paths[f"DeepSeek-V3-{label}.gguf"]))
            count = len(local) + 1
            services.placements.place(subject, machine, Wishes(), local.append)
            assert queue.run_until(lambda: len(local) == count, 100)  # noqa: B023
    finally:
        services.close()
    assert [row.stage for row in told[-1].rows] == ["exact", "exact"]
    for row, outcome in zip(told[-1].rows, local, strict=True):
        assert row.placement is not None
        assert row.placement.simulated
        assert row.placement == outcome.placement
    # Of 600 GB no more than two headers.
    assert sent == told[-1].fetched_bytes < sum(len(file.header()) for file in files.values())
    assert [path.name for path in tmp_path.glob("moestro-stubs-*")] == []
