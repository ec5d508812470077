"""A Gauss-Newton step goes the right way, a few of them arrive, and a batch is many of them at once."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.maths import warp
from core.maths.align import WILD, Aligner, Steps
from core.maths.backend import Backend
from core.maths.features import Feature, Window, band, edges, wide_band
from core.maths.warp import Affine
from tests.core.maths.conftest import NUMPY, TORCH, texture

SIDE, CENTRE, RADIUS = 121, (60.0, 60.0), 35.0
INSIDE = np.array([[25.0, 25.0], [95.0, 25.0], [95.0, 95.0]])
TRUTHS = [
    warp.similarity(scale, turn, False, CENTRE, (CENTRE[0] + dx, CENTRE[1] + dy))
    for scale, turn, dx, dy in [(1.0, 0.0, 1.3, -0.7), (1.03, 2.0, 0.5, 0.5), (0.97, -2.0, 0.0, 1.0)]
]
Planes = NDArray[np.float32]


def _window(backend: Backend, count: int = 1) -> Window:
    weights = np.zeros((count, SIDE, SIDE), np.float32)
    weights[:, 25:96, 25:96] = 1
    return Window(backend, backend.array(weights))


def _aligner(backend: Backend, feature: Feature, planes: Planes) -> Aligner:
    window = _window(backend, len(planes))
    return Aligner(feature(backend.array(planes), window), window, CENTRE, RADIUS)


def _step(backend: Backend, aligner: Aligner, feature: Feature, moved: Planes, placements: list[Affine]) -> Steps:
    """One step for pictures in which a template's pixel x lies at its placement times x, as far as is known."""
    warped = [warp.warp(p, warp.invert(at), (SIDE, SIDE)) for p, at in zip(moved, placements, strict=True)]
    planes = backend.array(np.stack(warped).astype(np.float32))
    return aligner.step(feature(planes, _window(backend, len(moved))))


def _moved(picture: Planes) -> Planes:
    return np.stack([warp.warp(picture, truth, (SIDE, SIDE)) for truth in TRUTHS])


@pytest.mark.parametrize("feature", [band, wide_band, edges])
@pytest.mark.parametrize("inverted", [False, True])
def test_steps_arrive_at_the_truth(backend: Backend, feature: Feature, inverted: bool) -> None:
    picture = texture((SIDE, SIDE))
    moved = _moved(picture)
    aligner = _aligner(backend, feature, (255 - picture if inverted else picture)[None])
    placements = [np.eye(3)] * 3
    for _ in range(8):
        steps = _step(backend, aligner, feature, moved, placements)
        placements = [warp.compose(at, move) for at, move in zip(placements, steps.affines, strict=True)]
    for found, truth in zip(placements, TRUTHS, strict=True):
        assert np.abs(warp.apply(found, INSIDE) - warp.apply(truth, INSIDE)).max() < 0.05
    assert steps.lengths.max() < 0.02
    assert (steps.correlations * (-1 if inverted and feature is not edges else 1)).min() > 0.95


def test_affine_steps_find_a_stretch_and_a_shear(backend: Backend) -> None:
    picture = texture((SIDE, SIDE))[None]
    truth = np.array([[1.03, 0.02, -2.0], [0.01, 0.98, 1.0], [0.0, 0.0, 1.0]])
    moved = warp.warp(picture[0], truth, (SIDE, SIDE))[None]
    window = _window(backend)
    aligner = Aligner(band(backend.array(picture), window), window, CENTRE, RADIUS, affine=True)
    at = np.eye(3)
    for _ in range(10):
        at = warp.compose(at, _step(backend, aligner, band, moved, [at]).affines[0])
    assert np.abs(warp.apply(at, INSIDE) - warp.apply(truth, INSIDE)).max() < 0.05


