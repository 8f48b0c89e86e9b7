"""What a person means by ``owner/name:QUANT``, and what is then asked of the downloads."""

import pytest

from app.library.errors import LibraryError
from app.library.hub_pages import RepositoryPage
from app.wording import sentence_for
from models.errors import ModelFileAbsent
from models.hub_entities import Gate, RepositoryFile, RepositoryInfo
from models.hub_reference import parse_reference
from models.repository import read_repository

SHA = "a" * 64


def page(*paths: str, needs_token: bool = False, **told: str) -> RepositoryPage:
    files = tuple(RepositoryFile(path, 1000, SHA) for path in paths)
    info = RepositoryInfo(
        id="o/Tiny-GGUF", commit="c" * 40, gate=Gate.OPEN, disabled=False,
        licence=told.get("licence", "mit"), licence_name=told.get("licence_name", ""),
        licence_link="", base_models=(), tags=(), downloads=0, likes=0, updated_ms=0,
        architecture="", parameters=0, context_tokens=0, files=files,
    )  # fmt: skip
    return RepositoryPage(info=info, contents=read_repository(files), needs_token=needs_token)


def meant(of: RepositoryPage, text: str) -> list[str] | None:
    reference = parse_reference(text)
    assert reference is not None
    found = of.meant(reference)
    return None if found is None else [file.path for file in found[1].files]


def refused(of: RepositoryPage, text: str) -> str:
    with pytest.raises(LibraryError) as caught:
        meant(of, text)
    assert sentence_for(caught.value)
    return caught.value.code


def test_by_label_name_address_or_folder() -> None:
    tiny = page("T-Q4_K_M.gguf", "Q8_0/T-Q8_0-00001-of-00002.gguf",
                "Q8_0/T-Q8_0-00002-of-00002.gguf", "mmproj-T-f16.gguf")  # fmt: skip
    parts = ["Q8_0/T-Q8_0-00001-of-00002.gguf", "Q8_0/T-Q8_0-00002-of-00002.gguf"]
    assert meant(tiny, "o/Tiny-GGUF") is None
    assert meant(tiny, "o/Tiny-GGUF:latest") is None
    assert meant(tiny, "ollama run hf.co/o/Tiny-GGUF:q4_k_m") == ["T-Q4_K_M.gguf"]
    assert meant(tiny, "o/Tiny-GGUF:T-Q4_K_M") == ["T-Q4_K_M.gguf"]
    address = "https://huggingface.co/o/Tiny-GGUF"
    assert meant(tiny, f"{address}/blob/main/T-Q4_K_M.gguf") == ["T-Q4_K_M.gguf"]
    assert meant(tiny, f"{address}/resolve/main/{parts[1]}") == parts
    assert meant(tiny, f"{address}/tree/main/Q8_0") == parts
    assert refused(tiny, "o/Tiny-GGUF:Q2_K") == "repository.no_such"
    assert refused(tiny, f"{address}/blob/main/README.md") == "repository.no_such"


def test_one_label_for_two_models_needs_a_name() -> None:
    two = page("A-Q4_0.gguf", "B-Q4_0.gguf")
    assert refused(two, "o/Tiny-GGUF:Q4_0") == "repository.several"
    assert meant(two, "o/Tiny-GGUF:B-Q4_0") == ["B-Q4_0.gguf"]


def test_without_gguf_files() -> None:
    assert refused(page("README.md"), "o/Tiny-GGUF:Q4_0") == "models.no_gguf"


def test_what_is_asked_of_the_downloads() -> None:
    other = page("T-Q4_0.gguf", needs_token=True, licence="other", licence_name="deepseek")
    ((model, quantization),) = other.choices()
    request = other.request(model, quantization)
    assert (request.repository, request.commit) == ("o/Tiny-GGUF", "c" * 40)
    assert (request.name, request.quantization) == ("T", "Q4_0")
    assert (request.license, request.needs_token) == ("deepseek", True)
    assert [(file.path, file.size, file.sha256) for file in request.files] == [
        ("T-Q4_0.gguf", 1000, SHA)
    ]


def test_a_set_with_a_missing_part_is_refused_before_anything_is_asked() -> None:
    cut = page("T-Q8_0-00002-of-00002.gguf")
    ((model, quantization),) = cut.choices()
    with pytest.raises(ModelFileAbsent):
        cut.request(model, quantization)
