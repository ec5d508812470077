"""Settled thresholds: their median counts, few are hardly believed, and an offset does not feed on itself."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain import SettledCut
from core.model import settled


def cuts(chosen: float | None, count: int, threshold: float = 0.5, moved: float = 0.0) -> list[SettledCut]:
    return [SettledCut(threshold, moved, chosen)] * count


def test_nothing_settled_moves_nothing() -> None:
    assert settled.offset([]) == 0.0
    assert settled.offset(cuts(None, 50)) == 0.0
    assert settled.moved(0.37, 0.0) == 0.37


def test_by_hand() -> None:
    # log-odds of .7 are ln(7/3) = .8473; eight of them are believed half.
    assert settled.offset(cuts(0.7, 8)) == pytest.approx(0.8473 / 2, abs=1e-4)
    assert settled.moved(0.5, 0.8473) == pytest.approx(0.7, abs=1e-4)


def test_many_are_believed_more_than_few() -> None:
    some = [settled.offset(cuts(0.7, count)) for count in (1, 8, 50, 200)]
    assert some == sorted(some)
    assert settled.moved(0.5, some[-1]) == pytest.approx(0.69, abs=0.01)


def test_the_median_counts_and_what_was_left_alone_counts_too() -> None:
    assert settled.offset([*cuts(0.99, 3), *cuts(None, 5)]) == 0.0
    assert settled.offset([*cuts(0.6, 5), *cuts(0.01, 2)]) > 0


def test_photos_in_which_nothing_was_found_teach_nothing() -> None:
    assert settled.offset([*cuts(0.7, 8), *cuts(0.2, 30, threshold=1.0)]) == settled.offset(cuts(0.7, 8))


def test_an_offset_does_not_feed_on_itself() -> None:
    first = settled.offset(cuts(0.7, 8))
    now = settled.moved(0.5, first)
    left_alone = cuts(None, 8, now, first)
    assert settled.offset(left_alone) == pytest.approx(first / 2)
    assert settled.offset([*cuts(0.7, 8), *left_alone]) == pytest.approx(16 / 24 * (2 * first + first) / 2, abs=1e-6)


@pytest.mark.parametrize("by", [-100.0, -1.0, 1.0, 100.0])
@pytest.mark.parametrize("threshold", [0.0, 1 / 255, 0.5, 1.0])
def test_a_threshold_stays_one(threshold: float, by: float) -> None:
    assert 0 < settled.moved(threshold, by) < 1


def test_the_expected_overlap_follows_the_cut() -> None:
    counts = np.bincount(np.repeat(np.arange(256), 4), minlength=256)
    assert settled.expected_at(counts, 0.9, 0.5, 0.5) == 0.9
    assert settled.expected_at(counts, 0.9, 0.5, 0.9) < 0.9
    assert settled.expected_at(counts, 0.9, 0.9, 0.5) == 1.0
    assert settled.expected_at(np.zeros(256, np.int64), 0.9, 0.5, 0.9) == 0.9
