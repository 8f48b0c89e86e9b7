"""Every way to export, print, import and Markdown copies: who asks for it, and who does it."""

from pathlib import Path
from typing import TYPE_CHECKING

from ui.export.asked import Asked
from ui.export.view import What

if TYPE_CHECKING:
    from ui.session import Session


def connect_ways_out(session: "Session") -> None:
    """Connect them; the controllers are made at the first use."""
    window, page = session.window, session.page
    actions, messages = window.sidebar.chat_actions, page.transcript.message_actions
    settings = session.settings_page
    # Whatever is asked for, the page of settings or the search may be in front.
    window.export_requested.connect(lambda: session.exports.open())
    window.export_again_requested.connect(lambda: session.exports.again())
    window.print_requested.connect(lambda: session.exports.print())
    page.header.export_requested.connect(lambda: session.exports.open(Asked(What.CHAT)))
    page.save_requested.connect(lambda *code: session.exports.save_code(*code))
    actions.export_requested.connect(
        lambda ids: session.exports.open(
            Asked(What.CHAT if len(ids) == 1 else What.CHATS, chats=tuple(ids))
        )
    )
    actions.folder_export_requested.connect(
        lambda folder_id: session.exports.open(Asked(What.FOLDER, folder_id=folder_id))
    )
    messages.export_requested.connect(
        lambda message_id: session.exports.open(Asked(What.MESSAGE, message_id=message_id))
    )
    messages.selection_export_requested.connect(lambda: session.exports.open(Asked(What.SELECTION)))
    messages.branch_export_requested.connect(
        lambda leaf_id: session.exports.open(Asked(What.BRANCH, leaf_id=leaf_id))
    )
    actions.import_requested.connect(lambda: session.imports.open())
    actions.files_dropped.connect(
        lambda paths: session.imports.read([Path(each) for each in paths])
    )
    actions.mirror_requested.connect(lambda folder_id: session.mirrors.open(folder_id))
    settings.mirror_requested.connect(lambda: session.mirrors.open())
    settings.import_requested.connect(lambda: session.imports.open())
    settings.export_requested.connect(lambda: session.exports.open(Asked(What.EVERYTHING)))
