"""What every store promises: ask, change, conflict, journal, runs, masks."""

from __future__ import annotations

import math
import threading
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
    Placement,
    Reconciliation,
    RejectReason,
    Review,
)
from core.edits import AddPair, Edit, Initiator, Origin, RemovePair, SetReconciliation, SetReview, inverse_of
from core.errors import EditConflict, StorageProblem
from core.store.base import Store
from core.store.changes import ChangeKind, ChangeSet

ANNA = Initiator("Anna", seconds=4.0, label="Accept")
PLACEMENT = Placement(1.5, -12.25, True, 101.5, -3.0)
FOUND = Reconciliation("pawtrait", PLACEMENT, 0.8, "One clear peak.", 2.5, MaskRef("ab" * 32, 6000, 4000), 3)
NO_MATCH = Reconciliation("paper", None, 0.9, "No peak stands out.", 9.0)
UNDECIDED = Review()
ACCEPTED = Review(Decision.ACCEPTED, comment="schön 🐕", quality=4)


def pair(name: str, found: Reconciliation | None = None, review: Review = UNDECIDED) -> Pair:
    original = ImageRef(f"/photos/{name}.jpg", "0" * 64, 6000, 4000)
    return Pair(0, name, original, ImageRef(f"/designs/{name}.png", "1" * 64, 900, 1200), found, review)


def add(store: Store, *pairs: Pair) -> list[int]:
    return [edit.pair_id for edit in store.apply([AddPair(one) for one in pairs], ANNA).edits]


def names(store: Store, query: PairQuery) -> list[str]:
    return [row.name for row in store.summaries(store.pair_ids(query))]


def state(store: Store) -> tuple[object, ...]:
    ids = store.pair_ids()
    return ids, store.pairs(ids), store.summaries(ids), store.counts(), store.journal()


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


def _conflicts(number: int) -> dict[str, Callable[[Pair], Edit]]:
    return {
        "review": lambda _: SetReview(number, Review(Decision.SKIPPED), ACCEPTED),
        "comment alone": lambda _: SetReview(number, Review(comment="x"), ACCEPTED),
        "reconciliation": lambda _: SetReconciliation(number, NO_MATCH, FOUND),
        "reconciliation gone": lambda _: SetReconciliation(number, None, FOUND),
        "removal": lambda stored: RemovePair(replace(stored, review=ACCEPTED)),
        "name taken": lambda _: AddPair(pair("rex")),
        "id taken": lambda stored: AddPair(replace(stored, name="other")),
        "review of nobody": lambda _: SetReview(77, Review(), ACCEPTED),
        "reconciliation of nobody": lambda _: SetReconciliation(77, None, FOUND),
        "removal of nobody": lambda stored: RemovePair(replace(stored, id=77)),
        "no id": lambda _: SetReview(0, Review(), ACCEPTED),
    }


@pytest.mark.parametrize("case", list(_conflicts(0)))
def test_a_conflict_changes_nothing_at_all(store: Store, case: str) -> None:
    first, other = add(store, pair("rex", FOUND), pair("mia"))
    before = state(store)
    wrong = _conflicts(first)[case](store.pairs([first])[0])
    with pytest.raises(EditConflict) as caught:
        store.apply([SetReview(other, Review(), ACCEPTED), AddPair(pair("new")), wrong], ANNA)
    assert caught.value.remedy
    named = "77" if "review of" in case or "reconciliation of" in case else "rex"
    assert case == "no id" or named in caught.value.message or "other" in caught.value.message
    assert state(store) == before
    assert store.apply([SetReview(other, Review(), ACCEPTED)], ANNA).revision == 2


def test_two_pairs_of_one_change_cannot_share_a_name(store: Store) -> None:
    with pytest.raises(EditConflict, match="twin"):
        add(store, pair("twin"), pair("twin"))
    assert store.pair_ids() == []


