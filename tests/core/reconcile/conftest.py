"""Pairs with known placement and mask, from the photographs in scikit-image's wheel and from made ones."""

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
from core.maths.filters import Pyramid, blur
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


def procedural(seed: int, size: Size = (560, 420)) -> Rgb:
    """Return a photo of nothing: noise of four sizes, its colours related as they are in photographs."""
    random = np.random.default_rng(seed)
    rgb = np.full((size[1], size[0], 3), 128, np.float32)
    for sigma, strength in ((1.2, 90), (4.0, 160), (14.0, 500), (50.0, 1300)):
        grey, *colours = (blur(random.normal(size=size[::-1]).astype(np.float32), sigma) for _ in range(4))
        rgb += strength * (grey[..., None] + 0.4 * np.stack(colours, axis=2))
    return np.clip(rgb, 0, 255).astype(np.uint8)


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


def cut_out(
    rgb: Rgb,
    *,
    head: float,
    scale: float,
    turn: float = 0.0,
    mirrored: bool = False,
    at: tuple[float, float] = (0.5, 0.5),
    background: str = "alpha",
    edit: Callable[[Rgb], Rgb] = lambda rgb: rgb,
) -> Truth:
    """Cut an ellipse out of a photo: ``head`` pixels large (root of its area), ``at`` that share of the room there is.

    ``scale`` original pixels make a designer pixel. The edit is that of the portrait, not of what lies behind it.
    """
    height, width = rgb.shape[:2]
    half = head / np.sqrt(np.pi)
    room = 1.12 * half + 3
    x, y = room + at[0] * (width - 1 - 2 * room), room + at[1] * (height - 1 - 2 * room)
    size = (round(2.7 * half / scale), round(3.0 * half / scale))
    affine = similarity(scale, turn, mirrored, (size[0] / 2 + 0.3, size[1] / 2 - 0.7), (x, y))
    v, u = np.mgrid[0:height, 0:width]
    inside = ((u - x) / (0.9 * half)) ** 2 + ((v - y) / (half / 0.9)) ** 2 <= 1
    mask = np.where(inside, np.uint8(255), np.uint8(0))
    cut = edit(Pyramid(rgb).sampled(invert(affine), size, border=None))
    share = blur(Pyramid(mask).sampled(invert(affine), size).astype(np.float32) / 255, 0.7)
    if background == "alpha":
        designer = picture(cut, np.rint(255 * share).astype(np.uint8))
    else:
        designer = picture(np.rint(cut * share[..., None] + 255 * (1 - share[..., None])).astype(np.uint8))
    return Truth(picture(rgb), designer, affine, mask)


@pytest.fixture(name="make_pair")
def make_pair_fixture() -> Callable[..., Truth]:
    """Return the maker of pairs."""
    return make_pair
