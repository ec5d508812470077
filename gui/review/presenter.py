"""Decides what a review key does: which edit is made, which pair comes next. No widgets."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from core.domain import Decision, MaskRef, MaskSource, Pair, RejectReason, Review
from core.edits import Edit, SetReview, SetThreshold, inverse_of
from core.errors import EditConflict, UserFacingError
from core.store.changes import ChangeKind, ChangeSet
from gui.review import words
from gui.review.mask_choice import MaskChoice
from gui.review.queue_model import QueueModel
from gui.review.stopwatch import Stopwatch
from gui.session import Session
from gui.undo import DEPTH, UndoStack


def _decided_as(review: Review, other: Review) -> Review:
    return replace(review, decision=other.decision, reason=other.reason, source=other.source)


class Presenter(QObject):
    """The pair under review and what is done to it. Every verb is one gesture, hence one step of undo."""

    pair_shown = Signal(object)
    """A ``Pair`` to show: another one, or the same one as it is now. None: there is none."""
    problem_met = Signal(str, str)
    """A sentence and a remedy."""
    told = Signal(str)
    """Something worth a word in the status bar."""
    steps_changed = Signal()
    """What undo and redo would do may be another."""
    settling = Signal()
    """A gesture begins, or the pair is to be left: what is half done (a threshold on the move) is to be written now."""

    def __init__(
        self, session: Session, queue: QueueModel, stopwatch: Stopwatch | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._queue = queue
        self._place = 0
        self._moving_on = False
        self.choice = MaskChoice()
        self.stopwatch = stopwatch or Stopwatch()
        self.steps = UndoStack(session.who)
        self.steps.rebuild(session.store.journal(by=session.who, newest=DEPTH))
        self.pair: Pair | None = None
        session.changed.connect(self._on_session_changed)
        queue.modelReset.connect(self._on_queue_reset)
        queue.moved.connect(self._remember_place)

    # --- which pair -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Show the first undecided pair, or the first one."""
        first = self._queue.next_undecided(-1, 1)
        first = first if first is not None else self._queue.id_at(0)
        if first is not None or self.pair is None:
            self.show(first)

    def show(self, pair_id: int | None) -> None:
        """Show a pair (None: none); time is counted from now on."""
        if pair_id is not None and self.pair is not None and self.pair.id == pair_id:
            return
        self.settling.emit()
        found = self._session.store.pairs([pair_id]) if pair_id is not None else []
        self.pair = found[0] if found else None
        self._remember_place()
        self.stopwatch.restart()
        self.pair_shown.emit(self.pair)

    def step(self, by: int) -> None:
        """Go ``by`` rows down the queue (negative: up); the ends hold."""
        if self.pair is None:
            self.start()
            return
        row = self._queue.row_of(self.pair.id)
        # A pair that the filter hides stands, for this, between its neighbours.
        to = row + by if row is not None else self._place + (by if by < 0 else by - 1)
        target = self._queue.id_at(max(0, min(to, self._queue.rowCount() - 1)))
        if target is not None:
            self.show(target)

    def step_undecided(self, step: int) -> None:
        """Go to the nearest undecided pair below (1) or above (-1)."""
        target = self._queue.next_undecided(self._row(), step)
        if target is None:
            self.told.emit("No other pair in this list is undecided.")
        else:
            self.show(target)

    def settle(self) -> None:
        """Go to the first pair of the list if the one on the screen is not in it."""
        if self.pair is None or self._queue.row_of(self.pair.id) is None:
            self.start()

    def likely_next(self) -> Pair | None:
        """Return the pair that a decision on this one would lead to."""
        target = self._queue.next_undecided(self._row(), 1)
        if target is None:
            target = self._queue.id_at(self._row() + 1)
        found = self._session.store.pairs([target]) if target is not None else []
        return found[0] if found else None

    def upcoming(self, count: int) -> list[Pair]:
        """Return the undecided pairs that follow this one in the list, at most ``count``, nearest first."""
        ids = self._queue.undecided_after(self._row(), count)
        return self._session.store.pairs(ids) if ids else []

    def _row(self) -> int:
        row = self._queue.row_of(self.pair.id) if self.pair is not None else None
        return self._place - 1 if row is None else row

    def _remember_place(self) -> None:
        row = self._queue.row_of(self.pair.id) if self.pair is not None else None
        if row is not None:
            self._place = row

    # --- what is done to it -----------------------------------------------------------------------------------------

    def decide(self, decision: Decision, reason: RejectReason | None = None) -> None:
        """Decide on the pair and, if the settings say so, go on to the next undecided one."""
        self.settling.emit()
        if self.pair is None:
            return
        advance = decision is not Decision.UNDECIDED and self._session.settings.flag("review.auto_advance")
        following = self._queue.next_undecided(self._row(), 1) if advance else None
        source = None if decision is Decision.UNDECIDED else self.choice.recorded(self.pair)
        recipe = self.pair.recipe
        if decision is Decision.ACCEPTED and source is MaskSource.RECIPE and recipe is not None and recipe.is_edited:
            decision = Decision.CORRECTED  # who has edited what they accept has corrected it
        after = replace(self.pair.review, decision=decision, reason=reason, source=source)
        self._moving_on = following is not None  # what became of the old pair need not be shown first
        try:
            written = self._set_review(self.pair, after, words.GESTURES[decision])
        finally:
            self._moving_on = False
        if not written:
            return
        if following is not None:
            self.show(following)
        elif self._queue.row_of(self.pair.id) is None:  # the filter hides it now: its successor has its place
            self.show(self._queue.id_at(min(self._place, self._queue.rowCount() - 1)))
        if advance and following is None:
            self.told.emit("Every pair in this list is decided.")

    def set_quality(self, quality: int) -> None:
        """Give the pair a quality, 1 to 5; the one it has already is taken away."""
        if self.pair is not None:
            new = None if self.pair.review.quality == quality else quality
            label = "Remove quality" if new is None else f"Quality {new}"
            if not self._set_review(self.pair, replace(self.pair.review, quality=new), label):
                self.pair_shown.emit(self.pair)  # the button has changed already

    def set_comment(self, pair_id: int, text: str) -> None:
        """Write a comment on a pair, which need not be the one on the screen any more."""
        found = self._session.store.pairs([pair_id])
        if found:
            self._set_review(found[0], replace(found[0].review, comment=text.strip()), "Comment")

    def set_threshold(self, pair_id: int, threshold: float | None, of: MaskRef) -> None:
        """Cut a pair's prediction elsewhere (None: where its model would), unless its map is not ``of`` any more."""
        found = self._session.store.pairs([pair_id])
        said = found[0].prediction if found else None
        if said is not None and said.map == of and said.chosen != threshold:
            # it is on the way to a decision: the time counts for that
            self._apply((SetThreshold(pair_id, said.chosen, threshold),), "Threshold", timed=False)

    def gesture(self, edits: tuple[Edit, ...], label: str) -> bool:
        """Write what a hand has done to the pair, as one step; False if it could not be."""
        self.settling.emit()
        self.choice.forget_here()
        # it is on the way to a decision: the time counts for that
        return self._apply(edits, label, timed=False) is not None

    @property
    def source(self) -> MaskSource | None:
        """Whose mask is shown, and would be accepted; None while there is none."""
        return self.choice.of(self.pair)

    def switch_source(self, to: MaskSource | None = None) -> None:
        """Show the other mask, or the one named, and decide on that from now on."""
        if self.pair is None:
            return
        self.settling.emit()
        problem = self.choice.switch(self.pair, to)
        if problem:
            self.told.emit(problem)
        else:
            self.pair_shown.emit(self.pair)

    def _set_review(self, pair: Pair, after: Review, label: str) -> bool:
        """Write a review; False if it could not be."""
        if after == pair.review:
            return True
        return self._apply((SetReview(pair.id, pair.review, after),), label) is not None

    def _apply(
        self,
        edits: tuple[Edit, ...],
        label: str,
        kind: ChangeKind = ChangeKind.DO,
        target: int | None = None,
        *,
        timed: bool = True,
    ) -> ChangeSet | None:
        seconds = self.stopwatch.seconds if timed and kind is ChangeKind.DO else None
        try:
            change = self._session.apply(edits, label, seconds, kind=kind, target=target)
        except UserFacingError as problem:
            self.problem_met.emit(problem.message, problem.remedy)
            if isinstance(problem, EditConflict):
                self._look_again()
            return None
        if timed:
            self.stopwatch.restart()
        return change

    # --- taking back ------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take back the newest step and show its pair."""
        self.settling.emit()
        step = self.steps.next_undo
        if step is None:
            self.told.emit("There is nothing to undo.")
        else:
            self._replay(step, inverse_of(step.edits), ChangeKind.UNDO)

    def redo(self) -> None:
        """Do again what was taken back last and show its pair."""
        self.settling.emit()
        step = self.steps.next_redo
        if step is None:
            self.told.emit("There is nothing to redo.")
        else:
            self._replay(step, step.edits, ChangeKind.REDO)

    def take_back(self) -> None:
        """Take back the last decision, whatever came after it, and return to its pair."""
        self.settling.emit()
        for step in self.steps.decisions:
            pairs = {pair.id: pair for pair in self._session.store.pairs(step.pair_ids)}
            edits = [edit for edit in step.edits if isinstance(edit, SetReview)]
            if all(edit.pair_id in pairs and pairs[edit.pair_id].review == edit.after for edit in edits):
                self._replay(step, inverse_of(step.edits), ChangeKind.UNDO)
                return
            # Comments or qualities were given since: only the decision goes back, as a step of its own.
            newer = tuple(
                SetReview(pair.id, pair.review, _decided_as(pair.review, edit.before))
                for edit in edits
                if (pair := pairs.get(edit.pair_id)) is not None and pair.review.decision is edit.after.decision
            )
            if newer:
                self.steps.forget(step)
                if self._apply(newer, "Take back") is not None:
                    self.show(step.pair_ids[0])
                return
        self.told.emit("There is no decision of yours to take back.")

    def _replay(self, step: ChangeSet, edits: tuple[Edit, ...], kind: ChangeKind) -> None:
        if self._apply(edits, step.initiator.label, kind, step.revision) is None:
            self.steps.forget(step)  # it will not fit again, and must not stand in the way of those before it
            self.steps_changed.emit()
            return
        self.show(step.pair_ids[0])
        verb = "Taken back" if kind is ChangeKind.UNDO else "Done again"
        self.told.emit(f"{verb}: {step.initiator.label}")

    # --- what others did --------------------------------------------------------------------------------------------

    def _on_session_changed(self, change: ChangeSet) -> None:
        self.steps.note(change)
        self.steps_changed.emit()
        self._queue.note(change)
        if self.pair is not None and self.pair.id in change.pair_ids and not self._moving_on:
            self._look_again()

    def _on_queue_reset(self) -> None:
        self._remember_place()
        if self.pair is None:
            self.start()

    def _look_again(self) -> None:
        if self.pair is not None:
            found = self._session.store.pairs([self.pair.id])
            self.pair = found[0] if found else None
            self.pair_shown.emit(self.pair)
