"""Gestures on their way into the project: in their order, one on the other, at once where something builds on them."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.domain import MaskRef, Stroke
from core.errors import StorageProblem, UserFacingError
from core.images.io import encode_patch
from core.jobs.answers import PackedStroke
from core.jobs.context import JobContext
from core.jobs.hands import PackStroke
from core.jobs.services import Services
from core.jobs.specs import Spec
from core.maths.brush import Brush, Way
from core.maths.patches import PaintedLayer, Patch
from core.store.memory import MemoryStore
from gui.jobs.runner import Runner
from gui.tools import packing
from gui.tools.packing import Packing, Recent
from tests.gui.conftest import Gate

LAYER, BASE = PaintedLayer(8, 6), np.zeros((6, 8), np.uint8)
FILE = MaskRef("0" * 64, 8, 12)


def way(number: int) -> Way:
    return Way(Brush(), ((float(number), 0.0, 1.0),), True)


class Desk:
    """Writes down what it is told, and asks to settle meanwhile, as the project's edits do."""

    def __init__(self, runner: Runner, services: Services) -> None:
        self.written: list[tuple[object, str, object]] = []
        self.packing = Packing(runner, services, lambda: (LAYER, BASE), self.write, lambda: None)

    def write(self, painting: object, tool: str, packed: PackedStroke | UserFacingError | None) -> None:
        self.packing.settle()
        self.written.append((painting, tool, packed))


def test_gestures_are_written_in_their_order(runner: Runner, gate: Gate, services: Services, qtbot: QtBot) -> None:
    answers: dict[Way, object] = {way(0): PackedStroke(1, 2, FILE, ()), way(1): None}

    def work(spec: Spec, _ctx: JobContext) -> object:
        assert isinstance(spec, PackStroke)
        assert spec.layer is LAYER
        assert isinstance(spec.painting, Way)
        if spec.painting == way(2):
            raise StorageProblem("The disk is full.", "Make room.")
        return answers[spec.painting]

    gate.do = work
    desk = Desk(runner, services)
    for number in range(3):
        desk.packing.put(way(number), "brush")
    assert desk.packing.waiting
    assert desk.written == []
    qtbot.waitUntil(lambda: not desk.packing.waiting)
    assert [painting for painting, _, _ in desk.written] == [way(0), way(1), way(2)]
    assert [packed for _, _, packed in desk.written[:2]] == list(answers.values())
    assert isinstance(desk.written[2][2], StorageProblem)


def test_settling_writes_here_and_now_and_nothing_twice(
    runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    slow = [True]

    def work(spec: Spec, ctx: JobContext) -> object:
        assert isinstance(spec, PackStroke)
        if spec.painting == way(0) and slow.pop(0):
            gate.wait(ctx)
        if spec.painting == way(1):
            raise StorageProblem("The disk is full.", "Make room.")
        return PackedStroke(0, 0, FILE, ())

    gate.do = work
    slow.append(False)
    desk = Desk(runner, services)
    for number in range(3):
        desk.packing.put(way(number), "brush")
    qtbot.waitUntil(gate.begun.is_set)
    desk.packing.settle()
    assert not desk.packing.waiting
    assert [painting for painting, _, _ in desk.written] == [way(0), way(1), way(2)]
    gate.go.set()
    desk.packing.put(way(4), "fur")
    qtbot.waitUntil(lambda: not desk.packing.waiting)
    assert [tool for _, tool, _ in desk.written] == ["brush", "brush", "brush", "fur"]


def test_recent_patches_are_not_read_again(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    planes = [np.full((2 * 300, 300), number + 1, np.uint8) for number in range(3)]
    strokes = [Stroke(5, 7, store.put_mask(encode_patch(many), 300, 600), "brush") for many in planes]
    parts = [Patch(5, 7, many).parts() for many in planes]
    monkeypatch.setattr(packing, "MOST_BYTES", 2 * planes[0].nbytes)
    recent = Recent()
    for stroke, kept in zip(strokes, parts, strict=True):
        recent.keep(stroke.patch, kept)
    assert recent.parts_of(strokes[1], store) is parts[1]
    read = recent.parts_of(strokes[0], store)
    assert read is not parts[0], "the oldest was forgotten"
    assert [(part.box, part.planes.tolist()) for part in read] == [(p.box, p.planes.tolist()) for p in parts[0]]
