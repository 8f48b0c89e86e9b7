"""Keeps the settings: reads what it can, writes atomically, tells whoever subscribed."""

import json
import logging
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from app.files import write_atomically
from app.notices import Notice
from app.settings.errors import SettingsError
from app.settings.reading import MAX_FILE_BYTES, Raw, convert, merged, parse, typed
from app.settings.schema import VERSION, Settings
from models.naming import shorten

log = logging.getLogger("moestro.settings")


class SettingsStore:
    """The settings of one data folder; used on the state thread only.

    A file that makes no sense is set aside, a single bad value gives way to its default, and
    both are told in ``notices``. Unknown keys of the file survive every change.
    """

    def __init__(
        self, path: Path, on_notice: Callable[[Notice], None] = lambda _notice: None
    ) -> None:
        self._path = path
        self._on_notice = on_notice
        self._subscribers: list[Callable[[Settings], None]] = []
        self._notices: list[Notice] = []
        self._may_write = True
        self._told_not_saved = False
        self._raw = self._read()
        self._current, bad = typed(Settings, self._raw)
        self._notices += [Notice("settings.bad_value", {"key": shorten(key)}) for key in bad]

    @property
    def current(self) -> Settings:
        """The settings as they are now."""
        return self._current

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was found wrong while reading."""
        return tuple(self._notices)

    def change(self, **fields: Any) -> None:
        """Set fields, save, and tell the subscribers. Does nothing when nothing changes.

        What cannot be saved holds for this session, and ``on_notice`` is told once. Writing
        waits for the disk: do not call it while something is dragged, but at its end.

        Raises:
            SettingsError: a value does not fit; nothing was changed.
        """
        known = {field.name: field.type for field in msgspec.structs.fields(Settings)}
        values = {}
        for name, value in fields.items():
            try:
                values[name] = convert(known[name], msgspec.to_builtins(value))
            except (msgspec.ValidationError, ValueError, KeyError, TypeError) as error:
                raise SettingsError("settings.refused_value", key=shorten(name)) from error
        before, after = self._current, msgspec.structs.replace(self._current, **values)
        if after == before:
            return
        self._raw = merged(self._raw, before, after)
        self._current = after
        self._save()
        for subscriber in tuple(self._subscribers):
            subscriber(after)

    def subscribe(self, callback: Callable[[Settings], None]) -> None:
        """Call ``callback`` with the new settings after every change."""
        self._subscribers.append(callback)

    # --- the file ------------------------------------------------------------------------

    def _read(self) -> Raw:
        try:
            status = self._path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise OSError("not a file")
            # One byte more than is sensible tells that there is too much.
            with self._path.open("rb") as stream:
                content = stream.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            log.warning("settings cannot be read", exc_info=True)
            # What cannot be read may still be good: it is not written over.
            self._may_write = False
            self._notices.append(
                Notice("settings.not_readable", {"name": shorten(self._path.name)})
            )
            return {}
        try:
            return parse(content)
        except ValueError as error:
            log.warning("settings are damaged: %s", type(error).__name__)
            self._set_aside()
            return {}

    def _set_aside(self) -> None:
        name = f"{self._path.name}.damaged-{time.strftime('%Y-%m-%d')}"
        kept = self._path.with_name(name)
        number = 2
        while kept.exists():
            kept = self._path.with_name(f"{name}-{number}")
            number += 1
        try:
            self._path.rename(kept)
        except OSError:
            log.warning("damaged settings cannot be set aside", exc_info=True)
            self._may_write = False
            kept = self._path
        self._notices.append(Notice("settings.damaged", {"name": shorten(kept.name)}))

    def _save(self) -> None:
        if not self._may_write:
            return
        newer = self._raw.get("version")
        if not isinstance(newer, int) or newer < VERSION:
            self._raw["version"] = VERSION
        content = json.dumps(self._raw, indent=2, sort_keys=True, allow_nan=False)
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(self._path, content.encode() + b"\n")
        except OSError as error:
            log.warning("settings are not saved", exc_info=True)
            if not self._told_not_saved:
                self._told_not_saved = True
                reason = shorten(error.strerror or type(error).__name__, 30)
                facts = {"reason": reason, "file": shorten(self._path.name)}
                self._on_notice(Notice("settings.not_saved", facts))
        else:
            self._told_not_saved = False
