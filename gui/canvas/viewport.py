"""The view's mathematics: which pixel of an image lies where in a pane. Numbers only, no Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain import Matrix

Point = tuple[float, float]
Size = tuple[float, float]
PixelRect = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels; right and bottom are not part of it."""

IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
MAX_SCALE = 64.0
"""Largest zoom: view pixels for each image pixel."""
SMALLEST_FIT = 0.5
"""Smallest zoom, as a share of the one that fits the whole image."""


def compose(outer: Matrix, inner: Matrix) -> Matrix:
    """Return the 2 x 3 matrix that applies ``inner`` first, then ``outer``."""
    (a, b, c), (d, e, f) = outer
    (p, q, r), (s, t, u) = inner
    return (
        (a * p + b * s, a * q + b * t, a * r + b * u + c),
        (d * p + e * s, d * q + e * t, d * r + e * u + f),
    )


def invert(matrix: Matrix) -> Matrix:
    """Return the inverse of a 2 x 3 affine matrix.

    Raises:
        ValueError: the matrix is singular.
    """
    (a, b, c), (d, e, f) = matrix
    det = a * e - b * d
    if det == 0:
        raise ValueError(f"singular: {matrix}")
    return (
        (e / det, -b / det, (b * f - e * c) / det),
        (-d / det, a / det, (d * c - a * f) / det),
    )


def transform(matrix: Matrix, point: Point) -> Point:
    """Take a point (x, y) through a 2 x 3 matrix."""
    (a, b, c), (d, e, f) = matrix
    x, y = point
    return a * x + b * y + c, d * x + e * y + f


@dataclass(frozen=True, slots=True)
class Viewport:
    """How an image lies in a pane: an affine map from image pixels to view pixels.

    Image pixel centres lie at integers, so that an image w pixels wide reaches from -0.5 to w - 0.5. View
    coordinates are the widget's logical pixels, (0, 0) at its top left corner.
    """

    matrix: Matrix = IDENTITY

    @property
    def scale(self) -> float:
        """View pixels for each image pixel (root of the area's growth)."""
        (a, b, _), (d, e, _) = self.matrix
        return math.sqrt(abs(a * e - b * d))

    def to_view(self, point: Point) -> Point:
        """Take an image point to the view."""
        return transform(self.matrix, point)

    def to_image(self, point: Point) -> Point:
        """Take a view point to the image."""
        return transform(invert(self.matrix), point)

    def after(self, first: Matrix) -> Viewport:
        """Return the view of another image whose pixels ``first`` takes to this one's."""
        return Viewport(compose(self.matrix, first))

    def panned(self, dx: float, dy: float) -> Viewport:
        """Return the view moved by (dx, dy) view pixels."""
        return Viewport(compose(((1.0, 0.0, dx), (0.0, 1.0, dy)), self.matrix))

    def zoomed_at(self, point: Point, factor: float, limits: tuple[float, float]) -> Viewport:
        """Return the view magnified by ``factor`` about a view point, which keeps its image point.

        ``limits`` are the smallest and the largest scale. A view that is outside of them already (its pane has
        changed size) may only move towards them.
        """
        now = self.scale
        low, high = min(limits[0], now), max(limits[1], now)
        by = min(max(now * factor, low), high) / now
        x, y = point
        return Viewport(compose(((by, 0.0, x - by * x), (0.0, by, y - by * y)), self.matrix))


def fit(image: Size, view: Size, margin: float = 0.0) -> Viewport:
    """Return the upright view that shows a whole image as large as it goes, centred.

    Args:
        image: width and height in pixels, at least 1.
        view: width and height of the pane; a pane without area is taken as one pixel.
        margin: view pixels to leave free at each side, given up where the pane is too small for it.
    """
    return fit_points(frame(image), view, margin)


def fit_points(points: Sequence[Point], view: Size, margin: float = 0.0) -> Viewport:
    """Return the upright view that shows all of some image points, at least two, as large as it goes, centred."""
    xs, ys = zip(*points, strict=True)
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    scale = fit_scale((max(right - left, 1.0), max(bottom - top, 1.0)), view, margin)
    tx, ty = (view[0] - scale * (left + right)) / 2, (view[1] - scale * (top + bottom)) / 2
    return Viewport(((scale, 0.0, tx), (0.0, scale, ty)))


def fit_scale(image: Size, view: Size, margin: float = 0.0) -> float:
    """Return the scale of :func:`fit`."""
    width, height = (max(side - 2 * margin, side / 2, 1.0) for side in view)
    return min(width / image[0], height / image[1], MAX_SCALE)


def frame(image: Size) -> tuple[Point, Point, Point, Point]:
    """Return the corners of an image's frame: top left, top right, bottom right, bottom left."""
    right, bottom = image[0] - 0.5, image[1] - 0.5
    return (-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom)


def zoom_limits(image: Size, view: Size) -> tuple[float, float]:
    """Return the smallest and the largest useful scale of an image in a pane."""
    return min(fit_scale(image, view) * SMALLEST_FIT, 1.0), MAX_SCALE


def whole_pixels(view: Viewport, ratio: float) -> Viewport:
    """Return the view moved by less than a device pixel so that the image's edges lie between device pixels.

    A picture at 100 % is sharp only so. ``ratio`` is device pixels for each view pixel.
    """
    x, y = view.to_view((-0.5, -0.5))
    return view.panned(round(x * ratio) / ratio - x, round(y * ratio) / ratio - y)


def level_matrix(level: Size, full: Size) -> Matrix:
    """Return the map from a pyramid level's pixels to the full image's (both with centres at integers)."""
    kx, ky = full[0] / level[0], full[1] / level[1]
    return (kx, 0.0, (kx - 1) / 2), (0.0, ky, (ky - 1) / 2)


def choose_level(scale: float, widths: Sequence[int], full_width: int) -> int:
    """Return the coarsest level of a pyramid that still has a pixel for each device pixel, or the finest.

    Args:
        scale: device pixels for each pixel of the full image.
        widths: pixels across of each level, finest first.
        full_width: pixels across of the full image.
    """
    needed = scale * full_width * (1 - 1e-6)
    return max((index for index, width in enumerate(widths) if width >= needed), default=0)


def visible(view: Viewport, size: Size, image: tuple[int, int], margin: int = 2) -> PixelRect:
    """Return the pixels of an image that a pane of ``size`` can show, with ``margin`` more at each side.

    The rectangle is empty (right <= left or bottom <= top) where the image lies outside of the pane.
    """
    back = invert(view.matrix)
    corners = [transform(back, (x, y)) for x in (0.0, size[0]) for y in (0.0, size[1])]
    xs, ys = zip(*corners, strict=True)
    left, top = math.floor(min(xs) + 0.5) - margin, math.floor(min(ys) + 0.5) - margin
    right, bottom = math.ceil(max(xs) + 0.5) + margin, math.ceil(max(ys) + 0.5) + margin
    return max(left, 0), max(top, 0), min(right, image[0]), min(bottom, image[1])
