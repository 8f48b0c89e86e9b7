"""The prompt library: offered while a / begins a line, filled in, inserted, and looked after."""

from functools import cached_property

from PySide6.QtCore import QEvent, QObject, QPoint, Signal

from app.history.presets import LibraryPrompt
from app.history.prompt_variables import filled_in, variables_of
from app.ids import new_id
from app.services import Services
from models.errors import KnownError
from ui.chat.chat_page import ChatPage
from ui.composer.fields_sheet import FieldsSheet
from ui.composer.prompt_popup import PromptPopup
from ui.composer.prompts_sheet import PromptsSheet
from ui.controllers.preset_files import Item, PresetFiles
from ui.main_window import MainWindow
from ui.sentences import say_error
from ui.theme.theme import Theme


class PromptsController(QObject):
    """Signals: trouble(str): a sentence to show."""

    trouble = Signal(str)

    def __init__(
        self, services: Services, theme: Theme, window: MainWindow, page: ChatPage,
        files: PresetFiles, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services, self._theme, self._window = services, theme, window
        self._page, self._field = page, page.composer.field
        self._files = files
        self._asked: LibraryPrompt | None = None
        self._offered: list[LibraryPrompt] | None = None
        """As read when the / was typed; None while there is none."""
        self._field.slash_changed.connect(self._slash)
        self._field.focus_changed.connect(self._focus_changed)
        page.composer.height_changed.connect(self._place)
        page.installEventFilter(self)
        files.imported.connect(self._refresh)

    # --- while a slash begins a line --------------------------------------------------------

    @cached_property
    def popup(self) -> PromptPopup:
        """Above the composer."""
        made = PromptPopup(self._theme, self._page)
        made.chosen.connect(self._insert_at_slash)
        made.manage_requested.connect(self.manage)
        self._field.key_guard = made.take_key
        return made

    def _slash(self, typed: str | None) -> None:
        if typed is None or not self._field.hasFocus():
            self._offered = None
            self._hide()
            return
        if self._offered is None:
            if typed:
                return  # the caret came back to a line that is no call for prompts
            self._offered = self._read()
        self.popup.offer(self._offered, typed)
        self._place()

    def _focus_changed(self) -> None:
        if not self._field.hasFocus() and not self._page.window().isActiveWindow():
            return  # the window lost the keyboard, not the field in it
        if not self._field.hasFocus():
            self._hide()

    def _hide(self) -> None:
        if "popup" in self.__dict__:
            self.popup.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The list keeps to the composer."""
        if event.type() == QEvent.Type.Resize and watched is self._page:
            self._place()
        return False

    def _place(self) -> None:
        if "popup" not in self.__dict__ or self.popup.isHidden():
            return
        _width, height = self.popup.wanted_size()
        corner = self._page.composer.mapTo(self._page, QPoint(0, 0))
        self.popup.move(corner.x(), max(0, corner.y() - self._theme.px(8) - height))

    def _insert_at_slash(self, prompt: object) -> None:
        assert isinstance(prompt, LibraryPrompt)
        self._field.replace_slash("")
        self.insert(prompt)

    # --- inserting --------------------------------------------------------------------------

    @cached_property
    def fields(self) -> FieldsSheet:
        """What asks for the variables."""
        made = FieldsSheet(self._theme, self.tr("Insert"), self._page)
        made.filled.connect(self._filled)
        return made

    def insert(self, prompt: LibraryPrompt) -> None:
        """Put a prompt into the message; what it asks for is asked first."""
        names = variables_of(prompt.text)
        if names:
            self._asked = prompt
            self.fields.ask(prompt.name, names)
        else:
            self._put(prompt.text)

    def _filled(self, values: dict[str, str]) -> None:
        if self._asked is not None:
            self._put(filled_in(self._asked.text, values))
            self._asked = None

    def _put(self, text: str) -> None:
        self._field.fit_wrapping(text)
        self._field.textCursor().insertText(text)
        self._field.ensureCursorVisible()
        self._field.setFocus()

    # --- looking after them -----------------------------------------------------------------

    @cached_property
    def sheet(self) -> PromptsSheet:
        """The library itself."""
        made = PromptsSheet(self._theme, self._page)
        made.added.connect(self._add)
        made.edited.connect(self._keep)
        made.removed.connect(self._remove)
        made.insert_requested.connect(self._insert_from_sheet)
        made.import_requested.connect(self._files.choose_import)
        made.export_requested.connect(
            lambda: self._files.choose_export(self._items, self.tr("Prompts"))
        )
        return made

    def manage(self) -> None:
        """Open the library."""
        self.sheet.show_prompts(self._read())
        self.sheet.open_sheet()
        (self.sheet.list if self.sheet.list.count() else self.sheet.add).setFocus()

    def _insert_from_sheet(self, prompt: object) -> None:
        assert isinstance(prompt, LibraryPrompt)
        if self._field.textCursor().block().text() == "/":
            self._field.replace_slash("")
        self.insert(prompt)

    def _read(self) -> list[LibraryPrompt]:
        try:
            return self._services.presets.prompts()
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return []

    def _items(self) -> list[Item]:
        return [*self._read()]

    def _add(self) -> None:
        prompt = LibraryPrompt(id=new_id(), name=self.tr("New prompt"), text="")

        def done(_result: object) -> None:
            self._refresh(prompt.id)
            self.sheet.edit_name()

        self._services.presets.keep(prompt, done=done, failed=self._failed)

    def _keep(self, prompt: object) -> None:
        assert isinstance(prompt, LibraryPrompt)
        self._services.presets.keep(
            prompt, done=lambda _result: self._refresh(), failed=self._failed
        )

    def _remove(self, identity: str) -> None:
        known = next((each for each in self._read() if each.id == identity), None)
        if known is None:
            return

        def undo() -> None:
            self._services.presets.keep(
                known, done=lambda _result: self._refresh(known.id), failed=self._failed
            )

        def done(_result: object) -> None:
            self._refresh()
            self._window.toast.offer(self.tr("Prompt deleted"), undo)

        self._services.presets.remove(identity, done=done, failed=self._failed)

    def _refresh(self, chosen: str = "") -> None:
        if "sheet" in self.__dict__ and self.sheet.isVisible():
            self.sheet.show_prompts(self._read(), chosen)

    def _failed(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))
