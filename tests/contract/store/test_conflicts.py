"""What every store refuses: edits that do not fit, values that mean nothing, two who write at once."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from core.domain import Decision, Pair, Reconciliation, Review
from core.edits import AddPair, Edit, Initiator, RemovePair, SetReconciliation, SetReview
from core.errors import EditConflict, StorageProblem
from core.store.base import Store
from tests.contract.store.conftest import ACCEPTED, ANNA, FOUND, NO_MATCH, PLACEMENT, add, pair


def state(store: Store) -> tuple[object, ...]:
    ids = store.pair_ids()
    return ids, store.pairs(ids), store.summaries(ids), store.counts(), store.journal()


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
