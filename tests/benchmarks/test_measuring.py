"""What is counted in the benchmark of reconciliation: errors, masks, confidence; and which pairs are chosen."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cases import made_cases
from families import Made, Truth
from measure import Answer, compare
from peers_found import Found
from tables import auc, coverage, summary

from core.images.picture import Picture
from core.maths.warp import shift

ANSWER = Answer("pawtrait", "", "oil", ("oil",), False, True, 0.0, 0.0, 1.0, math.nan, math.nan, 0.9, 1, 0, 1, None)
WRONG = replace(ANSWER, relative=0.5)
NO_MATCH = replace(ANSWER, matched=False, relative=math.inf, pixels=math.inf, overlap=0.0, confidence=0.1)
OTHER_PHOTO = replace(NO_MATCH, negative=True)


def square(left: int, size: int = 20) -> np.ndarray:
    mask = np.zeros((100, 100), np.uint8)
    mask[10 : 10 + size, left : left + size] = 255
    return mask


def pair() -> Made:
    photo = Picture(np.zeros((100, 100, 3), np.uint8), None, 100, 100)
    designer = Picture(np.zeros((31, 41, 3), np.uint8), None, 41, 31)
    also = Truth(shift(60, 10), square(60), square(80, 5))
    return Made(photo, designer, shift(10, 10), square(10), square(30), ("oil",), (also,))


def test_auc_counts_ties_half() -> None:
    assert auc([0.9, 0.5], [0.5, 0.1]) == pytest.approx(0.875)
    assert math.isnan(auc([], [0.1]))


def test_coverage_is_the_largest_share_at_which_nearly_all_are_right() -> None:
    right = [replace(ANSWER, confidence=0.5 + number / 1000) for number in range(200)]
    assert coverage(right) == 1.0
    false = replace(OTHER_PHOTO, matched=True)
    assert coverage([*right, *[replace(false, confidence=0.5)] * 2]) == 1.0  # two of 202 are within 1 %
    assert coverage([*right, *[replace(false, confidence=0.6)] * 3]) == pytest.approx(0.5, abs=0.01)
    assert coverage([*right, replace(WRONG, confidence=1.0)]) == pytest.approx(200 / 201)
    assert coverage([replace(ANSWER, confidence=0.8), replace(WRONG, confidence=0.8)]) == 0.0  # no threshold parts them


def test_a_summary_counts_misses() -> None:
    row = summary([ANSWER, WRONG, NO_MATCH, OTHER_PHOTO])
    assert (row.positives, row.negatives, row.refused) == (3, 1, 1)
    assert row.success == pytest.approx(1 / 3)
    assert row.overlap == pytest.approx(2 / 3)
    assert row.median_px == 0.0  # over the two that were placed
    assert math.isnan(row.leaked)


def test_a_placement_is_compared_with_the_nearest_truth() -> None:
    relative, pixels, overlap, leaked, painted = compare(Found(shift(60, 11), square(60), 1.0), pair())
    assert pixels == pytest.approx(1.0)
    assert relative == pytest.approx(1 / math.hypot(41, 31))
    assert (overlap, leaked, painted) == (1.0, 0.0, 0.0)


def test_leakage_is_the_share_of_the_painted_part_in_the_mask() -> None:
    *_, leaked, painted = compare(Found(shift(10, 10), square(20), 1.0, square(30)), pair())
    assert leaked == pytest.approx(0.5)
    assert painted == 1.0


def test_no_match_has_no_error() -> None:
    relative, pixels, overlap, leaked, painted = compare(Found(None, None, 0.2), pair())
    assert (relative, pixels, overlap, painted) == (math.inf, math.inf, 0.0, 0.0)
    assert math.isnan(leaked)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "portraits").mkdir()
    lines = [f"{split}{n},{'pug' if n % 2 else 'boxer'},{split}" for split in ("train", "val") for n in range(12)]
    (tmp_path / "portraits" / "manifest.csv").write_text("\n".join(["name,breed,split", *lines]), "utf-8")
    return tmp_path


def test_pairs_of_a_set_come_from_its_own_photos(folder: Path) -> None:
    cases = made_cases(folder, "judge", ["oil", "comic"], 8, 1)
    assert len(cases) == 2 * (8 + 2)
    assert {case.family for case in cases[:2]} == {"oil", "comic"}
    for case in cases:
        photos = [case.photo, *case.others, *([case.stranger] if case.stranger else [])]
        assert all(name.startswith("val") for name in photos)
        assert len(set(photos)) == len(photos)
    strangers = [case for case in cases if case.stranger is not None]
    assert len(strangers) == 4
    assert (int(strangers[0].photo[3:]) - int(str(strangers[0].stranger)[3:])) % 2 == 0  # the same breed
    assert cases == made_cases(folder, "judge", ["oil", "comic"], 8, 1)


def test_a_family_of_the_other_set_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="paint: not one of"):
        made_cases(folder, "judge", ["paint"], 1, 1)
