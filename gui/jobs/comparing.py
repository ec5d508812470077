"""What a new version would change in masks that people settled on: compared in the background, then taken or kept."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal

from core.domain import Pair, PairOrder, PairQuery
from core.errors import UserFacingError
from core.jobs.answers import DisplayPicture, MaskChange
from core.jobs.specs import CompareMasks, LoadPicture, predict_options
from core.store.changes import ChangeSet
from gui.jobs.desk import Desk
from gui.jobs.handle import Handle, Listener
from gui.session import Session

LABEL = "Take the new mask"
ALIKE = 0.999
"""Masks that overlap by this much look the same: nobody is asked about them."""
PICTURE = 640
"""Long side of the photos that are shown."""


class Answer(StrEnum):
    """What a person has said of a change; the value is the word for it."""

    OPEN = "open"
    TAKEN = "taken"
    KEPT = "kept"


@dataclass(slots=True, eq=False)
class Row:
    """One mask."""

    told: MaskChange
    answer: Answer = Answer.OPEN
    problem: str = ""
    """Why it could not be taken."""

    @property
    def rank(self) -> tuple[float, str]:
        """What changes most comes first."""
        return self.told.change.iou, self.told.pair.name


class Comparing(QObject):
    """Of the desk's open project; outlives the dialog that shows it."""

    row_came = Signal(int)
    """Its place in ``rows``."""
    row_changed = Signal(int)
    changed = Signal()
    """It has begun, gone on or ended."""
    ended_with_project = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._handle: Handle | None = None
        self._waiting: deque[int] = deque()
        self._turns = QTimer(self, interval=0)
        self._turns.timeout.connect(self._on_turn)
        self.rows: list[Row] = []
        self.alike = 0
        """Masks that would change by less than an eye can see."""
        self.problem: UserFacingError | None = None
        desk.opened.connect(self._on_opened)
        desk.closing.connect(self._on_closing)

    @property
    def busy(self) -> bool:
        """Whether masks are still being compared."""
        return self._handle is not None and not self._handle.state.ended

    @property
    def progress(self) -> tuple[int, int]:
        """Pairs that were looked at, of how many."""
        return (self._handle.done, self._handle.total) if self._handle is not None else (0, 0)

    def count(self, answer: Answer) -> int:
        """Return how many masks have been answered so."""
        return sum(row.answer is answer for row in self.rows)

    # --- comparing ----------------------------------------------------------------------------------------------------

    def start(self, pair: Pair | None = None) -> None:
        """Compare the mask of a pair, or (None) all that people have settled on, with the model in use."""
        session = self._desk.require()
        self.stop()
        self.rows, self.alike, self.problem = [], 0, None
        ids = [pair.id] if pair is not None else session.store.pair_ids(PairQuery(order=PairOrder.NAME))
        listener = Listener(
            done=lambda _answer: self.changed.emit(),
            failed=self._on_failed,
            cancelled=self.changed.emit,
            partial=self._on_partial,
            progress=lambda *_: self.changed.emit(),
            shown=True,
        )
        spec = CompareMasks(tuple(ids), predict_options(self._desk.settings), session.who)
        self._handle = self._desk.submit(spec, listener, priority=5 if pair is not None else 0)
        self.changed.emit()

    def stop(self) -> None:
        """Compare no more; what has come stays to be answered."""
        if self._handle is not None:
            self._handle.cancel()
        self._waiting.clear()

    def look_at(self, row: Row, take: Callable[[DisplayPicture], None]) -> None:
        """Bring a row's photo; where it cannot be read, the masks are shown without it."""

        def came(answer: object) -> None:
            if isinstance(answer, DisplayPicture):
                take(answer)

        self._desk.submit(LoadPicture(row.told.pair.original, PICTURE), Listener(done=came), priority=10)

    # --- answering ----------------------------------------------------------------------------------------------------

    def take(self, rows: Sequence[int]) -> None:
        """Let the new masks stand: each a step of undo of its own, one after another, the window alive."""
        self._waiting.extend(at for at in rows if self.rows[at].answer is not Answer.TAKEN)
        self._on_turn() if len(rows) == 1 else self._turns.start()

    def keep(self, rows: Sequence[int]) -> None:
        """Let the masks stand as they are; nothing is written."""
        for at in rows:
            if self.rows[at].answer is Answer.OPEN:
                self.rows[at].answer = Answer.KEPT
                self.row_changed.emit(at)

    def open_rows(self) -> list[int]:
        """Return the rows that nobody has answered yet."""
        return [at for at, row in enumerate(self.rows) if row.answer is Answer.OPEN]

    def _on_turn(self) -> None:
        if not self._waiting:
            self._turns.stop()
            return
        at = self._waiting.popleft()
        row, session = self.rows[at], self._desk.session
        if session is None:
            return
        try:
            session.apply([row.told.edit], LABEL)  # what becomes of the row says the change that is broadcast
        except UserFacingError as problem:
            row.problem = str(problem)
            self.row_changed.emit(at)

    # --- what comes back ----------------------------------------------------------------------------------------------

    def _on_partial(self, part: object) -> None:
        if isinstance(part, MaskChange) and part.change.iou >= ALIKE:
            self.alike += 1
        elif isinstance(part, MaskChange):
            row = Row(part)
            insort(self.rows, row, key=lambda one: one.rank)
            place = self.rows.index(row)
            self._waiting = deque(at + (at >= place) for at in self._waiting)
            self.row_came.emit(place)

    def _on_failed(self, problem: UserFacingError) -> None:
        self.problem = problem
        self.changed.emit()

    def _on_session_changed(self, change: ChangeSet) -> None:
        """Follow what is taken, and taken back."""
        for at, row in enumerate(self.rows):
            if row.told.pair.id in change.pair_ids:
                found = self._session.store.pairs([row.told.pair.id])
                taken = bool(found) and found[0].prediction == row.told.edit.after
                if taken or row.answer is Answer.TAKEN:
                    row.answer, row.problem = Answer.TAKEN if taken else Answer.OPEN, ""
                    self.row_changed.emit(at)

    @property
    def _session(self) -> Session:
        return self._desk.require()

    def _on_opened(self, session: Session) -> None:
        session.changed.connect(self._on_session_changed)

    def _on_closing(self) -> None:
        self._turns.stop()
        self._waiting.clear()
        self._handle = None
        self.rows, self.alike, self.problem = [], 0, None
        self.ended_with_project.emit()
