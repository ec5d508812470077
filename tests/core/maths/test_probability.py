"""Maps of probability: where they are cut, and that the mask of a photo says the same as its map."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.maths.probability import cut

RAMP = np.arange(256, dtype=np.uint8)[None]


@given(st.floats(0, 1))
def test_at_the_maps_own_size_half_of_the_mask_is_where_the_map_reaches_the_level(threshold: float) -> None:
    mask = cut(RAMP, threshold, (256, 1))
    level = max(1, math.ceil(threshold * 255))
    # Between two values of the map the threshold itself decides; at a value, rounding may be one off.
    difference = np.flatnonzero((mask >= 128) != (level <= RAMP))
    assert len(difference) == 0 or abs(threshold * 255 - round(threshold * 255)) < 1e-3
    assert mask[0, 0] == 0
    assert mask[0, 255] >= 128
    assert (np.diff(mask[0].astype(int)) >= 0).all()


def test_a_mask_has_the_photos_size_and_the_maps_shape() -> None:
    found = np.zeros((40, 60), np.uint8)
    found[10:30, 20:40] = 255
    mask = cut(found, 0.5, (6000, 4000))
    assert mask.shape == (4000, 6000)
    inside = np.argwhere(mask >= 128)
    # Pixel centres at integers: cell i covers 100 i - 0.5 to 100 i + 99.5, and the half lies on the cell's border.
    assert inside.min(0).tolist() == [1000, 2000]
    assert inside.max(0).tolist() == [2999, 3999]
    assert mask[2000, 3000] == 255
    assert mask[0, 0] == 0


def test_a_lower_threshold_never_takes_less() -> None:
    found = np.random.default_rng(1).integers(0, 256, (30, 40), dtype=np.uint8)
    masks = [cut(found, threshold, (400, 300)) >= 128 for threshold in (0.1, 0.4, 0.7, 0.95)]
    for wide, narrow in pairwise(masks):
        assert (wide | ~narrow).all()


def test_a_map_of_one_pixel_and_photos_of_one() -> None:
    assert cut(np.full((1, 1), 200, np.uint8), 0.5, (7, 3)).tolist() == [[255] * 7] * 3
    assert cut(np.full((9, 9), 255, np.uint8), 0.5, (1, 1)).tolist() == [[255]]
