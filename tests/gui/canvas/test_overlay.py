"""What lies over the original: mask, its edge, footprint, what was painted on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.domain import Placement
from gui.canvas.pair_view import PairView
from gui.canvas.scene import OverlayStyle, PairScene
from tests.gui.canvas.conftest import (
    BARE,
    GREY,
    Take,
    shot,
)


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
