"""What follows from a placement set by hand: the edit, the mask derived anew, the short search from here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from core.domain import MaskSource, Pair, Placement
from core.edits import BY_HAND, Edit, SetReconciliation, placed
from core.errors import UserFacingError
from core.jobs.answers import BatchReport, Rederived
from core.jobs.hands import DeriveMask, FitColours
from core.jobs.solving import solve_from_here, what_changed
from core.jobs.specs import is_guided, reconcile_options
from core.maths.landmarks import Landmark
from core.maths.recolouring import ColourTable
from gui.jobs.desk import Desk
from gui.jobs.handle import Handle, Listener
from gui.tools.placement_handles import label_of

Gesture = Callable[[tuple[Edit, ...], str], bool]
COLOURS = "colours"
PRIORITY = 10
"""Of what a person waits for."""


def is_behind(pair: Pair) -> bool:
    """Return whether a pair's placement was set by hand and its masks have not followed yet."""
    found = pair.reconciliation
    if found is None or found.placement is None or pair.designer is None:
        return False
    return found.mask_placement is not None or (found.method == BY_HAND and found.mask is None)


def is_painted(pair: Pair) -> bool:
    """Return whether a person has painted on the reconciliation's mask: it must not change without their word."""
    recipe = pair.recipe
    return recipe is not None and recipe.base is MaskSource.RECONCILIATION and bool(recipe.strokes)


class PlacementWork(QObject):
    """Of the desk's open project."""

    solved = Signal()
    """A search from here has ended; what it found is in the project."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._deriving: dict[int, Handle] = {}
        """By pair. Those of pairs that were left go on: what was accepted there needs its mask."""
        self._told: set[tuple[int, Placement]] = set()
        """Painted masks of which it has been said that they wait."""
        self.gesture: Gesture | None = None
        """Writes what a hand has done to the pair on the screen."""
        self._by_hand: Placement | None = None
        """What a hand has written last."""
        desk.closing.connect(self._on_closing)

    def place(self, pair: Pair, placement: Placement, label: str = "") -> bool:
        """Write where the designer image lies: one gesture, one step of undo. False if it could not be written."""
        self._by_hand = placement
        label = label or label_of(pair.placement, placement)
        return self.gesture is not None and self.gesture(placed(pair, placement), label)

    def follow(self, pair: Pair | None) -> None:
        """Derive the masks of the pair on the screen if its placement was moved; if it is painted on, only ask."""
        if pair is None or pair.placement is None or not is_behind(pair):
            return
        self._stop_deriving(pair)
        if not is_painted(pair):
            self._derive(pair, even_if_painted=False)
        elif (pair.id, pair.placement) not in self._told:
            self._told.add((pair.id, pair.placement))
            self._ask(pair)

    def _ask(self, pair: Pair) -> None:
        self._desk.told.emit(f"{pair.name}: you have painted on this mask; it waits for your word to follow.")

    def derive(self, pair: Pair | None) -> None:
        """Derive the masks anew because a person says so; what was painted stays on top."""
        if pair is None or pair.placement is None:
            self._desk.told.emit("There is no placement to derive a mask from.")
            return
        self._stop_deriving(pair)
        self._derive(pair, even_if_painted=True)

    def _derive(self, pair: Pair, even_if_painted: bool) -> None:
        def done(answer: object) -> None:
            self._deriving.pop(pair.id, None)
            if not isinstance(answer, Rederived):
                return
            if answer.must_ask:
                self._ask(pair)  # it was painted on meanwhile
            elif answer.done is not None and (even_if_painted or pair.placement == self._by_hand):
                # an undo says of itself what it took back
                self._desk.told.emit(f"{pair.name}: the mask has followed the placement.")

        def failed(problem: UserFacingError) -> None:
            self._deriving.pop(pair.id, None)
            self._desk.problem_met.emit(problem.message, problem.remedy)

        listener = Listener(done=done, failed=failed, partial=self._desk.take_partial)
        spec = DeriveMask(pair.id, self._desk.require().who, even_if_painted)
        self._deriving[pair.id] = self._desk.submit(spec, listener, PRIORITY)

    def _stop_deriving(self, pair: Pair) -> None:
        handle = self._deriving.pop(pair.id, None)
        if handle is not None:
            handle.cancel()  # not superseded: what it has written by then is still to be told

    def fit_colours(self, samples: FitColours, done: Callable[[ColourTable], None]) -> None:
        """Find what the recolouring did to the colours; an earlier question is not answered any more."""

        def arrived(answer: object) -> None:
            if isinstance(answer, ColourTable):
                done(answer)

        runner = self._desk.runner
        runner.supersede(COLOURS)
        runner.submit(samples, self._desk.services, Listener(done=arrived), group=COLOURS, priority=PRIORITY)

    def solve(self, pair: Pair, placement: Placement | None, landmarks: Sequence[Landmark] = ()) -> None:
        """Search close to a placement, or to where landmarks put it; the status says what that changed."""
        start = _as_placed(pair, placement)
        options = reconcile_options(self._desk.settings)
        try:
            guided = is_guided(self._desk.settings, options)
            spec = solve_from_here(start, options, self._desk.require().who, landmarks, guided=guided)
        except UserFacingError as problem:
            self._desk.told.emit(str(problem))
            return
        if self._desk.is_running(spec):
            return

        def done(answer: object) -> None:
            self._on_solved(pair, placement, answer)

        self._desk.told.emit("Solving from here …")
        self._desk.submit(spec, self._desk.listener(done), PRIORITY)

    def _on_solved(self, before: Pair, placement: Placement | None, answer: object) -> None:
        session = self._desk.session
        found = session.store.pairs([before.id]) if session is not None else []
        after = found[0].reconciliation if found else None
        if isinstance(answer, BatchReport) and answer.failures:
            failure = answer.failures[0]
            self._desk.told.emit(f"{before.name}: {_lower(failure.message)} {failure.remedy}")
            return
        if not isinstance(answer, BatchReport) or after is None or before.designer is None:
            return
        self._desk.told.emit(f"{before.name}: {_lower(what_changed(placement, after, before.designer))}")
        self.solved.emit()

    def _on_closing(self) -> None:
        self._deriving.clear()
        self._told.clear()


def _as_placed(pair: Pair, placement: Placement | None) -> Pair:
    """Return a pair as it would be with a placement that is only on the screen yet."""
    if placement is None or placement == pair.placement:
        return pair
    edit = placed(pair, placement)[0]
    if isinstance(edit, SetReconciliation):
        return replace(pair, reconciliation=edit.after)
    assert pair.reconciliation is not None
    return replace(pair, reconciliation=replace(pair.reconciliation, placement=placement))


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
