"""What comes late from a worker is not shown over what is newer."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
from pytestqt.qtbot import QtBot

from core.domain import MaskRef, Pair, Placement, Reconciliation
from core.errors import StorageProblem
from core.jobs.answers import DisplayPicture, MaskLayer
from core.jobs.context import JobContext
from core.jobs.services import Services
from core.jobs.specs import LoadMask, LoadPicture, Spec
from gui.canvas.scene import OverlayStyle
from gui.jobs.runner import Runner
from gui.review.scene_loader import SceneLoader
from tests.gui.conftest import Gate, bare_pair

FIRST, SECOND = MaskRef("1" * 64, 60, 40), MaskRef("2" * 64, 60, 40)


def with_mask(pair: Pair, mask: MaskRef) -> Pair:
    found = Reconciliation("pawtrait", Placement(1.0, 0.0, False, 0.0, 0.0), 0.9, "Because.", 0.1, mask)
    return replace(pair, reconciliation=found)


def answer(spec: Spec) -> object:
    if isinstance(spec, LoadPicture):
        return DisplayPicture((np.zeros((40, 60, 4), np.uint8),), True, 60, 40)
    assert isinstance(spec, LoadMask)
    return MaskLayer((np.full((40, 60), int(spec.ref.sha256[0]), np.uint8),), (), 0)


def test_an_older_mask_that_comes_last_is_not_shown(
    runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    late, given = threading.Event(), threading.Event()

    def work(spec: Spec, _ctx: JobContext) -> object:
        if isinstance(spec, LoadMask) and spec.ref == FIRST:
            late.wait(10)
            given.set()
        return answer(spec)

    gate.do = work
    loader = SceneLoader(runner, services, OverlayStyle())
    pair = bare_pair(1)
    loader.show(with_mask(pair, FIRST))
    loader.show(with_mask(pair, SECOND))
    qtbot.waitUntil(lambda: loader.scene.mask is not None)
    late.set()
    qtbot.waitUntil(lambda: given.is_set() and not runner.jobs())
    assert loader.scene.mask is not None
    assert loader.scene.mask.levels[0][0, 0] == 2


def test_word_of_a_mask_that_lacks_goes_with_the_mask(
    runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    def work(spec: Spec, _ctx: JobContext) -> object:
        if isinstance(spec, LoadMask) and spec.ref == FIRST:
            raise StorageProblem("The mask is gone.", "Reconcile again.")
        return answer(spec)

    gate.do = work
    loader = SceneLoader(runner, services, OverlayStyle())
    pair = bare_pair(1)
    loader.show(with_mask(pair, FIRST))
    qtbot.waitUntil(lambda: "gone" in loader.scene.message_original and loader.scene.original is not None)
    loader.show(with_mask(pair, SECOND))
    qtbot.waitUntil(lambda: loader.scene.mask is not None)
    assert not loader.scene.message_original


def test_what_lies_over_a_picture_that_has_no_place_is_short(
    runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    gate.do = lambda spec, _ctx: answer(spec)
    loader = SceneLoader(runner, services, OverlayStyle())
    found = Reconciliation("pawtrait", None, 0.03, "Probably another photo: only 45% of the portrait agrees.", 0.1)
    loader.show(replace(bare_pair(1), reconciliation=found))
    assert loader.scene.message_designer == "No match. Probably another photo."
    qtbot.waitUntil(lambda: not runner.jobs())
