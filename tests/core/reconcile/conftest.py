"""Pairs made from the photographs in scikit-image's wheel, with known placement and mask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from core.domain import Placement
from core.images.picture import Picture
from core.maths.filters import blur
from core.maths.masks import Mask
from core.maths.metrics import corner_error
from core.maths.warp import Affine, Size, affine_from_matrix, invert, similarity, warp

Rgb = NDArray[np.uint8]

# Photo, and the ellipse that a designer would keep: centre and half axes.
PORTRAITS = {
    "chelsea": ((225, 125), (95, 90)),
    "astronaut": ((225, 120), (75, 95)),
    "rocket": ((325, 210), (60, 110)),
    "coffee": ((300, 170), (120, 110)),
}


def picture(rgb: Rgb, alpha: NDArray[np.uint8] | None = None) -> Picture:
    """Return pixels as a picture at full size."""
    return Picture(np.ascontiguousarray(rgb), alpha, rgb.shape[1], rgb.shape[0])


def photo(name: str) -> Rgb:
    """Return one of the photographs, (h, w, 3)."""
    return np.ascontiguousarray(getattr(skimage.data, name)()[..., :3])


@dataclass(frozen=True)
class Truth:
    """A pair with the right answer."""

    original: Picture
    designer: Picture
    affine: Affine
    mask: Mask

    def error(self, placement: Placement | None) -> float:
        """Return the corner error of a placement in original pixels."""
        assert placement is not None
        found = affine_from_matrix(placement.matrix())
        return corner_error(found, self.affine, (self.designer.full_width, self.designer.full_height))


def make_pair(
    name: str = "chelsea",
    *,
    scale: float = 0.6,
    turn: float = 0.0,
    mirrored: bool = False,
    background: str = "white",
    edit: Callable[[Rgb], Rgb] = lambda rgb: rgb,
    size: Size = (420, 400),
    off: tuple[float, float] = (7.3, -4.6),
) -> Truth:
    """Cut the portrait out of a photo as a designer would; ``scale`` original pixels make a designer pixel."""
    rgb = photo(name)
    centre, axes = PORTRAITS[name]
    height, width = rgb.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    cv2.ellipse(mask, centre, axes, 0, 0, 360, (255,), -1)
    middle = (size[0] / 2 + off[0], size[1] / 2 + off[1])
    affine = similarity(scale, turn, mirrored, middle, (float(centre[0]), float(centre[1])))
    cut = edit(warp(rgb, invert(affine), size, border=None))
    alpha = warp(mask, invert(affine), size)
    share = blur(alpha.astype(np.float32) / 255, 1.0)[..., None]
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    behind = np.zeros((size[1], size[0], 3), np.float32)
    if background == "white":
        behind[:] = 255
    elif background == "flat":
        behind[:] = (40, 120, 160)
    elif background == "gradient":
        behind[:] = np.stack([60 + 150 * x / size[0], 200 - 100 * y / size[1], 90 + 0 * x], axis=2)
    elif background == "photo":
        behind[:] = cv2.resize(skimage.data.rocket() if name != "rocket" else skimage.data.coffee(), size)
    if background == "kept":
        designer = picture(cut)
    elif background == "alpha":
        designer = picture(cut, np.rint(share[..., 0] * 255).astype(np.uint8))
    else:
        designer = picture(np.rint(cut * share + behind * (1 - share)).astype(np.uint8))
    return Truth(picture(rgb), designer, affine, mask)


@pytest.fixture(name="make_pair")
def make_pair_fixture() -> Callable[..., Truth]:
    """Return the maker of pairs."""
    return make_pair
