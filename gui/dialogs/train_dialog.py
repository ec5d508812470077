"""Trains a better model beside the work: what it would learn from, its curves while it runs, what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.jobs.answers import TrainPlan, TrainPoint
from core.jobs.specs import TrainOptions
from gui.dialogs.curves import Curve
from gui.dialogs.form import form_label
from gui.dialogs.train_result import TrainResult
from gui.dialogs.versions_page import VersionsPage
from gui.jobs.time_left import in_words
from gui.jobs.training import Training

_MODELS = (("pawtrait", "pawtrait (ours)"), ("deepgaze2-vgg16", "deepgaze2-vgg16 (the paper's)"))
_TICK_MS = 1000
_IDLE, _BUSY, _DONE = 330, 540, 560
"""Heights that there is something to show in; the dialog grows as more comes, and shrinks for nobody."""


class TrainDialog(QDialog):
    """Shows a :class:`Training`; closing it changes nothing, and opening it again shows what runs."""

    def __init__(self, training: Training, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._training = training
        self._offered: TrainOptions | None = None
        self.setWindowTitle("Train a better model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._photos = QLabel(wordWrap=True)
        self._missing = QLabel(wordWrap=True)
        self._missing.setProperty("role", "warning")
        self._model = QComboBox()
        for name, words in _MODELS:
            self._model.addItem(words, name)
        self._quick = QRadioButton()
        self._full = QRadioButton()
        self._choices = self._make_choices()
        self.start = QPushButton("Train")
        self.start.setProperty("role", "primary")
        self.cancel = QPushButton("Cancel training")
        self._stage = QLabel(wordWrap=True)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedHeight(8)
        self._bar.setAccessibleName("Progress of the training")
        self._loss = Curve("Loss")
        self._overlap = Curve("Overlap on held-out photos", per_cent=True)
        self.outcome = TrainResult(training)
        self.versions = VersionsPage(training)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._lay_out()
        self._connect()
        if training.busy or training.points:
            self._show_choice(training.options)
        training.count()
        training.look_up_versions()
        self._refresh()
        self.resize(720, _IDLE)

    def _make_choices(self) -> QWidget:
        box = QWidget()
        form = QFormLayout(box)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(8)
        form.setHorizontalSpacing(16)
        self._model.setAccessibleName("Model")
        form.addRow(form_label("Model", self._model), self._model)
        how = QVBoxLayout()
        how.setSpacing(4)
        for button in (self._quick, self._full):
            how.addWidget(button)
        self._quick.setChecked(True)
        form.addRow(form_label("How", self._quick), how)
        return box

    def _lay_out(self) -> None:
        self._row, self._curves = QWidget(), QWidget()
        buttons = QHBoxLayout(self._row)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.addWidget(self._stage, 1)
        buttons.addStretch(0)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.start)
        curves = QHBoxLayout(self._curves)
        curves.setContentsMargins(0, 0, 0, 0)
        curves.setSpacing(16)
        curves.addWidget(self._loss)
        curves.addWidget(self._overlap)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        for widget in (self._photos, self._missing, self._choices):
            column.addWidget(widget)
        column.addWidget(self._row)
        column.addWidget(self._bar)
        column.addWidget(self._curves, 1)
        column.addWidget(self.outcome, 2)
        column.addStretch(0)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(page, "Training")
        self._tabs.addTab(self.versions, "Versions")
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.close)
        for button in (self.start, self.cancel, close.button(QDialogButtonBox.StandardButton.Close)):
            button.setAutoDefault(False)  # Enter must neither start nor end hours of work
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(self._tabs)
        layout.addWidget(close)

    def _connect(self) -> None:
        self.start.clicked.connect(self._on_start_clicked)
        self.cancel.clicked.connect(self._training.cancel)
        self._training.changed.connect(self._refresh)
        self._training.ended_with_project.connect(self.close)
        self._tick.timeout.connect(self._refresh)
        for box in (self._quick, self._full):
            box.toggled.connect(self._refresh)
        self._model.currentIndexChanged.connect(self._refresh)
        self._tabs.currentChanged.connect(self._training.look_up_versions)
        self._tick.start()

    def changeEvent(self, event: QEvent) -> None:
        """Count anew when somebody comes back to it: more may have been accepted meanwhile."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self._training.count()

    def options(self) -> TrainOptions:
        """Return what has been chosen."""
        return self._training.options_for(str(self._model.currentData()), quick=self._quick.isChecked())

    def _show_choice(self, options: TrainOptions) -> None:
        self._model.setCurrentIndex(self._model.findData(options.model))
        (self._quick if options.quick else self._full).setChecked(True)

    def _offer_to_go_on(self) -> None:
        """Show what a training that was cut short was asked for, once: the user may choose something else."""
        stopped = self._training.stopped
        if stopped is not None and stopped != self._offered:
            self._offered = stopped
            self._show_choice(stopped)

    def _wanted(self) -> TrainOptions:
        """Return what Train would begin, or go on with: as it was asked for then, if it is the same."""
        options, stopped = self.options(), self._training.stopped
        same = stopped is not None and (stopped.model, stopped.quick) == (options.model, options.quick)
        return stopped if stopped is not None and same else options

    def _on_start_clicked(self) -> None:
        self._training.start(self._wanted())

    # --- what it shows ----------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        training = self._training
        plan, busy = training.plan, training.busy
        self._offer_to_go_on()
        self._photos.setText("Counting the photos …" if plan is None else plan_words(plan))
        problem = training.problem or (plan.problem if plan is not None else None)
        self._missing.setText("" if problem is None else str(problem))
        self._missing.setVisible(bool(self._missing.text()))
        for button, name, quick in ((self._quick, "Quick: the read-out alone", True), (self._full, "Full", False)):
            more = "" if quick else ": all of the network"
            button.setText(f"{name}{more}, {in_words(training.seconds(quick))} on two cores")
        for widget in (self._model, self._quick, self._full):
            widget.setEnabled(not busy)
        self.start.setText("Resume" if self._wanted() == training.stopped else "Train")
        self.start.setEnabled(plan is not None and plan.problem is None and not busy)
        self.cancel.setVisible(busy)
        self.cancel.setEnabled(not training.stopping)
        self._show_progress()
        done = training.report is not None
        self._choices.setVisible(not done)
        self.start.setVisible(not busy and not done)
        self.outcome.refresh()
        needed = _DONE if done else _BUSY if busy or training.points else _IDLE
        if self.height() < needed:
            self.resize(self.width(), needed)
        self.versions.refresh()

    def _show_progress(self) -> None:
        training, points = self._training, self._training.points
        busy = training.busy
        shown = busy or bool(points)
        self._curves.setVisible(shown and training.report is None)
        self._row.setVisible(training.report is None)
        self._bar.setVisible(busy)
        done, total = training.progress
        self._bar.setRange(0, total if total or not busy else 0)
        self._bar.setValue(done)
        self._stage.setText(self._stage_words())
        self._stage.setVisible(bool(self._stage.text()))
        path, breaks, end = _along([one for one in points if one.epochs])
        self._loss.show_points([(x, point.loss) for x, point in path], end, breaks)
        overlaps = [(x, point.held_out_iou) for x, point in path if point.held_out_iou is not None]
        self._overlap.show_points(overlaps, end, breaks)
        self._overlap.show_base(next((one.held_out_iou for one in points if not one.epochs), None), "as it began")

    def _stage_words(self) -> str:
        training = self._training
        if training.stopping:
            return "Stopping; what it has learned is kept."
        if training.busy:
            left = training.seconds_left
            when = f" · {in_words(left)} left" if left is not None else ""
            at = training.label or "reading the photos"
            return at[:1].upper() + at[1:] + when
        if training.stopped is not None:
            return "Stopped. It goes on where it was when you resume it."
        return ""


