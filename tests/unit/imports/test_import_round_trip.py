"""Our JSON: exported, imported into a new folder and exported again it is byte for byte equal."""

import json
import random
import tempfile
import zipfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.attachments.store import AttachmentStore
from app.history.entities import AttachedWay
from app.history.repository import History
from app.imports.errors import ImportingError
from app.imports.moestro import MoestroFiles
from app.imports.report import Standing, told
from app.imports.staging import Staging
from app.text import clean
from tests.helpers.imported import import_json, staged, take
from tests.helpers.random_trees import ODD, WORDS, Folder


@pytest.fixture
def folders(tmp_path):
    opened = [Folder(tmp_path / name) for name in ("a", "b")]
    yield opened
    for each in opened:
        each.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), words=st.lists(WORDS, min_size=1, max_size=8))
def test_export_import_export_is_byte_equal(seed, words):
    with tempfile.TemporaryDirectory() as root:
        one, other = Folder(Path(root) / "a"), Folder(Path(root) / "b")
        try:
            draw = random.Random(seed)
            one.fill(seed, lambda: draw.choice(words))
            exported = one.json()
            preview, taken = import_json(other, exported)
            assert preview.unread == ()
            assert taken.added == len(preview.rows)
            assert other.json() == exported
            before = other.dump()
            again = import_json(other, exported)[1]
            assert (again.added, again.grown, again.messages) == (0, 0, 0)
            assert other.dump() == before
        finally:
            one.close()
            other.close()


def fill(folder: Folder, seed: int = 7, chats: int = 6, messages: int = 12) -> bytes:
    draw = random.Random(seed)
    folder.fill(seed, lambda: draw.choice(ODD), chats, messages)
    return folder.json()


def test_everything_is_there_and_not_only_equal(folders):
    one, other = folders
    exported = fill(one)
    import_json(other, exported)
    mine, theirs = History(one.database), History(other.database)
    for conversation in mine.conversations():
        copy = theirs.conversation(conversation.id)
        assert (copy.title, copy.system_prompt, copy.sampling, copy.overflow) == (
            conversation.title, conversation.system_prompt, conversation.sampling,
            conversation.overflow,
        )  # fmt: skip
        assert [each.text for each in theirs.branch(copy.id)] == [
            each.text for each in mine.branch(conversation.id)
        ]
        seen = {each.id for each in mine.messages(conversation.id)}
        assert sorted(theirs.summaries(copy.id), key=str) == sorted(
            (each for each in mine.summaries(conversation.id) if each.until_id in seen), key=str
        )
        for message in theirs.messages(copy.id):
            original = mine.message(message.id)
            assert message.attachments == original.attachments
            assert (message.text, message.reasoning, message.details, message.pinned) == (
                original.text, original.reasoning, original.details, original.pinned,
            )  # fmt: skip
            for carried in message.attachments:
                kept = [
                    AttachmentStore(each.database).get(carried.attachment_id) for each in folders
                ]
                assert kept[0] == kept[1]
        # The branch used last is found again where there were several.
        tree, copied = mine.tree(conversation.id), theirs.tree(conversation.id)
        assert tree.last_used(None) == copied.last_used(None)


def test_in_any_order_of_fields_and_any_layout_it_is_the_same(folders):
    one, other = folders
    exported = fill(one)
    plain = json.loads(exported)
    for each in plain["conversations"]:
        each["messages"].reverse()
    sorted_keys = [dict(sorted(each.items())) for each in plain["conversations"]]
    shuffled = {"format": "moestro", "version": 1, "unknown": [{}], "conversations": sorted_keys}
    preview, _taken = import_json(other, json.dumps(shuffled, indent=1).encode("utf-16"))
    assert preview.unread == ()
    assert other.json() == exported


CHAT = "01900000-0000-7000-8000-00000000000{}"


def message(number: int, parent: int | None, text: str = "", **more: object) -> dict[str, object]:
    return {
        "id": CHAT.format(number),
        "parent_id": None if parent is None else CHAT.format(parent),
        "sequence": number,
        "role": "user",
        "state": "complete",
        "created_ms": 5,
        "text": text or f"m{number}",
        **more,
    }


def chat(*messages: object, **more: object) -> dict[str, object]:
    return {
        "id": CHAT.format("a"), "title": "T", "sampling": None, "model_key": "", "leaf_id": None,
        "created_ms": 1, "updated_ms": 2, **more, "messages": list(messages),
    }  # fmt: skip


