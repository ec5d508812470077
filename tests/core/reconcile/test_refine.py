"""Refinement arrives from a rough start, on both backends, for one pair or a batch; it never makes a fit worse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from core.device import backend_for
from core.errors import Cancelled
from core.maths.backend import Backend
from core.maths.features import Feature, band, edges
from core.maths.warp import Affine, apply, compose, corners, nearest_similarity, resize_affine, similarity
from core.reconcile.foreground import find_foreground
from core.reconcile.refine import Fit, Frames, PairView
from core.reconcile.views import DesignerView, grey
from tests.core.reconcile.conftest import Truth, cut_out, make_pair, photo, picture

NUMPY, TORCH = backend_for("cpu"), backend_for("torch-cpu")
BACKENDS = pytest.mark.parametrize("backend", [NUMPY, TORCH], ids=["numpy", "torch"])
EXTENT = 64.0


def _nothing() -> None:
    """A check that lets everything pass."""


def _pairs() -> list[Truth]:
    """Pairs whose frames and sizes differ."""
    return [
        make_pair("astronaut", turn=11.0),
        make_pair("coffee", background="alpha", mirrored=True, scale=0.45, size=(620, 560)),
        cut_out(photo("chelsea"), head=110, scale=1.4, turn=-40.0, at=(0.3, 0.6)),
    ]


def _view(pair: Truth, backend: Backend) -> PairView:
    return PairView(
        backend.planes(grey(pair.original)), DesignerView(pair.designer, find_foreground(pair.designer), backend)
    )


def _frames(pairs: list[Truth], backend: Backend, feature: Feature = band) -> Frames:
    return Frames([_view(pair, backend) for pair in pairs], backend, EXTENT, feature)


def _near(pair: Truth, by: float = 1.0) -> Affine:
    """The truth, moved, turned and grown by a little, as the search leaves it."""
    middle = tuple(apply(pair.affine, np.array([[pair.designer.width / 2, pair.designer.height / 2]]))[0].tolist())
    off = similarity(1 + 0.03 * by, 2.0 * by, False, middle, (middle[0] + 2.5 * by, middle[1] - 1.5 * by))
    return compose(off, pair.affine)


def _error(pair: Truth, one: Affine, other: Affine) -> float:
    size = (pair.designer.width, pair.designer.height)
    return float(np.hypot(*(apply(one, corners(size)) - apply(other, corners(size))).T).max())


@pytest.mark.parametrize("feature", [band, edges])
@BACKENDS
def test_it_arrives_at_the_truth(backend: Backend, feature: Feature) -> None:
    for pair in _pairs():
        frames = _frames([pair], backend, feature)
        start = frames.measure([Fit(0, _near(pair))])[0]
        (fit,) = frames.refine([Fit(0, _near(pair))], 12, _nothing)
        assert _error(pair, fit.affine, pair.affine) < 0.35
        assert fit.zncc > max(start.zncc, 0.95)
        assert fit.agreeing > max(start.agreeing, 0.95)
        assert fit.deviation < 0.01


@pytest.mark.parametrize("feature", [band, edges])
def test_both_backends_agree(feature: Feature) -> None:
    pairs = _pairs()
    fits = [Fit(index, _near(pair, by)) for index, pair in enumerate(pairs) for by in (1.0, -0.7)]
    one, other = (_frames(pairs, backend, feature).refine(fits, 8, _nothing) for backend in (NUMPY, TORCH))
    for a, b in zip(one, other, strict=True):
        assert a.pair == b.pair
        assert _error(pairs[a.pair], a.affine, b.affine) < 0.05
        assert a.zncc == pytest.approx(b.zncc, abs=2e-3)
        assert a.agreeing == pytest.approx(b.agreeing, abs=0.03)
        assert a.deviation == pytest.approx(b.deviation, rel=0.1, abs=1e-5)


@BACKENDS
def test_a_batch_is_its_parts_in_any_order(backend: Backend) -> None:
    """Each pair alone has a smaller frame than the batch; that is all that may differ."""
    pairs = _pairs()
    order = [2, 0, 1, 0, 2]
    together = _frames(pairs, backend).refine([Fit(index, _near(pairs[index])) for index in order], 8, _nothing)
    for index, fit in zip(order, together, strict=True):
        (alone,) = _frames([pairs[index]], backend).refine([Fit(0, _near(pairs[index]))], 8, _nothing)
        assert fit.pair == index
        assert _error(pairs[index], fit.affine, alone.affine) < 0.01
        assert fit.zncc == pytest.approx(alone.zncc, abs=1e-3)


@BACKENDS
def test_what_got_worse_comes_back_as_it_came(backend: Backend) -> None:
    pair = _pairs()[0]
    frames = _frames([pair], backend)
    away = compose(similarity(1.0, 100.0, True, (200.0, 200.0), (150.0, 320.0)), pair.affine)
    starts = frames.measure([Fit(0, pair.affine), Fit(0, away)])
    fits = frames.refine(starts, 8, _nothing)
    for start, fit in zip(starts, fits, strict=True):
        assert abs(fit.zncc) >= abs(start.zncc)


@BACKENDS
def test_the_wider_band_catches_from_further_away(backend: Backend) -> None:
    pair = _pairs()[0]
    frames = _frames([pair], backend)
    (near,) = frames.approach([Fit(0, _near(pair, 2.5))], 4, _nothing)
    (fit,) = frames.refine([near], 8, _nothing)
    assert _error(pair, fit.affine, pair.affine) < 0.35


@BACKENDS
def test_a_placement_outside_of_the_photo_is_measured_and_stays(backend: Backend) -> None:
    pair = _pairs()[0]
    outside = compose(similarity(1.0, 0.0, to=(5000.0, -3000.0)), pair.affine)
    (fit,) = _frames([pair], backend).refine([Fit(0, outside)], 4, _nothing)
    assert np.isfinite(fit.affine).all()
    assert abs(fit.zncc) < 0.3


@BACKENDS
@pytest.mark.parametrize("stretch", [0.0, 0.03])
def test_a_stretched_designer_image_is_told_by_how_much(backend: Backend, stretch: float) -> None:
    pairs = _pairs()[:2]
    for index, pair in enumerate(pairs):
        rgb = np.asarray(cv2.resize(pair.designer.rgb, None, fx=1 + stretch, fy=1), np.uint8)
        alpha = None if pair.designer.alpha is None else cv2.resize(pair.designer.alpha, rgb.shape[1::-1])
        back = resize_affine((rgb.shape[1], rgb.shape[0]), (pair.designer.width, pair.designer.height))
        pairs[index] = replace(pair, designer=picture(rgb, alpha), affine=compose(pair.affine, back))
    frames = _frames(pairs, backend)
    middles = [(pair.designer.width / 2, pair.designer.height / 2) for pair in pairs]
    starts = [Fit(i, nearest_similarity(pair.affine, middles[i])) for i, pair in enumerate(pairs)]
    found = frames.stretches(frames.refine(starts, 8, _nothing), 6, _nothing)
    assert found == pytest.approx([stretch, stretch], abs=0.004)
    assert frames.stretches([], 4, _nothing) == []


@BACKENDS
def test_no_placements_are_no_work(backend: Backend) -> None:
    frames = _frames(_pairs()[:1], backend)
    assert frames.measure([]) == []
    assert frames.refine([], 4, _nothing) == []
    assert frames.approach([], 4, _nothing) == []


def test_every_check_can_cancel() -> None:
    pair = _pairs()[0]
    frames = _frames([pair], NUMPY)

    def stop_at(number: int) -> Callable[[], None]:
        left = iter(range(number - 1))

        def check() -> None:
            if next(left, None) is None:
                raise Cancelled

        return check

    for number in (1, 2, 3):
        with pytest.raises(Cancelled):
            frames.refine([Fit(0, _near(pair))], 6, stop_at(number))