def _along(points: Sequence[TrainPoint]) -> tuple[list[tuple[float, TrainPoint]], list[float], float]:
    """Return points in one row, stage after stage, where stages begin, and where the last one ends, in epochs."""
    placed: list[tuple[float, TrainPoint]] = []
    breaks: list[float] = []
    begin = 0.0
    for before, point in zip([None, *points], points, strict=False):
        if before is not None and point.stage != before.stage:
            begin += before.epochs
            breaks.append(begin)
        placed.append((begin + point.epoch, point))
    return placed, breaks, begin + points[-1].epochs if points else 1.0


def plan_words(plan: TrainPlan) -> str:
    """Return what would be learned from, and what would judge."""
    if plan.problem is not None and not (plan.learned or plan.judges or plan.echoes):
        return "There is nothing to learn from yet."
    words = (
        f"{_counted(plan.learned)} with an accepted or corrected mask to learn from, {plan.judges} more to judge by, "
        "the same ones each time."
    )
    if plan.echoes:
        words += (
            f"\n{_counted(plan.echoes)} held out cannot judge: the mask is a model's own cut, accepted as it was, on "
            "which that model could not be beaten."
        )
    if plan.left_out:
        words += f"\nLeft out, as nothing can be learned from them: {_counted(plan.left_out)}; the training says why."
    return words


def _counted(photos: int) -> str:
    return f"{photos:,} photo" if photos == 1 else f"{photos:,} photos"
