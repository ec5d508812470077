"""What edits do to pairs, as a pure function: every store obeys these rules, whatever keeps its data."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.domain import Decision, MaskSource, Pair, PairQuery, Placement, Prediction, Reconciliation
from core.edits import (
    AddPair,
    AddStroke,
    Edit,
    Initiator,
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
from core.errors import EditConflict, StorageProblem
from core.settings import MOST_MEGAPIXELS
from core.store.changes import ChangeKind
from core.store.recipes import check_recipe, check_steps, check_stroke, check_strokes_within, painted

ALL_PAIRS = PairQuery()
UNRECONCILED, NO_MATCH, ALONE = -2.0, -1.0, 2.0
"""Sureness of the pairs that come before every confidence in the queue."""
UNPREDICTED, NOTHING_FOUND = -2.0, -1.0
"""Promise of the pairs that come before every expected overlap in the queue."""

_CONFLICT_REMEDY = "Look at it as it is now, and decide again."


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list of edits comes to: the edits with ids given, and each touched pair as it will be (None: gone)."""

    edits: tuple[Edit, ...]
    pairs: Mapping[int, Pair | None]


def utc_now() -> str:
    """Return the time as the journal writes it: UTC, ISO 8601, milliseconds, trailing Z."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def search_key(text: str) -> str:
    """Return what names are found and ordered by: case folded, and one spelling for each letter.

    macOS writes "ü" in file names as two code points, keyboards as one; NFKC makes them the same. What no database
    can hold becomes a question mark, so that anything may be asked for.
    """
    text = text.replace("\0", "?").encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def sureness(pair: Pair) -> float:
    """Return where a pair stands in ``PairOrder.CONFIDENCE``, smallest first."""
    if pair.designer is None:  # nothing can be found in it: its prediction is all that there is to be sure of
        return ALONE if pair.prediction is None else promise(pair.prediction)
    found = pair.reconciliation
    if found is None:
        return UNRECONCILED
    return NO_MATCH if found.placement is None else found.confidence


def promise(said: Prediction | None) -> float:
    """Return where a pair stands in ``PairOrder.EXPECTED_IOU``, smallest first."""
    if said is None:
        return UNPREDICTED
    return NOTHING_FOUND if said.found < 0.5 else said.expected_iou


def touched(edits: Sequence[Edit]) -> tuple[set[int], set[str]]:
    """Return the ids and the new names that ``make_plan`` will ask about."""
    ids = {edit.pair_id for edit in edits if edit.pair_id}
    return ids, {edit.pair.name for edit in edits if isinstance(edit, AddPair)}


def make_plan(
    edits: Sequence[Edit],
    stored: Mapping[int, Pair],
    names: Mapping[str, int],
    next_id: int,
    revision: int,
) -> Plan:
    """Work out what ``edits``, applied in order under ``revision``, come to.

    ``stored`` holds the touched pairs that exist, ``names`` the ids of existing pairs that have one of the new
    names, ``next_id`` is larger than every id ever given.

    Raises:
        EditConflict: an edit's ``before`` is not what is there, its pair is gone, or its name or id is taken.
    """
    pairs: dict[int, Pair | None] = dict(stored)
    taken = dict(names)
    applied: list[Edit] = []
    for edit in edits:
        if isinstance(edit, AddPair):
            pair = replace(edit.pair, id=edit.pair.id or next_id, revision=revision)
            check_pair(pair)
            next_id = max(next_id, pair.id + 1)
            if pair.name in taken:
                raise EditConflict(f"There already is a pair named {pair.name!r}.", "Give one of the two another name.")
            if pairs.get(pair.id) is not None:
                raise EditConflict(f"The pair {pair.name!r} is in the project already.", _CONFLICT_REMEDY)
            pairs[pair.id] = pair
            taken[pair.name] = pair.id
            applied.append(AddPair(pair))
            continue
        before = pairs.get(edit.pair_id)
        if before is None:
            name = repr(edit.pair.name) if isinstance(edit, RemovePair) else f"number {edit.pair_id}"
            raise EditConflict(f"The pair {name} is no longer in the project.", "Go on with another pair.")
        if isinstance(edit, RemovePair):
            # The revision only says when the pair was touched last; an undo restores what it is, not when.
            _expect(replace(before, revision=0) == replace(edit.pair, revision=0), before)
            pairs[before.id] = None
            taken.pop(before.name, None)
            applied.append(RemovePair(before))
        else:
            true = _as_it_is(before, edit)
            pairs[before.id] = replace(_changed(before, true), revision=revision)
            applied.append(true)
    return Plan(tuple(applied), pairs)


def _changed(pair: Pair, edit: Edit) -> Pair:
    if isinstance(edit, SetReview):
        _expect(pair.review == edit.before, pair)
        return replace(pair, review=edit.after)
    if isinstance(edit, SetReconciliation):
        _expect(pair.reconciliation == edit.before, pair)
        return replace(pair, reconciliation=edit.after)
    if isinstance(edit, MovePlacement):
        _expect(pair.placement == edit.before, pair)
        return replace(pair, reconciliation=_moved(pair.reconciliation, edit.after))
    if isinstance(edit, SetRecipe):
        _expect(pair.recipe == edit.before, pair)
        changed = replace(pair, recipe=edit.after)
        check_pair(changed)
        return changed
    if isinstance(edit, (SetCleanUp, AddStroke, RemoveStroke)):
        recipe = None if pair.recipe is None else painted(pair.recipe, edit)
        _expect(recipe is not None, pair)
        changed = replace(pair, recipe=recipe)
        check_pair(changed)
        return changed
    if isinstance(edit, SetPrediction):
        _expect(pair.prediction == edit.before, pair)
        changed = replace(pair, prediction=edit.after)
        check_pair(changed)
        return changed
    if isinstance(edit, SetDesigner):
        _expect(pair.designer == edit.before, pair)
        return replace(pair, designer=edit.after)
    assert isinstance(edit, SetThreshold)
    said = pair.prediction
    _expect(said is not None and said.chosen == edit.before, pair)
    assert said is not None
    return replace(pair, prediction=replace(said, chosen=edit.after))


def _as_it_is(pair: Pair, edit: Edit) -> Edit:
    """Return an edit of a reconciliation with the masks that are there: these follow a placement by themselves."""
    found = pair.reconciliation
    if not isinstance(edit, SetReconciliation) or found is None or edit.before is None:
        return edit
    expected = replace(
        edit.before,
        mask=found.mask,
        footprint=found.footprint,
        painted=found.painted,
        mask_placement=found.mask_placement,
    )
    return replace(edit, before=expected)


def _moved(found: Reconciliation | None, placement: Placement) -> Reconciliation:
    """Return a reconciliation with another placement; the masks remember theirs until it comes back to it.

    So the way back leads through the same states, and a move needs to carry nothing but two placements.
    """
    assert found is not None
    made_at = found.mask_placement or found.placement
    return replace(found, placement=placement, mask_placement=None if made_at == placement else made_at)


def check_change(edits: Sequence[Edit], initiator: Initiator) -> None:
    """See to it that a change can be stored and will come back as it is.

    Raises:
        StorageProblem: it holds a text that no database can hold.
        ValueError: there are no edits, or a number is out of range or not finite (a bug of the maker).
    """
    if not edits:
        raise ValueError("there is nothing to apply")
    if initiator.seconds is not None and not 0 <= initiator.seconds < math.inf:
        raise ValueError(f"somebody took {initiator.seconds} seconds")
    check_text(initiator.who)
    check_text(initiator.label)
    for edit in edits:
        _check_edit(edit)


def check_target(kind: ChangeKind, target: int | None, last_revision: int) -> None:
    """See to it that an undo or a redo names a revision that exists, and nothing else names one.

    Raises:
        ValueError: it does not.
    """
    if (kind is ChangeKind.DO) != (target is None):
        raise ValueError(f"a change of the kind {kind} with the target {target}")
    if target is not None and not 1 <= target <= last_revision:
        raise ValueError(f"there is no revision {target} to {kind}")


def _check_edit(edit: Edit) -> None:
    """Look at what an edit brings; what it replaces is stored already."""
    if isinstance(edit, (AddPair, RemovePair)):
        pair = edit.pair
        if pair.id < 0:
            raise ValueError(f"the id of a pair is {pair.id}")
        for text in (pair.name, pair.original.path, pair.designer.path if pair.designer else ""):
            check_text(text)
        check_text(pair.review.comment)
        _check_found(pair.reconciliation)
        _check_said(pair.prediction)
        if pair.recipe is not None:
            check_recipe(pair.recipe)
            for stroke in pair.recipe.strokes:
                check_text(stroke.tool)
    elif isinstance(edit, SetReview):
        check_text(edit.after.comment)
    elif isinstance(edit, SetReconciliation):
        _check_found(edit.after)
    elif isinstance(edit, SetPrediction):
        _check_said(edit.after)
    elif isinstance(edit, SetDesigner):
        check_text(edit.after.path if edit.after is not None else "")
    elif isinstance(edit, SetThreshold):
        check_threshold(edit.after)
    elif isinstance(edit, MovePlacement):
        check_placement(edit.after)
    elif isinstance(edit, SetRecipe):
        if edit.after is not None:
            check_recipe(edit.after)
    elif isinstance(edit, SetCleanUp):
        check_steps(edit.after)
    else:
        check_stroke(edit.stroke)
        check_text(edit.stroke.tool)


def _check_found(found: Reconciliation | None) -> None:
    if found is not None:
        check_reconciliation(found)
        check_text(found.reason)


def _check_said(said: Prediction | None) -> None:
    if said is not None:
        check_prediction(said)
        check_text(said.reason)


def check_reconciliation(found: Reconciliation) -> None:
    """See to it that the numbers of a reconciliation are finite and in range.

    Raises:
        ValueError: one is not.
    """
    for place in (found.placement, found.mask_placement):
        if place is not None:
            check_placement(place)
    if not math.isfinite(found.seconds):
        raise ValueError("a number of a reconciliation is not finite")
    if not 0 <= found.confidence <= 1:
        raise ValueError(f"a confidence is {found.confidence}")


def check_placement(place: Placement) -> None:
    """See to it that the numbers of a placement are finite, and its scale is one.

    Raises:
        ValueError: one is not.
    """
    if place.scale <= 0:
        raise ValueError(f"the scale of a placement is {place.scale}")
    if not all(map(math.isfinite, (place.scale, place.rotation_deg, place.tx, place.ty))):
        raise ValueError("a number of a placement is not finite")


def check_prediction(said: Prediction) -> None:
    """See to it that the numbers of a prediction are finite and in range, and its boxes no empty ones.

    Raises:
        ValueError: one is not.
    """
    check_threshold(said.chosen)
    check_moved(said.moved)
    low, high = said.interval
    if not 0 <= low <= high <= 1:  # this too is false for what is no number
        raise ValueError(f"an interval of thresholds is {low} to {high}")
    for name in ("threshold", "expected_iou", "found"):
        if not 0 <= (value := getattr(said, name)) <= 1:
            raise ValueError(f"the {name} of a prediction is {value}")
    if not 0 <= said.seconds < math.inf:
        raise ValueError(f"a prediction took {said.seconds} seconds")
    if min(said.map.width, said.map.height) < 1:
        raise ValueError(f"a map of {said.map.width} × {said.map.height} pixels")
    if not 0 <= said.portrait < max(len(said.portraits), 1):
        raise ValueError(f"portrait {said.portrait} of {len(said.portraits)}")
    for left, top, right, bottom in said.portraits:
        if not (0 <= left < right and 0 <= top < bottom):
            raise ValueError(f"a portrait in the box {left}, {top}, {right}, {bottom}")


def check_threshold(threshold: float | None) -> None:
    """See to it that a threshold set by hand is one.

    Raises:
        ValueError: it is not finite, or not between 0 and 1.
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise ValueError(f"a threshold is {threshold}")


