"""Probability and sentence follow from the cues."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.reconcile.confidence import Cues, probability, sentence

CLEAR = Cues(zncc=0.9, agreeing=0.95, margin=0.6, head=150, keypoints=40)
POOR = Cues(zncc=0.28, agreeing=0.15, margin=0.01, head=150, keypoints=0)


def test_clear_cues_are_likely_and_poor_ones_are_not() -> None:
    assert probability(CLEAR) > 0.99
    assert probability(POOR) < 0.05


@pytest.mark.parametrize("cue", ["zncc", "agreeing", "margin", "head", "keypoints"])
def test_each_cue_speaks_for_the_placement(cue: str) -> None:
    middle = Cues(zncc=0.45, agreeing=0.5, margin=0.1, head=60, keypoints=5)
    more = replace(middle, **{cue: getattr(CLEAR, cue)})
    assert probability(more) > probability(middle)


def test_the_probability_stays_a_probability() -> None:
    assert 0 <= probability(Cues(0, 0, 0, 0, 0)) <= probability(Cues(1, 1, 1, 1e9, 10**9)) <= 1


def test_the_sentence_says_what_a_reviewer_should_look_at() -> None:
    assert sentence(CLEAR, 0.99, False, "plain").startswith("Clear match")
    assert "light and dark" in sentence(CLEAR, 0.99, True, "plain")
    assert "guess" in sentence(CLEAR, 0.99, False, "kept")
    assert "both pictures agree" in sentence(CLEAR, 0.99, False, "photo")
    assert "Another place" in sentence(POOR, 0.6, False, "plain")
    assert "small" in sentence(replace(CLEAR, head=40), 0.6, False, "plain")
    assert "Only part" in sentence(CLEAR, 0.6, False, "plain")
    assert sentence(POOR, 0.1, False, None).startswith("No place")
