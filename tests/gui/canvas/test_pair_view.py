from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.domain import Placement
from core.jobs.answers import DisplayPicture, MaskLayer
from gui.assets import LIGHT, apply_theme
from gui.canvas.pair_view import PairView, PaneLayout
from gui.canvas.pane import Pane
from gui.canvas.scene import CursorPlace, OverlayStyle, PairScene

Array = NDArray[np.uint8]
Take = Callable[[QImage], Array]
LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton
GREY = (120, 120, 120)
PLACEMENT = Placement(0.5, 90.0, True, 365.0, 290.0)
BARE = OverlayStyle(outline=False, footprint=False)


@pytest.fixture
def scene(picture: Callable[..., DisplayPicture], mask_layer: Callable[[Array], MaskLayer]) -> PairScene:
    """Make a 600 x 400 original, grey with a red square; a 300 x 200 designer image of it; a square mask."""
    original = np.full((400, 600, 3), 120, np.uint8)
    original[180:220, 280:320] = (220, 30, 30)
    designer = np.full((200, 300, 3), 90, np.uint8)
    x, y = (round(at) for at in PLACEMENT.apply_inverse(300, 200))
    designer[y - 40 : y + 40, x - 40 : x + 40] = (30, 200, 30)
    mask = np.zeros((400, 600), np.uint8)
    mask[100:300, 200:400] = 255
    return PairScene(
        picture(original), picture(designer), mask_layer(mask), PLACEMENT, (600, 400), (300, 200), BARE, pair_id=1
    )


def pane(view: PairView, name: str = "Original") -> Pane:
    return next(found for found in view.findChildren(Pane) if found.accessibleName() == name)


