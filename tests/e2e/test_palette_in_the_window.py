"""Ctrl+K and the list of shortcuts in the whole window, with real history, search and models."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.engine.host import HostState
from app.history.entities import AnswerDetails, Conversation, Message, MessageState, Role
from app.history.organised import Sort
from app.ids import new_id
from tests.helpers.window import application, dispose, open_session, wait_until
from ui.palette.entries import Entry, Kind
from ui.palette.palette_sheet import PaletteSheet
from ui.session import Session
from ui.shortcuts.named import shortcuts_of

CONTROL = Qt.KeyboardModifier.ControlModifier
TALKS = (
    ("Sourdough for Saturday", "How long does the dough rest?", "Until it has grown by half."),
    ("Trip to Lisbon in May", "Which tram goes uphill?", "The *yellow* tram number 28."),
    ("Refactor the parser", "What is a tied embedding?", "One table for both ends."),
)


class Window:
    """The whole window, driven by keys."""

    def __init__(self, root: Path) -> None:
        application()
        self.session = open_session(root)
        self.session.window.resize(1280, 800)
        self.session.window.activateWindow()
        wait_until(self.session.window.isActiveWindow)
        self.ids: dict[str, str] = {}

    def keep(self, title: str, question: str, answer: str) -> list[str]:
        """Keep a conversation with two versions of its answer; ids of the answers."""
        history, kept = self.session.services.history, []
        conversation = Conversation(new_id(), title)
        asked = Message(new_id(), conversation.id, None, Role.USER, question)
        self.ids[title] = conversation.id
        answers = []
        details = AnswerDetails(model_key="k", model_name="Model")
        for number, text in enumerate((answer, "Another version.")):
            made = Message(
                new_id(), conversation.id, asked.id, Role.ASSISTANT, "",
                state=MessageState.STREAMING, details=details,
            )  # fmt: skip
            history.begin_turn(conversation, None if number else asked, made)
            history.finish_answer(
                made.id, text, "", MessageState.COMPLETE, details, done=kept.append
            )
            answers.append(made.id)
        wait_until(lambda: len(kept) == 2)
        self.session.conversations.refresh()
        return answers

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier | None = None) -> None:
        QTest.keyClick(
            QApplication.focusWidget() or self.session.window, key,
            modifiers or Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip

    def open(self, words: str = "") -> None:
        """Ctrl+K, and type."""
        self.press(Qt.Key.Key_K, CONTROL)
        assert self.sheet.isVisible()
        assert QApplication.focusWidget() is self.sheet.field
        QTest.keyClicks(self.sheet.field, words)

    def choose(self, kind: Kind, words: str) -> Entry:
        """Down to the entry whose title holds these words, and Enter."""

        def there() -> bool:
            return any(e.kind is kind and words in e.title for e in self.entries)

        wait_until(there)
        for _ in range(len(self.entries) + 1):
            now = self.sheet.current
            if now is not None and now.kind is kind and words in now.title:
                self.press(Qt.Key.Key_Return)
                return now
            self.press(Qt.Key.Key_Down)
        raise AssertionError("arrows never came there")

    @property
    def sheet(self) -> PaletteSheet:
        return self.session.palette.sheet

    @property
    def entries(self) -> list[Entry]:
        return self.sheet.rows.entries

    def titles(self, kind: Kind) -> list[str]:
        return [each.title for each in self.entries if each.kind is kind]


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    made = Window(tmp_path / "data")
    yield made
    dispose(made.session)


def test_an_empty_field_offers_recent_chats_and_commands(window: Window) -> None:
    for talk in TALKS:
        window.keep(*talk)
    window.session.open_chat(window.ids["Refactor the parser"])
    window.open()
    assert window.titles(Kind.CHAT) == ["Trip to Lisbon in May", "Sourdough for Saturday"]
    assert {"New chat", "Settings", "Theme: dark"} <= set(window.titles(Kind.COMMAND))
    keys = {each.title: each.keys for each in window.entries}
    assert keys["New chat"] == "Ctrl+N"
    window.press(Qt.Key.Key_K, CONTROL)
    assert not window.sheet.isVisible()
    assert QApplication.focusWidget() is window.session.page.composer.field


def test_a_chat_by_its_title(window: Window) -> None:
    for talk in TALKS:
        window.keep(*talk)
    window.session.settings.show()
    window.open("lisb")
    window.choose(Kind.CHAT, "Lisbon")
    assert window.session.window.current_page == "chat"
    assert window.session.chat.conversation.id == window.ids["Trip to Lisbon in May"]


def test_a_message_by_its_words_even_in_another_version(window: Window) -> None:
    first, _second = window.keep(*TALKS[1])
    window.keep(*TALKS[0])
    window.open("yellow tra")
    found = window.choose(Kind.MESSAGE, "yellow")
    assert found.id == first
    assert found.detail == "Trip to Lisbon in May"
    strong = [found.title[start:end] for start, end in found.places]
    assert strong == ["yellow", "tram"] or strong == ["yellow", "tra"]
    wait_until(lambda: first in [each.id for each in window.session.chat.branch])
    assert window.session.chat.conversation.id == window.ids["Trip to Lisbon in May"]


def test_what_is_there_at_once_comes_first_and_stays(window: Window) -> None:
    for talk in TALKS:
        window.keep(*talk)
    window.open("the")
    at_once = list(window.entries)
    assert Kind.MESSAGE not in {each.kind for each in at_once}
    assert window.titles(Kind.CHAT) == ["Refactor the parser"]
    chosen = window.sheet.current
    wait_until(lambda: bool(window.titles(Kind.MESSAGE)))
    assert window.entries[: len(at_once)] == at_once
    assert window.sheet.current == chosen


def test_the_newest_search_wins(window: Window) -> None:
    for talk in TALKS:
        window.keep(*talk)
    window.open()
    for words in ("tram", "dough", "emb", "table"):
        window.sheet.field.setText(words)
    wait_until(lambda: bool(window.titles(Kind.MESSAGE)))
    assert window.titles(Kind.MESSAGE) == ["One table for both ends."]
    window.sheet.field.setText("tram")
    window.sheet.field.clear()
    for _ in range(50):
        QApplication.processEvents()
        time.sleep(0.01)
    assert window.titles(Kind.MESSAGE) == [], "what was asked before the field was emptied"


def test_nothing_is_said_so(window: Window) -> None:
    window.open("xyzzy")
    wait_until(lambda: "xyzzy" in window.sheet.nothing.text())
    assert window.sheet.nothing.isVisible()
    window.press(Qt.Key.Key_Return)
    assert window.sheet.isVisible()
    window.press(Qt.Key.Key_Escape)
    assert not window.sheet.isVisible()


def test_a_model_and_commands(window: Window) -> None:
    session = window.session
    window.open("theme dark")
    window.choose(Kind.COMMAND, "Theme: dark")
    assert session.services.settings.current.theme == "dark"
    window.open("settings privacy")
    window.choose(Kind.COMMAND, "Privacy")
    assert session.window.current_page == "settings"
    window.open("gpu")
    window.choose(Kind.COMMAND, "This computer")
    assert session.window.current_page == "computer"
    window.open("new chat")
    window.choose(Kind.COMMAND, "New chat")
    assert session.window.current_page == "chat"
    (starter,) = session.services.library.entries()
    window.open(starter.name[:6].lower())
    window.choose(Kind.MODEL, starter.name)
    wait_until(lambda: session.services.host.status.state is HostState.READY, 60)


def test_every_command_leads_somewhere(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    # Those that ask for a file would wait for a person.
    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(f"PySide6.QtWidgets.QFileDialog.{name}", lambda *_a, **_k: ("", ""))
    window.keep(*TALKS[0])
    window.session.open_chat(window.ids["Sourdough for Saturday"])
    commands = [each.value for each in window.session.palette.commands]
    assert len({each.id for each in commands}) == len(commands)
    assert len({each.title for each in commands}) == len(commands)
    pages = set()
    for command in commands:
        command.act()
        for _ in range(3):
            QApplication.processEvents()
        pages.add(window.session.window.current_page)
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
    assert {"chat", "settings", "models", "computer", "backups", "data", "requests"} <= pages


def test_ten_thousand_chats_open_and_are_searched_at_once(window: Window) -> None:
    window.keep(*TALKS[0])
    sidebar = window.session.window.sidebar
    (one,) = sidebar.chats.chats
    many = [
        replace(one, id=f"c{n}", title=f"Überlegungen {n} zu {n * 7919 % 10007}", sequence=n)
        for n in range(10_000)
    ]
    window.session.conversations._look.stop()
    sidebar.set_chats(many, (), Sort.RECENT, date.today())
    opened, typed = [], []
    for _ in range(3):
        began = time.perf_counter()
        window.open()
        QApplication.processEvents()
        opened.append(time.perf_counter() - began)
        window.press(Qt.Key.Key_Escape)
    window.open()
    for end in range(1, 8):
        began = time.perf_counter()
        window.sheet.field.setText("uberleg"[:end])
        typed.append(time.perf_counter() - began)
    assert window.titles(Kind.CHAT)[0].startswith("Überlegungen 9999")
    # Five times 50 ms, and the middle of several: neighbours may have both cores meanwhile.
    assert sorted(opened)[1] <= 0.25, opened
    assert sorted(typed)[3] <= 0.25, typed


# --- shortcuts -------------------------------------------------------------------------------


def make_everything(session: Session) -> None:
    """Every page and sheet that is otherwise made when somebody asks for it."""
    session.manager.open()
    session.placement.open(session.chat.model)
    for each in (session.computer, session.requests, session.backups, session.data_folder,
                 session.search, session.trash):  # fmt: skip
        each.open()
    session.window.show_page("chat")


def test_every_shortcut_is_in_the_list_and_none_collides(window: Window) -> None:
    session = window.session
    window.keep(*TALKS[0])
    session.open_chat(window.ids["Sourdough for Saturday"])
    make_everything(session)
    window.press(Qt.Key.Key_Slash, CONTROL)
    wait_until(session.shortcuts.isVisible)
    listed = session.shortcuts.lines
    real = session.window.findChildren(QShortcut)
    assert len(real) > 15
    assert [each.keys() for each in real if not each.whatsThis()] == []
    for each in shortcuts_of(session.window):
        assert any(words == each.words and all(key in keys for key in each.keys)
                   for words, keys in listed)  # fmt: skip
    assert len(listed) == len({each.whatsThis() for each in real})
    hidden = [each for each in session.window.findChildren(QAction) if each.shortcuts()]
    assert hidden == [], "an action's key would be in no list"
    taken: dict[str, str] = {}
    for each in real:
        for key in each.keys():  # noqa: SIM118 - no mapping
            name = key.toString()
            assert taken.setdefault(name, each.whatsThis()) == each.whatsThis(), name
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not session.shortcuts.isVisible()


def test_what_the_list_says_really_happens(window: Window) -> None:
    session = window.session
    session.window.show_page("chat")
    heard: list[str] = []
    for each in session.window.findChildren(QShortcut):
        each.activated.connect(lambda each=each: heard.append(each.whatsThis()))
    general = [
        each for each in shortcuts_of(session.window)
        if each.shortcut.parent() is session.window
        and each.words not in ("Search everything", "Keyboard shortcuts", "Export this chat")
    ]  # fmt: skip
    assert len(general) > 8
    for each in general:
        for keys in each.shortcut.keys():  # noqa: SIM118 - no mapping
            combination = keys[0]
            target: QWidget = QApplication.focusWidget() or session.window
            QTest.keyClick(target, combination.key(), combination.keyboardModifiers())
            assert heard[-1:] == [each.words], keys.toString()
            popup = session.popover
            if popup.isVisible():
                popup.close_popover()
            QApplication.processEvents()
