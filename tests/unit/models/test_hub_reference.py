"""What people paste to name a model."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.hub_reference import (
    HubReference,
    is_repository_id,
    parse_endpoint,
    parse_reference,
)

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "unsloth/Qwen3-30B-A3B-GGUF"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (REPO, HubReference(REPO)),
        (f"  {REPO}\n", HubReference(REPO)),
        (f"{REPO}:Q4_K_M", HubReference(REPO, "Q4_K_M")),
        (f"{REPO}:UD-Q4_K_XL", HubReference(REPO, "UD-Q4_K_XL")),
        (f"{REPO}:latest", HubReference(REPO)),
        (f"hf.co/{REPO}:Q4_K_M", HubReference(REPO, "Q4_K_M")),
        (f"huggingface.co/{REPO}", HubReference(REPO)),
        (f"https://huggingface.co/{REPO}", HubReference(REPO)),
        (f"HTTPS://HuggingFace.co/{REPO}/", HubReference(REPO)),
        (f"https://hf.co/{REPO}?show=all#files", HubReference(REPO)),
        (f"https://huggingface.co/{REPO}/tree/main", HubReference(REPO)),
        (f"https://huggingface.co/{REPO}/discussions/3", HubReference(REPO)),
        (
            f"https://huggingface.co/{REPO}/blob/main/Q4_K_M/m-00001-of-00002.gguf",
            HubReference(REPO, path="Q4_K_M/m-00001-of-00002.gguf"),
        ),
        (
            f"https://huggingface.co/{REPO}/resolve/{COMMIT}/a%20b.gguf?download=true",
            HubReference(REPO, path="a b.gguf", revision=COMMIT),
        ),
        (
            f"https://huggingface.co/{REPO}/tree/refs%2Fpr%2F1",
            HubReference(REPO, revision="refs/pr/1"),
        ),
        (f"ollama run hf.co/{REPO}:Q4_K_M", HubReference(REPO, "Q4_K_M")),
        (f"ollama pull  huggingface.co/{REPO}", HubReference(REPO)),
        (f"`ollama run hf.co/{REPO}:IQ2_XXS`", HubReference(REPO, "IQ2_XXS")),
        (f"llama-server -hf {REPO}:Q8_0 --port 80", HubReference(REPO, "Q8_0")),
        (f"hf download {REPO} m.gguf", HubReference(REPO)),
        (f'"{REPO}"', HubReference(REPO)),
        (f"<https://hf.co/{REPO}>", HubReference(REPO)),
        # no repositories
        ("", None),
        ("llama3", None),
        ("ollama run llama3:8b", None),
        ("C:\\models\\a.gguf", None),
        ("/srv/models/a/b.gguf", None),
        ("models/sub/file.gguf", None),
        ("a/b/c.gguf", None),
        ("datasets/owner", None),
        ("https://huggingface.co/datasets/owner/name", None),
        ("https://huggingface.co/spaces/owner/name", None),
        ("https://huggingface.co/owner", None),
        (f"https://evil.example.org/{REPO}", None),
        (f"https://huggingface.co.evil.org/{REPO}", None),
        (f"https://huggingface.co@evil.org/{REPO}", None),
        (f"https://user:word@huggingface.co/{REPO}", None),
        (f"https://huggingface.co:8443/{REPO}", None),
        (f"file://huggingface.co/{REPO}", None),
        (f"javascript://huggingface.co/{REPO}", None),
        ("../../etc/passwd", None),
        ("owner/..", None),
        ("owner/na..me", None),
        ("owner/%2e%2e", None),
        ("owner/na%2Fme", None),
        ("own\u202eer/name", None),
        ("owner/name:", None),
        ("owner/name:Q4/../x", None),
        (f"https://huggingface.co/{REPO}/resolve/../x", None),
        ("http://[::1/owner/name", None),
        ("owner/" + "n" * 97, None),
        ("o/n" * 1000, None),
    ],
)
def test_pasted_lines(text: str, expected: HubReference | None) -> None:
    assert parse_reference(text) == expected


def test_a_mirror_is_the_hub_too() -> None:
    mirror = "http://mirror.lan:8080/hub"
    wanted = HubReference(REPO, path="m.gguf")
    assert parse_reference(f"{mirror}/{REPO}/blob/main/m.gguf", mirror) == wanted
    assert parse_reference(f"https://huggingface.co/{REPO}/blob/main/m.gguf", mirror) == wanted
    assert parse_reference(f"http://mirror.lan:8081/hub/{REPO}", mirror) is None
    assert parse_reference(f"mirror.lan:8080/{REPO}:Q4_0", mirror) == HubReference(REPO, "Q4_0")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://huggingface.co/", "https://huggingface.co"),
        (" http://10.0.0.1:8080/hub/ ", "http://10.0.0.1:8080/hub"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("huggingface.co", None),
        ("ftp://huggingface.co", None),
        ("https://user:word@huggingface.co", None),
        ("https://huggingface.co/?a=b", None),
        ("https://", None),
        ("https://a:port", None),
    ],
)
def test_addresses_of_hubs(text: str, expected: str | None) -> None:
    assert parse_endpoint(text) == expected


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80) | st.builds("https://huggingface.co/{}".format, st.text(max_size=60)))
def test_whatever_is_pasted_gives_a_clean_name_or_none(text: str) -> None:
    found = parse_reference(text)
    if found is not None:
        assert is_repository_id(found.repo)
        assert found.repo.isascii()
        assert ".." not in found.repo
