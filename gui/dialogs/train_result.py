"""What came of a training: the new version beside the one in use, on the same held-out photos; which one to keep."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.jobs.answers import CHANCE, Score, TrainReport
from gui.dialogs.changed_photo import ChangedPhoto
from gui.jobs.training import Changed, Training, way

FEW = 30
_SHOWN = 6


class TrainResult(QWidget):
    """Is hidden until there is a report."""

    def __init__(self, training: Training, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._training = training
        self._report: TrainReport | None = None
        self.verdict = QLabel(wordWrap=True)
        font = self.verdict.font()
        font.setWeight(font.Weight.DemiBold)
        self.verdict.setFont(font)
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(28)
        self._table.setVerticalSpacing(4)
        self._photos = QHBoxLayout()
        self._photos.setSpacing(10)
        self._photos.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._head = QLabel(
            "Held-out photos that changed most: left the old cut, right the new one over the old one dashed"
        )
        self._head.setProperty("role", "muted")
        self.use, self.keep = QPushButton("Use the new version"), QPushButton("Keep the old one")
        for button in (self.use, self.keep):
            button.setAutoDefault(False)
        self._lay_out()
        self.use.clicked.connect(self._on_use_clicked)
        self.keep.clicked.connect(training.dismiss)
        self.hide()

    def _lay_out(self) -> None:
        tiles = QWidget()
        tiles.setLayout(self._photos)
        self._photos.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidget(tiles)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName("Photos that changed most")
        scroll.setMinimumHeight(190)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.keep)
        buttons.addWidget(self.use)
        table = QHBoxLayout()
        table.addLayout(self._table)
        table.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.verdict)
        layout.addLayout(table)
        layout.addWidget(self._head)
        layout.addWidget(scroll, 1)
        layout.addLayout(buttons)

    def refresh(self) -> None:
        """Show the training's report, if it is another one."""
        report = self._training.report
        if report is self._report:
            return
        self._report = report
        self.setVisible(report is not None)
        _clear(self._table)
        _clear(self._photos)
        if report is None:
            return
        self.verdict.setText(verdict_words(report))
        for row, cells in enumerate(table_of(report)):
            for column, words in enumerate(cells):
                label = QLabel(words)
                if row == 0 or column == 0:
                    label.setProperty("role", "muted")
                self._table.addWidget(label, row, column)
        better = report.old is None or (report.new is not None and report.new.is_better_than(report.old))
        for button, main in ((self.use, better), (self.keep, not better)):
            button.setProperty("role", "primary" if main else "")
            button.style().unpolish(button)
            button.style().polish(button)
        changed = self._training.most_changed(_SHOWN)
        self._head.setVisible(bool(changed))
        for change in changed:
            self._photos.addWidget(self._tile(change, report))

    def _tile(self, change: Changed, report: TrainReport) -> ChangedPhoto:
        tile = ChangedPhoto(change)
        self._training.look_at(change, report, tile.show_picture, tile.show_cut)
        return tile

    def _on_use_clicked(self) -> None:
        if self._report is not None:
            self._training.use(self._report.model, self._report.version)
            self._training.dismiss()


def verdict_words(report: TrainReport) -> str:
    """Return in a sentence or two whether the new version is better."""
    new, old = report.new, report.old
    if new is None:
        return "The training has ended, but nothing was measured: no photo was held out."
    held = f"{new.photos} held-out photo" + ("" if new.photos == 1 else "s")
    few = " That is few to tell by." if new.photos < FEW else ""
    if old is None:
        return f"The new version overlaps by {new.iou:.1%} on {held}; there is none to compare it with.{few}"
    points = 100 * (new.iou - old.iou)
    if abs(points) <= 100 * CHANCE:
        edge = 100 * (new.boundary_f - old.boundary_f)
        finer = f"; the new version's edges are better: {edge:+.1f} points" if new.is_better_than(old) else ""
        return f"The two overlap equally well on {held}{finer}.{few}"
    how = "better" if points > 0 else "worse"
    return f"The new version is {how}: {points:+.1f} points of overlap on {held}.{few}"


def table_of(report: TrainReport) -> list[tuple[str, str, str, str]]:
    """Return the comparison as rows of words, the first of them the heads."""
    new, old = report.new, report.old
    rows = [("", "In use", "New", "Change")]
    for name, of in (("Overlap (IoU)", "iou"), ("Boundary F", "boundary_f")):
        was, now = (None if score is None else float(getattr(score, of)) for score in (old, new))
        change = "" if was is None or now is None else f"{100 * (now - was):+.1f}"
        rows.append((name, _share(was), _share(now), change))
    better, worse = better_and_worse(old, new)
    rows.append(("Photos better, worse", "", f"{better}, {worse}", ""))
    return rows


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def better_and_worse(old: Score | None, new: Score | None) -> tuple[int, int]:
    """Return how many photos gained, and lost, more than a point of overlap."""
    if old is None or new is None:
        return 0, 0
    before = {key: iou for key, iou, _ in old.by_photo}
    ways = [way(before[key], iou) for key, iou, _ in new.by_photo if key in before]
    return ways.count(1), ways.count(-1)


def _clear(layout: QGridLayout | QHBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()  # what was added a moment ago would come up as a window of its own
            widget.setParent(None)
            widget.deleteLater()
