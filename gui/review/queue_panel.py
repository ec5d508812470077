"""The left side of the desk: search, filter, order, and the list of pairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from core.domain import Decision, ImageRef, PairOrder, PairQuery, PairSummary
from gui.assets import ElidingCombo, current_theme, decision_icon, icon, on_theme_changed, tab_through
from gui.review import words
from gui.review.delegate import QueueDelegate
from gui.review.queue_model import ID_ROLE, SUMMARY_ROLE, QueueModel
from gui.review.thumbnails import Thumbnails

_TYPING_MS = 180
_SCROLL_MS = 60
_ORDERS = (
    (PairOrder.CONFIDENCE, "Least sure"),
    (PairOrder.EXPECTED_IOU, "Worst prediction"),
    (PairOrder.NAME, "By name"),
)


class QueueList(QListView):
    """The list itself. Letters are keys of the desk here, not a search for names."""

    pair_chosen = Signal(int)
    """The id of the pair that the user has gone to."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.setItemDelegate(QueueDelegate(thumbnails, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setAccessibleName("Queue of pairs")
        self._anchor = QPersistentModelIndex(), 0
        """The row that stays where it is while others move, and where that is."""
        self._settle = QTimer(self, singleShot=True, interval=_SCROLL_MS)
        self._settle.timeout.connect(self._on_scroll_settled)
        self.verticalScrollBar().valueChanged.connect(self._settle.start)
        thumbnails.arrived.connect(self.viewport().update)

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: a letter that is no shortcut must not jump to another pair."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave single letters to the window."""
        if event.text().isprintable() and event.text() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Say which pair the user has gone to."""
        super().currentChanged(current, previous)
        pair_id = current.data(ID_ROLE) if current.isValid() else None
        if isinstance(pair_id, int):
            self.pair_chosen.emit(pair_id)

    def dataChanged(
        self,
        top: QModelIndex | QPersistentModelIndex,
        bottom: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        """Repaint the rows. Qt would lay out all forty thousand again, but their heights are all the same."""
        self.viewport().update(self.visualRect(top).united(self.visualRect(bottom)))

    def visible_pictures(self) -> list[ImageRef]:
        """Return the originals of the rows on the screen."""
        model = self.model()
        first, last = self.indexAt(self.rect().topLeft()), self.indexAt(self.rect().bottomLeft())
        if not first.isValid():
            return []
        end = last.row() if last.isValid() else model.rowCount() - 1
        summaries = (model.index(row, 0).data(SUMMARY_ROLE) for row in range(first.row(), end + 1))
        return [summary.original for summary in summaries if isinstance(summary, PairSummary)]

    def hold_place(self) -> None:
        """Rows are about to change places: remember the one that is pointed at, else looked at, and where it is."""
        under = self.viewport().mapFromGlobal(QCursor.pos()) if self.underMouse() else QPoint(-1, -1)
        seen = self.viewport().rect()
        looked_at = (self.indexAt(under), self.currentIndex(), self.indexAt(seen.topLeft()))
        index = next((i for i in looked_at if i.isValid() and self.visualRect(i).intersects(seen)), QModelIndex())
        self._anchor = QPersistentModelIndex(index), self.visualRect(index).top()

    def keep_place(self) -> None:
        """They have: let that one be where it was."""
        index, top = self._anchor
        if index.isValid():
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.visualRect(index).top() - top)
        self.viewport().update()

    def _on_scroll_settled(self) -> None:
        self._thumbnails.keep_only(self.visible_pictures())


class SearchField(QLineEdit):
    """Where a name is typed."""

    left = Signal()
    """Escape: the search is over."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        else:
            super().keyPressEvent(event)


