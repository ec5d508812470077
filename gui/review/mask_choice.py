"""Which of a pair's two masks is shown: what you see is what you accept."""

from __future__ import annotations

from core.domain import Decision, MaskSource, Pair

NAMES = {MaskSource.RECONCILIATION: "the reconciliation's", MaskSource.PREDICTION: "the prediction's"}
_MISSING = {
    MaskSource.RECONCILIATION: "This pair has no mask of a reconciliation.",
    MaskSource.PREDICTION: "This photo has not been predicted yet.",
}


def masks_of(pair: Pair | None) -> tuple[MaskSource, ...]:
    """Return which machines' masks a pair has."""
    found = pair.reconciliation if pair is not None else None
    has = {
        MaskSource.RECONCILIATION: found is not None and found.mask is not None,
        MaskSource.PREDICTION: pair is not None and pair.prediction is not None,
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
        wishes = (here, decided, self._wanted if decided is None else None, pair.mask_source)
        return next((wish for wish in wishes if wish in masks), masks[0])

    def recorded(self, pair: Pair) -> MaskSource | None:
        """Return what a decision on ``pair`` says it is about: nothing, where only a reconciliation can be meant."""
        return self.of(pair) if pair.prediction is not None else None

    def switch(self, pair: Pair, to: MaskSource | None) -> str:
        """Show the other mask of ``pair``, or the one named; return why not, as a sentence, if it has not got it."""
        shown = self.of(pair)
        other = {MaskSource.RECONCILIATION: MaskSource.PREDICTION}.get(shown, MaskSource.RECONCILIATION)  # type: ignore[arg-type]
        to = to or other
        if to not in masks_of(pair):
            return _MISSING[to]
        self._wanted, self._here = to, (pair.id, to)
        return ""
