"""Keeps the computer from going to sleep while something runs. Where it cannot, nothing breaks."""

import ctypes
import logging
import os
import platform
import shutil
import subprocess
from collections.abc import Sequence

log = logging.getLogger("moestro.awake")

_CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001


def awake_command(why: str = "Download") -> tuple[str, ...]:
    """The command that keeps this system awake while it runs; empty where there is none.

    ``why`` is shown by the system's own tools, which do not translate it.
    """
    system = platform.system()
    if system == "Darwin":
        # Ends with this program, whatever becomes of it.
        return ("caffeinate", "-i", "-w", str(os.getpid()))
    if system == "Linux":
        # ``cat`` ends when our end of its pipe does, so that a killed program leaves nothing.
        return (
            "systemd-inhibit", "--what=sleep:idle", "--who=Moestro", f"--why={why}",
            "--mode=block", "cat",
        )  # fmt: skip
    return ()


class Awake:
    """Held while something runs that nobody watches. Used on one thread."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._command = awake_command() if command is None else tuple(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._held = False

    @property
    def is_held(self) -> bool:
        """Whether the computer is being kept awake, as far as it lets itself."""
        return self._held

    def hold(self, wanted: bool) -> None:
        """Keep awake, or no longer; what is so already is left as it is."""
        if wanted == self._held:
            return
        self._held = wanted
        if platform.system() == "Windows":
            flags = _CONTINUOUS | (_SYSTEM_REQUIRED if wanted else 0)
            vars(ctypes)["windll"].kernel32.SetThreadExecutionState(flags)
        elif wanted:
            self._start()
        else:
            self._end()

    def _start(self) -> None:
        if not self._command or shutil.which(self._command[0]) is None:
            return
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            log.info("the computer may go to sleep: %s", error)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
