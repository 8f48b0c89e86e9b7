"""What a message of ChatGPT's export holds: words, reasoning, tools' work, canvases, files."""

import re
from typing import Final

from app.history.entities import Role
from app.imports.bundle import Bundle, read_whole
from app.imports.entities import FoundFile
from app.imports.errors import ImportingError
from app.imports.json_texts import loads
from app.imports.pieces import Draft, fenced, file_label, picture_file
from app.imports.reading import MOST_OF_ONE_CHAT, decoded_text
from app.imports.values import flag, mapping, milliseconds, name, sequence, text
from app.pictures import MOST_BYTES
from app.wording import sentence

_ASSET = re.compile(r"(file-[A-Za-z0-9]{6,64}|file_[A-Za-z0-9]{6,64})")
_CITED = re.compile("\ue200[^\ue200\ue201]*\ue201")
_CUT_SHORT: Final = frozenset({"in_progress", "finished_partial_completion"})
_WHOLE: Final = ".*"


class Assets:
    """The files of an export, found by the ids that messages name."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._names: dict[str, str] = {}
        for each in bundle.names():
            if identity := _asset_id(each):
                self._names.setdefault(identity, each)

    def data(self, pointer: str, most: int) -> bytes:
        """A file's content by its id or pointer; nothing if it is not there or larger."""
        found = self._names.get(_asset_id(pointer))
        if found is None:
            return b""
        try:
            return read_whole(self._bundle, found, most) or b""
        except OSError:
            return b""
        except ImportingError as error:
            if error.code == "import.zip_bomb":
                raise
            return b""


