"""Source code as coloured runs; its text stays byte for byte."""

from app.export.docx_styles import CODE_COLORS
from app.export.docx_xml import Look, run
from app.markup.code_colors import color_of, lex


def code_runs(text: str, language: str) -> str:
    """The runs of a code block, neighbours of one colour as one."""
    pieces: list[str] = []
    begin = 0
    color = ""
    for offset, kind, _piece in lex(language, text):
        next_color = CODE_COLORS.get(color_of(kind) or "", "")
        if next_color != color and offset > begin:
            pieces.append(run(text[begin:offset], Look(color=color)))
            begin = offset
        color = next_color
    pieces.append(run(text[begin:], Look(color=color)))
    return "".join(pieces)
