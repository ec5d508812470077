"""Probability and sentence follow from the cues."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.reconcile.confidence import MATCH, TIE, Cues, probability, sentence

CLEAR = Cues(
    band=0.9,
    edges=0.9,
    agreeing=0.95,
    agreeing_edges=0.95,
    margin=0.8,
    head=150,
    deviation=0.002,
    stretch=0.002,
    keypoints=40,
)
MIDDLE = Cues(
    band=0.5,
    edges=0.5,
    agreeing=0.5,
    agreeing_edges=0.5,
    margin=0.15,
    head=60,
    deviation=0.01,
    stretch=0.02,
    keypoints=5,
)
POOR = Cues(
    band=0.28,
    edges=0.3,
    agreeing=0.15,
    agreeing_edges=0.15,
    margin=0.05,
    head=150,
    deviation=0.03,
    stretch=0.1,
    keypoints=0,
)


def test_clear_cues_are_likely_and_poor_ones_are_not() -> None:
    assert probability(CLEAR) > 0.97
    assert probability(POOR) < 0.05


@pytest.mark.parametrize(
    "cue", ["band", "edges", "agreeing", "agreeing_edges", "margin", "head", "deviation", "stretch", "keypoints"]
)
def test_each_cue_speaks_for_the_placement(cue: str) -> None:
    better = replace(MIDDLE, **{cue: getattr(CLEAR, cue)})
    assert probability(better) > probability(MIDDLE)


def test_what_fits_better_in_a_way_that_was_left_out_is_no_match_and_says_so() -> None:
    cues = replace(CLEAR, left_out=True)
    assert probability(cues) < MATCH
    assert "turned or mirrored further than the search may" in sentence(cues, probability(cues), None)


def test_inverted_tones_speak_as_much_as_upright_ones() -> None:
    assert probability(replace(MIDDLE, band=-MIDDLE.band)) == probability(MIDDLE)


def test_the_probability_stays_a_probability() -> None:
    nothing = Cues(0, 0, 0, 0, 0, 0, float("inf"), float("inf"), 0)
    everything = Cues(1, 1, 1, 1, 2, 1e9, 0, 0, 10**9)
    assert 0 <= probability(nothing) <= probability(everything) <= 1


def test_two_places_that_fit_equally_are_no_match_and_said_so() -> None:
    tied = replace(CLEAR, margin=TIE / 2)
    assert probability(tied) < MATCH
    assert sentence(tied, probability(tied), None).startswith("Two places fit equally")


def test_the_sentence_says_what_a_reviewer_should_look_at() -> None:
    assert sentence(CLEAR, 0.99, "plain").startswith("Clear match: 95% of the portrait agrees")
    assert "light and dark" in sentence(replace(CLEAR, band=-0.9), 0.99, "plain")
    assert "guess" in sentence(CLEAR, 0.99, "kept")
    assert "both pictures agree" in sentence(CLEAR, 0.99, "photo")
    assert "Another place" in sentence(replace(CLEAR, margin=0.1), 0.6, "plain")
    assert "small" in sentence(replace(CLEAR, head=40), 0.6, "plain")
    assert sentence(replace(CLEAR, agreeing=0.3, agreeing_edges=0.4), 0.6, "plain").startswith("Only 40%")
    assert "Only part" in sentence(CLEAR, 0.6, "plain")
    assert sentence(POOR, 0.1, None).startswith("Probably another photo")


@pytest.mark.parametrize("background", [None, "alpha", "plain", "photo", "kept"])
def test_every_sentence_ends(background: str | None) -> None:
    for cues in (CLEAR, MIDDLE, POOR):
        text = sentence(cues, probability(cues), background)
        assert text.endswith(".")
        assert text[0].isupper()
        assert "\n" not in text


PART = replace(CLEAR, agreeing=0.31, agreeing_edges=0.2)
SENTENCES = [
    (CLEAR, 0.99, "alpha", {}, "Clear match: 95% of the portrait agrees."),
    (PART, 0.9, "plain", {}, "Clear match: 31% of the portrait agrees."),
    (replace(CLEAR, margin=0.14), 0.89, "plain", {}, "Another place fits nearly as well: 95% of the portrait agrees."),
    (replace(CLEAR, head=41.4), 0.5, "plain", {}, "The portrait is small in the photo (41 pixels): 95% of the"),
    (PART, 0.5, "plain", {}, "Only 31% of the portrait agrees."),
    (replace(PART, agreeing_edges=0.49), 0.5, "plain", {}, "Only 49% of the portrait agrees."),
    (CLEAR, 0.5, "plain", {}, "Only part of the designer image agrees with the photo: 95% of the portrait agrees."),
    (PART, 0.1, None, {}, "Probably another photo: only 31% of the portrait agrees at the best place."),
    (replace(CLEAR, margin=0.01), 0.1, None, {}, "Two places fit equally: 95% of the portrait agrees at each of them."),
    (replace(PART, margin=0.01), 0.1, None, {}, "Probably another photo: only 31% of the portrait agrees"),
    (replace(CLEAR, band=-0.31), 0.99, "plain", {}, "portrait agrees, with light and dark exchanged."),
    (CLEAR, 0.99, "kept", {}, "portrait agrees; its background was kept, so the mask is a guess."),
    (CLEAR, 0.99, "photo", {}, "portrait agrees; the mask is where both pictures agree."),
    (CLEAR, 0.99, "plain", {"stretch": 0.031}, "agrees; the designer image is stretched or bent by 3.1%."),
    (CLEAR, 0.99, "plain", {"fine_differs": True}, "portrait agrees; its finest detail differs."),
    (
        replace(CLEAR, band=-0.9),
        0.99,
        "kept",
        {"stretch": 0.05, "fine_differs": True},
        "Clear match: 95% of the portrait agrees, with light and dark exchanged; the designer image is stretched or "
        "bent by 5.0%; its finest detail differs; its background was kept, so the mask is a guess.",
    ),
]


@pytest.mark.parametrize(("cues", "chance", "background", "more", "text"), SENTENCES)
def test_each_sentence(cues: Cues, chance: float, background: str | None, more: dict[str, Any], text: str) -> None:
    assert text in sentence(cues, chance, background, **more)


@pytest.mark.parametrize(
    ("cues", "more"), [(replace(CLEAR, band=-0.29), {}), (CLEAR, {"stretch": 0.019}), (CLEAR, {"fine_differs": False})]
)
def test_what_is_usual_is_not_worth_a_word(cues: Cues, more: dict[str, Any]) -> None:
    assert sentence(cues, 0.99, "plain", **more) == "Clear match: 95% of the portrait agrees."
