"""NumPy on the CPU and the GPU's code answer alike, pair by pair or many at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.errors import Cancelled
from core.images.picture import Picture
from core.maths.filters import blur
from core.maths.masks import iou
from core.maths.metrics import corner_error
from core.maths.warp import affine_from_matrix
from core.reconcile.confidence import MATCH
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile, reconcile_many
from core.reconcile.result import Result
from tests.core.reconcile.conftest import Rgb, cut_out, make_pair, photo, picture, procedural

OPTIONS = ReconcileOptions(device="cpu", max_rotation_deg=21.0)
TORCH = replace(OPTIONS, device="torch-cpu")
BACKENDS = pytest.mark.parametrize("options", [OPTIONS, TORCH], ids=["numpy", "torch"])


def _nothing() -> None:
    """A check that lets everything pass."""


def find(original: Picture, designer: Picture, options: ReconcileOptions) -> Result:
    """Reconcile one pair."""
    return reconcile(original, designer, options, _nothing)


def find_many(
    pairs: list[tuple[Picture, Picture]],
    options: ReconcileOptions,
    check: Callable[[], None] = _nothing,
    threads: int = 1,
) -> list[Result]:
    """Reconcile pairs together, none of which is an error."""
    answers = reconcile_many([(*pair, None) for pair in pairs], options, check, threads)
    return [answer for answer in answers if isinstance(answer, Result)]


def _relit(rgb: Rgb) -> Rgb:
    light = np.linspace(0.6, 1.3, rgb.shape[1])[None, :, None]
    return np.clip(255 * (rgb / 255) ** 0.8 * light * (1.1, 1.0, 0.8), 0, 255).astype(np.uint8)


CASES: dict[str, dict[str, Any]] = {
    "white": {"background": "white"},
    "turned": {"background": "flat", "turn": 18.0, "name": "astronaut"},
    "mirrored": {"background": "white", "mirrored": True, "turn": -11.0},
    "transparent": {"background": "alpha", "scale": 0.45, "name": "coffee", "size": (620, 560)},
    "negative": {"background": "gradient", "edit": lambda rgb: 255 - rgb, "name": "rocket"},
    "on another photo": {"background": "photo", "turn": 8.0, "edit": _relit},
    "kept": {"background": "kept", "turn": 5.0, "edit": _relit},
}


def _distance(one: Result, other: Result, designer: Picture) -> float:
    assert one.placement is not None
    assert other.placement is not None
    a, b = (affine_from_matrix(result.placement.matrix()) for result in (one, other) if result.placement)
    return corner_error(a, b, (designer.full_width, designer.full_height))


@pytest.mark.parametrize("case", CASES)
def test_both_place_alike(case: str) -> None:
    pair = make_pair(**CASES[case])
    one, other = (find(pair.original, pair.designer, options) for options in (OPTIONS, TORCH))
    assert pair.error(one.placement) < 0.1
    assert _distance(one, other, pair.designer) < 0.05
    assert one.confidence == pytest.approx(other.confidence, abs=0.01)
    assert one.reason == other.reason
    assert one.mask is not None
    assert other.mask is not None
    assert iou(one.mask, other.mask) > 0.995


@pytest.mark.parametrize(("scale", "turn"), [(0.5, 15.0), (2.0, -20.0)])
def test_both_place_made_photos_alike(scale: float, turn: float) -> None:
    pair = cut_out(procedural(6), head=150, scale=scale, turn=turn, mirrored=True, at=(0.1, 0.8))
    one, other = (find(pair.original, pair.designer, options) for options in (OPTIONS, TORCH))
    assert pair.error(one.placement) < 0.1 * max(scale, 1)
    assert _distance(one, other, pair.designer) < 0.05


def test_both_say_no_match_alike() -> None:
    designer = make_pair("chelsea").designer
    one, other = (find(picture(photo("astronaut")), designer, options) for options in (OPTIONS, TORCH))
    assert one.placement is None
    assert other.placement is None
    assert max(one.confidence, other.confidence) < MATCH


def _batch() -> list[tuple[Picture, Picture]]:
    """Pairs of different sizes: some match, one is hopeless, one too small, one flat, one leaves doubt at first."""
    cat, cup = make_pair("chelsea"), make_pair("coffee", mirrored=True, scale=0.45, size=(620, 560))
    small, large = picture(np.zeros((9, 30, 3), np.uint8)), cut_out(procedural(6, (900, 700)), head=300, scale=1.3)
    doubtful = make_pair("astronaut", background="photo", edit=_relit)
    return [
        (cat.original, cat.designer),
        (cat.original, small),
        (cup.original, cup.designer),
        (picture(photo("rocket")), make_pair("astronaut").designer),
        (cat.original, picture(np.full((200, 300, 3), 90, np.uint8))),
        (large.original, large.designer),
        (doubtful.original, doubtful.designer),
    ]


@BACKENDS
def test_many_are_answered_as_one_by_one(options: ReconcileOptions) -> None:
    pairs = _batch() if options is OPTIONS else _batch()[:4]  # torch is slow without a GPU
    together = find_many(pairs, options)
    matched = [True, False, True, False, False, True, True]
    assert [result.placement is not None for result in together] == matched[: len(pairs)]
    for (original, designer), result in zip(pairs, together, strict=True):
        alone = find(original, designer, options)
        assert (result.placement is None) == (alone.placement is None)
        if result.placement is None:  # steps from wrong places go where rounding sends them
            assert result.confidence < MATCH
        else:
            assert result.reason == alone.reason
            assert result.confidence == pytest.approx(alone.confidence, abs=1e-3)
            assert _distance(result, alone, designer) < 0.01
            assert result.mask is not None
            assert alone.mask is not None
            assert result.mask.shape == (original.height, original.width)
            assert iou(result.mask, alone.mask) > 0.999


def _checked(rgb: Rgb) -> Rgb:
    """Paint half of the picture over, in squares."""
    rows, columns = rgb.shape[:2]
    paint = np.random.default_rng(0).integers(0, 256, (rows, columns, 3), np.uint8)
    squares = np.add.outer(np.arange(rows) // 37, np.arange(columns) // 41) % 2 == 0
    return np.where(squares[..., None], blur(paint.astype(np.float32), 3.0).astype(np.uint8), rgb)


def test_a_doubtful_pair_does_not_mind_its_neighbour() -> None:
    """A batch shares its largest frame; what is measured of a pair must not depend on that."""
    pair, wide = make_pair("coffee", edit=_checked), make_pair("astronaut", background="kept")
    alone = find(pair.original, pair.designer, OPTIONS)
    beside = find_many([(wide.original, wide.designer), (pair.original, pair.designer)], OPTIONS)[1]
    assert beside.confidence == pytest.approx(alone.confidence, abs=0.01)
    assert beside.reason == alone.reason  # it names the share of tiles that agree


def test_threads_change_nothing() -> None:
    pairs = _batch()[:3]
    for one, other in zip(find_many(pairs, OPTIONS), find_many(pairs, OPTIONS, threads=3), strict=True):
        assert (one.placement, one.confidence, one.reason) == (other.placement, other.confidence, other.reason)
        assert (one.mask is None) == (other.mask is None)
        assert one.mask is None or (one.mask == other.mask).all()


@BACKENDS
def test_none_or_only_hopeless_pairs_are_a_batch_too(options: ReconcileOptions) -> None:
    cat, small = make_pair("chelsea"), picture(np.zeros((9, 30, 3), np.uint8))
    assert find_many([], options) == []
    answers = find_many([(cat.original, small), (small, cat.designer)], options)
    assert [answer.placement for answer in answers] == [None, None]
    assert all("too small" in answer.reason for answer in answers)


@BACKENDS
def test_a_batch_can_be_cancelled(options: ReconcileOptions) -> None:
    pairs = _batch()[:3]
    for number in (1, 5, 12):
        left = iter(range(number - 1))

        def check(left: Any = left) -> None:
            if next(left, None) is None:
                raise Cancelled

        with pytest.raises(Cancelled):
            find_many(pairs, options, check)
