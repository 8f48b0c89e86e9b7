"""A home folder with models of five other programs, laid out as those programs write them."""

import hashlib
import json
import os
from pathlib import Path

from tests.helpers.gguf_bytes import model

COMMIT = "c" * 40
PROGRAMS = ("Hugging Face", "LM Studio", "Jan", "GPT4All", "Ollama")


def fill_home(home: Path) -> dict[str, Path]:
    """One model of each program; returns the file that is used, by program."""
    content = {name: model(2, name=f"{name} model").build() for name in PROGRAMS}
    hub = home / ".cache/huggingface/hub/models--org--Hub-GGUF"
    blob = _write(hub / "blobs" / _sha(content["Hugging Face"]), content["Hugging Face"])
    link = hub / "snapshots" / COMMIT / "Hub-Q4_K_M.gguf"
    link.parent.mkdir(parents=True)
    link.symlink_to(os.path.relpath(blob, link.parent))
    _write(hub / "refs" / "main", COMMIT.encode())
    studio = home / ".lmstudio/models/publisher/Studio-GGUF/Studio-Q8_0.gguf"
    jan = home / ".local/share/Jan/data/llamacpp/models/org/Jan-Q4_0"
    _write(jan / "model.yml", b"name: Jan model\nembedding: false\n")
    nomic = home / ".local/share/nomic.ai/GPT4All/Nomic-Q4_0.gguf"
    return {
        "Hugging Face": link,
        "LM Studio": _write(studio, content["LM Studio"]),
        "Jan": _write(jan / "model.gguf", content["Jan"]),
        "GPT4All": _write(nomic, content["GPT4All"]),
        "Ollama": _ollama(home / ".ollama/models", content["Ollama"]),
    }


def _ollama(root: Path, content: bytes) -> Path:
    layer = {
        "mediaType": "application/vnd.ollama.image.model",
        "digest": f"sha256:{_sha(content)}",
        "size": len(content),
    }
    manifest = json.dumps({"schemaVersion": 2, "layers": [layer]})
    _write(root / "manifests/hf.co/org/Llama-GGUF/Q4_K_M", manifest.encode())
    return _write(root / "blobs" / f"sha256-{_sha(content)}", content)


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
