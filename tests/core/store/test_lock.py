"""The write lock: one writes, others read and are told who writes, and a dead holder is no holder."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.domain import Decision, Review
from core.edits import Initiator, SetReview
from core.errors import StorageProblem
from core.store import lock
from core.store.base import Store
from core.store.opening import open_project

ROOT = Path(__file__).parents[3]
BEN = Initiator("Ben")
EDIT = SetReview(2, Review(), Review(Decision.SKIPPED))

HOLD = """
import sys
from pathlib import Path
from core.store.opening import open_project
store = open_project(Path(sys.argv[1]), "Anna")
print(store.info.read_only, flush=True)
sys.stdin.read()
store.close()
"""


def hold(folder: Path) -> subprocess.Popen[str]:
    """Open the project in another process; returns once it is open."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "False"
    return holder


def change_lock(folder: Path, **values: object) -> None:
    with closing(sqlite3.connect(folder / "project.sqlite")) as connection:
        for name, value in values.items():
            connection.execute(f"UPDATE write_lock SET {name} = ?", (value,))
        connection.commit()


def is_writable(store: Store) -> bool:
    """Whether the store says so, and does so."""
    if store.info.read_only:
        for change in (
            lambda: store.apply([EDIT], BEN),
            lambda: store.start_run("a", "b", "", "c"),
            lambda: store.finish_run(1, "done", 0, ()),
            lambda: store.put_mask(b"new", 1, 1),
        ):
            with pytest.raises(StorageProblem, match=r"can only be read") as caught:
                change()
            assert store.info.read_only_reason in caught.value.message
        assert store.pairs([2])[0].review == Review()
        return False
    store.apply([EDIT], BEN)
    store.apply([EDIT.inverse()], BEN)
    return True


def test_a_second_process_reads_and_says_who_writes(folder: Path) -> None:
    holder = hold(folder)
    second = open_project(folder, "Ben")
    assert second.info.read_only
    at = datetime.now().astimezone()
    times = {f"{moment:%H:%M}" for moment in (at, at - timedelta(minutes=1))}
    host = socket.gethostname()
    # Around midnight the date stands before the time.
    assert any(
        second.info.read_only_reason.startswith(f"Open by Anna on {host} since ")
        and second.info.read_only_reason.endswith(f"{hour}.")
        for hour in times
    )
    assert not is_writable(second)
    assert len(second.pair_ids()) == 3
    holder.communicate("")
    second.close()
    third = open_project(folder, "Ben")
    assert is_writable(third)
    third.close()


def test_a_reader_sees_what_the_writer_does(folder: Path) -> None:
    writer = open_project(folder, "Anna")
    reader = open_project(folder, "Ben")
    assert "Anna" in reader.info.read_only_reason
    writer.apply([EDIT], BEN)
    assert reader.pairs([2])[0].review.decision is Decision.SKIPPED
    assert reader.mask_png(reader.pairs([1])[0].reconciliation.mask) == b"mask"  # type: ignore[union-attr, arg-type]
    reader.close()
    assert not writer.info.read_only
    writer.apply([EDIT.inverse()], BEN)
    writer.close()


def test_a_killed_holder_is_followed_at_once(folder: Path) -> None:
    holder = hold(folder)
    holder.kill()
    holder.communicate()
    store = open_project(folder, "Ben")
    assert is_writable(store)
    store.close()


