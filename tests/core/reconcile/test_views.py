"""What the search sees of a designer image: centre, size and weight of its foreground, in any frame."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from core.device import backend_for
from core.images.picture import Picture
from core.maths.warp import apply, similarity
from core.reconcile.foreground import find_foreground
from core.reconcile.views import DesignerView
from tests.core.reconcile.conftest import Rgb, make_pair, picture

NUMPY, TORCH = backend_for("cpu"), backend_for("torch-cpu")


def _view(designer: Picture) -> DesignerView:
    return DesignerView(designer, find_foreground(designer), NUMPY)


def _blob(size: tuple[int, int], centre: tuple[int, int], axes: tuple[int, int]) -> Rgb:
    rgb = np.full((size[1], size[0], 3), 255, np.uint8)
    cv2.ellipse(rgb, centre, axes, 0, 0, 360, (20, 90, 60), -1)
    return rgb


@pytest.mark.parametrize("enlarged", [1, 4])  # the larger one is shrunk before its foreground is looked for
def test_centre_and_extent_are_the_foregrounds(enlarged: int) -> None:
    rgb = _blob((400 * enlarged, 300 * enlarged), (180 * enlarged, 120 * enlarged), (90 * enlarged, 60 * enlarged))
    view = _view(picture(rgb))
    assert view.centre == pytest.approx((180 * enlarged, 120 * enlarged), abs=enlarged)
    assert view.extent == pytest.approx(math.sqrt(math.pi * 90 * 60) * enlarged, rel=0.01)
    assert view.radius == pytest.approx(90 * enlarged, rel=0.04)


def test_a_frame_holds_the_foreground_at_the_size_asked_for() -> None:
    view = _view(make_pair("astronaut").designer)
    for extent in (40.0, 128.0):
        to_frame, size = view.frame(extent)
        assert size[0] == size[1]
        assert size[0] % 2 == 1
        assert apply(to_frame, np.array([view.centre]))[0] == pytest.approx([(size[0] - 1) / 2] * 2)
        weight = NUMPY.numpy(view.weights([to_frame], size))[0]
        assert weight.min() >= 0
        assert weight.max() <= 1.001
        assert 0.75 * extent < math.sqrt(float(weight.sum())) < extent  # eroded: the cut's edge adds nothing
        assert not weight[[0, -1]].any()
        assert not weight[:, [0, -1]].any()


def test_the_weight_turns_with_the_frame_and_is_that_of_the_host() -> None:
    view = _view(make_pair("astronaut").designer)
    turns = [similarity(0.4, turn, mirrored, view.centre, (50.0, 50.0)) for turn, mirrored in ((0, False), (90, True))]
    weights = NUMPY.numpy(view.weights(turns, (101, 101)))
    assert np.abs(weights[1] - np.rot90(weights[0], -1)[:, ::-1]).mean() < 0.02
    assert np.abs(weights[0] - view.weight_on_host(turns[0], (101, 101)) / 255.0).max() < 1e-5


def test_both_backends_weigh_alike() -> None:
    designer = make_pair("coffee", background="alpha").designer
    foreground = find_foreground(designer)
    one, other = (DesignerView(designer, foreground, backend) for backend in (NUMPY, TORCH))
    assert (one.centre, one.extent, one.radius) == (other.centre, other.extent, other.radius)
    turns = [similarity(scale, 20.0, True, one.centre, (40.0, 40.0)) for scale in (0.1, 0.3, 1.2)]
    a, b = NUMPY.numpy(one.weights(turns, (81, 81))), TORCH.numpy(other.weights(turns, (81, 81)))
    assert np.abs(a - b).max() < 0.005


def test_a_kept_background_is_weighed_by_an_ellipse() -> None:
    designer = make_pair("chelsea", background="kept").designer
    view = _view(designer)
    assert view.centre == pytest.approx(((designer.width - 1) / 2, (designer.height - 1) / 2), abs=0.6)
    area = math.pi * 0.16 * designer.width * designer.height
    assert view.extent == pytest.approx(math.sqrt(area), rel=0.01)


def test_a_speck_far_away_does_not_widen_the_frame() -> None:
    rgb = _blob((900, 400), (200, 200), (80, 80))
    near = _view(picture(rgb))
    cv2.circle(rgb, (850, 200), 4, (0, 0, 0), -1)
    far = _view(picture(rgb))
    assert far.extent == pytest.approx(near.extent, rel=0.02)
    assert far.radius <= 1.5 * far.extent
