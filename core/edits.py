"""Every change of a project as an invertible value; nothing else may change annotation data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from core.domain import (
    CleanUp,
    Decision,
    ImageRef,
    MaskSource,
    Pair,
    Placement,
    Prediction,
    Recipe,
    Reconciliation,
    Review,
    Stroke,
)


@dataclass(frozen=True, slots=True)
class AddPair:
    """Put a pair into the project (``pair.id`` 0: the store gives an id)."""

    pair: Pair
    kind: Literal["add_pair"] = "add_pair"

    @property
    def pair_id(self) -> int:
        """Id of the pair that this edit touches (0 before it was applied)."""
        return self.pair.id

    def inverse(self) -> RemovePair:
        """Return the edit that takes this one back."""
        return RemovePair(self.pair)


@dataclass(frozen=True, slots=True)
class RemovePair:
    """Take a pair out of the project; the user's files stay where they are."""

    pair: Pair
    kind: Literal["remove_pair"] = "remove_pair"

    @property
    def pair_id(self) -> int:
        """Id of the pair that this edit touches."""
        return self.pair.id

    def inverse(self) -> AddPair:
        """Return the edit that takes this one back."""
        return AddPair(self.pair)


@dataclass(frozen=True, slots=True)
class SetReview:
    """Replace a pair's review: decision, reason, comment and quality together."""

    pair_id: int
    before: Review
    after: Review
    kind: Literal["set_review"] = "set_review"

    def inverse(self) -> SetReview:
        """Return the edit that takes this one back."""
        return replace(self, before=self.after, after=self.before)

    @property
    def changes_decision(self) -> bool:
        """True when the decision or its reason changes, not only the comment or the quality."""
        return (self.before.decision, self.before.reason) != (self.after.decision, self.after.reason)


@dataclass(frozen=True, slots=True)
class SetReconciliation:
    """Replace a pair's reconciliation: placement, masks, confidence.

    ``before`` may have other masks than those that are there: they follow a placement by themselves.
    """

    pair_id: int
    before: Reconciliation | None
    after: Reconciliation | None
    kind: Literal["set_reconciliation"] = "set_reconciliation"

    def inverse(self) -> SetReconciliation:
        """Return the edit that takes this one back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class SetPrediction:
    """Replace a pair's prediction: map, learned threshold, what was found."""

    pair_id: int
    before: Prediction | None
    after: Prediction | None
    kind: Literal["set_prediction"] = "set_prediction"

    def inverse(self) -> SetPrediction:
        """Return the edit that takes this one back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class SetThreshold:
    """Move the threshold of a pair's prediction; None: back to the learned one. A whole drag is one edit."""

    pair_id: int
    before: float | None
    after: float | None
    kind: Literal["set_threshold"] = "set_threshold"

    def inverse(self) -> SetThreshold:
        """Return the edit that takes this one back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class SetDesigner:
    """Give a photo alone the designer image that was made from it, or take it away again."""

    pair_id: int
    before: ImageRef | None
    after: ImageRef | None
    kind: Literal["set_designer"] = "set_designer"

    def inverse(self) -> SetDesigner:
        """Return the edit that takes this one back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class MovePlacement:
    """Move, turn, scale or mirror a placement by hand; the masks stay as they are until they are derived anew."""

    pair_id: int
    before: Placement
    after: Placement
    kind: Literal["move_placement"] = "move_placement"

    def inverse(self) -> MovePlacement:
        """Return the edit that takes this one back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class SetRecipe:
    """Replace a pair's recipe: its base, or all of it."""

    pair_id: int
    before: Recipe | None
    after: Recipe | None
    kind: Literal["set_recipe"] = "set_recipe"

    def inverse(self) -> SetRecipe:
        """Return the edit that takes this one back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class SetCleanUp:
    """Replace the clean-up steps of a pair's recipe."""

    pair_id: int
    before: tuple[CleanUp, ...]
    after: tuple[CleanUp, ...]
    kind: Literal["set_clean_up"] = "set_clean_up"

    def inverse(self) -> SetCleanUp:
        """Return the edit that takes this one back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class AddStroke:
    """Paint one stroke over those that a pair's recipe has."""

    pair_id: int
    index: int
    """How many there were before."""
    stroke: Stroke
    kind: Literal["add_stroke"] = "add_stroke"

    def inverse(self) -> RemoveStroke:
        """Return the edit that takes this one back."""
        return RemoveStroke(self.pair_id, self.index, self.stroke)


