"""What a prior leaves of the search: which part of the original, which scales, rotations and mirror states."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.domain import Placement
from core.errors import UsageProblem
from core.images.picture import Picture
from core.maths.filters import Pyramid
from core.maths.landmarks import MIRROR_TOLD, least_squares
from core.maths.warp import (
    Affine,
    affine_from_matrix,
    apply,
    compose,
    matrix_from_affine,
    resize_affine,
    scale_of,
    shift,
)
from core.reconcile.options import ReconcileOptions
from core.reconcile.prior import LandmarkPrior, MapPrior, PlacementPrior, Prior
from core.reconcile.refine import PairView
from core.reconcile.search import Range
from core.reconcile.views import DesignerView

LANDMARK_REACH, LANDMARK_FACTOR, LANDMARK_TURN = 0.2, 1.2, 12.0
"""How far a placement through points set by hand may be off, as in ``PlacementPrior``."""
MAP_LEVEL, MAP_GROWN, MAP_FACTOR = 0.5, 0.35, 1.6
"""A map's portrait is where it exceeds this share of its maximum; the search grows its box by this share of its size
and looks for heads up to so many times larger or smaller."""
MAP_FLAT = 0.02
"""A map that differs by less than this says nothing."""
SLACK = 1.25
"""What refinement may add to what a placement prior allows."""


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """What a placement prior allows, in pixels of the decoded pictures."""

    affine: Affine
    reach: float
    scale_factor: float
    turn_deg: float

    def allows(self, placement: Affine, designer: DesignerView) -> bool:
        """Return whether a placement lies within reach."""
        centre = np.array([designer.centre])
        apart = float(np.hypot(*(apply(placement, centre) - apply(self.affine, centre))[0]))
        one, other = (Placement.from_matrix(matrix_from_affine(affine)) for affine in (placement, self.affine))
        turn = abs((one.rotation_deg - other.rotation_deg + 180) % 360 - 180)
        ratio = max(one.scale / other.scale, other.scale / one.scale)
        return (
            one.mirrored == other.mirrored
            and apart <= SLACK * self.reach * designer.extent * other.scale + 1
            and turn <= SLACK * self.turn_deg + 1
            and ratio <= self.scale_factor**SLACK + 0.01
        )


@dataclass(slots=True, eq=False)
class Region:
    """A part of the original, and what is looked for there."""

    whole: Pyramid
    where: Range
    box: tuple[int, int, int, int] | None = None
    """Left, top, right, bottom in pixels of the original; None: all of it."""
    near: Near | None = None
    _part: Pyramid | None = None

    @property
    def is_outside(self) -> bool:
        """Whether hardly a pixel of the original lies in it."""
        return self.box is not None and min(self.box[2] - self.box[0], self.box[3] - self.box[1]) < 8

    @property
    def part(self) -> Pyramid:
        """The pixels of the part."""
        if self.box is None:
            return self.whole
        if self._part is None:
            left, top, right, bottom = self.box
            self._part = Pyramid(np.ascontiguousarray(self.whole.level(0)[top:bottom, left:right]))
        return self._part

    def in_original(self, affine: Affine) -> Affine:
        """Return a placement in the part as one in the whole original."""
        return affine if self.box is None else compose(shift(self.box[0], self.box[1]), affine)


def regions(
    prior: Prior | None, original: Picture, designer: Picture, view: PairView, options: ReconcileOptions
) -> list[Region]:
    """Return where to look: one region, or one for each mirror state where landmarks leave that open.

    Raises:
        UsageProblem: the prior is no placement, or lies outside of the original.
    """
    everywhere, whole = Range.from_options(options), view.original.host
    if prior is None:
        return [Region(whole, everywhere)]
    if isinstance(prior, MapPrior):
        return [_by_map(prior.probability, whole, everywhere)]
    priors = _by_landmarks(prior, options) if isinstance(prior, LandmarkPrior) else [prior]
    up = resize_affine((designer.width, designer.height), (designer.full_width, designer.full_height))
    down = resize_affine((original.full_width, original.full_height), (original.width, original.height))
    found = []
    for one in priors:
        at = one.placement
        _refuse_unless_finite(at.scale, at.rotation_deg, at.tx, at.ty, one.reach, one.scale_factor, one.turn_deg)
        affine = compose(down, affine_from_matrix(one.placement.matrix()), up)
        found.append(_by_placement(one, affine, whole, view.designer))
    return found


def _refuse_unless_finite(*values: float) -> None:
    if not all(math.isfinite(value) for value in values):
        raise UsageProblem("The prior is not finite.", "Check the numbers that it is given in.")


def around(affine: Affine, reach: float, scale_factor: float, whole: Pyramid, view: DesignerView) -> Region:
    """Return the region about a placement (decoded pixels): its part of the original and its sizes, no turns."""
    scale = scale_of(affine)
    head = view.extent * scale
    (x, y), width, height = apply(affine, np.array([view.centre]))[0].tolist(), *whole.size
    room = reach * head + view.radius * scale * scale_factor
    box = max(int(x - room), 0), max(int(y - room), 0), min(int(x + room) + 2, width), min(int(y + room) + 2, height)
    return Region(whole, Range((), 0.0, 0.0, head / scale_factor, head * scale_factor), box)


def _by_placement(prior: PlacementPrior, affine: Affine, whole: Pyramid, view: DesignerView) -> Region:
    found = around(affine, prior.reach, prior.scale_factor, whole, view)
    if found.is_outside:
        raise UsageProblem("The prior lies outside of the original.", "Check which picture's pixels it is given in.")
    at = prior.placement
    where = replace(found.where, mirrored=(at.mirrored,), most_deg=prior.turn_deg, middle_deg=at.rotation_deg)
    near = Near(affine, prior.reach, prior.scale_factor, prior.turn_deg)
    return replace(found, where=where, near=near)


def _by_landmarks(prior: LandmarkPrior, options: ReconcileOptions) -> list[PlacementPrior]:
    points = np.array(prior.points, np.float64).reshape(-1, 4)
    _refuse_unless_finite(*points.ravel().tolist())
    spread = [np.ptp(part, axis=0).max(initial=0) for part in (points[:, :2], points[:, 2:])] if len(points) else [0.0]
    if len(points) < 2 or min(spread) < 1:
        raise UsageProblem("Landmarks need two points that differ.", "Give one more pair of points, further away.")
    fits = [least_squares(points, mirrored) for mirrored in (False, True)]
    if abs(fits[0][1] - fits[1][1]) > MIRROR_TOLD * spread[1]:
        fits = [min(fits, key=lambda fit: fit[1])]
    elif not options.mirror:
        fits = fits[:1]
    return [PlacementPrior(placement, LANDMARK_REACH, LANDMARK_FACTOR, LANDMARK_TURN) for placement, _ in fits]


def _by_map(probability: NDArray[np.float32], whole: Pyramid, everywhere: Range) -> Region:
    """Return the region around a map's portrait; all of the original where the map says nothing."""
    if float(np.ptp(probability)) < MAP_FLAT:
        return Region(whole, everywhere)
    height, width = probability.shape
    likely = np.where(probability > MAP_LEVEL * probability.max(), np.uint8(1), np.uint8(0))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(likely)
    mass = np.bincount(labels.ravel(), probability.ravel(), len(stats))
    best = 1 + int(np.argmax(mass[1:]))
    left, top, w, h = (float(value) for value in stats[best, :4])
    kx, ky = whole.size[0] / width, whole.size[1] / height
    grown = MAP_GROWN * math.sqrt(w * kx * h * ky)
    box = (
        max(int(left * kx - grown), 0),
        max(int(top * ky - grown), 0),
        min(math.ceil((left + w) * kx + grown), whole.size[0]),
        min(math.ceil((top + h) * ky + grown), whole.size[1]),
    )
    head = math.sqrt(float(stats[best, cv2.CC_STAT_AREA]) * kx * ky)
    where = replace(everywhere, smallest=head / MAP_FACTOR, largest=head * MAP_FACTOR)
    return Region(whole, where, box)
