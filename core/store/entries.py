"""Edits to the journal's JSON and back; what comes back is checked, it may be hostile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from core.domain import CleanUp, Decision, ImageRef, Pair, Placement, Prediction, Recipe, Reconciliation, Review, Stroke
from core.edits import (
    AddPair,
    AddStroke,
    Edit,
    MovePlacement,
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
from core.store.changes import ChangeSet
from core.store.codec import Columns, Row, adapter, checking, sound, to_json, value_of
from core.store.plan import check_placement, check_prediction, check_reconciliation, check_threshold
from core.store.recipes import check_recipe, check_steps, check_stroke

_STEPS = tuple[CleanUp, ...]
_STROKE = tuple[int, Stroke]


def edit_columns(edit: Edit) -> Columns:
    """Return the columns of ``journal_edits`` that hold an edit: what was there before, what is there after."""
    decision: Decision | None = None
    before: str | None = None
    after: str | None = None
    if isinstance(edit, AddPair):
        after = to_json(Pair, edit.pair)
        if edit.pair.review.decision is not Decision.UNDECIDED:
            decision = edit.pair.review.decision
    elif isinstance(edit, RemovePair):
        before = to_json(Pair, edit.pair)
    elif isinstance(edit, SetReview):
        before, after = to_json(Review, edit.before), to_json(Review, edit.after)
        decision = edit.after.decision if edit.changes_decision else None
    elif isinstance(edit, SetReconciliation):
        before, after = to_json(Reconciliation, edit.before), to_json(Reconciliation, edit.after)
    elif isinstance(edit, SetPrediction):
        before, after = to_json(Prediction, edit.before), to_json(Prediction, edit.after)
    elif isinstance(edit, SetThreshold):
        before, after = to_json(float, edit.before), to_json(float, edit.after)
    elif isinstance(edit, MovePlacement):
        before, after = to_json(Placement, edit.before), to_json(Placement, edit.after)
    elif isinstance(edit, SetRecipe):
        before, after = to_json(Recipe, edit.before), to_json(Recipe, edit.after)
    elif isinstance(edit, SetCleanUp):
        before, after = to_json(_STEPS, edit.before), to_json(_STEPS, edit.after)
    elif isinstance(edit, AddStroke):
        after = to_json(_STROKE, (edit.index, edit.stroke))
    elif isinstance(edit, SetDesigner):
        before, after = to_json(ImageRef, edit.before), to_json(ImageRef, edit.after)
    else:
        before = to_json(_STROKE, (edit.index, edit.stroke))
    return {
        "pair_id": edit.pair_id,
        "kind": edit.kind,
        "decision": None if decision is None else decision.value,
        "before": before,
        "after": after,
    }


def _read_reconciliation(text: str | None) -> Reconciliation | None:
    if text is None:
        return None
    found: Reconciliation = adapter(Reconciliation).validate_json(text)
    check_reconciliation(found)
    return found


def _read_prediction(text: str | None) -> Prediction | None:
    if text is None:
        return None
    said: Prediction = adapter(Prediction).validate_json(text)
    check_prediction(said)
    return said


def _read_threshold(text: str | None) -> float | None:
    threshold: float | None = None if text is None else adapter(float).validate_json(text)
    check_threshold(threshold)
    return threshold


def _read_placement(text: str | None) -> Placement:
    place: Placement = adapter(Placement).validate_json(text or "")
    check_placement(place)
    return place


def _read_recipe(text: str | None) -> Recipe | None:
    if text is None:
        return None
    recipe: Recipe = adapter(Recipe).validate_json(text)
    check_recipe(recipe)
    return recipe


def _read_steps(text: str | None) -> tuple[CleanUp, ...]:
    steps: tuple[CleanUp, ...] = adapter(_STEPS).validate_json(text or "")
    check_steps(steps)
    return steps


def _read_stroke(text: str | None) -> tuple[int, Stroke]:
    index, stroke = adapter(_STROKE).validate_json(text or "")
    check_stroke(stroke)
    return index, stroke


def _read_image(text: str | None) -> ImageRef | None:
    image: ImageRef | None = None if text is None else adapter(ImageRef).validate_json(text)
    return image


def _edit(row: Row) -> Edit:
    kind, before, after = row["edit_kind"], row["before"], row["after"]
    if kind == "add_pair":
        return AddPair(sound(adapter(Pair).validate_json(after or "")))
    if kind == "remove_pair":
        return RemovePair(sound(adapter(Pair).validate_json(before or "")))
    pair_id = value_of(int, row["pair_id"])
    if kind == "set_review":
        review = adapter(Review)
        return SetReview(pair_id, review.validate_json(before or ""), review.validate_json(after or ""))
    if kind == "set_reconciliation":
        return SetReconciliation(pair_id, _read_reconciliation(before), _read_reconciliation(after))
    if kind == "set_prediction":
        return SetPrediction(pair_id, _read_prediction(before), _read_prediction(after))
    if kind == "set_threshold":
        return SetThreshold(pair_id, _read_threshold(before), _read_threshold(after))
    if kind == "move_placement":
        return MovePlacement(pair_id, _read_placement(before), _read_placement(after))
    if kind == "set_recipe":
        return SetRecipe(pair_id, _read_recipe(before), _read_recipe(after))
    if kind == "set_clean_up":
        return SetCleanUp(pair_id, _read_steps(before), _read_steps(after))
    if kind == "add_stroke":
        return AddStroke(pair_id, *_read_stroke(after))
    if kind == "remove_stroke":
        return RemoveStroke(pair_id, *_read_stroke(before))
    if kind == "set_designer":
        return SetDesigner(pair_id, _read_image(before), _read_image(after))
    raise ValueError(f"an edit of the kind {kind!r}")


def _change_set(rows: Sequence[Row]) -> ChangeSet:
    first = rows[0]
    fields = {
        "revision": first["revision"],
        "at": first["at"],
        "initiator": {part: first[part] for part in ("who", "origin", "seconds", "label")},
        "kind": first["kind"],
        "target": first["target"],
    }
    with checking(f"revision {first['revision']} of the journal"):
        return value_of(ChangeSet, {**fields, "edits": tuple(map(_edit, rows))})


def change_sets_of(rows: Iterable[Row]) -> list[ChangeSet]:
    """Return the change sets in rows of ``journal`` joined with ``journal_edits``, ordered by revision and position.

    The edits' ``kind`` is expected as ``edit_kind``.

    Raises:
        StorageProblem: a row makes no sense.
    """
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["revision"], []).append(row)
    return list(map(_change_set, groups.values()))
