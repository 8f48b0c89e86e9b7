"""Where other programs keep their models: their defaults, and what they were told instead."""

import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from models.peers_walk import Walk

_WINDOWS, _MAC = "win32", "darwin"


class PeerFolders:
    """The folders of one person, by program; those that are not there may be among them."""

    def __init__(
        self,
        home: Path,
        environment: Mapping[str, str],
        system: str,
        service_home: Path | None,
        walk: Walk,
    ) -> None:
        self._home = home
        self._environment = environment
        self._system = system
        self._service_home = service_home
        self._walk = walk

    def hub_caches(self) -> Iterator[Path]:
        """Of huggingface_hub, and of llama.cpp's newer versions."""
        told = self._told("HF_HUB_CACHE") or self._told("HUGGINGFACE_HUB_CACHE")
        if told:
            yield told
        elif home := self._told("HF_HOME"):
            yield home / "hub"
        else:
            cache = self._told("XDG_CACHE_HOME") or self._home / ".cache"
            yield cache / "huggingface" / "hub"

    def llama_cpp(self) -> Iterator[Path]:
        """Of llama.cpp: what it downloaded before it shared the cache above."""
        yield self._told("LLAMA_CACHE") or self._caches() / "llama.cpp"

    def lm_studio(self) -> Iterator[Path]:
        """Of LM Studio: the folder of its settings, or the default in its home."""
        pointer = self._walk.text(self._home / ".lmstudio-home-pointer").partition("\n")[0].strip()
        homes = [self._home / ".lmstudio", self._home / ".cache" / "lm-studio"]
        if pointer and (path := self._path(pointer)):
            homes.insert(0, path)
        seen = set()
        for home in homes:
            told = self._setting(home / "settings.json", "downloadsFolder")
            place = told or home / "models"
            if place not in seen:
                seen.add(place)
                yield place

    def jan(self) -> Iterator[Path]:
        """Of Jan: its data folders, in which the models are."""
        roots = [self._data() / "Jan", self._settings() / "Jan"]
        seen = set()
        for root in roots:
            told = self._setting(root / "settings.json", "data_folder")
            place = told or root / "data"
            if place not in seen:
                seen.add(place)
                yield place

    def gpt4all(self) -> Iterator[Path]:
        """Of GPT4All: the folder of its settings, or the default."""
        file = self._home / ".config" / "nomic.ai" / "GPT4All.ini"
        if self._system == _WINDOWS:
            file = self._settings() / "nomic.ai" / "GPT4All.ini"
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(self._walk.text(file))
            told = self._path(parser.get("General", "modelPath", fallback="").strip('" '))
        except configparser.Error:
            told = None
        local = self._local() if self._system == _WINDOWS else self._data()
        yield told or local / "nomic.ai" / "GPT4All"

    def ollama(self) -> Iterator[Path]:
        """Of Ollama: the user's, and those of the service that runs for everybody."""
        yield self._told("OLLAMA_MODELS") or self._home / ".ollama" / "models"
        if self._service_home is not None:
            yield self._service_home / ".ollama" / "models"

    # --- the system's folders --------------------------------------------------------------

    def _caches(self) -> Path:
        if self._system == _WINDOWS:
            return self._local()
        if self._system == _MAC:
            return self._home / "Library" / "Caches"
        return self._told("XDG_CACHE_HOME") or self._home / ".cache"

    def _data(self) -> Path:
        if self._system == _WINDOWS:
            return self._settings()
        if self._system == _MAC:
            return self._home / "Library" / "Application Support"
        return self._told("XDG_DATA_HOME") or self._home / ".local" / "share"

    def _settings(self) -> Path:
        if self._system == _WINDOWS:
            return self._told("APPDATA") or self._home / "AppData" / "Roaming"
        if self._system == _MAC:
            return self._home / "Library" / "Application Support"
        return self._told("XDG_CONFIG_HOME") or self._home / ".config"

    def _local(self) -> Path:
        return self._told("LOCALAPPDATA") or self._home / "AppData" / "Local"

    # --- what they were told ---------------------------------------------------------------

    def _told(self, name: str) -> Path | None:
        return self._path(self._environment.get(name, ""))

    def _setting(self, file: Path, key: str) -> Path | None:
        """A folder in a file of JSON settings."""
        text = self._walk.text(file)
        try:
            settings = msgspec.json.decode(text) if text else None
        except (msgspec.DecodeError, RecursionError):
            return None
        told = settings.get(key) if isinstance(settings, dict) else None
        return self._path(told) if isinstance(told, str) else None

    def _path(self, text: str) -> Path | None:
        """An absolute folder; None for what is none, or lies on another computer.

        To look at a drive of the network nobody asked for could take minutes.
        """
        text = text.strip()
        if text == "~" or text.startswith(("~/", "~\\")):
            return self._home / text[2:]
        if not text or "\0" in text or text.startswith(("\\\\", "//")):
            return None
        path = Path(text)
        return path if path.is_absolute() else None
