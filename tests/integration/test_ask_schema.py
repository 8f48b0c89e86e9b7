"""``ask --schema``: prints JSON that fits, or one sentence why not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.usefixtures("starter_model")

SCHEMA = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "blue"]}, "warm": {"type": "boolean"}},
    "required": ["colour", "warm"],
}


def ask(tmp_path: Path, schema: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "schema.json"
    path.write_text(schema, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--data-dir", str(tmp_path / "data"), "ask",
         "Name a colour.", "--temporary", "--schema", str(path), *arguments],
        capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_the_answer_is_json_and_nothing_else(tmp_path: Path) -> None:
    run = ask(tmp_path, json.dumps(SCHEMA))
    assert run.returncode == 0
    assert set(json.loads(run.stdout)) == {"colour", "warm"}
    told = json.loads(ask(tmp_path, json.dumps(SCHEMA), "--json").stdout)
    assert told["value"] == json.loads(told["text"])


def test_an_answer_that_is_cut_off_fails_with_a_sentence(tmp_path: Path) -> None:
    run = ask(tmp_path, json.dumps(SCHEMA), "--max-tokens", "3")
    assert run.returncode == 1
    assert run.stderr.strip().splitlines() == [
        "The answer is no whole JSON; allow it to be longer, or ask again."
    ]


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ('{"pattern": "x"}', "schema.keyword"),
        ("{", "schema.not_json"),
        (" " * 100_000, "schema.too_large"),
        ('{"$ref": "#"}', "schema.endless"),
    ],
)
def test_a_schema_that_cannot_be_enforced_is_refused_before_a_model_is_loaded(
    tmp_path: Path, schema: str, code: str
) -> None:
    run = ask(tmp_path, schema, "--json")
    assert run.returncode == 2
    assert json.loads(run.stdout)["error"]["code"] == code
    assert not (tmp_path / "data").exists() or not list((tmp_path / "data").rglob("*.sqlite3"))


def test_a_schema_that_is_not_there(tmp_path: Path) -> None:
    run = ask(tmp_path, "{}", "--schema", str(tmp_path / "none.json"))
    assert run.returncode == 2
    assert "none.json cannot be read" in run.stderr
