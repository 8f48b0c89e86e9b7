"""A second start raises the first window: one local socket per data folder."""

import hashlib
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT_MS = 2000


def socket_name(root: Path) -> str:
    """The socket's name for a data folder; short, because paths of sockets are limited."""
    # A folder may be reached by several names, and the lock in it is the same.
    true = str(root.resolve()).encode("utf-8", "surrogateescape")
    return "moestro-" + hashlib.sha256(true).hexdigest()[:24]


def raise_first(root: Path, files: list[str]) -> bool:
    """Ask the running window to come forward and open ``files``; False when none answers."""
    socket = QLocalSocket()
    socket.connectToServer(socket_name(root))
    if not socket.waitForConnected(_WAIT_MS):
        return False
    socket.write(QByteArray("\0".join(["raise", *files]).encode("utf-8", "replace")))
    socket.waitForBytesWritten(_WAIT_MS)
    socket.disconnectFromServer()
    return True


class InstanceServer(QObject):
    """Listens for second starts of the same user.

    Signals:
        raised: somebody started the program again, with these files.
    """

    raised = Signal(list)

    def __init__(self, root: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        name = socket_name(root)
        # The instance lock is ours, so a socket of that name is a dead program's.
        QLocalServer.removeServer(name)
        self._server.listen(name)
        self._server.newConnection.connect(self._connected)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _connected(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.disconnected.connect(lambda: self._read(socket))

    def _read(self, socket: QLocalSocket) -> None:
        words = bytes(socket.readAll().data()).decode("utf-8", "replace").split("\0")
        socket.deleteLater()
        if words[:1] == ["raise"]:
            self.raised.emit(words[1:])
