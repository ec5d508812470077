"""The mask under edit on glass: boxes change all levels, views are tables, only what is dirty is painted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from core.maths.patches import over
from gui.canvas.edge_colours import EdgeColours
from gui.canvas.edit_layer import EditLayer, EditLook, EditView
from gui.canvas.viewport import Viewport
from tests.gui.canvas.conftest import Array, Take, _levels

GREEN = (40, 160, 60)


def painted(layer: EditLayer, look: EditLook, scale: float, clip: QRectF, pixels: Take) -> Array:
    """Paint on a green picture of 100 x 80."""
    target = QImage(100, 80, QImage.Format.Format_RGB32)
    target.fill(Qt.GlobalColor.black)
    painter = QPainter(target)
    from PySide6.QtGui import QColor

    painter.fillRect(target.rect(), QColor(*GREEN))
    painter.setClipRect(clip)
    view = Viewport(((scale, 0.0, scale / 2 - 0.5 * 0), (0.0, scale, scale / 2)))
    layer.paint(painter, view, 1.0, clip, look)
    painter.end()
    return pixels(target)


ALL = QRectF(0, 0, 100, 80)


def mask() -> Array:
    made = np.zeros((80, 100), np.uint8)
    made[20:60, 30:70] = 255
    return made


@pytest.mark.parametrize(
    ("view", "inside", "outside"),
    [
        (EditView.BLACK, GREEN, (0, 0, 0)),
        (EditView.WHITE, GREEN, (255, 255, 255)),
        (EditView.BACKDROP, GREEN, (18, 52, 86)),
        (EditView.MONO, (255, 255, 255), (0, 0, 0)),
        (EditView.OVERLAY, (20, 80, 158), GREEN),
        (EditView.OUTLINE, GREEN, GREEN),
    ],
)
def test_each_view_shows_the_mask_its_way(
    view: EditView, inside: tuple[int, int, int], outside: tuple[int, int, int], pixels: Take
) -> None:
    look = EditLook(view, colour="#0000ff", opacity=0.5, backdrop="#123456")
    shown = painted(EditLayer(_levels(mask())), look, 1.0, ALL, pixels)
    assert shown[40, 50] == pytest.approx(np.array(inside), abs=3)
    assert shown[5, 5] == pytest.approx(np.array(outside), abs=3)


def test_an_onion_skin_lets_the_outside_fade(pixels: Take) -> None:
    shown = painted(EditLayer(_levels(mask())), EditLook(EditView.ONION, surround="#808080"), 1.0, ALL, pixels)
    assert tuple(shown[40, 50]) == GREEN
    assert np.abs(shown[5, 5].astype(int) - 128).max() < 40


def test_a_box_changes_every_level() -> None:
    big = np.zeros((901, 1301), np.uint8)
    layer = EditLayer(_levels(big))
    layer.put((101, 51, 402, 300), np.full((249, 301), 255, np.uint8))
    big[51:300, 101:402] = 255
    for level, wanted in zip(layer._levels, _levels(big), strict=True):
        assert np.abs(level.pixels.astype(int) - wanted).max() <= 1
    assert np.array_equal(layer.mask, big)


def test_changed_pixels_are_seen_without_a_copy(pixels: Take) -> None:
    layer = EditLayer(_levels(mask()))
    look = EditLook(EditView.MONO)
    painted(layer, look, 1.0, ALL, pixels)
    layer.put((0, 0, 10, 10), np.full((10, 10), 255, np.uint8))
    assert tuple(painted(layer, look, 1.0, ALL, pixels)[5, 5]) == (255, 255, 255)


@pytest.mark.parametrize("view", [EditView.OVERLAY, EditView.OUTLINE])
def test_a_part_painted_anew_fits_the_rest(view: EditView, pixels: Take) -> None:
    layer = EditLayer(_levels(mask()))
    once = painted(layer, EditLook(view), 1.0, ALL, pixels)
    part = QRectF(25, 15, 20, 20)
    again = painted(layer, EditLook(view), 1.0, part, pixels)
    assert np.array_equal(again[16:34, 26:44], once[16:34, 26:44])
    assert tuple(again[70, 90]) == GREEN


@pytest.mark.parametrize(("scale", "squares"), [(1.5, False), (2.0, True), (4.0, True)])
def test_pixels_are_squares_from_200_per_cent(scale: float, squares: bool, pixels: Take) -> None:
    layer = EditLayer(_levels(mask()[10:30, 20:45]))
    shown = painted(layer, EditLook(EditView.MONO), scale, ALL, pixels)
    greys = set(np.unique(shown[: int(18 * scale), : int(23 * scale), 0]).tolist())
    assert (greys <= {0, 255}) is squares


def test_a_soft_edge_on_a_backdrop_shows_no_old_background(pixels: Take) -> None:
    soft = np.full((80, 100), 128, np.uint8)
    layer = EditLayer(_levels(soft))
    look = EditLook(EditView.WHITE)
    assert painted(layer, look, 1.0, ALL, pixels)[40, 50] == pytest.approx(np.array((147, 207, 157)), abs=3)
    own = np.zeros((20, 30, 4), np.uint8)
    own[:] = (30, 60, 200, 255)  # B, G, R, A
    layer.colours = EdgeColours(own, (40, 30), (100, 80))
    shown = painted(layer, look, 1.0, ALL, pixels)
    assert shown[40, 50] == pytest.approx(np.array((227, 157, 142)), abs=3), "the portrait's own red, half white"
    assert shown[10, 10] == pytest.approx(np.array((147, 207, 157)), abs=3), "elsewhere the photo"
    overlay = painted(layer, EditLook(EditView.OVERLAY, colour="#0000ff", opacity=0.5), 1.0, ALL, pixels)
    assert overlay[40, 50] == pytest.approx(overlay[10, 10], abs=1), "over the photo its own colours are shown"


def test_what_is_seen_is_a_level_as_large_as_the_screen() -> None:
    layer = EditLayer(_levels(np.zeros((2000, 3000), np.uint8)))
    view = Viewport(((0.05, 0.0, 0.0), (0.0, 0.05, 0.0)))
    seen = layer.seen(view, 1.0, QRectF(0, 0, 100, 100), 10)
    assert seen is not None
    plane, (left, top, right, bottom) = seen
    assert max(plane.shape) < 1000
    assert (left, top) == (0, 0)
    assert right <= plane.shape[1]
    assert bottom == plane.shape[0]
    near = layer.seen(Viewport(((4.0, 0.0, 0.0), (0.0, 4.0, 0.0))), 1.0, QRectF(0, 0, 100, 100), 10)
    assert near is not None
    assert near[0].shape == (2000, 3000)
    assert near[1][2] < 60


@settings(max_examples=20)
@given(st.data(), st.integers(0, 2), st.booleans())
def test_a_stroke_is_drawn_ahead_in_one_level_and_taken_back(data: st.DataObject, level: int, adds: bool) -> None:
    """Each dab covers more than the one before; what is told to have changed is all that has."""
    size = (901, 1301)
    big = np.random.default_rng(3).integers(0, 256, size, dtype=np.uint8)
    layer = EditLayer(_levels(big))
    before = [item.pixels.copy() for item in layer._levels]
    preview, shown = layer.preview(level), layer._levels[level].pixels
    height, width = shown.shape
    alpha = np.zeros((height, width), np.uint8)
    for _ in range(3):
        left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
        box = left, top, min(left + data.draw(st.integers(1, 400)), width), min(top + 300, height)
        window = np.s_[box[1] : box[3], box[0] : box[2]]
        alpha[window] = np.maximum(alpha[window], data.draw(st.integers(0, 255)))
        last = shown.copy()
        changed = preview.draw(box, alpha[window], adds)
        rows, columns = np.nonzero(last != shown)
        told = None if changed is None else tuple(side >> level for side in changed)
        found = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if len(rows) else None
        assert told == found
    assert np.array_equal(shown, over(before[level], alpha, alpha if adds else np.zeros_like(alpha)))
    boxes = preview.take_back()
    assert all(np.array_equal(item.pixels, was) for item, was in zip(layer._levels, before, strict=True))
    assert all(0 <= left < right and 0 <= top < bottom for left, top, right, bottom in boxes)