def send(
    target: QWidget,
    kind: QEvent.Type,
    at: tuple[float, float],
    button: Qt.MouseButton = NONE,
    buttons: Qt.MouseButton = NONE,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    here = QPointF(*at)
    QApplication.sendEvent(target, QMouseEvent(kind, here, target.mapToGlobal(here), button, buttons, keys))


def drag(
    target: QWidget,
    start: tuple[float, float],
    end: tuple[float, float],
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    send(target, QEvent.Type.MouseButtonPress, start, button, button, keys)
    send(target, QEvent.Type.MouseMove, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), NONE, button, keys)
    send(target, QEvent.Type.MouseMove, end, NONE, button, keys)
    send(target, QEvent.Type.MouseButtonRelease, end, button, NONE, keys)
    leave(target)


def leave(target: QWidget) -> None:
    """Take the mouse away, and its mark in the other pane with it."""
    QApplication.sendEvent(target, QEvent(QEvent.Type.Leave))


def wheel(target: QWidget, at: tuple[float, float], angle: int = 0, pixels: int = 0) -> None:
    event = QWheelEvent(
        QPointF(*at),
        target.mapToGlobal(QPointF(*at)),
        QPoint(0, pixels),
        QPoint(0, angle),
        NONE,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(target, event)


def shot(view: PairView, pixels: Take, name: str = "Original") -> Array:
    return pixels(pane(view, name).grab().toImage())


def centre_of(shown: Array, colour: tuple[int, int, int]) -> tuple[float, float]:
    """Return x, y of the middle of what has a colour, give or take 60."""
    rows, columns = np.nonzero(np.all(np.abs(shown.astype(int) - colour) <= 60, axis=2))
    assert len(rows), "nothing has that colour"
    return (columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2


def listen(view: PairView) -> list[Any]:
    heard: list[Any] = []
    view.cursor_moved.connect(heard.append)
    return heard


def test_a_new_pair_is_fitted_in_a_neutral_surround(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(scene)
    shown = shot(view, pixels)
    height, width = shown.shape[:2]
    assert "#{:02x}{:02x}{:02x}".format(*shown[3, 3]) == LIGHT.surround
    assert tuple(shown[height // 2, 20]) == GREY
    assert view.zoom() == pytest.approx((width - 24) / 600)


def test_the_mask_is_tinted_and_only_the_mask(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(replace(scene, style=replace(BARE, colour="#0000ff", opacity=0.5)))
    shown = shot(view, pixels)
    height, width = shown.shape[:2]
    scale = view.zoom()
    inside, outside = (int(width / 2 - 80 * scale), height // 2), (int(width / 2 - 130 * scale), height // 2)
    assert shown[inside[1], inside[0]].tolist() == pytest.approx([60, 60, 187], abs=3)
    assert tuple(shown[outside[1], outside[0]]) == GREY


def test_another_colour_and_opacity_are_another_tint(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(scene)
    for colour, opacity, wanted in (("#ff0000", 1.0, (255, 0, 0)), ("#00ff00", 0.25, (90, 154, 90))):
        view.show_scene(replace(scene, style=replace(BARE, colour=colour, opacity=opacity)))
        shown = shot(view, pixels)
        at = int(shown.shape[1] / 2 - 80 * view.zoom())
        assert shown[shown.shape[0] // 2, at].tolist() == pytest.approx(list(wanted), abs=3)


def test_hidden_overlay_leaves_the_bare_original(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(replace(scene, mask=None, placement=None))
    bare = shot(view, pixels)
    view.show_scene(replace(scene, style=OverlayStyle(visible=False)))
    assert np.array_equal(shot(view, pixels), bare)
    view.show_scene(replace(scene, style=OverlayStyle()))
    assert not np.array_equal(shot(view, pixels), bare)


def test_outline_is_a_light_line_in_a_dark_one_on_the_masks_edge(
    view: PairView, scene: PairScene, pixels: Take
) -> None:
    view.show_scene(replace(scene, style=OverlayStyle(opacity=0.0, outline=True, footprint=False)))
    row = shot(view, pixels)[shot(view, pixels).shape[0] // 2].max(axis=1)
    edge = (len(row) - 1) / 2 - 99.5 * view.zoom()
    near = row[int(edge) - 4 : int(edge) + 6]
    assert near.max() > 190
    assert near.min() < 60


def test_footprint_is_dashed_along_the_designer_images_frame(view: PairView, scene: PairScene, pixels: Take) -> None:
    placed = replace(scene, placement=Placement(1.0, 0.0, False, 150.0, 100.0))
    view.show_scene(replace(placed, style=BARE))
    bare = shot(view, pixels)
    view.show_scene(replace(placed, style=OverlayStyle(opacity=0.0, outline=False, footprint=True)))
    shown = shot(view, pixels)
    changed = np.argwhere(np.any(np.abs(shown.astype(int) - bare) > 40, axis=2))
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert right - left == pytest.approx(300 * view.zoom(), abs=4)
    # the tick on the upper edge sticks out
    assert bottom - top == pytest.approx(200 * view.zoom() + 10, abs=5)
    # dashes: along the left edge light and dark take turns
    light = (shown[top + 20 : bottom - 5, left : left + 4].max(axis=(1, 2)) > 180).astype(int)
    assert np.count_nonzero(np.diff(light)) >= 6


def test_linked_panes_show_a_mirrored_turned_detail_at_the_same_place(
    view: PairView, scene: PairScene, pixels: Take
) -> None:
    view.show_scene(replace(scene, mask=None))
    for move in (lambda: None, lambda: view.zoom_by(1.7), lambda: drag(pane(view), (200, 200), (230, 170))):
        move()
        red = centre_of(shot(view, pixels), (220, 30, 30))
        green = centre_of(shot(view, pixels, "Designer image"), (30, 200, 30))
        assert math.dist(red, green) < 1.5


def test_unlinked_the_designer_image_is_upright_and_whole(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(scene)
    view.set_linked(False)
    shown = shot(view, pixels, "Designer image")
    height, width = shown.shape[:2]
    scale = (width - 24) / 300
    x, y = PLACEMENT.apply_inverse(300, 200)
    assert centre_of(shown, (30, 200, 30)) == pytest.approx(
        (width / 2 + (x - 150) * scale, height / 2 + (y - 100) * scale), abs=2.5
    )
    before = shot(view, pixels, "Designer image")
    drag(pane(view), (200, 200), (150, 220))
    assert np.array_equal(shot(view, pixels, "Designer image"), before)
    view.set_linked(True)
    assert not np.array_equal(shot(view, pixels, "Designer image"), before)


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


def test_from_200_percent_pixels_are_squares(
    view: PairView, picture: Callable[..., DisplayPicture], pixels: Take
) -> None:
    stripes = np.zeros((400, 600, 3), np.uint8)
    stripes[:, ::2] = 255
    view.show_scene(PairScene(picture(stripes), original_size=(600, 400), pair_id=1))
    view.actual_size()
    assert view.zoom() == 1
    assert np.all(np.isin(shot(view, pixels)[200], (0, 255)))
    view.zoom_by(4)
    assert np.all(np.isin(shot(view, pixels)[200], (0, 255)))
    view.actual_size()
    view.zoom_by(1.6)
    assert not np.all(np.isin(shot(view, pixels)[200], (0, 255)))


def test_a_preview_gives_way_to_the_full_picture_without_a_jump(
    view: PairView, picture: Callable[..., DisplayPicture], pixels: Take
) -> None:
    full = np.full((800, 1201, 3), 120, np.uint8)
    full[300:500, 500:700] = (220, 30, 30)
    small = full.reshape(200, 4, 1201, 3).mean(axis=1)[:, :1200].reshape(200, 300, 4, 3).mean(axis=2).astype(np.uint8)
    scene = PairScene(picture(small, full=(1201, 800)), original_size=(1201, 800), pair_id=1)
    view.show_scene(scene)
    view.zoom_by(2)
    zoom, before = view.zoom(), centre_of(shot(view, pixels), (220, 30, 30))
    view.show_scene(replace(scene, original=picture(full)))
    assert view.zoom() == zoom
    assert centre_of(shot(view, pixels), (220, 30, 30)) == pytest.approx(before, abs=1)


def test_the_same_pair_keeps_its_view_and_another_is_fitted(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    fitted = view.zoom()
    view.zoom_by(3)
    view.show_scene(replace(scene, mask=None))
    assert view.zoom() == pytest.approx(3 * fitted)
    view.show_scene(replace(scene, pair_id=2))
    assert view.zoom() == pytest.approx(fitted)


def test_a_fitted_pair_stays_fitted_when_the_window_grows(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    small = view.zoom()
    view.resize(1201, 630)
    assert view.zoom() > 1.3 * small
    view.zoom_by(2)
    chosen = view.zoom()
    view.show_scene(replace(scene, mask=None))
    view.resize(801, 430)
    assert view.zoom() == chosen


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


def marked_at(view: PairView, name: str) -> tuple[float, float]:
    at = pane(view, name)._crosshair
    assert at is not None, "nothing is marked"
    return at


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


@pytest.mark.parametrize("placement", [PLACEMENT, None])
def test_original_only_shows_it_in_both_panes_without_a_link(
    view: PairView, scene: PairScene, placement: Placement | None, pixels: Take
) -> None:
    view.set_linked(False)
    view.show_scene(replace(scene, placement=placement, style=OverlayStyle()))
    before = shot(view, pixels, "Designer image")
    view.set_original_only(True)
    assert np.array_equal(shot(view, pixels), shot(view, pixels, "Designer image"))
    drag(pane(view, "Designer image"), (200, 200), (230, 200))
    assert np.array_equal(shot(view, pixels), shot(view, pixels, "Designer image"))
    view.set_original_only(False)
    assert np.array_equal(shot(view, pixels, "Designer image"), before), "the hand moved the original"


def test_original_only_blinks_between_the_two(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(replace(scene, style=OverlayStyle()))
    before = shot(view, pixels), shot(view, pixels, "Designer image")
    view.set_original_only(True)
    left, right = shot(view, pixels), shot(view, pixels, "Designer image")
    assert centre_of(left, (220, 30, 30)) == pytest.approx(centre_of(right, (220, 30, 30)), abs=1.5)
    assert centre_of(right, (220, 30, 30)) == pytest.approx(centre_of(before[1], (30, 200, 30)), abs=1.5)
    view.set_original_only(False)
    assert np.array_equal(shot(view, pixels), before[0])
    assert np.array_equal(shot(view, pixels, "Designer image"), before[1])


def test_a_photo_alone_has_the_whole_canvas(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    half = pane(view).width()
    view.show_scene(replace(scene, designer=None, designer_size=None, placement=None, mask=None, pair_id=2))
    assert not pane(view, "Designer image").isVisible()
    QApplication.sendPostedEvents()
    assert pane(view).width() == 801
    view.show_scene(replace(scene, pair_id=3))
    QApplication.sendPostedEvents()
    assert pane(view).width() == half


def test_panes_can_lie_one_over_the_other(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    view.set_layout_mode(PaneLayout.STACKED)
    view.layout().activate()
    top, bottom = pane(view), pane(view, "Designer image")
    assert top.mapTo(view, QPoint(0, 0)).x() == bottom.mapTo(view, QPoint(0, 0)).x()
    assert top.mapTo(view, QPoint(0, 0)).y() < bottom.mapTo(view, QPoint(0, 0)).y()
    assert top.width() == 801


def test_messages_are_painted_and_read_out(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(replace(scene, original=None, mask=None))
    empty = shot(view, pixels)
    view.show_scene(replace(scene, original=None, mask=None, message_original="The file cat.jpg is gone. " * 6))
    shown = shot(view, pixels)
    changed = np.argwhere(np.any(shown != empty, axis=2))
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert (left + right) / 2 == pytest.approx(shown.shape[1] / 2, abs=1.5)
    assert (top + bottom) / 2 == pytest.approx(shown.shape[0] / 2, abs=1.5)
    assert left > 0 and right < shown.shape[1] - 1
    assert pane(view).accessibleDescription().startswith("The file cat.jpg is gone.")


def test_a_message_over_a_picture_stands_at_its_foot(view: PairView, scene: PairScene, pixels: Take) -> None:
    bare = replace(scene, placement=None, mask=None)
    view.show_scene(bare)
    empty = shot(view, pixels, "Designer image")
    view.show_scene(replace(bare, message_designer="No match: made from another photo."))
    changed = np.argwhere(np.any(shot(view, pixels, "Designer image") != empty, axis=2))
    assert changed[:, 0].min() > 0.7 * empty.shape[0]


def test_a_transparent_designer_image_lies_on_a_checkerboard(
    view: PairView, scene: PairScene, picture: Callable[..., DisplayPicture], pixels: Take
) -> None:
    clear = picture(np.zeros((200, 300, 3), np.uint8), np.zeros((200, 300), np.uint8))
    view.show_scene(replace(scene, designer=clear, placement=None))
    middle = shot(view, pixels, "Designer image")[180:220, 180:220].reshape(-1, 3)
    assert {"#{:02x}{:02x}{:02x}".format(*each) for each in middle} == set(LIGHT.checker)


def test_zoom_is_told_once_for_each_change(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    heard: list[float] = []
    view.zoom_changed.connect(heard.append)
    view.actual_size()
    view.actual_size()
    view.zoom_by(2)
    assert heard == pytest.approx([1.0, 2.0])


def test_zoom_has_ends(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    for _ in range(80):
        view.zoom_by(2)
    assert view.zoom() == pytest.approx(64)
    for _ in range(80):
        view.zoom_by(0.5)
    assert 0.1 < view.zoom() < 0.5


def test_an_equal_scene_paints_nothing_anew(view: PairView, scene: PairScene, qtbot: QtBot) -> None:
    view.show_scene(scene)
    painted: list[QWidget] = []

    class Ear(QWidget):
        def eventFilter(self, watched: Any, event: QEvent) -> bool:  # noqa: N802
            if event.type() == QEvent.Type.Paint:
                painted.append(watched)
            return False

    ear = Ear()
    qtbot.addWidget(ear)
    QApplication.processEvents()
    for found in view.findChildren(Pane):
        found.installEventFilter(ear)
    view.show_scene(replace(scene))
    QApplication.processEvents()
    assert painted == []
    view.show_scene(replace(scene, style=replace(BARE, colour="#ff0000")))
    QApplication.processEvents()
    assert painted == [pane(view)]


def test_without_a_picture_there_is_no_zoom(view: PairView, scene: PairScene) -> None:
    told: list[float] = []
    view.zoom_changed.connect(told.append)
    assert view.zoom() == 0
    view.show_scene(scene)
    view.show_scene(PairScene(message_original="Nothing."))
    assert told[0] > 0
    assert told[-1] == 0


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


def test_both_themes_are_painted_at_once(view: PairView, scene: PairScene, pixels: Take) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    view.show_scene(scene)
    light = shot(view, pixels)[3, 3]
    apply_theme(app, "dark")
    dark = shot(view, pixels)[3, 3]
    apply_theme(app, "light")
    assert dark.max() < light.min()
    # colour is judged here: both greys are neutral
    assert len(set(dark.tolist())) == len(set(light.tolist())) == 1
