"""The undo stack: whose steps, in which order, and the same ones after a restart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import Decision, Review
from core.edits import Initiator, Origin, SetReview, inverse_of
from core.store.changes import ChangeKind, ChangeSet
from core.store.memory import MemoryStore
from gui.undo import UndoStack
from tests.gui.conftest import WHO, bare_pair, fill

ACCEPTED, SKIPPED = Review(Decision.ACCEPTED), Review(Decision.SKIPPED)


def _do(revision: int, edit: SetReview | None = None, who: str = WHO, origin: Origin = Origin.USER) -> ChangeSet:
    edit = edit or SetReview(revision, Review(), ACCEPTED)
    return ChangeSet(revision, "2024-01-01T00:00:00.000Z", Initiator(who, origin), (edit,))


def _again(revision: int, kind: ChangeKind, target: int) -> ChangeSet:
    return replace(_do(revision), kind=kind, target=target)


def _steps(stack: UndoStack) -> tuple[int | None, int | None]:
    undo, redo = stack.next_undo, stack.next_redo
    return (undo.revision if undo else None), (redo.revision if redo else None)


def test_an_empty_stack_has_no_steps() -> None:
    assert _steps(UndoStack(WHO)) == (None, None)


def test_steps_go_back_and_forth() -> None:
    stack = UndoStack(WHO)
    stack.rebuild([_do(1), _do(2)])
    assert _steps(stack) == (2, None)
    stack.note(_again(3, ChangeKind.UNDO, 2))
    assert _steps(stack) == (1, 2)
    stack.note(_again(4, ChangeKind.UNDO, 1))
    assert _steps(stack) == (None, 1)
    stack.note(_again(5, ChangeKind.REDO, 1))
    assert _steps(stack) == (1, 2)
    stack.note(_again(6, ChangeKind.UNDO, 1))
    assert _steps(stack) == (None, 1)


def test_a_new_step_forgets_what_was_taken_back() -> None:
    stack = UndoStack(WHO)
    stack.rebuild([_do(1), _do(2), _again(3, ChangeKind.UNDO, 2), _do(4)])
    assert _steps(stack) == (4, None)


@pytest.mark.parametrize("foreign", [_do(2, origin=Origin.JOB), _do(2, who="ben")])
def test_batches_and_other_people_are_no_steps(foreign: ChangeSet) -> None:
    stack = UndoStack(WHO)
    stack.rebuild([_do(1), foreign])
    assert _steps(stack) == (1, None)


def test_a_batch_between_does_not_end_redoing() -> None:
    stack = UndoStack(WHO)
    stack.rebuild([_do(1), _again(2, ChangeKind.UNDO, 1), _do(3, origin=Origin.JOB)])
    assert _steps(stack) == (None, 1)


def test_decisions_are_found_under_comments_and_what_clears_one_is_none() -> None:
    stack = UndoStack(WHO)
    comment = SetReview(1, ACCEPTED, replace(ACCEPTED, comment="nice"))
    cleared = SetReview(1, ACCEPTED, Review(comment="nice"))
    stack.rebuild([_do(1), _do(2), _do(3, comment), _do(4, cleared)])
    assert [step.revision for step in stack.decisions] == [2, 1]
    stack.forget(stack.decisions[0])
    assert [step.revision for step in stack.decisions] == [1]
    assert _steps(stack) == (4, None)


@given(st.lists(st.sampled_from(["accept", "skip", "undo", "redo"]), max_size=30))
def test_any_row_of_gestures_leaves_the_same_steps_after_a_restart(gestures: list[str]) -> None:
    store = MemoryStore()
    pair_id = fill(store, [bare_pair(1)])[0]
    live = UndoStack(WHO)
    reviews = [Review()]
    for gesture in gestures:
        now = store.pairs([pair_id])[0].review
        step = {"undo": live.next_undo, "redo": live.next_redo}.get(gesture)
        if gesture in ("undo", "redo"):
            if step is None:
                continue
            kind = ChangeKind.UNDO if gesture == "undo" else ChangeKind.REDO
            edits = inverse_of(step.edits) if gesture == "undo" else step.edits
            change = store.apply(edits, Initiator(WHO), kind=kind, target=step.revision)
        else:
            new = replace(ACCEPTED if gesture == "accept" else SKIPPED, comment=str(len(reviews)))
            reviews.append(new)
            change = store.apply([SetReview(pair_id, now, new)], Initiator(WHO))
        live.note(change)
        rebuilt = UndoStack(WHO)
        rebuilt.rebuild(store.journal())
        assert _steps(rebuilt) == _steps(live)
    while (step := live.next_undo) is not None:
        change = store.apply(inverse_of(step.edits), Initiator(WHO), kind=ChangeKind.UNDO, target=step.revision)
        live.note(change)
    assert store.pairs([pair_id])[0].review == Review()
