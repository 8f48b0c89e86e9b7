"""A Markdown table as a Word table with a header row."""

from collections.abc import Sequence

from markdown_it.token import Token

from app.export.docx_inline import InlineWriter
from app.export.docx_paragraph import Place
from app.export.docx_xml import Look

MOST_COLUMNS = 60
"""Word has no more than 63."""
_WIDTH = 9000
"""Twips that are shared before the program lays the table out by its content."""
_GAP = (
    '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="120" w:lineRule="exact"/></w:pPr>'
    "</w:p>"
)
"""Between a table and what follows: two tables would grow together."""


def table(tokens: Sequence[Token], inline: InlineWriter, place: Place) -> str:
    """The table of the tokens from ``table_open`` to ``table_close``."""
    columns = max(1, sum(token.type == "th_open" for token in tokens))
    indent = f'<w:tblInd w:w="{place.indent}" w:type="dxa"/>' if place.indent else ""
    properties = (
        '<w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/>'
        f'{indent}<w:tblLook w:val="0420" w:firstRow="1" w:lastRow="0" w:firstColumn="0" '
        'w:lastColumn="0" w:noHBand="0" w:noVBand="1"/></w:tblPr>'
    )
    width = _WIDTH // columns
    grid = "<w:tblGrid>" + f'<w:gridCol w:w="{width}"/>' * columns + "</w:tblGrid>"
    rows = "".join(_rows(tokens, inline, width))
    return f"<w:tbl>{properties}{grid}{rows}</w:tbl>{_GAP}"


def _rows(tokens: Sequence[Token], inline: InlineWriter, width: int) -> list[str]:
    rows: list[str] = []
    side, is_head = "", False
    for token in tokens:
        if token.type == "tr_open":
            rows.append("")
        elif token.type in ("th_open", "td_open"):
            is_head = token.type == "th_open"
            side = str(token.attrs.get("style", "")).removeprefix("text-align:")
        elif token.type == "inline" and rows:
            rows[-1] += _cell(token, inline, width, side, is_head=is_head)
        elif token.type == "tr_close" and rows:
            head = "<w:tblHeader/>" if is_head else ""
            rows[-1] = f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{rows[-1]}</w:tr>"
    return rows


def _cell(token: Token, inline: InlineWriter, width: int, side: str, *, is_head: bool) -> str:
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="EBE8E1"/>' if is_head else ""
    jc = f'<w:jc w:val="{side}"/>' if side in ("left", "center", "right") else ""
    words = inline.inline(token.children or (), Look(bold=is_head))
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="TableCell"/>{jc}</w:pPr>{words}</w:p></w:tc>'
    )
