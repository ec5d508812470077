"""The words for decisions, reasons and changes as the screen shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.domain import Decision, PairSummary, Prediction, Reconciliation, RejectReason, Review
from core.edits import (
    BY_HAND,
    AddPair,
    AddStroke,
    Edit,
    MovePlacement,
    Origin,
    RemovePair,
    RemoveStroke,
    SetCleanUp,
    SetDesigner,
    SetPrediction,
    SetRecipe,
    SetReconciliation,
    SetReview,
    SetThreshold,
)
from core.store.changes import ChangeKind, ChangeSet

DECISIONS = {
    Decision.UNDECIDED: "Undecided",
    Decision.ACCEPTED: "Accepted",
    Decision.CORRECTED: "Corrected",
    Decision.REJECTED: "Rejected",
    Decision.SKIPPED: "Skipped",
    Decision.SECOND_REVIEW: "Second review",
}
GESTURES = {
    Decision.UNDECIDED: "Undecide",
    Decision.ACCEPTED: "Accept",
    Decision.CORRECTED: "Correct",
    Decision.REJECTED: "Reject",
    Decision.SKIPPED: "Skip",
    Decision.SECOND_REVIEW: "Second review",
}
FOUND = 0.5
"""Probability from which on a photo is said to show a portrait."""
REASONS = {
    RejectReason.WRONG_PHOTO: "Wrong photo",
    RejectReason.BAD_PLACEMENT: "Bad placement",
    RejectReason.BAD_MASK: "Bad mask",
    RejectReason.POOR_PHOTO: "Poor photo",
    RejectReason.DUPLICATE: "Duplicate",
    RejectReason.OTHER: "Other",
}


def decision_words(decision: Decision, reason: RejectReason | None) -> str:
    """Return a decision with its reason: "Rejected: wrong photo"."""
    words = DECISIONS[decision]
    return words if reason is None else f"{words}: {REASONS[reason].lower()}"


def finding_words(summary: PairSummary) -> str:
    """Return what is special about a pair's reconciliation, or nothing if a method has found a placement."""
    if summary.designer is None:
        return "" if summary.has_prediction else "No designer image"
    if summary.confidence is None:
        return "Not reconciled"
    if not summary.matched:
        return "No match"
    return "Placed by hand" if summary.method == BY_HAND else ""


def sureness(summary: PairSummary) -> float | None:
    """Return how sure a method is of a pair; None where none is, as of what was placed by hand."""
    return None if summary.matched and summary.method == BY_HAND else summary.confidence


def prediction_words(summary: PairSummary) -> str:
    """Return what is predicted of a pair: "predicted 91%", "nothing found"; nothing if it has not been."""
    if summary.expected_iou is None or summary.found is None:
        return ""
    return "nothing found" if summary.found < FOUND else f"predicted {percent(summary.expected_iou)}"


def prediction_figure(summary: PairSummary) -> str:
    """Return the overlap that a prediction promises: "91%"; "none" where nothing was found."""
    if summary.expected_iou is None or summary.found is None:
        return ""
    return "none" if summary.found < FOUND else percent(summary.expected_iou)


def model_words(model: str, version: str) -> str:
    """Return a model and its version as a caption says them."""
    return f"{model} · {version[:7]}" if version else model


def said_words(said: Prediction) -> str:
    """Return what a prediction says of its photo: its reason, and which of several portraits it is about."""
    pets = len(said.portraits)
    which = f"The mask is of number {said.portrait + 1} of {pets}." if pets > 1 else ""
    if not said.reason:
        which = which or ("No portrait found." if said.found < FOUND else "One portrait found.")
    return " ".join(filter(None, (said.reason, which)))


def promise_words(said: Prediction) -> str:
    """Return how good a prediction's mask is expected to be, in words."""
    if said.found < FOUND:
        return "Most likely no portrait"
    sure = "Good mask" if said.expected_iou >= 0.85 else "Fair mask" if said.expected_iou >= 0.7 else "Poor mask"
    return f"{sure}, {percent(said.expected_iou)} overlap expected"


def percent(share: float) -> str:
    """Return 0 to 1 as a whole per cent; 100% is kept for certainty, 0% for impossibility."""
    rounded = round(share * 100)
    if rounded == 100 and share < 1:
        rounded = 99
    if rounded == 0 and share > 0:
        rounded = 1
    return f"{rounded}%"


def confidence_words(found: Reconciliation) -> str:
    """Return how sure a reconciliation is, in words."""
    if found.placement is None:
        return f"No match; {percent(found.confidence)} that there is one"
    if found.method == BY_HAND:
        return "Placed by hand"
    if found.confidence >= 0.9:
        sure = "Very sure"
    elif found.confidence >= 0.7:
        sure = "Fairly sure"
    elif found.confidence >= 0.4:
        sure = "Unsure"
    else:
        sure = "Most likely wrong"
    return f"{sure}, {percent(found.confidence)}"