def check_moved(moved: float) -> None:
    """See to it that what was added to a threshold is finite.

    Raises:
        ValueError: it is not.
    """
    if not math.isfinite(moved):
        raise ValueError(f"a threshold was moved by {moved}")


def is_settled(pair: Pair) -> bool:
    """Return whether a person was content with where the pair's prediction is cut."""
    content = pair.review.decision in (Decision.ACCEPTED, Decision.CORRECTED)
    return content and pair.prediction is not None and pair.base_source is MaskSource.PREDICTION


def check_pair(pair: Pair) -> None:
    """See to it that the pictures have sizes that can be, and that portraits and strokes lie inside of the photo.

    Raises:
        ValueError: one has not, or does not.
    """
    for image in (pair.original, pair.designer):
        if image is None:
            continue
        if min(image.width, image.height) < 1 or image.width * image.height > MOST_MEGAPIXELS * 1e6:
            raise ValueError(f"a picture of {image.width} × {image.height} pixels")
    for _, _, right, bottom in pair.prediction.portraits if pair.prediction is not None else ():
        if right > pair.original.width or bottom > pair.original.height:
            raise ValueError(
                f"a portrait reaches to {right}, {bottom} in {pair.original.width} × {pair.original.height}"
            )
    if pair.recipe is not None:
        check_strokes_within(pair.recipe, pair.original.width, pair.original.height)


def check_text(text: str) -> None:
    """Refuse what databases cannot hold: file names that are not Unicode (lone surrogates), and NUL.

    Raises:
        StorageProblem: with the text in printable form.
    """
    remedy = "Rename the file, or take the odd characters out."
    try:
        text.encode()
    except UnicodeEncodeError as error:
        printable = text.encode("utf-8", "replace").decode()
        raise StorageProblem(f"{printable!r} is not valid Unicode and cannot be stored.", remedy) from error
    if "\0" in text:
        raise StorageProblem(f"{text!r} contains a NUL character and cannot be stored.", remedy)


def _expect(same: bool, pair: Pair) -> None:
    if not same:
        raise EditConflict(f"The pair {pair.name!r} has been changed in the meantime.", _CONFLICT_REMEDY)
