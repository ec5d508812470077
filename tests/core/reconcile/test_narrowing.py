"""What is known before a search leads to the same placement, never to one that it rules out, and may be wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.domain import Placement
from core.errors import UsageProblem
from core.images.picture import Picture
from core.maths.filters import blur
from core.maths.metrics import corner_error
from core.maths.warp import (
    Affine,
    affine_from_matrix,
    apply,
    compose,
    invert,
    matrix_from_affine,
    resize_affine,
    shift,
    similarity,
    warp,
)
from core.reconcile.narrowing import SLACK
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile, reconcile_many
from core.reconcile.prior import LandmarkPrior, MapPrior, PlacementPrior, Prior
from core.reconcile.result import Result
from tests.core.reconcile.conftest import PORTRAITS, Truth, make_pair, photo, picture

pytestmark = pytest.mark.xdist_group("narrowing")  # what it compares with is searched for once in each worker
OPTIONS = ReconcileOptions(device="cpu", max_rotation_deg=30.0)
PLACES: dict[str, dict[str, Any]] = {
    "chelsea": {"turn": 10.0},
    "rocket": {"background": "flat"},
    "coffee": {"turn": -8.0, "mirrored": True},
}
TRIANGLE = ((100.0, 120.0), (300.0, 180.0), (210.0, 330.0))


@cache
def _pair(name: str) -> Truth:
    return make_pair(name, **PLACES[name])


@cache
def _without(name: str) -> Result:
    return _run(_pair(name), None)


def _run(pair: Truth, prior: Prior | None, options: ReconcileOptions = OPTIONS) -> Result:
    return reconcile(pair.original, pair.designer, options, lambda: None, prior)


def _middle(pair: Truth) -> tuple[float, float]:
    """Return the portrait's middle in the designer image."""
    y, x = np.nonzero(pair.mask >= 128)
    x, y = apply(invert(pair.affine), np.array([[x.mean(), y.mean()]]))[0].tolist()
    return x, y


def _head(pair: Truth) -> float:
    return math.sqrt(np.count_nonzero(pair.mask >= 128))


def _placement(affine: Affine) -> Placement:
    return Placement.from_matrix(matrix_from_affine(affine))


def _rough(pair: Truth, by: tuple[float, float] = (0.0, 0.0), grow: float = 1.0, turn: float = 0.0) -> Placement:
    """Return the true placement moved by so many heads, grown and turned about the portrait's middle."""
    middle, head = _middle(pair), _head(pair)
    about = similarity(grow, turn, False, middle, middle)
    return _placement(compose(shift(by[0] * head, by[1] * head), pair.affine, about))


def _landmarks(pair: Truth, points: Sequence[tuple[float, float]], off: float = 3.0) -> LandmarkPrior:
    """Return designer points with where they lie in the original, missed by some pixels as a hand does."""
    there = apply(pair.affine, np.array(points)) + np.random.default_rng(1).normal(0, off, (len(points), 2))
    return LandmarkPrior(tuple((*here, *at) for here, at in zip(points, there.tolist(), strict=True)))


def _map(pair: Truth) -> MapPrior:
    """Return a map as a model makes them: small, soft, of another shape than the photo."""
    soft = blur((pair.mask / 255).astype(np.float32), 15)
    return MapPrior(np.asarray(cv2.resize(soft, (64, 64), interpolation=cv2.INTER_AREA), np.float32))


def _apart(one: Result, other: Result, designer: Picture) -> float:
    assert one.placement is not None
    assert other.placement is not None
    a, b = affine_from_matrix(one.placement.matrix()), affine_from_matrix(other.placement.matrix())
    return corner_error(a, b, (designer.full_width, designer.full_height))


def _is_the_same(result: Result, name: str) -> bool:
    pair, without = _pair(name), _without(name)
    return (
        pair.error(result.placement) < 0.1
        and _apart(result, without, pair.designer) < 0.1
        and result.confidence == pytest.approx(without.confidence, abs=0.02)
    )


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize(("by", "grow", "turn"), [((0.21, 0.21), 1.25, 15.0), ((0.0, -0.3), 0.8, -15.0)])
def test_a_rough_placement_leads_to_the_same(name: str, by: tuple[float, float], grow: float, turn: float) -> None:
    assert _is_the_same(_run(_pair(name), PlacementPrior(_rough(_pair(name), by, grow, turn))), name)


@pytest.mark.parametrize("name", ["chelsea", "coffee"])
@pytest.mark.parametrize("points", [TRIANGLE[:2], TRIANGLE], ids=["two", "three"])
def test_landmarks_lead_to_the_same(name: str, points: tuple[tuple[float, float], ...]) -> None:
    assert _is_the_same(_run(_pair(name), _landmarks(_pair(name), points)), name)


@pytest.mark.parametrize("name", PLACES)
def test_a_map_leads_to_the_same(name: str) -> None:
    assert _is_the_same(_run(_pair(name), _map(_pair(name))), name)


