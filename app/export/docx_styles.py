"""The styles of a Word document: real headings, code, quotes, tables, lists."""

_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MONO = '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Courier New"/>'
_HEADING_SIZES = (36, 30, 26, 24, 22, 22)
"""Half points, of the levels 1 to 6."""

MUTED = "625F57"
CODE_COLORS = {
    "code_keyword": "7A3E9D",
    "code_string": "2F6B2F",
    "code_comment": "6A675F",
    "code_number": "9A4A00",
    "code_name": "1B5A94",
    "bad": "B3261E",
}
"""Of light paper, by the names that ``app.markup.code_colors`` gives."""
LANGUAGE = "en-US"


def styles() -> bytes:
    """The part ``word/styles.xml``."""
    made = "".join(
        [
            _DEFAULTS,
            _style("Normal", "Normal", "", "", default=True),
            _style("Title", "Title", _spacing(0, 120, keep=True), _size(52, bold=True)),
            _style("Subtitle", "Subtitle", _spacing(0, 360), _size(20, color=MUTED)),
            *(_heading(level, size) for level, size in enumerate(_HEADING_SIZES, 1)),
            _style(
                "MessageFacts", "Message Facts", _spacing(0, 120, keep=True), _size(18, color=MUTED)
            ),
            _style("MessageNote", "Message Note", _spacing(60, 120), _size(18, color=MUTED)),
            _style("FileLabel", "File Label", _spacing(120, 60, keep=True), _size(20, color=MUTED)),
            _style("ListParagraph", "List Paragraph", _spacing(0, 60), ""),
            _style("Quote", "Quote", _QUOTE, f'<w:color w:val="{MUTED}"/>'),
            _style("SourceCode", "Source Code", _CODE, f"{_MONO}<w:noProof/>{_SIZE_OF_CODE}"),
            _style(
                "CodeLanguage", "Code Language", _spacing(120, 0, keep=True), _size(16, color=MUTED)
            ),
            _style("Rule", "Rule", _RULE, ""),
            _style("TableCell", "Table Cell", _spacing(20, 20), ""),
            _style("FootnoteText", "footnote text", _spacing(0, 60), _size(19)),
            _style("Footer", "footer", '<w:jc w:val="center"/>', _size(18, color=MUTED)),
            _CHARACTERS,
            _TABLES,
        ]
    )
    return f'{_HEAD}<w:styles xmlns:w="{_NAMESPACE}">{made}</w:styles>'.encode()


def _style(name: str, shown: str, paragraph: str, run: str, *, default: bool = False) -> str:
    """A paragraph style; only our own names are marked as such."""
    own = "" if shown in _BUILT_IN else ' w:customStyle="1"'
    first = ' w:default="1"' if default else ""
    based = "" if default else '<w:basedOn w:val="Normal"/>'
    inside = (f"<w:pPr>{paragraph}</w:pPr>" if paragraph else "") + (
        f"<w:rPr>{run}</w:rPr>" if run else ""
    )
    return (
        f'<w:style w:type="paragraph"{own}{first} w:styleId="{name}">'
        f'<w:name w:val="{shown}"/>{based}<w:qFormat/>{inside}</w:style>'
    )


def _heading(level: int, size: int) -> str:
    before = 360 if level == 1 else 240
    outline = f'<w:outlineLvl w:val="{level - 1}"/>'
    paragraph = _spacing(before, 80, keep=True) + outline
    return (
        f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/>'
        f'<w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/><w:pPr>{paragraph}</w:pPr>'
        f"<w:rPr>{_size(size, bold=True)}</w:rPr></w:style>"
    )


def _spacing(before: int, after: int, *, keep: bool = False) -> str:
    """Twips above and below; ``keep`` holds it with what follows."""
    together = "<w:keepNext/><w:keepLines/>" if keep else ""
    return f'{together}<w:spacing w:before="{before}" w:after="{after}"/>'


def _size(half_points: int, *, bold: bool = False, color: str = "") -> str:
    weight = "<w:b/><w:bCs/>" if bold else ""
    ink = f'<w:color w:val="{color}"/>' if color else ""
    return f'{weight}{ink}<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


_BUILT_IN = frozenset(
    ("Normal", "Title", "Subtitle", "List Paragraph", "Quote", "footnote text", "footer")
)
_DEFAULTS = (
    '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" '
    'w:eastAsia="Calibri" w:cs="Arial"/><w:sz w:val="22"/><w:szCs w:val="22"/>'
    f'<w:lang w:val="{LANGUAGE}" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
    '<w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="264" w:lineRule="auto"/></w:pPr>'
    "</w:pPrDefault></w:docDefaults>"
)
_QUOTE = (
    '<w:pBdr><w:left w:val="single" w:sz="18" w:space="8" w:color="DCD8CE"/></w:pBdr>'
    '<w:spacing w:before="0" w:after="120"/>'
)
_CODE = (
    '<w:pBdr><w:top w:val="single" w:sz="4" w:space="4" w:color="DCD8CE"/>'
    '<w:left w:val="single" w:sz="4" w:space="4" w:color="DCD8CE"/>'
    '<w:bottom w:val="single" w:sz="4" w:space="4" w:color="DCD8CE"/>'
    '<w:right w:val="single" w:sz="4" w:space="4" w:color="DCD8CE"/>'
    '<w:between w:val="single" w:sz="4" w:space="4" w:color="DCD8CE"/></w:pBdr>'
    '<w:shd w:val="clear" w:color="auto" w:fill="F4F2ED"/><w:suppressAutoHyphens/>'
    '<w:spacing w:before="120" w:after="160" w:line="240" w:lineRule="auto"/>'
)
_RULE = (
    '<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="A39F95"/></w:pBdr>'
    '<w:spacing w:before="0" w:after="160"/>'
)
_SIZE_OF_CODE = '<w:sz w:val="19"/><w:szCs w:val="19"/>'
_CHARACTERS = (
    '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
    '<w:name w:val="Default Paragraph Font"/></w:style>'
    '<w:style w:type="character" w:customStyle="1" w:styleId="CodeText">'
    f'<w:name w:val="Code Text"/><w:qFormat/><w:rPr>{_MONO}<w:noProof/>{_SIZE_OF_CODE}'
    '<w:shd w:val="clear" w:color="auto" w:fill="F4F2ED"/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr>'
    '<w:color w:val="1A6452"/><w:u w:val="single"/></w:rPr></w:style>'
)
_EDGES = ("top", "left", "bottom", "right", "insideH", "insideV")
_TABLES = (
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
    '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="108" w:type="dxa"/>'
    '<w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
    '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/>'
    '<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>'
    + "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="A39F95"/>' for edge in _EDGES
    )
    + "</w:tblBorders></w:tblPr></w:style>"
)
