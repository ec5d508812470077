"""What every store promises: ask, change, take back, runs, masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from core.domain import (
    Decision,
    ImageRef,
    MaskRef,
    Pair,
    PairOrder,
    PairQuery,
    Reconciliation,
    RejectReason,
    Review,
)
from core.edits import AddPair, RemovePair, SetReconciliation, SetReview, inverse_of
from core.errors import StorageProblem
from core.store.base import Store
from core.store.changes import ChangeKind
from tests.contract.store.conftest import ACCEPTED, ANNA, FOUND, NO_MATCH, add, pair


def names(store: Store, query: PairQuery) -> list[str]:
    return [row.name for row in store.summaries(store.pair_ids(query))]


def test_a_new_project_is_empty(store: Store) -> None:
    assert store.pair_ids() == []
    assert store.counts() == dict.fromkeys(Decision, 0)
    assert store.journal() == []
    assert store.runs() == []
    assert not store.info.read_only
    assert store.info.read_only_reason == ""


def test_an_added_pair_gets_an_id_and_is_stored_as_it_is(store: Store) -> None:
    bare = Pair(0, "bare", ImageRef("/photos/b.jpg", "2" * 64, 1, 2), None)
    change = store.apply([AddPair(pair("rex", FOUND, ACCEPTED)), AddPair(bare)], ANNA)
    assert change.pair_ids == (1, 2)
    assert change.revision == 1
    assert change.kind is ChangeKind.DO
    assert change.target is None
    assert datetime.fromisoformat(change.at).utcoffset().total_seconds() == 0  # type: ignore[union-attr]
    assert change.at.endswith("Z")
    assert store.pairs([1, 2]) == [
        replace(pair("rex", FOUND, ACCEPTED), id=1, revision=1),
        replace(bare, id=2, revision=1),
    ]
    assert [edit.pair for edit in change.edits if isinstance(edit, AddPair)] == store.pairs([1, 2])


def test_the_revision_of_a_pair_is_that_of_its_last_change(store: Store) -> None:
    first, second = add(store, pair("a"), pair("b"))
    store.apply([SetReview(second, Review(), ACCEPTED)], ANNA)
    store.apply([SetReconciliation(first, None, FOUND)], ANNA)
    assert [one.revision for one in store.pairs([first, second])] == [3, 2]


def test_a_summary_shows_what_the_pair_is(store: Store) -> None:
    ids = add(store, pair("a"), pair("b", NO_MATCH, Review(comment="hm")), pair("c", FOUND, ACCEPTED))
    rejected = Review(Decision.REJECTED, RejectReason.BAD_MASK)
    store.apply([SetReview(ids[0], Review(), rejected)], ANNA)
    a, b, c = store.summaries(ids)
    assert (a.decision, a.reason, a.confidence, a.matched, a.has_comment) == (
        Decision.REJECTED,
        RejectReason.BAD_MASK,
        None,
        False,
        False,
    )
    assert (b.decision, b.confidence, b.matched, b.has_comment) == (Decision.UNDECIDED, 0.9, False, True)
    assert (c.decision, c.confidence, c.matched, c.has_comment) == (Decision.ACCEPTED, 0.8, True, True)
    assert (c.original, c.designer) == (pair("c").original, pair("c").designer)


def test_answers_keep_the_order_asked_for_and_leave_out_what_is_gone(store: Store) -> None:
    ids = add(store, *(pair(f"{number:04}") for number in range(1203)))
    wanted = [*reversed(ids), 99_999, ids[0]]
    assert [row.id for row in store.summaries(wanted)] == [*reversed(ids), ids[0]]
    assert [one.id for one in store.pairs(wanted)] == [*reversed(ids), ids[0]]
    assert store.pairs([]) == store.summaries([]) == []


def test_least_sure_first(store: Store) -> None:
    sure, unsure = replace(FOUND, confidence=0.95), replace(FOUND, confidence=0.0)
    add(store, pair("sure", sure), pair("no match", NO_MATCH), pair("new"), pair("unsure", unsure), pair("another new"))
    assert names(store, PairQuery()) == ["another new", "new", "no match", "unsure", "sure"]


def test_ties_go_by_name_then_id(store: Store) -> None:
    add(store, pair("b", FOUND), pair("ä", FOUND), pair("B2", FOUND), pair("A", FOUND), pair("a", FOUND))
    expected = ["A", "a", "b", "B2", "ä"]
    assert names(store, PairQuery()) == expected
    assert names(store, PairQuery(order=PairOrder.NAME)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["100%", "Bella_1", "KÄTHE", "Straße", "Σίσυφος"]),
        ("käthe", ["KÄTHE"]),
        ("ka\u0308t", ["KÄTHE"]),  # as macOS spells it
        ("STRASSE", ["Straße"]),
        ("σίσυφοσ", ["Σίσυφος"]),
        ("%", ["100%"]),
        ("a_1", ["Bella_1"]),
        ("_", ["Bella_1"]),
        ("aXb", []),
        ("\\", []),
        ("x" * 100_000, []),
        ("\udcff", []),
        ("100\0", []),
    ],
)
def test_names_are_found_whatever_their_case(store: Store, text: str, expected: list[str]) -> None:
    add(store, *(pair(name) for name in ("Straße", "KÄTHE", "100%", "Bella_1", "Σίσυφος")))
    assert names(store, PairQuery(text=text, order=PairOrder.NAME)) == expected


def test_filters_go_together(store: Store) -> None:
    rejected = Review(Decision.REJECTED, RejectReason.OTHER)
    add(
        store,
        pair("rex 1", FOUND, ACCEPTED),
        pair("rex 2", None, ACCEPTED),
        pair("rex 3", FOUND, rejected),
        pair("mia", FOUND, ACCEPTED),
        pair("rex 4"),
    )
    both = frozenset({Decision.ACCEPTED, Decision.REJECTED})
    assert names(store, PairQuery(both, "REX")) == ["rex 2", "rex 1", "rex 3"]
    assert names(store, PairQuery(frozenset({Decision.SKIPPED}))) == []
    assert names(store, PairQuery(only_unreconciled=True)) == ["rex 2", "rex 4"]
    assert names(store, PairQuery(both, only_unreconciled=True)) == ["rex 2"]


def test_decisions_are_counted(store: Store) -> None:
    first, second, _third = add(store, pair("a"), pair("b"), pair("c"))
    store.apply([SetReview(n, Review(), Review(Decision.SKIPPED)) for n in (first, second)], ANNA)
    assert store.counts() == {**dict.fromkeys(Decision, 0), Decision.SKIPPED: 2, Decision.UNDECIDED: 1}


def test_edits_of_one_change_build_on_each_other(store: Store) -> None:
    (number,) = add(store, pair("a"))
    middle = Review(Decision.SKIPPED)
    store.apply(
        [
            SetReview(number, Review(), middle),
            SetReconciliation(number, None, FOUND),
            SetReview(number, middle, ACCEPTED),
        ],
        ANNA,
    )
    assert store.pairs([number]) == [replace(pair("a", FOUND, ACCEPTED), id=number, revision=2)]


def test_an_id_is_never_given_twice(store: Store) -> None:
    first, second = add(store, pair("a"), pair("b"))
    store.apply([RemovePair(one) for one in store.pairs([first, second])], ANNA)
    assert store.pair_ids() == []
    assert add(store, pair("c")) == [3]


def test_a_removed_pair_comes_back_under_its_id_with_all_it_had(store: Store) -> None:
    (number,) = add(store, pair("a", FOUND))
    store.apply([SetReview(number, Review(), ACCEPTED)], ANNA)
    before = store.pairs([number])
    removal = store.apply([RemovePair(replace(before[0], revision=0))], ANNA)
    assert store.pairs([number]) == []
    assert removal.edits == (RemovePair(before[0]),)
    store.apply(inverse_of(removal.edits), ANNA, kind=ChangeKind.UNDO, target=removal.revision)
    assert store.pairs([number]) == [replace(before[0], revision=4)]


def test_names_may_change_places_within_one_change(store: Store) -> None:
    first, second = store.pairs(add(store, pair("a"), pair("b")))
    store.apply(
        [
            RemovePair(first),
            RemovePair(second),
            AddPair(replace(first, name="b")),
            AddPair(replace(second, name="a")),
        ],
        ANNA,
    )
    assert [one.name for one in store.pairs([first.id, second.id])] == ["b", "a"]


def test_runs_are_noted_from_start_to_finish(store: Store) -> None:
    first = store.start_run("reconcile", "pawtrait", '{"mirror": true}', "Anna")
    second = store.start_run("import", "", "", "Ben")
    assert (first.id, second.id) == (1, 2)
    assert first.finished_at is None
    assert first.outcome == ""
    failures = ("rex.jpg is empty.", "not unicode: \udcff.jpg", "naïve 🐕")
    done = store.finish_run(first.id, "cancelled", 12, failures)
    assert store.runs() == [second, done]
    assert done == replace(first, finished_at=done.finished_at, outcome="cancelled", pairs_done=12, failures=failures)
    assert done.finished_at is not None
    assert done.finished_at >= done.started_at
    assert store.journal() == []
    with pytest.raises(ValueError, match="no run 9"):
        store.finish_run(9, "done", 0, ())


def test_footprint_and_what_was_painted_on_come_and_go_with_the_reconciliation(store: Store) -> None:
    blobs = (b"mask", b"footprint", b"painted")
    mask, footprint, painted = (store.put_mask(png, 60, 40) for png in blobs)
    whole = replace(FOUND, mask=mask, footprint=footprint, painted=painted)
    (number,) = add(store, pair("a"))
    states: list[Reconciliation | None] = [None]
    for after in (whole, replace(whole, painted=None), replace(whole, footprint=None), NO_MATCH):
        store.apply([SetReconciliation(number, states[-1], after)], ANNA)
        states.append(after)
        assert store.pairs([number])[0].reconciliation == after
    for change in store.journal(after=1)[::-1]:
        store.apply(inverse_of(change.edits), ANNA, kind=ChangeKind.UNDO, target=change.revision)
        states.pop()
        assert store.pairs([number])[0].reconciliation == states[-1]
    assert [store.mask_png(ref) for ref in (mask, footprint, painted)] == list(blobs)


def test_masks_are_kept_under_their_hash(store: Store) -> None:
    ref = store.put_mask(b"not really a png", 40, 30)
    again = store.put_mask(b"not really a png", 40, 30)
    assert ref == again
    assert (len(ref.sha256), ref.width, ref.height) == (64, 40, 30)
    assert store.mask_png(ref) == b"not really a png"
    with pytest.raises(StorageProblem, match="missing") as caught:
        store.mask_png(MaskRef("0" * 64, 1, 1))
    assert caught.value.remedy


def test_a_closed_store_refuses_everything(store: Store) -> None:
    (number,) = add(store, pair("a"))
    ref = store.put_mask(b"x", 1, 1)
    store.close()
    store.close()
    verbs: list[Callable[[], object]] = [
        store.pair_ids,
        lambda: store.pairs([number]),
        lambda: store.summaries([number]),
        store.counts,
        store.journal,
        store.runs,
        store.statistics,
        lambda: store.settled_cuts("a", 9),
        lambda: store.apply([SetReview(number, Review(), ACCEPTED)], ANNA),
        lambda: store.start_run("a", "b", "", "c"),
        lambda: store.finish_run(1, "done", 0, ()),
        lambda: store.put_mask(b"y", 1, 1),
        lambda: store.mask_png(ref),
    ]
    for verb in verbs:
        with pytest.raises(StorageProblem, match="closed"):
            verb()
