"""The method of Mueller et al. as they wrote it: one convolution with every rotated and resized designer image.

The Laplacian of the original is convolved with the Laplacian of the designer image at every rotation and scale of a
grid, each a filter of one convolution layer. The maximum of each filter's response, then the maximum of those, gives
rotation and scale, its position the place; the designer's foreground, warped there, is the mask. Nothing is
normalised, and nothing is mirrored: that is how the paper has it. What the paper leaves open the options decide (the
grid and the working size) or this file (white behind a transparent designer image).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from core.device import resolve
from core.domain import Placement
from core.errors import DeviceProblem, UsageProblem
from core.images.picture import Picture
from core.maths.filters import Plane, Pyramid, laplacian
from core.maths.metrics import weighted_ncc
from core.maths.warp import (
    Affine,
    Size,
    compose,
    matrix_from_affine,
    nearest_similarity,
    resize_affine,
    shift,
    similarity,
)
from core.reconcile.foreground import find_foreground, is_transparent
from core.reconcile.options import ReconcileOptions
from core.reconcile.placing import TRANSPARENT, nothing, placement_of_files, warped_foreground
from core.reconcile.result import Result

MULTIPLICATIONS = 5e8
"""Work of one call of the convolution: between two calls the owner may stop us."""


@dataclass(frozen=True, slots=True, eq=False)
class _Filter:
    """One rotated and resized designer image: its Laplacian, and where a designer pixel lies in it."""

    plane: Plane
    to_frame: Affine


@dataclass(frozen=True, slots=True, eq=False)
class _Best:
    """The strongest response so far, and where in the original that filter's top left corner lies."""

    response: float
    x: int
    y: int
    filter: _Filter


def find(original: Picture, designer: Picture, options: ReconcileOptions, check: Callable[[], None]) -> Result:
    """Reconcile one pair; see ``core.reconcile.pipeline.reconcile``.

    Raises:
        UsageProblem: the options' grid has no step, or no end.
    """
    if options.paper_rotation_step_deg <= 0 or options.paper_scale_step <= 1 or options.paper_smallest <= 0:
        raise UsageProblem(
            "The paper's grid needs steps: degrees above 0, scales by a factor above 1, starting above 0.",
            "Use 7.5 degrees and a factor of 1.1, as usual.",
        )
    if is_transparent(designer):
        return nothing(TRANSPARENT)
    device = torch.device(resolve(options.device))
    photo = Pyramid(cv2.cvtColor(original.rgb, cv2.COLOR_RGB2GRAY))  # type: ignore[arg-type]
    small = _working_size(photo.size, options.paper_long_side)
    edges = laplacian(photo.resized(small).astype(np.float32))
    check()
    on_white = Pyramid(_on_white(designer))
    best: _Best | None = None
    try:
        for filters in _grid(on_white, small, options):
            check()
            best = _strongest(edges, filters, best, device=device, max_memory_mb=options.max_memory_mb, check=check)
    except torch.OutOfMemoryError as error:
        raise DeviceProblem("The GPU ran out of memory.", "Lower the search memory, or use the device cpu.") from error
    if best is None:
        return nothing("There is nothing in one of the pictures to compare.")
    corner = shift(best.x, best.y)
    in_small = compose(corner, best.filter.to_frame)
    up = resize_affine(small, photo.size)
    middle = ((designer.width - 1) / 2, (designer.height - 1) / 2)
    affine = nearest_similarity(compose(up, in_small), middle)
    mask = warped_foreground(find_foreground(designer, check), affine, on_white.size, photo.size)
    placement = placement_of_files(original, designer, Placement.from_matrix(matrix_from_affine(affine)))
    reason = "The strongest response of the grid; this method does not judge whether it is right."
    return Result(placement, mask, _correlation(edges, best), reason, 0.0)


def _working_size(size: Size, long_side: int) -> Size:
    factor = min(1.0, long_side / max(size))
    return max(round(size[0] * factor), 1), max(round(size[1] * factor), 1)


def _on_white(designer: Picture) -> NDArray[np.uint8]:
    grey: NDArray[np.uint8] = cv2.cvtColor(designer.rgb, cv2.COLOR_RGB2GRAY)  # type: ignore[assignment]
    if designer.alpha is None:
        return grey
    opaque = designer.alpha.astype(np.float32) / 255
    return np.rint(grey * opaque + 255 * (1 - opaque)).astype(np.uint8)


