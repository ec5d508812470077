"""Geometry of pictures: exact composition of resizes and similarities, pixel centres at integers."""

from __future__ import annotations

import math
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from core.domain import Matrix

Affine = NDArray[np.float64]
"""(3, 3) float64, last row 0 0 1; takes column vectors (x, y, 1) of one frame to another."""

Size = tuple[int, int]
"""Width and height in pixels."""

Pixel = TypeVar("Pixel", np.uint8, np.float32)


def affine_from_matrix(matrix: Matrix) -> Affine:
    """Return a 2 x 3 matrix as a (3, 3) affine."""
    return np.array([matrix[0], matrix[1], (0.0, 0.0, 1.0)], np.float64)


def matrix_from_affine(affine: Affine) -> Matrix:
    """Return the upper two rows of an affine as plain floats."""
    (a11, a12, tx), (a21, a22, ty) = affine[:2].tolist()
    return ((a11, a12, tx), (a21, a22, ty))


def similarity(
    scale: float,
    rotation_deg: float,
    mirrored: bool = False,
    centre: tuple[float, float] = (0.0, 0.0),
    to: tuple[float, float] = (0.0, 0.0),
) -> Affine:
    """Return the similarity that takes the point ``centre`` to the point ``to``.

    The picture is mirrored left to right first (if asked), then scaled and rotated; a positive rotation turns the
    x axis towards the y axis, as in ``core.domain.Placement``.
    """
    angle = math.radians(rotation_deg)
    a, b = scale * math.cos(angle), scale * math.sin(angle)
    linear = np.array([[-a, -b], [-b, a]] if mirrored else [[a, -b], [b, a]], np.float64)
    affine = np.eye(3)
    affine[:2, :2] = linear
    affine[:2, 2] = np.asarray(to, np.float64) - linear @ np.asarray(centre, np.float64)
    return affine


def shift(dx: float, dy: float) -> Affine:
    """Return the affine that moves points by (``dx``, ``dy``) pixels."""
    return similarity(1.0, 0.0, to=(dx, dy))


def resize_affine(size: Size, new_size: Size) -> Affine:
    """Return where ``cv2.resize`` takes the pixels of a picture: x to (x + 0.5) k - 0.5 on each axis.

    ``size`` and ``new_size`` are (width, height); k is their true ratio, so rounding of the new size is no error.
    """
    kx, ky = new_size[0] / size[0], new_size[1] / size[1]
    return np.array([[kx, 0.0, kx / 2 - 0.5], [0.0, ky, ky / 2 - 0.5], [0.0, 0.0, 1.0]])


def compose(*affines: Affine) -> Affine:
    """Return the affine that applies the **last** argument first, as matrices are multiplied."""
    product = np.eye(3)
    for affine in affines:
        product = product @ affine
    return product


def invert(affine: Affine) -> Affine:
    """Return the inverse affine.

    Raises:
        ValueError: the linear part is singular.
    """
    a, b, c, d = affine[0, 0], affine[0, 1], affine[1, 0], affine[1, 1]
    det = a * d - b * c
    if not math.isfinite(det) or det == 0:
        raise ValueError("a singular affine has no inverse")
    inverse = np.eye(3)
    inverse[:2, :2] = np.array([[d, -b], [-c, a]]) / det
    inverse[:2, 2] = -inverse[:2, :2] @ affine[:2, 2]
    return inverse


def apply(affine: Affine, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take (n, 2) points x, y through an affine."""
    return points @ affine[:2, :2].T + affine[:2, 2]


def scale_of(affine: Affine) -> float:
    """Return the mean linear scale of an affine: the square root of its change of area."""
    return math.sqrt(abs(affine[0, 0] * affine[1, 1] - affine[0, 1] * affine[1, 0]))


def nearest_similarity(affine: Affine, centre: tuple[float, float]) -> Affine:
    """Return the similarity nearest to an affine in its linear part that moves ``centre`` as the affine does.

    Resizes to whole pixels have slightly different ratios across and down. Projecting at the origin instead of at
    the portrait's centre would throw that difference, times the distance to the origin, into the position.
    """
    (a11, a12), (a21, a22) = affine[:2, :2]
    mirrored = a11 * a22 - a12 * a21 < 0
    a, b = ((a22 - a11) / 2, -(a12 + a21) / 2) if mirrored else ((a11 + a22) / 2, (a21 - a12) / 2)
    to = apply(affine, np.array([centre], np.float64))[0]
    return similarity(math.hypot(a, b), math.degrees(math.atan2(b, a)), bool(mirrored), centre, (to[0], to[1]))


def corners(size: Size) -> NDArray[np.float64]:
    """Return the centres of a picture's four corner pixels, clockwise from the top left, as (4, 2) x, y."""
    w, h = size
    return np.array([[0, 0], [w - 1, 0], [w - 1, h - 1], [0, h - 1]], np.float64)


def frame(affine: Affine, size: Size) -> tuple[Affine, Size]:
    """Return ``affine`` moved so that a picture of ``size`` lands wholly at positive pixels, and the room it takes."""
    outline = apply(affine, corners(size))
    low = np.floor(outline.min(axis=0))
    high = np.ceil(outline.max(axis=0))
    return compose(shift(-low[0], -low[1]), affine), (int(high[0] - low[0]) + 1, int(high[1] - low[1]) + 1)


def warp(
    img: NDArray[Pixel], affine: Affine, size: Size, border: float | None = 0.0, interpolation: int = cv2.INTER_LINEAR
) -> NDArray[Pixel]:
    """Return ``img`` taken through ``affine`` (its pixels to the answer's) into a picture of ``size``.

    ``border`` is the value outside of ``img``; None repeats its edge. Bilinear by default: whoever shrinks by more
    than a factor of two resizes first.
    """
    mode = cv2.BORDER_REPLICATE if border is None else cv2.BORDER_CONSTANT
    value = 0.0 if border is None else border
    flags = interpolation | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(  # type: ignore[return-value]  # OpenCV's stubs forget the dtype
        img, invert(affine)[:2], size, flags=flags, borderMode=mode, borderValue=(value, value, value, value)
    )


def resize(img: NDArray[Pixel], size: Size) -> NDArray[Pixel]:
    """Return ``img`` at ``size``: area means where it shrinks, bilinear where it grows."""
    shrinks = size[0] * size[1] < img.shape[0] * img.shape[1]
    if (img.shape[1], img.shape[0]) == size:
        return img
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(img, size, interpolation=way)  # type: ignore[return-value]  # OpenCV's stubs forget the dtype
