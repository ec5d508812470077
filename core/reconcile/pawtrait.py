"""The method of this program: masked correlation over a grid, refinement, calibrated confidence, mask by evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.device import resolve
from core.domain import Placement
from core.images.picture import Picture
from core.maths.filters import Pyramid
from core.maths.warp import matrix_from_affine, scale_of
from core.reconcile.confidence import MATCH, SURE, Cues, probability, sentence
from core.reconcile.evidence import find_mask
from core.reconcile.foreground import find_foreground
from core.reconcile.keypoints import Agreement, keypoint_hypotheses
from core.reconcile.options import ReconcileOptions
from core.reconcile.placing import nothing, placement_of_files
from core.reconcile.refine import Fit, refine_first, refine_to_full
from core.reconcile.result import Result
from core.reconcile.search import difference, search
from core.reconcile.views import DesignerView, grey

KEEP = 16
"""Distinct hypotheses that are refined."""
FINALISTS = 4
"""Of those, how many are refined at the second size."""
SMALLEST_SIDE = 16
"""Pictures with a shorter side, in pixels, are not compared."""
ELSEWHERE, SAME = 0.5, 0.15
"""Placements this far apart (in portraits) are different; this near they are the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """The best placement, refined at the first size, and what speaks for it."""

    fits: list[Fit]
    """All hypotheses, best first."""
    cues: Cues
    first_cues: Cues
    """What correlation alone had to say."""


def find(original: Picture, designer: Picture, options: ReconcileOptions, check: Callable[[], None]) -> Result:
    """Reconcile one pair; see ``core.reconcile.pipeline.reconcile``."""
    if options.device not in ("auto", "cpu"):
        resolve(options.device)  # the search runs on the CPU; a GPU that was asked for must at least be there
    if min(original.width, original.height, designer.width, designer.height) < SMALLEST_SIDE:
        return nothing("One of the pictures is too small to be compared.")
    foreground = find_foreground(designer, check)
    check()
    view = DesignerView(designer, foreground)
    photo = grey(original)
    check()
    candidate = candidate_for(photo, view, options, check)
    if candidate is None:
        return nothing("There is nothing in the pictures that could be compared.")
    chance = probability(candidate.cues)
    if chance < MATCH:
        return nothing(sentence(candidate.cues, chance, False, None), chance)
    best = refine_to_full(photo, view, candidate.fits[:FINALISTS], check)
    evidence = find_mask(original, designer, foreground, best.affine, check)
    placement = Placement.from_matrix(matrix_from_affine(best.affine))
    reason = sentence(candidate.cues, chance, best.zncc < 0, evidence.background)
    return Result(placement_of_files(original, designer, placement), evidence.mask, chance, reason, 0.0)


def candidate_for(
    photo: Pyramid, view: DesignerView, options: ReconcileOptions, check: Callable[[], None], sure: float = SURE
) -> Candidate | None:
    """Return the best placement, or None where there is nothing to compare.

    Correlation goes first; where it leaves a probability below ``sure``, keypoints add hypotheses and agree or not.
    """
    hypotheses = search(photo, view, options, KEEP, check)
    if not hypotheses:
        return None
    fits = refine_first(photo, view, [hypothesis.affine for hypothesis in hypotheses], check)
    cues = first_cues = _cues(fits, view, [])
    if probability(cues) < sure:
        agreements = keypoint_hypotheses(photo, view, options.mirror, check)
        if agreements:
            more = refine_first(photo, view, [agreement.affine for agreement in agreements], check)
            fits = sorted(fits + more, key=lambda fit: -abs(fit.zncc))
            cues = _cues(fits, view, agreements)
    return Candidate(fits, cues, first_cues)


def _cues(fits: list[Fit], view: DesignerView, agreements: list[Agreement]) -> Cues:
    best = fits[0]
    other = next((fit for fit in fits[1:] if difference(fit.affine, best.affine, view) > ELSEWHERE), None)
    margin = abs(best.zncc) - (abs(other.zncc) if other else 0.0)
    agreeing = [one.inliers for one in agreements if difference(one.affine, best.affine, view) < SAME]
    head = view.extent * scale_of(best.affine)
    return Cues(abs(best.zncc), best.agreeing, float(np.clip(margin, 0, 1)), head, max(agreeing, default=0))