def _grid(designer: Pyramid, small: Size, options: ReconcileOptions) -> Iterator[list[_Filter]]:
    """Yield the filters of each scale: every rotation, in one common frame."""
    turn = options.paper_rotation_step_deg
    steps = math.floor(min(options.max_rotation_deg, 180.0) / turn)
    angles = [step * turn for step in range(-steps, steps + 1) if step * turn > -180]
    side = options.paper_smallest * max(small)
    while side <= options.paper_largest * max(small):
        factor = side / max(designer.size)
        size = max(round(designer.size[0] * factor), 1), max(round(designer.size[1] * factor), 1)
        resized = Pyramid(designer.resized(size))
        reach = math.ceil(math.hypot(*size) / 2) + 1
        square = (2 * reach + 1, 2 * reach + 1)
        to_size = resize_affine(designer.size, size)
        filters = []
        for angle in angles:
            turned = similarity(1.0, angle, False, ((size[0] - 1) / 2, (size[1] - 1) / 2), (reach, reach))
            plane = laplacian(resized.sampled(turned, square, border=None).astype(np.float32))
            inside = Pyramid(np.full((size[1], size[0]), 255, np.uint8)).sampled(turned, square)
            plane[cv2.erode(inside, np.ones((3, 3), np.uint8)) < 255] = 0  # the frame is no edge
            filters.append(_Filter(plane, compose(turned, to_size)))
        yield filters
        side *= options.paper_scale_step


def _strongest(
    edges: Plane,
    filters: list[_Filter],
    best: _Best | None,
    *,
    device: torch.device,
    max_memory_mb: int,
    check: Callable[[], None],
) -> _Best | None:
    """Return the strongest response of these filters, or ``best`` if that is stronger."""
    span = filters[0].plane.shape[0]
    reach = span // 2
    padded = functional.pad(torch.from_numpy(edges), (reach, reach, reach, reach)).to(device)
    height, width = edges.shape
    count, rows = chunk(len(filters), height, width, span, max_memory_mb)
    for first in range(0, len(filters), count):
        group = filters[first : first + count]
        weight = torch.from_numpy(np.stack([one.plane for one in group]))[:, None].to(device)
        for top in range(0, height, rows):
            check()
            strip = padded[top : min(top + rows, height) + 2 * reach][None, None]
            response = functional.conv2d(strip, weight)[0]
            peak, place = response.flatten(1).max(dim=1)
            index = int(peak.argmax())
            value = float(peak[index])
            if value > 0 and (best is None or value > best.response):
                y, x = divmod(int(place[index]), width)
                best = _Best(value, x - reach, top + y - reach, group[index])
    return best


def chunk(filters: int, height: int, width: int, span: int, max_memory_mb: int) -> tuple[int, int]:
    """Return how many filters and how many rows of the answer one call of the convolution may take.

    A convolution may unfold its input: ``span`` x ``span`` numbers for each pixel of the answer. That, the filters and
    the answer stay below ``max_memory_mb``; at least one filter and one row are taken.
    """
    budget = max_memory_mb * 1e6 / 4
    count = int(max(min(filters, MULTIPLICATIONS / (span * span * width), budget / (3 * span * span)), 1))
    unfolded = span * span * width + count * width
    rows = int(max(min(height, MULTIPLICATIONS / (span * span * width * count), budget / 2 / unfolded), 1))
    return count, rows


def _correlation(edges: Plane, best: _Best) -> float:
    """Return the correlation of both Laplacians where the designer image came to lie, 0 to 1."""
    plane = best.filter.plane
    h, w = edges.shape
    there = np.zeros_like(plane)
    inside = np.zeros_like(plane)
    top, left = max(-best.y, 0), max(-best.x, 0)
    bottom, right = min(h - best.y, plane.shape[0]), min(w - best.x, plane.shape[1])
    there[top:bottom, left:right] = edges[best.y + top : best.y + bottom, best.x + left : best.x + right]
    inside[top:bottom, left:right] = 1
    return max(weighted_ncc(plane, there, inside), 0.0)
