"""Which of a pair's masks is shown: what you see is what you accept."""

from __future__ import annotations

from core.domain import Decision, MaskSource, Pair
from gui.current_keys import with_keys

NAMES = {
    MaskSource.RECONCILIATION: "the reconciliation's",
    MaskSource.PREDICTION: "the prediction's",
    MaskSource.RECIPE: "the edited",
}
_MISSING = {
    MaskSource.RECONCILIATION: "This pair has no mask of a reconciliation.",
    MaskSource.PREDICTION: "This photo has not been predicted yet.",
    MaskSource.RECIPE: "Nobody has edited this mask yet. {edit} edits it.",
}


def masks_of(pair: Pair | None) -> tuple[MaskSource, ...]:
    """Return which masks a pair has."""
    found = pair.reconciliation if pair is not None else None
    has = {
        MaskSource.RECONCILIATION: found is not None and found.mask is not None,
        MaskSource.PREDICTION: pair is not None and pair.prediction is not None,
        MaskSource.RECIPE: pair is not None and pair.recipe is not None,
    }
    return tuple(source for source, there in has.items() if there)


def decided_on(pair: Pair) -> MaskSource | None:
    """Return which mask a decision on ``pair`` is about; None while there is none, or it is about no mask."""
    if pair.review.decision in (Decision.ACCEPTED, Decision.CORRECTED):
        return pair.mask_source  # old reviews do not say it
    return pair.review.source if pair.review.decision is not Decision.UNDECIDED else None


class MaskChoice:
    """Remembers what was asked for: for one pair until it is left, and for the undecided ones after it."""

    def __init__(self) -> None:
        """Begin with no wish: each pair shows the mask that stands for it."""
        self._wanted: MaskSource | None = None
        self._here: tuple[int, MaskSource] | None = None

    def of(self, pair: Pair | None) -> MaskSource | None:
        """Return whose mask of ``pair`` is shown; None if it has none."""
        masks = masks_of(pair)
        if pair is None or not masks:
            return None
        decided = decided_on(pair)
        here = self._here[1] if self._here is not None and self._here[0] == pair.id else None
        # what somebody has edited is not hidden behind a wish that came from another pair
        wanted = self._wanted if decided is None and pair.recipe is None else None
        wishes = (here, decided, wanted, pair.mask_source)
        return next((wish for wish in wishes if wish in masks), masks[0])

    def recorded(self, pair: Pair) -> MaskSource | None:
        """Return what a decision on ``pair`` says it is about: nothing, where only a reconciliation can be meant."""
        return self.of(pair) if pair.prediction is not None or pair.recipe is not None else None

    def switch(self, pair: Pair, to: MaskSource | None) -> str:
        """Show the other mask of ``pair``, or the one named; return why not, as a sentence, if it has not got it."""
        masks, shown = masks_of(pair), self.of(pair)
        if to is None and len(masks) > 1 and shown is not None:
            to = masks[(masks.index(shown) + 1) % len(masks)]
        to = to or (MaskSource.PREDICTION if shown is MaskSource.RECONCILIATION else MaskSource.RECONCILIATION)
        if to not in masks:
            return with_keys(_MISSING[to])
        self._here = (pair.id, to)
        if to is not MaskSource.RECIPE:
            self._wanted = to
        return ""

    def forget_here(self) -> None:
        """Show again what stands for the pair: it has been edited."""
        self._here = None