def file_of(*chats: object, **more: object) -> bytes:
    return json.dumps({"format": "moestro", "version": 1, **more, "conversations": chats}).encode()


def texts(folder: Folder) -> list[str]:
    return [each.text for each in History(folder.database).branch(CHAT.format("a"))]


def test_what_an_earlier_version_wrote_is_read(folders):
    old = {
        "id": CHAT.format("f"), "name": "a.txt", "kind": "text", "size": 9, "sha256": "0" * 64,
        "way": "whole", "part": "", "text": "all of it",
    }  # fmt: skip
    part = {**old, "way": "part", "part": "lines 1–2", "text": "all"}
    folder = folders[1]
    preview, _taken = import_json(
        folder,
        file_of(chat(message(1, None, attachments=[old]), message(2, 1, attachments=[part]))),
    )
    assert preview.unread == ()
    first, second = History(folder.database).branch(CHAT.format("a"))
    assert [(each.text, each.way, each.name) for each in first.attachments] == [
        ("all of it", AttachedWay.WHOLE, "a.txt")
    ]
    assert [(each.text, each.way) for each in second.attachments] == [("all", AttachedWay.PART)]


@pytest.mark.parametrize(
    ("messages", "code", "branch"),
    [
        ([message(1, 9), message(2, 1)], "import.misplaced", ["m1", "m2"]),
        ([message(1, 2), message(2, 1)], "import.circles", ["m1", "m2"]),
        ([message(1, 1), message(2, 1)], "import.misplaced", ["m1", "m2"]),
        ([message(1, None), message(2, 1), message(2, None, "x")], "import.duplicate_messages",
         ["m1", "m2"]),
        ([message(1, None), message(2, 1, role="robot")], "import.messages_damaged", ["m1"]),
        ([message(1, None), message(2, 1, details={"model_key": 5})], "import.messages_damaged",
         ["m1", "m2"]),
        ([message(1, None), message(2, 1, attachments="x")], "import.messages_damaged",
         ["m1", "m2"]),
        ([message(1, None), {**message(2, 1), "text": 5}], "import.messages_damaged", ["m1"]),
        ([message(1, None), {**message(2, 1), "sequence": 2**70}], "import.messages_damaged",
         ["m1"]),
        ([message(1, None), message(2, 1, created_ms=None)], "import.messages_damaged", ["m1"]),
        ([message(1, None), 7], "import.messages_damaged", ["m1"]),
        ([message(1, None), {}], "import.messages_damaged", ["m1"]),
        ([message(1, None, attachments=[{"id": CHAT.format("f"), "way": "whole", "part": ""}])],
         "import.no_file", ["m1"]),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_and_the_rest_is_taken(folders, messages, code, branch):
    folder = folders[1]
    preview, taken = import_json(folder, file_of(chat(*messages)))
    assert [each.code for each in preview.unread] == [code]
    assert "T" in told(preview.unread[0])
    assert taken.added == 1
    assert texts(folder) == branch


def test_fields_of_the_conversation_of_wrong_types_are_told(folders):
    folder = folders[1]
    data = file_of(chat(message(1, None), title=5, sampling={"temperature": "hot"}, pinned="yes"))
    preview, _taken = import_json(folder, data)
    assert [each.facts["key"] for each in preview.unread] == ["title", "sampling", "pinned"]
    assert texts(folder) == ["m1"]


def test_times_that_no_clock_shows_are_told(folders):
    folder = folders[1]
    late = {**message(1, None), "created_ms": 2**53}
    preview, _taken = import_json(folder, file_of(chat(late, created_ms=2**53, updated_ms=5)))
    assert [each.code for each in preview.unread] == [
        "import.field_damaged", "import.messages_damaged",
    ]  # fmt: skip
    (conversation,) = History(folder.database).conversations()
    assert (conversation.created_ms, conversation.updated_ms) == (0, 5)
    assert History(folder.database).branch(conversation.id)[0].created_ms < 10**13


def test_files_that_came_by_name_get_their_content_later(folders):
    here = folders[1]
    one, full = message(1, None), "all of it"
    file = {
        "id": CHAT.format("f"), "name": "a.txt", "kind": "text", "size": 9, "sha256": "00" * 32,
    }  # fmt: skip
    named = {**file, "way": "whole", "part": ""}
    preview, taken = import_json(here, file_of(chat({**one, "attachments": [named]})))
    assert [each.code for each in preview.unread] == ["import.names_only"]
    assert (taken.added, taken.files) == (1, 1)
    whole = {**file, "created_ms": 1, "sections": [], "text": full}
    carried = {"id": file["id"], "way": "whole", "part": ""}
    for other, files, standing in (
        ({**whole, "sha256": "11" * 32}, 0, Standing.HERE),
        (whole, 1, Standing.GROWN),
        (whole, 0, Standing.HERE),
    ):
        told_now = {**one, "attachments": [carried]}
        preview, taken = import_json(here, file_of(chat(told_now, attachments=[other])))
        assert ([row.standing for row in preview.rows], taken.files) == ([standing], files)
    ((row,),) = (History(here.database).conversations(),)
    (shown,) = History(here.database).branch(row.id)[0].attachments
    assert shown.text == full


def test_a_file_by_name_and_whole_in_two_files_of_one_import(folders):
    one = message(1, None)
    file = {
        "id": CHAT.format("f"), "name": "a.txt", "kind": "text", "size": 9, "sha256": "00" * 32,
    }  # fmt: skip
    named = chat({**one, "attachments": [{**file, "way": "whole", "part": ""}]})
    whole = chat(attachments=[{**file, "created_ms": 1, "sections": [], "text": "all of it"}])
    import_json(folders[1], file_of(named), file_of(whole))
    (row,) = History(folders[1].database).conversations()
    (shown,) = History(folders[1].database).branch(row.id)[0].attachments
    assert shown.text == "all of it"


def test_ids_that_are_none_become_some_and_stay_the_same(folders):
    folder = folders[1]
    one = {**message(1, None), "id": "first"}
    two = {**message(2, None), "id": "../../x", "parent_id": "first"}
    data = file_of(chat(one, two, id="my chat", leaf_id="../../x"))
    preview, _taken = import_json(folder, data)
    (row,) = preview.rows
    branch = History(folder.database).branch(row.id)
    assert [each.text for each in branch] == ["m1", "m2"]
    assert all(len(each.id) == 36 for each in branch)
    assert import_json(folder, data)[1].messages == 0


def test_without_an_id_it_is_told(folders):
    nameless = chat(message(1, None))
    del nameless["id"]
    preview, _taken = import_json(folders[1], file_of(nameless, 5, chat(message(1, None))))
    assert [each.code for each in preview.unread] == ["import.no_chat_here"] * 2
    assert [row.id for row in preview.rows] == [CHAT.format("a")]


def test_deep_and_long_values_are_passed_over(folders, monkeypatch):
    deep = b"[" * 100_000 + b"]" * 100_000
    data = file_of(chat(message(1, None), "DEEP", message(2, 1))).replace(b'"DEEP"', deep)
    preview, _taken = import_json(folders[1], data)
    assert [each.code for each in preview.unread] == ["import.too_deep"]
    assert texts(folders[1]) == ["m1", "m2"]


def test_a_file_that_was_cut_off_gives_what_came_before(folders):
    folder = folders[1]
    data = file_of(chat(message(1, None), message(2, 1), message(3, 2)))
    preview, _taken = import_json(folder, data[: data.index(b"m3")])
    assert [each.code for each in preview.unread] == ["import.broken_json"]
    assert texts(folder) == ["m1", "m2"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"format":"other","version":1,"conversations":[]}', "import.no_chats"),
        (b'{"format":"moestro","version":2,"conversations":[]}', "import.newer_chat"),
        (b'{"format":"moestro","version":"1","conversations":[]}', "import.no_chats"),
        (b'{"conversations":[{"id":"x"}],"format":"moestro","version":1}', "import.no_chats"),
        (b"[1,2]", "import.no_chats"),
        (b"{}", "import.no_chats"),
    ],
)
def test_what_is_not_ours_is_refused(folders, data, code):
    with pytest.raises(ImportingError) as refused:
        import_json(folders[1], data)
    assert refused.value.code == code


