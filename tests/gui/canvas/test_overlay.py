"""What lies over the original: mask, its edge, footprint, what was painted on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from core.domain import Placement
from core.jobs.answers import MaskLayer
from gui.assets import apply_theme
from gui.canvas.painted import COLOURS, PITCH, PaintedOnLayer, hatch, painted_colour
from gui.canvas.pair_view import PairView
from gui.canvas.scene import OverlayStyle, PairScene
from gui.canvas.swatches import footprint_swatch, mask_swatch, outline_swatch, painted_swatch
from tests.gui.canvas.conftest import BARE, GREY, Array, Take, drag, pane, shot


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


# --- footprint and what was painted on ------------------------------------------------------------------------------

NOTHING = OverlayStyle(opacity=0.0, outline=False, footprint=False, painted=False)


def differs(shown: Array, bare: Array) -> NDArray[np.bool_]:
    return np.any(np.abs(shown.astype(int) - bare) > 25, axis=2)


def in_original(view: PairView, shown: Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y in the original of each pixel shown."""
    (kx, _, tx), (_, ky, ty) = view._views.original.matrix
    rows, columns = np.mgrid[: shown.shape[0], : shown.shape[1]]
    return (columns + 0.5 - tx) / kx, (rows + 0.5 - ty) / ky


@pytest.fixture
def hat(mask_layer: Callable[[Array], MaskLayer]) -> MaskLayer:
    """Something painted on above the mask."""
    mask = np.zeros((400, 600), np.uint8)
    mask[40:100, 230:370] = 255
    return mask_layer(mask)


def test_what_was_painted_on_is_striped_and_nothing_else_is(
    view: PairView, scene: PairScene, hat: MaskLayer, pixels: Take
) -> None:
    view.show_scene(replace(scene, style=NOTHING, painted=hat))
    bare = shot(view, pixels)
    view.show_scene(replace(scene, style=replace(NOTHING, painted=True), painted=hat))
    shown = shot(view, pixels)
    x, y = in_original(view, shown)
    margin = 3 / view.zoom()
    inside = (x > 230 + margin) & (x < 369 - margin) & (y > 40 + margin) & (y < 99 - margin)
    outside = (x < 230 - margin) | (x > 369 + margin) | (y < 40 - margin) | (y > 99 + margin)
    changed = differs(shown, bare)
    assert not changed[outside].any()
    assert 0.3 < changed[inside].mean() < 0.75, "stripes, between which the photo shows"
    row = changed[(y > 70).argmax(axis=0)[0]][inside.any(axis=0)]
    assert np.count_nonzero(np.diff(row.astype(int))) >= 6


def test_stripes_and_mask_differ_without_colour_and_with_it(
    view: PairView, scene: PairScene, hat: MaskLayer, pixels: Take
) -> None:
    for mask_colour in ("#00b4ff", COLOURS[0]):
        style = replace(NOTHING, opacity=1.0, painted=True, colour=mask_colour)
        view.show_scene(replace(scene, style=style, painted=hat))
        shown = shot(view, pixels)
        x, y = in_original(view, shown)
        striped = shown[(abs(x - 300) < 50) & (abs(y - 70) < 20)]
        plain = shown[(abs(x - 300) < 50) & (abs(y - 160) < 20)]
        assert np.ptp(plain, axis=0).max() == 0
        assert np.ptp(striped, axis=0).max() > 100
        stripe, mask = QColor(painted_colour(mask_colour)), QColor(mask_colour)
        assert min(abs(stripe.hue() - mask.hue()), 360 - abs(stripe.hue() - mask.hue())) > 60


@pytest.mark.parametrize("factor", [1.0, 3.0, 9.0])
def test_stripes_are_as_wide_at_any_zoom_and_stay_on_the_picture(
    view: PairView, scene: PairScene, hat: MaskLayer, pixels: Take, factor: float
) -> None:
    view.show_scene(replace(scene, style=replace(NOTHING, painted=True), painted=hat))
    middle = view._views.original.to_view((299.5, 69.5))
    view._move(replace(view._views, original=view._views.original.zoomed_at(middle, factor, (0.01, 64))))
    before = shot(view, pixels).astype(int)
    drag(pane(view), (200, 200), (209, 200))
    after = shot(view, pixels).astype(int)
    x, y = round(middle[0]), round(middle[1])
    assert np.ptp(before[y - 8 : y + 8, x - 20 : x + 20], axis=(0, 1)).max() > 100
    moved = after[y - 8 : y + 8, x - 11 : x + 29] - before[y - 8 : y + 8, x - 20 : x + 20]
    assert np.abs(moved).max() <= 12, "they moved with the picture"
    row = before[y, x - 36 : x + 36].sum(axis=1)
    lags = [np.abs(row[lag:] - row[: len(row) - lag]).mean() for lag in range(5, 25)]
    assert 5 + int(np.argmin(lags)) == PITCH