def test_a_prior_that_allows_nothing_else_leads_to_the_same() -> None:
    assert _is_the_same(_run(_pair("coffee"), PlacementPrior(_rough(_pair("coffee")), 0.0, 1.0, 0.0)), "coffee")


def test_a_prior_reaches_what_the_options_rule_out() -> None:
    turned = make_pair(turn=75.0)
    assert turned.error(_run(turned, PlacementPrior(_rough(turned, (0.1, 0.1)))).placement) < 0.1
    mirrored = _pair("coffee")
    result = _run(mirrored, PlacementPrior(_rough(mirrored, (0.1, 0.1))), replace(OPTIONS, mirror=False))
    assert mirrored.error(result.placement) < 0.1


def test_two_landmarks_leave_the_mirror_state_to_the_options_and_three_decide_it() -> None:
    pair, options = _pair("coffee"), replace(OPTIONS, mirror=False)
    two = _run(pair, _landmarks(pair, TRIANGLE[:2]), options)
    assert two.placement is None or (not two.placement.mirrored and two.confidence < 0.9)
    assert pair.error(_run(pair, _landmarks(pair, TRIANGLE), options).placement) < 0.1


@pytest.mark.parametrize("name", ["chelsea", "coffee"])
@pytest.mark.parametrize("line", [((100, 120), (200, 200), (300, 280)), ((100, 100), (200, 130), (300, 150))], ids=str)
def test_landmarks_on_a_line_do_not_decide_the_mirror_state(name: str, line: tuple[tuple[float, float], ...]) -> None:
    """Both eyes and the bridge of the nose fit either way: what is left is the hand's own error."""
    assert _is_the_same(_run(_pair(name), _landmarks(_pair(name), line, off=2.0)), name)


def test_priors_are_given_in_pixels_of_the_files() -> None:
    """The original decoded at a half of its size, the designer image at a third."""
    small = _pair("chelsea")
    original = replace(small.original, full_width=2 * small.original.width, full_height=2 * small.original.height)
    designer = replace(small.designer, full_width=3 * small.designer.width, full_height=3 * small.designer.height)
    up = resize_affine((original.width, original.height), (original.full_width, original.full_height))
    down = resize_affine((designer.full_width, designer.full_height), (designer.width, designer.height))
    full = Truth(original, designer, compose(up, small.affine, down), np.repeat(np.repeat(small.mask, 2, 0), 2, 1))
    points = tuple((3 * x, 3 * y) for x, y in TRIANGLE)
    for prior in (PlacementPrior(_rough(full, (0.2, -0.2), 1.2, 12.0)), _landmarks(full, points, 6.0), _map(small)):
        assert full.error(_run(full, prior).placement) < 0.2


@pytest.mark.parametrize("name", ["coffee", "rocket"])
def test_a_placement_prior_elsewhere_never_gives_a_placement_out_of_its_reach(name: str) -> None:
    pair = _pair(name)
    middle, head = _middle(pair), _head(pair)
    wrong = [_rough(pair, (1.0, 0.0)), _rough(pair, (-1.0, 0.0)), _rough(pair, (0.0, 1.0))]
    wrong += [_rough(pair, turn=60.0), _rough(pair, grow=2.0), replace(_rough(pair), mirrored=name != "coffee")]
    for rough in wrong:
        prior = PlacementPrior(rough)
        result = _run(pair, prior)
        assert result.reason.endswith(".")
        found = result.placement
        if found is None:
            assert result.mask is None
            continue
        assert result.confidence < 0.9
        assert found.mirrored == rough.mirrored
        assert abs((found.rotation_deg - rough.rotation_deg + 180) % 360 - 180) < SLACK * prior.turn_deg + 3
        assert abs(math.log(found.scale / rough.scale)) < SLACK * math.log(prior.scale_factor) + 0.03
        away = math.dist(found.apply(*middle), rough.apply(*middle))
        assert away < (SLACK * prior.reach + 0.05) * head * rough.scale / _placement(pair.affine).scale


def test_where_nothing_fits_near_the_prior_it_says_so() -> None:
    pair = _pair("chelsea")
    result = _run(pair, PlacementPrior(_rough(pair, (1.0, 0.0))))
    assert result.placement is None
    assert result.reason.startswith("Nothing fits near the place that was given")


def _maps(pair: Truth) -> dict[str, NDArray[np.float32]]:
    corner, speck = np.zeros((48, 64), np.float32), np.zeros((48, 64), np.float32)
    corner[2:9, 2:9] = 1
    speck[46, 62] = 0.6
    return {"moved": np.roll(_map(pair).probability, (32, 32), (0, 1)), "corner": corner, "speck": speck}


@pytest.mark.parametrize("name", ["chelsea", "coffee"])
@pytest.mark.parametrize("kind", ["moved", "corner", "speck"])
def test_a_map_that_points_elsewhere_does_not_lose_the_right_place(name: str, kind: str) -> None:
    assert _is_the_same(_run(_pair(name), MapPrior(_maps(_pair(name))[kind])), name)


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_a_flat_map_changes_nothing(level: float) -> None:
    for shape in ((1, 1), (9, 7)):
        result = _run(_pair("chelsea"), MapPrior(np.full(shape, level, np.float32)))
        assert result.placement == _without("chelsea").placement
        assert result.confidence == _without("chelsea").confidence