def test_text_that_no_file_can_carry_and_nul(folders):
    folder = folders[1]
    data = file_of(chat(message(1, None, "nul \0 lone \ud800"), title="a\udfff\0b"))
    import_json(folder, data)
    assert texts(folder) == ["nul \0 lone " + clean("\ud800")]
    assert History(folder.database).conversation(CHAT.format("a")).title == clean("a\udfff\0b")


def test_an_answer_that_was_being_written_is_interrupted(folders):
    import_json(folders[1], file_of(chat(message(1, None, state="streaming"))))
    (only,) = History(folders[1].database).branch(CHAT.format("a"))
    assert only.state == "interrupted"


def test_an_answer_that_stands_before_its_question_finds_it(folders):
    preview, taken = import_json(folders[1], file_of(chat(message(1, 2), message(2, None))))
    assert preview.unread == ()
    assert taken.messages == 2
    history = History(folders[1].database)
    assert history.tree(CHAT.format("a")).path(CHAT.format(1)) == [CHAT.format(2), CHAT.format(1)]


def test_two_files_of_one_chat_become_one(folders):
    folder = folders[1]
    older = file_of(chat(message(1, None), message(2, 1), updated_ms=5))
    newer = file_of(chat(message(1, None), message(2, 1), message(3, 2), updated_ms=9, title="N"))
    preview, taken = import_json(folder, newer, older)
    assert [(row.messages, row.standing) for row in preview.rows] == [(3, Standing.NEW)]
    assert preview.unread == ()
    assert (taken.added, taken.messages) == (1, 3)
    assert History(folder.database).conversation(CHAT.format("a")).title == "N"


