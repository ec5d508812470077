"""Regions picked at a point: by colour, and holes of a mask."""

from __future__ import annotations

import numpy as np

from core.jobs.answers import Picked
from core.jobs.context import JobContext
from core.jobs.hands import PickHole, PickRegion
from core.jobs.services import Services
from core.maths.picking import hole_at, magic_wand


def pick_region(spec: PickRegion, services: Services, ctx: JobContext) -> Picked | None:
    """Pick by colour (see the spec)."""
    ctx.check()
    x, y = spec.point
    point = x - spec.left, y - spec.top
    found = magic_wand(np.ascontiguousarray(spec.rgb), point, spec.tolerance, contiguous=spec.contiguous)
    if found is None:
        return None
    (left, top, right, bottom), alpha = found
    return Picked((left + spec.left, top + spec.top, right + spec.left, bottom + spec.top), alpha)


def pick_hole(spec: PickHole, services: Services, ctx: JobContext) -> Picked | None:
    """Pick a hole (see the spec)."""
    ctx.check()
    found = hole_at(spec.mask, spec.point)
    return None if found is None else Picked(*found)
