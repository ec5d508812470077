"""The threshold on the move: shown at once, written once, when the hand lets go or the keys rest. No widgets."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from core.domain import MaskRef, MaskSource, Pair
from gui.review.presenter import Presenter

REST_MS = 700
"""Keys that rest so long have come to an end: what they did together is one step of undo."""


@dataclass(frozen=True, slots=True)
class _Moving:
    """What has been shown and not been written yet."""

    pair_id: int
    map: MaskRef
    threshold: float | None
    """None: back to the learned one."""


class Thresholds(QObject):
    """Of the pair on the screen."""

    cut_changed = Signal(float)
    """Show the prediction cut here, 0 to 1."""

    def __init__(self, presenter: Presenter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._pair: Pair | None = None
        self._moving: _Moving | None = None
        self._read_only = False
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.settle)
        presenter.settling.connect(self.settle)

    def set_read_only(self) -> None:
        """Write nothing."""
        self._read_only = True

    @property
    def cut(self) -> float | None:
        """Where the prediction on the screen is cut; None while there is none."""
        said = self._pair.prediction if self._pair is not None else None
        if said is None:
            return None
        if self._moving is None:
            return said.cut
        return said.threshold if self._moving.threshold is None else self._moving.threshold

    @property
    def moving(self) -> bool:
        """Whether something is shown that has not been written yet."""
        return self._moving is not None

    def follow(self, pair: Pair | None) -> None:
        """Another pair is on the screen, or the same one changed: what it has now counts, but for a move under way."""
        moving, self._pair = self._moving, pair
        said = pair.prediction if pair is not None else None
        if moving is not None and (pair is None or said is None or (pair.id, said.map) != (moving.pair_id, moving.map)):
            self._drop()
        if self.cut is not None:
            self.cut_changed.emit(self.cut)

    def move(self, per_cent: int) -> None:
        """The hand is at a place, 0 to 100."""
        self._show(min(max(per_cent, 0), 100) / 100)

    def step(self, by: int) -> None:
        """Move by per cents, from the next whole one; written when the keys rest."""
        if self._may_move() and self.cut is not None:
            self.move(round(self.cut * 100) + by)
            self._rest.start()

    def reset(self) -> None:
        """Go back to the learned threshold."""
        said = self._pair.prediction if self._pair is not None else None
        if not self._may_move() or said is None:
            return
        if said.chosen is None and self._moving is None:
            self._presenter.told.emit("The threshold is the learned one.")
            return
        self._show(None)
        self.settle()

    def settle(self) -> None:
        """Write what was moved, as one step."""
        moving = self._moving
        self._drop()
        if moving is not None:
            self._presenter.set_threshold(moving.pair_id, moving.threshold, moving.map)
            if self.cut is not None:
                self.cut_changed.emit(self.cut)  # should it not have been written, what stands is shown again

    def _may_move(self) -> bool:
        if self._pair is None or self._read_only:
            return False
        if self._pair.prediction is None:
            self._presenter.told.emit("This photo has not been predicted yet.")
            return False
        recipe = self._pair.recipe
        beneath = recipe is not None and recipe.base is MaskSource.PREDICTION
        if self._presenter.source is MaskSource.RECIPE and beneath:
            return True  # strokes stay where they are
        if self._presenter.source is not MaskSource.PREDICTION:
            self._presenter.switch_source(MaskSource.PREDICTION)  # what moves is to be seen
        return True

    def _show(self, threshold: float | None) -> None:
        said = self._pair.prediction if self._pair is not None else None
        if self._pair is None or said is None or self._read_only:
            return
        self._rest.stop()
        self._moving = _Moving(self._pair.id, said.map, threshold)
        assert self.cut is not None
        self.cut_changed.emit(self.cut)

    def _drop(self) -> None:
        self._rest.stop()
        self._moving = None
