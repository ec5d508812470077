"""Keypoints of a mirrored picture follow from those of the picture, and either mirror state is found."""

from __future__ import annotations

import numpy as np
import pytest

from core.device import backend_for
from core.maths.filters import Pyramid
from core.reconcile import keypoints
from core.reconcile.foreground import find_foreground
from core.reconcile.search import difference
from core.reconcile.views import DesignerView, grey
from tests.core.reconcile.conftest import make_pair, photo, picture


def _nothing() -> None:
    """A check that lets everything pass."""


def test_keypoints_are_mirrored_as_if_found_in_the_mirrored_picture() -> None:
    plane = grey(picture(photo("chelsea")))[:300, :300]  # one tile
    found = keypoints._describe(plane, None, _nothing)
    expected = keypoints._describe(np.ascontiguousarray(plane[:, ::-1]), None, _nothing)
    mirrored = keypoints._mirrored(found, plane.shape[1] - 1)
    apart = np.linalg.norm(mirrored.points[:, None] - expected.points, axis=2)
    same = apart.min(axis=1) < 0.01
    assert same.mean() > 0.8  # weak ones come and go with rounding
    off = np.linalg.norm(mirrored.descriptors - expected.descriptors[apart.argmin(axis=1)], axis=1)
    assert np.median(off[same]) < 20  # two descriptors that have nothing in common lie 500 apart


@pytest.mark.parametrize("mirrored", [False, True])
def test_what_they_agree_on_is_the_placement(mirrored: bool) -> None:
    pair = make_pair("chelsea", turn=10.0, mirrored=mirrored)
    view = DesignerView(pair.designer, find_foreground(pair.designer), backend_for("cpu"))
    found = keypoints.keypoint_hypotheses(Pyramid(grey(pair.original)), view, True, _nothing)
    assert found[0].inliers >= 20
    assert difference(found[0].affine, pair.affine, view) < 0.01
    only = keypoints.keypoint_hypotheses(Pyramid(grey(pair.original)), view, False, _nothing)
    assert not only or mirrored is (difference(only[0].affine, pair.affine, view) > 0.1)
