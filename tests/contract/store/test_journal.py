"""What every store remembers: who changed what, when, before and after, and what was taken back."""

from __future__ import annotations

import pytest

from core.domain import Review
from core.edits import AddPair, Initiator, Origin, SetReconciliation, SetReview, inverse_of
from core.store.base import Store
from core.store.changes import ChangeKind, ChangeSet
from tests.contract.store.conftest import ACCEPTED, ANNA, FOUND, add, pair


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
