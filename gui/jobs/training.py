"""A training of the open project's model: its curves while it runs, how it ended, and which versions there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from core.domain import Decision, ImageRef, PairQuery
from core.errors import UserFacingError
from core.jobs.answers import DisplayPicture, ModelEntry, ModelList, TrainPlan, TrainPoint, TrainReport, Trial
from core.jobs.specs import (
    ListModels,
    LoadPicture,
    PlanTraining,
    TrainModel,
    TrainOptions,
    TryModel,
    UseModel,
    predict_options,
)
from gui.jobs.desk import Desk
from gui.jobs.handle import Handle, Listener, State

_SECONDS = {True: (30.0, 0.4), False: (60.0, 2.7)}
"""Quick or not: seconds that a training takes on two cores, and seconds for each photo."""


_TRAINED_ON = frozenset({Decision.ACCEPTED, Decision.CORRECTED})
_MARKED = 0.01
"""A photo whose overlap changes by no more counts neither as better nor as worse."""
_PICTURE = 320
"""Long side of the pictures of photos that changed."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A held-out photo that two versions cut in two ways."""

    name: str
    ref: ImageRef
    before: float
    """Overlap of the old version's mask with the true one."""
    after: float

    @property
    def way(self) -> int:
        """1 for better, -1 for worse, 0 where it is no more than chance."""
        return way(self.before, self.after)


def way(before: float, after: float) -> int:
    """Return whether an overlap changed by more than a point: 1 up, -1 down, 0 not."""
    gain = after - before
    return 0 if abs(gain) <= _MARKED else 1 if gain > 0 else -1


