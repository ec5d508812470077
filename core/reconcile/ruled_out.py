"""Tells a placement that would fit better turned or mirrored in a way that the search leaves out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.domain import Placement
from core.maths.backend import Backend
from core.maths.features import band
from core.maths.warp import apply, matrix_from_affine, similarity
from core.reconcile.refine import Fit, Frames, PairView
from core.reconcile.search import Range

EXTENT, TURN = 32.0, 8.0
"""Orientations are compared with the portrait at this size (root of its area, pixels), so many degrees apart."""
SLACK = 4.0
"""Degrees beyond the range that count as within it: refinement turns a placement a little."""
AT_ONCE = 12
"""Orientations that are compared together, as many as other looks refine."""
WORTH, BEST, STEPS = 0.5, 2, 4
"""Those that correlate by less than this are none; of the others so many are refined, in so many steps."""


def left_out(placed: Fit, view: PairView, where: Range, backend: Backend, check: Callable[[], None]) -> list[Fit]:
    """Return the orientations outside a range that fit where a placement has the designer image, if any do."""
    centre = view.designer.centre
    placement = Placement.from_matrix(matrix_from_affine(placed.affine))
    x, y = apply(placed.affine, np.array([centre]))[0].tolist()
    angles = np.arange(0.0, 360.0, TURN)
    beyond = np.abs((angles - where.middle_deg + 180) % 360 - 180) > where.most_deg + SLACK
    fits = [
        Fit(0, similarity(placement.scale, angle, mirrored, centre, (x, y)))
        for mirrored in (False, True)
        for angle in (angles[beyond] if mirrored in where.mirrored else angles).tolist()
    ]
    if not fits:
        return []
    frames, measured = Frames([view], backend, EXTENT, band), list[Fit]()
    for start in range(0, len(fits), AT_ONCE):
        check()
        measured += frames.measure(fits[start : start + AT_ONCE])
    found = sorted(measured, key=lambda fit: -abs(fit.zncc))[:BEST]
    return frames.approach([fit for fit in found if abs(fit.zncc) > WORTH], STEPS, check)
