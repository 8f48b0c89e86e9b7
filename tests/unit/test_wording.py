"""Every sentence is short, plain, used and filled by name; nothing visible is written elsewhere."""

import ast
import functools
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.wording import CONTEXT, SENTENCES, sentence, sentence_for
from models.errors import ModelFileError
from models.naming import SHOWN_CHARACTERS

REPOSITORY = Path(__file__).resolve().parents[2]
MAX_CHARACTERS = 140
FORBIDDEN = re.compile(
    r"failed to|\binvalid\b|error code|\berrno\b|\bnull\b|\bexceptions?\b|\btensors?\b"
    r"|\bbuffers?\b|\boops\b",
    re.I,
)
SOURCES = [
    path
    for folder in (".", "models", "app", "ui")
    for path in sorted((REPOSITORY / folder).glob("*.py" if folder == "." else "**/*.py"))
    if path.name != "wording.py"
]

# Facts as long as the source makes them: names and paths are cut to 40 characters.
NAME = "Qwen3-Coder-480B-A35B-Instruct-1M-UD-Q4_K_XL.gguf"[:SHOWN_CHARACTERS]
PLAUSIBLE: dict[str, str | int | float] = {
    "contents": "12,400 chats, 1,200 folders, 340 messages, 128 presets",
    "description": "NVIDIA GeForce RTX 4060 Laptop GPU with Max-Q Design",
    "name": NAME, "path": NAME, "folder": NAME, "model": NAME, "title": NAME,
    "part": NAME, "example": NAME, "file": "history.sqlite3",
    "kept": "history.sqlite3.damaged-2026-01-31-2", "key": "sampling.repetition_penalty",
    "id": "0198c0de-7a1b-7c3d-8e4f-0123456789ab", "signal": "SIGSEGV",
    "reason": "No space left on device", "problem": "argument --max-tokens: not a number: 'many'",
    "missing": 480_000_000_000, "count": 100_000, "number": 255, "version": 65_535,
    "stated": 4_294_967_295, "found": 1000, "seconds": 3600, "seed": 4_294_967_295,
    "done": 1_000_000, "total": 1_000_000, "percent": 100, "gib": 123.4,
    "longest": 1_048_576, "used": "1234.5", "budget": "1234.5",
    "needed": 1234.5, "free": 1234.5, "context": 1_048_576, "tokens": 1_048_576,
    "architecture": "deepseek2-something", "device": "RPC[192.168.100.100:50052]",
    "speed": 123.4, "rate": "110–120 tok/s", "value": 0.123456, "backend": "Vulkan",
    "host": "computer-in-the-cellar.example.org:50052"[:SHOWN_CHARACTERS],
    "devices": "CUDA0, CUDA1, CUDA2, CUDA3, CUDA4, CUDA5, CUDA6"[:SHOWN_CHARACTERS],
    "where": "RTX PRO 6000 Blackwell and the Radeon RX 7900 XTX",
    "other": "Radeon RX 7900 XTX",
    "when": "30 September 2026, 23:59",
    "weights": "1,008 GiB", "cache": "1,008 GiB", "compute": "1,008 GiB", "layers": 123,
    "conversations": 100_000, "messages": 1_000_000, "trashed": 1_000,
    "kv_type": "q8_0", "whole": "1234", "size": "1234",
}  # fmt: skip


def placeholders(text: str) -> list[str]:
    return [
        name for _text, name, _form, _kind in string.Formatter().parse(text) if name is not None
    ]


# --- the sentences -------------------------------------------------------------------------


@pytest.mark.parametrize("code", SENTENCES)
def test_filled_in_it_is_short_and_plain(code: str) -> None:
    names = placeholders(SENTENCES[code])
    assert all(name.isidentifier() for name in names), "placeholders are named"
    unknown = [name for name in names if name not in PLAUSIBLE]
    assert not unknown, f"give {unknown} a long plausible fact in PLAUSIBLE"
    text = sentence(code, PLAUSIBLE)
    assert len(text) <= MAX_CHARACTERS, f"{len(text)} characters: {text}"
    assert not FORBIDDEN.search(SENTENCES[code])
    # Labels of an export, the terminal's help and names of places are parts of a line.
    parts = ("export.", "terminal.help_", "placement.where_")
    is_part = code.startswith(parts) or SENTENCES[code].startswith("{")
    assert is_part or text[0] == text[0].upper()
    assert "  " not in text
    assert text.strip() == text


