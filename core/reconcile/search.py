"""The coarse search: every scale, rotation and mirror state of the designer image, by masked correlation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from core.maths.backend import Array, Backend
from core.maths.correlate import ENERGY_STEP, correlate, gain, paired_spectra, spectra, unit_templates
from core.maths.features import Feature, Window, band
from core.maths.filters import Plane, Pyramid
from core.maths.warp import Affine, Size, compose, nearest_similarity, resize_affine, shift, similarity
from core.reconcile.options import ReconcileOptions
from core.reconcile.views import DesignerView

SMALLEST, LARGEST = 60.0, 1.25
"""Heads from this many pixels (more in large photos) up to this share of the photo's root area are looked for."""
TALLEST = 3.0
"""Nor are heads larger than this many times the photo's short side: of a strip little can be seen."""
BINS_AT_ONCE = 2_500_000
"""Pixels whose features are computed between two checks."""
ENERGY_FLOOR = 0.25
"""Least local energy, as a share of what a photo has on average."""
NEAR = 0.2
"""Hypotheses nearer than this (in portraits) are one."""


@dataclass(frozen=True, slots=True, eq=False)
class Hypothesis:
    """A possible placement: an exact similarity, designer to original, and how well it correlates (0 to 1)."""

    affine: Affine
    score: float


