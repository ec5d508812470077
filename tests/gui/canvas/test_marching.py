"""The line of a cut: where it runs, that it is closed, and that saddles and edges do not confuse it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gui.canvas.marching import cut_line, line_within


def rings(values: NDArray[np.uint8], first: int) -> list[NDArray[np.float32]]:
    found = cut_line(values, first)
    assert found is not None
    points, starts = found
    return np.split(points, np.flatnonzero(starts)[1:]) if len(points) else []


def area(ring: NDArray[np.float32]) -> float:
    x, y = ring[:, 0].astype(float), ring[:, 1].astype(float)
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


@pytest.mark.parametrize("value", [0, 127])
def test_nothing_above_the_cut_has_no_line(value: int) -> None:
    assert rings(np.full((5, 7), value, np.uint8), 128) == []


def test_the_line_runs_where_the_map_crosses_the_cut() -> None:
    ramp = np.tile(np.arange(0, 100, 10, dtype=np.uint8), (6, 1))
    (ring,) = rings(ramp, 46)  # 45.5 lies between 40 at x = 4 and 50 at x = 5
    crossing = ring[(ring[:, 1] > 0) & (ring[:, 1] < 5) & (ring[:, 0] < 9)]
    assert crossing[:, 0] == pytest.approx(4.55, abs=1e-4)
    assert (ring.min(), ring[:, 0].max(), ring[:, 1].max()) == (0, 9, 5), "closed along the outermost pixels"


@pytest.mark.parametrize("seed", range(6))
def test_every_ring_is_closed_and_together_they_hold_the_masks_area(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (30, 40)).astype(np.uint8)
    noise[[0, -1]] = noise[:, [0, -1]] = 0
    found = rings(noise, 128)
    assert all((ring[0] == ring[-1]).all() for ring in found)
    assert all(np.abs(np.diff(ring, axis=0)).max() <= 1 for ring in found)
    # the mask is at the left hand: outer rings count one way, holes the other
    total = abs(sum(area(ring) for ring in found))
    assert total == pytest.approx(np.count_nonzero(noise >= 128), rel=0.35)


def test_corners_that_touch_stay_apart() -> None:
    values = np.zeros((4, 4), np.uint8)
    values[1, 1] = values[2, 2] = 200
    assert len(rings(values, 128)) == 2


def test_a_hole_is_a_ring_of_its_own() -> None:
    values = np.full((9, 9), 255, np.uint8)
    values[4, 4] = 0
    outer, inner = sorted(rings(values, 128), key=len, reverse=True)
    assert np.sign(area(outer)) == -np.sign(area(inner))


def test_a_line_without_end_is_followed_roughly() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 300)).astype(np.uint8)
    assert cut_line(noise, 128, 2000) is None
    points, starts = line_within(noise, 128, 2000)
    assert len(points) < 5000
    assert starts[0]
    assert (points.max(axis=0) > (250, 150)).all(), "it still lies over the whole map"
