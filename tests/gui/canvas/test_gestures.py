"""Mouse, wheel, trackpad and the mark in the other pane."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.canvas.pair_view import PairView, PaneLayout
from gui.canvas.scene import CursorPlace, PairScene
from tests.gui.canvas.conftest import (
    LEFT,
    MIDDLE,
    NONE,
    PLACEMENT,
    Take,
    centre_of,
    drag,
    leave,
    listen,
    marked_at,
    pane,
    send,
    shot,
    wheel,
)


@pytest.mark.parametrize("name", ["Original", "Designer image"])
@pytest.mark.parametrize("button", [LEFT, MIDDLE])
def test_a_drag_moves_both(view: PairView, scene: PairScene, name: str, button: Qt.MouseButton, pixels: Take) -> None:
    view.show_scene(replace(scene, mask=None))
    before = centre_of(shot(view, pixels), (220, 30, 30))
    drag(pane(view, name), (200, 200), (225, 190), button)
    after = centre_of(shot(view, pixels), (220, 30, 30))
    assert after == pytest.approx((before[0] + 25, before[1] - 10), abs=1)
    assert math.dist(after, centre_of(shot(view, pixels, "Designer image"), (30, 200, 30))) < 1.5


def test_a_shift_drag_moves_one_view_only(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(replace(scene, mask=None))
    before = shot(view, pixels)
    drag(pane(view, "Designer image"), (200, 200), (220, 200), keys=Qt.KeyboardModifier.ShiftModifier)
    assert np.array_equal(shot(view, pixels), before)
    red, green = centre_of(before, (220, 30, 30)), centre_of(shot(view, pixels, "Designer image"), (30, 200, 30))
    assert green[0] - red[0] == pytest.approx(20, abs=1.5)
    view.fit()
    green = centre_of(shot(view, pixels, "Designer image"), (30, 200, 30))
    assert math.dist(red, green) < 1.5


def test_a_new_placement_takes_the_shift_away(view: PairView, scene: PairScene, pixels: Take) -> None:
    other = replace(PLACEMENT, tx=PLACEMENT.tx + 20)
    view.show_scene(replace(scene, mask=None))
    drag(pane(view, "Designer image"), (200, 200), (230, 200), keys=Qt.KeyboardModifier.ShiftModifier)
    view.show_scene(replace(scene, mask=None, placement=other))
    red, green = (
        centre_of(shot(view, pixels), (220, 30, 30)),
        centre_of(shot(view, pixels, "Designer image"), (30, 200, 30)),
    )
    assert green[0] - red[0] == pytest.approx(20 * view.zoom(), abs=1.5)


def test_a_drag_goes_on_until_the_last_button_is_up(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(replace(scene, mask=None))
    target, before = pane(view), centre_of(shot(view, pixels), (220, 30, 30))
    send(target, QEvent.Type.MouseButtonPress, (200, 200), LEFT, LEFT)
    send(target, QEvent.Type.MouseButtonPress, (200, 200), MIDDLE, LEFT | MIDDLE)
    send(target, QEvent.Type.MouseButtonRelease, (200, 200), MIDDLE, LEFT)
    send(target, QEvent.Type.MouseMove, (215, 200), NONE, LEFT)
    send(target, QEvent.Type.MouseButtonRelease, (215, 200), LEFT, NONE)
    send(target, QEvent.Type.MouseMove, (260, 200))
    assert centre_of(shot(view, pixels), (220, 30, 30))[0] - before[0] == pytest.approx(15, abs=1)


def test_the_right_button_drags_nothing(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(scene)
    before = shot(view, pixels)
    drag(pane(view), (200, 200), (260, 200), Qt.MouseButton.RightButton)
    assert np.array_equal(shot(view, pixels), before)


@pytest.mark.parametrize(("angle", "pixels_down", "grows"), [(120, 0, True), (-240, 0, False), (0, 30, True)])
def test_wheel_and_trackpad_zoom_about_the_mouse(
    view: PairView, scene: PairScene, angle: int, pixels_down: int, grows: bool
) -> None:
    view.show_scene(scene)
    heard, target, before = listen(view), pane(view), view.zoom()
    send(target, QEvent.Type.MouseMove, (150, 220))
    wheel(target, (150, 220), angle, pixels_down)
    assert (view.zoom() > before) is grows
    send(target, QEvent.Type.MouseMove, (151, 220))
    send(target, QEvent.Type.MouseMove, (150, 220))
    assert heard[-1].original == pytest.approx(heard[0].original, abs=1e-6)


def test_a_pinch_zooms(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    before, target = view.zoom(), pane(view)
    here = QPointF(100, 200)
    QApplication.sendEvent(
        target,
        QNativeGestureEvent(
            Qt.NativeGestureType.ZoomNativeGesture,
            QPointingDevice.primaryPointingDevice(),
            2,
            here,
            here,
            target.mapToGlobal(here),
            0.25,
            QPointF(),
        ),
    )
    assert view.zoom() == pytest.approx(1.25 * before)


def test_a_double_click_fits(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    fitted = view.zoom()
    view.zoom_by(3)
    send(pane(view), QEvent.Type.MouseButtonDblClick, (200, 200), LEFT, LEFT)
    assert view.zoom() == fitted
    send(pane(view, "Designer image"), QEvent.Type.MouseButtonDblClick, (200, 200), LEFT, LEFT)
    assert view.zoom() > 1.5 * fitted


def test_the_cursor_is_told_in_both_images(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    heard = listen(view)
    for name in ("Original", "Designer image"):
        send(pane(view, name), QEvent.Type.MouseMove, (200, 200))
        place = heard[-1]
        assert isinstance(place, CursorPlace)
        assert place.original is not None
        assert place.designer is not None
        assert PLACEMENT.apply(*place.designer) == pytest.approx(place.original, abs=1e-6)
    leave(pane(view, "Designer image"))
    assert heard[-1] is None


def test_outside_of_the_images_the_cursor_says_nothing(view: PairView, scene: PairScene) -> None:
    view.show_scene(replace(scene, placement=None))
    heard = listen(view)
    send(pane(view), QEvent.Type.MouseMove, (200, 200))
    assert heard[-1].original is not None
    assert heard[-1].designer is None
    send(pane(view), QEvent.Type.MouseMove, (2, 2))
    assert heard[-1] is None


@pytest.mark.parametrize("linked", [True, False])
def test_the_counterpart_is_marked_in_the_other_pane(
    view: PairView, scene: PairScene, linked: bool, pixels: Take
) -> None:
    view.show_scene(scene)
    view.set_linked(linked)
    before = shot(view, pixels, "Designer image")
    heard = listen(view)
    send(pane(view), QEvent.Type.MouseMove, (180, 215))
    marked = np.argwhere(np.any(shot(view, pixels, "Designer image") != before, axis=2))
    y, x = (marked.min(axis=0) + marked.max(axis=0)) / 2
    send(pane(view, "Designer image"), QEvent.Type.MouseMove, (x, y))
    assert heard[-1].original == pytest.approx(heard[0].original, abs=2.5 / view.zoom())
    leave(pane(view, "Designer image"))
    assert np.array_equal(shot(view, pixels, "Designer image"), before)


@pytest.mark.parametrize(("name", "other"), [("Original", "Designer image"), ("Designer image", "Original")])
@pytest.mark.parametrize("linked", [True, False])
def test_the_mark_stays_on_the_point_under_the_mouse_during_a_drag(
    view: PairView, scene: PairScene, name: str, other: str, linked: bool
) -> None:
    view.show_scene(scene)
    view.set_linked(linked)
    target = pane(view, name)
    heard = listen(view)
    send(target, QEvent.Type.MouseMove, (180, 200))
    held, mark = heard[-1], marked_at(view, other)
    send(target, QEvent.Type.MouseButtonPress, (180, 200), LEFT, LEFT)
    send(target, QEvent.Type.MouseMove, (210, 190), NONE, LEFT)
    step = (30, -10) if linked else (0, 0)
    assert marked_at(view, other) == pytest.approx((mark[0] + step[0], mark[1] + step[1]), abs=1e-6)
    assert all(place.original == pytest.approx(held.original, abs=1e-6) for place in heard), "the picture is held"
    send(target, QEvent.Type.MouseButtonRelease, (210, 190), LEFT)


def test_a_wheel_marks_the_point_it_zooms_at(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    heard = listen(view)
    send(pane(view), QEvent.Type.MouseMove, (150, 200))
    wheel(pane(view), (200, 180), 240)
    assert marked_at(view, "Designer image") == pytest.approx((200, 180), abs=1e-6)
    assert heard[-1].original == pytest.approx(view._views.original.to_image((200, 180)))


@pytest.mark.parametrize(
    "disturb", [lambda view: view.set_layout_mode(PaneLayout.STACKED), lambda view: view.resize(901, 530)]
)
def test_no_mark_outlives_the_place_that_it_was_made_for(
    view: PairView, scene: PairScene, disturb: Callable[[PairView], None], qtbot: QtBot
) -> None:
    view.show_scene(scene)
    heard = listen(view)
    send(pane(view), QEvent.Type.MouseMove, (200, 200))
    marked_at(view, "Designer image")
    disturb(view)
    QApplication.processEvents()
    assert pane(view)._crosshair is None
    assert pane(view, "Designer image")._crosshair is None
    assert heard[-1] is None


def test_the_empty_desk_takes_no_gestures(view: PairView, pixels: Take) -> None:
    before, zoom = shot(view, pixels), view.zoom()
    heard = listen(view)
    wheel(pane(view), (100, 100), 120)
    drag(pane(view), (100, 100), (150, 150))
    send(pane(view), QEvent.Type.MouseMove, (50, 50))
    view.actual_size()
    assert view.zoom() == zoom
    assert heard == []
    assert np.array_equal(shot(view, pixels), before)


def test_space_shows_the_hand_and_other_keys_pass_through(view: PairView, scene: PairScene, qtbot: QtBot) -> None:
    view.show_scene(scene)
    target = pane(view)
    assert target.cursor().shape() == Qt.CursorShape.CrossCursor
    qtbot.keyPress(view, Qt.Key.Key_Space)
    assert target.cursor().shape() == Qt.CursorShape.OpenHandCursor
    qtbot.keyRelease(view, Qt.Key.Key_Space)
    assert target.cursor().shape() == Qt.CursorShape.CrossCursor
    send(target, QEvent.Type.MouseButtonPress, (9, 9), LEFT, LEFT)
    assert target.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    send(target, QEvent.Type.MouseButtonRelease, (9, 9), LEFT, NONE)
    assert target.focusPolicy() == Qt.FocusPolicy.NoFocus
