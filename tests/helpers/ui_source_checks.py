"""What a script can see in the source of ``ui`` without opening a window."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\Z")
_MODAL = {"QDialog", "QMessageBox", "QInputDialog", "QProgressDialog", "QColorDialog"}
_TEXT_SIZE_ARGUMENTS = {"font", "mono_font"}


def sources(folder: Path = ROOT / "ui") -> list[Path]:
    """Every Python file of the window."""
    return sorted(folder.rglob("*.py"))


def color_literals(path: Path) -> list[str]:
    """Colours written as #rrggbb, as numbers, or as one of Qt's names (transparent is none)."""
    problems = []
    for node in _nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _COLOR.match(node.value):
                problems.append(_at(path, node, node.value))
        elif isinstance(node, ast.Call) and _called(node) in ("QColor", "fromRgb", "qRgb"):
            if any(isinstance(each, ast.Constant) for each in node.args):
                problems.append(_at(path, node, "a colour in numbers or by name"))
        elif (
            isinstance(node, ast.Attribute)
            and node.attr != "transparent"
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "GlobalColor"
        ):
            problems.append(_at(path, node, node.attr))
    return problems


def modal_dialogs(path: Path) -> list[str]:
    """Uses of dialogs that stop everything else; file pickers are not among them."""
    return [
        _at(path, node, node.id)
        for node in _nodes(path)
        if isinstance(node, ast.Name) and node.id in _MODAL
    ]


def text_sizes_in_numbers(path: Path) -> list[str]:
    """Fonts asked for in a number instead of one of the five names."""
    return [
        _at(path, node, "a text size in numbers")
        for node in _nodes(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _TEXT_SIZE_ARGUMENTS
        and any(
            isinstance(each, ast.Constant)
            for each in [*node.args, *(k.value for k in node.keywords if k.arg == "size")]
        )
    ]


def shown_f_strings(path: Path) -> list[str]:
    """f-strings with words in them given to something that shows text; lupdate misses them."""
    problems = []
    for node in _nodes(path):
        if not isinstance(node, ast.Call) or not _shows_text(_called(node)):
            continue
        for argument in node.args:
            if isinstance(argument, ast.JoinedStr) and any(
                isinstance(part, ast.Constant) and re.search(r"[A-Za-z]{2}", str(part.value))
                for part in argument.values
            ):
                problems.append(_at(path, node, "an f-string for a person to read"))
    return problems


def _shows_text(name: str) -> bool:
    if name in ("tr", "addAction", "addItem", "entry", "show_message", "offer"):
        return True
    return name.startswith("set") and name.endswith(("Text", "ToolTip", "Title", "Name"))


def _nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def _called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _at(path: Path, node: ast.AST, what: str) -> str:
    return f"{path.name}:{getattr(node, 'lineno', 0)}: {what}"
