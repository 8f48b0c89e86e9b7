"""Dragging chats within the list: into a folder, out of it, and to the pinned ones."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QMimeData, QPoint, QRect, Qt
from PySide6.QtGui import QDrag, QFont, QPainter, QPixmap
from PySide6.QtWidgets import QListView

from ui.item_models.chat_rows import RowKind
from ui.item_models.conversation_list_model import ConversationListModel
from ui.sidebar.chat_actions import ChatActions
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS, TEXT_SMALL

MIME_TYPE = "application/x-moestro-chats"
_HEIGHT, _PAD = 28, 10


@dataclass(frozen=True, slots=True)
class DropTarget:
    """Where chats would go: a folder, out of any (empty), or to the pinned ones."""

    folder_id: str
    pins: bool = False


def mime_of(chats: list[str]) -> QMimeData:
    """Chats as what is dragged; of no use to other programs."""
    data = QMimeData()
    data.setData(MIME_TYPE, "\n".join(chats).encode())
    return data


def chats_of(data: QMimeData) -> list[str]:
    """The chats that are dragged; none when it is something else."""
    raw = bytes(data.data(MIME_TYPE).data())
    return [each for each in raw.decode("utf-8", "replace").split("\n") if each]


def target_at(view: QListView, model: ConversationListModel, where: QPoint) -> DropTarget | None:
    """What lies under the pointer; None where nothing can be dropped."""
    row = model.row_at(view.indexAt(where))
    if row is None:
        return DropTarget("")
    if row.kind is RowKind.FOLDER:
        return DropTarget(row.id)
    if row.folder_id:
        return DropTarget(row.folder_id)
    is_pinned = row.is_pinned or (row.kind is RowKind.HEADING and _begins_pins(model, row.id))
    return DropTarget("", pins=is_pinned)


def drop(
    chats: list[str], target: DropTarget, model: ConversationListModel, actions: ChatActions
) -> None:
    """Tell what follows from a drop; nothing for what is there already."""
    found = [each for each in (model.chat(chat) for chat in chats) if each is not None]
    if target.pins:
        wanted = [each.id for each in found if not each.pinned]
        if wanted:
            actions.pin_requested.emit(wanted, True)
        return
    moved = [each.id for each in found if (each.folder_id or "") != target.folder_id]
    unpinned = [each.id for each in found if each.pinned]
    if moved:
        actions.move_requested.emit(moved, target.folder_id)
    if unpinned:
        # Dropped elsewhere, it would stay among the pinned ones as if nothing had happened.
        actions.pin_requested.emit(unpinned, False)


def start_drag(view: QListView, theme: Theme, chats: list[str], title: str) -> None:
    """Drag ``chats`` until they are dropped; the list itself changes nothing."""
    drag = QDrag(view)
    drag.setMimeData(mime_of(chats))
    words = (
        title
        if len(chats) == 1
        else QCoreApplication.translate("sidebar", "{count} chats").format(count=len(chats))
    )
    drag.setPixmap(_picture(theme, words, view.devicePixelRatioF()))
    drag.setHotSpot(QPoint(-theme.px(8), -theme.px(8)))
    drag.exec(Qt.DropAction.MoveAction)


def _begins_pins(model: ConversationListModel, heading: str) -> bool:
    below = model.row_at(model.index(1))
    first = model.row_at(model.index(0))
    return first is not None and first.id == heading and below is not None and below.is_pinned


def _picture(theme: Theme, words: str, ratio: float) -> QPixmap:
    px = theme.px
    font = theme.font(TEXT_SMALL, weight=QFont.Weight.Medium)
    measure = QPixmap(1, 1)
    painter = QPainter(measure)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, px(200))
    width = metrics.horizontalAdvance(shown) + 2 * px(_PAD)
    painter.end()
    picture = QPixmap(round(width * ratio), round(px(_HEIGHT) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = QRect(0, 0, width, px(_HEIGHT))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("accent"))
    painter.drawRoundedRect(area, px(RADIUS), px(RADIUS))
    painter.setFont(font)
    painter.setPen(theme.color("on_accent"))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, shown)
    painter.end()
    return picture
