"""What decides which Hub is asked, where models go, and that a start costs nothing."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.library.download_entities import DownloadRequest, RemoteFile
from app.model_rooms import HUB_TOKEN, HubWishes
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import Services, open_services
from tests.helpers.hub_server import closed_address

ROOT = Path(__file__).resolve().parents[2]
HUB = "https://huggingface.co"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[list[Services]]:
    services: list[Services] = []
    yield services
    for one in services:
        one.close()


def start(
    opened: list[Services], root: Path, environment: dict[str, str] | None = None, **told: object
) -> Services:
    wishes = HubWishes(environment=environment or {}, **told)  # type: ignore[arg-type]
    services = open_services(DataPaths(root / "data"), CallbackQueue().post, hub=wishes)
    opened.append(services)
    return services


def test_which_hub_is_asked(opened: list[Services], tmp_path: Path) -> None:
    services = start(opened, tmp_path)
    assert services.models.endpoint == HUB
    services.settings.change(hub_endpoint="https://mirror.example/hub/")
    assert services.models.endpoint == "https://mirror.example/hub"
    services.close()
    environment = {"HF_ENDPOINT": "http://other.example/"}
    services = start(opened, tmp_path, environment)
    assert services.models.endpoint == "http://other.example"
    services.close()
    services = start(opened, tmp_path, environment, endpoint="https://third.example")
    assert services.models.endpoint == "https://third.example"


def test_an_address_that_is_none_is_not_taken_for_the_usual_one(
    opened: list[Services], tmp_path: Path
) -> None:
    services = start(opened, tmp_path, {"HF_ENDPOINT": "mirror"})
    assert services.models.endpoint == "mirror"


def test_offline_by_settings_or_by_this_start(opened: list[Services], tmp_path: Path) -> None:
    services = start(opened, tmp_path)
    assert not services.models.is_offline
    services.settings.change(offline=True)
    assert services.models.is_offline
    services.settings.change(offline=False)
    services.close()
    assert start(opened, tmp_path, offline=True).models.is_offline


def test_where_new_models_go(opened: list[Services], tmp_path: Path) -> None:
    services = start(opened, tmp_path)
    assert services.models.folder == tmp_path / "data" / "models"
    services.settings.change(library_folder=str(tmp_path / "big"))
    assert services.models.folder == tmp_path / "big"
    services.close()
    assert start(opened, tmp_path, folder=tmp_path / "x").models.folder == tmp_path / "x"


def test_the_token_of_the_environment_goes_before_the_kept_one(
    opened: list[Services], tmp_path: Path
) -> None:
    services = start(opened, tmp_path)
    services.secrets.set(HUB_TOKEN, "hf_kept")
    assert services.models.token() == "hf_kept"
    services.close()
    assert start(opened, tmp_path, {"HF_TOKEN": " hf_told "}).models.token() == "hf_told"


def test_closing_pauses_what_is_under_way_and_the_next_start_knows_it(
    opened: list[Services], tmp_path: Path
) -> None:
    services = start(opened, tmp_path, offline=True)
    request = DownloadRequest(
        repository="o/n", commit="c" * 40, files=(RemoteFile("n-Q4_0.gguf", 10, "a" * 64),),
        name="n",
    )  # fmt: skip
    identifier = services.models.downloads.add(request)
    services.close()
    again = start(opened, tmp_path).models.downloads.get(identifier)
    assert again is not None
    assert again.status.state.value == "paused"
    assert str(again.status.reason) in ("app_quit", "offline")


def test_what_waits_for_the_network_goes_on_when_it_is_allowed_again(
    opened: list[Services], tmp_path: Path
) -> None:
    queue = CallbackQueue()
    wishes = HubWishes(environment={"HF_ENDPOINT": closed_address()})
    services = open_services(DataPaths(tmp_path / "data"), queue.post, hub=wishes)
    opened.append(services)
    services.settings.change(offline=True)
    downloads = services.models.downloads
    file = RemoteFile("n-Q4_0.gguf", 10, "a" * 64)
    request = DownloadRequest(repository="o/n", commit="c" * 40, files=(file,), name="n")
    identifier = downloads.add(request)

    def code() -> str:
        shown = downloads.get(identifier)
        return "" if shown is None else shown.status.sentence_code

    assert queue.run_until(lambda: code() == "network.offline", 20)
    services.settings.change(theme="dark")
    assert not queue.run_until(lambda: code() != "network.offline", 0.3)
    services.settings.change(offline=False)
    assert queue.run_until(lambda: code() == "download.reconnect", 20)


def test_a_start_loads_nothing_for_the_network(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from app.paths import DataPaths\n"
        "from app.posting import CallbackQueue\n"
        "from app.services import open_services\n"
        "paths = DataPaths(Path(sys.argv[1]))\n"
        "services = open_services(paths, CallbackQueue().post)\n"
        "services.close()\n"
        "heavy = {'httpx2', 'huggingface_hub', 'asyncio', 'ssl', 'app.library.downloads'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "d")], cwd=ROOT, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip
    assert run.stdout.strip() == "[]", run.stderr
