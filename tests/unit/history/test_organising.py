"""Folders, pins, order, and the trash that gives everything back."""

import shutil
from pathlib import Path

import apsw
import pytest

from app.engine.entities import SamplingParameters
from app.history.errors import HistoryError
from app.history.finding import Finder
from app.history.organised import DeletedKind, Emptied, Sort
from app.history.organising import Organiser
from app.history.presets import LibraryPrompt, Preset, Presets
from app.history.schema import history_migrations
from app.history.trash import KEPT_MS
from app.posting import CallbackQueue
from app.storage.opening import open_database
from app.wording import SENTENCES

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "history"
SECRET = "xylographisch"


@pytest.fixture
def organiser(kept):
    made = Organiser(kept.database, kept.posted.post, lambda: kept.now)
    yield made
    made.close()


def titles(organiser, sort=Sort.RECENT):
    return [each.title for each in organiser.listed(sort)]


def inside(organiser):
    return {each.title: each.folder_id for each in organiser.listed()}


def test_folders_hold_conversations_and_are_listed_by_name(kept, organiser):
    one, two = kept.chat("One", "1?"), kept.chat("Two", "2?")
    late = kept.wait(organiser.create_folder, "  Zoo\n\0 keeping ")
    early = kept.wait(organiser.create_folder, "Äpfel")
    assert late.name == "Zoo keeping"
    assert [each.name for each in organiser.folders()] == ["Äpfel", "Zoo keeping"]
    assert kept.wait(organiser.move, [one.id, two.id, "nothing"], early.id) == 2
    assert {each.name: each.count for each in organiser.folders()} == {"Äpfel": 2, "Zoo keeping": 0}
    assert kept.wait(organiser.move, [two.id], None) == 1
    assert inside(organiser) == {"One": early.id, "Two": None}
    assert kept.wait(organiser.rename_folder, early.id, "Birnen").name == "Birnen"
    kept.reopen()
    again = Organiser(kept.database, kept.posted.post)
    assert [each.name for each in again.folders()] == ["Birnen", "Zoo keeping"]
    assert inside(again) == {"One": early.id, "Two": None}


@pytest.mark.parametrize("name", ["", "  ", "\n\0\t", "\ud800"[:0]])
def test_a_folder_needs_a_name(kept, organiser, name):
    folder = kept.wait(organiser.create_folder, "Here")
    for call in (
        lambda: kept.wait(organiser.create_folder, name),
        lambda: kept.wait(organiser.rename_folder, folder.id, name),
    ):
        with pytest.raises(HistoryError) as refusal:
            call()
        assert refusal.value.code == "history.no_folder_name"
    assert [each.name for each in organiser.folders()] == ["Here"]


def test_what_is_not_there_has_a_sentence(kept, organiser):
    one = kept.chat("One", "1?")
    for call, code in (
        (lambda: kept.wait(organiser.move, [one.id], "no"), "history.no_folder"),
        (lambda: kept.wait(organiser.rename_folder, "no", "x"), "history.no_folder"),
        (
            lambda: kept.wait(
                lambda **end: organiser.delete_folder("\ud800", **end, with_conversations=True)
            ),
            "history.no_folder",
        ),
        (lambda: kept.wait(organiser.delete_message, "no"), "history.no_message"),
        (lambda: kept.wait(organiser.delete_preset, "no"), "history.no_preset"),
    ):
        with pytest.raises(HistoryError) as refusal:
            call()
        assert refusal.value.code == code
        assert code in SENTENCES
    assert inside(organiser) == {"One": None}


def test_the_order_is_by_use_by_title_or_by_making(kept, organiser):
    for title in ("beta", "Älpha", "", "Gamma"):
        kept.now += 1000
        kept.chat(title, "?") if title else kept.chat(title)
    assert titles(organiser) == ["Gamma", "", "Älpha", "beta"]
    assert titles(organiser, Sort.TITLE) == ["Älpha", "beta", "Gamma", ""]
    assert titles(organiser, Sort.CREATED) == ["Gamma", "", "Älpha", "beta"]
    beta = organiser.listed(Sort.TITLE)[1]
    kept.turn(kept.history.conversation(beta.id), "Again?", "Yes.")
    assert titles(organiser)[0] == "beta"
    assert titles(organiser, Sort.CREATED)[-1] == "beta"


