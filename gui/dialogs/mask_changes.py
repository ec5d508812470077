"""Shows what a new version would make of masks that people settled on; each is taken or kept, by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.domain import Decision
from core.jobs.answers import DisplayPicture, MaskChange
from gui.assets import icon
from gui.canvas.mask_difference import MaskDifference, Shown, difference_swatch
from gui.current_keys import with_keys
from gui.jobs.comparing import Answer, Comparing, Row

_HEADS = ("Pair", "Decision", "Overlap", "    Added", "    Left out", "Answer")
_ICONS = {Answer.TAKEN: "accept", Answer.KEPT: "skip"}
_SIZE, _NARROW = (1180, 680), 560
_DECISIONS = {Decision.ACCEPTED: "accepted", Decision.CORRECTED: "corrected"}


class MaskChanges(QDialog):
    """Shows a :class:`Comparing`; closing it leaves what is open as it is."""

    def __init__(self, comparing: Comparing, steps: tuple[QAction, ...], parent: QWidget | None = None) -> None:
        """``steps`` are undo and redo, which go on working here."""
        super().__init__(parent)
        self._comparing = comparing
        self.setWindowTitle("What the new version would change")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.addActions(steps)
        self._words = QLabel(wordWrap=True)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedHeight(8)
        self._bar.setAccessibleName("Progress of the comparison")
        self.table = _table()
        self._views = {shown: MaskDifference(shown) for shown in Shown}
        self._differs = QLabel()
        self._split = QSplitter()
        self.take, self.keep = QPushButton("Take  (T)"), QPushButton("Keep  (K)")
        self.take_all, self.keep_all = QPushButton("Take all that are open"), QPushButton("Keep all that are open")
        self._shown: Row | None = None
        self._chosen = False
        """A person has gone to a row or answered one: it stays theirs when others come in before it."""
        self._lay_out()
        self._connect()
        for at in range(len(comparing.rows)):
            self._on_row_came(at)
        self._refresh()
        if not self._split.isHidden():
            self.resize(*_SIZE)

    def _lay_out(self) -> None:
        pictures = QWidget()
        grid = QGridLayout(pictures)
        grid.setContentsMargins(12, 0, 0, 0)
        places = {Shown.DIFFERENCE: (0, 0, 4), Shown.OLD: (0, 1, 1), Shown.NEW: (2, 1, 1)}
        for shown, (row, column, span) in places.items():
            head = QLabel(shown.value + {Shown.OLD: ", dashed", Shown.NEW: ", solid"}.get(shown, ""))
            head.setProperty("role", "muted")
            grid.addWidget(head, row, column)
            grid.addWidget(self._views[shown], row + 1, column, span - 1 or 1, 1)
        grid.addLayout(self._legend(), 4, 0, 1, 2)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        grid.setRowStretch(3, 1)
        split = self._split
        split.addWidget(self.table)
        split.addWidget(pictures)
        split.setSizes([480, 700])
        split.setChildrenCollapsible(False)
        self.take.setProperty("role", "primary")
        buttons = QHBoxLayout()
        for button in (self.take_all, self.keep_all):
            buttons.addWidget(button)
        buttons.addStretch(1)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        for button in (self.keep, self.take, close):
            buttons.addWidget(button)
        for button in (self.take, self.keep, self.take_all, self.keep_all, close):
            button.setAutoDefault(False)  # Enter must not answer for a mask that nobody has looked at
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(10)
        layout.addWidget(self._words)
        layout.addWidget(self._bar)
        layout.addWidget(split, 1)
        layout.addLayout(buttons)

    def _legend(self) -> QHBoxLayout:
        legend = QHBoxLayout()
        for added, words in ((True, "added"), (False, "left out")):
            swatch = QLabel()
            swatch.setPixmap(difference_swatch(added, self.devicePixelRatio()))
            legend.addWidget(swatch)
            legend.addWidget(QLabel(words))
            legend.addSpacing(12)
        legend.addWidget(self._differs, 1)
        return legend

    def _connect(self) -> None:
        comparing = self._comparing
        comparing.row_came.connect(self._on_row_came)
        comparing.row_changed.connect(self._on_row_changed)
        comparing.changed.connect(self._refresh)
        comparing.ended_with_project.connect(self.close)
        self.finished.connect(self._on_finished)
        self.table.itemSelectionChanged.connect(self._look)
        self.take.clicked.connect(self._on_take)
        self.keep.clicked.connect(self._on_keep)
        self.take_all.clicked.connect(self._on_take_all)
        self.keep_all.clicked.connect(self._on_keep_all)
        self.table.clicked.connect(self._on_clicked)
        keys: dict[str, Callable[[], None]] = {"T": self._on_take, "K": self._on_keep}
        keys |= {"D": partial(self._step, 1), "A": partial(self._step, -1)}
        for key, do in keys.items():
            QShortcut(QKeySequence(key), self).activated.connect(do)

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _on_row_came(self, at: int) -> None:
        row = self._comparing.rows[at]
        self.table.insertRow(at)
        change = row.told.change
        cells = [row.told.pair.name, _settled(row.told)]
        cells += [f"{change.iou:.1%}", f"{change.added:,}", f"{change.removed:,}", ""]
        for column, words in enumerate(cells):
            item = QTableWidgetItem(words)
            item.setTextAlignment(_alignment(column))
            self.table.setItem(at, column, item)
        self._on_row_changed(at)
        if not self._chosen:
            self.table.selectRow(0)
            self._look()

    def _on_row_changed(self, at: int) -> None:
        row, item = self._comparing.rows[at], self.table.item(at, len(_HEADS) - 1)
        if item is not None:
            item.setText("not taken" if row.problem else row.answer.value)
            item.setToolTip(row.problem)
            name = "warning" if row.problem else _ICONS.get(row.answer, "undecided")
            item.setIcon(icon(name))
        self._refresh()

    def _look(self) -> None:
        row = self._row()
        if row is self._shown:
            return
        self._shown = row
        if row is None:
            for view in self._views.values():
                view.show_masks(None, None)
            return
        from core.images.io import decode_mask

        old, new = decode_mask(row.told.before), decode_mask(row.told.after)
        for view in self._views.values():
            view.show_masks(old, new, words_of(row.told))
        self._differs.setText(words_of(row.told))

        def came(picture: DisplayPicture) -> None:
            if self._shown is row:
                for view in self._views.values():
                    view.show_picture(picture)

        self._comparing.look_at(row, came)
        self._refresh()

    def _on_finished(self) -> None:
        self._shown = None  # a photo that comes now has no view to be shown in

    def _row(self) -> Row | None:
        at = self.table.currentRow()
        return self._comparing.rows[at] if 0 <= at < len(self._comparing.rows) else None

    # --- answering ----------------------------------------------------------------------------------------------------

    def _on_take(self) -> None:
        self._answer(self._comparing.take)

    def _on_keep(self) -> None:
        self._answer(self._comparing.keep)

    def _on_clicked(self) -> None:
        self._chosen = True

    def _answer(self, do: Callable[[list[int]], None]) -> None:
        at = self.table.currentRow()
        self._chosen = True
        if at >= 0:
            do([at])
            self._advance(at)

    def _advance(self, at: int) -> None:
        """Go on to the next mask that is open, else stay."""
        waiting = self._comparing.open_rows()
        following = [one for one in waiting if one > at] or waiting
        if following and at not in waiting:
            self.table.selectRow(following[0])

    def _on_take_all(self) -> None:
        self._comparing.take(self._comparing.open_rows())

    def _on_keep_all(self) -> None:
        self._comparing.keep(self._comparing.open_rows())

    def _step(self, by: int) -> None:
        self._chosen = True
        at = self.table.currentRow() + by
        if 0 <= at < self.table.rowCount():
            self.table.selectRow(at)

    # --- what it says -------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        comparing = self._comparing
        done, total = comparing.progress
        self._bar.setVisible(comparing.busy)
        self._bar.setRange(0, total if total or not comparing.busy else 0)
        self._bar.setValue(done)
        self._words.setText(self._said())
        row = self._row()
        self.take.setEnabled(row is not None and row.answer is not Answer.TAKEN)
        self.keep.setEnabled(row is not None and row.answer is Answer.OPEN)
        self._show_rows(comparing.busy or bool(comparing.rows))
        some = bool(comparing.open_rows())
        for button in (self.take_all, self.keep_all):
            button.setEnabled(some)

    def _show_rows(self, on: bool) -> None:
        """Show what rows and their answers need, or no more than the words where there are none."""
        if on == self._split.isHidden():
            for widget in (self._split, self.take, self.keep, self.take_all, self.keep_all):
                widget.setVisible(on)
            layout = self.layout()
            assert layout is not None
            layout.activate()
            self.resize(*(_SIZE if on else (_NARROW, layout.totalHeightForWidth(_NARROW))))

    def _said(self) -> str:
        comparing = self._comparing
        if comparing.problem is not None:
            return str(comparing.problem)
        count = len(comparing.rows)
        if comparing.busy:
            return f"Comparing masks that people settled on with the version in use: {count:,} so far."
        alike = ("1 mask does" if comparing.alike == 1 else f"{comparing.alike:,} masks do") + " not change visibly."
        if not count and comparing.alike:
            return alike
        if not count:
            return (
                "There is nothing to compare: every mask that somebody accepted, corrected or edited was made with the "
                "version in use, or not from a prediction."
            )
        taken, kept = comparing.count(Answer.TAKEN), comparing.count(Answer.KEPT)
        what = "1 mask" if count == 1 else f"{count:,} masks, what changes most first"
        return (
            f"{what}: {taken:,} taken, {kept:,} kept, {count - taken - kept:,} open. What was painted stays on top; "
            "nothing changes before you take it"
            + with_keys(", and {undo} takes each back.")
            + (f" {alike}" if comparing.alike else "")
        )


def words_of(told: MaskChange) -> str:
    """Return what would change, in words."""
    change = told.change
    if change.box is None:
        return "Nothing would change."
    return f"{change.added:,} pixels added, {change.removed:,} left out; the two overlap by {change.iou:.1%}."


def _settled(told: MaskChange) -> str:
    recipe = told.pair.recipe
    strokes = len(recipe.strokes) if recipe is not None else 0
    parts = [_DECISIONS.get(told.pair.review.decision, "undecided")]
    if strokes:
        parts.append(f"{strokes} stroke" + ("" if strokes == 1 else "s"))
    return ", ".join(parts)


def _table() -> QTableWidget:
    made = QTableWidget(0, len(_HEADS))
    made.verticalHeader().hide()
    made.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    made.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column, head in enumerate(_HEADS):
        item = QTableWidgetItem(head)
        item.setTextAlignment(_alignment(column))
        made.setHorizontalHeaderItem(column, item)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setShowGrid(False)
    made.setTabKeyNavigation(False)
    made.setAccessibleName("Masks that would change")
    return made


def _alignment(column: int) -> Qt.AlignmentFlag:
    right = 2 <= column <= 4
    return Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