@pytest.mark.parametrize("feature", [band, wide_band, edges])
def test_both_backends_take_the_same_step(feature: Feature) -> None:
    picture = texture((SIDE, SIDE))
    moved = _moved(picture)
    one, other = (
        _step(backend, _aligner(backend, feature, picture[None]), feature, moved, [np.eye(3)] * 3)
        for backend in (NUMPY, TORCH)
    )
    for a, b in zip(one.affines, other.affines, strict=True):
        assert np.abs(warp.apply(a, INSIDE) - warp.apply(b, INSIDE)).max() < 1e-3
    assert np.allclose(one.lengths, other.lengths, atol=1e-3)
    assert np.allclose(one.correlations, other.correlations, atol=1e-5)
    assert np.allclose(one.deviations, other.deviations, rtol=1e-3)


def test_a_batch_is_its_parts(backend: Backend) -> None:
    """Each with a template of its own, or all with one."""
    pictures = np.stack([texture((SIDE, SIDE), seed) for seed in range(3)])
    moved = np.stack([warp.warp(p, truth, (SIDE, SIDE)) for p, truth in zip(pictures, TRUTHS, strict=True)])
    eyes = [np.eye(3)] * 3
    together = _step(backend, _aligner(backend, band, pictures), band, moved, eyes)
    shared = _step(backend, _aligner(backend, band, pictures[:1]), band, np.stack([moved[0]] * 3), eyes)
    for index in range(3):
        here = slice(index, index + 1)
        alone = _step(backend, _aligner(backend, band, pictures[here]), band, moved[here], eyes[here])
        assert np.allclose(together.affines[index], alone.affines[0], atol=1e-4)
        assert together.deviations[index] == pytest.approx(alone.deviations[0], rel=1e-3)
        assert np.allclose(shared.affines[index], together.affines[0], atol=1e-4)


def test_at_the_truth_the_step_is_nothing(backend: Backend) -> None:
    picture = texture((SIDE, SIDE))[None]
    steps = _step(backend, _aligner(backend, band, picture), band, picture, [np.eye(3)])
    assert steps.lengths[0] < 1e-3
    assert steps.correlations[0] == pytest.approx(1.0, abs=1e-5)
    assert steps.deviations[0] < 1e-3


def test_no_texture_moves_nothing(backend: Backend) -> None:
    flat = np.zeros((1, SIDE, SIDE), np.float32)
    steps = _step(backend, _aligner(backend, band, flat), band, flat, [np.eye(3)])
    assert np.allclose(steps.affines[0], np.eye(3))
    assert steps.correlations[0] == 0
    assert np.isfinite(steps.deviations).all()


def test_a_wild_step_is_cut(backend: Backend) -> None:
    window = _window(backend)
    one, other = (band(backend.array(texture((SIDE, SIDE), seed)[None]), window) for seed in (1, 2))
    steps = Aligner(one, window, CENTRE, RADIUS).step(other * 1e-3)
    assert np.abs(warp.apply(steps.affines[0], np.array([CENTRE])) - CENTRE).max() <= WILD + 1e-3


def test_the_deviation_is_that_of_independent_noise(backend: Backend) -> None:
    """Thirty noisy copies scatter about the truth as far as each of them says."""
    picture = texture((SIDE, SIDE))
    noise = np.random.default_rng(0).normal(0, 8, (30, SIDE, SIDE))
    window = _window(backend)
    aligner = Aligner(backend.array(picture[None, None]), window, CENTRE, RADIUS)
    steps = aligner.step(backend.array((picture + noise)[:, None]))
    rim = np.array([[CENTRE[0] + RADIUS, CENTRE[1]]])
    middle = np.array([CENTRE])
    shifts = np.stack([warp.apply(move, middle)[0] - CENTRE for move in steps.affines])
    turns = np.stack([warp.apply(move, rim)[0] - rim[0] for move in steps.affines]) - shifts
    scatter = float(np.sqrt((shifts**2).mean(axis=0).sum() + (turns**2).mean(axis=0).sum()))
    assert 0.6 < scatter / float(np.median(steps.deviations)) < 1.6
