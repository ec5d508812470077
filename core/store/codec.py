"""Values to the database's rows and back; what comes back is checked, it may be hostile."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from core.domain import (
    Decision,
    ImageRef,
    MaskRef,
    MaskSource,
    Pair,
    PairSummary,
    Placement,
    Prediction,
    Recipe,
    Reconciliation,
    RejectReason,
    Review,
    Run,
    SettledCut,
)
from core.edits import BY_HAND, Origin
from core.errors import StorageProblem
from core.store.changes import ChangeKind
from core.store.figures import DecisionFact, PairFact
from core.store.plan import (
    check_moved,
    check_pair,
    check_prediction,
    check_reconciliation,
    check_threshold,
    promise,
    search_key,
    sureness,
)
from core.store.recipes import check_recipe

T = TypeVar("T")
Row = Mapping[Any, Any]
Columns = dict[str, Any]
_MOST = 2**53
"""Nobody counts so far; SQLite ends at 2**63."""


def damaged(what: str) -> StorageProblem:
    """Return the problem of a project whose contents make no sense."""
    return StorageProblem(f"The project is damaged: {what}.", "Restore its folder from a backup.")


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """Return what checks and makes values of a kind."""
    return TypeAdapter(kind)


def to_json(kind: Any, value: object) -> str | None:
    """Return a value as JSON; None as None."""
    return None if value is None else adapter(kind).dump_json(value).decode()


def _read_json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


@contextmanager
def checking(what: str) -> Iterator[None]:
    """Read something from the database, which ``what`` names in a sentence.

    Raises:
        StorageProblem: it is not what it should be.
    """
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise damaged(f"{what} makes no sense ({place} {first['msg']})") from error
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise damaged(f"{what} makes no sense ({error})") from error


def value_of(kind: type[T], fields: object) -> T:
    """Return the value that plain ``fields`` describe.

    Raises:
        ValueError: a field is missing or has the wrong type.
    """
    value: T = adapter(cast(Hashable, kind)).validate_python(fields)
    return value


def number_after(last: object) -> int:
    """Return the number that follows the last one that was given; None: none was.

    Raises:
        StorageProblem: that is no number to count on from.
    """
    if last is None:
        return 1
    if not isinstance(last, int) or not 0 <= last < _MOST:
        raise damaged(f"it counts up to {last!r}")
    return last + 1


def review_columns(review: Review) -> Columns:
    """Return the columns of ``pairs`` that hold a review."""
    return {
        "decision": review.decision.value,
        "reject_reason": None if review.reason is None else review.reason.value,
        "comment": review.comment,
        "quality": review.quality,
        "decided_source": None if review.source is None else review.source.value,
    }


def reconciliation_columns(found: Reconciliation | None) -> Columns:
    """Return the columns of ``pairs`` that hold a reconciliation; all empty for None."""
    place = None if found is None else found.placement
    return {
        "method": None if found is None else found.method,
        "scale": None if place is None else place.scale,
        "rotation_deg": None if place is None else place.rotation_deg,
        "mirrored": None if place is None else place.mirrored,
        "tx": None if place is None else place.tx,
        "ty": None if place is None else place.ty,
        "confidence": None if found is None else found.confidence,
        "confidence_reason": None if found is None else found.reason,
        "seconds": None if found is None else found.seconds,
        **_mask_columns("mask", None if found is None else found.mask),
        "run_id": None if found is None else found.run_id,
        **_mask_columns("footprint", None if found is None else found.footprint),
        **_mask_columns("painted", None if found is None else found.painted),
        "mask_placement": None if found is None else to_json(Placement, found.mask_placement),
    }


def prediction_columns(said: Prediction | None) -> Columns:
    """Return the columns of ``pairs`` that hold a prediction; all empty for None."""
    return {
        "predicted_by": None if said is None else said.model,
        "predicted_version": None if said is None else said.version,
        **_mask_columns("map", None if said is None else said.map),
        "threshold": None if said is None else said.threshold,
        "threshold_low": None if said is None else said.interval[0],
        "threshold_high": None if said is None else said.interval[1],
        "chosen_threshold": None if said is None else said.chosen,
        "threshold_moved": None if said is None else said.moved,
        "expected_iou": None if said is None else said.expected_iou,
        "found": None if said is None else said.found,
        "prediction_reason": None if said is None else said.reason,
        "prediction_seconds": None if said is None else said.seconds,
        "portraits": None if said is None else json.dumps(said.portraits),
        "portrait": None if said is None else said.portrait,
        "prediction_run_id": None if said is None else said.run_id,
        "promise": promise(said),
    }


def recipe_columns(recipe: Recipe | None) -> Columns:
    """Return the columns of ``pairs`` that hold a recipe; all empty for None."""
    base = None if recipe is None or recipe.base is None else recipe.base.value
    return {"recipe": to_json(Recipe, recipe), "recipe_base": base}


def _mask_columns(prefix: str, ref: MaskRef | None) -> Columns:
    return {
        f"{prefix}_sha256": None if ref is None else ref.sha256,
        f"{prefix}_width": None if ref is None else ref.width,
        f"{prefix}_height": None if ref is None else ref.height,
    }


def _image_columns(prefix: str, ref: ImageRef | None) -> Columns:
    return {
        f"{prefix}_path": None if ref is None else ref.path,
        f"{prefix}_sha256": None if ref is None else ref.sha256,
        f"{prefix}_width": None if ref is None else ref.width,
        f"{prefix}_height": None if ref is None else ref.height,
    }


def pair_columns(pair: Pair) -> Columns:
    """Return the whole row of a pair."""
    return {
        "id": pair.id,
        "name": pair.name,
        "search_key": search_key(pair.name),
        "revision": pair.revision,
        **_image_columns("original", pair.original),
        **_image_columns("designer", pair.designer),
        "sureness": sureness(pair),
        **reconciliation_columns(pair.reconciliation),
        **review_columns(pair.review),
        **prediction_columns(pair.prediction),
        **recipe_columns(pair.recipe),
    }


# The next six return dictionaries on purpose: pydantic checks those, but takes a dataclass as it is.


def _image(row: Row, prefix: str) -> Columns | None:
    if row[f"{prefix}_path"] is None:
        return None
    return {part: row[f"{prefix}_{part}"] for part in ("path", "sha256", "width", "height")}


def _mask(row: Row, prefix: str) -> Columns | None:
    if row[f"{prefix}_sha256"] is None:
        return None
    return {part: row[f"{prefix}_{part}"] for part in ("sha256", "width", "height")}


def _placement(row: Row) -> Columns | None:
    if row["scale"] is None:
        return None
    return {part: row[part] for part in ("scale", "rotation_deg", "mirrored", "tx", "ty")}


def _reconciliation(row: Row) -> Columns | None:
    if row["method"] is None:
        return None
    return {
        "method": row["method"],
        "placement": _placement(row),
        "confidence": row["confidence"],
        "reason": row["confidence_reason"],
        "seconds": row["seconds"],
        "mask": _mask(row, "mask"),
        "run_id": row["run_id"],
        "footprint": _mask(row, "footprint"),
        "painted": _mask(row, "painted"),
        "mask_placement": _read_json(row["mask_placement"]),
    }


def _prediction(row: Row) -> Columns | None:
    if row["predicted_by"] is None:
        return None
    return {
        "model": row["predicted_by"],
        "version": row["predicted_version"],
        "map": _mask(row, "map"),
        "threshold": row["threshold"],
        "interval": (row["threshold_low"], row["threshold_high"]),
        "expected_iou": row["expected_iou"],
        "found": row["found"],
        "reason": row["prediction_reason"],
        "seconds": row["prediction_seconds"],
        "chosen": row["chosen_threshold"],
        "moved": row["threshold_moved"],
        "portraits": json.loads(row["portraits"]),
        "portrait": row["portrait"],
        "run_id": row["prediction_run_id"],
    }


def pair_of(row: Row) -> Pair:
    """Return the pair in a row of ``pairs``.

    Raises:
        StorageProblem: the row makes no sense.
    """
    with checking(f"the row of pair {row['id']}"):
        fields = {
            "id": row["id"],
            "name": row["name"],
            "original": _image(row, "original"),
            "designer": _image(row, "designer"),
            "reconciliation": _reconciliation(row),
            "review": {
                "decision": row["decision"],
                "reason": row["reject_reason"],
                "comment": row["comment"],
                "quality": row["quality"],
                "source": row["decided_source"],
            },
            "revision": row["revision"],
            "prediction": _prediction(row),
            "recipe": _read_json(row["recipe"]),
        }
        return sound(value_of(Pair, fields))


def sound(pair: Pair) -> Pair:
    """Return a pair whose numbers are in range.

    Raises:
        ValueError: one is not.
    """
    if pair.reconciliation is not None:
        check_reconciliation(pair.reconciliation)
    if pair.prediction is not None:
        check_prediction(pair.prediction)
    if pair.recipe is not None:
        check_recipe(pair.recipe)
    check_pair(pair)
    return pair


def summary_of(row: Row) -> PairSummary:
    """Return what the queue shows of a row of ``pairs``.

    Raises:
        StorageProblem: the row makes no sense.
    """
    fields = {
        "id": row["id"],
        "name": row["name"],
        "decision": row["decision"],
        "reason": row["reject_reason"],
        "confidence": row["confidence"],
        "matched": row["matched"],
        "has_comment": row["has_comment"],
        "original": _image(row, "original"),
        "designer": _image(row, "designer"),
        "expected_iou": row["expected_iou"],
        "found": row["found"],
        "method": row["method"],
    }
    with checking(f"the row of pair {row['id']}"):
        return value_of(PairSummary, fields)


def settled_of(row: Row) -> SettledCut:
    """Return where the prediction in a row of ``pairs`` was cut.

    Raises:
        StorageProblem: the row makes no sense.
    """
    fields = {"threshold": row["threshold"], "moved": row["threshold_moved"], "chosen": row["chosen_threshold"]}
    with checking("a threshold"):
        cut = value_of(SettledCut, fields)
        check_threshold(cut.threshold)
        check_threshold(cut.chosen)
        check_moved(cut.moved)
    return cut


def pair_fact_of(row: Row) -> PairFact:
    """Return what the statistics need of a row of ``pairs``."""
    reason = None if row["reject_reason"] is None else RejectReason(row["reject_reason"])
    source = None if row["decided_source"] is None else MaskSource(row["decided_source"])
    if source is MaskSource.RECIPE:
        source = None if row["recipe_base"] is None else MaskSource(row["recipe_base"])
    decision = Decision(row["decision"])
    found = row["confidence"], row["matched"], row["method"] == BY_HAND, row["predicted"]
    return PairFact(row["id"], decision, reason, *found, source, row["alone"])


def decision_fact_of(row: Row) -> DecisionFact:
    """Return a row of the journal that makes a decision."""
    return DecisionFact(
        row["revision"],
        ChangeKind(row["kind"]),
        row["target"],
        row["who"],
        Origin(row["origin"]),
        row["seconds"],
        row["pair_id"],
        Decision(row["decision"]),
        row["added"],
    )


def failures_json(failures: Sequence[str]) -> str:
    """Return the sentences of a run's failures as JSON, in ASCII: they may quote file names that are no Unicode."""
    return json.dumps(list(failures))


def run_columns(run: Run) -> Columns:
    """Return the whole row of a run."""
    return {**asdict(run), "failures": failures_json(run.failures)}


def run_of(row: Row) -> Run:
    """Return the run in a row of ``runs``.

    Raises:
        StorageProblem: the row makes no sense.
    """

    with checking(f"the row of run {row['id']}"):
        return value_of(Run, {**row, "failures": json.loads(row["failures"])})
