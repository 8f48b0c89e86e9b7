"""Chats as other programs write them, made after the layouts of those programs' own writers.

A chat is a list of ``Said``; each writer puts it into one program's form.
"""

import base64
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """One message of a tree."""

    id: str
    parent: str | None
    role: str
    text: str
    reasoning: str = ""
    seconds: float = 1_700_000_000.5
    model: str = "some-model"
    stopped: bool = False
    files: tuple[str, ...] = field(default=())


TALK = (
    Said("q1", None, "user", "Where is the **source** of the Nile?\n\n```\ncode  stays\n```"),
    Said("a1", "q1", "assistant", "In Burundi – or Rwanda.", "Two claims …", 1_700_000_010),
    Said("a2", "q1", "assistant", "In $x^2$ places.", "", 1_700_000_020, stopped=True),
    Said("q2", "a1", "user", "Weiß man das? 日本語 🦛", seconds=1_700_000_030),
    Said("a3", "q2", "assistant", "Ja.\n", "", 1_700_000_040),
)
"""A question with two answers, of which the first was gone on from."""


def png(side: int = 16) -> bytes:
    """A small picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + crc

    size = side.to_bytes(4, "big") * 2
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * side for _ in range(side)))
    header = chunk(b"IHDR", size + b"\x08\0\0\0\0")
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def data_url(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def zipped(path: Path, members: Mapping[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def folder(path: Path, members: Mapping[str, bytes | str]) -> Path:
    for name, content in members.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# --- ChatGPT -------------------------------------------------------------------------------


def gpt_node(
    key: str,
    parent: str | None,
    role: str,
    content: Json,
    *,
    seconds: float | None = None,
    recipient: str = "all",
    author: str | None = None,
    channel: str | None = None,
    status: str = "finished_successfully",
    **metadata: Any,
) -> Json:
    """A node of a mapping; ``children`` are added by ``gpt_conversation``."""
    return {
        "id": key,
        "message": {
            "id": key,
            "author": {"role": role, "name": author, "metadata": {}},
            "create_time": seconds,
            "update_time": None,
            "content": content,
            "status": status,
            "end_turn": True,
            "weight": 1.0,
            "metadata": metadata,
            "recipient": recipient,
            "channel": channel,
        },
        "parent": parent,
        "children": [],
    }


def gpt_words(words: str) -> Json:
    return {"content_type": "text", "parts": [words]}


def gpt_conversation(nodes: Iterable[Json], current: str, **more: Any) -> Json:
    mapping = {"client-created-root": {
        "id": "client-created-root", "message": None, "parent": None, "children": [],
    }}  # fmt: skip
    mapping |= {node["id"]: node for node in nodes}
    for key, node in mapping.items():
        parent = node["parent"]
        if isinstance(parent, str) and parent in mapping and parent != key:
            mapping[parent]["children"].append(key)
    return {
        "title": "The Nile",
        "create_time": 1_700_000_000.25,
        "update_time": 1_700_000_100.75,
        "mapping": mapping,
        "moderation_results": [],
        "current_node": current,
        "conversation_id": "conversation-1",
        "id": "conversation-1",
        "gizmo_id": None,
        "is_archived": False,
        "is_starred": None,
        "default_model_slug": "gpt-default",
    } | more


def gpt_talk(talk: Iterable[Said] = TALK, current: str = "a3") -> Json:
    nodes = []
    for said in talk:
        parent = said.parent or "client-created-root"
        if said.reasoning:
            thoughts = [{"summary": "", "content": said.reasoning}]
            content = {"content_type": "thoughts", "thoughts": thoughts}
            nodes.append(gpt_node(f"{said.id}-t", parent, said.role, content))
            parent = f"{said.id}-t"
        node = gpt_node(
            said.id, parent, said.role, gpt_words(said.text), seconds=said.seconds,
            model_slug=said.model if said.role == "assistant" else None,
            status="in_progress" if said.stopped else "finished_successfully",
        )  # fmt: skip
        nodes.append(node)
    return gpt_conversation(nodes, current)


# --- Open WebUI ----------------------------------------------------------------------------


def webui_chat(talk: Iterable[Said] = TALK, current: str = "a3", **more: Any) -> Json:
    messages: dict[str, Json] = {}
    for said in talk:
        content = said.text
        if said.reasoning:
            quoted = "\n".join(f"> {line}" for line in said.reasoning.splitlines())
            content = (
                '<details type="reasoning" done="true" duration="3">\n'
                f"<summary>Thought for 3 seconds</summary>\n{quoted}\n</details>\n{said.text}"
            )
        message: Json = {
            "id": said.id,
            "parentId": said.parent,
            "childrenIds": [],
            "role": said.role,
            "content": content,
            "timestamp": int(said.seconds),
        }
        if said.role == "assistant":
            message |= {"model": said.model, "modelName": "Some", "done": not said.stopped}
        messages[said.id] = message
        if said.parent in messages:
            messages[said.parent]["childrenIds"].append(said.id)
    return {
        "id": "webui-1",
        "user_id": "somebody",
        "title": "The Nile",
        "chat": {
            "id": "",
            "title": "The Nile",
            "models": ["some-model"],
            "params": {"system": "Be brief."},
            "history": {"messages": messages, "currentId": current},
            "messages": [],
            "tags": [],
            "timestamp": 1_700_000_000_000,
        },
        "updated_at": 1_700_000_100,
        "created_at": 1_700_000_000,
        "share_id": None,
        "archived": False,
        "pinned": True,
        "meta": {},
        "folder_id": None,
    } | more


# --- Jan -----------------------------------------------------------------------------------


def jan_message(said: Said, **metadata: Any) -> Json:
    content = []
    if said.reasoning:
        content.append({"type": "reasoning", "text": {"value": said.reasoning, "annotations": []}})
    content.append({"type": "text", "text": {"value": said.text, "annotations": []}})
    return {
        "type": "text",
        "id": said.id,
        "object": "thread.message",
        "thread_id": "thread-1",
        "role": said.role,
        "content": content,
        "status": "stopped" if said.stopped else "ready",
        "created_at": int(said.seconds * 1000),
        "completed_at": int(said.seconds * 1000),
        "metadata": metadata,
    }


def jan_thread(**more: Any) -> Json:
    return {
        "id": "thread-1",
        "object": "thread",
        "title": "The Nile",
        "assistants": [
            {
                "assistant_id": "jan",
                "assistant_name": "Jan",
                "instructions": "Be brief.",
                "model": {"id": "some-model", "engine": "llamacpp"},
            }
        ],
        "created": 1_700_000_000,
        "updated": 1_700_000_100,
        "metadata": {"is_favorite": True, "project": {"id": "p", "name": "Rivers"}},
    } | more


def jan_files(thread: Json, messages: Iterable[Json], place: str = "threads/thread-1") -> Json:
    lines = "".join(json.dumps(message) + "\n" for message in messages)
    return {f"{place}/thread.json": json.dumps(thread, indent=2), f"{place}/messages.jsonl": lines}


def jan_talk() -> Json:
    """The tree, with the branch shown that does not hold the newest answer's version."""
    shown = {"q1": "a1"}
    messages = [
        jan_message(said, parentId=said.parent, **(
            {"activeChildId": shown[said.id]} if said.id in shown else {}
        ))
        for said in TALK
    ]  # fmt: skip
    return jan_files(jan_thread(), messages)


