"""The portrait is told from its background by alpha or by border colour, or honestly not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.images.picture import Picture
from core.maths.masks import iou
from core.maths.warp import invert, warp
from core.reconcile.foreground import LONG_SIDE, find_foreground

MakePair = Callable[..., Any]


@pytest.mark.parametrize(
    ("background", "kind"), [("alpha", "alpha"), ("white", "plain"), ("flat", "plain"), ("gradient", "plain")]
)
def test_a_cut_out_is_seen(background: str, kind: str, make_pair: MakePair) -> None:
    pair = make_pair("astronaut", background=background)
    foreground = find_foreground(pair.designer)
    truth = warp(pair.mask, invert(pair.affine), (pair.designer.width, pair.designer.height))
    assert foreground.kind == kind
    assert iou(foreground.mask, truth) > 0.93
    assert (foreground.background is not None) == (kind == "plain")


def test_the_background_colour_is_the_gradients(make_pair: MakePair) -> None:
    designer = make_pair("astronaut", background="gradient").designer
    background = find_foreground(designer).background
    assert background is not None
    assert np.abs(background[5:-5, 5] - designer.rgb[5:-5, 5]).max() < 3
    assert np.abs(background[5, 5:-5] - designer.rgb[5, 5:-5]).max() < 3


@pytest.mark.parametrize("name", ["chelsea", "coffee"])
def test_a_kept_background_is_not_mistaken_for_a_plain_one(name: str, make_pair: MakePair) -> None:
    foreground = find_foreground(make_pair(name, background="kept", scale=0.5).designer)
    assert foreground.kind == "kept"
    assert (foreground.mask == 255).all()


def test_a_plain_picture_has_no_foreground() -> None:
    rgb = np.full((100, 150, 3), 30, np.uint8)
    assert find_foreground(Picture(rgb, None, 150, 100)).kind == "kept"


def test_large_designer_images_are_shrunk() -> None:
    rgb = np.full((40, 3000, 3), 255, np.uint8)
    rgb[10:30, 1000:2000] = 0
    foreground = find_foreground(Picture(rgb, None, 3000, 40))
    assert max(foreground.mask.shape) == LONG_SIDE
