"""A visit to the chat page: looks at every message, unfolds, clicks, copies, streams."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage, QTextCursor, QTextDocument
from PySide6.QtWidgets import QApplication, QLabel

from app.history.entities import AnswerDetails, Message, MessageState, Role
from tests.helpers.hidden_text import hidden_characters
from tests.helpers.ui_stage import dress, settle
from ui.chat.answer_view import AnswerView
from ui.chat.chat_page import ChatPage
from ui.chat.document_view import DocumentView
from ui.chat.header import ChatHeader
from ui.chat.status_line import StatusLine
from ui.chat.user_view import UserView

_IMAGE = QTextDocument.ResourceType.ImageResource.value
_STEP = 400


class PageVisit:
    """Everything happens while it is made; ``findings`` tells what was seen."""

    def __init__(
        self, application: QApplication, texts: list[str], baits: Path, *, streams: bool = True
    ) -> None:
        self._application, self._baits = application, baits
        self._told: list[str] = []
        self._opened: list[str] = []
        self._shown = self._around = ""
        self._links: set[str] = set()
        self._images = 0
        self._copied: set[str] = set()
        self._trouble: set[str] = set()
        QDesktopServices.openUrl = self._open  # type: ignore[method-assign,assignment]
        page = self._page = ChatPage(*self._parts(dress(application)))
        page.link_requested.connect(self._opened.append)
        page.transcript.link_activated.connect(self._told.append)
        page.resize(900, 700)
        page.show()
        page.transcript.set_messages(_conversation(texts, baits))
        settle()
        self._scroll_through()
        if streams:
            self._stream(texts)
        self._probe()
        page.close()
        page.deleteLater()
        settle()

    @staticmethod
    def _parts(theme: Any) -> tuple[Any, ...]:
        return theme, ChatHeader(theme), StatusLine(theme)

    def findings(self) -> dict[str, Any]:
        """What the page showed and told."""
        return {
            "opened_addresses": self._opened,
            "links": sorted(self._links),
            "told": sorted(set(self._told)),
            "images": self._images,
            "hidden": sorted(set(hidden_characters(self._shown + self._around))),
            "shown": self._shown,
            "copied": sorted(self._copied),
            "trouble": sorted(self._trouble),
        }

    def _open(self, url: QUrl) -> bool:
        self._opened.append(url.toString())
        return True

    def _scroll_through(self) -> None:
        bar = self._page.transcript.verticalScrollBar()
        seen: set[int] = set()
        for value in [*range(bar.maximum(), 0, -_STEP), 0]:
            bar.setValue(value)
            settle()
            self._page.grab()
            for view in self._page.findChildren(AnswerView):
                if view.thinking is not None and not view.thinking.is_open:
                    view.thinking._row.click()
                    settle()
                if not view.item.details_shown:
                    view.footer.details_chosen.emit()
                    settle()
            for view in self._page.findChildren(DocumentView):
                if id(view) not in seen:
                    seen.add(id(view))
                    self._look_at(view)
        for label in self._page.findChildren(QLabel):
            self._around += label.text() + "\n"

    def _look_at(self, view: DocumentView) -> None:
        document = view.document()
        text = document.toPlainText() + "\n"
        if any(user.isAncestorOf(view) for user in self._page.findChildren(UserView)):
            self._around += text
        else:
            self._shown += text
        cursor = QTextCursor(document)
        addresses: set[str] = set()
        while cursor.movePosition(QTextCursor.MoveOperation.NextCharacter):
            form = cursor.charFormat()
            self._images += form.isImageFormat()
            if form.anchorHref():
                addresses.add(form.anchorHref())
        self._links |= addresses
        for address in addresses:
            view.anchorClicked.emit(QUrl(address))
            self._page.link_prompt.dismiss()
        view.selectAll()
        data = view.createMimeDataFromSelection()
        assert isinstance(data, QMimeData)
        self._copied |= set(data.formats())
        view.copy_selection()
        mime = QGuiApplication.clipboard().mimeData()
        self._copied |= set(mime.formats())

    def _stream(self, texts: list[str]) -> None:
        """The same words once more, a few at a time, as answer and as thinking."""
        transcript = self._page.transcript
        answer = Message(
            "live", "c", None, Role.ASSISTANT, "", state=MessageState.STREAMING, created_ms=1
        )
        transcript.append_message(answer)
        everything = "\n\n".join(texts)
        for at in range(0, len(everything), 97):
            piece = everything[at : at + 97]
            transcript.update_streaming("live", "", piece, at + 1, at / 100)
            if at % (97 * 8) == 0:
                settle()
        for at in range(0, len(everything), 97):
            transcript.update_streaming("live", everything[at : at + 97], "", at + 1, at / 100)
            if at % (97 * 8) == 0:
                settle()
                self._page.grab()
        transcript.scroll_to_end()
        settle()
        view = transcript.view("live")
        assert isinstance(view, AnswerView)
        assert view.body is not None
        view.body._render_pending()
        self._scroll_through()

    def _probe(self) -> None:
        """What each wall behind the builder does if something got through the one before."""
        page = self._page
        views = page.findChildren(DocumentView)
        view = next(each.body for each in page.findChildren(AnswerView) if each.body is not None)
        picture = QUrl.fromLocalFile(str(self._baits / "picture.png"))
        data = QUrl("data:image/png;base64," + _png())
        if view.document().resource(_IMAGE, data) is not None:
            self._trouble.add("a document decodes a data address")
        if view.loadResource(_IMAGE, picture) is not None:
            self._trouble.add("a view loads a file")
        before = view.document().toPlainText()
        view.setSource(QUrl.fromLocalFile(str(self._baits / "page.html")))
        if view.document().toPlainText() != before:
            self._trouble.add("a view goes to another page")
        self._told.clear()
        for each in (picture, QUrl("javascript:alert(1)"), QUrl("smb://127.0.0.1/x")):
            view.anchorClicked.emit(each)
        if self._told:
            self._trouble.add("a click tells an address that must not be a link")
        for each in views:
            if each.openLinks() or each.openExternalLinks():
                self._trouble.add("a view opens links by itself")
            if each.acceptDrops() or each.viewport().acceptDrops():
                self._trouble.add("a view takes what is dropped")
        self._probe_prompt()

    def _probe_prompt(self) -> None:
        prompt = self._page.link_prompt
        self._page.transcript.link_activated.emit("https://xn--pple-43d.com")
        if not prompt.isVisible() or prompt.address_label.text() != "https://xn--pple-43d.com":
            self._trouble.add("a link is not asked about")
        if self._opened:
            self._trouble.add("a link opened before the answer")
        prompt.open_button.click()
        settle()
        if self._opened != ["https://xn--pple-43d.com"]:
            self._trouble.add("Open opens something else")
        self._opened.clear()


def _conversation(texts: list[str], baits: Path) -> list[Message]:
    details = AnswerDetails(
        model_key="k", model_name=f'<img src="file://{baits}/picture.png">\u202egnp.exe',
        stop_reason="stop", quantization="<b>Q4</b>",
    )  # fmt: skip
    found: list[Message] = []
    for number, text in enumerate(texts):
        found.append(Message(f"u{number}", "c", None, Role.USER, text, created_ms=1))
        found.append(
            Message(
                f"a{number}", "c", None, Role.ASSISTANT, text, reasoning=text, created_ms=1,
                details=details,
            )
        )  # fmt: skip
    return found


def _png() -> str:
    image = QImage(2, 2, QImage.Format.Format_RGB32)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().toBase64().data()).decode()
