"""The coarse search: every scale, rotation and mirror state of the designer image, by masked correlation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from core.maths.correlate import ENERGY_STEP, masked_ncc, spectra, unit_template
from core.maths.filters import Plane, Pyramid
from core.maths.warp import Affine, Size, compose, nearest_similarity, resize, resize_affine, shift, similarity
from core.reconcile.options import ReconcileOptions
from core.reconcile.views import DesignerView, feature

EXTENT = 56.0
"""The foreground is shrunk to this size (root of its area, pixels): the same information at every scale."""
SCALE_STEP = 1.12
ROTATION_STEP = 7.0
SMALLEST, LARGEST = 60.0, 1.25
"""Heads from this many pixels (more in large photos) up to this share of the photo's root area are looked for."""
FINEST = 300_000
"""Originals are not searched above this many pixels: the smallest head grows with the photo instead."""
TURN_PIXELS = 1_500_000
"""Pixels that are correlated between two checks: some 50 ms."""
ENERGY_FLOOR = 0.25
"""Least local energy, as a share of what a photo has on average."""


@dataclass(frozen=True, slots=True, eq=False)
class Hypothesis:
    """A possible placement: an exact similarity, designer to original, and how well it correlates (-1 to 1)."""

    affine: Affine
    score: float


@dataclass(frozen=True, slots=True)
class _Peak:
    """A local maximum of the correlation: where in a scale of the original the portrait's centre would lie."""

    cell: _Cell
    x: int
    y: int
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class _Template:
    to_frame: Affine
    template: Plane
    weight: Plane


@dataclass(frozen=True, slots=True)
class _Cell:
    """One scale of the original in a bin: its pixel (0, 0) lies at (x, y)."""

    bin: int
    x: int
    y: int
    size: Size


def search(
    original: Pyramid, designer: DesignerView, options: ReconcileOptions, keep: int, check: Callable[[], None]
) -> list[Hypothesis]:
    """Return up to ``keep`` distinct hypotheses, best first."""
    reach = min(math.ceil(designer.radius * EXTENT / designer.extent) + 1, 64)
    turns = _templates(designer, reach, options)
    check()
    sizes = _sizes(original.size, designer)
    if not sizes or not turns:
        return []
    bin_size, cells = _pack(sizes, reach)
    bins = np.zeros((max(cell.bin for cell in cells) + 1, bin_size[1], bin_size[0]), np.float32)
    for cell in cells:
        w, h = cell.size
        bins[cell.bin, cell.y : cell.y + h, cell.x : cell.x + w] = feature(
            original.resized(cell.size).astype(np.float32)
        )
        check()
    best = _correlate(bins, turns, options, check)
    peaks: list[_Peak] = []
    for cell in cells:
        # A template's corner, not its centre, lies at the pixel that the correlation names.
        top, left = cell.y - reach, cell.x - reach
        peaks += _peaks(best[cell.bin, top : top + cell.size[1], left : left + cell.size[0]], cell, keep)
    peaks = sorted(peaks, key=lambda peak: -peak.score)[: 4 * keep]
    if not peaks:
        return []
    found = []
    for peak, turn in zip(peaks, _turns_at(peaks, bins, turns), strict=True):
        to_original = resize_affine(peak.cell.size, original.size)
        affine = compose(to_original, shift(peak.x - reach, peak.y - reach), turn.to_frame)
        found.append(Hypothesis(nearest_similarity(affine, designer.centre), peak.score))
    return distinct(found, designer, keep)


def distinct(found: list[Hypothesis], designer: DesignerView, keep: int) -> list[Hypothesis]:
    """Return the first ``keep`` hypotheses of which none is nearly the same as a better one."""
    kept: list[Hypothesis] = []
    for hypothesis in found:
        if all(difference(hypothesis.affine, other.affine, designer) > 0.2 for other in kept):
            kept.append(hypothesis)
            if len(kept) == keep:
                break
    return kept


def difference(one: Affine, other: Affine, designer: DesignerView) -> float:
    """Return how far two placements lie apart: 0 the same, 1 about a portrait's size.

    It is the mean distance of three points about the portrait's centre, over the smaller portrait's extent.
    """
    x, y = designer.centre
    reach = designer.extent / 2
    points = np.array([[x, y], [x + reach, y], [x, y + reach]])
    a, b = (points @ affine[:2, :2].T + affine[:2, 2] for affine in (one, other))
    smaller = min(np.hypot(*(p[1] - p[0])) for p in (a, b)) * 2
    return float(np.mean(np.hypot(*(a - b).T)) / max(smaller, 1e-9))


def _templates(designer: DesignerView, reach: int, options: ReconcileOptions) -> list[_Template]:
    steps = math.floor(min(options.max_rotation_deg, 180.0) / ROTATION_STEP)
    angles = [step * ROTATION_STEP for step in range(-steps, steps + 1)]
    if options.max_rotation_deg >= 180:
        angles = [angle for angle in angles if -180 < angle <= 180]
    answer = []
    size = (2 * reach + 1, 2 * reach + 1)
    for mirrored in (False, True) if options.mirror else (False,):
        for angle in angles:
            to_frame = similarity(
                EXTENT / designer.extent, angle, mirrored, designer.centre, (float(reach), float(reach))
            )
            weight = designer.weight(to_frame, size)
            template = unit_template(feature(designer.plane(to_frame, size), weight), weight)
            if template.any():
                answer.append(_Template(to_frame, template, weight))
    return answer


