"""Child processes: order, errors, a child that is killed, cancelling, reuse."""

from __future__ import annotations

import math
import multiprocessing
import operator
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest

from core.device import resolve
from core.errors import Cancelled, DeviceProblem
from core.jobs import pool
from core.maths.warp import resize

# Children import what they call by name: everything here is the standard library's or the program's own.
pytestmark = pytest.mark.usefixtures("children")


def _never() -> None: ...


def _run(*calls: Callable[[], object], workers: int = 1) -> list[object]:
    return list(pool.compute(operator.call, calls, _never, workers))


def _workers() -> list[multiprocessing.process.BaseProcess]:
    return [child for child in multiprocessing.active_children() if child.name == "pawtrait-worker"]


def test_results_come_in_the_order_of_the_arguments() -> None:
    slow_first = [partial(operator.concat, "a", "b"), *[partial(pow, 2, n) for n in range(8)]]
    assert _run(partial(time.sleep, 0.3), *slow_first, workers=2) == [None, "ab", 1, 2, 4, 8, 16, 32, 64, 128]


def test_nothing_to_do_starts_nothing() -> None:
    pool.shut_down()
    assert _run() == []
    assert _workers() == []


def test_an_error_of_the_environment_is_that_items_result_and_the_rest_goes_on() -> None:
    bad, good = _run(partial(resolve, "abacus"), partial(resolve, "cpu"))
    assert isinstance(bad, DeviceProblem)
    assert (bad.message, bool(bad.remedy)) == ("There is no device called 'abacus'.", True)
    assert good == "cpu"


def test_a_killed_child_fails_its_own_item_only() -> None:
    before, killed, after = _run(partial(abs, -1), _suicide(), partial(abs, -3))
    assert (before, after) == (1, 3)
    assert isinstance(killed, DeviceProblem)
    assert "SIGKILL" in killed.message
    assert "memory" in killed.remedy


def test_a_child_killed_while_it_answers_fails_its_own_item_only() -> None:
    """The memory may run out while a large answer is on its way: its length has come then, and not the rest."""
    before, killed, after = _run(partial(abs, -1), partial(exec, _DIES_ANSWERING), partial(abs, -3))
    assert (before, after) == (1, 3)
    assert isinstance(killed, DeviceProblem)
    assert "SIGKILL" in killed.message


_DIES_ANSWERING = """
import os, signal, struct, sys
frame = sys._getframe()
while frame.f_code.co_name != "_serve":
    frame = frame.f_back
os.write(frame.f_locals["pipe"].fileno(), struct.pack("!i", 1000) + b"half")
signal.raise_signal(signal.SIGKILL)
"""


def _suicide() -> Callable[[], object]:
    """A call that makes the child kill itself as the kernel does when the memory runs out."""
    return partial(signal.raise_signal, signal.SIGKILL)


def test_no_memory_for_one_item_is_no_bug() -> None:
    # OpenCV has an error of its own for it; no machine can address as many bytes.
    for call in (partial(bytes, 1 << 62), partial(resize, np.zeros((2, 2), np.uint8), (1 << 24, 1 << 24))):
        problem, fine = _run(call, partial(bytes, 2))
        assert isinstance(problem, DeviceProblem)
        assert fine == b"\0\0"


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="POSIX only")
def test_ctrl_c_does_not_reach_a_child_even_while_it_starts() -> None:
    """It is blocked from before the child's first instruction, and not in the parent."""
    asked = partial(signal.pthread_sigmask, signal.SIG_BLOCK, ())
    (blocked,) = _run(asked)
    assert signal.SIGINT in blocked
    assert signal.SIGINT not in asked()


def test_a_bug_in_a_child_fails_its_item_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    failure, fine = _run(partial(math.sqrt, -1.0), partial(bytes, 2))
    assert isinstance(failure, pool.ChildFailure)
    assert "ValueError" in failure.message
    assert "Traceback" in caplog.text
    caplog.clear()
    assert fine == b"\0\0"


def test_an_answer_that_cannot_be_sent_is_a_bug_too(caplog: pytest.LogCaptureFixture) -> None:
    (failure,) = _run(threading.Lock)
    assert isinstance(failure, pool.ChildFailure)
    assert "pickle" in caplog.text
    caplog.clear()


def test_cancelling_kills_what_is_being_computed() -> None:
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(pool.compute(time.sleep, [3600, 3600, 3600], check, workers=2))
    assert _workers() == []


def test_a_closed_iterator_leaves_no_child_at_work() -> None:
    answers = pool.compute(operator.call, [partial(abs, -1), partial(time.sleep, 3600)], _never, workers=2)
    assert next(answers) == 1
    answers.close()
    assert len(_workers()) <= 1  # the one that was idle


def test_children_stay_warm_between_jobs() -> None:
    (first,), (second,) = _run(os.getpid), _run(os.getpid)
    assert first == second != os.getpid()


def test_an_idle_child_that_died_is_replaced() -> None:
    (pid,) = _run(os.getpid)
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)
    multiprocessing.active_children()  # reaps
    (other,) = _run(os.getpid)
    assert other != pid


def test_a_child_keeps_to_one_thread_and_leaves_ctrl_c_to_its_parent() -> None:
    threads, handler = _run(partial(os.getenv, "OMP_NUM_THREADS"), partial(signal.getsignal, signal.SIGINT))
    assert threads == "1"
    assert handler == signal.SIG_IGN


def test_arguments_are_drawn_only_a_little_ahead() -> None:
    drawn = 0

    def arguments() -> Iterator[int]:
        nonlocal drawn
        for number in range(100):
            drawn += 1
            yield number

    answers = pool.compute(operator.neg, arguments(), _never, workers=2)
    assert [next(answers) for _ in range(3)] == [0, -1, -2]
    assert drawn <= 3 + 2 * 2 + 2
    answers.close()


def test_a_system_without_room_for_a_process_is_a_problem_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    pool.shut_down()

    def no_room(process: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(multiprocessing.context.SpawnProcess, "start", no_room)
    with pytest.raises(DeviceProblem, match="temporarily unavailable") as caught:
        _run(partial(abs, -1))
    assert caught.value.remedy
