"""Settings survive everything: bad keys, damaged files, newer versions, kills, full disks."""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.entities import SamplingParameters
from app.files import write_atomically
from app.notices import Notice
from app.settings.errors import SettingsError
from app.settings.schema import Settings
from app.settings.store import SettingsStore
from app.wording import sentence

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def read(path: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return content


def codes(store: SettingsStore) -> list[str]:
    for notice in store.notices:
        assert len(sentence(notice.code, notice.facts)) <= 140
    return [notice.code for notice in store.notices]


def test_nothing_there(path: Path) -> None:
    store = SettingsStore(path)
    assert store.current == Settings()
    assert store.notices == ()
    assert not path.exists()


def test_a_change_is_kept_and_told(path: Path) -> None:
    store = SettingsStore(path)
    heard: list[Settings] = []
    store.subscribe(heard.append)
    store.change(theme="dark", sampling=SamplingParameters(top_k=7, stop=("END",)))
    assert heard == [store.current]
    again = SettingsStore(path).current
    assert again == store.current
    assert (again.theme, again.sampling.top_k, again.sampling.stop) == ("dark", 7, ("END",))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.json"]
    store.change(theme="dark")
    assert len(heard) == 1


def test_the_folder_is_made_private(tmp_path: Path) -> None:
    path = tmp_path / "ü 日本" / "settings.json"
    SettingsStore(path).change(theme="dark")
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "fields",
    [{"theme": "pink"}, {"zoom": 99.0}, {"zoom": float("nan")}, {"context_tokens": "many"},
     {"no_such_setting": 1}, {"last_conversation": "\ud800"}, {"sampling": 3},
     {"sampling": SamplingParameters(temperature=float("inf"))},
     {"theme": "dark", "zoom": -1.0}],
)  # fmt: skip
def test_a_value_that_does_not_fit_changes_nothing(path: Path, fields: dict[str, object]) -> None:
    store = SettingsStore(path)
    with pytest.raises(SettingsError) as caught:
        store.change(**fields)
    assert len(sentence(caught.value.code, caught.value.facts)) <= 140
    assert store.current == Settings()
    assert not path.exists()


def test_a_bad_value_gives_way_alone_and_is_said(path: Path) -> None:
    path.write_text(
        '{"theme": "pink", "zoom": NaN, "chat_text_px": 9000, "sidebar_width": "wide",'
        ' "panel_shown": 1, "context_tokens": 8192, "sampling": {"top_k": "x", "top_p": 0.5,'
        ' "temperature": 1e999, "stop": ["/a", 3]}, "other": [Infinity, 1e999]}'
    )
    store = SettingsStore(path)
    assert store.current == Settings(context_tokens=8192, sampling=SamplingParameters(top_p=0.5))
    told = {notice.facts["key"] for notice in store.notices}
    assert told == {
        "theme", "zoom", "chat_text_px", "sidebar_width", "panel_shown", "sampling.top_k",
        "sampling.temperature", "sampling.stop",
    }  # fmt: skip
    assert set(codes(store)) == {"settings.bad_value"}
    store.change(theme="dark")
    assert read(path)["other"] == ["Infinity", "1e999"]


def test_unknown_keys_and_values_of_a_newer_version_survive(path: Path) -> None:
    path.write_text(
        '\ufeff{"version": 7, "theme": "sepia", "new": {"a": [1, null]}, "zoom": 1.5,'
        ' "sampling": {"novel": 0.1, "top_k": 3}}',
        encoding="utf-8",
    )
    store = SettingsStore(path)
    assert (store.current.zoom, store.current.sampling.top_k) == (1.5, 3)
    store.change(zoom=2.0, sampling=SamplingParameters(top_k=9))
    kept = read(path)
    assert kept["version"] == 7
    assert kept["theme"] == "sepia"
    assert kept["new"] == {"a": [1, None]}
    assert kept["zoom"] == 2.0
    assert kept["sampling"] == {"novel": 0.1, "top_k": 9}
    store.change(theme="dark")
    assert read(path)["theme"] == "dark"