@dataclass(frozen=True, slots=True)
class RemoveStroke:
    """Take away the last stroke of a pair's recipe."""

    pair_id: int
    index: int
    stroke: Stroke
    kind: Literal["remove_stroke"] = "remove_stroke"

    def inverse(self) -> AddStroke:
        """Return the edit that takes this one back."""
        return AddStroke(self.pair_id, self.index, self.stroke)


Edit = (
    AddPair
    | RemovePair
    | SetReview
    | SetReconciliation
    | SetPrediction
    | SetThreshold
    | SetDesigner
    | MovePlacement
    | SetRecipe
    | SetCleanUp
    | AddStroke
    | RemoveStroke
)


def inverse_of(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the edits that take ``edits`` back, last one first."""
    return tuple(edit.inverse() for edit in reversed(edits))


BY_HAND = "by hand"
"""Method of a reconciliation whose placement a person has set or moved."""


class Origin(StrEnum):
    """Who stands behind a change."""

    USER = "user"
    JOB = "job"
    """A batch: journalled with its run, no step of the user's undo."""


@dataclass(frozen=True, slots=True)
class Initiator:
    """Who made a change, with what, and how long the person had looked at the pair."""

    who: str
    origin: Origin = Origin.USER
    seconds: float | None = None
    """Seconds that the person had the pair before them, or None."""
    label: str = ""
    """What the change is called in menus and histories: "Accept", "Import" …"""


# What a person does to a pair, as the edits of one gesture. Each belongs to the pair as it is handed in.


def painted(pair: Pair, stroke: Stroke) -> tuple[Edit, ...]:
    """Return the edits that paint a stroke on the mask that stands for a pair."""
    recipe = pair.recipe or Recipe(pair.base_source)
    begun = () if pair.recipe is not None else (SetRecipe(pair.id, None, recipe),)
    return (*begun, AddStroke(pair.id, len(recipe.strokes), stroke), *_decided_again(pair))


def cleaned_up(pair: Pair, steps: tuple[CleanUp, ...]) -> tuple[Edit, ...]:
    """Return the edits that give the mask that stands for a pair these clean-up steps, in place of those it has."""
    if pair.recipe is None:
        return (SetRecipe(pair.id, None, Recipe(pair.base_source, steps)), *_decided_again(pair))
    return (SetCleanUp(pair.id, pair.recipe.steps, steps), *_decided_again(pair))


def started_over(pair: Pair) -> tuple[Edit, ...]:
    """Return the edits that take all steps and strokes away; no edits if there are none."""
    if pair.recipe is None:
        return ()
    review = pair.review
    back = replace(review, decision=Decision.UNDECIDED, source=None)
    decided = (SetReview(pair.id, review, back),) if review.source is MaskSource.RECIPE else ()
    return (SetRecipe(pair.id, pair.recipe, None), *decided)


def placed(pair: Pair, placement: Placement) -> tuple[Edit, ...]:
    """Return the edits that put a pair's designer image where a person says; its masks are derived anew after."""
    found = pair.reconciliation
    if found is not None and found.placement is not None and found.method == BY_HAND:
        return (MovePlacement(pair.id, found.placement, placement),)
    # what a method said of its own placement is not true of a person's: it comes back with an undo
    after = Reconciliation(BY_HAND, placement, 1.0, "Placed by hand.", 0.0)
    if found is not None and found.placement is not None:
        made_at = found.mask_placement or found.placement
        after = replace(
            after,
            mask=found.mask,
            footprint=found.footprint,
            painted=found.painted,
            mask_placement=None if made_at == placement else made_at,
        )
    return (SetReconciliation(pair.id, found, after),)


def accepted(pair: Pair) -> tuple[Decision, MaskSource | None]:
    """Return which decision it is to accept the mask that stands for a pair, and about which mask."""
    edited = pair.mask_source is MaskSource.RECIPE and pair.recipe is not None and pair.recipe.is_edited
    return (Decision.CORRECTED if edited else Decision.ACCEPTED), pair.mask_source


def _decided_again(pair: Pair) -> tuple[SetReview, ...]:
    """Return what keeps a decision true: who edits an accepted mask has corrected it."""
    review = pair.review
    if review.decision in (Decision.ACCEPTED, Decision.CORRECTED):
        after = replace(review, decision=Decision.CORRECTED, source=MaskSource.RECIPE)
    else:
        after = replace(review, source=None)  # whatever was looked at, the edited mask stands now
    return () if after == review else (SetReview(pair.id, review, after),)
