"""The write lock: one row in the database says who may write, and a heartbeat says that they are still there."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from core.store.codec import checking, value_of
from core.store.engine import sentences
from core.store.plan import check_text, utc_now
from core.store.tables import write_lock

HEARTBEAT_SECONDS = 10.0
STALE_SECONDS = 30.0
"""A lock is taken over once its holder has not been heard of for this long (or is known to be dead)."""

LOST = "Somebody else has opened the project since; it was not heard of here for too long."


_held_here: set[str] = set()
"""Tokens of the locks that this process holds: after a crash the system may give its process id to us."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The row of the lock: who has it, where, since when (UTC, ISO 8601), and when they were last heard of (Unix)."""

    token: str
    who: str
    host: str
    pid: int
    since: str
    beat_at: float

    def is_gone(self) -> bool:
        """Return whether the lock may be taken over."""
        if self.host == socket.gethostname():
            if self.pid == os.getpid() and self.token not in _held_here:
                return True
            if not is_running(self.pid):
                return True
        return time.time() - self.beat_at > STALE_SECONDS

    def sentence(self) -> str:
        """Return who has the project open."""
        return f"Open by {self.who or 'somebody'} on {self.host} since {_local_time(self.since)}."


class WriteLock:
    """The right to write a project, held from ``take`` until ``release``.

    The row is checked inside every writing transaction (:meth:`is_held`): a machine that slept while somebody took
    over finds out before it writes anything.
    """

    def __init__(self, engine: Engine, token: str) -> None:
        """Keep the lock that :meth:`take` has written under ``token`` alive, with a thread of its own."""
        self._engine = engine
        self._token = token
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="project-heartbeat", daemon=True)
        self._thread.start()

    @classmethod
    def take(cls, engine: Engine, file: Path, who: str) -> WriteLock | str:
        """Take the lock, or return the sentence that says who has it.

        Raises:
            StorageProblem: the database cannot be written.
        """
        check_text(who)
        with sentences(file), engine.connect().execution_options(writes=True) as connection, connection.begin():
            row = connection.execute(select(write_lock)).mappings().first()
            if row is not None:
                with checking("the write lock"):
                    holder = value_of(Holder, dict(row))
                if not holder.is_gone():
                    return holder.sentence()
            mine = Holder(uuid4().hex, who, socket.gethostname(), os.getpid(), utc_now(), time.time())
            _held_here.add(mine.token)
            connection.execute(delete(write_lock))
            connection.execute(insert(write_lock).values(id=1, **asdict(mine)))
        return cls(engine, mine.token)

    def is_held(self, connection: Connection) -> bool:
        """Return whether the lock is still ours, as the connection's transaction sees it."""
        return connection.scalar(select(write_lock.c.token)) == self._token

    def release(self) -> None:
        """Give the lock back and end the heartbeat; calling it twice is harmless."""
        self._stop.set()
        self._thread.join()
        _held_here.discard(self._token)
        # A lock that cannot be deleted goes stale by itself.
        with suppress(DBAPIError):
            self._write(lambda c: c.execute(delete(write_lock).where(write_lock.c.token == self._token)))

    def _beat(self) -> None:
        mine = write_lock.c.token == self._token
        while not self._stop.wait(HEARTBEAT_SECONDS):
            # A full disk or a drive that is away now may be back at the next beat; whoever writes is told either way.
            with suppress(DBAPIError):
                self._write(lambda c: c.execute(update(write_lock).where(mine).values(beat_at=time.time())))

    def _write(self, statement: Callable[[Connection], Any]) -> None:
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            statement(connection)


def is_running(pid: int) -> bool:
    """Return whether a process of this machine is alive."""
    if sys.platform == "win32":  # os.kill would end it there
        import ctypes

        synchronize, timed_out, access_denied = 0x00100000, 0x102, 5
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        handle = kernel.OpenProcess(synchronize, False, pid)
        if not handle:
            return bool(ctypes.get_last_error() == access_denied)
        try:
            return bool(kernel.WaitForSingleObject(handle, 0) == timed_out)
        finally:
            kernel.CloseHandle(handle)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # it is there, and somebody else's
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Return whether a process has ended and only waits for its parent to hear of it (Linux; False elsewhere)."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[:1] == ["Z"]  # the name before it may hold anything


def _local_time(at: str) -> str:
    """Return "14:02", with the date before it unless that is today's."""
    try:
        then = datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone()
    except (ValueError, OverflowError):
        return "an unknown time"
    return f"{then:%H:%M}" if then.date() == datetime.now().astimezone().date() else f"{then:%Y-%m-%d %H:%M}"
