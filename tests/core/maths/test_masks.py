"""Masks: outline, overlap, morphology, down to one pixel and the frame's edge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.maths import masks

small_masks = arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.sampled_from([0, 255]))


def _square() -> masks.Mask:
    mask = np.zeros((20, 30), np.uint8)
    mask[5:15, 8:22] = 255
    return mask


def test_outline_of_a_square_is_its_border_pixels() -> None:
    (polygon,) = masks.trace_outline(_square())
    assert polygon.dtype == np.float32
    assert {tuple(point) for point in polygon.tolist()} == {(8, 5), (21, 5), (21, 14), (8, 14)}


def test_outline_has_a_polygon_for_each_part_and_hole() -> None:
    mask = _square()
    mask[9:11, 12:16] = 0
    mask[0, 0] = 200
    outlines = masks.trace_outline(mask)
    assert len(outlines) == 3
    assert min(len(polygon) for polygon in outlines) == 1  # the single pixel
    assert masks.trace_outline(np.zeros((5, 5), np.uint8)) == ()


@given(small_masks)
def test_outline_points_are_portrait_pixels_or_beside_a_hole(mask: masks.Mask) -> None:
    grown = masks.dilate(mask, 1.5)
    for polygon in masks.trace_outline(mask):
        for x, y in polygon.astype(int):
            assert grown[y, x] == 255


def test_iou() -> None:
    one, other = _square(), np.roll(_square(), 7, axis=1)
    assert masks.iou(one, one) == 1
    assert masks.iou(one, other) == pytest.approx(7 / 21)
    assert masks.iou(one * 0, one * 0) == 1
    assert masks.iou(one, one * 0) == 0


@given(small_masks)
def test_erode_and_dilate_are_dual(mask: masks.Mask) -> None:
    assert (masks.erode(mask, 1.0) == 255 - masks.dilate(255 - mask, 1.0)).all()
    assert (masks.erode(mask, 1.0) <= mask).all()


def test_erode_takes_off_what_it_says_and_keeps_the_frame() -> None:
    assert masks.erode(_square(), 2.0).sum() == 255 * 6 * 10
    assert (masks.erode(_square(), 0.1) == _square()).all()
    full = np.full((9, 9), 255, np.uint8)
    assert (masks.erode(full, 3.0) == 255).all()
    assert (masks.dilate(_square(), 0.1) == _square()).all()


def test_a_dot_grows_to_a_disc() -> None:
    dot = np.zeros((41, 41), np.uint8)
    dot[20, 20] = 255
    assert (masks.dilate(dot, 0) == dot).all()
    assert (masks.dilate(dot, 1)[19:22, 19:22] == [[0, 255, 0], [255, 255, 255], [0, 255, 0]]).all()
    assert (masks.dilate(dot, 10) > 0).sum() == pytest.approx(np.pi * 100, rel=0.05)
    assert masks.distance(dot)[20, 5] == 15


def test_gaps_are_closed_and_whiskers_cut() -> None:
    mask = _square()
    mask[:, 14:16] = 0
    mask[10, 22:28] = 255
    assert (masks.close_gaps(mask, 2.0)[6:14, 14:16] == 255).all()
    assert (masks.close_gaps(mask, 0.4)[:, 14:16] == 0).all()
    assert (masks.cut_whiskers(mask, 1.0)[10, 24:28] == 0).all()
    assert (masks.cut_whiskers(mask, 1.0)[7:13, 9:13] == 255).all()


def test_fill_holes_keeps_what_touches_the_frame() -> None:
    mask = _square()
    mask[8:10, 10:12] = 0
    mask[5:9, 20:22] = 0  # a notch, open to the outside
    filled = masks.fill_holes(mask)
    assert filled[8, 10] == 255
    assert filled[6, 20] == 0
    assert (masks.fill_holes(np.zeros((4, 4), np.uint8)) == 0).all()
    assert (masks.fill_holes(np.full((4, 4), 255, np.uint8)) == 255).all()


@given(small_masks)
def test_filling_twice_changes_nothing(mask: masks.Mask) -> None:
    once = masks.fill_holes(mask)
    assert (once >= mask).all()
    assert (masks.fill_holes(once) == once).all()


def test_largest_part() -> None:
    mask = _square()
    mask[0:2, 0:2] = 255
    assert (masks.largest_part(mask) == _square()).all()
    assert (masks.largest_part(mask * 0) == 0).all()
