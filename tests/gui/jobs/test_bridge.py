"""The bridge: every message, in order, in the GUI thread."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from gui.jobs.bridge import Bridge


def test_messages_of_one_thread_arrive_in_order(qtbot: QtBot) -> None:
    bridge = Bridge()
    arrived: list[tuple[int, bool]] = []
    main = threading.main_thread()

    def post() -> None:
        for number in range(2000):
            bridge.post(lambda number=number: arrived.append((number, threading.current_thread() is main)))

    thread = threading.Thread(target=post)
    thread.start()
    qtbot.waitUntil(lambda: len(arrived) == 2000)
    thread.join()
    assert arrived == [(number, True) for number in range(2000)]
    bridge.close()


def test_a_message_that_raises_does_not_stop_those_behind_it(qtbot: QtBot) -> None:
    bridge = Bridge()
    arrived: list[int] = []

    def bug() -> None:
        raise RuntimeError("in a slot")

    with qtbot.captureExceptions() as caught:
        bridge.post(bug)
        bridge.post(lambda: arrived.append(1))
        qtbot.waitUntil(lambda: arrived == [1])
    assert [kind for kind, _, _ in caught] == [RuntimeError]
    bridge.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_closed_bridge_delivers_nothing(qtbot: QtBot, when: str) -> None:
    bridge = Bridge()
    arrived: list[int] = []
    if when == "before":
        bridge.post(lambda: arrived.append(1))
    bridge.close()
    if when == "after":
        bridge.post(lambda: arrived.append(1))
    qtbot.wait(20)
    assert arrived == []