def painted_words(share: float | None) -> str:
    """Return how much of the footprint was painted on; None: nobody knows how much."""
    return f"Painted on: {'part' if share is None else percent(share)} of the footprint"


def seconds_words(seconds: float) -> str:
    """Return a short duration: "0.8 s", "12 s", "3 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def when_words(at: str, now: datetime | None = None) -> str:
    """Return a journal's time (UTC, ISO 8601) in local time: the hour today, the date as well on other days."""
    then = datetime.fromisoformat(at).astimezone()
    today = (now or datetime.now().astimezone()).date()
    return f"{then:%H:%M}" if then.date() == today else f"{then:%Y-%m-%d %H:%M}"


def change_title(change: ChangeSet) -> str:
    """Return what a change is called in a history: "Accept", "Taken back: Accept"."""
    label = change.initiator.label or "Change"
    if change.kind is ChangeKind.UNDO:
        return f"Taken back: {label}"
    return f"Done again: {label}" if change.kind is ChangeKind.REDO else label


def change_details(change: ChangeSet) -> str:
    """Return who made a change, when, how long it took, and what it was."""
    who = change.initiator.who if change.initiator.origin is Origin.USER else f"{change.initiator.who}, in a batch"
    parts = [when_words(change.at), who]
    if change.initiator.seconds is not None:
        parts.append(seconds_words(change.initiator.seconds))
    return " · ".join([*parts, *(words for edit in change.edits if (words := edit_words(edit)))])


def edit_words(edit: Edit) -> str:
    """Return what an edit did, in a few words."""
    if isinstance(edit, SetReview):
        return _review_words(edit.before, edit.after)
    if isinstance(edit, SetReconciliation):
        return _found_words(edit.before, edit.after)
    if isinstance(edit, SetPrediction):
        if edit.after is None:
            return "prediction removed"
        said = "nothing found" if edit.after.found < FOUND else "portrait predicted"
        return f"{said} ({edit.after.model}, {percent(edit.after.expected_iou)})"
    if isinstance(edit, SetThreshold):
        return "threshold back to the learned one" if edit.after is None else f"threshold {percent(edit.after)}"
    if isinstance(edit, (MovePlacement, SetRecipe, SetCleanUp, AddStroke, RemoveStroke)):
        return _hands_words(edit)
    if isinstance(edit, SetDesigner):
        return "designer image removed" if edit.after is None else "designer image added"
    if isinstance(edit, AddPair):
        return "pair added"
    assert isinstance(edit, RemovePair)
    return "pair removed"


def _found_words(before: Reconciliation | None, after: Reconciliation | None) -> str:
    if after is None:
        return "reconciliation removed"
    if after.placement is None:
        return f"no match ({after.method}, {percent(after.confidence)})"
    if before is not None and _but_masks(before) == _but_masks(after):
        return "mask derived"
    if after.method == BY_HAND:
        return "placed by hand" if before is None or before.placement is None else "placement moved by hand"
    return f"placement found ({after.method}, {percent(after.confidence)})"


def _but_masks(found: Reconciliation) -> Reconciliation:
    return replace(found, mask=None, footprint=None, painted=None, mask_placement=None)


def _hands_words(edit: MovePlacement | SetRecipe | SetCleanUp | AddStroke | RemoveStroke) -> str:
    if isinstance(edit, MovePlacement):
        return "placement moved by hand"
    if isinstance(edit, SetRecipe):
        if edit.after is None:
            return "mask as it was found"
        return "mask taken to edit" if edit.before is None else "mask edited"
    if isinstance(edit, SetCleanUp):
        steps = [f"{step.kind.replace('_', ' ')} {step.amount:g}" for step in edit.after]
        return f"clean-up: {', '.join(steps)}" if steps else "clean-up removed"
    what = edit.stroke.tool or "stroke"
    return f"painted ({what})" if isinstance(edit, AddStroke) else f"{what} taken away"


def _review_words(before: Review, after: Review) -> str:
    words = []
    if (before.decision, before.reason) != (after.decision, after.reason):
        was, now = (decision_words(review.decision, review.reason).lower() for review in (before, after))
        words.append(f"{was} → {now}")
    if after.source is not None and before.source != after.source:
        words.append(f"the {after.source.value}'s mask")
    if before.quality != after.quality:
        words.append("quality removed" if after.quality is None else f"quality {after.quality}")
    if before.comment != after.comment:
        words.append(f"“{after.comment}”" if after.comment else "comment removed")
    return ", ".join(words)
