"""Placements: matrices there and back, points there and back, and what is no similarity is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import (
    Decision,
    ImageRef,
    MaskRef,
    MaskSource,
    Pair,
    Placement,
    Prediction,
    Reconciliation,
    Review,
)

COORDINATES = st.floats(-50_000, 50_000)
PLACEMENTS = st.builds(
    Placement,
    scale=st.floats(0.01, 100),
    rotation_deg=st.floats(-179.99, 180),
    mirrored=st.booleans(),
    tx=COORDINATES,
    ty=COORDINATES,
)


@given(PLACEMENTS)
def test_a_placement_survives_its_matrix(placement: Placement) -> None:
    again = Placement.from_matrix(placement.matrix())
    assert again.mirrored is placement.mirrored
    assert again.scale == pytest.approx(placement.scale, rel=1e-12)
    assert (again.tx, again.ty) == (placement.tx, placement.ty)
    turned = math.remainder(again.rotation_deg - placement.rotation_deg, 360)
    assert turned == pytest.approx(0, abs=1e-9)


@given(PLACEMENTS, COORDINATES, COORDINATES)
def test_a_point_comes_back(placement: Placement, x: float, y: float) -> None:
    # Backwards the scale divides: rounding of the translation grows by as much.
    tolerance = 1e-9 * (1 + 1 / placement.scale)
    assert placement.apply_inverse(*placement.apply(x, y)) == pytest.approx((x, y), rel=1e-9, abs=tolerance * 50_000)


@given(PLACEMENTS, COORDINATES, COORDINATES, COORDINATES, COORDINATES)
def test_distances_grow_by_the_scale_alone(placement: Placement, x0: float, y0: float, x1: float, y1: float) -> None:
    before = math.dist((x0, y0), (x1, y1))
    after = math.dist(placement.apply(x0, y0), placement.apply(x1, y1))
    assert after == pytest.approx(placement.scale * before, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        (Placement(1, 0, False, 0, 0), (3, 1)),
        (Placement(2, 0, False, 10, 20), (16, 22)),
        (Placement(1, 90, False, 0, 0), (-1, 3)),  # clockwise on the screen: x goes where y points, down
        (Placement(1, 0, True, 0, 0), (-3, 1)),
        (Placement(1, 90, True, 0, 0), (-1, -3)),  # mirrored first, then turned
    ],
)
def test_the_convention(placement: Placement, expected: tuple[float, float]) -> None:
    assert placement.apply(3, 1) == pytest.approx(expected)


def test_the_nearest_similarity_of_a_sheared_matrix() -> None:
    found = Placement.from_matrix(((2.1, 0.1, 5.0), (0.1, 1.9, 6.0)))
    assert found == Placement(pytest.approx(2.0), pytest.approx(0.0), False, 5.0, 6.0)


@pytest.mark.parametrize(
    "matrix",
    [
        ((0.0, 0.0, 1.0), (0.0, 0.0, 1.0)),
        ((math.nan, 0.0, 1.0), (0.0, 1.0, 1.0)),
        ((1.0, 0.0, math.inf), (0.0, 1.0, 1.0)),
        ((math.inf, 0.0, 0.0), (0.0, math.inf, 0.0)),
    ],
)
def test_what_is_no_similarity_is_refused(matrix: tuple[tuple[float, float, float], ...]) -> None:
    with pytest.raises(ValueError, match="not a similarity"):
        Placement.from_matrix(matrix)  # type: ignore[arg-type]


def test_values_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Review().comment = "x"  # type: ignore[misc]
    assert Pair.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert Review().decision is Decision.UNDECIDED


def test_the_mask_that_stands_is_the_one_decided_about() -> None:
    mask = MaskRef("1" * 64, 4, 3)
    said = Prediction("pawtrait", "0" * 12, mask, 0.5, (0.4, 0.6), 0.9, 1.0, "", 0.1)
    found = Reconciliation("pawtrait", Placement(1, 0, False, 0, 0), 0.9, "", 0.1, mask)
    bare = Pair(1, "rex", ImageRef("rex.jpg", "0" * 64, 4, 3), None)
    assert bare.mask_source is None
    assert replace(bare, prediction=said).mask_source is MaskSource.PREDICTION
    both = replace(bare, prediction=said, reconciliation=found)
    assert both.mask_source is MaskSource.RECONCILIATION
    assert replace(both, reconciliation=replace(found, mask=None)).mask_source is MaskSource.PREDICTION
    for source in (MaskSource.RECONCILIATION, MaskSource.PREDICTION):
        assert replace(both, review=Review(Decision.ACCEPTED, source=source)).mask_source is source


def test_a_threshold_set_by_hand_is_in_force() -> None:
    said = Prediction("pawtrait", "0" * 12, MaskRef("1" * 64, 4, 3), 0.5, (0.4, 0.6), 0.9, 1.0, "", 0.1)
    assert said.cut == 0.5
    assert replace(said, chosen=0.0).cut == 0.0