class MessageContent:
    """Puts the messages of one conversation into drafts."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._room = MOST_OF_ONE_CHAT
        self._canvas_type = ""
        self.system_prompt: list[str] = []

    def role(self, message: dict[str, object]) -> Role | None:
        """Who wrote it; None for what is no message of its own, which is kept as context."""
        role = text(mapping(message.get("author")).get("role"))
        content = mapping(message.get("content"))
        kind = text(content.get("content_type"))
        if not message:
            return None
        if role == "system" or kind in ("user_editable_context", "model_editable_context"):
            for each in _context(message, content):
                if each.strip() and each not in self.system_prompt:
                    self.system_prompt.append(each)
            return None
        return Role.USER if role == "user" else Role.ASSISTANT

    def take(self, message: dict[str, object], draft: Draft) -> None:
        """Add a message to the draft that it belongs to."""
        content = mapping(message.get("content"))
        metadata = mapping(message.get("metadata"))
        role = text(mapping(message.get("author")).get("role"))
        draft.created_ms = draft.created_ms or milliseconds(message.get("create_time"))
        if draft.role is Role.ASSISTANT:
            draft.model = draft.model or name(metadata.get("model_slug"))
            finish = mapping(metadata.get("finish_details")).get("type")
            cut = text(message.get("status")) in _CUT_SHORT or finish == "interrupted"
            draft.interrupted = draft.interrupted or cut
        recipient = text(message.get("recipient"))
        if draft.role is Role.USER:
            draft.words.append(self._words(content, draft))
        elif role == "tool":
            self._tool(message, content, draft)
        elif recipient.startswith("canmore."):
            self._canvas(recipient, _body(content), draft)
        elif recipient not in ("", "all"):
            draft.tool_call(recipient, _body(content) or content)
        else:
            self._said(message, content, draft)
        self._attachments(metadata, draft)

    def _said(self, message: dict[str, object], content: dict[str, object], draft: Draft) -> None:
        kind = text(content.get("content_type"))
        if kind == "thoughts":
            for each in sequence(content.get("thoughts")):
                thought = mapping(each)
                summary, words = text(thought.get("summary")), text(thought.get("content"))
                draft.reasoning.append(f"**{summary}**\n\n{words}" if summary else words)
        elif kind == "reasoning_recap":
            draft.reasoning.append(text(content.get("content")))
        else:
            words = _cited(self._words(content, draft), mapping(message.get("metadata")))
            is_aside = (
                flag(mapping(message.get("metadata")).get("is_visually_hidden_from_conversation"))
                or message.get("channel") == "analysis"
            )
            (draft.reasoning if is_aside else draft.words).append(words)

    def _words(self, content: dict[str, object], draft: Draft) -> str:
        """The words of a message that somebody said; its pictures go to the draft."""
        kind = text(content.get("content_type"))
        if kind in ("text", "multimodal_text") or "parts" in content:
            return self._parts(content.get("parts"), draft)
        if kind == "code":
            language = text(content.get("language"))
            body = text(content.get("text"))
            return fenced(body, "" if language == "unknown" else language) if body else ""
        if kind == "system_error":
            return f"{text(content.get('name'))}: {text(content.get('text'))}"
        if body := _body(content):
            return body
        if len(content) > 1:
            draft.unknown(kind, content)
        return ""

    def _parts(self, parts: object, draft: Draft) -> str:
        words = []
        for each in sequence(parts):
            if isinstance(each, str):
                words.append(text(each))
                continue
            part = mapping(each)
            kind = text(part.get("content_type"))
            if kind == "image_asset_pointer":
                draft.files.append(self._picture(text(part.get("asset_pointer")), draft))
            elif kind == "audio_transcription":
                words.append(text(part.get("text")))
            elif "asset_pointer" in kind:
                pointer = text(part.get("asset_pointer")) or kind
                draft.files.append(FoundFile(pointer.rpartition("/")[2]))
            elif each is not None:
                draft.unknown(kind, each)
        return "\n\n".join(filter(None, words))

    def _tool(self, message: dict[str, object], content: dict[str, object], draft: Draft) -> None:
        called = text(mapping(message.get("author")).get("name"))
        kind = text(content.get("content_type"))
        if kind == "tether_quote":
            label = text(content.get("title")) or text(content.get("url")) or "?"
            told = sentence("import.source", {"name": label})
            draft.reasoning.append(f"{told}\n\n{text(content.get('text'))}")
        elif kind == "multimodal_text":
            if words := self._parts(content.get("parts"), draft):
                draft.tool_answer(called, words)
        elif body := _body(content):
            draft.tool_answer(called, body)
        elif not {*content} <= {"content_type", "parts", "text", "result", "summary", "assets"}:
            draft.tool_answer(called, content)

    def _canvas(self, call: str, body: str, draft: Draft) -> None:
        """A document beside the conversation, which its reader saw as a part of the answer."""
        try:
            asked = mapping(loads(body.encode("utf-8", "replace")))
        except (ValueError, RecursionError):
            asked = {}
        title, written = text(asked.get("name")), text(asked.get("content"))
        kind = text(asked.get("type"))
        updates = [mapping(each) for each in sequence(asked.get("updates"))]
        if call == "canmore.create_textdoc" and written:
            self._canvas_type = kind
        elif len(updates) == 1 and updates[0].get("pattern") == _WHOLE:
            written = text(updates[0].get("replacement"))
        if not written:
            draft.tool_call(call, body)
            return
        is_code = self._canvas_type.startswith("code")
        shown = fenced(written, self._canvas_type.partition("/")[2]) if is_code else written
        draft.words.append(f"**{title}**\n\n{shown}" if title else shown)

    def _attachments(self, metadata: dict[str, object], draft: Draft) -> None:
        known = {file.name for file in draft.files}
        for each in sequence(metadata.get("attachments")):
            about = mapping(each)
            identity, label = text(about.get("id")), text(about.get("name"))
            picture = next((file for file in draft.files if file.name == identity), None)
            if picture is not None:
                # The same picture, by its own name.
                place = draft.files.index(picture)
                draft.files[place] = FoundFile(label or identity, picture=picture.picture)
            elif label and label not in known:
                draft.files.append(self._attached(identity, label))

    def _attached(self, identity: str, label: str) -> FoundFile:
        data = self._data(identity)
        picture = picture_file(label, data)
        return picture if picture.picture else FoundFile(label, text=decoded_text(data))

    def _picture(self, pointer: str, draft: Draft) -> FoundFile:
        label = _asset_id(pointer) or file_label(len(draft.files) + 1)
        return picture_file(label, self._data(pointer))

    def _data(self, pointer: str) -> bytes:
        data = self._assets.data(pointer, min(MOST_BYTES, self._room))
        self._room -= len(data)
        return data


def _asset_id(name: str) -> str:
    """What a file's name or a pointer to it begins with behind the last slash."""
    match = _ASSET.match(name.rpartition("/")[2])
    return match[1] if match else ""


def _context(message: dict[str, object], content: dict[str, object]) -> list[str]:
    """What the model was told beside the conversation."""
    told = mapping(mapping(message.get("metadata")).get("user_context_message_data"))
    own = [text(told.get("about_user_message")), text(told.get("about_model_message"))]
    if any(own):
        return own
    keys = ("user_profile", "user_instructions", "model_set_context", "repo_summary")
    found = [text(content.get(key)) for key in keys]
    return found if any(found) else [_body(content)]


def _body(content: dict[str, object]) -> str:
    """The words of content of any type, wherever that type has them."""
    for key in ("text", "result", "content", "summary"):
        if words := text(content.get(key)):
            return words
    parts = sequence(content.get("parts"))
    return "\n\n".join(text(each) for each in parts if isinstance(each, str) and each)


def _cited(words: str, metadata: dict[str, object]) -> str:
    """Words with the links that their marks of citations stand for."""
    if "\ue200" not in words:
        return words
    links: dict[str, str] = {}
    for each in sequence(metadata.get("content_references")):
        reference = mapping(each)
        links[text(reference.get("matched_text"))] = text(reference.get("alt"))
    return _CITED.sub(lambda match: links.get(match[0], ""), words)