class QueuePanel(QWidget):
    """Chooses what the queue shows, and shows it."""

    pair_chosen = Signal(int)
    query_chosen = Signal()
    """The user wants to see other pairs, or another order; the model shows them."""

    def __init__(self, model: QueueModel, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._following = False
        self._scrolled_to: tuple[int | None, PairQuery | None] = (None, None)
        """The list has been scrolled to this pair, as what it showed then."""
        self.search = SearchField(placeholderText="Search names", clearButtonEnabled=True)
        self.search.setAccessibleName("Search pairs by name")
        self._search_icon = self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.filter = ElidingCombo()
        self.filter.setAccessibleName("Show decisions")
        self.order = ElidingCombo()
        self.order.setAccessibleName("Order of the queue")
        self.list = QueueList(thumbnails, self)
        self._nothing = QLabel("No pair matches.", alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._nothing.setProperty("role", "muted")
        self._place = QLabel()
        self._place.setProperty("role", "muted")
        self._lay_out()
        self._fill()
        # Qt moves the cursor off a row that goes; where to go on is the presenter's decision. Hence before setModel.
        model.rowsAboutToBeRemoved.connect(self._on_rows_about_to_go)
        self.list.setModel(model)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._connect()
        self._on_counts_changed()
        self._on_rows_changed()

    def _lay_out(self) -> None:
        chooser = QHBoxLayout()
        chooser.setSpacing(4)
        chooser.addWidget(self.filter, 1)
        chooser.addWidget(self.order, 1)
        head = QVBoxLayout()
        head.setContentsMargins(8, 8, 8, 8)
        head.setSpacing(8)
        head.addWidget(self.search)
        head.addLayout(chooser)
        self._place.setContentsMargins(8, 4, 8, 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._nothing, 1)
        layout.addWidget(self._place)
        tab_through(self.search, self.filter, self.order, self.list)

    def _fill(self) -> None:
        self.filter.addItem("All", frozenset())
        for decision, name in words.DECISIONS.items():
            if decision is not Decision.CORRECTED:
                self.filter.addItem(name, frozenset({decision}))
        for order, name in _ORDERS:
            self.order.addItem(name, order)
        for box in (self.filter, self.order):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._on_theme_changed()

    def _connect(self) -> None:
        self._typing.timeout.connect(self._on_query_changed)
        self.search.textChanged.connect(self._typing.start)
        self.search.returnPressed.connect(self._on_search_ended)
        self.search.left.connect(self._on_search_ended)
        self.filter.currentIndexChanged.connect(self._on_query_changed)
        self.order.currentIndexChanged.connect(self._on_query_changed)
        self.list.pair_chosen.connect(self._on_pair_chosen)
        self._model.counts_changed.connect(self._on_counts_changed)
        self._model.moving.connect(self.list.hold_place)
        self._model.moved.connect(self.list.keep_place)
        for happened in (self._model.modelReset, self._model.rowsRemoved):
            happened.connect(self._on_rows_changed)
        on_theme_changed(self._on_theme_changed)

    def follow(self, pair_id: int | None) -> None:
        """Put the cursor on a pair that is shown now, wherever it was chosen."""
        row = self._model.row_of(pair_id) if pair_id is not None else None
        self._following = True
        try:
            if row is None:
                self.list.setCurrentIndex(QModelIndex())
                self.list.clearSelection()
            else:
                bar, index = self.list.verticalScrollBar(), self._model.index(row)
                at = bar.value()
                self.list.setCurrentIndex(index)
                if (pair_id, self._model.query) == self._scrolled_to:
                    bar.setValue(at)  # the same list again: whoever looks elsewhere in it stays there
                else:
                    self.list.scrollTo(index)
        finally:
            self._following = False
        self._scrolled_to = (pair_id, self._model.query)
        shown = self._model.rowCount()
        total = sum(self._model.counts.values())
        of_all = "" if shown == total else f" (of {total:,})"
        place = f"Pair {row + 1:,} of {shown:,}" if row is not None else f"{shown:,} pairs"
        self._place.setText(place + of_all)

    def focus_search(self) -> None:
        """Let the user type a name."""
        self.search.setFocus()
        self.search.selectAll()

    def _offered(self) -> dict[Decision, int]:
        """Return the place of each decision in the filter."""
        return {next(iter(_decisions(self.filter.itemData(at)))): at for at in range(1, self.filter.count())}

    def _offer_corrected(self) -> None:
        """Offer corrected pairs only where there are any."""
        name, at = words.DECISIONS[Decision.CORRECTED], self._offered().get(Decision.CORRECTED)
        there = self._model.counts[Decision.CORRECTED] > 0
        if there and at is None:
            after = self._offered()[Decision.ACCEPTED] + 1
            self.filter.insertItem(after, decision_icon(Decision.CORRECTED), name, frozenset({Decision.CORRECTED}))
        elif at is not None and not there and at != self.filter.currentIndex():
            self.filter.removeItem(at)

    def _on_pair_chosen(self, pair_id: int) -> None:
        if not self._following:
            self.pair_chosen.emit(pair_id)

    def _on_search_ended(self) -> None:
        self._typing.stop()
        self._on_query_changed()
        self.list.setFocus()

    def _on_query_changed(self) -> None:
        # Qt keeps no enumerations: what comes back is a plain word, which the store would not know.
        decisions, order = _decisions(self.filter.currentData()), PairOrder(self.order.currentData())
        query = replace(self._model.query, decisions=decisions, order=order, text=self.search.text().strip())
        if query != self._model.query:
            self._model.set_query(query)
            self.query_chosen.emit()

    def _on_counts_changed(self) -> None:
        counts = self._model.counts
        self.filter.setItemText(0, f"All ({sum(counts.values()):,})")
        self._offer_corrected()
        for decision, at in self._offered().items():
            self.filter.setItemText(at, f"{words.DECISIONS[decision]} ({counts[decision]:,})")

    def _on_rows_about_to_go(self) -> None:
        self._following = True

    def _on_rows_changed(self) -> None:
        self._following = False
        empty = self._model.rowCount() == 0
        in_project = sum(self._model.counts.values())
        self._nothing.setText(
            "No pair matches.\nClear the search or show all decisions." if in_project else "No pairs yet."
        )
        self.list.setHidden(empty)
        self._nothing.setVisible(empty)

    def _on_theme_changed(self, _theme: object = None) -> None:
        self._search_icon.setIcon(icon("search", current_theme().muted))
        self.filter.setItemIcon(0, icon("filter"))
        for decision, at in self._offered().items():
            self.filter.setItemIcon(at, decision_icon(decision))
        for at in range(self.order.count()):
            self.order.setItemIcon(at, icon("sort"))


def _decisions(data: Iterable[str]) -> frozenset[Decision]:
    return frozenset(map(Decision, data))