class Training(QObject):
    """Outlives the dialog that shows it; ends with the project."""

    changed = Signal()
    """Something about it is new: ask."""
    changed_models = Signal()
    """Other versions are in use now."""
    ended_with_project = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._handle: Handle | None = None
        self.options = TrainOptions()
        self.points: list[TrainPoint] = []
        self.report: TrainReport | None = None
        self.problem: UserFacingError | None = None
        self.cancelled = False
        self.plan: TrainPlan | None = None
        """What there is to train on; None while it is being counted."""
        self.versions: tuple[ModelEntry, ...] = ()
        self._asked = 0
        """How often versions were asked for: an answer that comes after a newer question is out of date."""
        desk.closing.connect(self._on_closing)

    # --- what there is to train on ----------------------------------------------------------------------------------

    def count(self) -> None:
        """Ask what there is to train on, and whether a training that was cut short can go on."""
        if self._desk.session is not None:
            self._desk.submit(PlanTraining(), Listener(done=self._on_counted, failed=self._on_not_counted))

    @property
    def stopped(self) -> TrainOptions | None:
        """What was asked for of the training that can go on, if there is one."""
        return None if self.busy or self.plan is None else self.plan.stopped

    def options_for(self, model: str, quick: bool) -> TrainOptions:
        """Return what to train and how, the rest as the settings have it."""
        predicting = predict_options(self._desk.settings)
        return TrainOptions(model, predicting.device, predicting.weights, quick=quick)

    def seconds(self, quick: bool) -> float:
        """Return about how long a training takes on two cores."""
        fixed, each = _SECONDS[quick]
        return fixed + each * (self.plan.learned + self.plan.judges if self.plan is not None else 0)

    @property
    def busy(self) -> bool:
        """True while a training runs or waits."""
        return self._handle is not None and not self._handle.state.ended

    @property
    def stopping(self) -> bool:
        """True once it has been asked to stop."""
        return self._handle is not None and self._handle.state is State.STOPPING

    @property
    def seconds_left(self) -> float | None:
        """How long it still takes at its pace so far; None while nobody knows."""
        return self._handle.seconds_left() if self._handle is not None and self.busy else None

    @property
    def progress(self) -> tuple[int, int]:
        """How much is done, of how much (0: nobody knows)."""
        return (self._handle.done, self._handle.total) if self._handle is not None and self.busy else (0, 0)

    @property
    def label(self) -> str:
        """What it is at, in its own words; empty while it says nothing."""
        return self._handle.label if self._handle is not None and self.busy else ""

    # --- what is done -----------------------------------------------------------------------------------------------

    def start(self, options: TrainOptions) -> None:
        """Train, or go on with the training that was cut short. Which version is used then is the user's choice."""
        if self.busy:
            return
        if options != self.stopped:
            self.points = []
        self.options, self.report, self.problem, self.cancelled = options, None, None, False
        who = self._desk.require().who
        listener = Listener(
            done=self._on_done,
            failed=self._on_failed,
            cancelled=self._on_cancelled,
            partial=self._on_partial,
            progress=self._on_progress,
            shown=True,
        )
        self._handle = self._desk.submit(TrainModel(options, who=who, promote="never"), listener)
        self.changed.emit()

    def cancel(self) -> None:
        """Stop it; what it has learned so far is kept for going on."""
        if self._handle is not None:
            self._handle.cancel()
            self.changed.emit()

    def dismiss(self) -> None:
        """The report has been read, and decided on."""
        self.report, self.points = None, []
        self.changed.emit()
        self.count()

    def most_changed(self, count: int) -> list[Changed]:
        """Return the held-out photos on which old and new version differ most, that first."""
        report, session = self.report, self._desk.session
        if report is None or report.new is None or report.old is None or session is None:
            return []
        ids = session.store.pair_ids(PairQuery(decisions=_TRAINED_ON))
        known = {
            key: summary for summary in session.store.summaries(ids) for key in (summary.name, summary.original.sha256)
        }
        before = {key: iou for key, iou, _ in report.old.by_photo}
        found = [
            Changed(known[key].name, known[key].original, before[key], iou)
            for key, iou, _ in report.new.by_photo
            if key in before and key in known
        ]
        return sorted(found, key=lambda change: -abs(change.after - change.before))[:count]

    def look_at(
        self,
        change: Changed,
        report: TrainReport,
        take_picture: Callable[[DisplayPicture], None],
        take_cut: Callable[[Trial, bool], None],
    ) -> None:
        """Bring a photo that changed, and how both versions cut it (True: the new one); what fails stays away."""

        def picture_came(answer: object) -> None:
            if isinstance(answer, DisplayPicture) and self.report is report:
                take_picture(answer)

        self._desk.submit(LoadPicture(change.ref, _PICTURE), Listener(done=picture_came))
        for new, name in ((False, report.model), (True, report.version)):

            def cut_came(answer: object, new: bool = new) -> None:
                if isinstance(answer, Trial) and self.report is report:
                    take_cut(answer, new)

            self._desk.submit(TryModel(change.ref, predict_options(self._desk.settings, name)), Listener(done=cut_came))

    def look_up_versions(self) -> None:
        """Ask which versions there are."""
        if self._desk.session is not None:
            listener = Listener(done=self._next_list(), failed=self._on_version_problem)
            self._desk.submit(ListModels(), listener)

    def predicts(self, entry: ModelEntry) -> bool:
        """Return whether a version is the one that predicts in this project."""
        return entry.predicts(predict_options(self._desk.settings).model)

    def _next_list(self) -> Callable[[object], None]:
        self._asked += 1
        asked = self._asked

        def listed(answer: object) -> None:
            if asked == self._asked and isinstance(answer, ModelList):
                self.versions = answer.entries
                self.changed.emit()

        return listed

    def use(self, model: str, version: str) -> None:
        """Use a version from now on (empty: the shipped one)."""

        listed = self._next_list()

        def done(answer: object) -> None:
            listed(answer)
            self.changed_models.emit()
            name = f"version {version[:7]}" if version else "the shipped model"
            self._desk.told.emit(
                f"From now on {name} of {model} predicts. Masks that somebody settled on stay as they are: the menu "
                "Model shows what it would change in them."
            )

        self._desk.submit(UseModel(model, version), Listener(done=done, failed=self._on_version_problem))

    # --- what comes back --------------------------------------------------------------------------------------------

    def _on_partial(self, part: object) -> None:
        if isinstance(part, TrainPoint):
            # resumed, it may begin a little before the place at which it was cut short
            kept = [point for point in self.points if point.stage != part.stage or point.epoch < part.epoch]
            self.points = [*kept, part]
            self.changed.emit()

    def _on_progress(self, _done: int, _total: int, _label: str) -> None:
        self.changed.emit()

    def _on_done(self, answer: object) -> None:
        assert isinstance(answer, TrainReport)
        self.cancelled = answer.cancelled
        self.report = None if answer.cancelled else answer
        self.changed.emit()
        self.count()
        self.look_up_versions()

    def _on_failed(self, problem: UserFacingError) -> None:
        self.problem = problem
        self.changed.emit()
        self.count()

    def _on_cancelled(self) -> None:
        self.cancelled = True
        self.changed.emit()
        self.count()

    def _on_counted(self, answer: object) -> None:
        assert isinstance(answer, TrainPlan)
        self.plan = answer
        self.changed.emit()

    def _on_not_counted(self, problem: UserFacingError) -> None:
        self.plan = TrainPlan(0, 0, 0, 0, problem)
        self.changed.emit()

    def _on_version_problem(self, problem: UserFacingError) -> None:
        self._desk.problem_met.emit(problem.message, problem.remedy)

    def _on_closing(self) -> None:
        self._handle = None
        self.points, self.versions, self.plan = [], (), None
        self.report, self.problem, self.cancelled = None, None, False
        self.ended_with_project.emit()