def test_codes_have_a_room_and_a_name() -> None:
    assert all(re.fullmatch(r"[a-z]+\.[a-z0-9_]+", code) for code in SENTENCES)


def test_filled_with_more_facts_than_it_names() -> None:
    assert sentence("gguf.empty", {"name": "m.gguf", "detail": "x"}).startswith("m.gguf is empty")


def test_facts_are_not_read_as_placeholders() -> None:
    assert "{0} {x}" in sentence("gguf.empty", {"name": "{0} {x}"})


def test_translated_before_it_is_filled() -> None:
    heard: list[tuple[str, str]] = []

    def translate(context: str, text: str) -> str:
        heard.append((context, text))
        return "{name} ist leer."

    error = ModelFileError("gguf.empty", name="m.gguf")
    assert sentence_for(error, translate) == "m.gguf ist leer."
    assert heard == [(CONTEXT, SENTENCES["gguf.empty"])]


def test_every_sentence_is_marked_for_translation_in_the_same_context() -> None:
    tree = ast.parse((REPOSITORY / "app" / "wording.py").read_text(encoding="utf-8"))
    marked = {
        node.args[1].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and called(node) == "QT_TRANSLATE_NOOP"
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value == CONTEXT
        and isinstance(node.args[1], ast.Constant)
    }
    assert marked == set(SENTENCES.values())


# --- their use -----------------------------------------------------------------------------


@functools.cache
def trees() -> tuple[tuple[Path, ast.Module], ...]:
    """Every source, read once."""
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES)


def called(node: ast.Call) -> str:
    """The last name of what is called: "tr" for ``self.tr(…)``."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def error_classes() -> set[str]:
    """Names of all classes below KnownError, by their source."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for _path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"KnownError"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found


def test_every_sentence_is_used() -> None:
    written = {
        node.value
        for _path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    # A code may be put together, as f"storage.{state.value}" or code + "_loading".
    beginnings = {
        first.value
        for _path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        and node.values
        and isinstance(first := node.values[0], ast.Constant)
        and isinstance(first.value, str)
        and "." in first.value
    }
    unused = [
        code
        for code in SENTENCES
        if code not in written
        and code.removesuffix("_loading") not in written
        and not any(code.startswith(beginning) for beginning in beginnings)
    ]
    assert unused == []


def test_every_code_in_use_has_a_sentence() -> None:
    takers = error_classes() | {"sentence", "Notice"}
    unknown = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno} {argument.value}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for argument in [
            *(node.args[:1] if called(node) in takers else []),
            *(keyword.value for keyword in node.keywords if keyword.arg == "code"),
        ]
        if isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
        and argument.value not in SENTENCES
    ]
    assert unknown == []


# --- nothing visible anywhere else ---------------------------------------------------------

SHOWING = frozenset(
    {
        "setText", "setWindowTitle", "setToolTip", "setPlaceholderText", "setAccessibleName",
        "setAccessibleDescription", "setStatusTip", "setWhatsThis", "setTitle", "setSuffix",
        "setPrefix", "setInformativeText", "setDetailedText", "setLabelText", "addAction",
        "addItem", "addItems", "addMenu", "addTab", "addRow", "addButton", "insertItem",
        "setHeaderLabels", "setLabel", "showMessage", "setHtml", "setPlainText",
        "QLabel", "QPushButton", "QToolButton", "QCheckBox", "QRadioButton", "QGroupBox",
        "QAction", "QMenu", "QMessageBox", "QDockWidget",
    }
)  # fmt: skip
SPEAKING = frozenset({"print", "line", "complain", "write"})
_WORD = re.compile(r"[^\W\d_]{2,}")
_PROSE = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}|^[A-Z][a-z]+…?$")


