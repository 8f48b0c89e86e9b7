"""The queue of downloads against the test Hub: order, sets, faults, restarts, two programs."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import filelock
import pytest

from app.library.download_entities import DownloadError, DownloadRemoved
from app.library.volumes import Room
from app.network import Network
from models.errors import KnownError
from tests.helpers.download_stage import QUICK, WIDE, Stage, request_of
from tests.helpers.hub_faults import CDN, HUB, Cut, Slow, Stall, Status, WrongBody
from tests.helpers.hub_repositories import HubRepository
from tests.helpers.hub_server import HubServer, hub
from tests.helpers.transfers import sample_gguf

ONE = "tiny-Q4_K_M.gguf"
SET = ("Q8_0/big-00001-of-00002.gguf", "Q8_0/big-00002-of-00002.gguf", "mmproj-big.gguf")
SIZE = len(sample_gguf())


def repository() -> HubRepository:
    made = HubRepository("tiny/Tiny-GGUF")
    made.commit(
        {ONE: sample_gguf(), **{path: sample_gguf(seed=n) for n, path in enumerate(SET, start=2)}}
    )
    return made


@pytest.fixture(scope="module")
def one_server() -> Iterator[HubServer]:
    with hub() as running:
        yield running


@pytest.fixture
def server(one_server: HubServer) -> Iterator[HubServer]:
    one_server.add(repository())
    yield one_server
    one_server.faults.clear()
    one_server.cut_connections()
    one_server.forget()


@pytest.fixture
def tiny(server: HubServer) -> HubRepository:
    return server.answers.repositories["tiny/Tiny-GGUF"]


Open = Callable[..., Stage]


@pytest.fixture
def program(server: HubServer, tmp_path: Path) -> Iterator[Open]:
    """Starts programs on one data folder."""
    stages = []

    def begin(**told: object) -> Stage:
        stage = Stage(tmp_path / "data", server.endpoint, **told)  # type: ignore[arg-type]
        stages.append(stage)
        return stage

    yield begin
    for stage in stages:
        stage.check_progress()
        stage.close()


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- the ordinary way ----------------------------------------------------------------------


def test_one_file_is_ready_in_its_place(program: Open, tiny: HubRepository) -> None:
    stage = program()
    shown = stage.get(request_of(tiny, ONE))
    assert shown.paths == (stage.library / "tiny" / "Tiny-GGUF" / ONE,)
    assert sha256_of(shown.paths[0]) == tiny.sha256(ONE)
    assert (shown.done, shown.total) == (SIZE, SIZE)
    states = stage.states(shown.id)
    assert states[0] == "queued"
    assert states[-3:] == ["verified", "promoting", "ready"]
    # Nothing is left beside it.
    stage.run_until(lambda: not list((stage.library / ".downloads").glob("*.json")))
    assert list((stage.library / ".downloads").glob("*.part")) == []


def test_a_set_is_ready_all_at_once(program: Open, tiny: HubRepository, server: HubServer) -> None:
    stage = program()
    server.faults.add(Cut(1000), path="*00002-of*", side=CDN, times=2)
    shown = stage.get(request_of(tiny, *SET))
    folder = stage.library / "tiny" / "Tiny-GGUF"
    assert shown.paths == tuple(folder / path for path in SET)
    assert [sha256_of(path) for path in shown.paths] == [tiny.sha256(path) for path in SET]
    for event in stage.events:
        states = {file.status.state for file in event.download.files}  # type: ignore[union-attr]
        assert "ready" not in states or states == {"ready"}


def test_one_file_of_a_set_that_cannot_be_had_stops_the_set(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program()
    server.faults.add(Status(404, "EntryNotFound"), path="*mmproj*", side=HUB, times=None)
    identifier = stage.downloads.add(request_of(tiny, *SET))
    stage.wait_for(identifier, "failed/not_found")
    assert not (stage.library / "tiny").exists()
    server.faults.clear()
    server.forget()
    stage.downloads.resume(identifier)
    stage.wait_for(identifier, "ready")
    assert server.bytes_sent(SET[0], side=CDN) == 0, "what was verified is not fetched again"


def test_through_the_application_s_door_to_the_network(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    offline = True
    network = Network(lambda: offline)
    stage = program(clients=network)
    identifier = stage.downloads.add(request_of(tiny, ONE))
    shown = stage.wait_for(identifier, "paused/offline")
    assert shown.status.sentence_code == "network.offline"
    assert server.seen() == []
    offline = False
    stage.downloads.network_changed()
    stage.wait_for(identifier, "ready")
    assert {one.purpose for one in network.requests.entries()} == {"download"}


def test_nothing_is_shown_before_it_is_stored(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program(timing=replace(QUICK, read=60))
    server.faults.add(Stall(1000), side=CDN)
    gate = threading.Event()
    stage.database.writer.submit(lambda _connection: gate.wait(20))
    identifier = stage.downloads.add(request_of(tiny, ONE))
    # The transfer runs meanwhile; a listener hears nothing of it.
    stage.run_until(lambda: len(server.seen(side=CDN)) == 1)
    stage.queue.run_until(lambda: False, 0.3)
    assert stage.downloads.entries() == []
    assert stage.events == []
    gate.set()
    stage.wait_for(identifier, "downloading")
    gate.clear()
    stage.database.writer.submit(lambda _connection: gate.wait(20))
    stage.downloads.pause(identifier)
    stage.queue.run_until(lambda: False, 0.3)
    assert stage.state(identifier) == "downloading"
    gate.set()
    stage.wait_for(identifier, "paused/user")


# --- order and wishes ----------------------------------------------------------------------


def test_two_streams_and_the_order_of_the_queue(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program()
    server.faults.add(Stall(1000), side=CDN, times=None)
    stage.timing = replace(QUICK, read=60)
    first, second, third = (
        stage.downloads.add(request_of(tiny, path)) for path in (ONE, SET[0], SET[1])
    )
    stage.wait_for(first, "downloading")
    stage.wait_for(second, "downloading")
    fourth = stage.downloads.add(request_of(tiny, SET[2]))
    stage.downloads.move(fourth, before=third)
    stage.run_until(lambda: [e.id for e in stage.downloads.entries()][2] == fourth)
    assert stage.state(third) == stage.state(fourth) == "queued"
    server.faults.clear()
    stage.downloads.pause(first)
    stage.wait_for(fourth, "ready")
    stage.wait_for(third, "ready")
    assert stage.state(first) == "paused/user"
    assert len(server.seen(SET[2], side=CDN)) == 1


@pytest.mark.parametrize("fault", [Stall(SIZE // 2), Slow(SIZE / 10)])
def test_pause_and_cancel_act_within_a_second_and_keep_the_partial(
    program: Open, tiny: HubRepository, server: HubServer, fault: Stall | Slow
) -> None:
    stage = program(timing=replace(QUICK, read=60))
    server.faults.add(fault, side=CDN, times=2)
    identifier = stage.downloads.add(request_of(tiny, ONE))
    for act, state in (
        (stage.downloads.pause, "paused/user"),
        (stage.downloads.cancel, "cancelled"),
    ):
        stage.downloads.resume(identifier)
        stage.wait_for(identifier, "downloading")
        stage.run_until(lambda: stage.done(identifier) > 1000)
        began = time.monotonic()
        act(identifier)
        stage.wait_for(identifier, state)
        assert time.monotonic() - began < 1.5
    server.faults.clear()
    kept = (stage.library / ".downloads" / f"{tiny.sha256(ONE)}.part").stat().st_size
    assert kept > 1000
    server.forget()
    stage.downloads.resume(identifier)
    stage.wait_for(identifier, "ready")
    assert server.bytes_sent(side=CDN) == SIZE - kept


def test_discarding_and_forgetting(program: Open, tiny: HubRepository, server: HubServer) -> None:
    stage = program()
    server.faults.add(Status(404), path="*mmproj*", side=HUB, times=None)
    identifier = stage.downloads.add(request_of(tiny, *SET))
    stage.wait_for(identifier, "failed/not_found")
    parts = stage.library / ".downloads"
    assert list(parts.glob("*.part"))
    stage.downloads.cancel(identifier, discard=True)
    stage.run_until(lambda: not list(parts.glob("*.part")))
    stage.wait_for(identifier, "cancelled")
    stage.run_until(lambda: stage.done(identifier) == 0)
    stage.downloads.forget(identifier)
    stage.run_until(lambda: DownloadRemoved(identifier) in stage.events)
    assert stage.downloads.entries() == []
    assert stage.records.all() == []


def test_forgetting_what_is_ready_leaves_the_model(program: Open, tiny: HubRepository) -> None:
    stage = program()
    shown = stage.get(request_of(tiny, ONE))
    stage.downloads.forget(shown.id)
    stage.run_until(lambda: stage.downloads.get(shown.id) is None)
    assert shown.paths[0].exists()
    # And asking for it again finds it where it lies.
    again = stage.get(request_of(tiny, ONE))
    assert again.paths == shown.paths


def test_asked_for_twice_it_is_one_download(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program()
    one = stage.downloads.add(request_of(tiny, ONE))
    assert stage.downloads.add(request_of(tiny, ONE)) == one
    stage.wait_for(one, "ready")
    server.forget()
    two = stage.get(request_of(tiny, ONE))
    assert two.id != one
    assert server.seen() == [], "what lies there is not fetched again"


def test_two_downloads_that_share_a_file(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program(timing=replace(QUICK, read=60))
    server.faults.add(Slow(SIZE), path="*mmproj*", side=CDN)
    one = stage.downloads.add(request_of(tiny, SET[2]))
    stage.wait_for(one, "downloading")
    two = stage.downloads.add(request_of(tiny, SET[2], ONE))
    stage.wait_for(two, "paused/in_use")
    stage.wait_for(one, "ready")
    stage.wait_for(two, "ready")
    assert server.bytes_sent(SET[2], side=CDN) == SIZE


def test_what_has_no_checksum_or_no_safe_name_is_refused_at_once(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program()
    asked = request_of(tiny, ONE)
    file = asked.files[0]
    for wrong in (
        replace(asked, files=()),
        replace(asked, files=(replace(file, sha256=None),)),
        replace(asked, files=(replace(file, sha256="../../x"),)),
        replace(asked, files=(replace(file, path="../x.gguf"),)),
        replace(asked, files=(file, replace(file, path=file.path.upper()))),
        replace(asked, repository="../.."),
    ):
        with pytest.raises(KnownError):
            stage.downloads.add(wrong)
    assert stage.downloads.entries() == []
    assert server.seen() == []


# --- the disk ------------------------------------------------------------------------------


def test_room_for_the_whole_set_before_the_first_byte(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    reserve = 1 << 30
    free = reserve + 3 * SIZE - 1
    rooms = [free]
    stage = program(volumes=replace(WIDE, room=lambda _folder: Room(10**10, rooms[0])))
    identifier = stage.downloads.add(request_of(tiny, *SET))
    shown = stage.wait_for(identifier, "blocked/space")
    assert server.seen() == []
    assert shown.status.facts["needed"] == shown.status.facts["free"] == "1 MB"
    rooms[0] = free + 1
    stage.downloads.resume(identifier)
    stage.wait_for(identifier, "ready")


def test_room_that_other_downloads_still_want_is_not_given_twice(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    free = (1 << 30) + SIZE + SIZE // 2
    stage = program(volumes=replace(WIDE, room=lambda _folder: Room(10**10, free)))
    stage.timing = replace(QUICK, read=60)
    server.faults.add(Stall(1000), path="*" + ONE, side=CDN)
    first = stage.downloads.add(request_of(tiny, ONE))
    stage.wait_for(first, "downloading")
    second = stage.downloads.add(request_of(tiny, SET[2]))
    stage.wait_for(second, "blocked/space")
    stage.downloads.cancel(first)
    stage.wait_for(first, "cancelled")
    stage.downloads.resume(second)
    stage.wait_for(second, "ready")


def test_a_file_system_with_small_files_is_known_before_the_first_byte(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program(volumes=replace(WIDE, largest_file=lambda _folder: SIZE - 1))
    identifier = stage.downloads.add(request_of(tiny, *SET))
    stage.wait_for(identifier, "blocked/fs_limit")
    assert server.seen() == []


def test_a_library_that_goes_away_keeps_its_download(
    program: Open, tiny: HubRepository, server: HubServer, tmp_path: Path
) -> None:
    server.faults.add(Cut(SIZE // 2), side=CDN)
    server.faults.add(Status(404), side=HUB, after=1)
    stage = program()
    identifier = stage.downloads.add(request_of(tiny, ONE))
    stage.wait_for(identifier, "failed/not_found")
    away = tmp_path / "away"
    stage.library.rename(away)
    stage.downloads.resume(identifier)
    stage.wait_for(identifier, "paused/volume_gone")
    assert not stage.library.exists()
    away.rename(stage.library)
    server.forget()
    stage.downloads.resume(identifier)
    stage.wait_for(identifier, "ready")
    assert server.bytes_sent(side=CDN) == SIZE - SIZE // 2


def test_another_content_under_the_same_name_is_left_alone(
    program: Open, tiny: HubRepository
) -> None:
    stage = program()
    folder = stage.library / "tiny" / "Tiny-GGUF"
    folder.mkdir(parents=True)
    (folder / ONE).write_bytes(b"mine")
    shown = stage.get(request_of(tiny, ONE))
    assert shown.paths[0].parent.name == f"Tiny-GGUF@{tiny.head[:8]}"
    assert (folder / ONE).read_bytes() == b"mine"
    # When that is taken as well, nothing is replaced either.
    shown.paths[0].write_bytes(b"also mine")
    stage.downloads.forget(shown.id)
    other = stage.downloads.add(request_of(tiny, ONE))
    stage.wait_for(other, "failed/occupied")
    assert shown.paths[0].read_bytes() == b"also mine"


def test_the_same_content_under_the_name_counts_as_fetched(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program()
    folder = stage.library / "tiny" / "Tiny-GGUF" / "Q8_0"
    folder.mkdir(parents=True)
    (folder / "big-00001-of-00002.gguf").write_bytes(sample_gguf(seed=2))
    shown = stage.get(request_of(tiny, *SET))
    assert server.seen(SET[0]) == []
    assert [sha256_of(path) for path in shown.paths] == [tiny.sha256(path) for path in SET]


# --- faults that end in a state of their own -----------------------------------------------


def test_a_wrong_hash_twice_is_corrupt_and_can_be_tried_again(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program()
    server.faults.add(WrongBody(at=SIZE // 2), side=CDN, times=2)
    identifier = stage.downloads.add(request_of(tiny, ONE))
    shown = stage.wait_for(identifier, "corrupt/corrupt")
    assert shown.went_back
    assert not (stage.library / "tiny").exists()
    stage.downloads.resume(identifier)
    stage.wait_for(identifier, "ready")


def test_trying_again_forgives_the_whole_set(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program()
    server.faults.add(WrongBody(at=SIZE // 2), path="*00001*", side=CDN, times=2)
    # The other file came wrong once, and half of its clean retry is wrong as well.
    server.faults.add(WrongBody(at=1000), path="*00002-of*", side=CDN, times=2)
    server.faults.add(Stall(SIZE // 2), path="*00002-of*", side=CDN, after=1)
    identifier = stage.downloads.add(request_of(tiny, *SET))
    stage.wait_for(identifier, "corrupt/corrupt")
    stage.run_until(lambda: stage.downloads.is_over(identifier))
    server.faults.clear()
    server.cut_connections()
    stage.downloads.resume(identifier)
    stage.wait_for(identifier, "ready")


def test_a_gated_repository_waits_for_the_token_and_sends_it_then(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    tiny.gated = "manual"
    tiny.granted.add(server.know("hf_granted"))
    stage = program()
    identifier = stage.downloads.add(request_of(tiny, ONE))
    stage.wait_for(identifier, "blocked/auth")
    stage.token = server.know("hf_other")
    stage.downloads.resume(identifier)
    stage.wait_for(identifier, "blocked/gated")
    stage.token = "hf_granted"
    stage.downloads.resume(identifier)
    stage.wait_for(identifier, "ready")
    assert "hf_" not in repr(server.seen(side=CDN))


def test_no_token_is_sent_where_none_is_needed(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program(token=server.know("hf_mine"))
    stage.get(request_of(tiny, ONE))
    assert "hf_mine" not in repr(server.seen())
    server.forget()
    stage.get(request_of(tiny, SET[2], needs_token=True))
    assert "Bearer hf_mine" in repr(server.seen(side=HUB))


def test_a_network_that_comes_back_is_noticed(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program(rearm_seconds=0.2)
    server.faults.add(Cut(0), side=CDN, times=10)
    identifier = stage.downloads.add(request_of(tiny, ONE))
    stage.wait_for(identifier, "paused/offline")
    stage.wait_for(identifier, "ready")


# --- ends and beginnings of the program ----------------------------------------------------


@pytest.mark.parametrize("resume", [True, False])
def test_the_next_start_goes_on_where_it_stopped(
    program: Open, tiny: HubRepository, server: HubServer, resume: bool
) -> None:
    stage = program(timing=replace(QUICK, read=60))
    server.faults.add(Stall(SIZE // 2), side=CDN)
    identifier = stage.downloads.add(request_of(tiny, ONE))
    stage.wait_for(identifier, "downloading")
    stage.run_until(lambda: len(stage.events) > 0 and kept(stage, tiny) == SIZE // 2)
    assert stage.close() < 1.3
    server.cut_connections()
    server.forget()
    again = program()
    assert again.state(identifier) == "paused/app_quit"
    again.downloads.start(resume=resume)
    if not resume:
        assert again.state(identifier) == "paused/app_quit"
        again.downloads.resume(identifier)
    again.wait_for(identifier, "ready")
    assert server.bytes_sent(side=CDN) == SIZE - SIZE // 2


def test_trying_again_at_once_and_closing_at_once(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    """One file stops the set while the job of the others is still ending."""
    server.faults.add(Status(404), path="*00001*", side=HUB, times=None)
    server.faults.add(Slow(SIZE * 3), path="*00002-of*", side=CDN, times=None)
    stage = program()
    identifier = stage.downloads.add(request_of(tiny, *SET))
    for _time in range(5):
        stage.wait_for(identifier, "failed/not_found")
        stage.downloads.resume(identifier)
        stage.run_until(lambda: stage.state(identifier) != "failed/not_found")
    stage.wait_for(identifier, "failed/not_found")
    stage.close()
    again = program()
    assert again.state(identifier) == "failed/not_found"
    server.faults.clear()
    again.downloads.start()
    again.downloads.resume(identifier)
    again.wait_for(identifier, "ready")


def kept(stage: Stage, tiny: HubRepository) -> int:
    part = stage.library / ".downloads" / f"{tiny.sha256(ONE)}.part"
    return part.stat().st_size if part.exists() else 0


def test_what_another_living_program_downloads_is_shown_and_left_alone(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    one = program(timing=replace(QUICK, read=60))
    server.faults.add(Stall(SIZE // 2), side=CDN)
    identifier = one.downloads.add(request_of(tiny, ONE))
    one.wait_for(identifier, "downloading")
    two = program()
    two.downloads.start()
    two.run_until(lambda: two.is_elsewhere(identifier))
    assert two.state(identifier) == "downloading"
    for act in (two.downloads.pause, two.downloads.cancel, two.downloads.resume):
        with pytest.raises(DownloadError):
            act(identifier)
    # It asks for the same: it is told so, and nothing happens twice.
    with pytest.raises(DownloadError):
        two.downloads.add(request_of(tiny, ONE))
    one.downloads.pause(identifier)
    one.wait_for(identifier, "paused/user")
    one.close()
    two.run_until(lambda: two.state(identifier) == "paused/user")
    server.faults.clear()
    two.run_until(lambda: not two.is_elsewhere(identifier))
    two.downloads.resume(identifier)
    two.wait_for(identifier, "ready")


def test_a_stored_queue_is_not_run_by_a_command(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    one = program()
    server.faults.add(Stall(1000), side=CDN, times=None)
    one.timing = replace(QUICK, read=60)
    identifiers = [one.downloads.add(request_of(tiny, path)) for path in (ONE, *SET)]
    one.wait_for(identifiers[0], "downloading")
    one.close()
    server.faults.clear()
    two = program()
    shown = two.get(request_of(tiny, SET[2]))
    assert shown.id == identifiers[3]
    assert two.state(identifiers[0]) == "paused/app_quit"
    assert two.state(identifiers[2]) == "queued"


def test_a_cancelled_partial_goes_after_a_week(
    program: Open, tiny: HubRepository, server: HubServer
) -> None:
    stage = program()
    server.faults.add(Cut(1000), side=CDN)
    server.faults.add(Status(404), side=HUB, after=1)
    identifier = stage.downloads.add(request_of(tiny, ONE))
    stage.wait_for(identifier, "failed/not_found")
    stage.downloads.cancel(identifier)
    stage.wait_for(identifier, "cancelled")
    stage.close()
    for days, there in ((6, True), (8, False)):
        check_after(program, identifier, tiny, days, is_there=there)


def check_after(
    program: Open, identifier: str, tiny: HubRepository, days: int, *, is_there: bool
) -> None:
    stage = program()
    row = stage.records.all()[0]
    stage.records.keep(replace(row, changed_ms=row.created_ms - days * 86_400_000), lambda: None)
    stage.close()
    again = program()
    again.downloads.start()
    again.run_until(lambda: kept(again, tiny) == (1000 if is_there else 0))
    again.run_until(lambda: (again.downloads.get(identifier) is not None) is is_there)
    again.close()


def test_the_kernel_s_lock_decides(program: Open, tiny: HubRepository, server: HubServer) -> None:
    stage = program()
    stage.library.joinpath(".downloads").mkdir(parents=True)
    server.faults.add(Cut(0), side=CDN, times=10)
    identifier = stage.downloads.add(request_of(tiny, ONE))
    stage.wait_for(identifier, "paused/offline")
    with filelock.FileLock(stage.library / ".downloads" / f"{identifier}.lock"):
        stage.downloads.resume(identifier)
        stage.run_until(lambda: stage.is_elsewhere(identifier))
    stage.wait_for(identifier, "ready")
