"""The schema of ``ask --schema``: read before anything is loaded, and what the answer is to it."""

from pathlib import Path
from typing import Any

from app.engine.errors import SchemaError
from app.engine.schema import MOST_BYTES
from app.engine.schema_check import check_answer
from app.engine.schema_grammar import grammar_of
from app.errors import AppError
from models.naming import shown_name


def schema_of(path: str | None) -> str:
    """The text of a usable schema, empty without a file. Raises SchemaError."""
    if path is None:
        return ""
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
            size = max(len(data), Path(path).stat().st_size)
        if len(data) > MOST_BYTES:
            kilobytes = -(-size // 1024)
            raise SchemaError("schema.too_large", number=kilobytes, count=MOST_BYTES // 1024)
        text = data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise SchemaError("schema.not_a_file", name=shown_name(Path(path))) from error
    grammar_of(text)
    return text


def checked_value(schema: str, answer: str) -> Any:
    """The answer as JSON. Raises AppError when it is none, or does not fit."""
    checked = check_answer(schema, answer)
    if checked.verdict == "not_json":
        raise AppError("schema.cut_off")
    if checked.verdict == "misfit":
        raise AppError("schema.misfit", where=checked.where[-40:])
    return checked.value