def _sizes(full: Size, designer: DesignerView) -> list[Size]:
    """Return the sizes at which the original is searched, largest first."""
    w, h = full
    root = math.sqrt(w * h)
    smallest = max(SMALLEST, EXTENT * root / math.sqrt(FINEST))
    largest = LARGEST * root
    sizes: list[Size] = []
    head = smallest
    while head <= largest or not sizes:
        factor = EXTENT / head
        size = max(round(w * factor), 1), max(round(h * factor), 1)
        if min(size) >= 8:
            sizes.append(size)
        head *= SCALE_STEP
        if head > largest * 10:
            break
    return sizes


def _pack(sizes: list[Size], reach: int) -> tuple[Size, list[_Cell]]:
    """Lay all scales out on equal bins, on shelves, each with a margin of zeros as wide as a template reaches."""
    width = scipy.fft.next_fast_len(-(-(sizes[0][0] + reach) // ENERGY_STEP), real=True) * ENERGY_STEP
    height = scipy.fft.next_fast_len(-(-(sizes[0][1] + reach) // ENERGY_STEP), real=True) * ENERGY_STEP
    cells: list[_Cell] = []
    shelves: list[list[int]] = []  # bin, y, height, x where free
    filled: list[int] = []  # height used in each bin
    for size in sizes:
        w, h = size[0] + reach, size[1] + reach
        shelf = next((s for s in shelves if s[2] >= h and s[3] + w <= width), None)
        if shelf is None:
            index = next((i for i, used in enumerate(filled) if used + h <= height), len(filled))
            if index == len(filled):
                filled.append(0)
            shelf = [index, filled[index], h, 0]
            shelves.append(shelf)
            filled[index] += h
        cells.append(_Cell(shelf[0], shelf[3] + reach, shelf[1] + reach, size))
        shelf[3] += w
    return (width, height), cells


def _chunks(count: int, shape: tuple[int, int], max_memory_mb: int) -> Iterator[slice]:
    """Yield slices of the templates that stay below a memory, and take no longer than a user waits for a cancel.

    A template needs its spectrum, the product with the picture's, and the correlation: five numbers a pixel.
    """
    pixels = shape[0] * shape[1]
    most = int(max(min(max_memory_mb * 1e6 / (4 * 5 * pixels), TURN_PIXELS / pixels), 1))
    for start in range(0, count, most):
        yield slice(start, start + most)


def _correlate(
    bins: NDArray[np.float32], turns: list[_Template], options: ReconcileOptions, check: Callable[[], None]
) -> NDArray[np.float32]:
    """Return, for every pixel of every bin, the best |correlation| of all templates."""
    shape = (bins.shape[1], bins.shape[2])
    best = np.zeros(bins.shape, np.float32)
    coarse = (shape[0] // ENERGY_STEP, shape[1] // ENERGY_STEP)
    span = -(-turns[0].weight.shape[0] // ENERGY_STEP)
    pad = span * ENERGY_STEP - turns[0].weight.shape[0]
    floor = ENERGY_FLOOR * float(np.mean([turn.weight.sum() for turn in turns]))
    for part in _chunks(len(turns), shape, options.max_memory_mb):
        group = turns[part]
        template_spectra = spectra(np.stack([turn.template for turn in group]), shape)
        weights = np.stack([resize(np.pad(turn.weight, (0, pad)), (span, span)) for turn in group])
        weight_spectra = spectra(weights, coarse)
        for index, plane in enumerate(bins):
            for score in masked_ncc(plane, template_spectra, weight_spectra, floor):
                np.maximum(best[index], np.abs(score, out=score), out=best[index])
            check()
    return best


def _peaks(score: Plane, cell: _Cell, keep: int) -> list[_Peak]:
    """Return up to ``keep`` local maxima of a cell, best first."""
    top = cv2.dilate(score, np.ones((9, 9), np.uint8))
    y, x = np.nonzero((score >= top) & (score > 0.05))
    order = np.argsort(-score[y, x])[:keep]
    return [_Peak(cell, int(x[i]), int(y[i]), float(score[y[i], x[i]])) for i in order]


def _turns_at(peaks: list[_Peak], bins: NDArray[np.float32], turns: list[_Template]) -> list[_Template]:
    """Return which template made each peak: cheaper to ask again there than to remember it everywhere."""
    side = turns[0].template.shape[0]
    reach = side // 2
    padded = np.pad(bins, ((0, 0), (0, side), (0, side)))
    corners = [(peak.cell.y - reach + peak.y, peak.cell.x - reach + peak.x, peak.cell.bin) for peak in peaks]
    patches = np.array([padded[b, y : y + side, x : x + side] for y, x, b in corners]).reshape(len(peaks), -1)
    templates = np.array([turn.template for turn in turns]).reshape(len(turns), -1)
    weights = np.array([turn.weight for turn in turns]).reshape(len(turns), -1)
    energy = (patches * patches) @ weights.T
    scores = np.abs(patches @ templates.T) / np.sqrt(np.maximum(energy, ENERGY_FLOOR * weights.sum(axis=1)))
    return [turns[index] for index in scores.argmax(axis=1)]
