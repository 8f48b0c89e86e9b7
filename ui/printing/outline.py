"""What Qt does not write into a PDF: bookmarks, language, and dates that stay the same."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, Fit, NameObject, TextStringObject

from app.export.readable import Readable

_LANGUAGE = "en"
"""Of the sentences around the messages; nobody knows that of the messages."""
_PRODUCER = "Moestro"


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a message begins; ``top`` in points from the lower edge of its page."""

    title: str
    page: int
    """From 0."""
    top: float


def finished_pdf(pdf: bytes, readable: Readable, bookmarks: Sequence[Bookmark]) -> bytes:
    """The file with its outline. Reads what this program wrote a moment ago, nothing else's."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    for each in bookmarks:
        fit = Fit.fit_horizontally(top=each.top)
        writer.add_outline_item(title=each.title, page_number=each.page, fit=fit)
    root = writer.root_object
    root[NameObject("/Lang")] = TextStringObject(_LANGUAGE)
    shows_title = {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    root[NameObject("/ViewerPreferences")] = DictionaryObject(shows_title)
    if bookmarks:
        root[NameObject("/PageMode")] = NameObject("/UseOutlines")
    dates = {"/CreationDate": readable.created, "/ModDate": readable.updated}
    writer.metadata = {
        "/Title": readable.title,
        "/Producer": _PRODUCER,
        **{name: _date(moment) for name, moment in dates.items() if moment},
    }
    _name_fonts(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def xmp_of(readable: Readable) -> bytes:
    """The title, the language and the dates once more, as XMP; Qt's own would hold the time."""
    title = _xml(readable.title)
    fields = "".join(
        f"<{name}>{value}</{name}>"
        for name, value in (
            ("dc:title", f'<rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt>'),
            ("dc:language", f"<rdf:Bag><rdf:li>{_LANGUAGE}</rdf:li></rdf:Bag>"),
            ("pdf:Producer", _PRODUCER),
            ("xmp:CreateDate", readable.created),
            ("xmp:ModifyDate", readable.updated),
        )
        if value
    )
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
{fields}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


def _xml(text: str) -> str:
    """One line of text; XML 1.0 has no control characters and no halves."""
    return escape("".join(c if c.isprintable() else " " for c in text))


def _name_fonts(writer: PdfWriter) -> None:
    """Give each embedded font the next name of a row; Qt draws lots for them."""
    number = 0
    for index in range(1, len(writer._objects) + 1):
        found = writer.get_object(index)
        if isinstance(found, DictionaryObject) and "/FontName" in found:
            _tag, _plus, name = str(found["/FontName"]).rpartition("+")
            found[NameObject("/FontName")] = NameObject(f"/{_letters(number)}+{name.lstrip('/')}")
            number += 1


def _letters(number: int) -> str:
    """Six capital letters, as a subset of a font is named."""
    letters = ""
    for _ in range(6):
        number, rest = divmod(number, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _date(iso: str) -> str:
    """ISO 8601 in UTC as PDF writes it."""
    return "D:" + "".join(c for c in iso if c.isdigit()) + "Z"