def test_a_prior_tells_which_of_two_equal_animals_is_meant() -> None:
    pair, rgb = make_pair("astronaut"), photo("astronaut")
    (height, width), middle = rgb.shape[:2], PORTRAITS["astronaut"][0]
    size = (2 * width, height)
    there = similarity(0.7, -30.0, True, middle, (1.5 * width, 0.5 * height))
    beside = np.concatenate([rgb, cv2.resize(photo("coffee"), (width, height))], axis=1)
    share = warp(pair.mask, there, size)[..., None] / 255
    original = picture((beside * (1 - share) + warp(rgb, there, size) * share).astype(np.uint8))
    assert reconcile(original, pair.designer, OPTIONS, lambda: None).placement is None
    for moved in (np.eye(3), there):
        one = Truth(original, pair.designer, compose(moved, pair.affine), warp(pair.mask, moved, size))
        for prior in (PlacementPrior(_rough(one, (0.1, -0.1), 1.15, 8.0)), _map(one)):
            result = _run(one, prior)
            assert one.error(result.placement) < 0.1
            assert result.confidence > 0.9


NAN, INF = math.nan, math.inf
REFUSED: dict[str, Prior] = {
    "outside": PlacementPrior(Placement(0.6, 0.0, False, 5000.0, 5000.0)),
    "outside to the left": PlacementPrior(Placement(0.6, 0.0, False, -5000.0, 0.0)),
    "no scale": PlacementPrior(Placement(0.0, 0.0, False, 100.0, 100.0)),
    "scale not a number": PlacementPrior(Placement(NAN, 0.0, False, 100.0, 100.0)),
    "turn not a number": PlacementPrior(Placement(0.6, NAN, False, 100.0, 100.0)),
    "infinitely far": PlacementPrior(Placement(0.6, 0.0, False, -INF, 0.0)),
    "infinite reach": PlacementPrior(Placement(0.6, 0.0, False, 100.0, 0.0), INF),
    "no landmark": LandmarkPrior(()),
    "one landmark": LandmarkPrior(((10.0, 10.0, 20.0, 20.0),)),
    "two equal landmarks": LandmarkPrior(((10.0, 10.0, 20.0, 20.0),) * 2),
    "equal in the original": LandmarkPrior(((10.0, 10.0, 20.0, 20.0), (90.0, 10.0, 20.0, 20.0))),
    "equal in the designer image": LandmarkPrior(((10.0, 10.0, 20.0, 20.0), (10.0, 10.0, 90.0, 20.0))),
    "landmark not a number": LandmarkPrior(((10.0, 10.0, 20.0, 20.0), (90.0, 10.0, NAN, 20.0))),
    "landmarks outside": LandmarkPrior(((100.0, 100.0, 5020.0, 20.0), (300.0, 100.0, 5140.0, 20.0))),
}


@pytest.mark.parametrize("refused", REFUSED)
def test_a_prior_that_is_none_is_a_usage_problem(refused: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        _run(_pair("chelsea"), REFUSED[refused])
    assert caught.value.message.endswith(".")
    assert caught.value.remedy.endswith(".")


@pytest.mark.parametrize("prior", [PlacementPrior(Placement(0.6, 0.0, False, 100.0, 0.0)), REFUSED["one landmark"]])
def test_the_paper_takes_no_prior(prior: Prior) -> None:
    with pytest.raises(UsageProblem, match="takes no prior"):
        _run(_pair("chelsea"), prior, replace(OPTIONS, method="paper"))


@pytest.mark.parametrize("threads", [1, 2])
def test_among_many_a_bad_prior_fails_its_own_pair_only(threads: int) -> None:
    cat, cup = _pair("chelsea"), _pair("coffee")
    good = PlacementPrior(_rough(cup, (0.2, 0.1), 1.1, -9.0))
    asked = [
        (cat.original, cat.designer, None),
        (cat.original, cat.designer, REFUSED["outside"]),
        (cup.original, cup.designer, good),
        (cat.original, cat.designer, REFUSED["one landmark"]),
        (cat.original, cat.designer, _map(cat)),
    ]
    answers = reconcile_many(asked, OPTIONS, lambda: None, threads)
    assert [type(answer) for answer in answers] == [Result, UsageProblem, Result, UsageProblem, Result]
    for pair, index in ((cat, 0), (cup, 2), (cat, 4)):
        answer = answers[index]
        assert isinstance(answer, Result)
        assert pair.error(answer.placement) < 0.1


def test_among_many_the_paper_refuses_only_those_with_a_prior() -> None:
    pair = _pair("chelsea")
    small = picture(cv2.resize(pair.original.rgb, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA))
    asked = [(small, pair.designer, PlacementPrior(_rough(pair))), (small, pair.designer, None)]
    answers = reconcile_many(asked, replace(OPTIONS, method="paper", max_rotation_deg=0.0), lambda: None)
    assert [type(answer) for answer in answers] == [UsageProblem, Result]
