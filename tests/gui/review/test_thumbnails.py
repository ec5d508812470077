"""Thumbnails: asked for once, dropped when gone by, and missing ones known as such."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.domain import ImageRef
from core.errors import FileProblem
from core.jobs.context import JobContext
from core.jobs.services import Services
from core.jobs.specs import Spec
from gui.jobs.runner import LANES, Runner
from gui.review import thumbnails as module
from gui.review.thumbnails import Thumbnails
from tests.gui.conftest import Gate, tiny_picture


def _refs(count: int) -> list[ImageRef]:
    return [ImageRef(f"/nowhere/{number}.png", f"{number:064}", 60, 40) for number in range(count)]


def test_a_picture_is_asked_for_once_and_kept(runner: Runner, gate: Gate, services: Services, qtbot: QtBot) -> None:
    gate.do = lambda spec, ctx: tiny_picture()
    small, ref = Thumbnails(runner, services), _refs(1)[0]
    assert small.get(ref) is None
    assert small.get(ref) is None
    with qtbot.waitSignal(small.arrived):
        pass
    found = small.get(ref)
    assert found is not None
    assert (found.width(), found.height()) == (60, 40)
    assert len(gate.order) == 1


def test_a_picture_that_cannot_be_had_is_not_asked_for_again(
    runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    def gone(spec: Spec, ctx: JobContext) -> object:
        raise FileProblem("It is gone.")

    gate.do = gone
    small, ref = Thumbnails(runner, services), _refs(1)[0]
    assert not small.is_missing(ref)
    with qtbot.waitSignal(small.arrived):
        small.get(ref)
    assert small.is_missing(ref)
    assert small.get(ref) is None
    assert len(gate.order) == 1


def test_rows_gone_by_are_not_loaded(runner: Runner, gate: Gate, services: Services, qtbot: QtBot) -> None:
    gate.do = lambda spec, ctx: gate.go.wait(20) and tiny_picture()
    small, refs = Thumbnails(runner, services), _refs(30)
    for ref in refs:
        small.get(ref)
    qtbot.waitUntil(lambda: len(gate.order) == LANES["io"])
    small.keep_only(refs[-2:])
    gate.go.set()
    qtbot.waitUntil(lambda: all(small.get(ref) is not None for ref in refs[-2:]))
    assert len(gate.order) == LANES["io"] + 2
    assert small.get(refs[10]) is None, "one that comes into sight again is asked for again"
    qtbot.waitUntil(lambda: small.get(refs[10]) is not None)


def test_the_oldest_go_first(
    runner: Runner, gate: Gate, services: Services, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", 5)
    gate.do = lambda spec, ctx: tiny_picture()
    owner = QObject()
    small = Thumbnails(runner, services, owner)
    refs = _refs(8)
    for ref in refs:
        small.get(ref)
        qtbot.waitUntil(lambda ref=ref: small.get(ref) is not None)
    assert len(small._kept) == 5
    assert small.get(refs[-1]) is not None
