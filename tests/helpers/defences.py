"""Takes away, one at a time, what keeps text that strangers wrote from doing anything."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel, QTextBrowser

import ui.chat.code_view
import ui.chat.document_view
import ui.chat.link_prompt
import ui.chat.markdown.builder
import ui.chat.markdown.inline
import ui.chat.thinking_view
import ui.chat.user_view
from ui.chat.document_view import DocumentView, SealedDocument
from ui.chat.markdown.parser import MarkdownParser


def remove(name: str) -> None:
    """Take the defence ``name`` away in this process; "" leaves all of them."""
    if name:
        DEFENCES[name]()


def _html_is_text() -> None:
    begin = MarkdownParser.__init__

    def changed(self: Any, *arguments: Any, **options: Any) -> None:
        begin(self, *arguments, **options)
        self._markdown.options["html"] = True

    MarkdownParser.__init__ = changed  # type: ignore[method-assign]


def _images_are_links() -> None:
    def write(cursor: Any, token: Any, _styles: Any, _ink: Any) -> None:
        cursor.insertImage(str(token.attrs.get("src", "")))

    ui.chat.markdown.inline._write_image = write


def _documents_load_nothing() -> None:
    SealedDocument.loadResource = QTextDocument.loadResource  # type: ignore[method-assign,assignment]


def _views_load_nothing() -> None:
    DocumentView.loadResource = QTextBrowser.loadResource  # type: ignore[method-assign,assignment]


def _views_stay_where_they_are() -> None:
    DocumentView.doSetSource = QTextBrowser.doSetSource  # type: ignore[method-assign,assignment]
    DocumentView.loadResource = lambda _self, _kind, _name: b"another page"  # type: ignore[method-assign,assignment]


def _links_are_told_not_opened() -> None:
    DocumentView.setOpenLinks = lambda _self, _open: None  # type: ignore[method-assign]


def _drops_are_refused() -> None:
    DocumentView.setAcceptDrops = lambda self, _on: QTextBrowser.setAcceptDrops(self, True)  # type: ignore[method-assign]


def _only_safe_schemes_are_links() -> None:
    ui.chat.markdown.inline.safe_address = lambda address: address


def _clicks_are_checked() -> None:
    ui.chat.document_view.safe_address = lambda address: address


def _links_are_asked_about() -> None:
    def ask(self: Any, address: str) -> None:
        self.open_chosen.emit(address)

    ui.chat.link_prompt.LinkPrompt.ask = ask  # type: ignore[method-assign]


def _addresses_are_told_encoded() -> None:
    """The parser and the check of addresses both see to it."""
    begin = MarkdownParser.__init__

    def changed(self: Any, *arguments: Any, **options: Any) -> None:
        begin(self, *arguments, **options)
        self._markdown.normalizeLink = lambda address: address

    MarkdownParser.__init__ = changed  # type: ignore[method-assign]
    ui.chat.markdown.inline.safe_address = lambda address: (
        address if QUrl(address).scheme() in ("http", "https", "mailto") else None
    )


def _text_is_printable() -> None:
    for module in (ui.chat.markdown.inline, ui.chat.user_view, ui.chat.markdown.builder):
        module.printable = lambda text: text  # type: ignore[attr-defined]


def _code_is_visible() -> None:
    ui.chat.code_view.visible = lambda text: text


def _copies_are_text() -> None:
    del DocumentView.createMimeDataFromSelection


def _labels_are_plain() -> None:
    QLabel.setTextFormat = lambda _self, _format: None  # type: ignore[method-assign]


DEFENCES: dict[str, Callable[[], None]] = {
    "HTML is text": _html_is_text,
    "images are links": _images_are_links,
    "documents load nothing": _documents_load_nothing,
    "views load nothing": _views_load_nothing,
    "views stay where they are": _views_stay_where_they_are,
    "links are told, not opened": _links_are_told_not_opened,
    "drops are refused": _drops_are_refused,
    "only safe schemes are links": _only_safe_schemes_are_links,
    "clicks are checked": _clicks_are_checked,
    "links are asked about": _links_are_asked_about,
    "addresses are told encoded": _addresses_are_told_encoded,
    "text is printable": _text_is_printable,
    "code is visible": _code_is_visible,
    "copies are text": _copies_are_text,
    "labels are plain": _labels_are_plain,
}