def test_the_stripes_are_kept_until_the_view_moves(
    view: PairView, scene: PairScene, hat: MaskLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    real = PaintedOnLayer._striped

    def striped(layer: PaintedOnLayer, *args: Any) -> QImage:
        made.append("stripes")
        return real(layer, *args)

    monkeypatch.setattr(PaintedOnLayer, "_striped", striped)
    view.show_scene(replace(scene, style=OverlayStyle(), painted=hat))
    for _ in range(3):
        pane(view).repaint()
    assert len(made) <= 1
    made.clear()
    view.zoom_by(1.5)
    for _ in range(3):
        pane(view).repaint()
    assert made == ["stripes"]
    drag(pane(view), (200, 200), (3000, 3000))
    made.clear()
    pane(view).repaint()
    assert made == [], "out of sight"


def test_a_stored_footprint_is_dashed_along_its_own_edge_and_not_the_frames(
    view: PairView, scene: PairScene, mask_layer: Callable[[Array], MaskLayer], pixels: Take
) -> None:
    mask = np.zeros((400, 600), np.uint8)
    mask[60:340, 150:450] = 255
    placed = replace(scene, mask=None, placement=Placement(1.0, 0.0, False, 10.0, 10.0), frame_is_footprint=False)
    view.show_scene(replace(placed, style=replace(NOTHING, footprint=True)))
    bare = shot(view, pixels)
    view.show_scene(replace(placed, style=NOTHING, footprint=mask_layer(mask)))
    assert np.array_equal(shot(view, pixels), bare), "the frame does not stand in while the footprint is read"
    view.show_scene(replace(placed, style=replace(NOTHING, footprint=True), footprint=mask_layer(mask)))
    shown = shot(view, pixels)
    changed = np.argwhere(differs(shown, bare))
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert (right - left, bottom - top) == pytest.approx((299 * view.zoom(), 279 * view.zoom()), abs=5)
    light = (shown[top + 20 : bottom - 5, left : left + 4].max(axis=(1, 2)) > 180).astype(int)
    assert np.count_nonzero(np.diff(light)) >= 6


def test_hiding_the_overlay_hides_both(view: PairView, scene: PairScene, hat: MaskLayer, pixels: Take) -> None:
    view.show_scene(replace(scene, style=NOTHING))
    bare = shot(view, pixels)
    view.show_scene(replace(scene, style=OverlayStyle(visible=False), painted=hat, footprint=hat))
    assert np.array_equal(shot(view, pixels), bare)


def test_a_speck_painted_on_shows_at_any_zoom(
    view: PairView, scene: PairScene, mask_layer: Callable[[Array], MaskLayer], pixels: Take
) -> None:
    mask = np.zeros((400, 600), np.uint8)
    mask[200:204, 300:304] = 255
    style = replace(NOTHING, painted=True)
    for factor in (1.0, 40.0):
        view.show_scene(replace(scene, mask=None, style=NOTHING, painted=mask_layer(mask)))
        bare = shot(view, pixels)
        view.show_scene(replace(scene, mask=None, style=style, painted=mask_layer(mask)))
        assert differs(shot(view, pixels), bare).any()
        view.zoom_by(factor)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_the_tile_has_no_seam(qapp: QApplication, ratio: float) -> None:
    tile = hatch(COLOURS[0], ratio)
    image = tile.toImage().convertToFormat(QImage.Format.Format_ARGB32)
    side = image.width()
    pixel = [[QColor(image.pixelColor(x, y)).alpha() for x in range(side)] for y in range(side)]
    # along a diagonal the alpha is the same, over the edge as well
    worst = max(abs(pixel[y][x] - pixel[(y + 1) % side][(x - 1) % side]) for y in range(side) for x in range(side))
    assert worst <= 24
    assert tile.deviceIndependentSize().width() == pytest.approx(PITCH, abs=0.5)


def test_the_share_of_the_footprint(scene: PairScene, hat: MaskLayer) -> None:
    whole = replace(hat, area=4 * hat.area)
    assert replace(scene, painted=hat, footprint=whole).painted_share == 0.25
    assert replace(scene, painted=whole, footprint=hat).painted_share == 1.0
    assert scene.painted_share is replace(scene, painted=hat).painted_share is None
    assert replace(scene, painted=hat, footprint=replace(hat, area=0)).painted_share is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_sign_of_the_legend_is_another_picture(qapp: QApplication, theme: str) -> None:
    apply_theme(qapp, theme)
    signs = [mask_swatch("#00b4ff"), outline_swatch(), footprint_swatch(), painted_swatch(COLOURS[0])]
    drawn = [sign.pixmap(20, 20).toImage() for sign in signs]
    assert len({bytes(image.constBits()) for image in drawn}) == len(signs)
    apply_theme(qapp, "light")
