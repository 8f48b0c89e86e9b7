"""Open WebUI's export: trees, folded blocks, several models, files, and older layouts."""

import html
import json
from pathlib import Path

import pytest

from app.imports.entities import FoundFile
from app.imports.openwebui import OpenWebUiReader
from tests.helpers.foreign_chats import (
    TALK,
    Said,
    data_url,
    png,
    webui_chat,
    zipped,
)
from tests.helpers.foreign_chats_reading import branch, one, read, written

READER = OpenWebUiReader()


def answer_of(tmp_path: Path, content: str, **more: object):
    chat = webui_chat([TALK[0], Said("a", "q1", "assistant", content)], "a")
    chat["chat"]["history"]["messages"]["a"].update(more)
    return one(READER, written(tmp_path / "c.json", [chat])).messages[1]


@pytest.mark.parametrize("shape", ["list", "one", "inner"])
def test_every_message_of_a_tree(tmp_path: Path, shape: str) -> None:
    chat = webui_chat()
    value = {"list": [chat], "one": chat, "inner": [chat["chat"] | {"id": "webui-1"}]}[shape]
    path = written(tmp_path / "export.json", value)
    assert READER.recognises(path, path.read_bytes()[:65536])
    found = one(READER, path)
    assert (found.id, found.title, found.leaf) == ("webui-1", "The Nile", "a3")
    assert found.system_prompt == "Be brief."
    assert found.created_ms == 1_700_000_000_000
    assert found.pinned == (shape != "inner")
    by_id = {each.id: each for each in found.messages}
    assert list(by_id) == ["q1", "a1", "q2", "a3", "a2"]
    for said in TALK:
        message = by_id[said.id]
        assert (message.text, message.reasoning) == (said.text, said.reasoning)
        assert (message.parent, message.role) == (said.parent, said.role)
        assert message.created_ms == int(said.seconds) * 1000
        assert message.model == (said.model if said.role == "assistant" else "")
        assert message.interrupted == said.stopped
    assert [each.id for each in branch(found)] == ["q1", "a1", "q2", "a3"]


def test_folded_blocks_are_reasoning(tmp_path: Path) -> None:
    arguments, result = html.escape('{"q": "a > b"}'), html.escape('"found <it>"')
    content = (
        '<details type="reasoning" done="true" duration="2">\n<summary>Thought for 2 seconds'
        "</summary>\n&gt; Is a &lt; b?\n&gt; &gt; Quoted.\n</details>\nFirst.\n"
        f'<details type="tool_calls" done="true" id="1" name="search" arguments="{arguments}" '
        f'result="{result}" files="">\n<summary>Tool Executed</summary>\n</details>\n\n'
        '<details type="code_interpreter" done="true" output="&quot;2&quot;">\n<summary>Analyzed'
        "</summary>\n```python\n1+1\n```\n</details>\nSecond.\n\n"
        '```html\n  <details type="reasoning">\n  </details>\n```'
    )
    message = answer_of(tmp_path, content)
    assert message.text == (
        'First.\n\nSecond.\n\n```html\n  <details type="reasoning">\n  </details>\n```'
    )
    thought, *work = message.reasoning.split("\n\n")
    assert thought == "Is a < b?\n> Quoted."
    for words in ("search", '{"q": "a > b"}', '"found <it>"', "1+1", '"2"'):
        assert words in "\n\n".join(work)
    assert "<summary>" not in message.reasoning


def test_a_block_that_never_ends_stays(tmp_path: Path) -> None:
    content = '<details type="reasoning" done="false">\n' * 2000
    assert answer_of(tmp_path, content).text == content


def test_words_stay_byte_for_byte(tmp_path: Path) -> None:
    content = "\n  indented\n\n\n```\n<details>\n```\n "
    message = answer_of(tmp_path, content)
    assert message.text == content


