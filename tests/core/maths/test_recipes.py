"""Recipes: each step does what its name says, soft edges stay soft, order matters, strokes come last."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.domain import CleanUp, CleanUpKind
from core.maths import masks, recipes
from core.maths.patches import PaintedLayer
from core.maths.recipes import change, clean_up, derive, drop_specks, feather, fill_holes, grow, reduced, scaled, shrink

SMALL = arrays(np.uint8, st.tuples(st.integers(2, 14), st.integers(2, 14)), elements=st.sampled_from([0, 128, 255]))
STEPS = st.lists(
    st.builds(CleanUp, st.sampled_from(CleanUpKind), st.sampled_from([0.0, 0.4, 1.0, 2.5, 30.0])), max_size=3
)


def _blob(radius: int = 30, hole: int = 4, speck: int = 3) -> masks.Mask:
    mask = np.zeros((120, 160), np.uint8)
    cv2.circle(mask, (80, 60), radius, 255, -1)
    cv2.circle(mask, (80, 60), hole, 0, -1)
    cv2.circle(mask, (20, 20), speck, 255, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.0), np.uint8)


def test_holes_are_filled_up_to_their_size_and_leave_no_seam():
    mask = _blob()
    area = int((mask[50:70, 70:90] < 128).sum())
    assert np.array_equal(fill_holes(mask, area - 1), mask)
    filled = fill_holes(mask, area)
    assert (filled[50:71, 70:91] == 255).all()
    filled[50:71, 70:91] = mask[50:71, 70:91]
    assert np.array_equal(filled, mask)


def test_a_hole_at_the_frame_is_none():
    mask = np.full((20, 20), 255, np.uint8)
    mask[0:4, 8:12] = 0
    mask[10:12, 10:12] = 0
    filled = fill_holes(mask, 1000)
    assert (filled[0:4, 8:12] == 0).all()
    assert (filled[10:12, 10:12] == 255).all()


def test_specks_go_with_their_soft_edges_and_the_portrait_stays():
    mask = _blob()
    dropped = drop_specks(mask, 100)
    assert not dropped[:40, :40].any()
    assert np.array_equal(dropped[:, 45:], mask[:, 45:])
    assert not drop_specks(mask, 1e6).any()


def test_specks_beside_the_portrait_take_nothing_of_its_edge():
    mask = np.zeros((60, 60), np.uint8)
    mask[:, 30:] = 255
    mask[:, 29] = 100
    mask[20:22, 24:26] = 255
    dropped = drop_specks(mask, 10)
    assert (dropped[:, 29] == 100).all()
    assert not dropped[:, :28].any()


def test_many_specks_at_once(monkeypatch):
    noise = np.where(np.random.default_rng(0).random((80, 80)) > 0.9, np.uint8(255), np.uint8(0))
    noise[:, 40:] = 255
    together = drop_specks(noise, 20)
    monkeypatch.setattr(recipes, "MANY", 10**6)
    assert np.array_equal(drop_specks(noise, 20), together)
    assert (together[:, 40:] == 255).all()


@given(SMALL, st.floats(0, 6))
def test_growing_and_shrinking_are_dual_and_never_the_wrong_way(mask, radius):
    grown = grow(mask, radius)
    assert (grown >= mask).all()
    assert np.array_equal(shrink(255 - mask, radius), 255 - grown)


@pytest.mark.parametrize("radius", [1.0, 2.5, 7.0, 22.0])
def test_growing_moves_the_edge_by_the_radius_and_keeps_it_soft(radius):
    mask = np.zeros((140, 140), np.uint8)
    cv2.circle(mask, (70, 70), 30, 255, -1)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 2.0), np.uint8)
    area = float(grow(mask, radius).sum()) / 255
    assert np.sqrt(area / np.pi) == pytest.approx(np.sqrt(mask.sum() / 255 / np.pi) + radius, abs=0.6)
    row = grow(mask, radius)[70].astype(int)
    assert np.count_nonzero((row > 0) & (row < 255)) >= 6


def test_feathering_and_smoothing():
    square = np.zeros((80, 80), np.uint8)
    square[20:60, 20:60] = 255
    square[40, 60:66] = 255  # a whisker
    soft = feather(square, 6)
    assert int(soft[30, 20]) == pytest.approx(140, abs=12)
    assert np.count_nonzero((soft[30] > 0) & (soft[30] < 255)) >= 10
    smooth = recipes.smooth(square, 3)
    assert smooth[40, 64] == 0
    assert smooth[30, 30] == 255
    assert np.count_nonzero((smooth[30] > 10) & (smooth[30] < 245)) <= 4
    assert np.array_equal(feather(square, 0), square)
    assert np.array_equal(recipes.smooth(square, 0), square)


@given(SMALL, STEPS)
def test_any_steps_give_a_mask_and_leave_what_is_handed_in(mask, steps):
    before = mask.copy()
    answer = clean_up(mask, steps)
    assert answer.shape == mask.shape
    assert answer.dtype == np.uint8
    assert np.array_equal(mask, before)


def test_steps_go_in_their_order():
    mask = _blob()
    fill, open_up = CleanUp(CleanUpKind.FILL_HOLES, 100), CleanUp(CleanUpKind.SHRINK, 6)
    assert clean_up(mask, [fill, open_up])[60, 80] == 255
    assert clean_up(mask, [open_up, fill])[60, 80] == 0  # the hole has grown beyond the size


def test_strokes_come_after_the_steps_and_survive_a_new_base():
    layer = PaintedLayer(160, 120)
    stroke = np.full((10, 10), 255, np.uint8)
    layer.apply(layer.stroke((15, 15, 25, 25), stroke, 255))
    layer.apply(layer.stroke((100, 55, 110, 65), stroke, 0))
    steps = [CleanUp(CleanUpKind.DROP_SPECKS, 500)]
    for base in (_blob(), _blob(45), np.zeros((120, 160), np.uint8)):
        mask = derive(base, steps, layer)
        assert (mask[15:25, 15:25] == 255).all()
        assert (mask[55:65, 100:110] == 0).all()
    assert np.array_equal(derive(_blob(), steps), clean_up(_blob(), steps))


def test_amounts_for_a_preview():
    steps = (CleanUp(CleanUpKind.FILL_HOLES, 400.0), CleanUp(CleanUpKind.GROW, 8.0))
    assert scaled(steps, 0.25) == (CleanUp(CleanUpKind.FILL_HOLES, 25.0), CleanUp(CleanUpKind.GROW, 2.0))


def test_a_reduced_layer_goes_over_a_reduced_base():
    layer = PaintedLayer(160, 120)
    layer.apply(layer.stroke((40, 40, 80, 80), np.full((40, 40), 255, np.uint8), 255))
    base = _blob()
    small = cv2.resize(layer.over(base), (40, 30), interpolation=cv2.INTER_AREA)
    same = reduced(layer, (40, 30)).over(np.asarray(cv2.resize(base, (40, 30), interpolation=cv2.INTER_AREA), np.uint8))
    assert np.abs(small.astype(int) - same).max() <= 1
    assert not reduced(PaintedLayer(160, 120), (40, 30)).cover.any()


def test_what_would_change():
    old = np.zeros((20, 30), np.uint8)
    old[5:10, 5:15] = 255
    new = np.zeros_like(old)
    new[5:10, 10:20] = 255
    told = change(old, new)
    assert (told.added, told.removed, told.box) == (25, 25, (5, 5, 20, 10))
    assert told.iou == pytest.approx(1 / 3)
    same = change(old, old)
    assert (same.added, same.removed, same.iou, same.box) == (0, 0, 1.0, None)
    assert change(old * 0, old * 0).iou == 1.0
