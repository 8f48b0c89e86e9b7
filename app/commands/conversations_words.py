"""Conversations, messages and what was found of them, as lines and as JSON objects."""

import argparse
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.history.entities import Conversation, Message
from app.history.found import Found, Hit
from app.history.organised import Deleted, Listed
from app.wording import sentence

_DAY_MS = 24 * 60 * 60 * 1000
_FIRST_DAY, _LAST_DAY = -700_000, 2_900_000
"""From 1970; beyond lie no dates."""


def moment(text: str) -> int:
    """A day as its first Unix millisecond (UTC). Raises ArgumentTypeError."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(sentence("terminal.not_day")) from error
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def listed_object(row: Listed) -> dict[str, Any]:
    """A conversation of a list."""
    return {
        "id": row.id,
        "title": row.title,
        "created_ms": row.created_ms,
        "updated_ms": row.updated_ms,
        "model_key": row.model_key,
        "folder_id": row.folder_id,
        "pinned": row.pinned,
    }


def conversation_object(conversation: Conversation) -> dict[str, Any]:
    """A conversation that is shown."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "system_prompt": conversation.system_prompt,
        "created_ms": conversation.created_ms,
        "updated_ms": conversation.updated_ms,
        "model_key": conversation.model_key,
        "trashed_ms": conversation.trashed_ms,
    }


def message_object(message: Message) -> dict[str, Any]:
    """A message that is shown."""
    return {
        "id": message.id,
        "parent_id": message.parent_id,
        "role": message.role.value,
        "text": message.text,
        "reasoning": message.reasoning,
        "state": message.state.value,
        "created_ms": message.created_ms,
        "attachments": [each.name for each in message.attachments],
    }


def found_object(found: Found) -> dict[str, Any]:
    """What a search found; places are in characters of the snippet."""
    return {
        "conversations": [
            {
                "id": each.conversation_id,
                "title": each.title.text,
                "folder_id": each.folder_id,
                "updated_ms": each.updated_ms,
                "count": each.count,
                "hits": [_hit_object(hit) for hit in each.hits],
            }
            for each in found.conversations
        ],
        "is_complete": found.is_complete,
    }


def found_lines(found: Found) -> Iterator[str]:
    """The same, a line for each conversation and, indented, for each hit in it."""
    for each in found.conversations:
        yield "\t".join((each.conversation_id, each.title.text))
        for hit in each.hits:
            if hit.message_id is not None:
                yield "\t".join(("", hit.message_id, hit.name or hit.kind.value, hit.snippet.text))


def deleted_object(each: Deleted) -> dict[str, Any]:
    """Something in the trash."""
    return {
        "kind": each.kind.value,
        "id": each.id,
        "name": each.name,
        "count": each.count,
        "deleted_ms": each.deleted_ms,
        "until_ms": each.until_ms,
        "conversation_id": each.conversation_id,
    }


def deleted_line(each: Deleted) -> str:
    """The same, with the day (UTC) when it will be erased."""
    # A clock that jumped may have left any number.
    days = max(_FIRST_DAY, min(each.until_ms // _DAY_MS, _LAST_DAY))
    until = date(1970, 1, 1) + timedelta(days=days)
    return "\t".join((each.id, each.kind.value, until.isoformat(), each.name))


def _hit_object(hit: Hit) -> dict[str, Any]:
    return {
        "kind": hit.kind.value,
        "message_id": hit.message_id,
        "role": None if hit.role is None else hit.role.value,
        "created_ms": hit.created_ms,
        "name": hit.name,
        "snippet": hit.snippet.text,
        "places": [list(place) for place in hit.snippet.places],
    }
