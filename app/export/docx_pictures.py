"""A picture in a Word document, as large as the page has room for."""

from app.export.base import Paper
from app.export.docx_package import text_size
from app.export.docx_xml import escaped

_EMU_PER_PIXEL = 9525
"""At 96 pixels an inch."""
_EMU_PER_TWIP = 635
_SHARE_OF_HEIGHT = 0.8
"""Of a page: its heading and label stand with it."""


def drawing(relation: str, size: tuple[int, int], label: str, number: int, paper: Paper) -> str:
    """The run of a picture of ``size`` pixels; ``number`` is its own in the document."""
    room_wide, room_high = text_size(paper)
    wide, high = size[0] * _EMU_PER_PIXEL, size[1] * _EMU_PER_PIXEL
    scale = min(
        1.0, room_wide * _EMU_PER_TWIP / wide, room_high * _EMU_PER_TWIP * _SHARE_OF_HEIGHT / high
    )
    extent = f'cx="{max(1, int(wide * scale))}" cy="{max(1, int(high * scale))}"'
    main = "http://schemas.openxmlformats.org/drawingml/2006/picture"
    named = f'id="{number}" name="Picture {number}" descr="{escaped(label)}"'
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {extent}/>'
        f'<wp:docPr {named}/><a:graphic><a:graphicData uri="{main}"><pic:pic><pic:nvPicPr>'
        f"<pic:cNvPr {named}/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip "
        f'r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
        f'<a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"
        "</w:r>"
    )