@pytest.mark.parametrize(
    "found",
    [
        replace(FOUND, confidence=math.nan),
        replace(FOUND, confidence=1.01),
        replace(FOUND, confidence=-0.01),
        replace(FOUND, seconds=math.inf),
        replace(FOUND, placement=replace(PLACEMENT, tx=math.nan)),
        replace(FOUND, placement=replace(PLACEMENT, scale=0.0)),
        replace(FOUND, placement=replace(PLACEMENT, scale=-1.0)),
    ],
)
def test_numbers_that_mean_nothing_are_bugs(store: Store, found: Reconciliation) -> None:
    (number,) = add(store, pair("a"))
    for edit in (SetReconciliation(number, None, found), AddPair(pair("b", found))):
        with pytest.raises(ValueError, match=r"finite|confidence|scale"):
            store.apply([edit], ANNA)
    assert len(store.journal()) == 1


def test_nothing_is_no_change(store: Store) -> None:
    with pytest.raises(ValueError, match="nothing"):
        store.apply([], ANNA)
    for seconds in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="seconds"):
            store.apply([AddPair(pair("a"))], Initiator("Anna", seconds=seconds))
    with pytest.raises(ValueError, match="id of a pair"):
        store.apply([AddPair(replace(pair("a"), id=-1))], ANNA)


@pytest.mark.parametrize("text", ["no unicode \udcff", "nul \0"])
def test_text_that_no_database_holds_is_refused_with_a_sentence(store: Store, text: str) -> None:
    (number,) = add(store, pair("a"))
    found, review = replace(FOUND, reason=text), Review(comment=text)
    odd_path = replace(pair("b"), original=replace(pair("b").original, path=text))
    odd_design = replace(pair("b"), designer=replace(pair("b").original, path=text))
    edits: list[Edit] = [
        AddPair(pair(text)),
        AddPair(odd_path),
        AddPair(odd_design),
        AddPair(pair("c", found)),
        AddPair(pair("c", None, review)),
        SetReview(number, Review(), review),
        SetReconciliation(number, None, found),
    ]
    for edit in edits:
        with pytest.raises(StorageProblem, match="cannot be stored") as caught:
            store.apply([edit], ANNA)
        assert caught.value.remedy
        str(caught.value).encode()
    with pytest.raises(StorageProblem, match="cannot be stored"):
        store.apply([SetReview(number, Review(), ACCEPTED)], Initiator(text))
    with pytest.raises(StorageProblem, match="cannot be stored"):
        store.start_run("reconcile", "pawtrait", "{}", text)
    assert len(store.journal()) == 1


def test_the_journal_says_who_when_how_long_what_before_and_after(store: Store) -> None:
    job = Initiator("Ben", Origin.JOB, None, "Import")
    added = store.apply([AddPair(pair("a")), AddPair(pair("b", FOUND))], job)
    done = store.apply([SetReview(1, Review(), ACCEPTED), SetReconciliation(2, FOUND, None)], ANNA)
    undone = store.apply(inverse_of(done.edits), ANNA, kind=ChangeKind.UNDO, target=2)
    redone = store.apply(done.edits, ANNA, kind=ChangeKind.REDO, target=2)
    assert store.journal() == [added, done, undone, redone]
    assert [change.initiator for change in store.journal()] == [job, ANNA, ANNA, ANNA]
    assert (undone.kind, undone.target) == (ChangeKind.UNDO, 2)
    assert (redone.kind, redone.target) == (ChangeKind.REDO, 2)


