"""Computes in child processes of our own: they can be killed at once, and leave the window's interpreter alone.

A thread that computes holds Python's global lock now and then and the window stutters; a library call that takes
seconds cannot be cancelled. A child process has neither fault. The children are started with "spawn" (a fork would
copy locks and GPU handles of the window), keep one thread each, and stay warm between jobs: importing OpenCV or
torch again costs more than a pair. ``concurrent.futures`` was turned down: when one of its workers is killed it
fails every item in flight, and cannot say which one did it.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from multiprocessing import connection
from typing import Any, Literal, TypeVar

from core.errors import DeviceProblem, UserFacingError, is_out_of_memory

A = TypeVar("A")
R = TypeVar("R")

_POLL_SECONDS = 0.04
_AHEAD = 2  # items started or finished ahead of the oldest unfinished one, for each worker: bounds the memory
_KEEP_WARM = 2  # idle children hold some hundred megabytes each: one for the search, one for exports
_NICENESS = 5  # as many children as cores must not make the window wait for its turn
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

log = logging.getLogger(__name__)
_lock = threading.Lock()
_idle: list[_Child] = []


class ChildFailure(UserFacingError):
    """A bug showed itself in a child process. Its traceback is logged; it fails one item, and the batch goes on."""

    def __init__(self, trace: str) -> None:
        """Log the child's traceback and keep its last line for the user."""
        log.error("a child process failed\n%s", trace)
        super().__init__(
            f"An internal error stopped it ({trace.strip().splitlines()[-1]}).",
            "Please report it: the log says more. The other items are not affected.",
        )


def compute(
    function: Callable[[A], R], arguments: Iterable[A], check: Callable[[], None], workers: int = 1
) -> Generator[R | UserFacingError, None, None]:
    """Apply ``function`` to each argument in child processes and yield the results in the arguments' order.

    Function, arguments and results cross by pickle. ``arguments`` is drawn as workers become free.
    ``check`` is asked every 40 ms; when it raises, or the caller closes the iterator, working children are killed.

    Yields:
        The result, or the UserFacingError that the function raised; for anything else that it raised, a
        ChildFailure. A child that was killed from outside (out of memory, most likely) gives a DeviceProblem for the
        item it had in hand; the others go on.

    Raises:
        DeviceProblem: no child process can be started.
    """
    todo = enumerate(arguments)
    busy: dict[_Child, int] = {}
    free = _take_idle(max(1, workers))
    finished: dict[int, R | UserFacingError] = {}
    turn, exhausted = 0, False
    try:
        while True:
            while not exhausted and len(busy) < workers and len(busy) + len(finished) < _AHEAD * workers:
                item = next(todo, None)
                if item is None:
                    exhausted = True
                    break
                child = free.pop() if free else _Child()
                busy[child] = item[0]
                child.send(function, item[1])
            while turn in finished:
                yield finished.pop(turn)
                turn += 1
            if not busy:
                if exhausted:
                    return
                continue
            check()
            for ready in connection.wait([child.pipe for child in busy], _POLL_SECONDS):
                child = next(child for child in busy if child.pipe is ready)
                index = busy.pop(child)
                finished[index] = child.receive()
                if child.alive:
                    free.append(child)
    finally:
        for child in busy:
            child.kill()
        _give_back(free)


def shut_down() -> None:
    """Let the idle children go (they also go when the program ends)."""
    with _lock:
        children, _idle[:] = _idle[:], []
    for child in children:
        child.kill()


def _take_idle(count: int) -> list[_Child]:
    with _lock:
        taken, _idle[:] = _idle[:count], _idle[count:]
    return [child for child in taken if child.check_alive()]


def _give_back(children: list[_Child]) -> None:
    with _lock:
        _idle.extend(children)
        surplus, _idle[:] = _idle[_KEEP_WARM:], _idle[:_KEEP_WARM]
    for child in surplus:
        child.kill()


class _Child:
    """One child process and our end of the pipe to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.alive = True
        self._process = context.Process(target=_serve, args=(theirs,), name="pawtrait-worker", daemon=True)
        try:
            with _ctrl_c_held_back():
                self._process.start()
        except OSError as error:
            raise DeviceProblem(
                f"No process could be started for the computation: {error.strerror or error}.",
                "Close other programs, or ask for fewer workers.",
            ) from error
        finally:
            theirs.close()

    def check_alive(self) -> bool:
        """Return whether the process still runs (something may have killed it while it was idle)."""
        if self._process.is_alive():
            return True
        self.kill()
        return False

    def send(self, function: Callable[[A], object], argument: A) -> None:
        """Hand the child its next item; a dead child is noticed on :meth:`receive`."""
        try:
            self.pipe.send((function, argument))
        except (BrokenPipeError, ConnectionResetError):
            return

    def receive(self) -> Any:
        """Return the answer to the item that was sent."""
        try:
            kind, answer = self.pipe.recv()
        except (EOFError, OSError):  # the second: in the middle of a large answer
            self.kill()
            return DeviceProblem(
                f"The computation was ended from outside ({_ending(self._process.exitcode)}).",
                "Most often the memory ran out: close other programs, use fewer workers or smaller pictures.",
            )
        if kind == "bug":
            self.kill()
            return ChildFailure(answer)
        return answer

    def kill(self) -> None:
        """End the process at once; what it had in hand is lost, and nothing else."""
        self.alive = False
        self._process.kill()
        self._process.join()
        self.pipe.close()


@contextlib.contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Let a child be born with SIGINT blocked: until ``_serve`` ignores it, Ctrl-C would end it with a traceback."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # it unblocks SIGINT when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ending(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        try:
            return f"signal {signal.Signals(-exitcode).name}"
        except ValueError:
            return f"signal {-exitcode}"
    return f"exit code {exitcode}"


def _serve(pipe: connection.Connection[Any, Any]) -> None:
    """Work in the child until the parent closes its end (or dies, which closes it as well)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    if hasattr(os, "nice"):  # not on Windows
        os.nice(_NICENESS)
    for name in _THREAD_VARIABLES:  # before the first import of numpy or torch: parallel are the pairs
        os.environ[name] = "1"
    while True:
        try:
            function, argument = pipe.recv()
        except (EOFError, OSError):
            return
        except BaseException:  # an argument that cannot be unpickled is a bug and must be heard of
            pipe.send(("bug", traceback.format_exc()))
            return
        answer = _answer(function, argument)
        try:
            pipe.send(answer)
        except OSError:
            return
        except Exception:  # an answer that cannot be pickled
            pipe.send(("bug", traceback.format_exc()))


def _answer(function: Callable[[A], object], argument: A) -> tuple[Literal["done", "bug"], object]:
    try:
        import cv2

        cv2.setNumThreads(1)
        return "done", function(argument)
    except UserFacingError as error:
        return "done", error
    except Exception as error:
        if is_out_of_memory(error):
            return "done", DeviceProblem(
                "The memory ran out.", "Close other programs, use fewer workers or smaller pictures, and try again."
            )
        return "bug", traceback.format_exc()


atexit.register(shut_down)
