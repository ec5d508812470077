"""The coarse search: memory, grid, hypotheses that differ, and the same ones on both backends."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from core.device import backend_for
from core.errors import Cancelled
from core.maths.backend import Backend
from core.maths.features import band, edges
from core.maths.filters import Pyramid
from core.maths.warp import compose, scale_of, shift, similarity
from core.reconcile import search as module
from core.reconcile.foreground import find_foreground
from core.reconcile.options import ReconcileOptions
from core.reconcile.search import Hypothesis, Look, Range, chunks, difference, distinct, search
from core.reconcile.views import DesignerView, grey
from tests.core.reconcile.conftest import Truth, make_pair, picture

NUMPY, TORCH = backend_for("cpu"), backend_for("torch-cpu")
WHERE = Range.from_options(ReconcileOptions(max_rotation_deg=14.0))
LOOK = Look(40.0, band)


def _nothing() -> None:
    """A check that lets everything pass."""


def _view(pair: Truth, backend: Backend = NUMPY) -> DesignerView:
    return DesignerView(pair.designer, find_foreground(pair.designer), backend)


def _search(
    pair: Truth,
    backend: Backend = NUMPY,
    where: Range = WHERE,
    look: Look = LOOK,
    keep: int = 12,
    max_memory_mb: int = 1024,
    check: Callable[[], None] = _nothing,
) -> list[Hypothesis]:
    photo = Pyramid(grey(pair.original))
    return search(
        photo, _view(pair, backend), backend, where, look, keep=keep, max_memory_mb=max_memory_mb, check=check
    )


@pytest.mark.parametrize("memory", [1, 64, 256, 4096])
@pytest.mark.parametrize("shape", [(512, 640), (48, 64), (2000, 3000)], ids=str)
def test_chunks_bound_memory_and_time_and_cover_all(memory: int, shape: tuple[int, int]) -> None:
    for at_once in (1, 1_500_000):
        slices = list(chunks(34, shape, at_once, memory))
        assert [index for part in slices for index in range(34)[part]] == list(range(34))
        assert all(part.start % 2 == 0 and len(range(34)[part]) % 2 == 0 for part in slices)  # they go in pairs
        longest = max(len(range(34)[part]) for part in slices)
        pixels = shape[0] * shape[1]
        assert longest == 2 or longest * 5 * 4 * pixels <= memory * 1e6
        assert longest == 2 or longest * pixels <= at_once


def test_the_memory_does_not_change_the_answer() -> None:
    pair = make_pair("coffee")
    answers = [_search(pair, keep=8, max_memory_mb=memory) for memory in (1, 4096)]
    for one, other in zip(*answers, strict=True):
        assert np.allclose(one.affine, other.affine)
        assert one.score == pytest.approx(other.score, abs=1e-4)


@pytest.mark.parametrize("feature", [band, edges])
def test_hypotheses_are_exact_similarities_best_first_and_differ(feature: module.Feature) -> None:
    pair = make_pair("coffee", turn=7.0, mirrored=True)
    view = _view(pair)
    found = _search(pair, look=Look(40.0, feature))
    assert 2 <= len(found) <= 12
    assert difference(found[0].affine, pair.affine, view) < 0.1
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] <= scores[0] <= 1.01
    for index, one in enumerate(found):
        linear = one.affine[:2, :2]
        assert np.allclose(linear @ linear.T, scale_of(one.affine) ** 2 * np.eye(2))
        assert all(difference(one.affine, other.affine, view) > module.NEAR for other in found[:index])


@pytest.mark.parametrize("look", [Look(40.0, band), Look(56.0, edges)], ids=["band", "edges"])
@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_both_backends_have_the_same_hypotheses(name: str, look: Look) -> None:
    pair = make_pair(name, turn=-7.0, mirrored=name == "coffee", background="flat")
    one, other = _search(pair, NUMPY, look=look), _search(pair, TORCH, look=look)
    view = _view(pair)
    assert len(one) == len(other)
    assert difference(one[0].affine, other[0].affine, view) < 0.02
    for some, all_of_them in ((one, other), (other, one)):
        for hypothesis in some[:6]:  # the last ones may change places with those that were left out
            twin = min(all_of_them, key=lambda had, mine=hypothesis: difference(had.affine, mine.affine, view))
            assert difference(twin.affine, hypothesis.affine, view) < 0.05
            assert twin.score == pytest.approx(hypothesis.score, abs=5e-3)


def test_a_photo_or_portrait_of_one_colour_has_no_hypotheses() -> None:
    pair = make_pair("coffee")
    flat = picture(np.full((300, 400, 3), 90, np.uint8))
    alone = picture(np.full((400, 420, 3), 90, np.uint8), make_pair("coffee", background="alpha").designer.alpha)
    for backend in (NUMPY, TORCH):
        assert _search(Truth(flat, pair.designer, pair.affine, pair.mask), backend) == []
        assert _search(Truth(pair.original, alone, pair.affine, pair.mask), backend) == []


def test_a_range_of_sizes_is_kept() -> None:
    pair = make_pair("coffee")
    view = _view(pair)
    head = view.extent * scale_of(pair.affine)
    near = _search(pair, where=Range((False,), 0.0, 0.0, 0.8 * head, 1.25 * head))
    assert difference(near[0].affine, pair.affine, view) < 0.15
    smaller = _search(pair, where=Range((False,), 0.0, 0.0, 0.4 * head, 0.6 * head))
    heads = [view.extent * scale_of(one.affine) / head for one in smaller]
    assert heads
    assert 0.38 < min(heads) <= max(heads) < 0.63
    assert _search(pair, where=Range((), 0.0)) == []


@pytest.mark.parametrize("step", [7.0, 11.0])
@pytest.mark.parametrize("most", [0.0, 3.4, 15.0, 60.0, 179.0, 180.0, 400.0])
@pytest.mark.parametrize("middle", [0.0, 100.0])
def test_no_rotation_that_is_allowed_lies_further_than_half_a_step_away(
    most: float, step: float, middle: float
) -> None:
    turns = Range((False,), most, middle).angles_deg(step)
    assert middle in turns
    for allowed in np.linspace(middle - min(most, 180), middle + min(most, 180), 97):
        assert min(abs((turn - allowed + 180) % 360 - 180) for turn in turns) <= step / 2 + 1e-6
    assert len(turns) <= math.ceil(2 * min(most, 180) / step) + 2
    assert len({round(turn % 360, 6) for turn in turns}) == len(turns)
    assert all(middle - most <= turn <= middle + most for turn in turns)


def test_difference_is_measured_in_portraits() -> None:
    pair = make_pair("coffee", background="alpha", scale=0.5)
    view = _view(pair)
    moved = compose(shift(view.extent * 0.5, 0), pair.affine)
    assert difference(pair.affine, pair.affine, view) == 0
    assert difference(moved, pair.affine, view) == pytest.approx(1.0)
    half_turn = compose(pair.affine, similarity(1.0, 180.0, False, view.centre, view.centre))
    assert difference(half_turn, pair.affine, view) > 0.5
    mirrored = compose(pair.affine, similarity(1.0, 0.0, True, view.centre, view.centre))
    assert difference(mirrored, pair.affine, view) > 0.2


def test_distinct_keeps_the_better_of_two_that_are_near() -> None:
    pair = make_pair("coffee")
    view = _view(pair)
    step = 0.05 * view.extent * scale_of(pair.affine)
    found = [Hypothesis(compose(shift(step * at, 0), pair.affine), 1 - at / 100) for at in range(20)]
    kept = distinct(found, view, 3)
    assert kept[0] is found[0]
    assert len(kept) == 3
    assert all(difference(a.affine, b.affine, view) > module.NEAR for a, b in itertools.combinations(kept, 2))


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


def test_a_template_fits_the_bins_of_a_smaller_picture() -> None:
    (width, height), _ = module._pack([(9, 12)], 40)
    assert min(width, height) >= 81


def test_every_check_can_cancel() -> None:
    pair = make_pair("coffee", scale=0.9, size=(300, 290))
    where = Range((False,), 7.0)
    calls = 0

    def count() -> None:
        nonlocal calls
        calls += 1

    def stop() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Cancelled

    _search(pair, where=where, check=count)
    assert calls >= 4
    for number in range(1, calls + 1):
        left = number
        with pytest.raises(Cancelled):
            _search(pair, where=where, check=stop)