def says_something(node: ast.expr) -> bool:
    """Whether an argument is text written right here: a literal or an f-string with words."""
    match node:
        case ast.Constant(value=str() as text):
            return _WORD.search(text) is not None
        case ast.JoinedStr(values=values):
            return any(says_something(value) for value in values)
        case ast.BinOp(left=left, right=right):
            return says_something(left) or says_something(right)
        case ast.Call(func=ast.Attribute(value=inner, attr="format" | "join")):
            return says_something(inner)
        case ast.IfExp(body=body, orelse=other):
            return says_something(body) or says_something(other)
    return False


def is_prose(node: ast.expr) -> bool:
    """A literal that reads like a label, for the constructors of our own widgets."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _PROSE.search(node.value) is not None
    )


def visible_literals(tree: ast.Module) -> Iterator[int]:
    """Lines that show a text of their own, or hand ``tr`` something that is no literal."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = called(node)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if name == "tr":
            wrong = not node.args or not isinstance(node.args[0], ast.Constant)
        elif name in SHOWING:
            wrong = any(says_something(argument) for argument in arguments)
        else:
            is_widget = name[:1].isupper() and not name.endswith(("Error", "NOOP", "Template"))
            named = [keyword.value for keyword in node.keywords if keyword.arg != "shortcut"]
            wrong = is_widget and any(is_prose(argument) for argument in [*node.args, *named])
        if wrong:
            yield node.lineno


def spoken_literals(tree: ast.Module) -> Iterator[int]:
    """Lines of a terminal command that print or explain with a text of their own."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        told = [key.value for key in node.keywords if key.arg in ("help", "description", "epilog")]
        if called(node) in SPEAKING:
            told += node.args
        if any(says_something(argument) for argument in told):
            yield node.lineno


@pytest.mark.parametrize(
    "source",
    [
        'label.setText("Hello")', 'label.setText(f"Hello {name}")', 'QLabel("Hello")',
        'menu.addAction(icon, "Copy")', 'label.setText("Hello " + name)',
        'label.setToolTip("{n} tokens".format(n=1))', 'label.setText("Stop" if x else other)',
        'self.tr(f"{n} tokens")', "self.tr(text)", 'TextButton(theme, "Open GGUF file…")',
        'TextButton(theme, text="Open")', 'box.setWindowTitle("Moestro")',
    ],
)  # fmt: skip
def test_the_window_check_sees(source: str) -> None:
    assert list(visible_literals(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        'label.setText("")', 'label.setText("·")', 'label.setText(f"{a} · {b}")',
        'label.setText(self.tr("Hello"))', 'QLabel(self.tr("Hello"))', "label.setText(text)",
        'self.tr("{n} tokens").format(n=1)', 'TextButton(theme, self.tr("Open"), icon="folder")',
        'raise ValueError("this is for us alone")', 'log.info("loaded in %d ms", ms)',
    ],
)  # fmt: skip
def test_the_window_check_lets_pass(source: str) -> None:
    assert not list(visible_literals(ast.parse(source)))


def test_the_terminal_check_sees() -> None:
    for source in ('print("Hello")', 'output.line(f"Hello {x}")', 'add("--x", help="Do it")'):
        assert list(spoken_literals(ast.parse(source)))
    for source in ('print(sentence("a.b"))', 'output.line("\\t")', 'add("--x", metavar="FILE")'):
        assert not list(spoken_literals(ast.parse(source)))


def test_nothing_visible_is_written_in_the_window_s_code() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}:{line}"
        for path, tree in trees()
        if path.is_relative_to(REPOSITORY / "ui")
        for line in visible_literals(tree)
    ]
    assert found == []


def test_nothing_visible_is_written_in_the_terminal_s_code() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}:{line}"
        for path, tree in trees()
        if path == REPOSITORY / "app" / "cli.py"
        or path.is_relative_to(REPOSITORY / "app" / "commands")
        for line in spoken_literals(tree)
    ]
    assert found == []
