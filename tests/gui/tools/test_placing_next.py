"""Placing from pair to pair and from tool to tool: nothing of the one before is left over."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from core.domain import Placement, Reconciliation
from core.edits import Initiator, Origin, SetReconciliation
from core.store.memory import MemoryStore
from gui.tools import placement_handles as handles
from tests.gui.conftest import Key
from tests.gui.tools.conftest import Hands

ELSEWHERE = Placement(0.4, 0.0, False, -5.0, -2.0)


@pytest.fixture
def next_one(hands: Hands, placed: MemoryStore) -> Hands:
    """The first pair is being placed; the others lie at the edge of their photos."""
    for pair in placed.pairs(placed.pair_ids()):
        if pair.id != hands.pair.id:
            found = Reconciliation("pawtrait", ELSEWHERE, 0.5, "Because.", 0.5)
            placed.apply([SetReconciliation(pair.id, pair.reconciliation, found)], Initiator("job", Origin.JOB))
    view = hands.driver.workspace.view
    hands.driver.key(Key.Key_V)
    hands.driver.qtbot.waitUntil(lambda: view._extent[0] == view.width())
    hands.driver.key(Key.Key_D)
    assert hands.place == ELSEWHERE
    return hands


def test_the_line_and_the_seam_go_together_to_the_next_pair(next_one: Hands) -> None:
    scene = next_one.driver.workspace.view.glass.scene
    assert scene is not None
    assert scene.superposed is not None
    assert scene.superposed.split == scene.original.split == pytest.approx(0.2, abs=0.2)


def test_the_next_photo_is_fitted_with_its_own_portrait(next_one: Hands) -> None:
    view = next_one.driver.workspace.view
    assert view._views.placement == ELSEWHERE
    assert view._views.original == view._views.fitted(view._extent).original


def test_a_word_in_passing_ends_with_the_tool_or_the_mode(hands: Hands) -> None:
    foot, driver = hands.driver.window.foot, hands.driver
    driver.key(Key.Key_V)
    assert foot.told.whole == handles.OUTSIDE
    for key, hint in (
        (Key.Key_M, handles.OUTSIDE),
        (Key.Key_R, handles.WORDS[handles.Grip.TURN]),
        (Key.Key_V, handles.OUTSIDE),
        (Key.Key_Escape, ""),
    ):
        foot.tell("Something in passing.")
        driver.key(key, Qt.KeyboardModifier.NoModifier)
        assert foot.told.whole.startswith(hint)
        assert "in passing" not in foot.told.whole
    driver.key(Key.Key_V)
    hands.drag((20.0, 15.0), (22.0, 15.0))
    assert not foot.told.whole.startswith("Drag"), "what the hand has done is said before what it could do"