def test_pins_are_kept(kept, organiser):
    one, two = kept.chat("One"), kept.chat("Two")
    assert kept.wait(organiser.pin, [one.id, two.id, "no"], True) == 2
    assert kept.wait(organiser.pin, [two.id], False) == 1
    assert {each.title: each.pinned for each in organiser.listed()} == {"One": True, "Two": False}


def test_deleted_conversations_come_back_by_what_deleting_gave(kept, organiser):
    one, two = kept.chat("One", "1?"), kept.chat("Two", "2?")
    before = organiser.listed()
    deleted = kept.wait(organiser.delete_conversations, [one.id, two.id, one.id, "no"])
    assert {(each.kind, each.id, each.name) for each in deleted} == {
        (DeletedKind.CONVERSATION, one.id, "One"),
        (DeletedKind.CONVERSATION, two.id, "Two"),
    }
    assert all(each.until_ms == kept.now + KEPT_MS for each in deleted)
    assert organiser.listed() == []
    assert organiser.deleted() == deleted
    assert kept.wait(organiser.delete_conversations, [one.id]) == []
    assert kept.wait(organiser.restore, deleted) == 2
    assert kept.wait(organiser.restore, deleted) == 0
    assert organiser.listed() == before
    assert organiser.deleted() == []


def folder_of_two(kept, organiser):
    folder = kept.wait(organiser.create_folder, "Both")
    chats = [kept.chat("One", "1?"), kept.chat("Two", "2?")]
    kept.wait(organiser.move, [each.id for each in chats], folder.id)
    return folder, chats


def test_a_folder_goes_with_its_conversations_and_comes_back_with_them(kept, organiser):
    folder, (one, _two) = folder_of_two(kept, organiser)
    alone = kept.wait(organiser.delete_conversations, [one.id])
    kept.now += 5
    (deleted,) = kept.wait(
        lambda **end: organiser.delete_folder(folder.id, **end, with_conversations=True)
    )
    assert (deleted.kind, deleted.name, deleted.count) == (DeletedKind.FOLDER, "Both", 1)
    assert organiser.listed() == []
    assert [each.id for each in organiser.deleted()] == [folder.id, one.id]
    kept.reopen()
    again = Organiser(kept.database, kept.posted.post, lambda: kept.now)
    assert kept.wait(again.restore, [deleted]) == 1
    assert inside(again) == {"Two": folder.id}
    assert kept.wait(again.restore, alone) == 1
    assert inside(again) == {"One": folder.id, "Two": folder.id}


def test_a_folder_alone_leaves_its_conversations_in_the_list(kept, organiser):
    folder, (_one, two) = folder_of_two(kept, organiser)
    other = kept.wait(organiser.create_folder, "Other")
    (deleted,) = kept.wait(
        lambda **end: organiser.delete_folder(folder.id, **end, with_conversations=False)
    )
    assert deleted.count == 0
    assert inside(organiser) == {"One": None, "Two": None}
    kept.wait(organiser.move, [two.id], other.id)
    assert kept.wait(organiser.restore, [deleted]) == 1
    # What was put elsewhere meanwhile stays there.
    assert inside(organiser) == {"One": folder.id, "Two": other.id}


def test_one_conversation_can_come_back_before_its_folder(kept, organiser):
    folder, (one, _two) = folder_of_two(kept, organiser)
    kept.wait(lambda **end: organiser.delete_folder(folder.id, **end, with_conversations=True))
    assert kept.wait(kept.history.restore, [one.id]) == 1
    assert inside(organiser) == {"One": None}
    kept.now += 7
    kept.wait(organiser.delete_conversations, [one.id])
    kept.wait(organiser.restore, [each for each in organiser.deleted() if each.id == folder.id])
    # Deleted on its own later, it does not come back with the folder.
    assert inside(organiser) == {"Two": folder.id}
    assert [each.id for each in organiser.deleted()] == [one.id]


