"""A block of code as HTML: coloured by classes, its characters exactly as they are."""

from app.export.html_text import label_html, text_html
from app.markup.code_colors import color_of, lex

CODE_CLASSES = {
    "code_keyword": "k",
    "code_string": "s",
    "code_comment": "c",
    "code_number": "n",
    "code_name": "f",
    "bad": "d",
}
"""The palette's colours -> the class that has it."""


def code_html(language: str, text: str) -> str:
    """A ``pre`` with one ``code``; the language stands in both, as readers of HTML look for it."""
    word = label_html(language, 40)
    inner = _colored(language, text) or text_html(text)
    if not word:
        return f'<pre dir="ltr"><code>{inner}</code></pre>\n'
    return (
        f'<pre dir="ltr" data-language="{word}">'
        f'<code class="language-{word}">{inner}</code></pre>\n'
    )


def _colored(language: str, text: str) -> str:
    """The text in colours; empty where there are none, or a lexer told another text."""
    pieces: list[str] = []
    told: list[str] = []
    run: list[str] = []
    current: str | None = None
    for _offset, kind, value in lex(language, text):
        color = color_of(kind)
        if color != current:
            pieces.append(_run(current, "".join(run)))
            run, current = [], color
        run.append(value)
        told.append(value)
    pieces.append(_run(current, "".join(run)))
    return "".join(pieces) if "".join(told) == text else ""


def _run(color: str | None, text: str) -> str:
    inner = text_html(text)
    name = CODE_CLASSES.get(color or "")
    return f'<span class="{name}">{inner}</span>' if name and inner else inner
