"""A placement on the move: shown at once, written once, when the hand lets go or the keys rest. No widgets."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from core.domain import Pair, Placement
from gui.tools import placement_handles as handles
from gui.tools.placement_work import PlacementWork

REST_MS = 700
"""Keys that rest so long have come to an end: what they did together is one step of undo."""


class Draft(QObject):
    """Of the pair on the screen."""

    changed = Signal()
    """The placement to be shown may be another one."""
    told = Signal(str)

    def __init__(self, work: PlacementWork, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._draft: Placement | None = None
        self.pair: Pair | None = None
        self.read_only = True
        self.held = False
        """A hand is moving it."""
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.settle)

    @property
    def placement(self) -> Placement | None:
        """Where the designer image lies on the screen; None without one."""
        pair = self.pair
        if pair is None or pair.designer is None:
            return None
        if self._draft is not None:
            return self._draft
        if pair.placement is not None:
            return pair.placement
        original, designer = pair.original, pair.designer
        return handles.first_placement((original.width, original.height), (designer.width, designer.height))

    @property
    def moving(self) -> bool:
        """Whether something is shown that has not been written yet."""
        return self._draft is not None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the designer image."""
        designer = self.pair.designer if self.pair is not None else None
        return (1, 1) if designer is None else (designer.width, designer.height)

    def follow(self, pair: Pair | None) -> None:
        """Another pair is on the screen, or the same one changed: what it has now counts, but for a move under way."""
        before, self.pair = self.pair, pair
        same = before is not None and pair is not None and before.id == pair.id
        if not same or not (self.held or self._rest.isActive()):
            self._drop()

    def move_to(self, placement: Placement) -> None:
        """The hand has it here."""
        if self.pair is None or self.read_only:
            return
        self._draft = placement
        before = self.pair.placement
        if before is not None:
            words = handles.words_of(before, placement, self.size)
            self.told.emit(words[:1].upper() + words[1:])
        self.changed.emit()

    def step(self, how: Callable[..., Placement], *by: float) -> None:
        """Change it by a key; written when the keys rest."""
        now = self.placement
        if now is not None and not self.read_only:
            self.move_to(how(now, self.size, *by))
            self._rest.start()

    def put(self, placement: Placement, label: str = "") -> None:
        """Write a placement that was typed or taken; ``label`` is what histories call it."""
        self.move_to(placement)
        self.settle(label)

    def settle(self, label: str = "") -> None:
        """Write what was moved, as one step."""
        draft, pair = self._draft, self.pair
        self._drop()
        if draft is not None and pair is not None and draft != pair.placement and not self.read_only:
            self._work.place(pair, draft, label)
        if draft is not None:
            self.changed.emit()

    def _drop(self) -> None:
        self._rest.stop()
        self._draft = None
        self.held = False
