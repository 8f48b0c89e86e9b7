"""What a model's file or card recommends for sampling."""

from pathlib import Path

import pytest

from app.engine.entities import SamplingParameters, ThinkingSupport
from app.library.entities import InstalledModel
from app.library.model_hints import read_hints, recommended_by_card
from models.gguf import open_model
from tests.helpers.gguf_bytes import value
from tests.helpers.gguf_edit import read_header

_FLOAT, _INT, _TEXT = 6, 5, 8


def installed(path: Path, name: str = "A model") -> InstalledModel:
    return InstalledModel(
        key="k", name=name, quantization="", architecture="", size_bytes=1, parameters=1,
        trained_context_tokens=1, layers=1, expert_count=0, license="", is_demo=False,
        has_template=True, handle=open_model(path).handle, opened_ms=0, last_used_ms=0,
    )  # fmt: skip


def test_the_file_s_own_values_go_first_and_nonsense_is_left_out(
    tmp_path: Path, starter_model: Path
) -> None:
    path = read_header(starter_model).with_keys(
        {
            "general.sampling.temp": value(_FLOAT, 0.6),
            "general.sampling.top_k": value(_INT, 20),
            "general.sampling.top_p": value(_FLOAT, float("nan")),
            "general.sampling.min_p": value(_TEXT, "much"),
            "general.sampling.penalty_repeat": value(_FLOAT, 99.0),
        }
    ).write(tmp_path / "m.gguf")  # fmt: skip
    hints = read_hints(installed(path, "Qwen3-8B"))
    assert hints.sampling is not None
    assert hints.sampling.source == "file"
    assert dict(hints.sampling.values) == {"temperature": 0.6, "top_k": 20}
    base = SamplingParameters(top_p=0.5, json_schema="{}")
    assert hints.sampling.applied_to(base) == SamplingParameters(
        temperature=0.6, top_k=20, top_p=0.5, json_schema="{}"
    )


def test_a_file_that_says_nothing_is_known_by_its_card(starter_model: Path) -> None:
    assert read_hints(installed(starter_model)).sampling is None
    hints = read_hints(installed(starter_model, "gpt-oss 20b"))
    assert hints.sampling is not None
    assert hints.sampling.source == "card"
    assert hints.thinking == ThinkingSupport()


def test_a_file_that_is_gone_gives_no_trouble(tmp_path: Path, starter_model: Path) -> None:
    path = read_header(starter_model).write(tmp_path / "m.gguf")
    model = installed(path)
    path.unlink()
    assert read_hints(model).sampling is None


@pytest.mark.parametrize(
    ("name", "temperature"),
    [
        ("Qwen3 30B A3B Instruct 2507", 0.7),
        ("Qwen3-Coder-30B-A3B-Instruct", 0.7),
        ("Qwen3-8B", 0.6),
        ("DeepSeek-R1-0528-Qwen3-8B", 0.6),
        ("Gemma-3-27B-it", 1.0),
        ("Mistral-Small-3.2-24B-Instruct-2506", 0.15),
        ("Llama-3.1-8B", None),
        ("SmolLM2", None),
    ],
)
def test_cards(name: str, temperature: float | None) -> None:
    found = recommended_by_card(name)
    assert (found.values["temperature"] if found else None) == temperature