def test_one_id_in_two_chats_becomes_two_messages(folders):
    folder = folders[1]
    other = chat(message(1, None, "other"), message(3, 1), id=CHAT.format("b"))
    data = file_of(chat(message(1, None), message(2, 1)), other)
    import_json(folder, data)
    assert texts(folder) == ["m1", "m2"]
    branch = History(folder.database).branch(CHAT.format("b"))
    assert [each.text for each in branch] == ["other", "m3"]
    assert import_json(folder, data)[1].messages == 0


def test_an_id_that_another_chat_here_has_becomes_another(folders):
    folder = folders[1]
    import_json(folder, file_of(chat(message(1, None), message(2, 1))))
    before = folder.dump()
    reply = chat(message(1, None, "not the same"), message(4, 1), id=CHAT.format("b"))
    reply["leaf_id"] = CHAT.format(4)
    preview, taken = import_json(folder, file_of(reply))
    assert (preview.rows[0].new_messages, taken.messages) == (2, 2)
    assert texts(folder) == ["m1", "m2"]
    branch = History(folder.database).branch(CHAT.format("b"))
    assert [each.text for each in branch] == ["not the same", "m4"]
    assert [row for row in before if row in folder.dump()] == before
    assert import_json(folder, file_of(reply))[0].rows[0].standing is Standing.HERE


@pytest.mark.parametrize("packed", ["folder", "zip"])
def test_a_folder_or_zip_of_our_files_is_read(folders, tmp_path, packed):
    one, other = folders
    exported = fill(one)
    place = tmp_path / "exports"
    (place / "inner").mkdir(parents=True)
    (place / "inner" / "chats.json").write_bytes(exported)
    (place / "other.json").write_text("[1]")
    (place / "notes.txt").write_text('{"format":"moestro"')
    if packed == "zip":
        with zipfile.ZipFile(tmp_path / "exports.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(place.rglob("*.*")):
                archive.write(path, str(path.relative_to(place)))
        place = tmp_path / "exports.zip"

    def stage(staging: Staging) -> None:
        files = MoestroFiles(staging)
        assert files.recognises(place, b"" if packed == "folder" else place.read_bytes()[:100])
        for _ in files.stage(place):
            pass

    path, preview = staged(other, stage)
    assert preview.unread == ()
    take(other, path, [row.id for row in preview.rows])
    assert other.json() == exported


def test_every_field_of_ours_is_described():
    text = (Path(__file__).resolve().parents[3] / "docs" / "json-format.md").read_text("utf-8")
    from app.export import json_format as ours

    for struct in (
        ours.ExportedChats, ours.ExportedConversation, ours.ExportedMessage,
        ours.ExportedAttachment, ours.ExportedFile, ours.ExportedSummary, ours.ExportedFolder,
    ):  # fmt: skip
        for field in msgspec.structs.fields(struct):
            assert f"`{field.name}`" in text, field.name
