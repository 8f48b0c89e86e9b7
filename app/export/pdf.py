"""PDF: pages with selectable text, made by a process of their own."""

from collections.abc import Iterable
from contextlib import closing

from app.export.base import ExportOptions, Given, Sink
from app.export.errors import ExportError
from app.export.printer_protocol import PdfPiece, Printed, Working
from app.export.printing import Command, PrinterLimits, printed, printer_command
from app.export.readable import readable
from models.naming import shorten

_BEGIN, _END = b"%PDF-", b"%%EOF"


class PdfFormat:
    """One conversation, one file. Cancelling ends the process, and with it all that it holds."""

    name = "pdf"
    ending = "pdf"
    together = False
    keeps_trees = False

    def __init__(
        self, command: Command = printer_command, limits: PrinterLimits | None = None
    ) -> None:
        self._command = command
        self._limits = limits

    def write(self, given: Iterable[Given], options: ExportOptions, sink: Sink) -> None:
        """Write the file. Raises ExportError, also when its process dies or hangs."""
        for one in given:
            self._write(one, options, sink)

    def _write(self, given: Given, options: ExportOptions, sink: Sink) -> None:
        text = readable(given, options)
        messages, stepped, size = len(given.messages), 0, 0
        ends = b""
        run = printed(text, options.paper, 0, command=self._command, limits=self._limits)
        with closing(run):
            for said in run:
                sink.step()
                match said:
                    case Working(done, total) if total:
                        done_messages = min(messages, messages * done // total)
                        sink.step(max(0, done_messages - stepped))
                        stepped = max(stepped, done_messages)
                    case PdfPiece(data):
                        is_damaged = not size and not data.startswith(_BEGIN)
                        size += len(data)
                        ends = (ends + data)[-len(_END) - 2 :]
                        if is_damaged:
                            break
                        sink.write(data)
                    case Printed(told) if told == size and _END in ends:
                        sink.step(messages - stepped)
                        return
        raise ExportError("export.printer_damaged", title=shorten(text.title))
