"""``ask --conversation``: the terminal goes on where a conversation stands."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.usefixtures("starter_model")


def ask(root: Path, *arguments: str) -> tuple[int, dict]:
    command = [sys.executable, str(ROOT / "main.py"), "--data-dir", str(root), "ask", *arguments]
    run = subprocess.run(
        [*command, "--json", "--temperature", "0", "--max-tokens", "12"],
        capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return run.returncode, json.loads(run.stdout)


def test_a_conversation_goes_on_in_the_terminal(tmp_path: Path) -> None:
    root = tmp_path / "data"
    code, first = ask(root, "My name is Ada. Say hello.", "--system", "Be kind.")
    assert code == 0
    code, second = ask(root, "What is my name?", "--conversation", first["conversation"])
    assert code == 0
    assert second["conversation"] == first["conversation"]
    assert second["timings"]["prompt_tokens"] > first["timings"]["prompt_tokens"] + 12
    code, refused = ask(root, "x", "--conversation", first["conversation"], "--system", "Other")
    assert (code, refused["error"]["code"]) == (2, "terminal.system_of_conversation")
    code, refused = ask(root, "x", "--conversation", "unknown")
    assert (code, refused["error"]["code"]) == (1, "history.no_conversation")
    code, last = ask(root, "And now?", "--conversation", first["conversation"], "--temporary")
    assert (code, last["conversation"]) == (0, None)
