"""Headless Chromium, driven over a pipe: what a page asks for, what runs in it, how it looks."""

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ANSWER_S = 60.0
_QUIET_S = 1.0
"""How long after its end a page is watched."""


def program() -> str:
    """Where Chromium is. Raises FileNotFoundError."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise FileNotFoundError("Chromium is not installed; these runs need it")
    return found


@dataclass(slots=True)
class Visit:
    """What happened while a page was open."""

    requests: list[str] = field(default_factory=list)
    """Addresses that were asked for, the page itself aside."""
    scripts: list[str] = field(default_factory=list)
    """Where each script that was compiled stands."""
    dialogs: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """What the browser logged, such as what a policy refused."""
    title: str = ""
    text: str = ""
    """Of the body, as it is seen."""


class Proxy:
    """Answers nothing and remembers who called: the only way out that the browser has."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            with caller:
                caller.settimeout(2)
                with contextlib.suppress(OSError):
                    self.lines.append(caller.recv(4096).split(b"\r\n")[0].decode("latin-1"))
                    caller.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


class Chromium:
    """One browser; every page is opened in a tab of its own."""

    def __init__(self, profile: Path, proxy_port: int | None = None) -> None:
        self._number = 0
        self._unread = b""
        self.events: list[dict[str, Any]] = []
        commands, self._to = os.pipe()
        self._from, answers = os.pipe()
        # Chromium reads descriptor 3 and writes 4; these must not be one of them before.
        reading = fcntl.fcntl(commands, fcntl.F_DUPFD, 50)
        writing = fcntl.fcntl(answers, fcntl.F_DUPFD, 50)
        moved = f"3<&{reading} 4>&{writing} {reading}<&- {writing}>&-"
        self._process = subprocess.Popen(
            [
                "/bin/bash", "-c", f'exec "$@" {moved}', "bash", program(),
                "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
                f"--user-data-dir={profile}", "--no-first-run", "--disable-extensions",
                "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--disable-default-apps", "--disable-dev-shm-usage",
                "--disable-features=OptimizationHints,MediaRouter,Translate",
                "--proxy-bypass-list=<-loopback>",
                f"--proxy-server=127.0.0.1:{proxy_port or 9}", "about:blank",
            ],
            pass_fds=(reading, writing), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for each in (commands, answers, reading, writing):
            os.close(each)

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError, TimeoutError):
            self.call("Browser.close")
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def call(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """Send a command, keep the events until its answer. Raises TimeoutError, OSError."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + _ANSWER_S
        for heard in self._heard(until):
            if heard.get("id") == self._number:
                if "error" in heard:
                    raise OSError(f"{method}: {heard['error']}")
                result: dict[str, Any] = heard["result"]
                return result
        raise TimeoutError(method)

    def wait_for(self, method: str, session: str) -> None:
        """Until an event of that name was heard. Raises TimeoutError."""
        if any(self._is(each, method, session) for each in self.events):
            return
        for heard in self._heard(time.monotonic() + _ANSWER_S):
            if self._is(heard, method, session):
                return
        raise TimeoutError(method)

    def listen(self, seconds: float) -> None:
        """Keep the events of so long."""
        for _ in self._heard(time.monotonic() + seconds):
            pass

    def tab(self) -> str:
        """A new tab's session, watched."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        session: str = attached["sessionId"]
        for domain in ("Network", "Page", "Runtime", "Debugger", "Log"):
            self.call(f"{domain}.enable", session)
        return session

    def open(self, session: str, address: str) -> None:
        """Open a page and wait until it is whole."""
        self.events.clear()
        self.call("Page.navigate", session, url=address)
        self.wait_for("Page.loadEventFired", session)

    def visit(self, address: str) -> Visit:
        """Open a page, watch it, close it."""
        session = self.tab()
        self.open(session, address)
        self.listen(_QUIET_S)
        seen = Visit()
        for event in self.events:
            if event.get("sessionId") == session:
                _note(seen, event["method"], event["params"], address)
        seen.title = self._told(session, "document.title")
        seen.text = self._told(session, "document.body.innerText")
        self.call("Page.close", session)
        return seen

    def picture(self, session: str, *, whole: bool = False) -> bytes:
        """PNG of what is seen, or of the whole page."""
        taken = self.call("Page.captureScreenshot", session, captureBeyondViewport=whole)
        return base64.b64decode(taken["data"])

    def printed(self, session: str, **options: Any) -> bytes:
        """The page as PDF."""
        taken = self.call("Page.printToPDF", session, printBackground=True, **options)
        return base64.b64decode(taken["data"])

    def _told(self, session: str, expression: str) -> str:
        answer = self.call("Runtime.evaluate", session, expression=expression)
        return str(answer["result"].get("value", ""))

    def _is(self, heard: dict[str, Any], method: str, session: str) -> bool:
        return heard.get("method") == method and heard.get("sessionId") == session

    def _heard(self, until: float) -> Iterator[dict[str, Any]]:
        """Messages as they arrive, until then; events are kept, and dialogs closed."""
        while (left := until - time.monotonic()) > 0:
            while b"\0" in self._unread:
                line, _, self._unread = self._unread.partition(b"\0")
                heard: dict[str, Any] = json.loads(line)
                if "method" in heard:
                    self.events.append(heard)
                    if heard["method"] == "Page.javascriptDialogOpening":
                        self._close_dialog(heard["sessionId"])
                yield heard
            if select.select([self._from], [], [], left)[0]:
                data = os.read(self._from, 1 << 20)
                if not data:
                    raise OSError("Chromium ended")
                self._unread += data

    def _close_dialog(self, session: str) -> None:
        self._number += 1
        message = {
            "id": self._number,
            "method": "Page.handleJavaScriptDialog",
            "params": {"accept": False},
            "sessionId": session,
        }
        os.write(self._to, json.dumps(message).encode() + b"\0")


def _note(seen: Visit, method: str, told: dict[str, Any], address: str) -> None:
    if method == "Network.requestWillBeSent":
        asked = str(told["request"]["url"])
        # What an address itself holds is asked of nobody.
        if asked != address and not asked.startswith("data:"):
            seen.requests.append(asked)
    elif method == "Network.webSocketCreated":
        seen.requests.append(str(told["url"]))
    elif method == "Debugger.scriptParsed":
        seen.scripts.append(f"{told['url']}:{told['startLine']}")
    elif method == "Page.javascriptDialogOpening":
        seen.dialogs.append(str(told["message"]))
    elif method == "Log.entryAdded":
        seen.complaints.append(str(told["entry"]["text"]))
