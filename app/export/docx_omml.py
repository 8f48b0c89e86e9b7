"""Office Math: the XML of each construct of a formula."""

from collections.abc import Sequence
from typing import Literal

from app.export.docx_xml import escaped

Jc = Literal["left", "center", "right"]

_FONT = '<w:rFonts w:ascii="Cambria Math" w:hAnsi="Cambria Math"/>'
_NOTHING = "\u200b"
_MARKUP = frozenset('|#"&%$_~`^@\\')
"""What programs that turn a formula into a language of their own would read as markup."""


def symbols(text: str, style: str = "", script: str = "") -> str:
    """A run of mathematical characters. ``style`` is "", "p", "b" or "bi"; "" is italic."""
    if text in _MARKUP:
        return words(text)
    told = (f'<m:scr m:val="{script}"/>' if script else "") + (
        f'<m:sty m:val="{style}"/>' if style else ""
    )
    properties = f"<m:rPr>{told}</m:rPr>" if told else ""
    return _run(text, properties, "")


def words(text: str, *, bold: bool = False, italic: bool = False) -> str:
    """A run of ordinary text inside a formula."""
    looks = ("<w:b/>" if bold else "") + ("<w:i/>" if italic else "")
    return _run(text, "<m:rPr><m:nor/></m:rPr>", looks)


def nothing() -> str:
    """Stands where nothing is: Word would show a dotted box, others would miss it."""
    return words(_NOTHING)


def fraction(above: str, below: str, *, bar: bool = True) -> str:
    """One over the other."""
    kind = "" if bar else '<m:fPr><m:type m:val="noBar"/></m:fPr>'
    return f"<m:f>{kind}<m:num>{_filled(above)}</m:num><m:den>{_filled(below)}</m:den></m:f>"


def root(inside: str, degree: str = "") -> str:
    """A root; without a degree the square root."""
    hidden = "" if degree else '<m:radPr><m:degHide m:val="1"/></m:radPr>'
    return f"<m:rad>{hidden}<m:deg>{degree}</m:deg><m:e>{_filled(inside)}</m:e></m:rad>"


def scripts(base: str, below: str, above: str) -> str:
    """Subscript and superscript, whichever there are."""
    inside = f"<m:e>{_filled(base)}</m:e>"
    if below and above:
        return f"<m:sSubSup>{inside}<m:sub>{below}</m:sub><m:sup>{above}</m:sup></m:sSubSup>"
    if below:
        return f"<m:sSub>{inside}<m:sub>{below}</m:sub></m:sSub>"
    return f"<m:sSup>{inside}<m:sup>{above}</m:sup></m:sSup>" if above else base


def limits(base: str, below: str, above: str) -> str:
    """What stands below and above, whichever there are."""
    made = base
    if below:
        made = f"<m:limLow><m:e>{_filled(made)}</m:e><m:lim>{below}</m:lim></m:limLow>"
    if above:
        made = f"<m:limUpp><m:e>{_filled(made)}</m:e><m:lim>{above}</m:lim></m:limUpp>"
    return made


def large(operator: str, below: str, above: str, inside: str, *, around: bool) -> str:
    """A sum or an integral of ``inside``; its limits ``around`` it, or beside."""
    told = (
        f'<m:chr m:val="{escaped(operator)}"/>'
        f'<m:limLoc m:val="{"undOvr" if around else "subSup"}"/>'
        + ("" if below else '<m:subHide m:val="1"/>')
        + ("" if above else '<m:supHide m:val="1"/>')
    )
    return (
        f"<m:nary><m:naryPr>{told}</m:naryPr><m:sub>{below}</m:sub><m:sup>{above}</m:sup>"
        f"<m:e>{inside}</m:e></m:nary>"
    )


def delimited(
    opening: str, parts: Sequence[str], closing: str, separator: str = "|", *, grows: bool = True
) -> str:
    """Parts between brackets, which may grow with them; an empty bracket is not seen."""
    told = (
        f'<m:begChr m:val="{escaped(opening)}"/><m:sepChr m:val="{escaped(separator)}"/>'
        f'<m:endChr m:val="{escaped(closing)}"/>' + ("" if grows else '<m:grow m:val="0"/>')
    )
    inside = "".join(f"<m:e>{_filled(part)}</m:e>" for part in parts)
    return f"<m:d><m:dPr>{told}</m:dPr>{inside}</m:d>"


def matrix(rows: Sequence[Sequence[str]], columns: Sequence[Jc], *, narrow: bool = False) -> str:
    """Rows of cells; each has as many as there are ``columns``, which tell their sides."""
    counted = "".join(
        f'<m:mc><m:mcPr><m:count m:val="1"/><m:mcJc m:val="{side}"/></m:mcPr></m:mc>'
        for side in columns
    )
    gap = '<m:cGpRule m:val="3"/><m:cGp m:val="40"/>' if narrow else ""
    told = f'<m:mPr><m:plcHide m:val="1"/>{gap}<m:mcs>{counted}</m:mcs></m:mPr>'
    inside = "".join(
        "<m:mr>" + "".join(f"<m:e>{_filled(cell)}</m:e>" for cell in row) + "</m:mr>"
        for row in rows
    )
    return f"<m:m>{told}{inside}</m:m>"


def accent(mark: str, inside: str) -> str:
    """A mark over what is inside."""
    told = f'<m:accPr><m:chr m:val="{mark}"/></m:accPr>'
    return f"<m:acc>{told}<m:e>{_filled(inside)}</m:e></m:acc>"


def line(inside: str, *, above: bool) -> str:
    """A line over or under what is inside."""
    told = f'<m:barPr><m:pos m:val="{"top" if above else "bot"}"/></m:barPr>'
    return f"<m:bar>{told}<m:e>{_filled(inside)}</m:e></m:bar>"


def brace(mark: str, inside: str, *, above: bool) -> str:
    """A brace or arrow as wide as what is inside, over or under it."""
    places = ("top", "bot") if above else ("bot", "top")
    told = (
        f'<m:groupChrPr><m:chr m:val="{mark}"/><m:pos m:val="{places[0]}"/>'
        f'<m:vertJc m:val="{places[1]}"/></m:groupChrPr>'
    )
    return f"<m:groupChr>{told}<m:e>{_filled(inside)}</m:e></m:groupChr>"


def boxed(inside: str, *, crossed: bool = False) -> str:
    """What is inside a frame, or struck out."""
    sides = "".join(f'<m:hide{side} m:val="1"/>' for side in ("Top", "Bot", "Left", "Right"))
    told = f'<m:borderBoxPr>{sides}<m:strikeBLTR m:val="1"/></m:borderBoxPr>' if crossed else ""
    return f"<m:borderBox>{told}<m:e>{_filled(inside)}</m:e></m:borderBox>"


def unseen(inside: str) -> str:
    """The room that what is inside would take."""
    told = '<m:phantPr><m:show m:val="0"/></m:phantPr>'
    return f"<m:phant>{told}<m:e>{_filled(inside)}</m:e></m:phant>"


def lines(rows: Sequence[str]) -> str:
    """One below the other."""
    inside = "".join(f"<m:e>{_filled(row)}</m:e>" for row in rows)
    return f"<m:eqArr>{inside}</m:eqArr>"


def _run(text: str, properties: str, looks: str) -> str:
    return (
        f"<m:r>{properties}<w:rPr>{_FONT}{looks}</w:rPr>"
        f'<m:t xml:space="preserve">{escaped(text)}</m:t></m:r>'
    )


def _filled(inside: str) -> str:
    return inside or nothing()
