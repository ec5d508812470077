"""The queue as Qt sees it: ids only, rows fetched a page at a time when they are looked at."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from core.domain import Decision, PairQuery, PairSummary
from core.edits import AddPair, Origin, RemovePair, SetReview
from core.store.base import Store
from core.store.changes import ChangeSet
from core.store.plan import search_key
from gui.review import words

PAGE = 64
"""Rows fetched together."""
KEPT = 32 * PAGE
"""Rows remembered; those not looked at for longest go first."""
RELOAD_MS = 400
"""While pairs pour in or their order changes, the list is made anew at most this often."""
SHARE = 0.04
"""At most this share of the time goes into that."""
SUMMARY_ROLE = Qt.ItemDataRole.UserRole + 1
ID_ROLE = Qt.ItemDataRole.UserRole + 2

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class QueueModel(QAbstractListModel):
    """Pairs of a store that match a query, in its order. Forty thousand of them cost their ids."""

    moving = Signal()
    """The rows are about to change places; none comes or goes."""
    moved = Signal()
    """They have."""
    counts_changed = Signal()
    """Numbers by decision may have changed; ask :attr:`counts`."""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._query = PairQuery()
        self._ids: list[int] = []
        self._rows: dict[int, int] = {}
        self._undecided: set[int] = set()
        self._fetched: OrderedDict[int, PairSummary] = OrderedDict()
        self._poured = False
        """Pairs have come or gone since the list was made."""
        self._reload_soon = QTimer(self, singleShot=True, interval=RELOAD_MS)
        self._reload_soon.timeout.connect(self._on_reload_due)
        self.counts: dict[Decision, int] = store.counts()
        self.reload()

    @property
    def query(self) -> PairQuery:
        """What is shown, and in which order."""
        return self._query

    def set_query(self, query: PairQuery) -> None:
        """Show something else."""
        if query != self._query:
            self._query = query
            self.reload()

    def finish(self) -> None:
        """The project is about to be closed: ask it nothing more by ourselves."""
        self._reload_soon.stop()

    def reload(self) -> None:
        """Ask the store again which pairs match, and in which order; those that only change places are moved."""
        self._reload_soon.stop()
        shown = self._query.decisions
        self._undecided = (
            set(self._store.pair_ids(replace(self._query, decisions=frozenset({Decision.UNDECIDED}))))
            if not shown or Decision.UNDECIDED in shown
            else set()
        )
        ids = self._store.pair_ids(self._query)
        if not self._moved_to(ids):
            self.beginResetModel()
            self._ids = ids
            self._fetched.clear()
            self._number_rows(0)
            self.endResetModel()
        self.counts = self._store.counts()
        self.counts_changed.emit()

    def _moved_to(self, ids: list[int]) -> bool:
        """Move the rows to where they stand in ``ids``; False, and nothing is done, if those are not the same ones."""
        if ids == self._ids:
            return True
        if self._rows.keys() != set(ids):
            return False
        # Not Qt's change of layout: views would ask for each of forty thousand rows, which all have the same height.
        self.moving.emit()
        held = self.persistentIndexList()
        of = [self._ids[index.row()] for index in held]
        self._ids = ids
        self._number_rows(0)
        self.changePersistentIndexList(held, [self.index(self._rows[pair_id]) for pair_id in of])
        self.moved.emit()
        return True

    def _on_reload_due(self) -> None:
        begun = time.monotonic()
        if QGuiApplication.mouseButtons():  # nothing moves under a hand that drags or clicks
            self._reload_soon.start()
        elif self._poured or not self._moved_to(self._store.pair_ids(self._query)):
            self._poured = False
            self.reload()
        self._reload_soon.setInterval(max(RELOAD_MS, int((time.monotonic() - begun) * 1000 / SHARE)))

    def note(self, change: ChangeSet) -> None:
        """Take a change into account: repaint its rows, add or drop those that match now or no longer do.

        Rows that have another place in the order now take it soon, if a job has changed them; what a person is at
        work on stays where it is.
        """
        poured = any(isinstance(edit, (AddPair, RemovePair)) for edit in change.edits)
        self._poured = self._poured or poured
        if (poured or change.initiator.origin is Origin.JOB) and not self._reload_soon.isActive():
            self._reload_soon.start()
        if poured:
            return
        for summary in self._store.summaries(change.pair_ids):
            self._note_row(summary)
        if any(isinstance(edit, SetReview) and edit.changes_decision for edit in change.edits):
            self.counts = self._store.counts()
            self.counts_changed.emit()

    def _note_row(self, summary: PairSummary) -> None:
        row = self._rows.get(summary.id)
        belongs = self._matches(summary)
        if row is None:
            if belongs:
                self.reload()
            return
        (self._undecided.add if summary.decision is Decision.UNDECIDED else self._undecided.discard)(summary.id)
        if belongs:
            if summary.id in self._fetched:
                self._fetched[summary.id] = summary
            self.dataChanged.emit(self.index(row), self.index(row))
            return
        self.beginRemoveRows(_ROOT, row, row)
        del self._ids[row], self._rows[summary.id]
        self._fetched.pop(summary.id, None)
        self._number_rows(row)
        self.endRemoveRows()

    def _matches(self, summary: PairSummary) -> bool:
        query = self._query
        return (
            (not query.decisions or summary.decision in query.decisions)
            and search_key(query.text) in search_key(summary.name)
            and (not query.only_unreconciled or (summary.confidence is None and summary.designer is not None))
            and (not query.only_unpredicted or not summary.has_prediction)
        )

    def _number_rows(self, first: int) -> None:
        if first == 0:
            self._rows = {pair_id: row for row, pair_id in enumerate(self._ids)}
        else:
            self._rows.update((self._ids[row], row) for row in range(first, len(self._ids)))

    def id_at(self, row: int) -> int | None:
        """Return the id of a row, or None beyond the ends."""
        return self._ids[row] if 0 <= row < len(self._ids) else None

    def row_of(self, pair_id: int) -> int | None:
        """Return where a pair stands, or None if it is not shown."""
        return self._rows.get(pair_id)

    def next_undecided(self, row: int, step: int) -> int | None:
        """Return the id of the undecided pair nearest to ``row`` in the direction of ``step`` (1 or -1).

        The search goes on at the other end; ``row`` itself comes last and does not count.
        """
        count = len(self._ids)
        if not self._undecided or not count:
            return None
        for distance in range(1, count + 1):
            at = (row + step * distance) % count
            if self._ids[at] in self._undecided and at != row:
                return self._ids[at]
        return None

    def undecided_after(self, row: int, count: int) -> list[int]:
        """Return the ids of the first ``count`` undecided pairs below ``row``; the search ends with the list."""
        below = (pair_id for pair_id in self._ids[row + 1 :] if pair_id in self._undecided)
        return list(islice(below, count))

    def summary(self, row: int) -> PairSummary | None:
        """Return a row, fetched with its page if it has not been looked at lately."""
        pair_id = self._ids[row]
        if pair_id not in self._fetched:
            self._fetch(row)
        found = self._fetched.get(pair_id)
        if found is not None:
            self._fetched.move_to_end(pair_id)
        return found

    def _fetch(self, row: int) -> None:
        first = row - row % PAGE
        missing: Sequence[int] = [
            pair_id for pair_id in self._ids[first : first + PAGE] if pair_id not in self._fetched
        ]
        for summary in self._store.summaries(missing):
            self._fetched[summary.id] = summary
        while len(self._fetched) > KEPT:
            self._fetched.popitem(last=False)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of pairs shown."""
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row's summary, id, name, or all of it in words."""
        if not index.isValid() or index.row() >= len(self._ids):
            return None
        if role == ID_ROLE:
            return self._ids[index.row()]
        if role not in (
            SUMMARY_ROLE,
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        summary = self.summary(index.row())
        if role == SUMMARY_ROLE or summary is None:
            return summary
        if role == Qt.ItemDataRole.DisplayRole:
            return summary.name
        parts = [summary.name, words.decision_words(summary.decision, summary.reason), words.finding_words(summary)]
        sure = words.sureness(summary)
        if sure is not None:
            parts.append(f"confidence {words.percent(sure)}")
        if summary.has_prediction:
            parts.append(words.prediction_words(summary))
        if summary.has_comment:
            parts.append("with a comment")
        return (", " if role == Qt.ItemDataRole.AccessibleTextRole else "\n").join(filter(None, parts))
