"""Masks of pairs whose placement was moved by hand: they follow, or wait for a word."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from core.domain import MaskSource, Recipe, Reconciliation, Stroke
from core.edits import AddStroke, Initiator, Origin, SetRecipe, SetReconciliation
from core.images.io import encode_mask
from core.jobs.answers import MaskLayer, OpenedMask, Rederived
from core.jobs.context import JobContext
from core.jobs.hands import DeriveMask, OpenMask
from core.jobs.specs import LoadMask, LoadPicture, Spec
from core.maths.patches import PaintedLayer
from core.store.memory import MemoryStore
from gui.tools import placement_handles as handles
from tests.gui.conftest import Gate, Key
from tests.gui.tools.conftest import FOUND, SIZE, Hands, picture, stays


def test_the_mask_follows_a_move_and_its_undo(hands: Hands, gate: Gate) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    x, y = handles.middle_of(FOUND, SIZE)
    hands.drag((x - 6, y + 4), (x - 3, y + 2))
    driver.qtbot.waitUntil(lambda: any(isinstance(job, DeriveMask) for job in gate.order))
    job = next(job for job in gate.order if isinstance(job, DeriveMask))
    assert job == DeriveMask(hands.pair.id, driver.workspace.session.who)


def test_a_mask_goes_on_following_its_placement_once_the_pair_is_left(hands: Hands, gate: Gate) -> None:
    def work(spec: Spec, ctx: JobContext) -> object:
        return picture(spec) if isinstance(spec, LoadPicture) else gate.wait(ctx)

    gate.do = work
    driver, moved = hands.driver, hands.pair
    driver.key(Key.Key_V)
    driver.key(Key.Key_Left)
    driver.key(Key.Key_P)
    driver.qtbot.waitUntil(lambda: hands.pair.id != moved.id)
    deriving = [job for job in driver.window.desk.runner.jobs() if isinstance(job.spec, DeriveMask)]
    assert [job.spec for job in deriving] == [DeriveMask(moved.id, driver.workspace.session.who)]
    assert not any(job.stop.is_set() for job in deriving)


def test_a_painted_mask_waits_for_a_word(hands: Hands, gate: Gate, placed: MemoryStore, qtbot: QtBot) -> None:
    driver = hands.driver
    mask = placed.put_mask(encode_mask(np.zeros((40, 60), np.uint8)), *SIZE)
    patch = placed.put_mask(encode_mask(np.zeros((8, 5), np.uint8)), 5, 8)
    pair = hands.pair
    with_mask = Reconciliation("pawtrait", FOUND, 0.4, "Because.", 0.5, mask)
    who = Initiator("anna", Origin.JOB)
    placed.apply([SetReconciliation(pair.id, pair.reconciliation, with_mask)], who)

    def work(spec: Spec, _ctx: JobContext) -> object:
        if isinstance(spec, DeriveMask):
            return Rederived(None, not spec.even_if_painted)
        if isinstance(spec, LoadMask):
            return MaskLayer((np.zeros((40, 60), np.uint8),), (), 0)
        return picture(spec) if isinstance(spec, LoadPicture) else None

    gate.do = work
    recipe = Recipe(MaskSource.RECONCILIATION)
    driver.workspace.session.note(
        placed.apply([SetRecipe(pair.id, None, recipe), AddStroke(pair.id, 0, Stroke(3, 4, patch))], who)
    )

    driver.key(Key.Key_V)
    driver.key(Key.Key_Left)
    hands.rest()
    note = driver.workspace.predicting.note
    assert note.isVisible()
    assert "painted on its mask" in note.message
    qtbot.waitUntil(lambda: any("waits for your word" in words for words in hands.told))
    assert not any(isinstance(job, DeriveMask) for job in gate.order), "nothing is worked out before the word is given"
    note._button.click()
    qtbot.waitUntil(lambda: any(isinstance(job, DeriveMask) and job.even_if_painted for job in gate.order))


def test_placing_and_editing_a_mask_take_turns(hands: Hands, gate: Gate) -> None:
    driver, before = hands.driver, gate.do

    def work(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, OpenMask):
            return OpenedMask(np.zeros((40, 60), np.uint8), PaintedLayer(*SIZE))
        return before(spec, ctx)

    gate.do = work
    tools, commands = driver.window.tools, driver.window.commands
    assert tools is not None
    driver.key(Key.Key_V)
    driver.key(Key.Key_Left)
    driver.key(Key.Key_E)
    driver.qtbot.waitUntil(lambda: tools.masks.room.on)
    assert not driver.window.placing.active
    assert stays(hands.place, handles.moved(FOUND, -1.0, 0.0))
    assert [key.toString() for key in commands["tool_brush"].shortcuts()] == ["B"]
    assert not commands["turn_tool"].shortcuts()
    driver.key(Key.Key_V)
    assert driver.window.placing.active
    assert not tools.masks.room.on
    assert not commands["tool_brush"].shortcuts()
    assert [key.toString() for key in commands["turn_tool"].shortcuts()] == ["R"]
