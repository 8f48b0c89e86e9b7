"""The Library tab with real services: rows, verbs, and what they leave on the disk."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.entities import Device, SamplingParameters
from app.history.entities import Conversation
from app.ids import new_id
from app.library.entities import Origin
from app.placement.entities import Inventory, Memory, Wishes
from app.placement.survey import Surveyed
from models.gguf import open_model
from tests.helpers.gguf_bytes import split_model
from tests.helpers.library_stage import tree
from tests.helpers.library_window import NOW_MS, LibraryWindow
from tests.helpers.moe_models import write_model, write_sparse
from tests.helpers.moe_shapes import QWEN3_30B, SMALL_QWEN3MOE
from tests.helpers.plain_machines import GIB, gpu, machine
from tests.helpers.transfers import sample_gguf
from ui.models.library_words import HERE, cell_text


@pytest.fixture
def stage(tmp_path: Path, qapp: QApplication) -> Iterator[LibraryWindow]:
    made = LibraryWindow(tmp_path)
    yield made
    made.close()


# --- rows --------------------------------------------------------------------------------------


def test_rows_tell_where_each_model_comes_from_and_how_sound_it_is(stage: LibraryWindow) -> None:
    published = ("0" * 64,)
    stage.owned(
        "Mine-Q4_K_M.gguf", repository="org/Mine-GGUF", commit="c" * 40, hashes=published,
        hashes_published=True, verified="sha256",
    )  # fmt: skip
    stage.left(stage.file("Left-Q8_0.gguf"))
    stage.left(stage.file("Peer-Q4_0.gguf", seed=2), program="LM Studio")
    stage.show()
    rows = stage.rows
    mine, left, peer = rows["Mine-Q4_K_M"], rows["Left-Q8_0"], rows["Peer-Q4_0"]
    assert (mine.publisher, mine.repository, mine.verified) == ("org", "org/Mine-GGUF", "hash")
    assert (mine.quantization, mine.frees_bytes, mine.folder) == (
        "Q4_K_M", mine.size_bytes, str(stage.models / "org" / "repo"),
    )  # fmt: skip
    assert (mine.can_delete, mine.can_forget) == (True, False)
    assert (left.verified, left.can_delete, left.can_forget) == ("structure", False, True)
    assert (peer.program, peer.can_delete, peer.can_forget) == ("LM Studio", False, True)
    view = stage.tab.view
    assert view.now_ms == NOW_MS
    assert view.capacity_bytes >= view.free_bytes > 0


def test_what_is_not_there_says_why(stage: LibraryWindow, tmp_path: Path) -> None:
    gone = stage.file("Gone-Q4_0.gguf")
    stage.left(gone)
    parts = split_model(stage.elsewhere, parts=3)
    stage.left(parts[0])
    gone.unlink()
    parts[1].unlink()
    damaged = stage.owned("Damaged-Q4_0.gguf")
    stage.services.library.found_damaged(damaged.key)
    stage.show()
    states = {row.state for row in stage.rows.values()}
    assert states == {"absent", "incomplete", "damaged"}
    row = stage.rows["Gone-Q4_0"]
    assert row.drive == ""
    stage.tab.open_drawer(row.key)
    assert "no longer in" in stage.tab.drawer.trouble.text()
    incomplete = next(row for row in stage.rows.values() if row.state == "incomplete")
    assert (incomplete.missing_files, incomplete.files) == (1, 3)


def test_plans_come_step_by_step_and_tell_how_much_is_active(
    stage: LibraryWindow, tmp_path: Path
) -> None:
    folder = stage.elsewhere / "large"
    folder.mkdir()
    stage.left(write_sparse(QWEN3_30B, folder)[0])
    stage.left(stage.file("Small-Q4_0.gguf"))
    stage.show()
    large = next(row for row in stage.rows.values() if row.is_moe)
    assert (large.place, large.active_parameters) == (None, 0)
    processor = Device(
        name="CPU", description="Processor", kind="cpu", backend="CPU", memory_bytes=64 * GIB,
        free_bytes=64 * GIB,
    )  # fmt: skip
    inventory = Inventory((processor,), Memory(64 * GIB, 64 * GIB), 8, False)
    made = machine(gpu(budget_bytes=24 * GIB))
    stage.places.note(Surveyed(made, inventory, "a computer", None))
    stage.wait(lambda: all(row.place for row in stage.rows.values()))
    large = next(row for row in stage.rows.values() if row.is_moe)
    assert large.place is not None
    assert large.place.verdict == "gpu"
    assert "tok/s" in cell_text(large, HERE, NOW_MS)
    assert 2.5e9 < large.active_parameters < 4e9 < large.total_parameters
    stage.tab.toolbar.chips["moe"].click()
    assert [stage.tab.rows.row_at(0).key, stage.tab.rows.rowCount()] == [large.key, 1]
    stage.tab.toolbar.chips["gpu"].click()
    assert large.key in {
        stage.tab.rows.row_at(number).key for number in range(stage.tab.rows.rowCount())
    }


def test_five_hundred_models_open_at_once(stage: LibraryWindow) -> None:
    content = sample_gguf(600, 1, "Model 000")
    library = stage.services.library
    for number in range(500):
        path = stage.elsewhere / f"Model-{number:03}-Q4_K_M.gguf"
        path.write_bytes(content.replace(b"Model 000", f"Model {number:03}".encode()))
        library.add(open_model(path), Origin())
    stage.window.resize(1280, 800)
    stage.window.show()
    stage.window.show_page("models")
    begin = time.perf_counter()
    stage.controller.show()
    stage.window.grab()
    seconds = time.perf_counter() - begin
    assert stage.tab.rows.rowCount() == 500
    assert seconds < 1.5, "0.3 s with a wide margin"
    begin = time.perf_counter()
    stage.controller.refresh()
    assert time.perf_counter() - begin < 1.5


def test_nothing_is_made_again_while_nobody_looks(stage: LibraryWindow, qtbot: QtBot) -> None:
    stage.show()
    stage.page.show_tab("downloads")
    before = stage.tab.view
    stage.places.guessed.emit()
    qtbot.wait(400)
    assert stage.tab.view is before
    stage.page.show_tab("library")
    stage.places.guessed.emit()
    stage.places.guessed.emit()
    stage.wait(lambda: stage.tab.view is not before)


# --- verbs -------------------------------------------------------------------------------------


def test_verbs_that_lead_elsewhere(stage: LibraryWindow, qtbot: QtBot) -> None:
    model = stage.owned("Mine-Q4_K_M.gguf", repository="org/Mine-GGUF")
    stage.show()
    for verb, signal, told in (
        ("chat", stage.controller.chat_requested, model.key),
        ("placement", stage.controller.placement_requested, model.key),
        ("source", stage.controller.repository_requested, "org/Mine-GGUF"),
    ):
        with qtbot.waitSignal(signal) as heard:
            stage.ask(verb, "Mine-Q4_K_M")
        assert heard.args == [told]
    stage.ask("open_folder", "Mine-Q4_K_M")
    assert stage.opened == [QUrl.fromLocalFile(str(model.handle.path.parent))]


def test_without_a_program_for_folders_the_path_is_told(stage: LibraryWindow) -> None:
    stage.owned("Mine-Q4_K_M.gguf")
    stage.controller._open_url = lambda _url: False
    stage.show()
    stage.ask("open_folder", "Mine-Q4_K_M")
    assert "No program here shows folders" in stage.troubles[0]


def test_verify_shows_how_far_it_is_and_what_it_found(stage: LibraryWindow) -> None:
    stage.owned("Mine-Q4_K_M.gguf")
    stage.show()
    states = set()
    stage.tab.rows.dataChanged.connect(
        lambda *_: states.update(row.state for row in stage.tab.view.rows)
    )
    stage.ask("verify", "Mine-Q4_K_M")
    stage.ask("verify", "Mine-Q4_K_M")
    stage.wait(lambda: "nothing is missing" in stage.toast)
    assert stage.rows["Mine-Q4_K_M"].state == "ready"


def test_a_check_can_be_stopped(stage: LibraryWindow) -> None:
    path = stage.file("Huge-Q4_0.gguf")
    with path.open("r+b") as file:
        file.truncate(40_000_000_000)
    model = stage.left(path, hashes=("0" * 64,), hashes_published=True)
    stage.show()
    stage.ask("verify", model.name)
    stage.wait(lambda: stage.rows[model.name].state == "verifying")
    stage.ask("stop_verify", model.name)
    stage.wait(lambda: stage.rows[model.name].state == "ready")
    assert stage.rows[model.name].verified == "no"


def test_a_damaged_model_is_found_and_offered_again(stage: LibraryWindow) -> None:
    stage.owned(
        "Mine-Q4_K_M.gguf", repository="org/Mine-GGUF", hashes=("0" * 64,), hashes_published=True
    )
    stage.show()
    stage.ask("verify", "Mine-Q4_K_M")
    stage.wait(lambda: stage.rows["Mine-Q4_K_M"].state == "damaged")
    banner = stage.window.banner
    assert "damaged" in banner.text
    assert [button.text() for button in banner._buttons] == ["Download again"]


def test_delete_goes_to_the_trash_and_says_what_it_frees(stage: LibraryWindow) -> None:
    model = stage.owned("Mine-Q4_K_M.gguf")
    stage.show()
    stage.ask("delete", "Mine-Q4_K_M")
    stage.wait(lambda: not stage.rows)
    assert [path.name for path in stage.trash.iterdir()] == ["Mine-Q4_K_M.gguf"]
    assert not model.handle.path.exists()
    assert stage.toast == "In the trash: Mine-Q4_K_M. It frees 0 MB when you empty it."


def test_off_the_list_and_back_again(stage: LibraryWindow) -> None:
    path = stage.file("Left-Q8_0.gguf")
    model = stage.left(path, program="Jan", repository="org/Left-GGUF")
    before = tree(stage.elsewhere)
    stage.show()
    stage.ask("forget", "Left-Q8_0")
    assert stage.rows == {}
    assert "files were not touched" in stage.toast
    stage.window.toast._take_back()
    assert stage.rows["Left-Q8_0"].program == "Jan"
    assert stage.services.library.by_key(model.key) is not None
    assert tree(stage.elsewhere) == before


def test_a_changed_file_stays_and_the_sentence_says_why(stage: LibraryWindow) -> None:
    model = stage.owned("Mine-Q4_K_M.gguf")
    model.handle.path.write_bytes(sample_gguf(20_000, 8, "Other"))
    stage.show()
    stage.ask("delete", "Mine-Q4_K_M")
    stage.wait(lambda: bool(stage.troubles))
    assert "was changed since it was added" in stage.troubles[0]
    assert model.handle.path.exists()


def test_notes_are_kept(stage: LibraryWindow, tmp_path: Path) -> None:
    model = stage.owned("Mine-Q4_K_M.gguf")
    stage.show()
    stage.tab.open_drawer(model.key)
    stage.tab.notes_changed.emit(model.key, "slow at night")
    stage.wait(lambda: stage.services.models.notes.get(model.key) == "slow at night")
    stage.controller.refresh()
    assert stage.rows["Mine-Q4_K_M"].notes == "slow at night"


def test_cards_are_remembered(tmp_path: Path, qapp: QApplication) -> None:
    first = LibraryWindow(tmp_path)
    first.owned("Mine-Q4_K_M.gguf")
    first.show()
    assert first.tab.table.isVisible()
    first.tab.toolbar.view.click()
    assert first.tab.cards.isVisible()
    first.close()
    second = LibraryWindow(tmp_path)
    second.show()
    cards = second.tab.cards.isVisible()
    second.close()
    assert cards


@pytest.mark.usefixtures("starter_model")
def test_a_model_that_answers_stays_and_one_that_is_loaded_is_let_go(
    stage: LibraryWindow,
) -> None:
    place = stage.models / "org" / "repo"
    place.mkdir(parents=True)
    path = write_model(SMALL_QWEN3MOE, place / "Small-MoE-Q4_K_M.gguf")
    services = stage.services
    model = services.library.add(open_model(path), Origin(is_owned=True))
    stage.show()
    chat = Conversation(new_id(), "A chat")
    sampling = SamplingParameters(max_tokens=4000, temperature=0.0)
    wishes = Wishes(context_tokens=8192)
    assert services.turns.send(chat, [], "Count for ever.", model, wishes, sampling)
    stage.wait(lambda: services.host.is_ready(model.key), 60)
    stage.controller.refresh()
    assert stage.rows[model.name].is_loaded
    stage.ask("delete", model.name)
    assert "is answering just now" in stage.troubles[0]
    assert path.exists()
    services.turns.stop()
    stage.wait(lambda: services.turns.active is None, 60)
    stage.ask("delete", model.name)
    stage.wait(lambda: not stage.rows)
    assert not path.exists()
    assert not services.host.is_ready(model.key)
