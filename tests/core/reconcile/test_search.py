"""The coarse search: memory, grid, and hypotheses that differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.maths.warp import compose, scale_of, shift, similarity
from core.reconcile import search as module
from core.reconcile.foreground import find_foreground
from core.reconcile.options import ReconcileOptions
from core.reconcile.search import difference, search
from core.reconcile.views import DesignerView, grey

MakePair = Callable[..., Any]
OPTIONS = ReconcileOptions(device="cpu", max_rotation_deg=14.0)


@pytest.mark.parametrize("memory", [64, 256, 4096])
def test_chunks_stay_below_the_memory_and_cover_all(memory: int) -> None:
    shape = (512, 640)
    slices = list(module._chunks(34, shape, memory))
    assert [index for part in slices for index in range(34)[part]] == list(range(34))
    longest = max(len(range(34)[part]) for part in slices)
    assert longest * 5 * 4 * shape[0] * shape[1] <= memory * 1e6


def test_the_memory_does_not_change_the_answer(make_pair: MakePair) -> None:
    pair = make_pair("coffee")
    view, photo = DesignerView(pair.designer, find_foreground(pair.designer)), grey(pair.original)
    answers = [search(photo, view, replace(OPTIONS, max_memory_mb=mb), 8, lambda: None) for mb in (1, 4096)]
    for one, other in zip(*answers, strict=True):
        assert np.allclose(one.affine, other.affine)
        assert one.score == pytest.approx(other.score, abs=1e-4)


def test_hypotheses_are_exact_similarities_best_first_and_differ(make_pair: MakePair) -> None:
    pair = make_pair("coffee", turn=7.0, mirrored=True)
    view, photo = DesignerView(pair.designer, find_foreground(pair.designer)), grey(pair.original)
    found = search(photo, view, OPTIONS, 12, lambda: None)
    assert 2 <= len(found) <= 12
    assert difference(found[0].affine, pair.affine, view) < 0.1
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    for index, one in enumerate(found):
        linear = one.affine[:2, :2]
        assert np.allclose(linear @ linear.T, scale_of(one.affine) ** 2 * np.eye(2))
        assert all(difference(one.affine, other.affine, view) > 0.2 for other in found[:index])


def test_difference_is_measured_in_portraits(make_pair: MakePair) -> None:
    pair = make_pair("coffee", background="alpha", scale=0.5)
    view = DesignerView(pair.designer, find_foreground(pair.designer))
    moved = compose(shift(view.extent * 0.5, 0), pair.affine)
    assert difference(pair.affine, pair.affine, view) == 0
    assert difference(moved, pair.affine, view) == pytest.approx(1.0)
    half_turn = compose(pair.affine, similarity(1.0, 180.0, False, view.centre, view.centre))
    assert difference(half_turn, pair.affine, view) > 0.5


def test_every_scale_fits_its_bin() -> None:
    sizes = [(round(467 / 1.12**i), round(312 / 1.12**i)) for i in range(20)]
    (width, height), cells = module._pack(sizes, 40)
    used = np.zeros((max(cell.bin for cell in cells) + 1, height, width), int)
    for cell in cells:
        w, h = cell.size
        assert cell.x >= 40
        assert cell.y >= 40
        part = used[cell.bin, cell.y - 40 : cell.y + h, cell.x - 40 : cell.x + w]
        assert part.shape == (h + 40, w + 40)  # with its margin it lies within the bin
        part += 1
    assert used.max() == 1
    assert width % 4 == height % 4 == 0
