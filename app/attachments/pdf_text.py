"""The text of a PDF, page by page."""

import logging
from collections.abc import Iterator
from typing import BinaryIO

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError

from app.attachments.decoding import tidy
from app.attachments.refusal import Refusal

_DAMAGE = (
    PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, ArithmeticError,
    AssertionError, RecursionError, LookupError, OSError, NotImplementedError,
)  # fmt: skip
"""What reading a damaged page has been seen to end in; the other pages are still read."""


class PdfText:
    """An open PDF. Raises Refusal when it is encrypted or damaged beyond its page list."""

    def __init__(self, file: BinaryIO) -> None:
        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        try:
            self._reader = PdfReader(file, strict=False)
            if self._reader.is_encrypted and not self._reader.decrypt(""):
                raise Refusal("attachments.encrypted")
            self.pages = len(self._reader.pages)
        except (DependencyError, FileNotDecryptedError) as error:
            raise Refusal("attachments.encrypted", repr(error)) from error
        except LimitReachedError as error:
            raise Refusal("attachments.bomb", repr(error)) from error
        except _DAMAGE as error:
            raise Refusal("attachments.damaged", repr(error)) from error
        if self.pages == 0:
            raise Refusal("attachments.damaged", "no pages")

    def texts(self) -> Iterator[str]:
        """The text of each page, in order; a page that cannot be read gives none."""
        read = 0
        last = ""
        for number in range(self.pages):
            try:
                page = self._reader.pages[number]
                text = tidy(page.extract_text()).strip()
                if not text:
                    # The library says nothing of a page whose content it could not unpack.
                    page.get_contents()
                read += 1
            except LimitReachedError as error:
                raise Refusal("attachments.bomb", repr(error)) from error
            except _DAMAGE as error:
                text, last = "", repr(error)
            yield text
        if not read:
            raise Refusal("attachments.damaged", last)
