"""File lists as the publishers on the Hub make them, and hostile ones."""

import random
import time
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.repository import Quantization, RepositoryContents, RepositoryModel, read_repository

GB = 1_000_000_000


@dataclass(frozen=True)
class File:
    path: str
    size: int = GB
    sha256: str | None = None


def read(*paths: str | tuple[str, float]) -> RepositoryContents:
    files = [File(p) if isinstance(p, str) else File(p[0], int(p[1] * GB)) for p in paths]
    return read_repository(files)


def only(contents: RepositoryContents) -> RepositoryModel:
    (model,) = contents.models
    return model


def labels(model: RepositoryModel) -> list[str]:
    return [each.label for each in model.quantizations]


def paths(quantization: Quantization) -> list[str]:
    return [file.path for file in quantization.files]


# --- publishers ------------------------------------------------------------------------------


def test_unsloth_has_folders_with_parts_beside_single_files() -> None:
    name = "Qwen3-235B-A22B-Instruct-2507"
    contents = read(
        ".gitattributes", "README.md", "config.json", "imatrix_unsloth.dat",
        ("imatrix_unsloth.gguf", 0.7),
        *[(f"BF16/{name}-BF16-{n:05d}-of-00010.gguf", 49) for n in range(1, 11)],
        *[(f"UD-Q4_K_XL/{name}-UD-Q4_K_XL-{n:05d}-of-00003.gguf", 45) for n in (3, 1, 2)],
        *[(f"Q4_K_M/{name}-Q4_K_M-{n:05d}-of-00003.gguf", 48) for n in (2, 3, 1)],
        (f"{name}-UD-TQ1_0.gguf", 55),
        ("mmproj-BF16.gguf", 1), ("mmproj-F16.gguf", 1), ("mmproj-F32.gguf", 2),
    )  # fmt: skip
    model = only(contents)
    assert model.name == name
    assert labels(model) == ["UD-TQ1_0", "UD-Q4_K_XL", "Q4_K_M", "BF16"]
    xl = model.quantizations[1]
    assert paths(xl) == [f"UD-Q4_K_XL/{name}-UD-Q4_K_XL-{n:05d}-of-00003.gguf" for n in (1, 2, 3)]
    assert xl.size_bytes == 135 * GB
    assert xl.bits_per_weight(235 * GB) == pytest.approx(4.596, abs=0.001)
    assert xl.bits_per_weight(0) == 0.0
    assert [each.kind for each in contents.companions] == ["imatrix"] + ["projector"] * 3
    assert xl.projector is not None
    assert xl.projector.path == "mmproj-BF16.gguf"


def test_bartowski_has_one_folder_for_parts_and_an_imatrix() -> None:
    stem = "mistralai_Mistral-Small-3.2-24B-Instruct-2506"
    contents = read(
        *[(f"{stem}-{label}.gguf", size) for label, size in (
            ("IQ2_XXS", 6.5), ("IQ4_XS", 12.8), ("IQ4_NL", 13.5), ("Q4_K_M", 14.3),
            ("Q4_K_L", 14.8), ("Q3_K_XL", 12.99), ("Q6_K_L", 19.7), ("Q8_0", 25),
            ("Q4_0", 13.6), ("Q4_1", 14.9),
        )],
        (f"{stem}-bf16/{stem}-bf16-00001-of-00002.gguf", 39),
        (f"{stem}-bf16/{stem}-bf16-00002-of-00002.gguf", 8),
        (f"{stem}-imatrix.gguf", 0.01), (f"{stem}.imatrix", 0.01),
        (f"mmproj-{stem}-f16.gguf", 0.9), (f"mmproj-{stem}-bf16.gguf", 0.9),
    )  # fmt: skip
    model = only(contents)
    assert model.name == stem
    assert labels(model) == [
        "IQ2_XXS", "IQ4_XS", "Q3_K_XL", "IQ4_NL", "Q4_0", "Q4_K_M", "Q4_K_L", "Q4_1", "Q6_K_L",
        "Q8_0", "BF16",
    ]  # fmt: skip
    assert [each.kind for each in contents.companions] == ["imatrix", "projector", "projector"]


def test_mradermacher_keeps_old_pieces_that_no_engine_reads() -> None:
    contents = read(
        ("Big-Model.i1-IQ1_S.gguf", 20), ("Big-Model.i1-Q4_K_M.gguf", 40),
        ("Big-Model.i1-Q6_K.gguf.part1of2", 30), ("Big-Model.i1-Q6_K.gguf.part2of2", 28),
        ("Big-Model.imatrix.gguf", 0.02),
    )  # fmt: skip
    model = only(contents)
    assert model.name == "Big-Model"
    assert labels(model) == ["IQ1_S", "Q4_K_M", "Q6_K"]
    pieces = model.quantizations[2]
    assert pieces.size_bytes == 58 * GB
    assert pieces.problem is not None
    assert pieces.problem.code == "repository.raw_split"
    assert [each.problem for each in model.quantizations[:2]] == [None, None]