DAMAGED = {
    "empty": b"",
    "zeros": bytes(64560),
    "garbage": os.urandom(500) + b"\xff",
    "no object": b"[1, 2]",
    "two objects": b"{} {}",
    "huge": b'{"a": "' + b"x" * 2_000_000 + b'"}',
    "huge but blank": b'{"theme": "dark"}' + b" " * 2_000_000,
    "deep": b'{"a": ' + b"[" * 500 + b"]" * 500 + b"}",
    "very deep": b"[" * 100_000,
    "huge number": b'{"zoom": ' + b"9" * 10_000 + b"}",
    "UTF-16": '{"theme": "dark"}'.encode("utf-16"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_is_set_aside_and_said(path: Path, what: str) -> None:
    path.write_bytes(DAMAGED[what])
    store = SettingsStore(path)
    assert store.current == Settings()
    assert codes(store) == ["settings.damaged"]
    kept = path.with_name(str(store.notices[0].facts["name"]))
    assert kept.read_bytes() == DAMAGED[what]
    assert kept.name.startswith("settings.json.damaged-20")
    store.change(theme="dark")
    assert SettingsStore(path).current.theme == "dark"
    assert kept.exists()


def test_damaged_twice_on_one_day_keeps_both(path: Path) -> None:
    for content in (b"one", b"two"):
        path.write_bytes(content)
        SettingsStore(path)
    kept = sorted(path.parent.glob("*.damaged-*"))
    assert [entry.read_bytes() for entry in kept] == [b"one", b"two"]


def test_truncated_at_each_byte(path: Path) -> None:
    SettingsStore(path).change(theme="dark", last_conversation="日本", zoom=2.0)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        store = SettingsStore(path)
        complete = whole[:length].rstrip() == whole.rstrip()
        assert store.current.theme == ("dark" if complete else "system")
        for kept in path.parent.glob("*.damaged-*"):
            kept.unlink()


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*Settings.__struct_fields__, "other"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["top_k", "seed", "stop", "x"]), inner, max_size=3
                )
            ),
            max_leaves=5,
        ),
    )
)
def test_any_json_is_read(tmp_path_factory: pytest.TempPathFactory, raw: dict[str, object]) -> None:
    path = tmp_path_factory.mktemp("s") / "settings.json"
    path.write_text(json.dumps(raw))
    store = SettingsStore(path)
    store.change(sidebar_width=333)
    again = SettingsStore(path)
    assert again.current == store.current


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to itself"])
def test_what_is_no_file_is_left_alone(path: Path, kind: str) -> None:
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case _:
            path.symlink_to(path)
    before = path.lstat().st_mode
    store = SettingsStore(path)
    assert codes(store) == ["settings.not_readable"]
    store.change(theme="dark")
    assert store.current.theme == "dark"
    assert path.lstat().st_mode == before


def test_what_cannot_be_set_aside_is_not_written_over(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(b"damaged")

    def refuse(_self: Path, _target: Path) -> Path:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        store = SettingsStore(path)
    store.change(theme="dark")
    assert path.read_bytes() == b"damaged"


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    heard: list[Notice] = []
    store = SettingsStore(tmp_path / "file" / "settings.json", heard.append)
    store.change(theme="dark")
    store.change(theme="light")
    assert store.current.theme == "light"
    # A file where a folder should be cannot be read either: nothing is written at all.
    assert codes(store) == ["settings.not_readable"]
    assert heard == []


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from app.settings.store import SettingsStore
path = Path(sys.argv[1])
heard = []
store = SettingsStore(path, heard.append)
store.change(theme="dark")
before = path.read_bytes()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
store.change(theme="light")
store.change(zoom=2.0)
assert store.current.theme == "light" and store.current.zoom == 2.0
assert path.read_bytes() == before
assert [notice.code for notice in heard] == ["settings.not_saved"], heard
assert [entry.name for entry in path.parent.iterdir()] == ["settings.json"]
"""


def test_a_full_disk_keeps_the_old_file_and_the_value_for_the_session(path: Path) -> None:
    """The kernel refuses to let the file grow, as a full disk does."""
    # Its own output goes to a pipe: into a file it would meet the same limit.
    subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)],
        cwd=REPOSITORY,
        check=True,
        timeout=60,
        capture_output=True,
    )


WRITER = """
import sys
from pathlib import Path
from app.settings.store import SettingsStore
store = SettingsStore(Path(sys.argv[1]))
print("ready", flush=True)
number = 200
while True:
    number = 200 + (number + 1) % 300
    store.change(sidebar_width=number)
"""


def test_killed_while_saving_leaves_the_old_or_the_new(path: Path) -> None:
    SettingsStore(path).change(theme="dark")
    for round_number in range(10):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], cwd=REPOSITORY, stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(0.002 * round_number)
            child.send_signal(signal.SIGKILL)
        store = SettingsStore(path)
        assert store.notices == ()
        assert store.current.theme == "dark"


def test_leftovers_of_killed_programs_go_away(path: Path) -> None:
    old, fresh = path.with_name("settings.json.1.new"), path.with_name("settings.json.2.new")
    old.write_text("x")
    fresh.write_text("x")
    os.utime(old, (1, 1))
    SettingsStore(path).change(theme="dark")
    assert not old.exists()
    assert fresh.exists()


def test_a_planted_link_is_not_written_through(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = path.with_name("victim")
    link = path.with_name(f"settings.json.{os.getpid()}.new")
    victim.write_text("precious")
    link.symlink_to(victim)
    SettingsStore(path).change(theme="dark")
    assert victim.read_text() == "precious"
    assert SettingsStore(path).current.theme == "dark"

    # Planted again just after we removed it.
    link.symlink_to(victim)
    monkeypatch.setattr(Path, "unlink", lambda *_arguments, **_options: None)
    with pytest.raises(FileExistsError):
        write_atomically(path, b"new")
    assert victim.read_text() == "precious"