def test_a_branch_is_in_the_trash_however_it_was_deleted(kept, organiser):
    chat = kept.chat("Chat", "One?", "Two?")
    first, _answer, second, _last = kept.history.messages(chat.id)
    (deleted,) = kept.wait(organiser.delete_message, second.id)
    assert (deleted.kind, deleted.name, deleted.count) == (DeletedKind.MESSAGE, "Two?", 2)
    assert deleted.conversation_id == chat.id
    assert kept.wait(organiser.restore, [deleted]) == 1
    kept.wait(kept.history.trash_message, first.id)
    (deleted,) = organiser.deleted()
    assert (deleted.id, deleted.count) == (first.id, 4)
    kept.wait(kept.history.trash, [chat.id])
    assert [each.kind for each in organiser.deleted()] == [DeletedKind.CONVERSATION]
    assert kept.wait(organiser.restore, [deleted]) == 1
    assert kept.wait(organiser.restore, [deleted]) == 0


def test_presets_and_prompts_come_back_whole(kept, organiser):
    presets = Presets(kept.database)
    preset = Preset(id="p", name="Brief", sampling=SamplingParameters(temperature=0.5))
    prompt = LibraryPrompt(id="q", name="Ask", text="Why {{this}}?")
    kept.wait(lambda **end: presets.keep(preset, prompt, **end))
    (deleted,) = kept.wait(organiser.delete_preset, "p")
    assert (deleted.kind, deleted.name, deleted.deleted_ms) == (
        DeletedKind.PRESET, "Brief", kept.now,
    )  # fmt: skip
    kept.wait(presets.remove, "q")
    assert presets.presets() == []
    assert {each.kind for each in organiser.deleted()} == {DeletedKind.PRESET, DeletedKind.PROMPT}
    assert kept.wait(organiser.restore, organiser.deleted()) == 2
    assert (presets.presets(), presets.prompts()) == ([preset], [prompt])
    assert organiser.deleted() == []
    kept.wait(presets.remove, "p")
    kept.wait(lambda **end: presets.keep(preset, **end))
    assert organiser.deleted() == []


def fill_the_trash(kept, organiser):
    """One of each, with a word that is nowhere else."""
    folder, _chats = folder_of_two(kept, organiser)
    kept.wait(lambda **end: organiser.delete_folder(folder.id, **end, with_conversations=True))
    here = kept.chat("Here", "Stay?", f"The {SECRET} question?")
    gone = kept.chat(f"Gone {SECRET}", f"What is {SECRET}?")
    messages = kept.history.messages(here.id)
    kept.wait(organiser.delete_message, messages[2].id)
    kept.wait(organiser.delete_conversations, [gone.id])
    presets = Presets(kept.database)
    kept.wait(lambda **end: presets.keep(Preset(id="p", name=SECRET), **end))
    kept.wait(organiser.delete_preset, "p")
    return here


def bytes_on_disk(kept) -> bytes:
    names = ("history.sqlite3", "history.sqlite3-wal")
    return b"".join(path.read_bytes() for path in map(kept.path.with_name, names) if path.exists())


def test_emptying_the_trash_erases_every_trace_and_tells_it(kept, organiser):
    here = fill_the_trash(kept, organiser)
    finder = Finder(kept.database, kept.posted.post)
    try:
        assert finder.find(SECRET).conversations == ()
        kept.wait(kept.history.restore, [each.id for each in organiser.deleted()])
        assert len(finder.find(SECRET).conversations) == 1
        again = [each.id for each in organiser.listed() if SECRET in each.title]
        kept.wait(organiser.delete_conversations, again)
    finally:
        finder.close()
    assert SECRET.encode() in bytes_on_disk(kept)
    emptied = kept.wait(organiser.empty_trash)
    # The trash also had what was restored in between and deleted again.
    assert emptied.conversations >= 1
    assert emptied.messages >= 2 + 2
    assert (emptied.folders, emptied.presets) == (1, 1)
    assert emptied.freed_bytes >= 0
    assert organiser.deleted() == []
    # While the history stays open: neither in the file, nor in its log, nor in the index.
    assert SECRET.encode() not in bytes_on_disk(kept)
    assert next(m.text for m in kept.history.messages(here.id)) == "Stay?"
    assert kept.wait(organiser.empty_trash) == Emptied()


def test_whoever_keeps_more_hears_what_was_erased(kept):
    told = []
    organiser = Organiser(kept.database, kept.posted.post, on_erased=lambda: told.append(True))
    try:
        kept.wait(organiser.empty_trash)
        assert told == [], "nothing was erased"
        fill_the_trash(kept, organiser)
        kept.wait(organiser.empty_trash)
        assert told == [True]
    finally:
        organiser.close()