@dataclass(frozen=True, slots=True)
class Range:
    """Which placements are looked for; heads (root of the portrait's area) in original pixels."""

    mirrored: tuple[bool, ...]
    most_deg: float
    """Rotations up to this either way from the middle; 180: all of them."""
    middle_deg: float = 0.0
    smallest: float = 0.0
    largest: float = math.inf

    @classmethod
    def from_options(cls, options: ReconcileOptions) -> Range:
        """Return all that the options allow."""
        return cls((False, True) if options.mirror else (False,), options.max_rotation_deg)

    def angles_deg(self, step: float) -> list[float]:
        """Return rotations, in degrees, so that none in the range lies further than half a step from one of them."""
        if self.most_deg >= 180:
            count = math.ceil(360 / step)
            return [self.middle_deg + at * 360 / count for at in range(1 - (count + 1) // 2, count // 2 + 1)]
        steps = math.ceil(max(self.most_deg / step - 0.5, 0.0))
        return [self.middle_deg + at * self.most_deg / (steps + 0.5) for at in range(-steps, steps + 1)]


@dataclass(frozen=True, slots=True)
class Look:
    """How a search looks: in which feature, with the foreground shrunk to which size (root of its area, pixels)."""

    extent: float = 56.0
    feature: Feature = field(default=band)
    smallest_share: float = 0.1
    """Heads below this share of a large photo's root area are not looked for: they would cost the square of it."""
    turn: float = 7.1
    """Degrees between two rotations, and …"""
    growth: float = 1.12
    """… the ratio of two scales. The smaller the portrait, the less either moves its rim."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """One scale of the original in a bin: its pixel (0, 0) lies at (x, y)."""

    bin: int
    x: int
    y: int
    size: Size


@dataclass(frozen=True, slots=True)
class _Peak:
    """A local maximum of the correlation: where in a scale of the original the portrait's centre would lie."""

    cell: _Cell
    x: int
    y: int
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class _Turns:
    """The designer image at every rotation and mirror state in one frame."""

    to_frames: list[Affine]
    templates: Array
    weights: NDArray[np.float32]


def search(
    original: Pyramid,
    designer: DesignerView,
    backend: Backend,
    where: Range,
    look: Look,
    *,
    keep: int,
    max_memory_mb: int,
    check: Callable[[], None],
) -> list[Hypothesis]:
    """Return up to ``keep`` distinct hypotheses, best first."""
    reach = min(math.ceil(designer.radius * look.extent / designer.extent) + 1, math.ceil(1.15 * look.extent))
    turns = _turns(designer, backend, where, look, reach)
    check()
    sizes = _sizes(original.size, look, where)
    if not sizes or turns is None:
        return []
    bin_size, cells = _pack(sizes, reach)
    bins = _bins(original, backend, look, bin_size, cells, check=check)
    check()
    best = _correlate(bins, turns, backend, max_memory_mb, check)
    peaks: list[_Peak] = []
    for cell in cells:
        # A template's corner, not its centre, lies at the pixel that the correlation names.
        top, left = cell.y - reach, cell.x - reach
        peaks += _peaks(best[cell.bin, top : top + cell.size[1], left : left + cell.size[0]], cell, keep)
    peaks = sorted(peaks, key=lambda peak: -peak.score)[: 4 * keep]
    if not peaks:
        return []
    check()
    found = []
    for peak, (turn, score) in zip(peaks, _turns_at(peaks, bins, turns, backend), strict=True):
        to_original = resize_affine(peak.cell.size, original.size)
        affine = compose(to_original, shift(peak.x - reach, peak.y - reach), turn)
        found.append(Hypothesis(nearest_similarity(affine, designer.centre), score))
    return distinct(sorted(found, key=lambda one: -one.score), designer, keep)


def distinct(found: Sequence[Hypothesis], designer: DesignerView, keep: int) -> list[Hypothesis]:
    """Return the first ``keep`` hypotheses of which none is nearly the same as a better one."""
    kept: list[Hypothesis] = []
    for hypothesis in found:
        if all(difference(hypothesis.affine, other.affine, designer) > NEAR for other in kept):
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


def _turns(designer: DesignerView, backend: Backend, where: Range, look: Look, reach: int) -> _Turns | None:
    size = (2 * reach + 1, 2 * reach + 1)
    factor = look.extent / designer.extent
    to_frames = [
        similarity(factor, angle, mirrored, designer.centre, (float(reach), float(reach)))
        for mirrored in where.mirrored
        for angle in where.angles_deg(look.turn)
    ]
    weights = designer.weights(to_frames, size)
    window = Window(backend, weights)
    templates = unit_templates(look.feature(designer.planes.sampled(to_frames, size), window), window)
    if not bool((templates != 0).any()):
        return None
    return _Turns(to_frames, templates, backend.numpy(weights))


def _sizes(full: Size, look: Look, where: Range) -> list[Size]:
    """Return the sizes at which the original is searched, largest first."""
    w, h = full
    root = math.sqrt(w * h)
    head = max(SMALLEST, look.smallest_share * root, where.smallest)
    largest = min(LARGEST * root, TALLEST * min(w, h), where.largest)
    sizes: list[Size] = []
    while True:
        factor = look.extent / head
        size = max(round(w * factor), 1), max(round(h * factor), 1)
        if min(size) >= 8 and factor < 10:
            sizes.append(size)
        if head >= largest or factor < 0.001:
            return sizes
        head = min(head * look.growth, largest) if where.largest < math.inf else head * look.growth


def _pack(sizes: list[Size], reach: int) -> tuple[Size, list[_Cell]]:
    """Lay all scales out on equal bins, on shelves, each with a margin of zeros as wide as a template reaches."""
    sides = (max(side + reach, 2 * reach + 1) for side in sizes[0])
    width, height = (scipy.fft.next_fast_len(-(-side // ENERGY_STEP), real=True) * ENERGY_STEP for side in sides)
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


def _bins(
    original: Pyramid, backend: Backend, look: Look, size: Size, cells: list[_Cell], *, check: Callable[[], None]
) -> Array:
    """Return the original's features (bins, c, H, W) at all scales."""
    shape = (max(cell.bin for cell in cells) + 1, size[1], size[0])
    planes, inside = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for cell in cells:
        part = np.s_[cell.bin, cell.y : cell.y + cell.size[1], cell.x : cell.x + cell.size[0]]
        planes[part] = original.resized(cell.size)
        inside[part] = 1
    features = []
    most = max(1, BINS_AT_ONCE // (size[0] * size[1]))
    for start in range(0, shape[0], most):  # a few at a time, so that a cancel is heard in between
        check()
        some = np.s_[start : start + most]
        features.append(look.feature(backend.array(planes[some]), Window(backend, backend.array(inside[some]))))
    return features[0] if len(features) == 1 else backend.xp.concat(features, axis=0)


def chunks(count: int, shape: tuple[int, int], at_once: int, max_memory_mb: int) -> Iterator[slice]:
    """Yield slices of an even number of templates, always pairs, that stay below a memory and ``at_once`` pixels.

    A template needs its spectrum, the product with the picture's, and the correlation: five numbers a pixel.
    """
    pixels = 2 * shape[0] * shape[1]
    most = 2 * int(max(min(max_memory_mb * 1e6 / (4 * 5 * pixels), at_once / pixels), 1))
    for start in range(0, count, most):
        yield slice(start, start + most)


def _correlate(
    bins: Array, turns: _Turns, backend: Backend, max_memory_mb: int, check: Callable[[], None]
) -> NDArray[np.float32]:
    """Return, for every pixel of every bin, the best |correlation| of all templates.

    The local energy is that under the mean of all turned weights, once for all of them: what is kept is measured
    again, exactly, by ``_turns_at``.
    """
    xp = backend.xp
    shape = (bins.shape[2], bins.shape[3])
    bin_spectra = spectra(backend, bins, shape)
    templates = turns.templates
    if templates.shape[0] % 2:
        templates = xp.concat([templates, xp.zeros_like(templates[:1])], axis=0)
    best = [xp.zeros((*shape, 2), dtype=bins.dtype, device=bins.device) for _ in range(bins.shape[0])]
    for part in chunks(templates.shape[0], shape, backend.at_once, max_memory_mb):
        template_spectra = paired_spectra(backend, templates[part], shape)
        for index in range(bins.shape[0]):
            for score in xp.abs(correlate(backend, bin_spectra[index], template_spectra)):
                best[index] = xp.maximum(best[index], score)
            check()
    mean = turns.weights.mean(axis=0)
    floor = ENERGY_FLOOR * float(mean.sum())
    gains = [gain(backend, bins[index], mean, floor) for index in range(bins.shape[0])]
    planes = [xp.maximum(both[..., 0], both[..., 1]) * local for both, local in zip(best, gains, strict=True)]
    return backend.numpy(xp.stack(planes, axis=0))


def _peaks(score: Plane, cell: _Cell, keep: int) -> list[_Peak]:
    """Return up to ``keep`` local maxima of a cell, best first."""
    top = cv2.dilate(score, np.ones((9, 9), np.uint8))
    y, x = np.nonzero((score >= top) & (score > 0.05))
    order = np.argsort(-score[y, x])[:keep]
    return [_Peak(cell, int(x[i]), int(y[i]), float(score[y[i], x[i]])) for i in order]


def _turns_at(peaks: list[_Peak], bins: Array, turns: _Turns, backend: Backend) -> list[tuple[Affine, float]]:
    """Return which turn made each peak, and its correlation: cheaper asked again than remembered everywhere."""
    n, side = turns.templates.shape[0], turns.templates.shape[2]
    reach = side // 2
    corners = [(peak.cell.y - reach + peak.y, peak.cell.x - reach + peak.x, peak.cell.bin) for peak in peaks]
    host = np.pad(backend.numpy(bins), ((0, 0), (0, 0), (0, side), (0, side)))
    patches = np.array([host[b, :, y : y + side, x : x + side] for y, x, b in corners])
    weights = turns.weights.reshape(n, -1)
    energy = (patches * patches).sum(axis=1).reshape(len(peaks), -1) @ weights.T
    templates = backend.numpy(turns.templates).reshape(n, -1)
    floor = ENERGY_FLOOR * weights.sum(axis=1)
    scores = np.abs(patches.reshape(len(peaks), -1) @ templates.T) / np.sqrt(np.maximum(energy, floor))
    best = scores.argmax(axis=1)
    return [(turns.to_frames[turn], float(row[turn])) for turn, row in zip(best, scores, strict=True)]
