"""What the text of a Word document refers to: addresses, pictures, numbered lists, places."""

import binascii
from base64 import b64decode
from collections.abc import Iterator

from app.export.docx_xml import escaped
from app.markup.addresses import linkable
from app.pictures import media_type, size_of, trouble_with

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LEVELS = 9
"""Of lists inside one another: Word has no more, and what is deeper comes as its source."""
INDENT = 425
"""Twips of each level."""
_BULLETS = ("•", "◦", "▪")
_LARGEST_NUMBER = 32_767
_PICTURE_START = "data:image/"
_FIXED = (
    ("styles", "styles.xml"),
    ("numbering", "numbering.xml"),
    ("settings", "settings.xml"),
    ("footer", "footer1.xml"),
)


class Story:
    """Counts and collects while the text is written; its parts are written afterwards."""

    def __init__(self) -> None:
        self._links: dict[str, str] = {}
        self._pictures: dict[str, tuple[str, str]] = {}
        """Data URL -> relation and name of the file."""
        self._seen: dict[str, tuple[tuple[int, int], str] | None] = {}
        """Data URL -> its size in pixels and its file's ending."""
        self._numbered: list[tuple[int, int]] = []
        """Of every numbered list: its level and its first number."""
        self._count = 0

    def next_id(self) -> int:
        """A number that nothing else in the document has."""
        self._count += 1
        return self._count

    def link(self, address: str) -> str | None:
        """The relation of an address, None if it must not be a link."""
        if linkable(address) is None or address[:7].lower() == "mailto:":
            return None
        if address not in self._links:
            self._links[address] = self._relation()
        return self._links[address]

    def picture(self, url: str) -> tuple[str, tuple[int, int]] | None:
        """Relation and size in pixels of a picture, None if it cannot be shown."""
        if url not in self._seen:
            self._seen[url] = _outline(picture_bytes(url))
        seen = self._seen[url]
        if seen is None:
            return None
        size, ending = seen
        if url not in self._pictures:
            name = f"media/image{len(self._pictures) + 1}.{ending}"
            self._pictures[url] = (self._relation(), name)
        return self._pictures[url][0], size

    def numbered_list(self, level: int, begin: int) -> int | None:
        """The number of a new numbered list, None where Word cannot count from ``begin``."""
        if not 0 <= begin <= _LARGEST_NUMBER:
            return None
        self._numbered.append((level, begin))
        return len(self._numbered) + 1

    def pictures(self) -> Iterator[tuple[str, bytes]]:
        """Name below ``word/`` and content of each picture, one at a time."""
        for url, (_relation, name) in self._pictures.items():
            yield name, picture_bytes(url)

    def relations(self) -> bytes:
        """The part ``word/_rels/document.xml.rels``."""
        told = [
            f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(_FIXED, 1)
        ]
        told += [
            f'<Relationship Id="{relation}" Type="{_RELATIONS}/hyperlink" '
            f'Target="{escaped(address)}" TargetMode="External"/>'
            for address, relation in self._links.items()
        ]
        told += [
            f'<Relationship Id="{relation}" Type="{_RELATIONS}/image" Target="{name}"/>'
            for relation, name in self._pictures.values()
        ]
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        inside = "".join(told)
        return f'{_HEAD}<Relationships xmlns="{package}">{inside}</Relationships>'.encode()

    def numbering(self) -> bytes:
        """The part ``word/numbering.xml``: bullets are list 1, numbered ones follow."""
        bullets = "".join(
            _level(level, "bullet", _BULLETS[level % len(_BULLETS)]) for level in range(_LEVELS)
        )
        numbers = "".join(_level(level, "decimal", f"%{level + 1}.") for level in range(_LEVELS))
        kind = '<w:multiLevelType w:val="hybridMultilevel"/>'
        lists = "".join(
            f'<w:num w:numId="{number}"><w:abstractNumId w:val="1"/>'
            f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{begin}"/></w:lvlOverride>'
            "</w:num>"
            for number, (level, begin) in enumerate(self._numbered, 2)
        )
        return (
            f'{_HEAD}<w:numbering xmlns:w="{_NAMESPACE}">'
            f'<w:abstractNum w:abstractNumId="0">{kind}{bullets}</w:abstractNum>'
            f'<w:abstractNum w:abstractNumId="1">{kind}{numbers}</w:abstractNum>'
            '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
            f"{lists}</w:numbering>"
        ).encode()

    def _relation(self) -> str:
        return f"rId{len(_FIXED) + len(self._links) + len(self._pictures) + 1}"


def _level(level: int, kind: str, text: str) -> str:
    left = INDENT * (level + 1)
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="{left}" w:hanging="{INDENT}"/></w:pPr></w:lvl>'
    )


def _outline(data: bytes) -> tuple[tuple[int, int], str] | None:
    size = size_of(data)
    if size is None or trouble_with(data):
        return None
    return size, media_type(data).removeprefix("image/")


def picture_bytes(url: str) -> bytes:
    """The file in a data URL; empty where it is none."""
    if not url.startswith(_PICTURE_START):
        return b""
    try:
        return b64decode(url.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        return b""
