"""Regions picked at a point, as jobs."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.jobs.answers import Picked
from core.jobs.hands import PickHole, PickRegion
from core.jobs.work.picking import pick_hole, pick_region


class _Context:
    def check(self) -> None: ...


CONTEXT: Any = _Context()
SERVICES: Any = None


def test_a_region_lies_where_its_part_of_the_photo_lay() -> None:
    rgb = np.zeros((60, 80, 3), np.uint8)
    rgb[20:40, 30:50] = (200, 40, 40)
    found = pick_region(PickRegion(100, 200, rgb, (140, 230), 10.0), SERVICES, CONTEXT)
    assert isinstance(found, Picked)
    left, top, right, bottom = found.box
    assert (left, top, right, bottom) == (129, 219, 151, 241)
    assert found.alpha[10, 10] == 255
    assert pick_region(PickRegion(100, 200, rgb, (10, 10), 10.0), SERVICES, CONTEXT) is None


def test_a_hole_is_picked_and_the_outside_is_none() -> None:
    mask = np.zeros((50, 50), np.uint8)
    mask[5:45, 5:45] = 255
    mask[20:30, 20:25] = 0
    found = pick_hole(PickHole(mask, (22, 25)), SERVICES, CONTEXT)
    assert isinstance(found, Picked)
    left, top, right, bottom = found.box
    assert left <= 20 < 25 <= right
    assert top <= 20 < 30 <= bottom
    assert found.alpha[20 - top : 30 - top, 20 - left : 25 - left].min() == 255
    assert pick_hole(PickHole(mask, (1, 1)), SERVICES, CONTEXT) is None
