"""Values to the database's rows and the journal's JSON, and back; what comes back is checked, it may be hostile."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from core.domain import Decision, ImageRef, MaskRef, Pair, PairSummary, Reconciliation, Review, Run
from core.edits import AddPair, Edit, RemovePair, SetReconciliation, SetReview
from core.errors import StorageProblem
from core.store.changes import ChangeSet
from core.store.plan import check_reconciliation, search_key, sureness

T = TypeVar("T")
Row = Mapping[Any, Any]
Columns = dict[str, Any]


def damaged(what: str) -> StorageProblem:
    """Return the problem of a project whose contents make no sense."""
    return StorageProblem(f"The project is damaged: {what}.", "Restore its folder from a backup.")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


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
    except (ValueError, TypeError, RecursionError) as error:
        raise damaged(f"{what} makes no sense ({error})") from error


def value_of(kind: type[T], fields: object) -> T:
    """Return the value that plain ``fields`` describe.

    Raises:
        ValueError: a field is missing or has the wrong type.
    """
    value: T = _adapter(cast(Hashable, kind)).validate_python(fields)
    return value


# --- Rows of pairs and runs --------------------------------------------------------------------------------------


def review_columns(review: Review) -> Columns:
    """Return the columns of ``pairs`` that hold a review."""
    return {
        "decision": review.decision.value,
        "reject_reason": None if review.reason is None else review.reason.value,
        "comment": review.comment,
        "quality": review.quality,
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
        "sureness": sureness(found),
        **_mask_columns("footprint", None if found is None else found.footprint),
        **_mask_columns("painted", None if found is None else found.painted),
    }


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
        **reconciliation_columns(pair.reconciliation),
        **review_columns(pair.review),
    }


# The next four return dictionaries on purpose: pydantic checks those, but takes a dataclass as it is.


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
    }


def pair_of(row: Row) -> Pair:
    """Return the pair in a row of ``pairs``.

    Raises:
        StorageProblem: the row makes no sense.
    """
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
        },
        "revision": row["revision"],
    }
    with checking(f"the row of pair {row['id']}"):
        return _sound(value_of(Pair, fields))


def _sound(pair: Pair) -> Pair:
    if pair.reconciliation is not None:
        check_reconciliation(pair.reconciliation)
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
    }
    with checking(f"the row of pair {row['id']}"):
        return value_of(PairSummary, fields)


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


# --- The journal -------------------------------------------------------------------------------------------------


def _json(kind: Any, value: object) -> str | None:
    return None if value is None else _adapter(kind).dump_json(value).decode()


def edit_columns(edit: Edit) -> Columns:
    """Return the columns of ``journal_edits`` that hold an edit: what was there before, what is there after."""
    decision: Decision | None = None
    before: str | None = None
    after: str | None = None
    if isinstance(edit, AddPair):
        after = _json(Pair, edit.pair)
        if edit.pair.review.decision is not Decision.UNDECIDED:
            decision = edit.pair.review.decision
    elif isinstance(edit, RemovePair):
        before = _json(Pair, edit.pair)
    elif isinstance(edit, SetReview):
        before, after = _json(Review, edit.before), _json(Review, edit.after)
        decision = edit.after.decision if edit.changes_decision else None
    else:
        before, after = _json(Reconciliation, edit.before), _json(Reconciliation, edit.after)
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
    found: Reconciliation = _adapter(Reconciliation).validate_json(text)
    check_reconciliation(found)
    return found


def _edit(row: Row) -> Edit:
    kind, before, after = row["edit_kind"], row["before"], row["after"]
    if kind == "add_pair":
        return AddPair(_sound(_adapter(Pair).validate_json(after or "")))
    if kind == "remove_pair":
        return RemovePair(_sound(_adapter(Pair).validate_json(before or "")))
    pair_id = value_of(int, row["pair_id"])
    if kind == "set_review":
        review = _adapter(Review)
        return SetReview(pair_id, review.validate_json(before or ""), review.validate_json(after or ""))
    if kind == "set_reconciliation":
        return SetReconciliation(pair_id, _read_reconciliation(before), _read_reconciliation(after))
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