# --- LM Studio -----------------------------------------------------------------------------


def studio_user(words: str, *parts: Json) -> Json:
    content = [{"type": "text", "text": words}, *parts]
    return {"type": "singleStep", "role": "user", "content": content}


def studio_block(words: Iterable[str], thinking: bool = False, **more: Any) -> Json:
    block: Json = {
        "type": "contentBlock",
        "stepIdentifier": "1700000010123-0.4711",
        "content": [
            {"type": "text", "text": each, "fromDraftModel": False, "tokensCount": 1,
             "isStructural": False}
            for each in words
        ],
        "defaultShouldIncludeInContext": True,
        "shouldIncludeInContext": True,
    }  # fmt: skip
    if thinking:
        block["style"] = {"type": "thinking", "ended": True, "title": "Thought for 2 seconds"}
    return block | more


def studio_generation(stop: str = "eosFound") -> Json:
    return {
        "indexedModelIdentifier": "publisher/some-model",
        "identifier": "some-model",
        "loadModelConfig": {"fields": []},
        "predictionConfig": {"fields": []},
        "stats": {"stopReason": stop, "tokensPerSecond": 12.5},
    }


def studio_answer(*steps: Json) -> Json:
    sender = {"senderName": "some-model"}
    return {"type": "multiStep", "role": "assistant", "steps": list(steps), "senderInfo": sender}


def studio_chat(*messages: tuple[int, list[Json]], **more: Any) -> Json:
    """Every message is the number of the selected version and the versions."""
    return {
        "name": "The Nile",
        "pinned": True,
        "createdAt": 1_700_000_000_123,
        "preset": "",
        "tokenCount": 77,
        "userLastMessagedAt": 1_700_000_030_000,
        "systemPrompt": "",
        "messages": [
            {"versions": versions, "currentlySelected": selected} for selected, versions in messages
        ],
        "usePerChatPredictionConfig": True,
        "perChatPredictionConfig": {
            "fields": [{"key": "llm.prediction.systemPrompt", "value": "Be brief."}]
        },
        "clientInput": "",
        "clientInputFiles": [],
        "userFilesSizeBytes": 0,
        "lastUsedModel": {"identifier": "some-model"},
        "notes": [],
        "plugins": [],
        "assistantLastMessagedAt": 1_700_000_040_000,
    } | more


def studio_talk() -> Json:
    q1, a1, a2, q2, a3 = TALK
    return studio_chat(
        (0, [studio_user(q1.text)]),
        (
            0,
            [
                studio_answer(
                    studio_block([a1.reasoning], thinking=True),
                    studio_block([a1.text[:5], a1.text[5:]], genInfo=studio_generation()),
                ),
                studio_answer(studio_block([a2.text], genInfo=studio_generation("userStopped"))),
            ],
        ),
        (0, [studio_user(q2.text)]),
        (0, [studio_answer(studio_block([a3.text], genInfo=studio_generation()))]),
    )


# --- training data -------------------------------------------------------------------------


def openai_record(**more: Any) -> Json:
    return {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": TALK[0].text},
            {"role": "assistant", "content": TALK[1].text, "reasoning_content": TALK[1].reasoning},
            {"role": "user", "content": TALK[3].text},
            {"role": "assistant", "content": TALK[4].text},
        ]
    } | more


def sharegpt_record(**more: Any) -> Json:
    return {
        "id": "share-1",
        "conversations": [
            {"from": "system", "value": "Be brief."},
            {"from": "human", "value": TALK[0].text},
            {"from": "gpt", "value": f"<think>{TALK[1].reasoning}</think>\n\n{TALK[1].text}"},
            {"from": "human", "value": TALK[3].text},
            {"from": "gpt", "value": TALK[4].text},
        ],
    } | more