def test_newer_output_sources_and_errors(tmp_path: Path) -> None:
    output = [
        {"type": "reasoning", "content": [{"type": "output_text", "text": "Deep."}]},
        {"type": "function_call", "name": "look", "arguments": '{"at": "sea"}'},
        {"type": "function_call_output", "output": [{"type": "input_text", "text": "waves"}]},
        {"type": "message", "content": [{"type": "output_text", "text": "Said."}]},
        {"type": "telepathy", "of": "whales"},
    ]
    sources = [{"source": {"name": "nile.pdf"}, "document": ["It flows.", "It ends."]}]
    message = answer_of(tmp_path, "", output=output, sources=sources)
    assert message.text == "Said."
    for words in ("Deep.", "look", "sea", "waves", "whales", "nile.pdf", "It flows.", "It ends."):
        assert words in message.reasoning
    failed = answer_of(tmp_path, "", error={"content": "Out of memory"})
    assert (failed.text, failed.interrupted) == ("Out of memory", True)


def test_several_models_and_their_merged_answer(tmp_path: Path) -> None:
    chat = webui_chat(TALK[:3], "a2")
    chat["chat"]["history"]["messages"]["q1"]["merged"] = {"status": True, "content": "Both."}
    found = one(READER, written(tmp_path / "c.json", [chat]))
    told = [(each.id, each.parent, each.text) for each in found.messages[1:]]
    assert ("q1.merged", "q1", "Both.") in told
    assert len(told) == 3


def test_files(tmp_path: Path) -> None:
    chat = webui_chat(TALK[:1], "q1")
    chat["chat"]["history"]["messages"]["q1"]["files"] = [
        {"type": "image", "url": data_url(png())},
        {"type": "image", "url": "/api/v1/files/1/content", "name": "lost.png"},
        {"type": "file", "name": "n.txt", "file": {"data": {"content": "Ahoi"}}},
        {"type": "collection", "name": "papers"},
        {"type": "doc"},
        7,
    ]
    found, unread = read(READER, written(tmp_path / "c.json", [chat]))
    assert found[0].messages[0].files == (
        FoundFile("File 1", picture=png()),
        FoundFile("lost.png"),
        FoundFile("n.txt", text="Ahoi"),
        FoundFile("papers"),
        FoundFile("File 5"),
        FoundFile("File 6"),
    )
    assert [(each.code, each.facts) for each in unread] == [("import.names_only", {"count": 4})]


def test_a_list_of_messages_of_old_versions(tmp_path: Path) -> None:
    chat = webui_chat([], "")
    chat["chat"]["history"] = {}
    chat["chat"]["messages"] = [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {"role": "assistant", "content": "Hello", "model": "m"},
        {"role": "system", "content": "Odd."},
    ]
    found = one(READER, written(tmp_path / "c.json", [chat]))
    assert [each.text for each in branch(found)] == ["Hi", "Hello", ""]
    assert "Odd." in branch(found)[2].reasoning


def test_folders(tmp_path: Path) -> None:
    chats = [
        webui_chat(id="1", folder_id="0123456789"),
        webui_chat(id="2", folder={"name": "Rivers"}),
    ]
    path = zipped(tmp_path / "c.zip", {"chats.json": json.dumps(chats), "readme.txt": ""})
    assert READER.recognises(path, b"PK")
    found, _unread = read(READER, path)
    assert [each.folder for each in found] == ["Project 01234567", "Rivers"]


def test_wrong_elements_spoil_no_other(tmp_path: Path) -> None:
    chats = [1, {}, {"chat": 7}, webui_chat(), webui_chat(), webui_chat([], "", id="3")]
    found, unread = read(READER, written(tmp_path / "c.json", chats))
    assert [len(each.messages) for each in found] == [5, 5]
    assert [each.code for each in unread] == ["import.no_chat_here"] * 3 + ["import.empty_chat"]


def test_rings_and_lost_parents(tmp_path: Path) -> None:
    chat = webui_chat()
    messages = chat["chat"]["history"]["messages"]
    messages["q1"]["parentId"] = "a3"
    messages["a2"]["parentId"] = "gone"
    found, unread = read(READER, written(tmp_path / "c.json", [chat]))
    assert len(found[0].messages) == 5
    assert [(each.code, each.facts) for each in unread] == [("import.misplaced", {"count": 2})]
