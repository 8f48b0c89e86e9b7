"""The real huggingface_hub client against the test Hub, so that the test Hub cannot drift.

In a process of its own: the library reads its settings once, while it is imported.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import hub_faults as faults
from tests.helpers.hub_repositories import repository, some_bytes
from tests.helpers.hub_server import HubServer, hub

PROGRAM = """
import json, sys
from huggingface_hub import HfApi, ModelCard, hf_hub_download
from huggingface_hub.errors import (
    EntryNotFoundError, GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError,
)

good = sys.argv[1]
api, told = HfApi(token=False), {}

def refusal(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__

found = list(api.list_models(
    filter="gguf", search="many", sort="likes", expand=["downloads", "gated", "gguf", "tags"],
))
told["found"] = [model.id for model in found]
told["architecture"] = found[0].gguf["architecture"]
info = api.model_info("org/m-GGUF", files_metadata=True)
told["sha"], told["licence"] = info.sha, info.card_data.license
told["siblings"] = [
    [one.rfilename, one.size, one.lfs.sha256 if one.lfs else None] for one in info.siblings
]
told["tree"] = [
    [one.path, one.size, one.lfs.sha256 if one.lfs else None]
    for one in api.list_repo_tree("org/m-GGUF", recursive=True)
]
told["paths"] = [one.path for one in api.get_paths_info("org/m-GGUF", ["README.md", "none"])]
told["branches"] = [one.target_commit for one in api.list_repo_refs("org/m-GGUF").branches]
told["dry"] = hf_hub_download(
    "org/m-GGUF", "model-Q4_K_M.gguf", token=False, dry_run=True
).file_size
path = hf_hub_download("org/m-GGUF", "model-Q4_K_M.gguf", token=False)
told["bytes"] = open(path, "rb").read().hex()
told["card"] = ModelCard.load("org/m-GGUF", token=False).text
told["gated_info"] = api.model_info("org/gated").gated
told["refusals"] = [
    refusal(lambda: hf_hub_download("org/gated", "a.gguf", token=False)),
    refusal(lambda: hf_hub_download("org/gated", "a.gguf", token="hf_other")),
    refusal(lambda: api.model_info("org/none")),
    refusal(lambda: api.model_info("org/m-GGUF", revision="none")),
    refusal(lambda: hf_hub_download("org/m-GGUF", "none.gguf", token=False)),
    refusal(lambda: api.auth_check("org/gated", token="hf_other")),
]
told["gated"] = open(hf_hub_download("org/gated", "a.gguf", token=good), "rb").read().decode()
told["who"] = api.whoami(token=good)["name"]
print(json.dumps(told))
"""


@pytest.fixture
def server() -> Any:
    with hub(repository("org/m-GGUF", licence="mit")) as server:
        for number in range(103):
            server.add(
                repository(f"org/many-{number}", likes=number, gguf={"architecture": "qwen3moe"})
            )
        server.know("hf_good", "ann")
        server.know("hf_other")
        server.add(repository("org/gated", {"a.gguf": "secret"}, gated="auto", granted={"hf_good"}))
        yield server


def told_by_the_library(server: HubServer, home: Path) -> dict[str, Any]:
    kept = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("HF_", "HUGGING")) and not name.lower().endswith("_proxy")
    }
    settings = {
        "HF_ENDPOINT": server.endpoint, "HF_HOME": str(home), "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "hf_good"], env=kept | settings,
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_library_works_with_the_test_hub(server: HubServer, tmp_path: Path) -> None:
    # A cut in the middle is what the library itself goes on after.
    server.faults.add(faults.Cut(1000), side=faults.CDN, path="*/m-GGUF/*", method="GET")
    told = told_by_the_library(server, tmp_path / "home")
    made = server.answers.repositories["org/m-GGUF"]
    files = [["README.md", 13, None], ["model-Q4_K_M.gguf", 3000, made.sha256("model-Q4_K_M.gguf")]]
    assert told["found"] == [f"org/many-{number}" for number in reversed(range(103))]
    assert told["architecture"] == "qwen3moe"
    assert (told["sha"], told["licence"], told["branches"]) == (made.head, "mit", [made.head])
    assert told["siblings"] == told["tree"] == files
    assert (told["paths"], told["dry"]) == (["README.md"], 3000)
    assert bytes.fromhex(told["bytes"]) == some_bytes(3000)
    assert told["card"].strip() == "# org/m-GGUF"
    assert told["gated_info"] == "auto"
    assert told["refusals"] == [
        "GatedRepoError", "GatedRepoError", "RepositoryNotFoundError", "RevisionNotFoundError",
        "RemoteEntryNotFoundError", "GatedRepoError",
    ]  # fmt: skip
    assert (told["gated"], told["who"]) == ("secret", "ann")
    tokens = [one for one in server.seen(side=faults.CDN) if "authorization" in one.headers]
    assert tokens == []
    assert len(server.seen("/api/models")) == 2, "a second page"
