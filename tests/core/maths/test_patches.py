"""The painted layer: strokes win over any base, patches are their own inverse, and only their box changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import FileProblem
from core.maths.patches import Mark, PaintedLayer, Patch, clipped, over, tiles, union

SHAPE = (6, 9)
PLANES = arrays(np.uint8, SHAPE)
BOX = (0, 0, SHAPE[1], SHAPE[0])


def _layer() -> PaintedLayer:
    return PaintedLayer(SHAPE[1], SHAPE[0])


@given(PLANES, st.lists(st.tuples(PLANES, st.sampled_from([0, 255])), max_size=5))
def test_strokes_are_composed_as_over_and_taken_back(base, strokes):
    layer, patches = _layer(), []
    wanted = base / 255.0
    for alpha, value in strokes:
        patch = layer.stroke(BOX, alpha, value)
        if patch is not None:
            layer.apply(patch)
            patches.append(patch)
        wanted = wanted * (1 - alpha / 255) + value / 255 * (alpha / 255)
        assert (layer.paint <= layer.cover).all()
    assert np.abs(layer.over(base) - 255 * wanted).max() <= 1 + len(strokes)
    for patch in reversed(patches):
        layer.apply(patch)
    assert not layer.cover.any()
    assert not layer.paint.any()
    assert np.array_equal(layer.over(base), base)


@given(PLANES, PLANES, PLANES)
def test_what_is_covered_wholly_is_the_same_on_any_base(base, other, alpha):
    layer = _layer()
    solid = np.where(alpha > 127, np.uint8(255), np.uint8(0))
    patch = layer.stroke(BOX, solid, 255)
    if patch is not None:
        layer.apply(patch)
    assert (layer.over(base)[solid > 0] == 255).all()
    assert np.array_equal(layer.over(other)[solid == 0], other[solid == 0])


@given(PLANES, PLANES)
def test_many_light_strokes_come_to_the_end(base, alpha):
    layer, light = _layer(), np.full(SHAPE, 30, np.uint8)
    for value in (255, 0):
        while (patch := layer.stroke(BOX, light, value)) is not None:
            layer.apply(patch)
        assert (layer.over(base) == value).all()


@given(PLANES, PLANES, PLANES)
def test_set_makes_what_is_wanted_and_leaves_the_rest_to_the_base(base, wanted, alpha):
    layer = _layer()
    if (first := layer.stroke(BOX, alpha, 255)) is not None:
        layer.apply(first)
    before = layer.cover.copy()
    same = layer.over(base) == wanted
    patch = layer.set(BOX, wanted, base)
    assert (patch is None) == bool(same.all())
    if patch is not None:
        layer.apply(patch)
    assert np.array_equal(layer.over(base), wanted)
    assert np.array_equal(layer.cover[same], before[same])


def test_clear_lets_the_base_show_again():
    layer = _layer()
    layer.apply(layer.stroke(BOX, np.full(SHAPE, 255, np.uint8), 255))
    where = np.zeros(SHAPE, np.uint8)
    where[2:4] = 255
    patch = layer.clear(BOX, where)
    assert patch.box == (0, 2, 9, 4)
    layer.apply(patch)
    mask = layer.over(np.full(SHAPE, 7, np.uint8))
    assert (mask[2:4] == 7).all()
    assert (mask[:2] == 255).all()
    assert layer.clear(BOX, where) is None


def test_a_patch_holds_only_what_changed():
    layer = PaintedLayer(50, 40)
    alpha = np.zeros((20, 30), np.uint8)
    alpha[3:5, 7:10] = 200
    patch = layer.stroke((10, 5, 40, 25), alpha, 255)
    assert patch.box == (17, 8, 20, 10)
    assert patch.planes.shape == (4, 3)
    assert layer.apply(patch) == patch.box
    assert np.count_nonzero(layer.cover) == 6
    box = (15, 6, 22, 12)
    whole = layer.over(np.zeros((40, 50), np.uint8))
    assert np.array_equal(layer.over(np.zeros((40, 50), np.uint8), box), whole[6:12, 15:22])


@pytest.mark.parametrize(("left", "top"), [(-1, 0), (0, -1), (8, 0), (0, 5)])
def test_a_patch_outside_of_the_layer_is_damage(left, top):
    with pytest.raises(FileProblem, match="outside"):
        _layer().apply(Patch(left, top, np.zeros((4, 2), np.uint8)))


def test_paint_over_a_base_is_rounded():
    values = np.arange(256, dtype=np.uint8)
    for cover in (0, 1, 127, 254, 255):
        exact = values.astype(float) * (255 - cover) / 255
        got = over(values[None], np.full((1, 256), cover, np.uint8), np.zeros((1, 256), np.uint8))
        assert np.abs(got[0] - exact).max() <= 0.5


def test_boxes():
    assert clipped((-3, 2, 5, 99), 4, 6) == (0, 2, 4, 6)
    assert clipped((4, 0, 9, 3), 4, 6) is None
    assert union(None, None) is None
    assert union((0, 1, 2, 3), None) == union(None, (0, 1, 2, 3)) == (0, 1, 2, 3)
    assert union((0, 1, 2, 3), (1, 0, 5, 2)) == (0, 0, 5, 3)


def test_a_mark_is_worked_out_where_there_is_any_of_it() -> None:
    layer = PaintedLayer(1200, 900)
    alpha = np.zeros((800, 1000), np.uint8)
    for step in range(800):
        alpha[step, step : step + 40] = np.arange(40) * 6
    assert len(tiles(alpha)) < 12
    box = (50, 60, 1050, 860)
    whole, made = layer.stroke(box, alpha, 255), layer.painted(Mark(box, alpha, True))
    assert whole is not None
    assert made is not None
    assert made.box == whole.box
    assert np.array_equal(made.planes, whole.planes)
    assert layer.painted(Mark(box, np.zeros_like(alpha), True)) is None