def test_ggml_org_names_and_projector() -> None:
    contents = read(
        ("gemma-3-4b-it-Q4_K_M.gguf", 2.5), ("gemma-3-4b-it-Q8_0.gguf", 4.1),
        ("gemma-3-4b-it-f16.gguf", 7.8), ("mmproj-model-f16.gguf", 0.85),
    )  # fmt: skip
    model = only(contents)
    assert model.name == "gemma-3-4b-it"
    assert labels(model) == ["Q4_K_M", "Q8_0", "F16"]
    assert all(each.projector is not None for each in model.quantizations)
    single = only(read(("gpt-oss-20b-mxfp4.gguf", 12.1)))
    assert (single.name, labels(single)) == ("gpt-oss-20b", ["MXFP4"])
    split = only(read(*[(f"gpt-oss-120b-mxfp4-{n:05d}-of-00003.gguf", 21) for n in (1, 2, 3)]))
    assert labels(split) == ["MXFP4"]
    assert len(split.quantizations[0].files) == 3


def test_the_bloke_and_mixed_cases() -> None:
    contents = read(
        ("llama-2-13b-chat.Q4_K_M.gguf", 8), ("Llama-2-13B-chat.q5_k_m.GGUF", 9),
        ("llama-2-13b-chat.Q8_0.gguf-split-a", 7), ("llama-2-13b-chat.Q8_0.gguf-split-b", 7),
    )  # fmt: skip
    model = only(contents)
    assert labels(model) == ["Q4_K_M", "Q5_K_M", "Q8_0"]
    assert model.quantizations[2].problem is not None


def test_qwen_s_own_lower_case_parts_and_a_whole_file_of_the_same_label() -> None:
    contents = read(
        ("qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf", 4),
        ("qwen2.5-7b-instruct-q4_k_m-00002-of-00002.gguf", 0.7),
        ("qwen2.5-7b-instruct-q4_k_m.gguf", 4.68),
        ("qwen2.5-7b-instruct-q2_k.gguf", 3),
    )  # fmt: skip
    model = only(contents)
    assert labels(model) == ["Q2_K", "Q4_K_M", "Q4_K_M"]
    assert len(model.quantizations[1].files) == 1
    assert len(model.quantizations[2].files) == 2


def test_several_models_in_one_repository_are_kept_apart() -> None:
    contents = read(
        "Tiny-1B-Q4_K_M.gguf", "Tiny-1B-Q8_0.gguf", "tiny_1b.Q2_K.gguf", "Tiny-3B-Q4_K_M.gguf",
        "7B/model-Q4_K_M.gguf", "13B/model-Q4_K_M.gguf", "gguf/Other-Q4_0.gguf",
        "mmproj-Tiny-1B-f16.gguf", "mmproj-Tiny-3B-f16.gguf",
    )  # fmt: skip
    found = {model.name: labels(model) for model in contents.models}
    assert found == {
        "Tiny-1B": ["Q2_K", "Q4_K_M", "Q8_0"], "Tiny-3B": ["Q4_K_M"], "7B/model": ["Q4_K_M"],
        "13B/model": ["Q4_K_M"], "Other": ["Q4_0"],
    }  # fmt: skip
    projectors = {
        model.name: model.quantizations[0].projector.path
        for model in contents.models
        if model.quantizations[0].projector is not None
    }
    assert projectors["Tiny-1B"] == "mmproj-Tiny-1B-f16.gguf"
    assert projectors["Tiny-3B"] == "mmproj-Tiny-3B-f16.gguf"


def test_a_label_only_in_the_folder_or_nowhere() -> None:
    contents = read("Q3_K_M/model-00001-of-00002.gguf", "Q3_K_M/model-00002-of-00002.gguf")
    assert labels(only(contents)) == ["Q3_K_M"]
    assert labels(only(read("q4_k_m/sub/model.gguf"))) == ["Q4_K_M"]
    assert labels(only(read("model.gguf"))) == [""]
    nameless = only(read("Q4_K_M.gguf", "Q8_0.gguf"))
    assert (nameless.name, labels(nameless)) == ("", ["Q4_K_M", "Q8_0"])


def test_drafts_accompany_a_model_unless_they_are_alone() -> None:
    beside = read("Big-Q4_K_M.gguf", "mtp-Big-Q8_0.gguf", "eagle3-Big.gguf", "Big-DRAFT-0.6B.gguf")
    assert labels(only(beside)) == ["Q4_K_M"]
    assert [each.kind for each in beside.companions] == ["draft"] * 3
    alone = read("Big-DRAFT-0.6B-Q4_0.gguf", "Big-DRAFT-0.6B-Q8_0.gguf")
    assert labels(only(alone)) == ["Q4_0", "Q8_0"]
    assert read("mmproj-F16.gguf").models == ()
    assert read("ggml-adapter-model-f16.gguf").companions[0].kind == "adapter"


