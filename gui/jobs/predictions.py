"""Has photos predicted: the one on the screen, all that wait, and quietly the next few before they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.domain import Decision, Pair, PairOrder, PairQuery
from core.errors import UserFacingError
from core.jobs.settled import is_settled
from core.jobs.specs import PredictOptions, PredictPairs, predict_options
from gui.current_keys import with_keys
from gui.jobs.comparing import Comparing
from gui.jobs.desk import Desk
from gui.jobs.handle import Handle, Listener

BY_HAND, AHEAD = 10, -20
"""Priorities: who waits for one photo goes before a batch; what nobody has asked for yet comes after all else."""


class Predictions(QObject):
    """Of the desk's open project."""

    settled_asked = Signal(object)
    """A ``Pair`` on whose mask a person has settled: show what would change before anything does. None: of all such."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.comparing = Comparing(desk, self)
        self._ahead: dict[int, Handle] = {}
        self._broken = False
        """The model could not be used: it is not tried again before somebody asks for it."""
        desk.closing.connect(self._on_closing)

    def by_hand(self, pair: Pair | None) -> None:
        """Predict one photo as a step of undo, even if it has been; where its mask was settled on, ask first."""
        if pair is not None and is_settled(pair):
            self.settled_asked.emit(pair)
        elif pair is not None:
            self._predict(pair, 0)

    def other_portrait(self, pair: Pair | None) -> None:
        """Predict the mask of the other pet in the photo."""
        said = pair.prediction if pair is not None else None
        if pair is None or said is None:
            self._desk.told.emit(with_keys("This photo has not been predicted yet ({predict})."))
        elif len(said.portraits) < 2:
            self._desk.told.emit("No second portrait was found in this photo.")
        elif is_settled(pair) and pair.review.decision is not Decision.UNDECIDED:
            self._desk.told.emit(
                with_keys("This pair was decided with the mask of its prediction. Undecide it first ({clear}).")
            )
        else:
            self._predict(pair, (said.portrait + 1) % len(said.portraits))

    def _predict(self, pair: Pair, portrait: int) -> None:
        self._broken = False
        who, options = self._desk.require().who, replace(self._options(), portrait=portrait)
        self._submit(PredictPairs((pair.id,), options, who, as_user=True, keep_newer=False), BY_HAND)

    def compare_all(self) -> None:
        """Show what the version in use would change in all masks that people have settled on."""
        self.settled_asked.emit(None)

    def waiting(self) -> None:
        """Predict every photo that has not been."""
        self._broken = False
        session = self._desk.require()
        ids = session.store.pair_ids(PairQuery(order=PairOrder.NAME, only_unpredicted=True))
        if ids:
            self._submit(PredictPairs(tuple(ids), self._options(), session.who))
        else:
            self._desk.told.emit("Every photo has been predicted.")

    def again(self) -> None:
        """Predict with the version that is in use now every undecided photo that another one has predicted, or none."""
        self._broken = False
        session = self._desk.require()
        undecided = PairQuery(decisions=frozenset({Decision.UNDECIDED}), order=PairOrder.NAME)
        ids = session.store.pair_ids(undecided)
        if ids:
            self._submit(PredictPairs(tuple(ids), self._options(), session.who))
        else:
            self._desk.told.emit("Every pair is decided.")

    def ahead(self, pairs: Sequence[Pair]) -> None:
        """Predict these, nearest first, as far as they have not been; what is under way for others is let go."""
        session = self._desk.session
        if session is None or session.store.info.read_only:
            return
        wanted = [pair.id for pair in pairs if pair.prediction is None]
        for pair_id in [known for known in self._ahead if known not in wanted]:
            # cancelled, not superseded: what it has written by then is still to be told
            self._ahead.pop(pair_id).cancel()
        for pair_id in wanted:
            if pair_id not in self._ahead and not self._broken:
                ended = partial(self._on_ahead_ended, pair_id)
                listener = Listener(
                    done=ended, failed=partial(self._on_ahead_failed, pair_id), partial=self._desk.take_partial
                )
                spec = PredictPairs((pair_id,), self._options(), session.who)
                self._ahead[pair_id] = self._desk.submit(spec, listener, AHEAD)

    def _options(self) -> PredictOptions:
        return predict_options(self._desk.settings)

    def _submit(self, spec: PredictPairs, priority: int = 0) -> None:
        if self._desk.is_running(spec):
            return
        done = None if spec.as_user else lambda _answer: self._desk.refresh_wanted.emit()
        self._desk.submit(spec, self._desk.listener(done), priority)

    def _on_ahead_ended(self, pair_id: int, *_answer: object) -> None:
        self._ahead.pop(pair_id, None)

    def _on_ahead_failed(self, pair_id: int, problem: UserFacingError) -> None:
        self._ahead.pop(pair_id, None)
        if not self._broken:
            self._broken = True
            for handle in self._ahead.values():
                handle.cancel()
            self._ahead.clear()
            self._desk.told.emit(f"Nothing is predicted ahead any more. {problem.message}")

    def _on_closing(self) -> None:
        self._ahead.clear()
        self._broken = False