def test_many_conversations_are_erased_in_pieces_between_which_others_write(kept, organiser):
    chats = [kept.chat(f"Chat {number}", "?") for number in range(50)]
    kept.wait(organiser.delete_conversations, [each.id for each in chats])
    order = []
    organiser.empty_trash(done=lambda emptied: order.append(emptied.conversations))
    for _ in range(3):
        kept.posted.run_until(lambda: False, 0.05)
    kept.history.rename(kept.chat("New").id, "Newer", done=lambda _chat: order.append("renamed"))
    assert kept.posted.run_until(lambda: len(order) == 2, 30)
    assert 50 in order
    assert titles(organiser) == ["Newer"]


def test_after_thirty_days_each_is_erased_and_nothing_before(kept, organiser):
    fill_the_trash(kept, organiser)
    count = len(organiser.deleted())
    kept.now += KEPT_MS - 1
    kept.chat("Written late", "?")
    assert kept.wait(organiser.purge) == Emptied()
    assert len(organiser.deleted()) == count == 4
    kept.now += 2
    kept.chat("Written later", "?")
    emptied = kept.wait(organiser.purge)
    assert (emptied.conversations, emptied.folders, emptied.presets) == (3, 1, 1)
    assert organiser.deleted() == []


def test_a_clock_that_jumps_does_not_empty_the_trash(kept, organiser):
    fill_the_trash(kept, organiser)
    count = len(organiser.deleted())
    kept.now += 50 * 365 * 24 * 60 * 60 * 1000
    assert kept.wait(organiser.purge) == Emptied()
    assert len(organiser.deleted()) == count


def test_a_folder_that_is_erased_leaves_its_conversations_alone(kept, organiser):
    folder, _chats = folder_of_two(kept, organiser)
    kept.wait(lambda **end: organiser.delete_folder(folder.id, **end, with_conversations=False))
    assert kept.wait(organiser.empty_trash).folders == 1
    assert inside(organiser) == {"One": None, "Two": None}
    raw = apsw.Connection(str(kept.path))
    assert raw.execute("SELECT count(*) FROM conversations WHERE folder_id IS NOT NULL").get == 0
    raw.close()


def opened_copy(tmp_path, version):
    path = tmp_path / "history.sqlite3"
    shutil.copy(FIXTURES / f"v{version}.sqlite3", path)
    posted = CallbackQueue()
    return posted, open_database(path, history_migrations(), tmp_path / "backups", posted.post)


def test_a_stored_file_of_version_8_opens_whole(tmp_path):
    """Made by the release that first had version 8; never made again."""
    posted, database = opened_copy(tmp_path, 8)
    organiser, finder = Organiser(database, posted.post), Finder(database, posted.post)
    try:
        assert database.notices == ()
        assert [(each.name, each.count) for each in organiser.folders()] == [("Fruit", 1)]
        assert [(each.title, each.pinned) for each in organiser.listed()] == [
            ("Pinned and not indexed yet", True), ("Äpfel", False),
        ]  # fmt: skip
        assert {(each.kind, each.name, each.count) for each in organiser.deleted()} == {
            (DeletedKind.FOLDER, "Deleted", 1),
            (DeletedKind.MESSAGE, "And 北京 pears?", 2),
            (DeletedKind.PRESET, "Brief", 1),
        }
        for text in ("apple ", "pinned ", "stay ", "indexed "):
            assert len(finder.find(text).conversations) == 1
        assert finder.find("北京").conversations == ()
    finally:
        finder.close()
        database.close()


@pytest.mark.parametrize(
    ("version", "text", "title"),
    [(1, "paris", "Capitals"), (1, "巴黎", "Capitals"), (5, "?", None)],
)
def test_what_was_written_by_an_older_version_is_found(tmp_path, version, text, title):
    posted, database = opened_copy(tmp_path, version)
    finder = Finder(database, posted.post)
    try:
        assert finder.waiting > 0
        found = finder.find(text)
        assert [each.title.text for each in found.conversations] == ([title] if title else [])
        assert finder.waiting == 0
    finally:
        finder.close()
        database.close()
