"""Which masks people have settled on: what a batch finds does not change them without a word."""

from __future__ import annotations

from core.domain import Decision, MaskSource, Pair
from core.edits import BY_HAND


def is_settled(pair: Pair) -> bool:
    """Return whether a person has accepted or corrected the mask of a pair's prediction, or edited it."""
    return pair.prediction is not None and _is_settled_on(pair, MaskSource.PREDICTION)


def is_placed(pair: Pair) -> bool:
    """Return whether a person has placed a pair's designer image, or settled on the mask of its reconciliation."""
    found = pair.reconciliation
    return found is not None and (found.method == BY_HAND or _is_settled_on(pair, MaskSource.RECONCILIATION))


def _is_settled_on(pair: Pair, source: MaskSource) -> bool:
    if pair.base_source is not source:
        return False
    decided = pair.review.decision in (Decision.ACCEPTED, Decision.CORRECTED)
    return decided or (pair.recipe is not None and pair.recipe.is_edited)
