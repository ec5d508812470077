"""Rough strokes find the edges of a made picture: the path, the painted band, the stroke up to the edge."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.maths.masks import iou
from core.maths.snapping import edge_cost, grab_cut, paint_to_edge, refine_band, snap_path


@pytest.fixture(scope="module")
def scene() -> tuple[np.ndarray, np.ndarray]:
    """A noisy picture of a disc, and the disc."""
    disc = np.zeros((240, 260), np.uint8)
    cv2.circle(disc, (130, 120), 70, 255, -1)
    noise = np.random.default_rng(0).normal(0, 10, (*disc.shape, 3))
    rgb = np.where(disc[..., None] > 0, (190, 140, 90), (90, 110, 120)) + noise
    return np.clip(rgb, 0, 255).astype(np.uint8), disc


def _off(path: np.ndarray) -> np.ndarray:
    return np.abs(np.hypot(path[:, 0] - 130, path[:, 1] - 120) - 70)


def test_a_rough_path_runs_on_the_edge(scene):
    turn = np.linspace(0, 2 * np.pi, 40)
    radius = 70 + 6 * np.sin(5 * turn)
    rough = np.stack([130 + radius * np.cos(turn), 120 + radius * np.sin(turn)], axis=1)
    path = snap_path(scene[0], rough, 10)
    assert _off(rough).max() > 5
    assert _off(path).mean() < 1
    assert _off(path).max() < 3
    assert np.array_equal(path[0], path[-1])
    assert np.abs(np.diff(path, axis=0)).max() == 1


def test_a_path_at_the_frame_and_a_path_of_one_point(scene):
    path = snap_path(scene[0], np.array([[0.0, 0.0], [0.0, 239.0], [259.0, 239.0]]), 8)
    assert path.min() >= 0
    assert (path.max(axis=0) <= (259, 239)).all()
    one = np.array([[5.0, 5.0]])
    assert np.array_equal(snap_path(scene[0], one, 8), one)


def test_plain_areas_cost_most(scene):
    cost = edge_cost(scene[0])
    assert cost.min() >= 0.0199
    assert cost[120, 60] < 0.3
    assert cost[120, 130] > 0.5
    assert edge_cost(np.full((20, 20, 3), 90, np.uint8)).min() == 1


def test_the_edge_is_found_in_a_painted_band(scene):
    rgb, disc = scene
    rough, band = np.zeros_like(disc), np.zeros_like(disc)
    cv2.circle(rough, (134, 117), 68, 255, -1)
    cv2.circle(band, (130, 120), 70, 255, 24)
    band[:, :130] = 0
    found = refine_band(rgb, rough, band)
    assert np.array_equal(found[band == 0], rough[band == 0])
    assert iou(found[:, 130:], disc[:, 130:]) > 0.985 > iou(rough[:, 130:], disc[:, 130:])
    assert np.array_equal(refine_band(rgb, rough, band * 0), rough)


@pytest.mark.parametrize("adds", [True, False])
def test_a_stroke_is_painted_up_to_the_edge(scene, adds):
    rgb, disc = scene
    start = disc.copy()
    if adds:
        start[60:180, 160:] = 0
    else:
        start[60:180, 160:235] = 255
    stroke = np.zeros_like(disc)
    x = 183 if adds else 222
    cv2.line(stroke, (x, 95), (x, 145), 255, 44)
    found = paint_to_edge(rgb, start, stroke, 22, adds=adds)
    painted = stroke >= 128
    before, after = ((mask[painted] >= 128) != (disc[painted] >= 128) for mask in (start, found))
    assert before.sum() > 900
    assert after.sum() < 0.1 * before.sum()
    far = cv2.dilate(stroke, np.ones((17, 17), np.uint8)) == 0
    assert np.array_equal(found[far], start[far])


def test_one_sided_labels_are_the_answer():
    rgb = np.zeros((4, 4, 3), np.uint8)
    assert grab_cut(rgb, np.full((4, 4), cv2.GC_FGD, np.uint8), 1).all()
    assert not grab_cut(rgb, np.full((4, 4), cv2.GC_PR_BGD, np.uint8), 1).any()


def test_large_bands_are_cut_at_reduced_size(scene, monkeypatch):
    from core.maths import snapping

    monkeypatch.setattr(snapping, "MOST_PIXELS", 10_000)
    rgb, disc = scene
    band = np.zeros_like(disc)
    cv2.circle(band, (130, 120), 70, 255, 24)
    found = refine_band(rgb, np.roll(disc, 4, axis=1), band)
    assert iou(found, disc) > 0.97
