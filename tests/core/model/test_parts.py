"""Which blobs of a map are portraits, and whose each cell is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import parts
from core.model.raw_map import Map
from tests.core.model.conftest import blob

SHAPE = (60, 90)
BOTH = (25, 30, 14, 0.95), (68, 28, 11, 0.95)


def _is_worthy(entry: tuple[parts.Box, float, int], strongest: float) -> bool:
    _, mass, cells = entry
    small = mass >= parts.SMALL * strongest and mass >= parts.CLEAR * cells
    return mass >= parts.SECOND * strongest or small


def _slow(score: Map, threshold: float) -> list[tuple[parts.Box, float, int]]:
    """Boxes, summed probability and cells of all parts, by flooding."""
    left = score >= threshold
    found = []
    while left.any():
        queue = [tuple(np.argwhere(left)[0])]
        cells = []
        left[queue[0]] = False
        while queue:
            y, x = queue.pop()
            cells.append((y, x))
            for near in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if 0 <= near[0] < score.shape[0] and 0 <= near[1] < score.shape[1] and left[near]:
                    left[near] = False
                    queue.append(near)
        ys, xs = zip(*cells, strict=True)
        box = int(min(xs)), int(min(ys)), int(max(xs)) + 1, int(max(ys)) + 1
        found.append((box, sum(float(score[cell]) for cell in cells), len(cells)))
    return sorted(found, key=lambda entry: -entry[1])


def test_two_blobs_are_two_portraits_the_clearer_one_first() -> None:
    found = parts.find(blob(SHAPE, *BOTH), 0.5)
    assert len(found.boxes) == 2
    (left, top, right, bottom), second = found.boxes
    assert left < 25 < right and top < 30 < bottom and right - left > second[2] - second[0]


def test_there_are_never_three() -> None:
    assert len(parts.find(blob(SHAPE, *BOTH, (45, 52, 7, 0.95)), 0.5).boxes) == 2


def test_a_small_blob_is_no_second_portrait() -> None:
    assert len(parts.find(blob(SHAPE, BOTH[0], (75, 20, 4, 0.95)), 0.5).boxes) == 1


def test_a_small_pet_beside_a_large_one_is_a_second_portrait_if_it_is_clear() -> None:
    clear, faint = (blob(SHAPE, BOTH[0], (75, 20, 6, peak)) for peak in (0.95, 0.45))
    assert len(parts.find(clear, 0.3).boxes) == 2
    assert len(parts.heads(clear, 0.3)) == 2, "it is looked at closely as well"
    assert len(parts.find(faint, 0.3).boxes) == 1
    both = np.maximum(clear, blob(SHAPE, (75, 48, 8, 0.45)))
    assert parts.find(both, 0.3).boxes[1][3] < 40, "what is faint does not stand before it, though it is wider"


def test_a_faint_blob_loses_though_it_is_wide() -> None:
    wide, clear = (22, 30, 17, 0.32), (68, 28, 13, 0.99)
    found = parts.find(blob(SHAPE, wide, clear), 0.3)
    assert found.boxes[0][0] > 45
    assert (found.boxes[0][2] - found.boxes[0][0]) < 2 * 17


@given(st.integers(0, 2**32 - 1), st.floats(0.3, 0.8))
def test_boxes_agree_with_flooding(seed: int, threshold: float) -> None:
    score = np.random.default_rng(seed).random((7, 9)).astype(np.float32)
    slow = _slow(score, threshold)
    found = parts.heads(score, threshold)
    worthy = [entry for entry in slow if _is_worthy(entry, slow[0][1])][: parts.MOST]
    assert [box for box in found if box not in [entry[0] for entry in slow]] == []
    assert len(found) == len(worthy)


def test_every_cell_belongs_to_the_nearest_part() -> None:
    score = blob(SHAPE, *BOTH, (10, 5, 3, 0.9))
    found = parts.find(score, 0.5)
    strong = score >= 0.5
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    assert (found.owner[strong & (np.hypot(x - 25, y - 30) < 16)] == 0).all()
    assert (found.owner[strong & (np.hypot(x - 68, y - 28) < 13)] == 1).all()
    assert found.owner[5, 10] == 255  # the third blob is nobody's, nor is what is around it
    assert found.owner[0, 8] == 255
    assert set(np.unique(found.owner)) == {0, 1, 255}
    assert found.owner[59, 0] == 0 and found.owner[59, 89] == 1


def test_a_lower_threshold_lets_each_portrait_grow_on_its_own_side() -> None:
    score = blob(SHAPE, *BOTH)
    found = parts.find(score, 0.5)
    lower = (score >= 0.05) & (found.owner == 0)
    assert not (lower & (np.mgrid[: SHAPE[0], : SHAPE[1]][1] > 60)).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 1024)])
def test_odd_grids(shape: tuple[int, int]) -> None:
    assert parts.find(np.zeros(shape, np.float32), 0.5).boxes == ()
    assert (parts.find(np.zeros(shape, np.float32), 0.5).owner == 255).all()
    full = parts.find(np.ones(shape, np.float32), 0.5)
    assert full.boxes == ((0, 0, shape[1], shape[0]),)
    assert (full.owner == 0).all()


def test_evidence_is_the_best_part_s_height() -> None:
    score = blob(SHAPE, (60, 40, 25, 0.4), (15, 15, 3, 0.7))
    assert parts.evidence(score) == pytest.approx(0.4, abs=0.05)
    assert parts.evidence(np.zeros(SHAPE, np.float32)) == 0
    assert parts.evidence(np.full((1, 1), 0.3, np.float32)) == pytest.approx(0.3)
