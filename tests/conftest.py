"""Shared by all tests: no test reaches the user's own data, and no test needs a display."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Before anything imports Qt. A person who wants to watch sets another platform.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).resolve().parent.parent
ADVICE = "run python3 packaging/bootstrap.py test once"


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a data folder of its own, and worker processes inherit it."""
    folder = tmp_path / "data"
    monkeypatch.setenv("MOESTRO_DATA_DIR", str(folder))
    return folder


@pytest.fixture(scope="session")
def starter_model() -> Path:
    """The real starter model of this checkout."""
    path = ROOT / ".starter" / "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert path.is_file(), f"{path} is absent: {ADVICE}"
    return path


@pytest.fixture(scope="session")
def engine_models() -> Path:
    """Real vocabularies and ``templates/*.jinja`` out of the engine's source."""
    path = ROOT / ".engine-source" / "models"
    assert path.is_dir(), f"{path} is absent: {ADVICE}"
    return path


def pytest_collection_finish() -> None:
    """What was collected stays to the end; each window that is struck would search through it."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Iterator[Any]:
    """A report goes to the process that prints it as UTF-8, which half characters are not."""
    return _writable((yield))


def _writable(report: Any) -> Any:
    if isinstance(report, str):
        return report.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(report, dict):
        return {_writable(key): _writable(value) for key, value in report.items()}
    if isinstance(report, (list, tuple)):
        return type(report)(_writable(each) for each in report)
    return report
