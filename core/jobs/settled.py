"""Which masks people have settled on: a new prediction does not change them without a word."""

from __future__ import annotations

from core.domain import Decision, MaskSource, Pair


def is_settled(pair: Pair) -> bool:
    """Return whether a person has accepted or corrected the mask of a pair's prediction, or edited it."""
    if pair.prediction is None or pair.base_source is not MaskSource.PREDICTION:
        return False
    decided = pair.review.decision in (Decision.ACCEPTED, Decision.CORRECTED)
    return decided or (pair.recipe is not None and pair.recipe.is_edited)
