"""Fur, in the whole desk: a first look, then the proposal, taken by Enter or left by Esc; colours on a backdrop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.jobs import inline
from core.jobs.context import JobContext
from core.jobs.hands import EstimateColours, MaskProposal, MatteMask
from core.jobs.services import Services
from core.jobs.specs import Spec
from core.store.memory import MemoryStore
from gui.canvas.edit_layer import EditView
from gui.jobs.bridge import Bridge
from gui.jobs.runner import Runner
from gui.tools.wiring import MaskTools
from tests.gui.conftest import Driver, Key
from tests.gui.editing import drag

BOX = (30, 10, 50, 30)
SHIFT = Qt.KeyboardModifier.ShiftModifier


def _plane(value: int) -> np.ndarray:
    return np.full((20, 20), value, np.uint8)


class Matting:
    """Stands for the estimation: a first look of 70, then, once the test lets it, an alpha of 140."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked: list[Spec] = []

    def __call__(self, spec: Spec, services: Services, ctx: JobContext) -> object:
        if isinstance(spec, EstimateColours):
            self.asked.append(spec)
        if not isinstance(spec, MatteMask):
            return inline.run(spec, services, ctx)
        self.asked.append(spec)
        ctx.partial(MaskProposal(BOX, _plane(70), "A first look."))
        while not self.go.wait(0.005):
            ctx.check()
        return MaskProposal(BOX, _plane(140), "Estimated.")


@pytest.fixture
def matting() -> Matting:
    return Matting()


@pytest.fixture
def editing(
    make: Callable[[Runner], Driver], real_store: MemoryStore, matting: Matting, qtbot: QtBot
) -> Iterator[Driver]:
    """The desk with the first pair's mask opened."""
    runner = Runner(Bridge(), matting)
    desk = make(runner)
    desk.window.desk.use(real_store)
    first = next(pair for pair in real_store.pairs(real_store.pair_ids()) if pair.placement is not None)
    desk.workspace.presenter.show(first.id)
    qtbot.waitUntil(lambda: desk.scene().original is not None)
    desk.key(Key.Key_E)
    qtbot.waitUntil(lambda: tools(desk).editor.sheet is not None)
    yield desk
    matting.go.set()
    desk.window.close()
    assert runner.shut_down()


def tools(desk: Driver) -> MaskTools:
    assert desk.window.tools is not None
    return desk.window.tools.masks


def seen(desk: Driver) -> int:
    """What is shown in the middle of the fur."""
    layer = tools(desk).editor.layer
    assert layer is not None
    return int(layer.mask[20, 40])


def strokes(desk: Driver) -> list[str]:
    recipe = desk.workspace.session.store.pairs([desk.at])[0].recipe
    return [] if recipe is None else [stroke.tool for stroke in recipe.strokes]


def test_a_first_look_then_the_fur_and_enter_takes_it(editing: Driver, matting: Matting, qtbot: QtBot) -> None:
    before = seen(editing)
    editing.key(Key.Key_G, SHIFT)
    qtbot.waitUntil(lambda: seen(editing) == 70)
    assert "first look" in tools(editing).bar.words.text()
    editing.key(Key.Key_Return)
    assert tools(editing).room.on, "what is still on its way is not taken"
    assert strokes(editing) == []
    matting.go.set()
    qtbot.waitUntil(lambda: seen(editing) == 140)
    assert strokes(editing) == [], "it is looked at before it is taken"
    foot = editing.window.foot.told
    assert foot.whole.endswith("takes what is shown, Esc leaves it."), "no tool works meanwhile"
    editing.key(Key.Key_Return)
    assert seen(editing) == 140, "it stays on the table until it is written"
    assert "Drag" in foot.whole
    qtbot.waitUntil(lambda: strokes(editing) == ["fur"])
    assert seen(editing) == 140
    editing.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: seen(editing) == before)
    assert strokes(editing) == []


@pytest.mark.parametrize("waited", [False, True])
def test_esc_leaves_it_at_any_time(editing: Driver, matting: Matting, qtbot: QtBot, waited: bool) -> None:
    before = seen(editing)
    editing.key(Key.Key_G, SHIFT)
    qtbot.waitUntil(lambda: seen(editing) == 70)
    if waited:
        matting.go.set()
        qtbot.waitUntil(lambda: seen(editing) == 140)
    editing.key(Key.Key_Escape)
    assert seen(editing) == before
    assert tools(editing).room.on, "Esc leaves the proposal, not the mask"
    assert strokes(editing) == []


def test_on_a_backdrop_a_soft_edge_has_the_portraits_own_colours(
    editing: Driver, matting: Matting, qtbot: QtBot
) -> None:
    masks = tools(editing)
    matting.go.set()
    editing.key(Key.Key_G, SHIFT)
    qtbot.waitUntil(lambda: seen(editing) == 140)
    layer = masks.editor.layer
    assert layer is not None
    qtbot.wait(200)
    assert not any(isinstance(spec, EstimateColours) for spec in matting.asked), "nothing is computed for the overlay"
    masks.show_view(EditView.WHITE)
    qtbot.waitUntil(lambda: layer.colours is not None)
    asked = [spec for spec in matting.asked if isinstance(spec, EstimateColours)]
    assert asked[0].rgb.shape[:2] == asked[0].mask.shape
    assert (asked[0].mask == 140).any()
    editing.key(Key.Key_Escape)
    qtbot.waitUntil(lambda: layer.colours is None)  # no soft edge is left: the photo's own colours
    count = len(matting.asked)
    masks.show_view(EditView.MONO)
    qtbot.wait(200)
    assert len(matting.asked) == count


def test_a_mask_that_changes_meanwhile_gives_the_fur_up_and_says_so(
    editing: Driver, matting: Matting, qtbot: QtBot
) -> None:
    told: list[str] = []
    tools(editing).told.connect(told.append)
    drag(editing, (50, 34), (54, 34))
    qtbot.waitUntil(lambda: strokes(editing) == ["brush"])
    editing.key(Key.Key_G, SHIFT)
    qtbot.waitUntil(lambda: seen(editing) == 70)
    editing.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not tools(editing).room.fur.looking
    assert any("looks at the fur again" in words for words in told)
