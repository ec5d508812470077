"""Every change of a project as an invertible value; nothing else may change annotation data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from core.domain import ImageRef, Pair, Prediction, Reconciliation, Review


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
    """Replace a pair's reconciliation: placement, masks, confidence."""

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


Edit = AddPair | RemovePair | SetReview | SetReconciliation | SetPrediction | SetThreshold | SetDesigner


def inverse_of(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the edits that take ``edits`` back, last one first."""
    return tuple(edit.inverse() for edit in reversed(edits))


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
