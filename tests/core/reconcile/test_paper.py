"""The paper's method: right to its working size, bounded memory, the same answer in any chunks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.errors import DeviceProblem
from core.maths.masks import iou
from core.reconcile.options import ReconcileOptions
from core.reconcile.paper import chunk
from core.reconcile.pipeline import reconcile

MakePair = Callable[..., Any]
OPTIONS = ReconcileOptions(method="paper", device="cpu", max_rotation_deg=15.0, paper_long_side=96)


@pytest.mark.parametrize("background", ["white", "alpha"])
def test_it_finds_an_unedited_portrait_as_well_as_its_grid_allows(background: str, make_pair: MakePair) -> None:
    pair = make_pair("astronaut", background=background, turn=7.5)
    result = reconcile(pair.original, pair.designer, OPTIONS, lambda: None)
    diagonal = 0.6 * float(np.hypot(420, 400))
    assert pair.error(result.placement) < 0.08 * diagonal
    assert result.mask is not None
    assert iou(result.mask, pair.mask) > 0.75
    assert 0 <= result.confidence <= 1


def test_the_answer_does_not_depend_on_the_chunks(make_pair: MakePair) -> None:
    pair = make_pair("chelsea", turn=-7.5)
    little, much = (
        reconcile(pair.original, pair.designer, replace(OPTIONS, max_memory_mb=memory), lambda: None)
        for memory in (8, 2048)
    )
    assert little.placement == much.placement


@pytest.mark.parametrize("memory", [64, 256, 1024])
@pytest.mark.parametrize("span", [3, 41, 161])
def test_a_chunk_stays_below_the_memory(memory: int, span: int) -> None:
    filters, rows = chunk(60, 128, 128, span, memory)
    assert 1 <= filters <= 60
    assert 1 <= rows <= 128
    numbers = span * span * 128 * rows + filters * (span * span + 128 * rows)
    assert 4 * numbers <= memory * 1e6


def test_a_larger_memory_takes_no_smaller_chunk() -> None:
    sizes = [chunk(60, 128, 128, 61, memory) for memory in (4, 64, 1024)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_a_missing_device_is_the_environments_fault(make_pair: MakePair) -> None:
    pair = make_pair()
    with pytest.raises(DeviceProblem):
        reconcile(pair.original, pair.designer, replace(OPTIONS, device="abacus"), lambda: None)
