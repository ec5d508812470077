"""Two models side by side in the whole window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu

from core.errors import DeviceProblem
from core.jobs.context import JobContext
from core.jobs.specs import ListModels, Spec, TryModel
from gui.canvas.scene import MapLook
from gui.review.comparison import OWN_MAP
from tests.gui.conftest import Driver, Gate, Key
from tests.gui.predicting import show, wait_for_map

SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


def test_another_model_stands_beside_the_original_from_pair_to_pair(desk: Driver, gate: Gate) -> None:
    show(desk, "1")
    desk.key(Key.Key_Y, SHIFT)
    desk.qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    names = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert names[:2] == ["The designer image", "The prediction's probability map"]
    assert names[-1] == "DeepGaze II on VGG-16, as it ships · 77% on held-out photos"
    menu.actions()[-1].trigger()
    menu.close()
    desk.qtbot.waitUntil(lambda: desk.scene().compared is not None)
    assert desk.scene().compared.name == "DeepGaze II on VGG-16, as it ships · 80% overlap expected"  # type: ignore[union-attr]
    show(desk, "2")
    assert desk.scene().message_compared, "what was said of another photo is gone at once"
    desk.qtbot.waitUntil(lambda: desk.scene().compared is not None)
    tries = [spec for spec in gate.order if isinstance(spec, TryModel)]
    assert len({spec.ref for spec in tries}) == 2
    show(desk, "1")
    assert desk.scene().compared is not None, "it is remembered"
    desk.workspace.predicting.comparison.choose("")
    assert (desk.scene().compared, desk.scene().comparing) == (None, False)


def test_the_menu_stays_away_once_another_key_was_pressed(desk: Driver, gate: Gate) -> None:
    usual = gate.do

    def slow(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, ListModels):
            gate.wait(ctx)
        return usual(spec, ctx)

    gate.do = slow
    show(desk, "1")
    desk.key(Key.Key_Y, SHIFT)
    assert desk.window.foot.told.whole == "Looking up the models …"
    QApplication.processEvents()
    desk.key(Key.Key_Period)
    assert desk.window.foot.told.whole != "Looking up the models …"
    gate.go.set()
    desk.qtbot.waitUntil(lambda: bool(desk.workspace.predicting.comparison._titles))
    assert QApplication.activePopupWidget() is None


def test_the_predictions_own_map_beside_it(desk: Driver) -> None:
    show(desk, "1")
    wait_for_map(desk)
    desk.workspace.predicting.comparison.choose(OWN_MAP)
    compared = desk.scene().compared
    assert compared is not None
    assert (compared.look, compared.name.startswith("Probability")) == (MapLook.HEAT, True)
    desk.key(Key.Key_Period)
    assert desk.scene().compared.cut == 0.44  # type: ignore[union-attr]
    show(desk, "4")
    assert "not been predicted" in desk.scene().message_compared


def test_the_view_ends_with_the_last_scene_not_with_one_from_on_the_way(desk: Driver) -> None:
    show(desk, "4")
    desk.workspace.predicting.comparison.choose(OWN_MAP)
    show(desk, "1")
    wait_for_map(desk)
    assert desk.scene().compared is not None
    assert desk.workspace.view._scene is desk.scene()


def test_a_comparison_that_fails_says_so_in_its_pane(desk: Driver, gate: Gate) -> None:
    usual = gate.do

    def broken(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, TryModel):
            raise DeviceProblem("Its weights are missing.", "Give a file in the settings.")
        return usual(spec, ctx)

    gate.do = broken
    show(desk, "1")
    desk.workspace.predicting.comparison.choose("deepgaze2-vgg16")
    desk.qtbot.waitUntil(lambda: "weights are missing" in desk.scene().message_compared)


def test_what_is_fetched_for_a_comparison_is_said_in_its_pane(desk: Driver, gate: Gate) -> None:
    usual = gate.do

    def fetching(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, TryModel):
            ctx.progress(0, 0, "Weights are fetched once.")
            gate.wait(ctx)
        return usual(spec, ctx)

    gate.do = fetching
    show(desk, "1")
    desk.workspace.predicting.comparison.choose("deepgaze2-vgg16")
    desk.qtbot.waitUntil(lambda: desk.scene().message_compared == "Weights are fetched once.")
    gate.go.set()
    desk.qtbot.waitUntil(lambda: desk.scene().compared is not None)


def test_the_other_model_looks_at_the_same_pet(desk: Driver, gate: Gate) -> None:
    show(desk, "2")
    desk.workspace.predicting.comparison.choose("deepgaze2-vgg16")
    desk.qtbot.waitUntil(lambda: desk.scene().compared is not None)
    desk.window.commands["portrait"].trigger()
    desk.qtbot.waitUntil(lambda: [spec.options.portrait for spec in gate.order if isinstance(spec, TryModel)] == [0, 1])
    desk.qtbot.waitUntil(lambda: desk.scene().compared is not None)
