"""A Word document's file: a zip of parts, written once from front to back."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from app.export.base import Paper, Sink
from app.export.docx_story import Story
from app.export.docx_styles import LANGUAGE, styles
from app.export.docx_xml import escaped

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TIME = (1980, 1, 1, 0, 0, 0)
"""Of every part: the same input gives the same bytes."""
_UNIX = 3
_MARGIN = 1134
"""Twips: 2 cm."""
_PAPERS: dict[Paper, tuple[int, int]] = {"a4": (11906, 16838), "letter": (12240, 15840)}

NAMESPACES = (
    f'xmlns:w="{_WORD}" xmlns:r="{_OFFICE}/relationships" xmlns:m="{_OFFICE}/math" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)


class _Stream(io.RawIOBase):
    """A sink as a file that is only written; after a fault it takes and gives nothing."""

    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self._sink = sink
        self.is_broken = False

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        whole = bytes(data)  # type: ignore[call-overload]
        if not self.is_broken:
            self._sink.write(whole)
        return len(whole)


class Package:
    """The parts of one document. Use it in a ``with``; a fault leaves nothing behind to write."""

    def __init__(self, sink: Sink) -> None:
        self._stream = _Stream(sink)
        self._zip = zipfile.ZipFile(self._stream, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, data: bytes) -> None:
        """Write a whole part. Raises what the sink raises."""
        with self.part(name) as part:
            part.write(data)

    @contextmanager
    def part(self, name: str) -> Iterator[IO[bytes]]:
        """A part that is written piece by piece."""
        about = zipfile.ZipInfo(name, _TIME)
        about.compress_type = zipfile.ZIP_DEFLATED
        about.create_system = _UNIX
        about.external_attr = 0o600 << 16
        with self._zip.open(about, "w") as part:
            try:
                yield part
            except BaseException:
                # What closes the zip must not write to a sink that gave up.
                self._stream.is_broken = True
                raise

    def close(self, *, well: bool) -> None:
        """End the file; unless all went ``well`` nothing more is written."""
        self._stream.is_broken = self._stream.is_broken or not well
        self._zip.close()


def front_parts(title: str, created: str, updated: str) -> Iterator[tuple[str, bytes]]:
    """What comes before the text: kinds of parts, where the text is, properties, styles."""
    yield "[Content_Types].xml", _content_types()
    yield "_rels/.rels", _relations()
    yield "docProps/core.xml", _core(title, created, updated)
    yield "word/styles.xml", styles()
    yield "word/settings.xml", _settings()
    yield "word/footer1.xml", _footer()


def back_parts(story: Story) -> Iterator[tuple[str, bytes]]:
    """What the text turned out to need."""
    yield "word/numbering.xml", story.numbering()
    yield "word/_rels/document.xml.rels", story.relations()
    for name, data in story.pictures():
        yield f"word/{name}", data


def section(paper: Paper) -> str:
    """The last element of the text: page size, margins and footer."""
    width, height = _PAPERS[paper]
    sides = "".join(f' w:{side}="{_MARGIN}"' for side in ("top", "right", "bottom", "left"))
    return (
        '<w:sectPr><w:footerReference w:type="default" r:id="rId4"/>'
        f'<w:pgSz w:w="{width}" w:h="{height}"/>'
        f'<w:pgMar{sides} w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
    )


def text_size(paper: Paper) -> tuple[int, int]:
    """Width and height in twips between the margins."""
    width, height = _PAPERS[paper]
    return width - 2 * _MARGIN, height - 2 * _MARGIN


def _content_types() -> bytes:
    defaults = {
        "rels": "application/vnd.openxmlformats-package.relationships+xml",
        "xml": "application/xml",
        "png": "image/png",
        "jpeg": "image/jpeg",
    }
    parts = {
        "/word/document.xml": f"{_TYPES}.document.main+xml",
        "/word/styles.xml": f"{_TYPES}.styles+xml",
        "/word/settings.xml": f"{_TYPES}.settings+xml",
        "/word/numbering.xml": f"{_TYPES}.numbering+xml",
        "/word/footer1.xml": f"{_TYPES}.footer+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    told = [
        f'<Default Extension="{ending}" ContentType="{kind}"/>' for ending, kind in defaults.items()
    ]
    told += [f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items()]
    inside = "".join(told)
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{inside}</Types>'.encode()


def _relations() -> bytes:
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/relationships/officeDocument" '
        'Target="word/document.xml"/>'
        f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
        'Target="docProps/core.xml"/></Relationships>'
    ).encode()


def _core(title: str, created: str, updated: str) -> bytes:
    dates = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{moment}</dcterms:{name}>'
        for name, moment in (("created", created), ("modified", updated))
        if moment
    )
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escaped(title)}</dc:title><dc:creator>Moestro</dc:creator>"
        f"<dc:language>{LANGUAGE}</dc:language>"
        f"{dates}</cp:coreProperties>"
    ).encode()


def _settings() -> bytes:
    modern = "http://schemas.microsoft.com/office/word"
    return (
        f'{_HEAD}<w:settings xmlns:w="{_WORD}" xmlns:m="{_OFFICE}/math">'
        '<w:defaultTabStop w:val="425"/><w:compat><w:compatSetting w:name="compatibilityMode" '
        f'w:uri="{modern}" w:val="15"/></w:compat>'
        '<m:mathPr><m:mathFont m:val="Cambria Math"/></m:mathPr>'
        f'<w:themeFontLang w:val="{LANGUAGE}"/></w:settings>'
    ).encode()


def _footer() -> bytes:
    return (
        f'{_HEAD}<w:ftr xmlns:w="{_WORD}"><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>'
        '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p></w:ftr>'
    ).encode()
