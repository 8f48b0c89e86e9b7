"""What a rendered message consists of, to compare two renderings."""

from PySide6.QtGui import QTextDocument

from ui.chat.markdown.styles import COPIED, TASK, TEX, list_mark
from ui.chat.markdown.tail import TailRenderer


def shape(document: QTextDocument, renderer: TailRenderer) -> list[object]:
    """Every text block with its formats and runs, and every embedded block."""
    found: list[object] = []
    block = document.begin()
    while block.isValid():
        form = block.blockFormat()
        runs: list[tuple[str, object]] = []
        pieces = block.begin()
        while not pieces.atEnd():
            piece = pieces.fragment()
            chars = piece.charFormat()
            told = (chars.anchorHref(), chars.stringProperty(COPIED), chars.stringProperty(TEX))
            runs.append((piece.text(), (told, chars.font().key())))
            pieces += 1
        found.append(
            (
                list_mark(block),
                form.indent(),
                form.leftMargin(),
                form.topMargin(),
                form.headingLevel(),
                form.property(TASK),
                runs,
            )
        )
        block = block.next()
    found += [(entry.position, entry.block.markdown) for entry in renderer.placed]
    return found
