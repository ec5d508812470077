"""Both pictures of a placed pair in one frame around the footprint, and the way back into the original."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.images.picture import Picture
from core.maths.colour import Rgb
from core.maths.filters import Plane, Pyramid, unit
from core.maths.masks import Mask
from core.maths.warp import Affine, Size, apply, compose, corners, invert, resize_affine, scale_of, shift, warp

MOST_PIXELS = 1_500_000
"""A frame is not larger than this, however large the designer image is around the portrait."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Both pictures in one frame around the footprint, in the original's orientation."""

    to_frame: Affine
    """Original pixel to frame pixel."""
    size: Size
    original: Rgb
    designer: Rgb
    """Its edge repeated outside of the footprint."""
    inside: Plane
    """1 where the designer image covers the frame, soft at its border."""
    place: Affine
    """Designer pixel to frame pixel."""
    full: Size
    """Of the designer image."""

    @classmethod
    def around(cls, original: Picture, designer: Picture, placement: Affine, extent: float, wanted: float) -> Scene:
        """Cut the footprint out of the original, shrunk (never grown) until the portrait is of a wanted size.

        ``placement`` takes designer to original pixels; ``extent`` is the portrait's size in designer pixels and
        ``wanted`` that in the frame (roots of areas).
        """
        full = (designer.width, designer.height)
        (left, top), there = footprint_box(placement, full, (original.width, original.height))
        cut = original.rgb[top : top + there[1], left : left + there[0]]
        factor = min(
            1.0, wanted / max(extent * scale_of(placement), 1.0), math.sqrt(MOST_PIXELS / (there[0] * there[1]))
        )
        size = max(round(there[0] * factor), 1), max(round(there[1] * factor), 1)
        rgb = cut if size == there else cv2.resize(cut, size, interpolation=cv2.INTER_AREA)
        to_frame = compose(resize_affine(there, size), shift(-left, -top))
        place = compose(to_frame, placement)
        brought = Pyramid(designer.rgb).sampled(place, size, border=None).astype(np.float32)
        whole = np.full((designer.height, designer.width), 255, np.uint8)
        inside = unit(Pyramid(whole).sampled(place, size))
        return cls(to_frame, size, np.asarray(rgb, np.float32), brought, inside, place, full)

    @property
    def extent(self) -> float:
        """Size of what a portrait usually takes of the footprint: root of its area, pixels."""
        return 0.6 * math.sqrt(max(float(self.inside.sum()), 1.0))

    def bring(self, plane: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a plane of the designer image (any size) in this frame, its edge repeated outside."""
        small = (plane.shape[1], plane.shape[0])
        to_frame = compose(self.place, resize_affine(small, self.full))
        factor = scale_of(to_frame)
        if factor < 0.5:
            size = max(round(small[0] * factor), 1), max(round(small[1] * factor), 1)
            plane = cv2.resize(plane, size, interpolation=cv2.INTER_AREA).astype(np.float32)
            to_frame = compose(to_frame, resize_affine(size, small))
        return warp(plane, to_frame, self.size, border=None)

    def inside_of_wider(self, margin: int) -> Plane:
        """Return what ``inside`` is with so many pixels more on each side: in a large photo, the frame ends with it."""
        size = self.size[0] + 2 * margin, self.size[1] + 2 * margin
        whole = np.full((self.full[1], self.full[0]), 255, np.uint8)
        return unit(Pyramid(whole).sampled(compose(shift(margin, margin), self.place), size))

    def radius(self) -> Plane:
        """Return the squared distance from the middle of the designer image, 1 at the middle of its sides."""
        w, h = self.size
        y, x = np.mgrid[0:h, 0:w].astype(np.float64)
        back = invert(self.place)
        u = (back[0, 0] * x + back[0, 1] * y + back[0, 2]) / (self.full[0] / 2) - 1
        v = (back[1, 0] * x + back[1, 1] * y + back[1, 2]) / (self.full[1] / 2) - 1
        answer: Plane = (u * u + v * v).astype(np.float32)
        return answer

    def in_original(self, share: Plane, original: Size) -> Mask:
        """Return a plane of this frame, 0 to 1, as a mask of the original; only what the frame covers is computed."""
        mask = np.rint(255 * np.clip(share, 0, 1)).astype(np.uint8)
        back = invert(self.to_frame)
        outline = apply(back, corners(self.size))
        left, top = np.clip(np.floor(outline.min(axis=0)).astype(int) - 1, 0, None).tolist()
        right, bottom = np.minimum(np.ceil(outline.max(axis=0)).astype(int) + 2, original).tolist()
        whole = np.zeros((original[1], original[0]), np.uint8)
        if right > left and bottom > top:
            box = (right - left, bottom - top)
            whole[top:bottom, left:right] = warp(mask, compose(shift(-left, -top), back), box)
        return whole


def footprint_box(placement: Affine, frame: Size, full: Size) -> tuple[tuple[int, int], Size]:
    """Return corner and size of the upright box around the designer image in the original, a little larger."""
    outline = apply(placement, corners(frame))
    left, top = np.clip(np.floor(outline.min(axis=0)) - 4, 0, np.array(full) - 1).astype(int).tolist()
    right, bottom = np.clip(np.ceil(outline.max(axis=0)) + 5, [left + 1, top + 1], full).astype(int).tolist()
    return (left, top), (right - left, bottom - top)
