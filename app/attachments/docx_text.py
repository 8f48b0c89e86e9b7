"""The text of a Word document (DOCX), section by section.

A DOCX is a ZIP archive of XML, both from a stranger: members are unpacked up to a bound, XML is
read as a stream by expat, and a document type declaration, where entity bombs live, ends it.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Set
from typing import BinaryIO
from xml.parsers import expat

from app.attachments.decoding import tidy
from app.attachments.refusal import Refusal

_MEMBER_BYTES = 256 * 1024 * 1024
_RATIO = 200
_RATIO_FROM = 8 * 1024 * 1024
"""Real documents shrink to a tenth, rarely to a fiftieth; small ones may repeat themselves."""
_SLICE = 64 * 1024
_DEEPEST = 2000
_OUTLINE_LEVELS = frozenset("012345678")
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT_WORD = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_FALLBACK = "http://schemas.openxmlformats.org/markup-compatibility/2006 Fallback"


class DocxText:
    """An open document; ``alive`` is called again and again while it is read. Raises Refusal."""

    def __init__(self, file: BinaryIO, alive: Callable[[], None] = lambda: None) -> None:
        self._alive = alive
        try:
            self._archive = zipfile.ZipFile(file)
        except _DAMAGE as error:
            raise Refusal("attachments.damaged", repr(error)) from error
        if self._archive.getinfo("word/document.xml").flag_bits & 1:
            raise Refusal("attachments.encrypted")
        self._headings, self._lists = self._styles()

    def sections(self) -> Iterator[tuple[str, str]]:
        """(heading, text beneath it with the heading) in order; the first may have none."""
        body = _Body(self._headings, self._lists)
        for data in self._member("word/document.xml"):
            body.feed(data)
            yield from body.take()
        body.feed(b"", final=True)
        yield from body.take(final=True)
        notes = self._notes()
        if notes:
            yield "", notes

    def _styles(self) -> tuple[dict[str, int], set[str]]:
        """Level of a heading by the id of its style, and the styles that make lists.

        Ids of styles are translated, their names are not.
        """
        found: dict[str, int] = {}
        lists: set[str] = set()
        style = ""

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal style
            if _local(name) == "style":
                style = _value(attributes, "styleId")
            elif _local(name) == "name" and style:
                words = _value(attributes, "val").casefold().split()
                if words == ["title"]:
                    found[style] = 1
                elif len(words) == 2 and words[0] == "heading" and words[1].isdecimal():
                    found[style] = int(words[1])
            elif _local(name) == "outlineLvl" and style:
                level = _value(attributes, "val")
                if level in _OUTLINE_LEVELS:
                    found.setdefault(style, int(level) + 1)
            elif _local(name) == "numPr" and style:
                lists.add(style)

        self._parse_if_there("word/styles.xml", start)
        return found, lists

    def _notes(self) -> str:
        parts: list[str] = []
        for name in ("word/footnotes.xml", "word/endnotes.xml"):
            if name in self._archive.namelist():
                body = _Body({}, frozenset())
                for data in self._member(name):
                    body.feed(data)
                body.feed(b"", final=True)
                parts += [text for _title, text in body.take(final=True)]
        return "\n".join(part for part in parts if part)

    def _parse_if_there(self, name: str, start: Callable[[str, dict[str, str]], None]) -> None:
        if name in self._archive.namelist():
            parser = _parser()
            parser.StartElementHandler = start
            for data in self._member(name):
                _parse(parser, data)

    def _member(self, name: str) -> Iterator[bytes]:
        """What a member unpacks to, bounded whatever its header claims."""
        packed = self._archive.getinfo(name).compress_size
        unpacked = 0
        try:
            with self._archive.open(name) as member:
                while data := member.read(_SLICE):
                    self._alive()
                    unpacked += len(data)
                    bomb = unpacked > _RATIO_FROM and unpacked > _RATIO * max(packed, 1)
                    if bomb or unpacked > _MEMBER_BYTES:
                        raise Refusal("attachments.bomb", f"{name}: {packed} bytes")
                    yield data
        except RuntimeError as error:  # its password was asked for
            raise Refusal("attachments.encrypted", repr(error)) from error
        except _DAMAGE as error:
            raise Refusal("attachments.damaged", repr(error)) from error


class _Body:
    """Collects the words of a document while its XML streams by."""

    def __init__(self, headings: Mapping[str, int], lists: Set[str]) -> None:
        self._headings = headings
        self._list_styles = lists
        self._parser = _parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._done: list[tuple[str, str]] = []
        self._title = ""
        self._lines: list[str] = []
        self._paragraphs: list[list[str]] = []
        self._styles: list[str] = []
        self._cells: list[list[str]] = []
        """Per table that is open, the cells of its row."""
        self._in_text = False
        self._vanished = False
        self._is_list = False
        self._ignored = 0
        self._depth = 0

    def feed(self, data: bytes, *, final: bool = False) -> None:
        """Read more. Raises Refusal."""
        _parse(self._parser, data, final=final)

    def take(self, *, final: bool = False) -> Iterator[tuple[str, str]]:
        """The sections that are complete."""
        if final:
            self._finish_section()
        done, self._done = self._done, []
        yield from done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Refusal("attachments.damaged", "too deep")
        if self._ignored or name == _FALLBACK or _local(name) == "moveFrom":
            # The same content once more: for programs that do not know the newer form of it, or
            # where it was before somebody moved it.
            self._ignored += 1
        else:
            self._begin(_local(name), attributes)

    def _begin(self, local: str, attributes: dict[str, str]) -> None:
        match local:
            case "r":
                self._vanished = False
            case "vanish":
                # As on a web page: words that no reader sees are no part of the document.
                self._vanished = _value(attributes, "val") not in ("0", "false", "off")
            case "p":
                self._paragraphs.append([])
                self._styles.append("")
                self._is_list = False
            case "pStyle" if self._styles:
                self._styles[-1] = _value(attributes, "val")
            case "numPr":
                self._is_list = True
            case "t":
                self._in_text = not self._vanished
            case "tab":
                self._characters_now("\t")
            case "br" | "cr":
                self._characters_now("\n")
            case "noBreakHyphen":
                self._characters_now("-")
            case "tr":
                self._cells.append([])

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._ignored:
            self._ignored -= 1
            return
        match _local(name):
            case "t":
                self._in_text = False
            case "p" if self._paragraphs:
                self._end_paragraph("".join(self._paragraphs.pop()), self._styles.pop())
            case "tc" if self._cells:
                self._cells[-1].append("")
            case "tr" if self._cells:
                cells = self._cells.pop()
                row = " | ".join(cell for cell in cells[:-1] or cells)
                self._put(row)

    def _characters(self, text: str) -> None:
        if self._in_text and not self._ignored:
            self._characters_now(text)

    def _characters_now(self, text: str) -> None:
        if self._paragraphs:
            self._paragraphs[-1].append(text)

    def _end_paragraph(self, text: str, style: str) -> None:
        text = tidy(text)
        level = self._headings.get(style, 0)
        if level and text.strip() and not self._cells:
            self._finish_section()
            self._title = " ".join(text.split())
            self._put("#" * min(level, 6) + " " + self._title)
        elif text.strip() and (self._is_list or style in self._list_styles):
            self._put("- " + text)
        else:
            self._put(text)
        self._is_list = False

    def _put(self, line: str) -> None:
        """A line of the text, or within a table's row a part of its cell."""
        if not self._cells:
            self._lines.append(line)
            return
        cells = self._cells[-1]
        if not cells:
            cells.append("")
        cells[-1] = " ".join(f"{cells[-1]} {line}".split())

    def _finish_section(self) -> None:
        text = "\n".join(self._lines).strip("\n")
        if text.strip():
            self._done.append((self._title, text))
        self._lines = []


def _parser() -> "expat.XMLParserType":
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_arguments: object) -> None:
        raise Refusal("attachments.bomb", "a document type declaration")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _parse(parser: "expat.XMLParserType", data: bytes, *, final: bool = False) -> None:
    try:
        parser.Parse(data, final)
    except expat.ExpatError as error:
        raise Refusal("attachments.damaged", repr(error)) from error


def _local(name: str) -> str:
    """The name without its namespace, where that is Word's; other elements say nothing."""
    space, _space, local = name.rpartition(" ")
    return local if space in (_WORD, _STRICT_WORD) else ""


def _value(attributes: dict[str, str], name: str) -> str:
    return attributes.get(f"{_WORD} {name}") or attributes.get(f"{_STRICT_WORD} {name}", "")
