"""Solve from here: a placement set by hand is the prior of a short search, and what that changed in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.domain import ImageRef, Pair, Placement, Reconciliation
from core.errors import UsageProblem
from core.jobs.specs import ReconcilePairs
from core.maths.landmarks import Landmark
from core.reconcile.options import ReconcileOptions
from core.reconcile.prior import LandmarkPrior, PlacementPrior

SAME_PX = 0.05
"""A move that is shorter, anywhere in the designer image, is none."""


def solve_from_here(
    pair: Pair, options: ReconcileOptions, who: str = "", landmarks: Sequence[Landmark] = ()
) -> ReconcilePairs:
    """Return the job that searches near a pair's placement, or near where two or more landmarks put it.

    Its change is one step of undo; nothing changes where it is cancelled.

    Raises:
        UsageProblem: there is neither a placement nor two landmarks.
    """
    if len(landmarks) >= 2:
        prior: LandmarkPrior | PlacementPrior = LandmarkPrior(tuple(landmarks))
    elif pair.placement is not None:
        prior = PlacementPrior(pair.placement)
    else:
        raise UsageProblem(
            "There is nothing to start from.", "Place the designer image roughly, or set two pairs of landmarks."
        )
    return ReconcilePairs((pair.id,), options, who=who, as_user=True, priors=((pair.id, prior),))


def what_changed(before: Placement | None, after: Reconciliation, designer: ImageRef) -> str:
    """Return in a sentence what a search has changed, and how sure it is: "Moved 3.2 px, turned 0.4°; confidence 91%."

    The way is the one of the designer image's middle, in original pixels.
    """
    sure = f"confidence {min(after.confidence, 0.99):.0%}"
    placement = after.placement
    if placement is None:
        return f"Nothing fits near here: {after.reason}"
    if before is None:
        return f"Placed; {sure}."
    middle = (designer.width - 1) / 2, (designer.height - 1) / 2
    (x0, y0), (x1, y1) = before.apply(*middle), placement.apply(*middle)
    way = math.hypot(x1 - x0, y1 - y0)
    turn = (placement.rotation_deg - before.rotation_deg + 180) % 360 - 180
    grown = placement.scale / before.scale - 1
    radius = placement.scale * math.hypot(*middle)
    words = []
    if before.mirrored != placement.mirrored:
        words.append("mirrored")
        turn = 0.0
    if way >= SAME_PX:
        words.append(f"moved {way:.1f} px")
    if abs(math.radians(turn)) * radius >= SAME_PX and round(abs(turn), 1):
        words.append(f"turned {turn:+.1f}°")
    if abs(grown) * radius >= SAME_PX and round(abs(100 * grown), 1):
        words.append(f"scaled {100 * grown:+.1f}%")
    text = ", ".join(words) or "nothing moved"
    return f"{text[0].upper()}{text[1:]}; {sure}."
