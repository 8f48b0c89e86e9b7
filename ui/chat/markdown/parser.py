"""The parser of what is shown in one place, with the formulas that are set there."""

from app.markup.parser import BlockParser
from ui.chat.markdown.formulas import Formulas


class MarkdownParser(BlockParser):
    """Share one where the same formulas are shown; ``formulas`` sets and draws them."""

    def __init__(self, formulas: Formulas | None = None) -> None:
        super().__init__()
        self.formulas = formulas or Formulas()