def test_an_imatrix_in_a_quantization_s_name_is_no_imatrix() -> None:
    contents = read("Model-Q4_K_M-imatrix.gguf", "imatrix-Q8_0.gguf")
    assert labels(only(contents)) == ["Q4_K_M"]
    assert only(contents).name == "Model"
    assert [each.kind for each in contents.companions] == ["imatrix"]


def test_the_nearest_projector_in_folders_and_bits() -> None:
    contents = read(
        "a/Model-Q4_K_M.gguf", "a/mmproj-F16.gguf", "a/mmproj-Q8_0.gguf", "mmproj-Q4_0.gguf",
        "b/mmproj-Q4_K_M.gguf", "b/Model-Q4_K_M.gguf", "c/Model-Q4_K_M.gguf",
    )  # fmt: skip
    found = {
        each.files[0].path: each.projector.path if each.projector else ""
        for model in contents.models
        for each in model.quantizations
    }
    assert found == {
        "a/Model-Q4_K_M.gguf": "a/mmproj-Q8_0.gguf",
        "b/Model-Q4_K_M.gguf": "b/mmproj-Q4_K_M.gguf",
        "c/Model-Q4_K_M.gguf": "mmproj-Q4_0.gguf",
    }


# --- what is not right -----------------------------------------------------------------------


def test_missing_parts_are_named() -> None:
    contents = read(*[f"M-Q8_0-{n:05d}-of-00005.gguf" for n in (1, 2, 4)])
    problem = only(contents).quantizations[0].problem
    assert problem is not None
    assert problem.code == "repository.part_missing"
    assert (problem.facts["count"], problem.facts["number"]) == (2, 3)
    huge = only(read("M-Q8_0-00001-of-99999.gguf")).quantizations[0]
    assert huge.problem is not None
    assert huge.problem.facts["count"] == 99998


@pytest.mark.parametrize(
    "path",
    [
        "../M-Q4_0.gguf", "a/../../M-Q4_0.gguf", "/etc/M-Q4_0.gguf", "C:/M-Q4_0.gguf",
        "c:M-Q4_0.gguf", "a\\M-Q4_0.gguf", "\\\\host\\share\\M-Q4_0.gguf", "a//M-Q4_0.gguf",
        "./M-Q4_0.gguf", "M\u202e-Q4_0.gguf", "M\0-Q4_0.gguf", "M\n-Q4_0.gguf", "M\ud800.gguf",
        "x" * 300 + ".gguf", "a/" * 600 + "M.gguf", ".gguf/../x.gguf",
    ],
)  # fmt: skip
def test_hostile_names_are_set_aside(path: str) -> None:
    contents = read_repository([File(path), File("Good-Q4_0.gguf")])
    assert [model.name for model in contents.models] == ["Good"]
    assert len(contents.refused) == 1
    assert contents.refused[0].isprintable()
    assert len(contents.refused[0]) <= 40


def test_a_path_twice_a_part_twice_and_a_negative_size() -> None:
    contents = read_repository(
        [
            File("M-Q4_0.gguf", 5), File("M-Q4_0.gguf", 7), File("M-Q4_0.GGUF", 6),
            File("N-Q4_0-00001-of-00001.gguf", 1), File("M-Q8_0.gguf", -1),
        ]
    )  # fmt: skip
    sizes = {model.name: [q.size_bytes for q in model.quantizations] for model in contents.models}
    assert sizes == {"M": [5, 6], "N": [1]}
    assert contents.refused == ("M-Q8_0.gguf",)


def test_three_hundred_files_in_any_order_quickly() -> None:
    files = [
        File(f"{label}/Huge-{label}-{n:05d}-of-00030.gguf", 40 * GB + n)
        for label in ("BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "UD-Q4_K_XL", "Q3_K_M", "Q2_K_L",
                      "UD-Q2_K_XL", "UD-IQ2_XXS", "UD-IQ1_S", "UD-TQ1_0")
        for n in range(1, 31)
    ]  # fmt: skip
    expected = read_repository(files)
    assert len(only(expected).quantizations) == 12
    mixed = random.Random(4).sample(files, len(files))
    started = time.perf_counter()
    assert read_repository(mixed) == expected
    assert time.perf_counter() - started < 1.0


@given(
    st.lists(
        st.builds(
            File,
            path=st.lists(
                st.sampled_from([*"aQ4_K8.-/\\:0", "Q4_K_M", "-00001-of-00002", ".gguf", "mmproj"]),
                max_size=12,
            ).map("".join)
            | st.text(max_size=20),
            size=st.integers(-1, 10**13),
        ),
        max_size=12,
    )
)
@settings(max_examples=150, deadline=None)
def test_whatever_a_repository_lists(files: list[File]) -> None:
    contents = read_repository(files)
    # Problems are errors, and those are equal by what they say only.
    assert repr(contents) == repr(read_repository(reversed(files)))
    used = [file.path for model in contents.models for q in model.quantizations for file in q.files]
    used += [each.file.path for each in contents.companions]
    assert len(used) == len(set(used))
    assert all(".." not in path.split("/") and path[0] != "/" for path in used)
