"""Opens and closes projects and starts the jobs on them. No widgets, no questions: those come before."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.domain import Decision, Pair, PairOrder, PairQuery
from core.errors import UserFacingError
from core.jobs.answers import ImportReport
from core.jobs.services import Services
from core.jobs.specs import (
    ExportPairs,
    ImportPairs,
    OpenProject,
    ReconcilePairs,
    Spec,
    is_guided,
    near,
    reconcile_options,
)
from core.settings import Settings, reviewer
from core.store.base import Store
from core.store.changes import ChangeSet
from gui.jobs.handle import Handle, Listener
from gui.jobs.runner import Runner
from gui.session import Session

CLOSE_SECONDS = 5.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewProject:
    """What a person wants a new project to be. Folders may be empty: then nothing is imported yet."""

    folder: str
    originals: str = ""
    designers: str = ""
    pairs_csv: str | None = None
    reconcile: bool = True
    photos_alone: bool = False


@dataclass(frozen=True, slots=True)
class ImportWish:
    """Which pairs a person wants to add; without ``designers`` photos alone."""

    originals: str
    designers: str = ""
    pairs_csv: str | None = None
    reconcile: bool = True
    photos_alone: bool = False
    """Also photos of which there is no designer image."""


class Desk(QObject):
    """The program without its window."""

    opened = Signal(object)
    """A ``Session``."""
    closing = Signal()
    """The session is about to end: let go of it."""
    refresh_wanted = Signal()
    """A batch has ended: the order of the queue may be another."""
    problem_met = Signal(str, str)
    """A sentence and a remedy."""
    told = Signal(str)
    """Something worth a word in the status bar."""
    open_failed = Signal(str)
    """The folder that could not be opened as a project."""

    def __init__(self, settings: Settings, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.runner = runner
        self.session: Session | None = None
        self._services: Services | None = None

    @property
    def services(self) -> Services:
        """What jobs may use: the settings, the previews and the open project."""
        if self._services is None:
            from core.images import previews  # not needed to show a window

            cache = previews.PreviewCache(previews.default_folder(), *previews.bounds(self.settings))
            self._services = Services(self.settings, cache, self.session.store if self.session else None)
        return self._services

    def settings_changed(self) -> None:
        """Have jobs from now on use the settings as they are now."""
        if self._services is not None:  # others hold it too
            from core.images import previews

            self._services.previews.set_bounds(*previews.bounds(self.settings))

    @property
    def busy_jobs(self) -> list[Handle]:
        """Jobs that a person would miss: those that the strip shows and nobody has cancelled."""
        return [job for job in self.runner.jobs() if job.listener.shown and not job.stop.is_set()]

    # --- projects ---------------------------------------------------------------------------------------------------

    def open_project(self, folder: str) -> None:
        """Open a project in the background; the one that is open now is closed once that has worked."""
        self._open(OpenProject(folder, reviewer(self.settings)), None)

    def new_project(self, wish: NewProject) -> None:
        """Make a project, import its pairs and reconcile them."""
        self._open(OpenProject(wish.folder, reviewer(self.settings), create=True), wish)

    def _open(self, spec: OpenProject, wish: NewProject | None) -> None:
        def done(answer: object) -> None:
            self.use(answer)  # type: ignore[arg-type]  # the spec's answer is a Store, a protocol
            if wish is not None and wish.originals:
                folders = wish.originals, wish.designers
                self.import_pairs(ImportWish(*folders, wish.pairs_csv, wish.reconcile, wish.photos_alone))

        def failed(problem: UserFacingError) -> None:
            self._on_failed(problem)
            self.told.emit(f"{Path(spec.folder).name} was not opened.")
            self.open_failed.emit(spec.folder)

        self.told.emit(f"Opening {Path(spec.folder).name} …")
        if self.session is not None and _same_folder(self.session.store.info.path, spec.folder):
            self.close_project()  # it would otherwise be found open, by ourselves

        def unwanted(answer: object) -> None:
            answer.close()  # type: ignore[attr-defined]  # a Store: it would stay locked

        self.submit(spec, Listener(done=done, failed=failed, unwanted=unwanted))

    def use(self, store: Store) -> None:
        """Go to work on an open store; from now on it is the desk's to close."""
        self.close_project()
        self.session = Session(store, self.settings, reviewer(self.settings), self)
        self._services = None
        self.opened.emit(self.session)

    def close_project(self) -> None:
        """End all jobs and let go of the project. What was decided is on the disk."""
        if self.session is None:
            return
        self.closing.emit()
        if not self.runner.abandon_all(CLOSE_SECONDS):
            log.info("a worker is still busy with the project that is being closed")
        session, self.session, self._services = self.session, None, None
        session.store.close()
        session.deleteLater()

    # --- jobs -------------------------------------------------------------------------------------------------------

    def import_pairs(self, wish: ImportWish) -> None:
        """Add pairs from two folders, then reconcile them if that is wanted."""
        session = self.require()

        def done(answer: object) -> None:
            assert isinstance(answer, ImportReport)
            self.refresh_wanted.emit()
            if wish.reconcile and answer.to_reconcile and not answer.cancelled:
                self.reconcile_waiting()

        spec = ImportPairs(wish.originals, wish.designers or None, wish.pairs_csv, session.who, wish.photos_alone)
        self.submit(spec, self.listener(done))

    def reconcile_waiting(self) -> None:
        """Reconcile every pair that has not been yet."""
        session = self.require()
        waiting = session.store.pair_ids(PairQuery(order=PairOrder.NAME, only_unreconciled=True))
        if waiting:
            self.reconcile(tuple(waiting))
        else:
            self.told.emit("Every pair has been reconciled.")

    def reconcile(self, pair_ids: tuple[int, ...]) -> None:
        """Reconcile pairs in a batch."""
        workers = int(self.settings.number("reconcile.workers"))
        options = reconcile_options(self.settings)
        guided = is_guided(self.settings, options)
        self._reconcile(ReconcilePairs(pair_ids, options, self.require().who, workers, guided=guided))

    def reconcile_by_hand(self, pair: Pair | None, near_placement: bool = False) -> None:
        """Reconcile one pair as a step of undo, everywhere or only near the placement that it has.

        Nothing happens without a pair that has what it takes.
        """
        placement = pair.placement if pair is not None and near_placement else None
        if pair is None or pair.designer is None or (near_placement and placement is None):
            return
        priors = () if placement is None else ((pair.id, near(placement)),)
        options = reconcile_options(self.settings)
        guided = is_guided(self.settings, options)
        spec = ReconcilePairs((pair.id,), options, self.require().who, as_user=True, priors=priors, guided=guided)
        self._reconcile(spec)

    def _reconcile(self, spec: ReconcilePairs) -> None:
        if self.is_running(spec):
            return
        if spec.as_user:
            self.submit(spec, self.listener(None), priority=10)
        else:
            self.submit(spec, self.listener(lambda _answer: self.refresh_wanted.emit()))

    def export(self, format_name: str, out_dir: str, decisions: frozenset[Decision]) -> None:
        """Write the masks or cut-outs of pairs with these decisions."""
        self.require()

        self.submit(ExportPairs(format_name, out_dir, decisions), self.listener(None))

    def is_running(self, spec: Spec) -> bool:
        """Return whether this has been asked for already: a key held down asks once."""
        return any(type(job.spec) is type(spec) and job.spec == spec for job in self.busy_jobs)

    def listener(self, done: Callable[[object], None] | None) -> Listener:
        """Return the listener of a batch: its changes are broadcast, and the strip shows it."""
        # Failures of these jobs stand in the strip, and are shown there alone.
        return Listener(
            done=done,
            cancelled=self.refresh_wanted.emit,
            partial=self.take_partial,
            shown=True,
        )

    def submit(self, spec: Spec, listener: Listener, priority: int = 0) -> Handle:
        """Put a job on the project that is open into its lane."""
        return self.runner.submit(spec, self.services, listener, priority=priority)

    def require(self) -> Session:
        """Return the open project."""
        assert self.session is not None, "no project is open"
        return self.session

    def take_partial(self, part: object) -> None:
        """Broadcast a change that a job has made."""
        if isinstance(part, ChangeSet) and self.session is not None:
            self.session.note(part)

    def _on_failed(self, problem: UserFacingError) -> None:
        self.problem_met.emit(problem.message, problem.remedy)


def _same_folder(one: str, other: str) -> bool:
    return bool(one) and Path(one).absolute() == Path(other).absolute()