@pytest.mark.parametrize(
    ("values", "taken"),
    [
        ({"host": "studio-3"}, False),
        ({"host": "studio-3", "pid": 2**22 + 7}, False),  # whether it runs there, nobody here can know
        ({"host": "studio-3", "beat_at": time.time() - lock.STALE_SECONDS - 1}, True),
        ({"beat_at": time.time() - 3600}, True),  # alive but stopped, or another process with an old number
        ({"pid": 2**22 + 7}, True),
        ({"pid": 2**80 // 2**20}, True),
        ({"token": "somebody before us who had our process id"}, True),
    ],
)
def test_who_counts_as_gone(folder: Path, values: dict[str, object], taken: bool) -> None:
    first = open_project(folder, "Anna")
    change_lock(folder, **values)
    second = open_project(folder, "Ben")
    assert is_writable(second) is taken
    second.close()
    first.close()


def test_whoever_was_taken_over_writes_no_more(folder: Path) -> None:
    sleeper = open_project(folder, "Anna")
    change_lock(folder, beat_at=0.0)
    second = open_project(folder, "Ben")
    with pytest.raises(StorageProblem, match="Somebody else has opened"):
        sleeper.apply([EDIT], Initiator("Anna"))
    assert sleeper.info.read_only
    assert not is_writable(sleeper)
    assert is_writable(second)
    sleeper.close()  # does not take the other's lock along
    assert is_writable(second)
    third = open_project(folder, "Carla")
    assert "Ben" in third.info.read_only_reason
    third.close()
    second.close()


def test_the_heart_beats(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "HEARTBEAT_SECONDS", 0.01)
    store = open_project(folder, "Anna")
    change_lock(folder, beat_at=0.0)
    deadline = time.monotonic() + 20
    beat = 0.0
    while beat == 0.0 and time.monotonic() < deadline:
        with closing(sqlite3.connect(folder / "project.sqlite")) as connection:
            (beat,) = connection.execute("SELECT beat_at FROM write_lock").fetchone()
    assert abs(beat - time.time()) < 60
    assert is_writable(store)
    store.close()


def test_closing_ends_the_heart_and_frees_the_lock(folder: Path) -> None:
    before = set(threading.enumerate())
    store = open_project(folder, "Anna")
    (heart,) = set(threading.enumerate()) - before
    assert heart.name == "project-heartbeat"
    store.close()
    assert not heart.is_alive()
    with closing(sqlite3.connect(folder / "project.sqlite")) as connection:
        assert connection.execute("SELECT * FROM write_lock").fetchall() == []


@pytest.mark.parametrize(
    ("who", "since", "words"),
    [
        ("Ånna", datetime(2024, 5, 1, 12, 2, tzinfo=UTC), "Open by Ånna on {host} since 2024-05-"),
        ("", datetime.now(UTC), "Open by somebody on {host} since "),
    ],
)
def test_the_sentence(folder: Path, who: str, since: datetime, words: str) -> None:
    first = open_project(folder, who)
    change_lock(folder, since=since.isoformat().replace("+00:00", "Z"))
    second = open_project(folder, "Ben")
    assert second.info.read_only_reason.startswith(words.format(host=socket.gethostname()))
    second.close()
    first.close()


@pytest.mark.parametrize("values", [{"pid": "many"}, {"beat_at": b"\xff"}, {"who": b"\xff\xfe"}])
def test_a_lock_that_makes_no_sense_is_damage(folder: Path, values: dict[str, object]) -> None:
    first = open_project(folder, "Anna")
    change_lock(folder, **values)
    with pytest.raises(StorageProblem, match="damaged"):
        open_project(folder, "Ben")
    first.close()


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be where a day begins first."""
    monkeypatch.setenv("TZ", "Etc/GMT-14")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_east")
@pytest.mark.parametrize("since", ["lunch", "9999-12-31T23:59:59Z"])
def test_a_start_that_cannot_be_told_is_an_unknown_time(folder: Path, since: str) -> None:
    first = open_project(folder, "Anna")
    change_lock(folder, since=since)
    second = open_project(folder, "Ben")
    assert second.info.read_only_reason.endswith("since an unknown time.")
    second.close()
    first.close()


def test_who_is_running() -> None:
    assert lock.is_running(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    assert not lock.is_running(child.pid)


AS_NOBODY = """
import json, os, sys
from pathlib import Path
from core.store.opening import open_project
from core.errors import UserFacingError
from core.domain import Review
from core.edits import Initiator, SetReview
warm = open_project(Path(sys.argv[1]), "Ben")  # imports all there is to import while it still may
warm.pairs(warm.pair_ids()), warm.journal()
warm.close()
if os.geteuid() == 0:
    os.setuid(65534)
answers = []
for folder in sys.argv[2:]:
    try:
        store = open_project(Path(folder), "Ben")
    except UserFacingError as error:
        answers.append([error.message, error.remedy])
        continue
    try:
        store.apply([SetReview(2, Review(), Review(comment="x"))], Initiator("Ben"))
    except UserFacingError as error:
        answers.append([store.info.read_only_reason, len(store.pair_ids()), len(store.journal()), error.message])
    store.close()
print(json.dumps(answers))
"""


@pytest.mark.skipif(os.name == "nt", reason="permissions are of another kind there")
def test_a_folder_that_may_not_be_written_is_opened_to_read(folder: Path) -> None:
    """The plain case, one with unmerged changes and their index, one with unmerged changes alone, one unreadable."""
    with tempfile.TemporaryDirectory() as place:
        base = Path(place)
        store = open_project(folder, "Anna")
        store.apply([EDIT], BEN)
        change_lock(folder, pid=2**22 + 7)
        shutil.copytree(folder, base / "hot")
        shutil.copytree(folder, base / "log alone", ignore=shutil.ignore_patterns("*-shm"))
        store.close()
        shutil.copytree(folder, base / "plain")
        shutil.copytree(folder, base / "secret")
        paths = [base / name for name in ("plain", "hot", "log alone", "secret")]
        for path in base.rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        (base / "secret" / "project.sqlite").chmod(0)
        base.chmod(0o755)
        command = [sys.executable, "-c", AS_NOBODY, str(folder), *map(str, paths)]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        for path in base.rglob("*"):
            path.chmod(0o755)
    assert answer.returncode == 0, answer.stderr
    plain, hot, alone, secret = json.loads(answer.stdout)
    assert plain == ["Its folder cannot be written.", 3, 4, plain[3]]
    assert "can only be read" in plain[3]
    assert hot[:3] == plain[:3], hot
    assert "not merged" in alone[0] or alone[:3] == plain[:3], alone
    assert "cannot be read" in secret[0]
    assert "permissions" in secret[1]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_a_process_that_only_waits_to_be_buried_is_not_running() -> None:
    sleeps = "import time; print('up', flush=True); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", sleeps], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    assert lock.is_running(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has asked how
    assert not lock.is_running(child.pid)
    child.communicate()
