"""Filled polygons: exact areas, both rules of filling, and what leaves the picture."""

from __future__ import annotations

import numpy as np
import pytest

from core.maths.polygons import fill_polygon

STAR = np.array([[25 + 20 * np.cos(t), 25 + 20 * np.sin(t)] for t in np.arange(5) * 4 * np.pi / 5])


def _full(points, width, height, **how):
    alpha = np.zeros((height, width), np.uint8)
    found = fill_polygon(np.asarray(points, float), width, height, **how)
    if found is not None:
        (left, top, right, bottom), part = found
        alpha[top:bottom, left:right] = part
    return alpha


def test_a_square_covers_the_pixels_between_its_corners_by_half():
    alpha = _full([(2, 2), (8, 2), (8, 6), (2, 6)], 20, 20)
    assert (alpha[3:6, 3:8] == 255).all()
    assert (alpha[3:6, 2] == 128).all()
    assert alpha[2, 2] == 64
    assert alpha.sum() / 255 == pytest.approx(24, rel=0.01)


def _sampled(points, width, height, even_odd, fine=12):
    """The same by winding numbers at many points of each pixel."""
    ys, xs = np.mgrid[: height * fine, : width * fine].reshape(2, -1) / fine - 0.5 + 0.5 / fine
    winding = np.zeros(len(xs), int)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        crosses = (ys >= min(y0, y1)) & (ys < max(y0, y1)) & (x0 + (ys - y0) * (x1 - x0) / (y1 - y0) < xs)
        winding += crosses * (1 if y1 > y0 else -1)
    inside = winding % 2 == 1 if even_odd else winding != 0
    return 255 * inside.reshape(height, fine, width, fine).mean((1, 3))


@pytest.mark.parametrize("even_odd", [False, True])
@pytest.mark.parametrize("seed", range(15))
def test_areas_are_those_of_a_finely_sampled_fill(seed, even_odd):
    # Drawn, not sought: where lobes of opposite turn share a pixel their areas cancel, which is known and harmless.
    random = np.random.default_rng(seed)
    points = random.uniform((-10, -10), (50, 45), (random.integers(3, 9), 2))
    wanted = _sampled(points, 40, 36, even_odd)
    alpha = _full(points, 40, 36, even_odd=even_odd)
    # Within a pixel in which edges cross it is approximate: a few of the 1440.
    apart = np.abs(alpha - wanted)
    assert apart.mean() < 1.5
    assert np.count_nonzero(apart > 30) < 30


def test_what_is_surrounded_twice():
    inner = _full(STAR, 50, 50)
    outer = _full(STAR, 50, 50, even_odd=True)
    assert inner[25, 25] == 255
    assert outer[25, 25] == 0
    assert ((inner >= 128).sum() - (outer >= 128).sum()) > 100


def test_a_polygon_that_leaves_the_picture_is_cut_off():
    alpha = _full([(-30, -30), (100, -30), (100, 10.5), (-30, 10.5)], 20, 16)
    assert (alpha[:11] == 255).all()
    assert (alpha[11:] == 0).all()
    around = _full([(-9, -9), (40, -9), (40, 40), (-9, 40)], 20, 16)
    assert (around == 255).all()


def test_edges_that_hardly_rise_are_level():
    for tiny in (0.0, 5e-324, 2e-309, 1e-12):
        alpha = _full([(2, 2), (8, 2 + tiny), (8, 6), (2, 6 - tiny)], 20, 20)
        assert alpha.sum() / 255 == pytest.approx(24, rel=0.01)


def test_what_covers_nothing():
    for points in (
        [(1, 1), (5, 5)],
        [(1, 1), (5, 5), (9, 9)],
        [(50, 50), (60, 50), (60, 60)],
        [(0, 0), (np.nan, 1), (2, 2)],
    ):
        assert fill_polygon(np.array(points, float), 20, 20) is None