def test_the_journal_can_be_asked_for_a_part(store: Store) -> None:
    add(store, pair("a"), pair("b"))
    both = [SetReview(1, Review(), ACCEPTED), SetReview(2, Review(), ACCEPTED)]
    store.apply(both, ANNA)
    store.apply([SetReview(2, ACCEPTED, Review())], ANNA)
    store.apply([SetReview(1, ACCEPTED, Review()), SetReview(1, Review(), ACCEPTED)], ANNA)

    def revisions(changes: list[ChangeSet]) -> list[int]:
        return [change.revision for change in changes]

    assert revisions(store.journal(after=2)) == [3, 4]
    assert revisions(store.journal(newest=2)) == [3, 4]
    assert revisions(store.journal(newest=99)) == [1, 2, 3, 4]
    assert revisions(store.journal(after=1, newest=1)) == [4]
    assert revisions(store.journal(after=4)) == []
    assert revisions(store.journal(newest=0)) == []
    assert revisions(store.journal(pair_id=1)) == [1, 2, 4]
    assert revisions(store.journal(pair_id=1, newest=1)) == [4]
    assert revisions(store.journal(pair_id=1, after=1, newest=2)) == [2, 4]
    assert revisions(store.journal(pair_id=9)) == []
    assert revisions(store.journal(pair_id=9, newest=3)) == []
    store.apply([SetReview(1, ACCEPTED, Review())], Initiator("Ben"))
    assert revisions(store.journal(by="Ben")) == [5]
    assert revisions(store.journal(by="Ben", newest=2)) == [5]
    assert revisions(store.journal(by=ANNA.who, pair_id=2, newest=1)) == [3]
    store.apply([SetReview(1, Review(), ACCEPTED)], Initiator("Ben", Origin.JOB))
    assert revisions(store.journal(by="Ben")) == [5]
    assert revisions(store.journal(by="Cleo")) == []
    of_one = store.journal(pair_id=1)
    assert of_one[1].edits == (both[0],)
    assert len(of_one[2].edits) == 2
    assert all(edit.pair_id == 1 for change in of_one for edit in change.edits)


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (ChangeKind.UNDO, None),
        (ChangeKind.REDO, None),
        (ChangeKind.DO, 1),
        (ChangeKind.UNDO, 0),
        (ChangeKind.UNDO, 2),
    ],
)
def test_only_an_undo_or_redo_names_a_revision_that_there_was(
    store: Store, kind: ChangeKind, target: int | None
) -> None:
    (number,) = add(store, pair("a"))
    with pytest.raises(ValueError, match=kind.value):
        store.apply([SetReview(number, Review(), ACCEPTED)], ANNA, kind=kind, target=target)
    assert len(store.journal()) == 1


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
        lambda: store.apply([SetReview(number, Review(), ACCEPTED)], ANNA),
        lambda: store.start_run("a", "b", "", "c"),
        lambda: store.finish_run(1, "done", 0, ()),
        lambda: store.put_mask(b"y", 1, 1),
        lambda: store.mask_png(ref),
    ]
    for verb in verbs:
        with pytest.raises(StorageProblem, match="closed"):
            verb()


def test_threads_may_all_write_and_read_at_once(store: Store) -> None:
    ids = add(store, *(pair(f"{number}") for number in range(8)))
    failures: list[BaseException] = []

    def work(number: int) -> None:
        review = Review()
        try:
            for step in range(15):
                after = Review(Decision.ACCEPTED, comment=str(step))
                store.apply([SetReview(number, review, after)], ANNA)
                review = after
                assert store.pairs([number])[0].review == review
                assert sum(store.counts().values()) == len(ids)
                assert len(store.journal(pair_id=number)) == step + 2
                store.summaries(store.pair_ids())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    changes = store.journal()
    assert [change.revision for change in changes] == list(range(1, 8 * 15 + 2))
    assert {one.review.comment for one in store.pairs(ids)} == {"14"}


def test_of_threads_that_edit_the_same_state_one_wins(store: Store) -> None:
    (number,) = add(store, pair("a"))
    outcomes: list[str] = []

    def work(name: str) -> None:
        try:
            store.apply([SetReview(number, Review(), Review(Decision.ACCEPTED, comment=name))], Initiator(name))
            outcomes.append(name)
        except EditConflict:
            outcomes.append("")

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [name for name in outcomes if name]
    assert len(outcomes) == 6
    assert winners == [store.pairs([number])[0].review.comment]
